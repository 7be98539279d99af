"""The loss over how long the step of an update is: that of whole runs with other learning rates, beside its slope."""

import numpy as np
import pytest

import core
from core.catalog import Run
from core.layers.loss_curve import FEWEST

STEPS = ({}, {"seed": 3, "learning_rate": 0.1}, {"learning_rate": 0}, {"out_channels": 3, "stride": 2, "padding": 1})


@pytest.mark.parametrize("settings", STEPS)
def test_every_point_is_the_loss_of_a_run_with_that_learning_rate(settings):
    run = Run.of("chain", **settings)
    curve = run.outline().curves["chain.loss_after"]["loss_end"]
    rates, losses = curve["x"], curve["y"]
    assert curve["rate"] == [run.settings.learning_rate]
    assert rates[0] == 0
    assert run.settings.learning_rate in rates
    for at in (0, 7, len(rates) - 1):
        ended = core.run("chain", **settings | {"learning_rate": float(rates[at])})
        assert losses[at] == pytest.approx(ended["loss_end"][0])


@pytest.mark.parametrize("settings", STEPS)
def test_what_is_promised_is_as_steep_as_the_gradient_is_long(settings):
    run = Run.of("chain", **settings)
    end, curve = run.finish(), run.outline().curves["chain.loss_after"]["loss_end"]
    slope = (end["dw"] ** 2).sum() + (end["db"] ** 2).sum()
    np.testing.assert_allclose(curve["promised"], end["loss_start"][0] - curve["x"] * slope, atol=1e-9)
    if not end["kinks_dw"].any():  # at first the loss keeps to it
        assert curve["promised"][1] == pytest.approx(curve["y"][1])


def test_the_curve_is_the_same_where_its_chapter_is_opened_alone():
    walk, alone = (Run.of("chain", algorithm).outline().curves for algorithm in ("walk", "loss_after"))
    np.testing.assert_equal(walk["chain.loss_after"], alone["chain.loss_after"])


@pytest.mark.parametrize(("most", "points"), [(1, 0), (2, 0), (3, FEWEST), (5, 13), (128, 41)])
def test_a_curve_takes_no_more_runs_than_the_check_of_an_array(monkeypatch, most: int, points: int):
    run = Run.of("chain")
    arguments = run.layer.arguments(run.settings)
    monkeypatch.setattr(type(run.layer), "arguments", lambda *_: arguments | {"most": most})
    curve = run.outline().curves["chain.loss_after"]["loss_end"]
    assert len(curve["x"]) == len(curve["y"]) == points
    assert points <= 3 * most
