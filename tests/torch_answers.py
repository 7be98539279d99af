"""PyTorch's answers to 300 random convolutions, kept so that nobody needs PyTorch to run the tests.

`python -m tests.torch_answers` writes them again; that takes torch==2.13.0 and numpy. The fixture is JSON,
one case a line, so that `zcat` and `diff` can read it; the inputs are not in it (oracle.py says why). Floats
are written in full: they are PyTorch's to the last bit.
"""

from __future__ import annotations

import gzip
import json
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tests.oracle import Arrays, Case, random_cases, torch_answers

FIXTURE = Path(__file__).parent / "fixtures" / "torch_conv2d.json.gz"
CASES = 300
SEED = 5


def read() -> list[tuple[Case, int, Arrays]]:
    """Each case, the checksum its inputs had, and PyTorch's answers."""
    records = json.loads(gzip.decompress(FIXTURE.read_bytes()))["cases"]
    return [(Case.from_dict(r["case"]), r["checksum"], _arrays(r["answers"])) for r in records]


def write() -> None:
    """Ask PyTorch, and keep what it says."""
    import torch

    lines = [json.dumps(_record(case), separators=(",", ":")) for case in islice(random_cases(SEED), CASES)]
    head = f'{{"torch": "{torch.__version__}", "seed": {SEED}, "cases": [\n'
    text = head + ",\n".join(lines) + "\n]}\n"
    FIXTURE.parent.mkdir(exist_ok=True)
    # no time in the file: the same answers are the same bytes
    FIXTURE.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


def _record(case: Case) -> dict[str, Any]:
    return {
        "case": case.as_dict(),
        "checksum": case.checksum(),
        "answers": {name: _plain(array) for name, array in torch_answers(case).items()},
    }


def _arrays(lists: dict[str, list[Any]]) -> Arrays:
    return {name: np.array(nested, dtype=float) for name, nested in lists.items()}


def _plain(array: np.ndarray) -> list[Any]:
    """Nested lists; 3 instead of 3.0, which reads the same and is shorter."""
    whole = array.astype(int)
    return (whole if np.array_equal(whole, array) else array).tolist()


if __name__ == "__main__":
    write()
    print(f"{CASES} cases, {FIXTURE.stat().st_size:,} bytes: {FIXTURE.name}")
