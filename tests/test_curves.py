"""The curve that is plotted of a function: points of it that the very function has computed."""

import numpy as np
import pytest

import core
from core.catalog import LAYERS
from core.layers.activation import ACTIVATIONS
from core.recording.curves import GRID, OWN, points, sampled
from core.recording.recorder import algorithm_named
from core.recording.trace import Arrays
from core.text.plot import Curve
from core.text.source import AlgorithmError
from tests.toys import written


def curve_of(layer: str, source: str, array: str, **settings: object) -> Arrays:
    described = core.record(layer, **settings).outline.header()["sources"]
    plots = {one["name"]: one.get("plot") for one in described}
    return {axis: np.array(cells, float) for axis, cells in plots[source]["curves"][array].items()}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_has_its_curve_and_on_the_way_back_its_slopes(name: str):
    function = ACTIVATIONS[name].function
    there = curve_of("activation", f"activation.{name}", "z", activation=name)
    back = curve_of("activation", f"activation.{name}_backward", "z", activation=name)
    for curve in (there, back):
        assert (np.diff(curve["x"]) > 0).all()
        np.testing.assert_allclose(curve["y"], function(curve["x"]), atol=1e-15)
    smooth = np.abs(back["x"]) > 1e-4
    nudge = 1e-6
    slopes = (function(back["x"] + nudge) - function(back["x"] - nudge)) / (2 * nudge)
    np.testing.assert_allclose(back["slope"][smooth], slopes[smooth], atol=1e-8)
    assert "slope" not in there


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "gelu"])
def test_a_slope_is_just_the_number_that_the_step_multiplies_by(activation: str):
    end = core.run("conv2d", activation=activation, seed=3)
    curve = curve_of("conv2d", f"activation.{activation}_backward", "z", activation=activation, seed=3)
    slopes = dict(zip(curve["x"].tolist(), curve["slope"].tolist(), strict=True))
    for z, dy, dz in zip(end["z"].flat, end["dy"].flat, end["dz"].flat, strict=True):
        assert dz == pytest.approx(dy * slopes[float(z)], rel=1e-15)  # every z is a point of the curve


def test_the_layer_before_has_the_slopes_that_are_read_off_its_output():
    curve = curve_of("conv2d", "activation.sigmoid_from_output", "x", activation_before="sigmoid")
    np.testing.assert_allclose(curve["slope"], curve["x"] * (1 - curve["x"]))
    assert "y" not in curve  # what went into it, this layer has never seen


@pytest.mark.parametrize(
    ("cells", "low", "high"),
    [
        ([0, 10], -1.5, 11.5),
        ([1, 3], -0.3, 3.3),  # zero is near, and is on it
        ([-3, -1], -3.3, 0.3),
        ([1000, 1010], 998.5, 1011.5),  # and is not, where it is far
        ([5, 5], 2.5, 7.5),
        ([0, 0], -1, 1),
        ([np.nan, np.inf, -np.inf, 2, 4], -0.3, 4.3),
        ([np.nan, np.inf], -1, 1),
        ([-1e308, 1e308], -1.3e308, 1.3e308),
    ],
)
def test_the_axis_goes_a_little_further_than_the_numbers(cells: list[float], low: float, high: float):
    x = points(np.array(cells, float))
    assert np.isfinite(x).all()
    assert (np.diff(x) > 0).all()
    np.testing.assert_allclose(x[[0, -1]], [low, high], rtol=0.1)
    assert set(np.array(cells)[np.isfinite(cells)]) <= set(x)


def test_of_very_many_numbers_some_are_points():
    cells = np.random.default_rng(0).normal(size=(16, 64, 64))
    assert OWN <= len(points(cells)) <= OWN + GRID + 4


def test_what_is_no_number_on_a_curve_is_a_gap_in_it(tmp_path):
    toys = written(
        tmp_path,
        """
        import numpy as np
        from core.recording.recorder import algorithm
        from core.text.plot import Curve

        @algorithm(plot=Curve(of="x", to="y"))
        def root(x, y, *, scale):
            for i, j in np.ndindex(x.shape):
                y[i, j] = scale * np.sqrt(x[i, j])
                yield "take a root"
        """,
    )
    curve = sampled(toys.root, np.array([[-1.0, np.inf], [4.0, np.nan]]), {"scale": 3})
    assert np.isnan(curve["y"][curve["x"] < 0]).all()
    assert curve["y"][curve["x"] == 4] == 6


@pytest.mark.parametrize(
    ("plot", "message"),
    [
        ('Curve(of="x", to="w")', "its plot names w, and it takes x, y"),
        ('Curve(of="x", to="scale")', "its plot names scale, and it takes x, y"),
        ('Curve(of="x", to="x")', "y is an array besides those that it names"),
    ],
)
def test_a_plot_of_what_is_not_there_is_refused_where_it_is_declared(tmp_path, plot: str, message: str):
    text = f"""
        from core.recording.recorder import algorithm
        from core.text.plot import Curve

        @algorithm(plot={plot})
        def double(x, y, *, scale):
            for i in range(x.shape[0]):
                y[i] = scale * x[i]
                yield "double"
        """
    with pytest.raises(AlgorithmError, match=rf"toys.double, line \d+: .*{message}"):
        written(tmp_path, text)


@pytest.mark.parametrize("layer", LAYERS)
def test_every_declared_curve_of_a_walk_has_its_points(layer: str):
    outline = core.record(layer).outline
    for source in outline.sources:
        if isinstance(source.plot, Curve):
            bound = {dict(scene.arrays)[source.plot.of] for chapter in outline.chapters for scene in chapter.scenes
                     if scene.source == source.name}  # fmt: skip
            assert outline.curves[source.name].keys() == bound
            assert algorithm_named(source.name).source is source
