"""Softmax and cross-entropy: what it computes at the ends of the range of floats, and the story it tells."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as draw

import core
from core.catalog import LAYERS, Run
from core.offer.settings import SettingError
from core.recording.trace import Trace

few = settings(max_examples=60, deadline=None, database=None)
SCORES = draw.lists(draw.floats(-1e6, 1e6), min_size=1, max_size=8)


@pytest.fixture(scope="module")
def default() -> Trace:
    return core.record("softmax_cross_entropy")


# --- What it computes ---------------------------------------------------------------------------------------


@few
@given(SCORES, draw.integers(0, 7))
def test_whatever_the_scores_the_probabilities_are_such_and_the_loss_is_finite(scores: list[float], n: int):
    target = n % len(scores)
    a = core.run("softmax_cross_entropy", arrays={"z": scores}, target=target)
    assert ((a["p"] >= 0) & (a["p"] <= 1)).all()
    assert a["p"].sum() == pytest.approx(1, abs=1e-14)
    assert a["powers"].max() == 1
    assert np.isfinite(a["y"]).all()
    assert a["y"][0] >= 0
    assert a["dz"].sum() == pytest.approx(0, abs=1e-14)
    assert ((a["dz"] <= 0) == (np.arange(len(scores)) == target))[a["p"] > 0].all()


@few
@given(draw.lists(draw.integers(-300, 300), min_size=2, max_size=8), draw.integers(-1000, 1000))
def test_the_same_number_added_to_every_score_changes_nothing(scores: list[int], more: int):
    some, other = (
        core.run("softmax_cross_entropy", "backward", arrays={"z": np.array(scores) + shift}, target=1)
        for shift in (0, more)
    )
    for name in ("shifted", "powers", "p", "dz"):
        assert (some[name] == other[name]).all(), name


def test_the_loss_is_right_where_the_probability_itself_is_rounded_to_zero():
    a = core.run("softmax_cross_entropy", arrays={"z": [1000.0, 0.0, -1000.0]}, target=2)
    assert a["p"].tolist() == [1, 0, 0]
    assert a["y"].tolist() == [2000]
    assert a["dz"].tolist() == [1, 0, -1]


def test_a_network_that_knows_nothing_has_the_logarithm_of_the_number_of_classes_for_its_loss():
    a = core.run("softmax_cross_entropy", arrays={"z": np.zeros(10)}, target=3)
    assert a["y"][0] == pytest.approx(np.log(10), abs=1e-15)
    assert a["dz"] == pytest.approx(np.where(np.arange(10) == 3, -0.9, 0.1), abs=1e-15)


@few
@given(draw.lists(draw.floats(-20, 20), min_size=1, max_size=6))
def test_the_gradient_check_agrees_in_every_cell(scores: list[float]):
    run = Run.of("softmax_cross_entropy", "gradient_check", {"z": scores})
    captions = {step.caption for step in run.steps()}
    assert not any("the formula is wrong" in caption for caption in captions)
    a = run.finish()
    assert a["found"].tolist() == [0]
    assert np.abs(a["difference_dz"]).max() < 1e-8
    assert a["dy"].tolist() == [1]


# --- The story ----------------------------------------------------------------------------------------------


def test_the_chapters_come_in_order(default: Trace):
    told = [chapter.name for chapter in default.chapters]
    assert ["walk", *told] == list(LAYERS["softmax_cross_entropy"].algorithms)
    assert told == [
        "find_largest", "shift", "exponentiate", "normalize", "log_softmax", "cross_entropy", "backward",
        "gradient_check",
    ]  # fmt: skip


def test_the_example_believes_in_another_class_than_the_right_one(default: Trace):
    end = default.outline.end
    assert end["t"].tolist() == [1, 0, 0, 0]
    assert int(np.argmax(end["p"])) == 2
    assert (np.sign(end["dz"]) == [-1, 1, 1, 1]).all()
    assert end["shifted"].tolist() == [-1, -3, 0, -2]


def test_only_the_right_class_has_a_part_in_the_loss():
    run = Run.of("softmax_cross_entropy", "cross_entropy", target=2)
    written = [
        access.values for step in run.steps() for access in step.accesses if access.array == "y" and access.values
    ]
    losses = [values[0] for values in written]
    assert losses[:3] == [0, 0, 0]
    assert losses[3] == losses[4] == -run.finish()["log_p"][2] > 0


# --- Refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "setting", "message"),
    [
        ({"target": 4}, "target", "target must be below the number of classes, 4: they are counted from 0"),
        ({"arrays": {"z": [1.0, 2.0]}, "target": 2}, "target", "below the number of classes, 2"),
        ({"arrays": {"z": [[1.0, 2.0], [3.0, 4.0]]}}, "z", "z must have 1 axes; it has 2"),
        ({"arrays": {"t": [0.0, 1.0, 0.0, 0.0]}}, "t", "there is no such array"),
        ({"classes": 0}, "classes", "classes must be from 1 to 256"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked: dict[str, Any], setting: str, message: str):
    with pytest.raises(SettingError, match=message) as refused:
        core.run("softmax_cross_entropy", **asked)
    assert refused.value.setting == setting
