"""One training step of a whole network on a handwritten digit: from the pixels to the loss, and all the way back."""

from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS, Run
from core.offer.settings import SettingError
from core.pictures.digits import digits
from core.recording.trace import Trace

LEARNED = ("w", "b", "w_linear", "b_linear")


@pytest.fixture(scope="module")
def default() -> Trace:
    return core.record("network")


def close(some: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_allclose(some, other, rtol=0, atol=1e-12, strict=True)


# --- What it computes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings",
    [{}, {"seed": 3, "digit": 0, "padding": 1}, {"pool_size": 3, "pool_stride": 1, "in_channels": 2, "seed": 5}],
)
def test_each_layer_by_itself_gives_the_same_numbers_one_handed_on_to_the_next(settings: dict[str, Any]):
    a, rate = core.run("network", **settings), {"learning_rate": 0.01}
    start = core.record("network", "flatten", **settings).start
    window = {name: value for name, value in settings.items() if name in ("padding", "pool_size", "pool_stride")}
    given = {name: start[name] for name in ("x", "w", "b")}
    dense = core.run(
        "linear", arrays={"x": a["flat"], "w": start["w_linear"], "b": start["b_linear"], "dy": a["dscores"]},
        activation="identity", **rate,
    )  # fmt: skip
    scored = core.run("softmax_cross_entropy", arrays={"z": dense["z"]}, target=int(a["t"].argmax()))
    chained = core.run("chain", arrays={**given, "dy": dense["dx"].reshape(a["dy"].shape)}, **window, **rate)
    for name in ("z", "a", "y", "where", "dy", "da", "dz", "dx", "dw", "db", "w", "b", "z_new", "a_new", "y_new"):
        close(a[name], chained[name])
    close(a["flat"], chained["y"].ravel())
    for mine, theirs in {"scores": "y", "dflat": "dx", "dw_linear": "dw", "db_linear": "db", "w_linear": "w"}.items():
        close(a[mine], dense[theirs])
    for mine, theirs in {"p": "p", "log_p": "log_p", "loss_start": "y", "dscores": "dz"}.items():
        close(a[mine], scored[theirs])


def test_what_comes_out_at_the_end_is_what_a_walk_with_the_new_weights_begins_with(default: Trace):
    a = default.outline.end
    again = core.run("network", arrays={name: a[name] for name in LEARNED})
    names = {"p_new": "p", "log_p_new": "log_p", "scores_new": "scores", "flat_new": "flat", "loss_end": "loss_start"}
    for new, first in names.items():
        close(a[new], again[first])
    assert a["change"] == a["loss_end"] - a["loss_start"]


def test_a_pixel_has_no_gradient_exactly_where_no_path_leads_from_it(default: Trace):
    a = default.outline.end
    reached = np.zeros(a["x"].shape, bool)
    for f, i, j in np.argwhere(a["dz"] != 0):
        reached[:, i : i + 3, j : j + 3] |= default.start["w"][f] != 0
    assert not a["dx"][~reached].any()
    assert 0 < (~reached).sum() < reached.size
    assert (a["dx"][reached] != 0).all()
    # So a little ink changes nothing there, and elsewhere as much as dx says.
    for at in (tuple(np.argwhere(~reached)[0]), tuple(np.argwhere(reached)[0])):
        x = default.start["x"].copy()
        x[at] += 1e-4
        change = core.run("network", "loss_before", arrays={"x": x})["loss_start"] - a["loss_start"]
        assert change == pytest.approx(1e-4 * a["dx"][at], rel=1e-3)


def test_an_array_that_is_not_brought_begins_with_tenths_and_the_digit_comes_from_the_shelf():
    for seed in (0, 1, 99):
        start = core.record("network", "flatten", seed=seed, digit=1).start
        assert any(one.digit == 1 and (one.cells == start["x"][0]).all() for one in digits())
        for name in LEARNED:
            close(10 * start[name], np.round(10 * start[name]))
    brought = core.record("network", "flatten", arrays={"b": [3.0, 4.0], "x": np.ones((1, 8, 8))}).start
    assert brought["b"].tolist() == [3, 4]
    assert (brought["x"] == 1).all()


# --- The story ----------------------------------------------------------------------------------------------


def test_the_chapters_come_in_order(default: Trace):
    told = [chapter.name for chapter in default.chapters]
    assert ["walk", *told] == list(LAYERS["network"].algorithms)
    assert told == [
        "forward", "flatten", "score", "softmax", "loss_before", "back_through_softmax", "back_through_linear", "fold",
        "back_through_pool", "back_through_relu", "back_through_convolution", "gradient_check", "update",
        "forward_again", "loss_after",
    ]  # fmt: skip


