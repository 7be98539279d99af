"""On which scale each array is seen: all on one while that shows them, a picture in greys, scratch as its origin."""

from typing import Any

import numpy as np
import pytest

from core.catalog import LAYERS, Run
from core.recording.scale import FAINTEST, Scale


def scales(layer: str = "conv2d", arrays: dict[str, Any] | None = None, **settings: Any) -> dict[str, Scale | None]:
    return Run.of(layer, arrays=arrays, **settings).outline().scales


def picture(*shape: int, low: int = 0, high: int = 255) -> np.ndarray:
    made = np.random.default_rng(3).integers(low, high, shape, endpoint=True).astype(float)
    made.flat[:2] = low, high
    return made


# What x is, and whether it is seen in greys.
TABLE: list[tuple[np.ndarray, bool]] = [
    (picture(1, 28, 28), True),
    (picture(3, 12, 12), True),
    (picture(1, 64, 64), True),
    (picture(1, 28, 28) / 255, True),
    (picture(1, 28, 28) * 1e-9, True),
    (picture(1, 28, 28, high=1), True),  # black and white, and large
    (picture(1, 9, 9), True),
    (picture(1, 9, 40), True),
    (picture(1, 9, 9, low=100), True),
    (picture(1, 9, 9, high=1), False),  # small, and of two numbers
    (picture(1, 12, 12, high=7), False),
    (picture(1, 8, 28), False),  # a strip
    (picture(1, 5, 5), False),
    (picture(1, 28, 28) - 128, False),  # there is something below zero
    (picture(1, 28, 28) / 127.5 - 1, False),
    (np.zeros((1, 28, 28)), False),
]


@pytest.mark.parametrize("layer", ["conv2d", "max_pool2d", "avg_pool2d", "im2col"])
def test_a_picture_is_seen_in_greys_of_its_own(layer: str):
    for x, is_grey in TABLE if layer == "conv2d" else TABLE[:2] + TABLE[12:14]:
        found = scales(layer, {"x": x})
        of_x = found["x"]
        assert of_x
        assert (of_x.low == 0) == is_grey, (layer, x.shape, x.min(), x.max())
        if is_grey:
            assert of_x == found["x_padded"] == found["x_nudged"] == Scale(0.0, x.max())
        y = found["z" if layer in ("conv2d", "im2col") else "y"]
        assert y
        assert (y.low == 0) == (is_grey and layer in ("max_pool2d", "avg_pool2d")), "what a kernel made has signs"


@pytest.mark.parametrize("layer", LAYERS)
def test_every_array_is_on_a_scale_that_shows_it(layer: str):
    outline = Run.of(layer).outline()
    assert outline.scales.keys() == outline.start.keys() & outline.used
    kinds: dict[Any, set[Any]] = {}
    for name, scale in outline.scales.items():
        role, shape = outline.roles[name], outline.start[name].shape
        if role == "count" or (role == "scratch" and name == "loss"):
            assert scale is None
            continue
        assert scale
        assert scale.high > 0
        if role == "scratch":
            continue
        kinds.setdefault((role, shape), set()).add(scale)
        most = max(np.abs(array[name][np.isfinite(array[name])]).max() for array in (outline.start, outline.end))
        assert most <= scale.high
    for (role, shape), found in kinds.items():
        assert len(found) == 1, f"{role} {shape}: what is compared has one scale"
        if len(shape) > 1:
            alike = [
                name for name in outline.scales if (outline.roles[name], outline.start[name].shape) == (role, shape)
            ]
            most = max(float(np.nanmax(np.abs(np.where(np.isfinite(end[name]), end[name], 0))))
                       for name in alike for end in (outline.start, outline.end))  # fmt: skip
            assert most == 0 or most * FAINTEST >= next(iter(found)).high


