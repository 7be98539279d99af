"""Every lesson on offer, in the order in which it is shown.

A lesson is one file of JSON, as a teacher's page writes and reads it (static/room/lesson.js). It names walks and steps,
and asks; which number or which cell is right it does not say, for that comes from the run.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

NAMES = ("stride_and_padding", "the_turned_kernel", "max_pool_back")

_HERE = Path(__file__).parent


@cache
def lessons() -> dict[str, dict[str, Any]]:
    """Each lesson by its name.

    >>> lessons()["stride_and_padding"]["title"]["en"]
    'Stride and padding'
    """
    return {name: json.loads((_HERE / f"{name}.json").read_text(encoding="utf-8")) for name in NAMES}
