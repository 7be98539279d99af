"""One training step of a whole network on a handwritten digit, by `yield from` the layers' own algorithms alone.

Nothing is given here but the digit and what it is: the gradient comes from the loss, p − t, and goes back to the
weights. The surprise is what is left over: dx, which nobody needs for learning, shows the pixels that the answer hangs
on.

x digit (C, H, W) · y pooled maps (F, OH, OW) · flat (N,) · scores (K,) · p probabilities (K,) · t right class (K,)
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from core import fast
from core.layers import chain, conv, convolution_as_linear, linear, max_pool, softmax_cross_entropy
from core.layers import gradient_check as checking
from core.layers.gradient_check import farthest, nudge, verdict
from core.layers.linear import BOTH, INPUTS
from core.layers.softmax_cross_entropy import CLASSES
from core.layers.walk import walk_of
from core.layers.whole import updated
from core.layers.whole_linear import LINEAR
from core.layers.whole_softmax import SOFTMAX, log_softmax
from core.offer import limits
from core.offer.layer import Example, Layer, Named, Opened
from core.offer.part import Part
from core.offer.places import laid_over
from core.offer.settings import Real, Whole, defaults, knob
from core.pictures.digits import of_kind
from core.recording.recorder import algorithm
from core.recording.trace import Arrays
from core.text.plot import Descent

# The words and the loops of the first three layers, and of the ways back through pool and ReLU, are those of the chain.
forward = chain.forward


@algorithm(forward, formula=r"@{flat}_{(f \cdot H' + i) \cdot W' + j} = @{y}_{f,i,j} \quad \forall{i,j}")
def flatten(y, flat):
    """The pooled maps are flattened: map by map and row by row, all their cells stand in one list.

    Up to here every number had a place on the picture. What comes next knows only a list, and may weigh each of its
    numbers for itself.
    """
    yield from convolution_as_linear.flatten(y, flat)


@algorithm(flatten, formula=r"@{scores}_k = \sum_n @{w_linear}_{k,n} \cdot @{flat}_n + @{b_linear}_k")
def score(flat, w_linear, b_linear, scores):
    """A fully connected layer gives each class a score: everything that was found, weighed by a row of its own.

    The convolution asked what is where. Here it is decided what speaks for which digit, and what against it.
    """
    yield from linear.weighted_sum(flat, w_linear, b_linear, scores)


@algorithm(score, formula=r"@{p}_k = \frac{e^{@{scores}_k - m}}{\sum_j e^{@{scores}_j - m}}, \quad m = @{largest}")
def softmax(scores, largest, shifted, powers, total, p):
    """Softmax makes probabilities of the scores: this is the network's answer.

    Its weights are small numbers that nobody has trained. So the answer is a guess: in the example a 2 is taken for a
    0.
    """
    yield from softmax_cross_entropy.find_largest(scores, largest)
    yield from softmax_cross_entropy.shift(scores, largest, shifted)
    yield from softmax_cross_entropy.exponentiate(shifted, powers)
    yield from softmax_cross_entropy.normalize(powers, total, p)


@algorithm(
    softmax,
    formula=r"@{loss_start} = L = -\sum_k @{t}_k \cdot @{log_p}_k, \quad @{log_p}_k = @{shifted}_k - \ln @{total}",
)
def loss_before(shifted, total, log_p, t, loss_start):
    """The answer is held against what the digit is: the loss is −ln of the probability that the right class was given.

    Only here does the network get to know what it was shown. This single number is all that it will learn from.
    """
    yield from softmax_cross_entropy.log_softmax(shifted, total, log_p)
    yield from softmax_cross_entropy.cross_entropy(t, log_p, loss_start)


@algorithm(softmax, formula=r"@{dscores}_k = @{p}_k - @{t}_k")
def back_through_softmax(p, t, dscores):
    """The way back begins: the gradient for the scores is p − t, the network's answer less the right one.

    In every layer before this one the gradient of the output was given. This is where it comes from.
    """
    yield from softmax_cross_entropy.backward(p, t, dscores)


@algorithm(
    back_through_softmax,
    formula=r"""
    @{dflat}_n = \sum_k @{w_linear}_{k,n} \cdot @{dscores}_k
    @{dw_linear}_{k,n} = @{dscores}_k \cdot @{flat}_n, \quad @{db_linear}_k = @{dscores}_k
    """,
)
def back_through_linear(w_linear, dscores, dflat, flat, dw_linear, db_linear):
    """Through the fully connected layer: `dflat` goes on to the layers before, `dw_linear` and `db_linear` stay here.

    The weights are still those of the way forward. All gradients are computed before any weight is moved.
    """
    yield from linear.input_gradient(w_linear, dscores, dflat)
    yield from linear.weight_gradient(dscores, flat, dw_linear)
    yield from linear.bias_gradient(dscores, db_linear)


@algorithm(back_through_linear, formula=r"@{dy}_{f,i,j} = @{dflat}_{(f \cdot H' + i) \cdot W' + j} \quad \forall{i,j}")
def fold(dflat, dy):
    """The gradient of the list is folded into maps again: each number goes back to the place that it came from.

    This is the `dy` that the convolution, ReLU and the pool wait for. In the walk of those three alone it was given.
    """
    yield from convolution_as_linear.fold(dflat, dy)


back_through_pool = replace(chain.back_through_pool, after=(fold,))
back_through_relu = replace(chain.back_through_relu, after=(back_through_pool,))


@algorithm(back_through_relu, formula=chain.back_through_convolution.source.formula)
def back_through_convolution(
    dz, dz_expanded, dz_padded, w, w_flipped, patch_dx, product_dx, dx_padded, dx, x_padded, patch_dw, product_dw, dw,
    db, *, kernel_size, stride, padding, padding_mode,
):  # fmt: skip
    """Through the convolution the gradient reaches its weights, its biases, and the digit itself: `dx` shows which
    pixels would have changed the network's mind.

    No layer stands before this one, so nothing learns from `dx`. But it tells of every pixel how the loss would change
    with more ink there. Where it is negative, more ink would have made the right answer more probable; where it is
    positive, less probable. Where it is 0, a little ink would have changed nothing: no path leads from there, through a
    cell that ReLU let pass and that won its window, to a score.

    Look: From `dz` and `dz_expanded` the way leads over the turned `w` to `dx`, which is as large as the digit: its
    largest numbers, of either sign, stand where the answer hangs on the ink.

    Question: A pixel has 0 in `dx`. Do the probabilities stay as they are if it is filled with ink?

    Answer: Not always: so much ink may open a ReLU, or make another cell win its window. `dx` speaks of small changes
    only.
    """
    yield from conv.expand(dz, dz_expanded, stride=stride)
    yield from conv.pad_fully(dz_expanded, dz_padded, kernel_size=kernel_size, dilation=(1, 1))
    yield from conv.flip(w, w_flipped)
    yield from conv.input_gradient(
        dz_padded, patch_dx, w_flipped, product_dx, dx_padded, dx,
        padding=padding, padding_mode=padding_mode, dilation=(1, 1), groups=1,
    )  # fmt: skip
    yield from conv.weight_gradient(x_padded, patch_dw, dz_expanded, product_dw, dw, dilation=(1, 1), groups=1)
    yield from conv.bias_gradient(dz, db)


@algorithm(
    back_through_convolution,
    formula=(
        r"@{numeric_dw} = \frac{L(@{w_nudged} + \varepsilon) - L(@{w_nudged} - \varepsilon)}{2 \varepsilon} "
        r"\approx @{dw}, \qquad L = -\ln p_t"
    ),
)
def gradient_check(
    x_nudged, w_nudged, b_nudged, w_linear_nudged, b_linear_nudged, dloss_start, loss,
    numeric_dw, dw, difference_dw, kinks_dw, numeric_db, db, difference_db, kinks_db,
    numeric_dw_linear, dw_linear, difference_dw_linear, kinks_dw_linear,
    numeric_db_linear, db_linear, difference_db_linear, kinks_db_linear,
    numeric_dx, dx, difference_dx, kinks_dx, found, *, epsilon, most, loss_of,
):  # fmt: skip
    """Are all these gradients right? Nudge weights, biases and pixels one by one, run the whole network forward, and
    see how the loss really changes.

    No matter how many layers stand between a number and the loss, its gradient says how the loss changes with it. A
    nudge of a pixel is the question of `dx` itself: what if there had been a little more ink?

    Look: One cell is nudged at a time, and `loss` with it. Where the two gradients are too far apart, `found` counts
    the cell.

    Question: A nudge runs the whole network forward. Why is nobody training like that, without any way back?

    Answer: It takes two runs for each weight. The way back gives the gradients of all weights at once, for about the
    price of two runs.
    """
    judged = []
    for nudged, numeric, analytic, difference, kinks in (
        (w_nudged, numeric_dw, dw, difference_dw, kinks_dw),
        (b_nudged, numeric_db, db, difference_db, kinks_db),
        (w_linear_nudged, numeric_dw_linear, dw_linear, difference_dw_linear, kinks_dw_linear),
        (b_linear_nudged, numeric_db_linear, db_linear, difference_db_linear, kinks_db_linear),
        (x_nudged, numeric_dx, dx, difference_dx, kinks_dx),
    ):
        cells = yield from nudge(
            nudged, loss, numeric, analytic, difference, kinks, dloss_start, x_nudged, w_nudged, b_nudged,
            w_linear_nudged, b_linear_nudged, epsilon=epsilon, most=most, loss_of=loss_of,
        )  # fmt: skip
        judged += cells
    _, (numeric, analytic, difference, kinks), *_ = farthest(judged)
    yield from verdict(numeric, analytic, difference, kinks, found, judged=judged)


@algorithm(
    back_through_convolution,
    formula=r"""
    @{w}_{f,c,u,v} \leftarrow @{w}_{f,c,u,v} - \eta \cdot @{dw}_{f,c,u,v}, \quad @{b}_f \leftarrow @{b}_f - \eta \cdot
      @{db}_f
    @{w_linear}_{k,n} \leftarrow @{w_linear}_{k,n} - \eta \cdot @{dw_linear}_{k,n}, \quad @{b_linear}_k \leftarrow
      @{b_linear}_k - \eta \cdot @{db_linear}_k
    """,
)
def update(dw, w, db, b, dw_linear, w_linear, db_linear, b_linear, *, learning_rate):
    """All that can be learned takes one step against its gradient: kernels, weight matrix and biases, at one rate.

    ReLU, the pool and softmax have nothing to learn. Training is this step, again and again, with other digits.
    """
    yield from conv.update(dw, w, db, b, learning_rate=learning_rate)
    yield from linear.update(dw_linear, w_linear, db_linear, b_linear, learning_rate=learning_rate)


@algorithm(
    update,
    formula=r"""
    @{z_new}_{f,i,j} = @{b}_f + \sum_{c,u,v} @{w product}_{f,c,u,v} \cdot @{x_padded patch product}_{c,\,i \cdot s_h +
      u,\,j \cdot s_w + v}
    @{a_new}_{f,i,j} = \max(@{z_new}_{f,i,j},\, 0)
    @{y_new where_new}_{f,i,j} = \max_{u,v} @{a_new window}_{f,\,i \cdot s^{\text{pool}}_h + u,\,j \cdot
      s^{\text{pool}}_w + v}
    @{scores_new}_k = \sum_n @{w_linear}_{k,n} \cdot @{flat_new}_n + @{b_linear}_k
    @{p_new} = \text{softmax}(@{scores_new})
    """,
)
def forward_again(
    x_padded, patch, w, product, b, z_new, a_new, window, y_new, where_new, flat_new, w_linear, b_linear, scores_new,
    largest, shifted, powers, total, p_new, *, stride, pool_stride,
):  # fmt: skip
    """The same digit once more, through the whole network with its new weights: does it answer better now?

    It has seen one digit once. How it does on digits that it has not seen, this walk cannot tell.
    """
    yield from chain.forward_again(
        x_padded, patch, w, product, b, z_new, a_new, window, y_new, where_new, stride=stride, pool_stride=pool_stride
    )
    yield from convolution_as_linear.flatten(y_new, flat_new)
    yield from linear.weighted_sum(flat_new, w_linear, b_linear, scores_new)
    yield from softmax_cross_entropy.find_largest(scores_new, largest)
    yield from softmax_cross_entropy.shift(scores_new, largest, shifted)
    yield from softmax_cross_entropy.exponentiate(shifted, powers)
    yield from softmax_cross_entropy.normalize(powers, total, p_new)


@algorithm(
    formula=r"@{change} = @{loss_end} - @{loss_start} \overset{?}{<} 0",
    plot=Descent(before="loss_start", after="loss_end", function=update),
)
def compare_losses(loss_start, loss_end, change):
    """The loss after the step less the loss before it: below 0, the step has helped.

    Look: Hold `loss_end` against `loss_start`: if the loss has fallen, the right class has become more probable.

    Question: In the example, turn the learning rate up to 1: the loss falls to 0. Would you train like that?

    Answer: No. Such a network has learned one digit by heart: shown a 0 or a 1, it is sure of a 2 as well. Many small
    steps, each with another digit, make weights that suit them all.
    """
    change[0] = loss_end[0] - loss_start[0]
    if loss_end[0] < loss_start[0]:
        yield "the loss has become smaller: the step has helped"
    else:
        yield "the loss has not become smaller: the step was too large, or no gradient came through"


@algorithm(
    loss_before,
    forward_again,
    formula=r"@{loss_end} = -\sum_k @{t}_k \cdot @{log_p_new}_k \overset{?}{<} @{loss_start}",
)
def loss_after(shifted, total, log_p_new, t, loss_end, loss_start, change):
    """The loss once more, after the update: has the network learned from its mistake?"""
    yield from softmax_cross_entropy.log_softmax(shifted, total, log_p_new)
    yield from softmax_cross_entropy.cross_entropy(t, log_p_new, loss_end)
    yield from compare_losses(loss_start, loss_end, change)


algorithms = walk_of(
    __name__,
    """A whole network on one handwritten digit: its answer, the loss, all the way back to the pixels, and one update.

    Convolution, ReLU, max pooling, a fully connected layer, softmax and cross-entropy, each by its own loops.
    """,
    forward, flatten, score, softmax, loss_before, back_through_softmax, back_through_linear, fold, back_through_pool,
    back_through_relu, back_through_convolution, gradient_check, update, forward_again, loss_after,
)  # fmt: skip


CHECKED = (*conv.CHECKED, "w_linear", "b_linear")  # the arrays that the gradient check nudges


@defaults(in_height=8, in_width=8)
@dataclass(frozen=True)
class NetworkSettings(chain.ChainSettings):
    """Those of the first three layers, how many classes there are, and which digit is shown."""

    classes: int = knob(3, Whole(1, limits.FEATURES), "Classes", "Numbers")
    digit: int = knob(2, Whole(0, 9), "Digit, the right class", "Numbers")
    learning_rate: float = knob(0.01, Real(0, 10), "Learning rate", "Function")


def arrays(s: NetworkSettings) -> dict[str, Named]:
    softmax_cross_entropy.check_class("digit", s.digit, s.classes)
    named = chain.arrays(s)
    N, one = named["y"].cells, (1,)
    flat, each, matrix = (N,), (s.classes,), (s.classes, N)
    named |= {
        "x": named["x"]._replace(label="digit"),
        "y": named["y"]._replace(label="pooled maps"),
        "flat": Named(flat, "value", "pooled maps, flattened", INPUTS),
        "w_linear": Named(matrix, "parameter", "weight matrix", BOTH),
        "b_linear": Named(each, "parameter", "bias of each class", CLASSES),
        "scores": Named(each, "value", "scores", CLASSES),
        **softmax_cross_entropy.of_scores(s.classes),
        "dscores": Named(each, "gradient", "∂L/∂scores = p − t", CLASSES),
        "dflat": Named(flat, "gradient", "∂L/∂flat", INPUTS),
        "dw_linear": Named(matrix, "gradient", "gradient of the weight matrix", BOTH),
        "db_linear": Named(each, "gradient", "gradient of its bias", CLASSES),
        "dy": named["dy"]._replace(label="∂L/∂y, folded"),
        "dx": named["dx"]._replace(label="∂L/∂x, of each pixel"),
        "y_new": named["y_new"]._replace(label="pooled maps, anew"),
        "flat_new": Named(flat, "value", "flattened, anew", INPUTS),
        "scores_new": Named(each, "value", "scores, anew", CLASSES),
        "p_new": Named(each, "value", "probabilities, anew", CLASSES),
        "log_p_new": Named(each, "value", "ln p, anew", CLASSES),
        "dloss_start": Named(one, "gradient", "∂L/∂L"),
        "change": Named(one, "value", "loss after − loss before"),
    }
    named |= checking.arrays({name: named[name] for name in CHECKED})
    return {name: named[name] for name in algorithms["walk"].parameters if name in named}


# In tenths. The kernels answer to a right and to a lower edge. One weight, 2, is not Sobel's: so no z is 0 and no
# window has two equal maxima, and the gradient check meets no kink. Untrained, the network takes this 2 for a 0.
EXAMPLE: Example = {
    "w": [[[[1, 0, -1], [2, 0, -2], [1, 0, -1]]], [[[1, 2, 2], [0, 0, 0], [-1, -2, -1]]]],
    "b": [2, -2],
}


def given(s: NetworkSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """The digit comes from the shelf, each seed has another of its kind; weights are tenths of whole numbers."""
    for name in made.keys() - set(brought):
        made[name] = made[name] / 10
    if "x" not in brought:
        alike = of_kind(s.digit)
        made["x"] = laid_over(alike[s.seed % len(alike)][None], np.zeros(made["x"].shape))
    return made | {"t": (np.arange(s.classes) == s.digit).astype(float), "dloss_start": np.ones(1)}


def others(s: NetworkSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(
        x: np.ndarray, w: np.ndarray, b: np.ndarray, w_linear: np.ndarray, b_linear: np.ndarray, dloss_start: np.ndarray
    ) -> checking.Loss:
        z = fast.conv2d(x, w, b, stride=s.stride, padding=s.sides)
        a = np.maximum(z, 0)
        y, _ = fast.max_pool2d(a, s.pool_size, stride=s.pool_stride)
        scores = w_linear @ y.ravel() + b_linear
        loss = -log_softmax(scores)[s.digit]
        # As in the chain, a nudge crosses a kink where a z changes its sign, or where other cells equal their maximum.
        winners = max_pool.windows_of(a, *s.pool_axes) == y[..., None, None]
        return dloss_start * loss, np.concatenate([np.sign(z).ravel(), winners.ravel()]), dloss_start * scores.sum()

    cells = {name: array.cells for name, array in named.items()}
    products = cells["z"] * cells["patch"] + cells["y"] * cells["window"] + cells["w_linear"] + 10 * s.classes
    return {"padding_mode": "zeros"} | checking.arguments(loss_of, products, checking.FOLLOWED)


def torch(s: NetworkSettings) -> str:
    (top, bottom), (left, right) = s.sides
    return f"""
    learned = w, b, w_linear, b_linear
    for leaf in (x, *learned):
        leaf.requires_grad_()


    def network():
        # F.pad takes the sides from the last axis on: left, right, top, bottom.
        z = F.conv2d(F.pad(x, ({left}, {right}, {top}, {bottom})), w, b, stride={s.stride})
        a = F.relu(z)
        y = F.max_pool2d(a, {s.pool_size}, {s.pool_stride})
        flat = y.flatten()
        return z, a, y, flat, F.linear(flat, w_linear, b_linear)


    target = torch.tensor({s.digit})
    z, a, y, flat, scores = network()
    for inner in (z, a, y, flat, scores):
        inner.retain_grad()
    p, log_p = F.softmax(scores, 0), F.log_softmax(scores, 0)
    loss_start = F.cross_entropy(scores, target).reshape(1)  # it takes the scores: softmax is part of it
    loss_start.backward()
    dscores, dflat, dy, da, dz, dx = (one.grad for one in (scores, flat, y, a, z, x))
    dw, db, dw_linear, db_linear = (one.grad for one in learned)

    with torch.no_grad():  # one step of gradient descent, and the loss anew
        for one in learned:
            one -= {s.learning_rate} * one.grad
        z_new, a_new, y_new, flat_new, scores_new = network()
        p_new, log_p_new = F.softmax(scores_new, 0), F.log_softmax(scores_new, 0)
        loss_end = F.cross_entropy(scores_new, target).reshape(1)
        change = loss_end - loss_start
    """


def flattened(y: np.ndarray) -> np.ndarray:
    """All cells in one list, map by map and row by row."""
    return y.ravel()


def folded(dflat: np.ndarray, *, shape: tuple[int, ...]) -> np.ndarray:
    """The list as maps again."""
    return dflat.reshape(shape)


WHOLE = {
    **chain.WHOLE,
    "flat": Part(flattened, "y"),
    "scores": Part(LINEAR["z"].function, "w_linear", "flat", "b_linear"),
    "p": Part(SOFTMAX["p"].function, "scores"),
    "log_p": Part(SOFTMAX["log_p"].function, "scores", size=SOFTMAX["log_p"].size),
    "loss_start": Part(SOFTMAX["y"].function, "t", "log_p"),
    "dscores": Part(SOFTMAX["dz"].function, "p", "t", size=SOFTMAX["dz"].size),
    "dflat": Part(LINEAR["dx"].function, "w_linear", "dscores"),
    "dw_linear": Part(LINEAR["dw"].function, "dscores", "flat"),
    "db_linear": Part(LINEAR["db"].function, "dscores"),
    "dy": Part(folded, "dflat"),
    "w_linear": Part(updated, "w_linear", "dw_linear"),
    "b_linear": Part(updated, "b_linear", "db_linear"),
}

OPENS = (
    *chain.OPENS,  # their chapters bear the same names here
    Opened(
        "linear",
        (score, back_through_linear, update),
        {name: f"{name}_linear" for name in ("w", "b", "dw", "db")}
        | {"x": "flat", "z": "scores", "y": "scores", "dy": "dscores", "dz": "dscores", "dx": "dflat"},
        lambda s: {"activation": "identity", "learning_rate": s.learning_rate},
    ),
    Opened(
        "softmax_cross_entropy",
        (softmax, loss_before, back_through_softmax),
        {name: name for name in ("largest", "shifted", "powers", "total", "p", "log_p", "t")}
        | {"z": "scores", "y": "loss_start", "dz": "dscores"},
        lambda s: {"target": s.digit},
    ),
)

layer = Layer(
    name="network",
    title="A network and a digit",
    group="Ideas",
    settings=NetworkSettings,
    axes=conv.axes_of("x", "w", "b") | {"w_linear": ("classes", None), "b_linear": ("classes",)},
    arrays=arrays,
    algorithms=algorithms,
    example=EXAMPLE,
    given=given,
    others=others,
    formula=chain.formula,
    torch=torch,
    whole=WHOLE,
    handed=chain.layer.handed,
    opens=OPENS,
)
