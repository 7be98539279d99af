"""The fully connected layer: what it computes, the story it tells, and what is refused."""

from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS
from core.layers.activation import ACTIVATIONS
from core.layers.vector_activation import ON_VECTORS
from core.offer.settings import SettingError
from core.recording.trace import Arrays, Trace, finished
from tests.cases import each

CASES = range(24)


def drawn(case: int) -> tuple[str, Arrays]:
    """An activation and arrays by the number of a case."""
    rng = np.random.default_rng([17, case])
    inputs, outputs = (int(n) for n in rng.integers(1, 9, 2))
    shapes = {"x": (inputs,), "w": (outputs, inputs), "b": (outputs,), "dy": (outputs,)}
    return list(ACTIVATIONS)[case % len(ACTIVATIONS)], {name: rng.normal(size=shape) for name, shape in shapes.items()}


def close(some: np.ndarray, other: np.ndarray) -> None:
    np.testing.assert_allclose(some, other, rtol=0, atol=1e-12, strict=True)


@pytest.fixture(scope="module")
def default() -> Trace:
    return core.record("linear")


# --- What it computes ---------------------------------------------------------------------------------------


@each("case", CASES)
def test_every_chapter_is_one_line_of_numpy(case: int):
    activation, given = drawn(case)
    x, w, b, dy = given.values()
    a = core.run("linear", arrays=given, activation=activation, learning_rate=0.5)
    function = ACTIVATIONS[activation]
    close(a["z"], w @ x + b)
    close(a["y"], function.function(a["z"]))
    close(a["dz"], dy * function.slope(a["z"]))
    close(a["dx"], w.T @ a["dz"])
    close(a["dw"], np.outer(a["dz"], x))
    close(a["db"], a["dz"])
    close(a["w"], w - 0.5 * a["dw"])
    close(a["b"], b - 0.5 * a["db"])


@each("case", CASES)
def test_it_is_the_convolution_whose_kernel_is_as_large_as_its_input(case: int):
    activation, given = drawn(case)
    x, w, b, dy = given.values()
    a = core.run("linear", arrays=given, activation=activation)
    maps = {"x": x[:, None, None], "w": w[:, :, None, None], "b": b, "dy": dy[:, None, None]}
    other = core.run("conv2d", arrays=maps, activation=activation, stride=1, padding=0, learning_rate=0.1)
    for name in ("z", "y", "dz", "dx", "dw", "db", "w", "b"):
        close(a[name], other[name].reshape(a[name].shape))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_activation_of_a_vector_is_that_of_a_map_of_one_row(activation: str):
    rng = np.random.default_rng(3)
    z, dy = np.append(rng.normal(size=9), [0.0, -800.0, 800.0]), rng.normal(size=12)
    maps, vectors = ACTIVATIONS[activation], ON_VECTORS[activation]
    for one, other, taken in ((maps.forward, vectors.forward, [z]), (maps.backward, vectors.backward, [z, dy])):
        of_map, of_vector = np.zeros((1, 1, 12)), np.zeros(12)
        finished(one(*(array[None, None] for array in taken), of_map))
        finished(other(*taken, of_vector))
        assert of_map.tobytes() == of_vector.tobytes()
        assert other.source.doc == one.source.doc
    assert vectors.backward.source.plot.function is vectors.forward


# --- The story ----------------------------------------------------------------------------------------------


def test_the_chapters_come_in_order(default: Trace):
    told = [chapter.name for chapter in default.chapters]
    assert ["walk", *told] == list(LAYERS["linear"].algorithms)
    assert told == [
        "weighted_sum", "activate", "through_activation", "input_gradient", "weight_gradient", "bias_gradient",
        "update", "gradient_check",
    ]  # fmt: skip


def test_forward_reads_the_rows_of_the_matrix_and_backward_its_columns(default: Trace):
    read = {
        chapter.name: [
            access.box
            for step in default.steps[chapter.first : chapter.stop]
            for access in step.accesses
            if access.array == "w" and access.values is None
        ]
        for chapter in default.chapters
    }
    assert read["weighted_sum"] == [((j, j + 1, 1), (0, 4, 1)) for j in range(3)]
    assert read["input_gradient"] == [((0, 3, 1), (i, i + 1, 1)) for i in range(4)]


def test_the_example_can_be_checked_by_head_and_shuts_one_output(default: Trace):
    end = default.outline.end
    assert end["z"].tolist() == [6, 1, -7]
    assert end["dx"].tolist() == [1, -4, 4, -1]
    assert (end["dz"] == [1, -2, 0]).all()
    assert (end["w"][2] == default.start["w"][2]).all()
    assert (end["w"][:2] != default.start["w"][:2]).any()


def test_the_gradients_of_the_example_are_equal_to_the_last_digit(default: Trace):
    assert default.steps[-1].caption.startswith("the gradients are equal in all {checked} cells")


# --- Refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "setting", "message"),
    [
        ({"in_features": 0}, "in_features", "in_features must be from 1 to 256"),
        ({"out_features": 300}, "out_features", "out_features must be from 1 to 256"),
        ({"arrays": {"w": np.ones((4, 3)), "x": np.ones(4)}}, "x", "another array makes it"),
        ({"arrays": {"x": np.ones((2, 2))}}, "x", "x must have 1 axes; it has 2"),
        ({"kernel_size": 3}, "kernel_size", "there is no such setting"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(asked: dict[str, Any], setting: str, message: str):
    with pytest.raises(SettingError, match=message) as refused:
        core.run("linear", **asked)
    assert refused.value.setting == setting
