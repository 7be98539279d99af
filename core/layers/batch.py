"""A batch of two digits: one fully connected layer is asked by both, and the gradient is the mean of what they say.

Nothing new is computed here but that mean: each digit goes through the layer, softmax and the loss by the loops of
those layers. What a framework does at once, with an axis N more, stands here one after the other.

x_first, x_second digits (H, W) · w weight (K, N) · b bias (K,) · dw_first, dw_second, dw (K, N)
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from core.layers import gradient_check as checking
from core.layers import linear, softmax_cross_entropy
from core.layers.gradient_check import NO_KINKS, farthest, nudge, verdict
from core.layers.linear import BOTH, INPUTS
from core.layers.network import flattened
from core.layers.softmax_cross_entropy import CLASSES
from core.layers.walk import walk_of
from core.layers.whole import updated
from core.layers.whole_linear import LINEAR
from core.layers.whole_softmax import SOFTMAX, log_softmax
from core.offer import limits
from core.offer.layer import Layer, Named
from core.offer.part import Part
from core.offer.places import laid_over
from core.offer.settings import Real, Settings, Whole, knob
from core.pictures.digits import of_kind
from core.recording.recorder import algorithm
from core.recording.trace import Arrays


@algorithm(formula=r"@{flat}_{i \cdot W + j} = @{x}_{i,j} \quad \forall{i,j}")
def lay_in_a_row(x, flat):
    """A digit is written row by row into one list: a fully connected layer takes nothing else.

    Look: From `x` to `flat` no number changes, only the place where it stands.

    Question: Would the layer learn less if all digits were written column by column?

    Answer: No: it does not know which numbers were neighbours. Any order will do, if it is always the same.
    """
    flat[:] = x[:].ravel()
    yield "write the digit row by row: one list of inputs"


@algorithm(
    formula=r"""
    @{scores_first}_k = \sum_n @{w}_{k,n} \cdot @{flat_first}_n + @{b}_k, \quad @{dscores_first}_k = @{p_first}_k -
      @{t_first}_k
    @{dw_first}_{k,n} = @{dscores_first}_k \cdot @{flat_first}_n, \quad @{db_first}_k = @{dscores_first}_k
    """,
)
def first_digit(
    x_first, flat_first, w, b, scores_first, largest, shifted, powers, total, p_first, log_p_first, t_first, loss_first,
    dscores_first, dw_first, db_first,
):  # fmt: skip
    """The first digit goes through a fully connected layer, softmax and the loss, and back: `dw_first` is how it alone
    would have the weights changed.

    It knows nothing of the other digit. The weights stay as they are until both have been asked.

    In each row of `dw_first` stands the whole digit, times the δ of that class. The row of the right class has no
    number above 0: there the weights grow where the digit has ink, so that its score becomes larger.
    """
    yield from lay_in_a_row(x_first, flat_first)
    yield from linear.weighted_sum(flat_first, w, b, scores_first)
    yield from softmax_cross_entropy.find_largest(scores_first, largest)
    yield from softmax_cross_entropy.shift(scores_first, largest, shifted)
    yield from softmax_cross_entropy.exponentiate(shifted, powers)
    yield from softmax_cross_entropy.normalize(powers, total, p_first)
    yield from softmax_cross_entropy.log_softmax(shifted, total, log_p_first)
    yield from softmax_cross_entropy.cross_entropy(t_first, log_p_first, loss_first)
    yield from softmax_cross_entropy.backward(p_first, t_first, dscores_first)
    yield from linear.weight_gradient(dscores_first, flat_first, dw_first)
    yield from linear.bias_gradient(dscores_first, db_first)


@algorithm(
    formula=r"""
    @{scores_second}_k = \sum_n @{w}_{k,n} \cdot @{flat_second}_n + @{b}_k, \quad @{dscores_second}_k = @{p_second}_k -
      @{t_second}_k
    @{dw_second}_{k,n} = @{dscores_second}_k \cdot @{flat_second}_n, \quad @{db_second}_k = @{dscores_second}_k
    """,
)
def second_digit(
    x_second, flat_second, w, b, scores_second, largest, shifted, powers, total, p_second, log_p_second, t_second,
    loss_second, dscores_second, dw_second, db_second,
):  # fmt: skip
    """The second digit goes the same way through the same weights: `dw_second` is how this one would have them changed.

    A framework sends both through at once, as one array with an axis more: that is the N of (N, C, H, W). No number of
    the one meets a number of the other on the way.

    In the rows of their own two classes the digits want the opposite of each other where both have ink: what is right
    for the one is wrong for the other.
    """
    yield from lay_in_a_row(x_second, flat_second)
    yield from linear.weighted_sum(flat_second, w, b, scores_second)
    yield from softmax_cross_entropy.find_largest(scores_second, largest)
    yield from softmax_cross_entropy.shift(scores_second, largest, shifted)
    yield from softmax_cross_entropy.exponentiate(shifted, powers)
    yield from softmax_cross_entropy.normalize(powers, total, p_second)
    yield from softmax_cross_entropy.log_softmax(shifted, total, log_p_second)
    yield from softmax_cross_entropy.cross_entropy(t_second, log_p_second, loss_second)
    yield from softmax_cross_entropy.backward(p_second, t_second, dscores_second)
    yield from linear.weight_gradient(dscores_second, flat_second, dw_second)
    yield from linear.bias_gradient(dscores_second, db_second)


@algorithm(formula=r"@{loss_mean} = \frac{@{loss_first} + @{loss_second}}{2}")
def mean_loss(loss_first, loss_second, loss_mean):
    """Both losses count alike: that of the batch is their mean.

    Look: `loss_mean` lies midway between `loss_first` and `loss_second`.

    Question: Is the loss of a hundred digits larger than that of two?

    Answer: Not for their number: a mean is as large as the losses are. A sum would grow, and each step with it.
    """
    loss_mean[0] = (loss_first[0] + loss_second[0]) / 2
    yield "the loss of the batch is the mean of both losses"


@algorithm(
    formula=r"""
    @{dw}_{k,n} = \frac{@{dw_first}_{k,n} + @{dw_second}_{k,n}}{2}, \quad @{db}_k = \frac{@{db_first}_k +
      @{db_second}_k}{2}
    """,
)
def mean_gradient(dw_first, db_first, dw_second, db_second, dw, db):
    """Cell by cell, the gradient lies midway between what both digits want.

    Look: Each cell of `dw` lies midway between those of `dw_first` and `dw_second`. Where these disagree, little is
    left.

    Question: In the example, what becomes of the second digit's loss if the step goes against `dw_first` alone?

    Answer: It grows from 1.9 to 17.7: the layer then takes everything for the first digit. A step against `dw` brings
    both losses almost to 0.
    """
    K, N = dw.shape
    for k in range(K):
        for n in range(N):
            dw[k, n] = (dw_first[k, n] + dw_second[k, n]) / 2
            yield "take the mean of both gradients of one weight"
        db[k] = (db_first[k] + db_second[k]) / 2
        yield "and of both gradients of the bias"


@algorithm(
    first_digit,
    second_digit,
    formula=r"""
    @{loss_mean} = \frac{@{loss_first} + @{loss_second}}{2}
    @{dw}_{k,n} = \frac{@{dw_first}_{k,n} + @{dw_second}_{k,n}}{2}, \quad @{db}_k = \frac{@{db_first}_k +
      @{db_second}_k}{2}
    """,
)
def mean_of_both(loss_first, loss_second, loss_mean, dw_first, db_first, dw_second, db_second, dw, db):
    """The gradient of the batch is the mean of the gradients of its digits: `dw` is the way that helps both on average.

    The loss of a batch is the mean of the losses, and the gradient of a mean is the mean of the gradients. So does
    PyTorch's cross_entropy; with reduction="sum" a step would be the larger the more digits there are.
    """
    yield from mean_loss(loss_first, loss_second, loss_mean)
    yield from mean_gradient(dw_first, db_first, dw_second, db_second, dw, db)


@algorithm(
    mean_of_both,
    formula=(
        r"@{numeric_dw} = \frac{L(@{w_nudged} + \varepsilon) - L(@{w_nudged} - \varepsilon)}{2 \varepsilon} "
        r"\approx @{dw}, \qquad L = \frac{L_1 + L_2}{2}"
    ),
)
def gradient_check(
    x_first, x_second, w_nudged, b_nudged, dloss_mean, loss, numeric_dw, dw, difference_dw, kinks_dw,
    numeric_db, db, difference_db, kinks_db, found, *, epsilon, most, loss_of,
):  # fmt: skip
    """Is the mean right? Nudge each weight, send both digits forward, and see how their mean loss really changes.

    A nudge of one weight changes both losses at once. Each counts for half.

    Look: One cell of `w_nudged` or `b_nudged` is nudged at a time; the slope of the mean loss should be its cell of
    `dw` or `db`.

    Question: A pixel is without ink in both digits. What is the gradient of its weights?

    Answer: 0: it adds nothing to any score. From these two digits nothing is learned about it.
    """
    judged = []
    for nudged, numeric, analytic, difference, kinks in (
        (w_nudged, numeric_dw, dw, difference_dw, kinks_dw),
        (b_nudged, numeric_db, db, difference_db, kinks_db),
    ):
        cells = yield from nudge(
            nudged, loss, numeric, analytic, difference, kinks, dloss_mean, x_first, w_nudged, b_nudged, None, None,
            x_second, epsilon=epsilon, most=most, loss_of=loss_of,
        )  # fmt: skip
        judged += cells
    _, (numeric, analytic, difference, kinks), *_ = farthest(judged)
    yield from verdict(numeric, analytic, difference, kinks, found, judged=judged)


# The words and the loop are those of the fully connected layer: it cannot tell that two digits were asked.
update = replace(linear.update, after=(mean_of_both,))


algorithms = walk_of(
    __name__,
    """Two digits, one fully connected layer, one update: the gradient of a batch is the mean of its digits' gradients.

    Each digit goes forward and back by itself; then both are heard at once.
    """,
    first_digit, second_digit, mean_of_both, gradient_check, update,
)  # fmt: skip


@dataclass(frozen=True)
class BatchSettings(Settings):
    """Which two digits are shown, and how many classes there are."""

    FOREMOST: ClassVar = ("classes", "learning_rate", "first", "second")

    classes: int = knob(3, Whole(1, limits.FEATURES), "Classes", "Sizes")
    in_height: int = knob(8, Whole(1, limits.SIDE), "Input height", "Sizes")
    in_width: int = knob(8, Whole(1, limits.SIDE), "Input width", "Sizes")
    learning_rate: float = knob(0.01, Real(0, 10), "Learning rate", "Function")
    first: int = knob(0, Whole(0, 9), "First digit, its class", "Numbers")
    second: int = knob(1, Whole(0, 9), "Second digit, its class", "Numbers")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


def arrays(s: BatchSettings) -> dict[str, Named]:
    for name in ("first", "second"):
        softmax_cross_entropy.check_class(name, getattr(s, name), s.classes)
    N, one = s.in_height * s.in_width, (1,)
    each, matrix = (s.classes,), (s.classes, N)
    inner = softmax_cross_entropy.of_scores(s.classes)
    named: dict[str, Named] = {
        "w": Named(matrix, "parameter", "weight matrix", BOTH),
        "b": Named(each, "parameter", "bias of each class", CLASSES),
        **{name: inner[name] for name in ("largest", "shifted", "powers", "total")},
        "loss_mean": Named(one, "value", "loss of the batch"),
        "dw": Named(matrix, "gradient", "mean of both: gradient of the batch", BOTH),
        "db": Named(each, "gradient", "gradient of the bias", CLASSES),
    }
    for one_of in ("first", "second"):
        named |= {
            f"x_{one_of}": Named((s.in_height, s.in_width), "input", f"{one_of} digit"),
            f"flat_{one_of}": Named((N,), "value", "digit, flattened", INPUTS),
            f"scores_{one_of}": Named(each, "value", "scores", CLASSES),
            f"p_{one_of}": inner["p"],
            f"log_p_{one_of}": inner["log_p"],
            f"t_{one_of}": inner["t"],
            f"loss_{one_of}": Named(one, "value", "loss L"),
            f"dscores_{one_of}": Named(each, "gradient", "∂L/∂scores = p − t", CLASSES),
            f"dw_{one_of}": Named(matrix, "gradient", "gradient of this digit alone", BOTH),
            f"db_{one_of}": Named(each, "gradient", "gradient of the bias", CLASSES),
        }
    named["dloss_mean"] = Named(one, "gradient", "∂L/∂L")
    named |= checking.arrays({name: named[name] for name in ("w", "b")})
    return {name: named[name] for name in algorithms["walk"].parameters if name in named}


def given(s: BatchSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    """The digits come from the shelf, each seed has others of their kinds; weights are hundredths of whole numbers."""
    for name in {"w", "b"} - set(brought):
        made[name] = made[name] / 100
    for name, kind in (("first", s.first), ("second", s.second)):
        if f"x_{name}" not in brought:
            alike = of_kind(kind)
            made[f"x_{name}"] = laid_over(alike[s.seed % len(alike)], np.zeros(made[f"x_{name}"].shape))
        made[f"t_{name}"] = (np.arange(s.classes) == kind).astype(float)
    return made | {"dloss_mean": np.ones(1)}


def others(s: BatchSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(
        x_first: np.ndarray, w: np.ndarray, b: np.ndarray, x_second: np.ndarray, dloss_mean: np.ndarray
    ) -> checking.Loss:
        scores = [w @ x.ravel() + b for x in (x_first, x_second)]
        pairs = zip(scores, (s.first, s.second), strict=True)
        loss = -sum(log_softmax(each)[right] for each, right in pairs) / 2
        return dloss_mean * loss, NO_KINKS, dloss_mean * sum(each.sum() for each in scores)

    return checking.arguments(loss_of, 2 * named["w"].cells + 20 * s.classes, checking.CURVED)


def torch(s: BatchSettings) -> str:
    return f"""
    w.requires_grad_()
    b.requires_grad_()
    batch = torch.stack([x_first, x_second]).flatten(1)  # an axis more: both at once
    target = torch.tensor([{s.first}, {s.second}])
    scores = F.linear(batch, w, b)
    loss_mean = F.cross_entropy(scores, target).reshape(1)  # of both
    loss_mean.backward()
    dw, db = w.grad, b.grad
    scores_first, scores_second = scores
    p_first, p_second = F.softmax(scores, 1)
    with torch.no_grad():  # one step of gradient descent
        w -= {s.learning_rate} * dw
        b -= {s.learning_rate} * db
    """


def mean(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Midway between two arrays, cell by cell."""
    midway: np.ndarray = (first + second) / 2
    return midway