def test_every_number_is_made_by_the_algorithm_of_a_layer(default: Trace):
    leaves = {step.stack[-1].source for step in default.steps}
    own = {name for name in leaves if name.startswith("network.")}
    assert own == {"network.compare_losses"}
    assert {name.partition(".")[0] for name in leaves - own} == {
        "activation", "conv", "convolution_as_linear", "gradient_check", "linear", "max_pool", "softmax_cross_entropy",
    }  # fmt: skip


def test_in_the_example_a_2_is_taken_for_a_0_and_after_one_step_for_a_2(default: Trace):
    a = default.outline.end
    assert (a["t"].argmax(), a["p"].argmax(), a["p_new"].argmax()) == (2, 0, 2)
    assert a["loss_end"] < a["loss_start"] / 10
    assert default.steps[-1].caption == "the loss has become smaller: the step has helped"
    assert core.record("network", learning_rate=0).steps[-1].caption.startswith("the loss has not become smaller")


def test_the_example_has_no_kinks_and_its_gradients_agree(default: Trace):
    a = default.outline.end
    for name in (*LEARNED, "x"):
        assert a["d" + name].any()
        assert not a["kinks_d" + name].any()
        assert np.abs(a["difference_d" + name]).max() < 1e-8
    assert a["found"] == 0
    assert any(step.caption.startswith("the gradients agree in all") for step in default.steps)


@pytest.mark.parametrize("seed", range(12))
def test_at_kinks_that_other_layers_turn_against_each_other_no_right_gradient_is_called_wrong(seed: int):
    dice = np.random.default_rng(seed)
    arrays = {  # small whole numbers: ties in most windows, and scores that go up with some and down with others
        "x": dice.integers(0, 3, (1, 5, 5)),
        "w": dice.integers(-1, 2, (1, 1, 2, 2)),
        "b": [1],
        "w_linear": dice.integers(-2, 3, (3, 4)) / 4,
    }
    a = core.run("network", "gradient_check", arrays=arrays)
    assert a["found"] == 0
    assert a["kinks_dx"].any()


def test_a_gradient_that_is_off_by_a_thousandth_is_called_wrong():
    run = Run.of("network", "gradient_check")
    for name in ("dx", "dw", "dw_linear"):
        run.start[name] *= 1.001
    spoilt = sum(np.count_nonzero(run.start[name]) for name in ("dx", "dw", "dw_linear"))
    assert run.finish()["found"] == spoilt > 80


def test_a_step_a_hundred_times_as_large_learns_one_digit_by_heart_as_the_chapter_tells():
    a = core.run("network", learning_rate=1)
    assert a["loss_end"] == pytest.approx(0, abs=1e-9)
    learned = {name: a[name] for name in LEARNED}
    for digit, seed in ((0, 0), (0, 1), (1, 0), (1, 1)):
        assert core.run("network", "softmax", arrays=learned, digit=digit, seed=seed)["p"][2] > 0.999


def test_a_pixel_without_a_gradient_that_is_filled_with_ink_may_change_the_probabilities(default: Trace):
    a, x = default.outline.end, default.start["x"].copy()
    assert (a["dx"][0, 1, 0], x[0, 1, 0]) == (0, 0)
    x[0, 1, 0] = 16
    assert np.abs(core.run("network", "softmax", arrays={"x": x})["p"] - a["p"]).max() > 0.01


# --- Refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "setting", "message"),
    [
        ({"digit": 3}, "digit", "digit must be below the number of classes, 3: they are counted from 0"),
        ({"digit": "x"}, "digit", "digit must be a whole number from 0 to 9"),
        ({"arrays": {"w_linear": np.ones((2, 18))}}, "digit", "below the number of classes, 2"),
        ({"arrays": {"w_linear": np.ones((3, 17))}}, "w_linear", "w_linear must have the shape"),
        ({"arrays": {"dy": np.ones((2, 3, 3))}}, "dy", "there is no such array"),
        ({"pool_size": 7}, "pool_size", "a window of 7 does not fit a map whose height is 6"),
        ({"in_height": 64, "in_width": 64, "out_channels": 8}, "in_height", "this would"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked: dict[str, Any], setting: str, message: str):
    with pytest.raises(SettingError, match=message) as refused:
        core.run("network", **asked)
    assert refused.value.setting == setting
