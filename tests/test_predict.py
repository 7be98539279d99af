"""Prediction without a page: what a walk is asked about, that the right answers are those of the trace, and which slips
a wrong number comes from. The page's modules run in Node; the oracle is the recorded trace, and NumPy.
"""

import json
import re
from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS
from core.recording.trace import Step, Trace, cells, replay
from tests.conftest import ROOT
from tests.node import node

KINDS = {"value": {"value"}, "choice": {"change"}, "place": {"winner", "window", "goes", "comes", "stamp"}}
TOLD = {"kind", "asks", "step", "array", "cell", "about", "options"}  # and nothing of the answer


@cache
def recorded(layer: str, settings: str = "{}") -> tuple[Trace, dict[str, Any]]:
    trace = core.record(layer, **json.loads(settings))
    return trace, json.loads(json.dumps(trace.as_dict()))


@cache
def asked(layer: str, pace: str = "cell") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = node("questions", **recorded(layer)[1], pace=pace)
    return found


def written(step: Step, array: str) -> dict[int, float]:
    """The numbers that a step writes to an array, by flat index; of two writes to a cell the later one."""
    found: dict[int, float] = {}
    for access in step.accesses:
        if access.array == array and access.values is not None:
            found |= dict(zip(flats(access, SHAPES[array]), np.ravel(access.values), strict=True))
    return found


def flats(access: Any, shape: tuple[int, ...]) -> list[int]:
    """The flat indices of the cells that an access touches, in row-major order."""
    mask = np.zeros(shape, bool)
    mask[cells(access.box)] = True
    return [int(flat) for flat in np.flatnonzero(mask)]


SHAPES: dict[str, tuple[int, ...]] = {}  # of the arrays of the trace that is looked at


@pytest.mark.parametrize("layer", LAYERS)
def test_the_right_answer_is_the_number_or_the_box_of_the_trace(layer: str):
    trace, _ = recorded(layer)
    SHAPES.clear()
    SHAPES.update({name: array.shape for name, array in trace.start.items()})
    assert asked(layer)
    now, k = {name: array.copy() for name, array in trace.start.items()}, 0  # the arrays after k steps
    for one in asked(layer):
        question, answer = one["question"], one["answer"]
        step, array = trace.steps[question["step"]], question["array"]
        assert k <= question["step"]  # they are asked in the order of the walk
        for each in trace.steps[k : question["step"]]:
            replay(each, now)
        k = question["step"]
        assert question.keys() <= TOLD
        assert question["asks"] in KINDS[question["kind"]]
        if question["kind"] == "place":
            assert_place(trace, question, answer["flats"])
            continue
        flat = int(np.ravel_multi_index(question["cell"], SHAPES[array]))
        before = now[array].flat[flat]
        replay(step, now)
        k += 1
        value = written(step, array)[flat]
        assert value == now[array].flat[flat]
        if question["kind"] == "value":
            assert answer["value"] == value
            assert answer["shown"] == pytest.approx(value, rel=1e-9)
        else:
            assert answer["option"] == ["stays", "grows", "shrinks"][int(np.sign(value - before))]


def assert_place(trace: Trace, question: dict[str, Any], right: list[int]) -> None:
    """The cells that are right lie where the step has written, or where it has read or what it took before."""
    name, asks, at = question["array"], question["asks"], question["step"]
    step = trace.steps[at]
    if asks in ("goes", "stamp"):  # before the last write, zeros may have been laid under it
        last = [each for each in step.accesses if each.array == name and each.values is not None][-1]
        touched = set(flats(last, SHAPES[name]))
    else:
        reading = next(each for each in trace.steps[at::-1] if reads(each, name))
        assert asks == "winner" or reading is step
        touched = {flat for read in reads(reading, name) for flat in read}
    assert set(right) <= touched
    size = int(np.prod(SHAPES[name][-2:]))
    if asks in ("goes", "stamp", "window"):  # the first cell of the box on each of its maps
        assert right == sorted(flat for flat in touched if (flat - min(touched)) % size == 0)
    else:
        assert len(right) == 1


def reads(step: Step, array: str) -> list[list[int]]:
    return [flats(each, SHAPES[array]) for each in step.accesses if each.array == array and each.values is None]


def test_a_winner_holds_the_number_that_won():
    trace, _ = recorded("max_pool2d")
    winners = [one for one in asked("max_pool2d") if one["question"]["asks"] == "winner"]
    assert len(winners) == 8
    for one in winners:
        after = trace.snapshot(one["question"]["step"] + 1)
        about = one["question"]["about"]
        [flat] = one["answer"]["flats"]
        assert after["x_padded"].flat[flat] == after[about["array"]][tuple(about["cell"])]
        where = after["where"][tuple(about["cell"])] + 16 * about["cell"][0]
        assert flat == where, "row by row, the first of equal ones"


def test_every_kind_of_question_is_asked_somewhere():
    seen = {one["question"]["asks"] for layer in LAYERS for one in asked(layer)}
    assert seen == set().union(*KINDS.values())


def test_a_coarser_pace_asks_about_the_first_cell_of_each_map_or_chapter():
    def kinds(pace: str) -> Counter[str]:
        trace, _ = recorded("conv2d")
        at = [one["question"]["step"] for one in asked("conv2d", pace) if one["question"]["asks"] == "value"]
        names = [next(each.name for each in trace.chapters if each.first <= step < each.stop) for step in at]
        return Counter(names)

    assert kinds("cell")["correlate"] == 2 * 3 * 3
    assert kinds("beat") == kinds("cell")
    assert kinds("map")["correlate"] == 2
    assert kinds("chapter")["correlate"] == 1
    assert all("gradient_check" not in kinds(pace) for pace in ("beat", "cell", "map", "chapter"))


