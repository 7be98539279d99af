"""The winner of a maximum: another one at a tie."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from core.comparison.mistake import Call, mistake
from core.layers.whole_pools import to_largest, to_winners

RULES = {  # the rule, by key, and its sentence
    "ties_to_the_first": ("first", "{array}: of equal maxima the first takes the gradient"),
    "ties_to_the_last": ("last", "{array}: of equal maxima the last takes the gradient"),
    "ties_to_the_first_in_columns": (
        "first_in_columns",
        "{array}: of equal maxima the first in columns takes the gradient",
    ),
    "ties_to_the_last_in_columns": (
        "last_in_columns",
        "{array}: of equal maxima the last in columns takes the gradient",
    ),
    "ties_shared": ("split", "{array}: equal maxima share the gradient"),
    "ties_to_all": ("all", "{array}: each of several equal maxima gets the whole gradient"),
}


def _by(call: Call, *, rule: str) -> Iterator[np.ndarray]:
    yield call.again(ties=rule)


for _key, (_rule, _says) in RULES.items():
    mistake(_key, _says, of=(to_winners, to_largest))(partial(_by, rule=_rule))
