"""The walk of a convolution layer gives what PyTorch gives, on 300 random settings with every corner in them.

PyTorch itself is not needed: its answers are in the fixture (torch_answers.py made it).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

import core
from tests.oracle import STRATA, as_pair, disagreements, random_cases
from tests.torch_answers import CASES, FIXTURE, SEED, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.oracle import Arrays, Case

RECORDS = read()

# Said again from the settings and the answers, not by the names of the strata, which could be wrong.
CORNERS: dict[str, Callable[[Case, Arrays], bool]] = {
    "ReLU at 0": lambda c, a: c.activation == "relu" and bool((a["z"] == 0).any()),
    "ReLU at 0, a gradient arriving there": lambda c, a: (
        c.activation == "relu" and bool(((a["z"] == 0) & (c.arrays()["dy"] != 0)).any())
    ),
    "ReLU of the layer before at 0": lambda c, a: (
        c.activation_before == "relu" and bool(((c.arrays()["x"] == 0) & (a["dx"] != 0)).any())
    ),
    "stride above the kernel": lambda c, _: all(a.stride > a.kernel and a.outputs > 1 for a in c.axes),
    "kernel = padded input": lambda c, _: all(a.kernel == a.size + 2 * a.padding for a in c.axes),
    "kernel = padded input, padding above 0": lambda c, _: all(
        a.kernel == a.size + 2 * a.padding > a.size for a in c.axes
    ),
    "kernel = input": lambda c, _: c.w[2:] == c.x[1:],
    "1×1 kernel": lambda c, _: c.w[2:] == (1, 1),
    "1×1 input": lambda c, _: c.x[1:] == (1, 1),
    "1×1 output": lambda _, a: a["y"].shape[1:] == (1, 1),
    "rows left over": lambda c, _: c.axes[0].leftover > 0,
    "columns left over": lambda c, _: c.axes[1].leftover > 0,
    "p > k − 1": lambda c, _: all(a.padding > a.kernel - 1 for a in c.axes),
    "p > d(k − 1)": lambda c, _: all(a.padding > a.dilation * (a.kernel - 1) > 0 for a in c.axes),
    "p > k − 1 with a stride and rows left over": lambda c, _: any(
        a.padding > a.kernel - 1 and a.stride > 1 and a.leftover for a in c.axes
    ),
    "no padding": lambda c, _: as_pair(c.padding) == (0, 0),
    "input not square": lambda c, _: c.x[1] != c.x[2],
    "kernel not square": lambda c, _: c.w[2] != c.w[3],
    "kernel of even size": lambda c, _: c.w[2] % 2 == c.w[3] % 2 == 0,
    "strides that differ": lambda c, _: len(set(as_pair(c.stride))) == 2,
    "paddings that differ": lambda c, _: len(set(as_pair(c.padding))) == 2,
    "dilations that differ": lambda c, _: len(set(as_pair(c.dilation))) == 2,
    "settings as numbers": lambda c, _: isinstance(c.stride, int) and isinstance(c.padding, int),
    "settings as pairs": lambda c, _: isinstance(c.stride, tuple) and isinstance(c.dilation, tuple),
    "one channel": lambda c, _: c.w[1] == 1 < c.w[0],
    "one filter": lambda c, _: c.w[0] == 1 < c.w[1],
    "several channels and filters": lambda c, _: c.w[0] > 1 and c.w[1] > 1,
    "dilation 2": lambda c, _: all(a.dilation == 2 and a.kernel > 1 for a in c.axes),
    "dilation 3": lambda c, _: all(a.dilation == 3 and a.kernel > 1 for a in c.axes),
    "dilation and stride": lambda c, _: all(a.dilation > 1 and a.stride > 1 and a.outputs > 1 for a in c.axes),
    "identity": lambda c, _: c.activation == "identity",
    "ReLU": lambda c, _: c.activation == "relu",
    "sigmoid": lambda c, _: c.activation == "sigmoid",
    "tanh": lambda c, _: c.activation == "tanh",
    "sigmoid before": lambda c, _: c.activation_before == "sigmoid",
    "tanh before": lambda c, _: c.activation_before == "tanh",
    "whole numbers": lambda c, _: c.numbers == "whole",
    "normal numbers": lambda c, _: c.numbers == "normal",
}


@pytest.mark.parametrize(("case", "checksum", "answers"), RECORDS, ids=[case.name for case, _, _ in RECORDS])
def test_the_walk_equals_pytorch(case: Case, checksum: int, answers: Arrays) -> None:
    assert case.checksum() == checksum, f"not the numbers PyTorch was asked about: {case}"
    found = core.run("conv2d", "walk", arrays=case.arrays(), **case.settings)
    assert not disagreements(case, answers, found), f"{case}"


def test_a_cell_that_is_off_by_more_than_the_tolerance_is_a_disagreement() -> None:
    case, _, answers = RECORDS[0]
    given = case.arrays()
    good = answers | {name: given[name] - case.learning_rate * answers[f"d{name}"] for name in ("w", "b")}
    assert disagreements(case, answers, good) == []
    for name in good:
        for wrong in (good[name] + 2e-10, good[name] * np.nan, good[name][..., None]):
            complaints = disagreements(case, answers, good | {name: wrong})
            assert len(complaints) == 1
            assert complaints[0].startswith(name)
    assert disagreements(case, answers, {}) == [f"{name} is missing" for name in good]


def test_the_fixture_holds_three_hundred_different_cases() -> None:
    assert len(RECORDS) == CASES == 300
    questions = {str({**case.as_dict(), "name": "", "seed": 0}) for case, _, _ in RECORDS}
    assert len(questions) > 280  # two 1×1 kernels may well agree in all but their numbers
    assert len({checksum for _, checksum, _ in RECORDS}) == CASES


@pytest.mark.parametrize("corner", CORNERS)
def test_the_fixture_holds_every_corner(corner: str) -> None:
    assert sum(CORNERS[corner](case, answers) for case, _, answers in RECORDS) > 0


@pytest.mark.parametrize("stratum", STRATA)
def test_every_stratum_meets_all_it_can(stratum: str) -> None:
    cases = [case for case, _, _ in RECORDS if case.name.endswith(f" {stratum}")]
    met = {(case.activation, case.numbers) for case in cases}
    assert len(met) == (1 if stratum == "ReLU at 0" else 8)


def test_the_fixture_is_what_the_script_would_ask_today() -> None:
    asked = list(islice(random_cases(SEED), CASES))
    assert asked == [case for case, _, _ in RECORDS], "run python -m tests.torch_answers"


def test_the_fixture_is_at_most_500_kilobytes() -> None:
    assert FIXTURE.stat().st_size <= 500_000
