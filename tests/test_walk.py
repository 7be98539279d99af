"""A walk is made of its chapters: its text, what it takes, and what runs are those of the chapters in their order."""

import numpy as np
import pytest

from core.catalog import LAYERS
from core.layers.walk import WIDTH, walk_of
from core.recording.recorder import algorithm


@algorithm()
def forward(x, y):
    """There."""
    y[0] = 2 * x[0]
    yield "double"


@algorithm(forward)
def backward(dy, dx, *, rate, both):
    """And back."""
    dx[0] = rate * dy[0]
    yield "hand back"


def text(*chapters) -> list[str]:
    return list(walk_of("toy", "There and back.", *chapters)["walk"].source.lines)


def test_each_chapter_is_handed_what_it_names():
    assert text(forward, (backward, "both")) == [
        "def walk(x, y, dy, dx, *, rate, both):",
        '    """There and back."""',
        "    yield from forward(x, y)",
        "    if both:",
        "        yield from backward(dy, dx, rate=rate, both=both)",
    ]
    assert text(backward, forward)[0] == "def walk(dy, dx, x, y, *, rate, both):"
    assert text(forward)[0] == "def walk(x, y):"


@pytest.mark.parametrize("both", [True, False])
def test_what_stands_there_runs(both: bool):
    algorithms = walk_of("toy", "There and back.", forward, (backward, "both"))
    assert list(algorithms) == ["walk", "forward", "backward"]
    arrays = {"x": np.ones(1), "y": np.zeros(1), "dy": np.ones(1), "dx": np.zeros(1)}
    steps = list(algorithms["walk"].steps(arrays, rate=3, both=both))
    assert [step.caption for step in steps] == ["double", "hand back"][: 1 + both]
    assert [step.stack[0].source for step in steps] == ["toy.walk"] * (1 + both)
    assert (arrays["y"].item(), arrays["dx"].item()) == (2, 3 * both)


def test_long_calls_are_wrapped_and_every_paragraph_is_there():
    walks = [layer.algorithms["walk"].source for layer in LAYERS.values()]
    assert max(len(line) for walk in walks for line in walk.lines[walk.body - walk.first :]) <= WIDTH
    assert "1245 is 5 by the first" in LAYERS["input_gradient"].algorithms["walk"].source.doc