def of_one(digit: str) -> dict[str, Part]:
    """What belongs to one of the two digits."""
    x, t, flat, scores, p, log_p, loss, dscores, dw, db = (
        f"{name}_{digit}" for name in ("x", "t", "flat", "scores", "p", "log_p", "loss", "dscores", "dw", "db")
    )
    return {
        flat: Part(flattened, x),
        scores: Part(LINEAR["z"].function, "w", flat, "b"),
        p: Part(SOFTMAX["p"].function, scores),
        log_p: Part(SOFTMAX["log_p"].function, scores, size=SOFTMAX["log_p"].size),
        loss: Part(SOFTMAX["y"].function, t, log_p),
        dscores: Part(SOFTMAX["dz"].function, p, t, size=SOFTMAX["dz"].size),
        dw: Part(LINEAR["dw"].function, dscores, flat),
        db: Part(LINEAR["db"].function, dscores),
    }


WHOLE = {
    **of_one("first"),
    **of_one("second"),
    "loss_mean": Part(mean, "loss_first", "loss_second"),
    "dw": Part(mean, "dw_first", "dw_second"),
    "db": Part(mean, "db_first", "db_second"),
    "w": Part(updated, "w", "dw"),
    "b": Part(updated, "b", "db"),
}

layer = Layer(
    name="batch",
    title="A batch of two digits",
    group="Ideas",
    settings=BatchSettings,
    axes={
        "x_first": ("in_height", "in_width"),
        "x_second": ("in_height", "in_width"),
        "w": ("classes", None),
        "b": ("classes",),
    },
    arrays=arrays,
    algorithms=algorithms,
    given=given,
    others=others,
    torch=torch,
    whole=WHOLE,
)
