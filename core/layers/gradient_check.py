"""The gradient check: every cell is nudged, and the slope of the loss is held against the gradient from the formula.

>>> core.run("conv2d", arrays={"x": 1e6 * x, "dy": 1e-9 * dy})["difference_dx"]  # as small, beside dx, as ever

Its verdict is relative: it is the same for gradients of 1e-9 and of 1e6. The rule, and where it comes from:

- The change of the loss is Σ (dy · y(+ε) − dy · y(−ε)), output by output, as in `eval_numerical_gradient_array` of
  Stanford's CS231n. The two losses themselves are never subtracted: what a nudge does not reach leaves no rounding.
- The step ε of a cell is a power of two, 2⁻¹⁶ of the numbers that it works on: of Σ |dy| · Σ|x·w| over the outputs that
  it reaches, divided by Σ |dy · ∂z/∂cell|. Between kinks the loss is linear in a cell, so that a larger step loses
  nothing and rounding less. Where the activation bends, the step moves z by about the cube root of the rounding, at
  which rounding and curvature cost alike (Press et al., Numerical Recipes, section 5.7).
- Rounding may leave 2⁻⁴⁶ of all that was added up, divided by ε: 128 units of roundoff, the bound of a sum of as many
  terms (Higham, Accuracy and Stability of Numerical Algorithms, sections 3.1 and 4.2); where sums are longer, their
  roundings cancel each other long before that.
- Two gradients agree if they differ by at most 1e-5 of the larger (CS231n, "Gradient checks": relative error), or by
  what rounding may leave. If that is so much that a difference could not be seen, it is said so.
- At a kink every output's slope lies between those to its left and to its right, for all kinks here are convex. So the
  formula is right if it lies between the sums of the smaller and of the larger ones (Clarke, Optimization and Nonsmooth
  Analysis, 1983, proposition 2.3.3), and wrong if it does not.
"""

from collections.abc import Callable, Mapping
from math import ceil, prod
from typing import Any

import numpy as np

from core.offer import limits
from core.offer.layer import Named
from core.recording.recorder import algorithm
from core.text.plot import Agreement

# One run forward: the terms of the loss, output by output, whose sum it is; on which side of its kinks each cell is;
# and the terms as they would be if z, before the activation, were the output.
Loss = tuple[np.ndarray, np.ndarray, np.ndarray]

# The step of a nudge: as a share of the numbers that it works on, and how far it may move z where the activation bends.
STRAIGHT = (2.0**-16, 0.0)
CURVED = (2.0**-16, 2.0**-15)
# The same where other layers follow the kinks: they may turn two of them against each other, and then the slope of the
# formula need not lie between those of the loss.
FOLLOWED = (*CURVED, True)


def steps(loss_of, epsilon, most, nudged, *arrays):
    """How far each cell is nudged, a power of two, and what rounding may then leave of its numeric gradient.

    All numbers are taken without their signs, so that nothing cancels: what comes out is all that was added up. What a
    cell has to do with each output is seen by making it so large that nothing else counts. The tiny summands are for
    numbers at the end of the range of floats, where rounding is no longer a share.
    """
    (share, bend, *_), (*inputs, dy) = epsilon, arrays
    sizes, weights = [np.abs(array) for array in inputs], np.abs(dy)
    [cells] = [size.reshape(-1) for size, one in zip(sizes, inputs, strict=True) if np.may_share_memory(one, nudged)]
    ones = np.ones(dy.shape)
    outputs, _, sums = loss_of(*sizes, ones)
    gross = np.maximum(outputs, sums)
    reach = 2.0**900
    STEP, ROUNDING = np.ones(nudged.shape), np.zeros(nudged.shape)
    for n in range(0, nudged.size, ceil(nudged.size / most)):
        value = cells[n]
        cells[n] = value + reach
        slopes = (loss_of(*sizes, ones)[2] - sums) / reach
        cells[n] = value
        reached = slopes > 0
        slopes, size, weight = slopes[reached], gross[reached], weights[reached]
        shares = weight / weight.max() if weight.any() else np.ones(weight.shape)
        added, slope = (shares * size).sum(), (shares * slopes).sum()
        step = share * (added / slope if added > 0 else cells.max() or 1.0)
        if bend and slope > 0:
            step = min(step, bend * max(1, size.max()) ** (1 / 3) / slopes.max())
        step = 2.0 ** np.floor(np.log2(np.clip(step, 2.0**-1050, 2.0**900)))
        at = np.unravel_index(n, nudged.shape)
        STEP[at] = step
        ROUNDING[at] = 2.0**-46 * ((weight * size).sum() + 2.0**-1022 * dy.size) / step + 2.0**-800 * weights.sum()
        if bend and slope > 0:  # of Taylor's series: the square of how far z moves, times |φ‴| / 6, which is below 1
            ROUNDING[at] += (weight * slopes).sum() * (step * slopes.max()) ** 2
    return STEP, ROUNDING


