"""The gradient check: every cell is nudged, and the slope of the loss is held against the gradient from the formula.

Source: the article's `gradient_check`, and Stanford's CS231n notes, "Gradient checks", for kinks.
"""

from collections.abc import Mapping
from math import ceil, prod

import numpy as np

from core import limits
from core.layer import Cost, Named
from core.record import algorithm

EPSILON = 1e-4


def agree(numeric, analytic, loss, step):
    """Whether two gradients are equal but for what is rounded away: the smaller the nudge, the more that is."""
    rounding = 1e-14 * np.abs(loss) / step
    return np.abs(numeric - analytic) <= 1e-5 * np.maximum(1, np.maximum(np.abs(numeric), np.abs(analytic))) + rounding


def largest(*arrays):
    """The size of the largest number in any of them, at least 1."""
    return max(1, *(np.abs(array).max() for array in arrays))


SLOPE = (
    r"@{numeric}_n = \frac{@{loss nudged}_{+\varepsilon} - @{loss nudged}_{-\varepsilon}}{2 \varepsilon}, "
    r"\qquad @{loss} = \sum @{dy} \cdot y"
    "\n"
    r"@{difference}_n = @{numeric}_n - @{analytic}_n"
)


@algorithm(formula=SLOPE)
def nudge(
    nudged, loss, numeric, analytic, difference, kinks, x_nudged, w_nudged, b_nudged, dy, *, epsilon, most, loss_of
):
    """One cell is nudged up and down by ε. The change of the loss, divided by 2ε, comes close to its gradient.

    No formula is needed for that, only the layer itself, which every nudge runs forward for the loss L = Σ dy · y. The
    copies start as the arrays that the gradients were computed with. ε is 0.0001, or less beside large numbers, and a
    difference below 0.00001 is rounding. Where an array is large, cells are checked evenly spread.

    At a kink, such as that of ReLU at exactly 0 or a tie in a max pool, the slopes to the left and to the right differ.
    The numeric gradient then lies between them, and the formula takes one: a difference there is no mistake. So it is
    counted how many cells of the layer the nudge takes over a kink.
    """
    CELLS = prod(nudged.shape)
    STEP = epsilon / largest(x_nudged[:], w_nudged[:])
    loss[1], still = loss_of(x_nudged[:], w_nudged[:], b_nudged[:], dy[:])
    yield "take the loss as it is"
    for n in range(0, CELLS, ceil(CELLS / most)):
        at = tuple(np.unravel_index(n, nudged.shape))
        value = nudged[at]
        nudged[at] = value + STEP
        loss[2], up = loss_of(x_nudged[:], w_nudged[:], b_nudged[:], dy[:])
        yield "nudge one cell up and take the loss"
        nudged[at] = value - STEP
        loss[0], down = loss_of(x_nudged[:], w_nudged[:], b_nudged[:], dy[:])
        yield "nudge it down and take the loss again"
        nudged[at] = value
        numeric[at] = (loss[2] - loss[0]) / (2 * STEP)
        yield "the slope between the two losses is the numeric gradient"
        difference[at] = numeric[at] - analytic[at]
        kinks[at] = np.count_nonzero((up != still) | (down != still))
        if agree(numeric[at], analytic[at], loss[1], STEP):
            yield "the gradient from the formula agrees"
        elif kinks[at] > 0:
            yield "they differ at a kink or a tie, where there is no one slope: the formula takes one of several"
        else:
            yield "they differ, and no kink is near: the formula is wrong here"


@algorithm(formula=SLOPE)
def nudge_input(nudged, loss, numeric, analytic, difference, kinks, dy, *, epsilon, most, loss_of):
    """One cell is nudged up and down by ε. The change of the loss, divided by 2ε, comes close to its gradient.

    No formula is needed for that, only the layer itself, which every nudge runs forward for the loss L = Σ dy · y. The
    copies start as the arrays that the gradients were computed with. ε is 0.0001, or less beside large numbers, and a
    difference below 0.00001 is rounding. Where an array is large, cells are checked evenly spread.

    At a kink, such as that of ReLU at exactly 0 or a tie in a max pool, the slopes to the left and to the right differ.
    The numeric gradient then lies between them, and the formula takes one: a difference there is no mistake. So it is
    counted how many cells of the layer the nudge takes over a kink.
    """
    CELLS = prod(nudged.shape)
    loss[1], still = loss_of(nudged[:], dy[:])
    yield "take the loss as it is"
    for n in range(0, CELLS, ceil(CELLS / most)):
        at = tuple(np.unravel_index(n, nudged.shape))
        value = nudged[at]
        nudged[at] = value + epsilon
        loss[2], up = loss_of(nudged[:], dy[:])
        yield "nudge one cell up and take the loss"
        nudged[at] = value - epsilon
        loss[0], down = loss_of(nudged[:], dy[:])
        yield "nudge it down and take the loss again"
        nudged[at] = value
        numeric[at] = (loss[2] - loss[0]) / (2 * epsilon)
        yield "the slope between the two losses is the numeric gradient"
        difference[at] = numeric[at] - analytic[at]
        kinks[at] = np.count_nonzero((up != still) | (down != still))
        if agree(numeric[at], analytic[at], loss[1], epsilon):
            yield "the gradient from the formula agrees"
        elif kinks[at] > 0:
            yield "they differ at a kink or a tie, where there is no one slope: the formula takes one of several"
        else:
            yield "they differ, and no kink is near: the formula is wrong here"


NO_KINKS = np.zeros(0)  # what a smooth layer answers when it is asked on which side of its kinks each cell is


def arrays(checked: Mapping[str, Named]) -> dict[str, Named]:
    """The arrays of a check, by those it nudges: "x" needs x_nudged, loss, numeric_dx, difference_dx, kinks_dx."""
    named = {"loss": Named((3,), "scratch", "loss L at −ε, 0 and +ε")}
    for name, array in checked.items():
        named |= {
            f"{name}_nudged": Named(array.shape, array.role, f"{name}, one cell nudged", array.axes),
            f"numeric_d{name}": Named(array.shape, "gradient", f"numeric ∂L/∂{name}", array.axes),
            f"difference_d{name}": Named(array.shape, "gradient", "numeric − analytic", array.axes),
            f"kinks_d{name}": Named(array.shape, "count", "kinks that the nudge crosses", array.axes),
        }
    return named


def most(products: int) -> int:
    """How many cells of each array a check can afford to nudge, by the multiplications of one run forward."""
    return max(1, min(limits.CHECKED_CELLS, limits.CHECKED_PRODUCTS // (3 * max(1, products))))


def cost(checked: Mapping[str, Named], most: int) -> Cost:
    """Of nudging these arrays."""
    cells = [len(range(0, array.cells, ceil(array.cells / most))) for array in checked.values()]
    return Cost(len(cells) + 4 * sum(cells), len(cells) + 8 * sum(cells))