def test_the_example_has_one_scale_and_large_numbers_leave_small_ones_theirs():
    assert set(scales().values()) == {Scale(-12, 12), None}
    x = picture(1, 5, 5, low=-128, high=127) * 100
    found = scales(
        arrays={"x": x, "w": np.ones((1, 1, 3, 3)), "b": [0.0], "dy": np.full((1, 3, 3), 1e-3)}, learning_rate=0
    )
    assert found["w"] == found["b"] == Scale(-1, 1)
    assert found["dy"] == found["dz"]
    assert found["dy"]
    assert 1e-3 <= found["dy"].high <= 1e-3 * FAINTEST
    assert found["x"] == found["patch"]
    assert found["product"] == found["z"] == found["y"]
    assert found["x"] != found["w"] != found["dy"]


def test_what_is_made_of_a_picture_is_seen_with_all_of_the_colour():
    digit = np.zeros((1, 28, 28))
    digit[0, 5:7, 6:22] = digit[0, 7:22, 16:18] = 1
    sobel = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    run = Run.of("conv2d", arrays={"x": digit, "w": np.stack([sobel[None], sobel.T[None]]), "b": np.zeros(2)})
    outline = run.outline()
    assert outline.scales["x"] == Scale(0, 1)
    assert outline.scales["z"] == outline.scales["y"] == outline.scales["product"] == Scale(-4, 4)
    for name in ("w", "dw", "dx", "dz"):
        kind = outline.roles[name], outline.start[name].shape
        alike = [other for other in outline.used if (outline.roles[other], outline.start[other].shape) == kind]
        largest = max(float(np.abs(at[other]).max()) for at in (outline.start, outline.end) for other in alike)
        assert outline.scales[name] == Scale(-largest, largest), name


def test_a_scratch_array_is_seen_as_what_it_is_a_copy_of_or_else_as_what_it_is_for():
    found = scales(arrays={"x": picture(1, 28, 28)})
    assert found["patch"] == found["patch_dw"] == found["x_padded"]
    assert found["patch_dx"] == found["dz_padded"]
    assert found["product"] == found["z"]
    assert found["product_dw"] == found["dw"]
    assert scales("max_pool2d", {"x": picture(1, 28, 28)})["window"] == Scale(0, 255)


@pytest.mark.parametrize("layer", ["conv2d", "max_pool2d", "avg_pool2d", "global_avg_pool2d", "im2col", "activation"])
def test_the_losses_of_a_gradient_check_have_no_colour_whatever_is_nudged(layer: str):
    for x in (picture(1, 28, 28), picture(1, 12, 12) - 128, picture(1, 4, 4, low=-3, high=3)):
        own = {"activation": "z"}.get(layer, "x")
        found = scales(layer, {own: x}, **({"kernel_size": 2, "stride": 2} if layer == "im2col" else {}))
        assert found["loss"] is None
        assert found[f"{own}_nudged"]


def test_weights_are_seen_before_an_update_that_makes_them_much_larger():
    x = np.full((1, 28, 28), -128.0)
    x[0, 6:22, 13:17] = x[0, 6:9, 8:17] = 127
    w = np.array([[[[1.0, 0, -1], [2, 0, -2], [1, 0, -1]]]])
    for size in (1, 0.1, 0.3, 0.9, 1.3, 4):
        run = Run.of("conv2d", arrays={"x": x, "w": w * size, "b": [size]}, stride=1, learning_rate=1e-3 * size)
        outline = run.outline()
        [of_w, of_x] = [outline.scales[name] for name in ("w", "x")]
        assert of_w
        assert of_x
        assert 2 * size <= of_w.high <= 2 * size * FAINTEST, (size, of_w)
        assert np.abs(outline.end["w"]).max() <= of_w.high
        assert outline.scales["b"] == of_w
        assert of_x.high >= 128


def test_nothing_but_zeros_and_infinities_have_a_scale_too():
    for value in (0.0, 1e-300, 1e6):
        zeros = scales(arrays={"x": np.full((1, 4, 4), value), "w": np.zeros((1, 1, 3, 3)), "b": [0.0]})
        assert all(scale is None or 0 < scale.high < np.inf for scale in zeros.values())