def judge(gradients, slopes, rounding, kinks, followed=False):
    """What the two gradients of a cell are: "equal", "hidden" by rounding, at a "kink", or the formula is "wrong".

    They are the numeric and the analytic one; the slopes are those of the loss, output by output, above the cell's
    value and below it. Where the kinks are `followed` by other layers, one of them excuses every difference.
    """
    (numeric, analytic), (rises, falls) = gradients, slopes
    off, size = np.abs(numeric - analytic), max(np.abs(numeric), np.abs(analytic))
    slack = 1e-5 * size + rounding
    if off <= slack:
        seen = (np.abs(rises) + np.abs(falls)).sum() / 2
        return "equal" if off <= 1e-4 * size or rounding <= 1e-6 * seen else "hidden"
    low, high = np.minimum(rises, falls).sum(), np.maximum(rises, falls).sum()
    return "kink" if kinks > 0 and (followed or low - slack <= analytic <= high + slack) else "wrong"


SLOPE = (
    r"@{numeric}_n = \frac{\Delta @{loss nudged}_{+\varepsilon} - \Delta @{loss nudged}_{-\varepsilon}}{2 \varepsilon}"
    r", \qquad @{loss} = \sum @{dy} \cdot \text{output}"
    "\n"
    r"@{difference}_n = @{numeric}_n - @{analytic}_n"
)


def compared(checked: str, gradient: str = "", loss: str = r"@{dy} \cdot y") -> str:
    """The formula of a whole check: the numeric gradient of an array beside the one that is in question."""
    plus, minus = (rf"L(@{{{checked}_nudged}} {sign} \varepsilon)" for sign in "+-")
    return (
        rf"@{{numeric_d{checked}}} = \frac{{{plus} - {minus}}}{{2 \varepsilon}} "
        rf"\approx @{{{gradient or 'd' + checked}}}, \qquad L = \sum {loss}"
    )


@algorithm(
    formula=SLOPE,
    plot=Agreement(numeric="numeric", analytic="analytic", kinks="kinks", nudged="nudged", loss="loss"),
)
def nudge(
    nudged, loss, numeric, analytic, difference, kinks, dy, x=None, w=None, b=None, w_linear=None, b_linear=None,
    x_other=None, *, epsilon, most, loss_of,
):  # fmt: skip
    """One cell is nudged up and down by ε. The change of the loss, divided by 2ε, comes close to its gradient.

    No formula is needed for that, only the layer itself, which every nudge runs forward for the loss L = Σ dy · output.
    The copies start as the arrays that the gradients were computed with. Where an array is large, cells are checked
    evenly spread.

    ε is a power of two and follows the numbers: it moves the outputs by about 1/65,000 of what is added up in them, or
    by less where an activation bends (Press et al., Numerical Recipes, section 5.7). The change of the loss is added up
    from the changes of the outputs: what stays as it was leaves no rounding.

    The two gradients agree if they differ by at most 0.00001 of the larger one (Stanford's CS231n, "Gradient checks"),
    or by what rounding can leave of all that is added up (Higham, Accuracy and Stability of Numerical Algorithms,
    section 4.2). Where that is so much that no difference could be seen, it is said so.

    At a kink, such as that of ReLU at exactly 0 or a tie in a max pool, the slopes to the left and to the right differ.
    The numeric gradient then lies between them, and the formula takes one: a difference there is no mistake, unless the
    formula lies beyond both. So it is counted how many cells of the layer the nudge takes over a kink.
    """
    CELLS = prod(nudged.shape)
    inputs = (nudged[:],) if w is None else (x[:], w[:], b[:])  # views, not copies
    if w_linear is not None:
        inputs = (*inputs, w_linear[:], b_linear[:])
    if x_other is not None:
        inputs = (*inputs, x_other[:])
    STEP, ROUNDING = steps(loss_of, epsilon, most, nudged[:], *inputs, dy[:])
    judged = []  # of each cell: what it is, its arrays, its place, how far it is off
    terms, still, _ = loss_of(*inputs, dy[:])
    loss[1] = terms.sum()
    yield "take the loss as it is: loss[1]"
    for n in range(0, CELLS, ceil(CELLS / most)):
        at = tuple(np.unravel_index(n, nudged.shape))
        value, step = nudged[at], STEP[at]
        nudged[at] = value + step
        above, up, _ = loss_of(*inputs, dy[:])
        loss[2] = (above - terms).sum()
        yield "nudge one cell by +ε: the change of the loss goes to loss[2]"
        nudged[at] = value - step
        below, down, _ = loss_of(*inputs, dy[:])
        loss[0] = (below - terms).sum()
        yield "nudge it by −ε: the change of the loss goes to loss[0]"
        nudged[at] = value
        numeric[at] = (loss[2] - loss[0]) / (2 * step)
        yield "the slope between the two losses is the numeric gradient"
        difference[at] = numeric[at] - analytic[at]
        kinks[at] = np.count_nonzero((up != still) | (down != still))
        gradients = numeric[at], analytic[at]
        slopes = (above - terms) / step, (terms - below) / step
        kind = judge(gradients, slopes, ROUNDING[at], kinks[at], *epsilon[2:])
        off = np.abs(gradients[0] - gradients[1])
        judged.append((kind, (numeric, analytic, difference, kinks), at, off))
        if kind == "equal":
            yield "the gradient from the formula agrees"
        elif kind == "hidden":
            yield "rounding hides a difference: the numbers are too far apart in size"
        elif kind == "kink":
            yield "they differ at a kink or tie: the formula takes one of its slopes"
        elif kinks[at] > 0:
            yield "they differ more than the kink explains: the formula is wrong here"
        else:
            yield "they differ, and no kink is near: the formula is wrong here"
    return judged


