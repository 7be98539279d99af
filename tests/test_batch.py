"""A batch of two digits: its gradient is the mean of what each digit says by itself."""

from typing import Any

import numpy as np
import pytest

import core
from core import fast
from core.catalog import LAYERS
from core.offer.settings import SettingError
from core.recording.trace import Trace

BOTH = ("first", "second")


@pytest.fixture(scope="module")
def default() -> Trace:
    return core.record("batch")


@pytest.mark.parametrize("settings", [{}, {"seed": 4, "first": 2, "second": 2}, {"in_height": 5, "classes": 7}])
def test_the_mean_is_what_whole_array_numpy_gives_for_both_at_once(settings: dict[str, Any]):
    """A fully connected layer is a convolution whose kernels are as large as the picture."""
    start, a = core.record("batch", **settings).start, core.run("batch", **settings)
    x = np.stack([start[f"x_{one}"] for one in BOTH])
    (classes, _), shape = start["w"].shape, (1, *x.shape[1:])
    x = x[:, None]
    scores = fast.conv2d(x, start["w"].reshape(classes, *shape), start["b"])
    np.testing.assert_allclose(scores[:, :, 0, 0], [a[f"scores_{one}"] for one in BOTH], rtol=0, atol=1e-12)
    arriving = np.stack([a[f"dscores_{one}"] for one in BOTH])[:, :, None, None] / len(BOTH)
    _, dw, db = fast.conv2d_backward(arriving, x, start["w"].reshape(classes, *shape), start["b"])
    np.testing.assert_allclose(a["dw"], dw.reshape(classes, -1), rtol=0, atol=1e-12)
    np.testing.assert_allclose(a["db"], db, rtol=0, atol=1e-12)


def test_each_digit_says_what_the_layers_say_of_it_by_themselves(default: Trace):
    a, start = default.outline.end, default.start
    for number, one in enumerate(BOTH):
        dense = core.run(
            "linear",
            arrays={"x": start[f"x_{one}"].ravel(), "w": start["w"], "b": start["b"], "dy": a[f"dscores_{one}"]},
            activation="identity",
        )
        scored = core.run("softmax_cross_entropy", arrays={"z": dense["y"]}, target=number)
        for mine, theirs in {"scores": dense["y"], "dw": dense["dw"], "db": dense["db"], "p": scored["p"]}.items():
            np.testing.assert_array_equal(a[f"{mine}_{one}"], theirs)
        np.testing.assert_array_equal(a[f"loss_{one}"], scored["y"])


def test_every_number_but_the_mean_is_made_by_another_layer(default: Trace):
    leaves = {step.stack[-1].source for step in default.steps}
    own = {name for name in leaves if name.startswith("batch.")}
    assert own == {"batch.lay_in_a_row", "batch.mean_loss", "batch.mean_gradient"}
    assert [chapter.name for chapter in default.chapters] == list(LAYERS["batch"].algorithms)[1:]


def test_a_step_for_one_digit_alone_harms_the_other_as_the_chapter_tells(default: Trace):
    a, start = default.outline.end, default.start
    rate = default.outline.settings["learning_rate"]
    alone = {name: start[name] - rate * a[f"d{name}_first"] for name in ("w", "b")}
    assert a["loss_second"] == pytest.approx(1.9, abs=0.05)
    assert core.run("batch", arrays=alone)["loss_second"] == pytest.approx(17.7, abs=0.05)
    together = core.run("batch", arrays={name: a[name] for name in ("w", "b")})
    assert max(together[f"loss_{one}"] for one in BOTH) < 0.01
    assert (a["dw_first"].max(axis=1) > 0).tolist() == [False, True, True], "the row of the right class"


@pytest.mark.parametrize(
    ("asked", "setting", "message"),
    [
        ({"second": 3}, "second", "second must be below the number of classes, 3"),
        ({"first": 10}, "first", "first must be a whole number from 0 to 9|first must be from 0 to 9"),
        ({"arrays": {"x_first": np.ones((1, 8, 8))}}, "x_first", "x_first is a single example, H, W"),
        ({"arrays": {"w": np.ones((3, 63))}}, "w", "w must have the shape"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked: dict[str, Any], setting: str, message: str):
    with pytest.raises(SettingError, match=message) as refused:
        core.run("batch", **asked)
    assert refused.value.setting == setting