def test_a_window_is_asked_about_where_it_moves_as_it_has_not_moved_before():
    trace, _ = recorded("conv2d")
    correlate = next(each for each in trace.chapters if each.name == "correlate")
    steps = [
        one["question"]["step"]
        for one in asked("conv2d")
        if one["question"]["asks"] == "window" and correlate.first <= one["question"]["step"] < correlate.stop
    ]
    loops = [trace.steps[step].loop for step in steps]
    assert [(loop["f"], loop["i"], loop["j"]) for loop in loops] == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]


@pytest.mark.parametrize(
    ("text", "value", "how"),
    [
        ("6", 6, "exact"),
        ("6.0", 6, "exact"),
        ("−6", -6, "exact"),
        ("0,5", 0.5, "exact"),
        ("5", 6, None),
        ("0.3", 0.1 + 0.2, "exact"),
        ("0.76", 0.7615941559557649, "rounded"),
        ("0.7616", 0.7615941559557649, "rounded"),
        ("0.77", 0.7615941559557649, None),
        ("0.8", 0.7615941559557649, None),  # of one digit nobody knows where it comes from
        ("1", 0.7615941559557649, None),
        ("0.00", 0.0012, None),
        ("0.0012", 0.00123, "rounded"),
        ("1e-3", 0.001, "exact"),
    ],
)
def test_an_answer_is_right_to_the_digit_or_rounded(text: str, value: float, how: str | None):
    assert node("rightness", pairs=[[text, value]]) == [how]


def test_a_wrong_number_is_told_the_slip_that_makes_it():
    rng = np.random.default_rng(1)
    given = {
        "x": rng.integers(-99, 99, (3, 5, 5)) / 8,
        "w": rng.integers(-99, 99, (2, 3, 3, 3)) / 8,
        "b": [0.375, 1.125],
    }
    trace = core.record("conv2d", arrays=given)
    sent = json.loads(json.dumps(trace.as_dict()))
    x, w, b = given.values()
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    found = node("questions", **sent, pace="cell")
    at = next(one["question"]["step"] for one in found if one["question"].get("cell") == [0, 1, 1])
    z = trace.snapshot(at + 1)["z"]
    window, terms = padded[:, 2:5, 2:5], padded[:, 2:5, 2:5] * w[0]
    sums = terms.sum((1, 2))
    assert z[0, 1, 1] == terms.sum() + b[0]
    slips = {
        "others": terms.sum(),
        "padding": (x[:, 2:5, 2:5] * w[0]).sum() + b[0],
        "turned": (window * w[0, :, ::-1, ::-1]).sum() + b[0],
        "stride": (padded[:, 2:5, 1:4] * w[0]).sum() + b[0],
        "off.right": (padded[:, 2:5, 3:6] * w[0]).sum() + b[0],
        "off.down": (padded[:, 3:6, 2:5] * w[0]).sum() + b[0],
        "neighbour": z[0, 0, 1],
        "short": sums[:2].sum() + b[0],
        "alone": sums[2] + b[0],
        "left": terms.sum() + b[0] - terms[1, 1, 1],
        "sign": terms.sum() + b[0] - 2 * terms[1, 1, 1],
        "minus": -z[0, 1, 1],
    }
    assert len(set(slips.values()) | {z[0, 1, 1]}) == len(slips) + 1, "each gives a number of its own"
    told = node("typed", **sent, answers=[[at, repr(float(value))] for value in slips.values()])
    assert [one["says"] for one in told] == list(slips)
    assert "right" not in told[0]
    values = {says: one["values"] for says, one in zip(slips, told, strict=True)}
    assert values["others"] == {"cells": "b[0]"}
    assert values["stride"] == {"by": 2}
    assert values["short"] == {"count": 2, "all": 3}
    assert values["left"]["term"] == "x_padded[1, 3, 3] · w[0, 1, 1, 1]"
    parts = {says: one["parts"] for says, one in zip(slips, told, strict=True)}
    assert parts["left"] == [{"array": "product", "flat": 13}]
    assert parts["short"] == [{"array": "product", "flat": 18 + nth} for nth in range(9)]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_class_is_told_of_every_slip_in_words_that_are_nobodys(language: str):
    words = json.loads((ROOT / f"static/predict/{language}.json").read_text(encoding="utf-8"))

    def told(start: str) -> dict[str, str]:
        return {key.removeprefix(start): text for key, text in words.items() if key.startswith(start)}

    slips, gives = told("predict.slip."), told("predict.gives.")
    assert slips.keys() == gives.keys()
    for key, text in gives.items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", slips[key])), key
        assert not re.search("yours|你", text, re.IGNORECASE), key


def test_no_slip_is_told_of_a_number_that_nothing_makes():
    _, sent = recorded("conv2d")
    step = next(one["question"]["step"] for one in asked("conv2d") if one["question"]["kind"] == "value")
    [found] = node("typed", **sent, answers=[[step, "123456"]])
    assert "says" not in found


def test_the_number_of_a_cell_that_is_still_to_come_is_never_told():
    trace, sent = recorded("conv2d")
    first = next(one["question"] for one in asked("conv2d") if one["question"]["array"] == "z")
    to_come = trace.snapshot(len(trace.steps))["z"][0, 0, 1]
    [found] = node("typed", **sent, answers=[[first["step"], str(int(to_come))]])
    assert found.get("says") != "neighbour"