def farthest(judged):
    """The cell whose gradients differ most, the first of equal ones; no difference is larger than one without a number.

    If there are wrong cells, it is one of the array that the first of them stands in.
    """
    wrong = [cell for cell in judged if cell[0] == "wrong"]
    beside = [cell for cell in judged if not wrong or cell[1][2] is wrong[0][1][2]]
    return max(beside, key=lambda cell: np.inf if np.isnan(cell[3]) else cell[3])


@algorithm(
    formula=(
        r"@{found} = \sum \mathbf{1}[\,|@{difference}| > 10^{-5} \max(|@{numeric}|,\, |@{analytic}|) + "
        r"\text{rounding, and no kink explains it}\,]"
    ),
    plot=Agreement(numeric="numeric", analytic="analytic", difference="difference", kinks="kinks"),
)
def verdict(numeric, analytic, difference, kinks, found, *, judged):
    """What all cells together say. Where only one differs by more than rounding, and no kink explains it, the code is
    wrong.

    Two gradients agree if they differ by at most 0.00001 of the larger one, or by what rounding can leave.
    """
    kinds = [kind for kind, *_ in judged]
    checked, agree = len(kinds), kinds.count("equal")
    hidden, wrong = kinds.count("hidden"), kinds.count("wrong")
    _, _, largest, _ = farthest(judged)
    off = np.abs(difference[largest])
    found[0] = wrong
    if wrong > 0:
        _, _, first, _ = judged[kinds.index("wrong")]
        yield "{wrong} of {checked} gradients are wrong: first {difference[first]}, worst here {difference[largest]}"
    elif hidden > 0:
        yield "no cell is found wrong, but rounding hides {hidden} of {checked}; farthest apart: {difference[largest]}"
    elif agree < checked:
        yield "the gradients agree in {agree} of {checked} cells, others are at kinks; farthest: {difference[largest]}"
    elif off == 0:
        yield "the gradients are equal in all {checked} cells that were nudged, to the last digit"
    else:
        yield "the gradients agree in all {checked} cells that were nudged; farthest apart: {difference[largest]}"


NO_KINKS = np.zeros(0)  # what a smooth layer answers when it is asked on which side of its kinks each cell is


def arrays(checked: Mapping[str, Named]) -> dict[str, Named]:
    """The arrays of a check, by those it nudges: "x" needs x_nudged, loss, numeric_dx, difference_dx, kinks_dx."""
    named = {
        "loss": Named((3,), "scratch", "0: change at −ε, 1: loss L, 2: change at +ε"),
        "found": Named((1,), "count", "cells found wrong"),
    }
    for name, array in checked.items():
        named |= {
            f"{name}_nudged": Named(array.shape, array.role, f"{name}, one cell nudged", array.axes),
            f"numeric_d{name}": Named(array.shape, "gradient", f"numeric ∂L/∂{name}", array.axes),
            f"difference_d{name}": Named(array.shape, "gradient", "numeric − analytic", array.axes),
            f"kinks_d{name}": Named(array.shape, "count", "kinks crossed: the slope jumps", array.axes),
        }
    return named


def arguments(loss_of: Callable[..., Loss], products: int, epsilon: tuple[float, ...] = STRAIGHT) -> dict[str, Any]:
    """What a check takes: one run forward, the multiplications that it costs, and how far cells are nudged.

    So many cells of each array are nudged as can be afforded.
    """
    most = max(1, min(limits.CHECKED_CELLS, limits.CHECKED_PRODUCTS // (3 * max(1, products))))
    return {"epsilon": epsilon, "most": most, "loss_of": loss_of}
