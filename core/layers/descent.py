"""The loss over how long a step against the gradient is: the very function that updates, with other learning rates.

>>> run = core.catalog.Run.of("chain")
>>> curve = descent(run.finish(), core.layers.chain.update, run.layer.arguments(run.settings))
>>> curve["y"][curve["x"] == 0.02]
array([5.3])

The gradient is the slope at the start of that curve. Beside it stands what this slope alone would make of the loss: as
far as both are one the gradient can be trusted, and where they part the step has changed what it was computed from.
"""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any

import numpy as np

from core.layers.loss_curve import FEWEST, POINTS, loss_of_what
from core.recording.recorder import Algorithm
from core.recording.trace import Arrays

FAR = 4  # times the learning rate: so far the curve goes
USUAL = 0.02  # where it is 0


def descent(end: Arrays, step: Callable[..., Any] | None, arguments: Mapping[str, Any]) -> Arrays:
    """The learning `rate` that was chosen, rates `x` from 0 on, the loss `y` after each, and what is `promised` of it.

    `end` holds every array when all is computed: the gradients, and the copies of a gradient check, which are still as
    all arrays were before the `step`. As with a gradient check, what runs forward so often that it takes longer than
    the check of an array has no points.
    """
    assert isinstance(step, Algorithm)
    [setting] = (one.name for one in signature(step.function).parameters.values() if one.kind == Parameter.KEYWORD_ONLY)
    loss_of, rate = arguments["loss_of"], float(arguments[setting])
    before = {name.removesuffix("_nudged"): end[name] for name in loss_of_what(end, arguments)}
    learned = [name for name in step.parameters if name in before]
    steps = min(POINTS - 1, 3 * arguments["most"]) // FAR * FAR  # so that the rate itself is among the points
    along = np.arange(steps + 1) * (FAR / steps) if steps + 1 >= FEWEST else np.zeros(0)
    rates = along * (rate or USUAL)
    losses, promised = np.zeros(rates.shape), np.zeros(rates.shape)
    with np.errstate(all="ignore"):  # what is no number is a gap in the curve
        for n, one in enumerate(rates):
            moved = {name: before.get(name, end[name]).copy() for name in step.parameters if name in end}
            step.run(moved, **{setting: float(one)})
            terms, *_ = loss_of(*(moved.get(name, array) for name, array in before.items()))
            losses[n] = terms.sum()
            promised[n] = losses[0] + sum(((moved[name] - before[name]) * moved[f"d{name}"]).sum() for name in learned)
    return {"rate": np.array([rate]), "x": rates, "y": losses, "promised": promised}
