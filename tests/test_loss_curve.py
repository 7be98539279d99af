"""The loss over the values of one cell: the very function that a gradient check nudges, and kinks where it bends."""

import numpy as np
import pytest

import core
from core.catalog import LAYERS, Run
from core.layers.loss_curve import FEWEST, POINTS
from tests.test_plots import pictures, scenes

CHECKED = [layer for layer in LAYERS if Run.planned(layer).nudged]


@pytest.mark.parametrize("layer", CHECKED)
def test_every_point_is_the_loss_of_a_run_with_that_number_in_the_cell(layer: str):
    run = Run.planned(layer)
    out = {"im2col": "z", "convolution_as_linear": "z", "network": "loss_start", "batch": "loss_mean"}.get(layer, "y")
    weights = run.start[f"d{out}"]

    def outputs(name: str, flat: int, value: float) -> np.ndarray:
        arrays = {each: run.start[each].copy() for each in LAYERS[layer].axes}
        arrays[name].flat[flat] = value
        return core.run(layer, arrays=arrays)[out]

    for nudged in run.nudged:
        name = nudged.removesuffix("_nudged")
        before = run.start[nudged].copy()
        flat = before.size // 2
        curve = run.losses(nudged, flat)
        x, change = curve["x"], curve["change"]
        assert (np.diff(x) > 0).all()
        assert (x[0] + x[-1]) / 2 == pytest.approx(before.flat[flat])
        assert change[x == before.flat[flat]] == [0]
        still = outputs(name, flat, float(before.flat[flat]))
        for at in {0, len(x) // 3, len(x) - 1, *curve["kinks"][:1]}:
            wanted = (weights * (outputs(name, flat, float(x[at])) - still)).sum()
            assert change[at] == pytest.approx(wanted, abs=1e-9)
        assert (run.start[nudged] == before).all()


@pytest.mark.parametrize("value", [1.0, -2.5, 0.0, 1e-6])
def test_a_relu_has_its_kink_at_zero_and_a_smooth_function_has_none(value: float):
    arrays = {"z": [[[value, -4.0]]], "dy": [[[3.0, 1.0]]]}
    curve = Run.planned("activation", arrays=arrays, activation="relu").losses("z_nudged", 0)
    [kink] = curve["kinks"]
    assert curve["x"][kink] == pytest.approx(0, abs=1e-5)
    np.testing.assert_allclose(curve["change"], 3 * (np.maximum(curve["x"], 0) - max(value, 0)), atol=1e-12)
    assert not Run.planned("activation", arrays=arrays, activation="sigmoid").losses("z_nudged", 0)["kinks"].size


def test_a_tie_of_a_max_pool_is_a_kink_where_two_numbers_are_equal():
    arrays = {"x": [[[1.0, 5.0], [4.0, 2.0]]], "dy": [[[2.0]]]}
    run = Run.planned("max_pool2d", arrays=arrays, kernel_size=2, stride=2, padding=0)
    for flat, tie in ((0, 5), (1, 4), (2, 5), (3, 5)):
        curve = run.losses("x_nudged", flat)
        assert curve["x"][curve["kinks"]] == pytest.approx([tie], abs=1e-5)


def test_what_counts_for_nothing_bends_nothing():
    arrays = {"z": [[[1.0, -4.0]]], "dy": [[[0.0, 1.0]]]}
    assert not Run.planned("activation", arrays=arrays, activation="relu").losses("z_nudged", 0)["kinks"].size


@pytest.mark.parametrize(("most", "points"), [(1, 0), (2, 0), (3, FEWEST), (5, 15), (14, POINTS), (128, POINTS)])
def test_a_curve_takes_no_more_runs_than_the_check_itself(monkeypatch, most: int, points: int):
    run = Run.planned("max_pool2d", seed=4)
    arguments = run.layer.arguments(run.settings)
    runs = []

    def loss_of(x, dy):
        runs.append(x)
        return arguments["loss_of"](x, dy)

    monkeypatch.setattr(type(run.layer), "arguments", lambda *_: arguments | {"loss_of": loss_of, "most": most})
    curve = run.losses("x_nudged", 7)
    assert len(runs) <= 3 * most + 1  # and one for the loss as it is
    assert points <= len(curve["x"]) <= max(points, len(runs))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_plot_has_the_points_of_the_curve_both_slopes_and_the_kinks(lang: str):
    trace = core.record("max_pool2d", seed=4)
    arrays, moments = scenes(trace, "agreement")[0]
    k = moments[3]
    [waiting] = pictures(trace, [k], lang)
    flat = waiting["wants"]["flat"]
    assert waiting["wants"]["array"] == arrays["nudged"]
    assert [trace["x"] for trace in waiting["data"][7:]] == [[]] * 5
    curve = {
        name: numbers.tolist() for name, numbers in Run.planned("max_pool2d", seed=4).losses("x_nudged", flat).items()
    }
    [picture] = pictures(trace, [k], lang, losses=curve)
    line, numeric, analytic, points, kinks = picture["data"][7:]
    assert "wants" not in picture
    assert (line["x"], line["y"]) == (curve["x"], curve["change"])
    assert kinks["x"] == [curve["x"][at] for at in curve["kinks"]]
    now = trace.snapshot(k)
    for slope, array in ((numeric, "numeric"), (analytic, "analytic")):
        (left, right), (low, high) = slope["x"], slope["y"]
        assert (high - low) / (right - left) == pytest.approx(now[arrays[array]].flat[flat])
    assert points["x"][0] == now[arrays["nudged"]].flat[flat]
    assert points["y"][1:] == [now["loss"][0], now["loss"][2]]
    assert str(len(curve["kinks"])) in picture["sentence"].removeprefix(waiting["sentence"])
    [none] = pictures(trace, [k], lang, losses={"x": [], "change": [], "kinks": []})
    assert none["sentence"] == waiting["sentence"]
    assert len(none["data"]) == 7
