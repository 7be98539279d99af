"""Softmax and cross-entropy: scores become probabilities, and the loss says how little the right one was expected.

It is the last layer of most networks that classify, and the place where every dy comes from. The surprise is how simple
the way back is: two chapters of exponentials and logarithms have the gradient p − t.

z scores (K,) · p probabilities (K,) · t the right class, one-hot (K,) · y the loss (1,) · dz ∂L/∂z (K,)
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from core.layers import gradient_check as checking
from core.layers.gradient_check import NO_KINKS, nudge, verdict
from core.layers.walk import walk_of
from core.layers.whole_softmax import SOFTMAX
from core.offer import limits
from core.offer.layer import Example, Layer, Named
from core.offer.settings import SettingError, Settings, Whole, knob
from core.recording.recorder import algorithm
from core.recording.trace import Arrays
from core.text.plot import Contest, Curve


@algorithm(formula=r"@{largest} = \max_{k} @{z}_k", plot=Contest(of="z", to="largest"))
def find_largest(z, largest):
    """The largest score is found first. It will be subtracted from all of them, so that no power of e is too large.

    e⁷¹⁰ is beyond the largest float. A score of a network can well be above 710, and infinity divided by infinity is no
    number.

    Look: One cell of `z` goes to `largest`.

    Question: In which class does the network believe here? Does the loss have to know it?

    Answer: In that with the largest score, and the loss does not care: it asks for the probability of the right class.
    """
    k = int(np.argmax(z[:]))
    yield "find the largest score; of equal ones the first counts"
    largest[0] = z[k]
    yield "this one will be subtracted from all scores"


@algorithm(find_largest, formula=r"@{shifted}_k = @{z}_k - @{largest}")
def shift(z, largest, shifted):
    """All scores are shifted so that the largest is 0. The probabilities stay the same: only differences of scores
    count.

    With e^(z − m) = e^z / e^m the same factor stands above and below the fraction line, and cancels. PyTorch,
    TensorFlow and JAX do the same.

    Look: No cell of `shifted` is above 0, and the largest is exactly 0.

    Question: Add 100 to every score. Which numbers of this walk change?

    Answer: Only `z` and `largest`: from `shifted` on all is the same.
    """
    K = z.shape[0]
    for k in range(K):
        shifted[k] = z[k] - largest[0]
        yield "subtract the largest score"


@algorithm(shift, formula=r"@{powers}_k = e^{@{shifted}_k}", plot=Curve(of="shifted", to="powers"))
def exponentiate(shifted, powers):
    """e to the power of each shifted score: always above 0, and the larger the score the more so.

    A score that is larger by 1 gives a number e = 2.718… times as large. The largest gives 1, all others less.

    Look: Every cell of `powers` lies between 0 and 1. What is drawn of it is rounded; the sums are made with all
    digits.

    Question: A score lies 800 below the largest. What is its cell of `powers`?

    Answer: 0, by rounding: e⁻⁸⁰⁰ is smaller than the smallest float. Its probability is 0 then, and still the loss will
    not be infinite.
    """
    K = shifted.shape[0]
    for k in range(K):
        powers[k] = np.exp(shifted[k])
        yield "take e to the power of one score"


@algorithm(
    exponentiate,
    formula=r"""
    @{total} = \sum_{k} @{powers}_k
    @{p}_k = @{powers}_k \,/\, @{total}
    """,
)
def normalize(powers, total, p):
    """Divided by their sum, the numbers become probabilities: none is negative, and together they are 1.

    All of this, from scores to probabilities, is called softmax: a soft form of picking the largest.

    Look: `total` grows to the sum of all cells of `powers`; then every cell is divided by it.

    Question: Do the cells of `p` add up to exactly 1?

    Answer: But for rounding: each quotient is rounded to the nearest float, and so is their sum.
    """
    K = powers.shape[0]
    total[0] = 0
    yield "begin with zero"
    for k in range(K):
        total[0] += powers[k]
        yield "add one number to the sum"
    for k in range(K):
        p[k] = powers[k] / total[0]
        yield "divide by the sum: the probability of one class"


@algorithm(normalize, formula=r"@{log_p}_k = @{shifted}_k - \ln @{total} \qquad \left(= \ln p_k\right)")
def log_softmax(shifted, total, log_p):
    """For the loss the logarithm of each probability is needed. It is taken from the shifted score, not from p.

    ln(e^z / total) = z − ln(total). That is the same number, but a probability that was rounded to 0 has no logarithm,
    and its score still has. PyTorch's cross_entropy does it the same way, which is why it wants scores.

    Look: The smaller a probability is, the further below 0 its cell of `log_p` lies.

    Question: What is ln p for a probability of 1, of 1/2, and of almost 0?

    Answer: 0, about −0.69, and as far below 0 as you like.
    """
    K = shifted.shape[0]
    for k in range(K):
        log_p[k] = shifted[k] - np.log(total[0])
        yield "subtract the logarithm of the sum"


@algorithm(log_softmax, formula=r"@{y} = L = -\sum_{k} @{t}_k \cdot @{log_p}_k")
def cross_entropy(t, log_p, y):
    """The loss is −ln p of the right class: 0 if the network was sure of it, and the larger the less it expected it.

    It is called cross-entropy. `t` is 1 for the right class and 0 for all others, so only one summand is left of the
    sum. This number is what training makes smaller; all gradients are those of this number.

    Look: Every class but one adds 0 to `y`.

    Question: What is the loss of a network that knows nothing, and gives each of 10 classes the same probability?

    Answer: −ln(1/10), about 2.3: a loss that training must come below.
    """
    K = t.shape[0]
    y[0] = 0
    yield "begin with zero"
    for k in range(K):
        y[0] -= t[k] * log_p[k]
        yield "subtract t · ln p: it counts for the right class only"


@algorithm(normalize, formula=r"@{dz}_k = @{p}_k - @{t}_k")
def backward(p, t, dz):
    """The gradient for the scores is p − t: how much too high each probability is.

    So this is where the dy of a network comes from: its answer less the right answer. The scores of wrong classes are
    pushed down by what they were given, that of the right class is pulled up by what it lacks.

    The slopes of the exponential and of the logarithm cancel: L = ln(Σ e^z) − z of the right class, and the slope of
    the first part is p.

    Look: Only one cell of `dz` is negative, that of the right class.

    Question: What do all cells of `dz` add up to, and why?

    Answer: To 0, but for rounding, for p and t both add up to 1. If all scores grow alike, the loss does not change.
    """
    K = p.shape[0]
    for k in range(K):
        dz[k] = p[k] - t[k]
        yield "the probability less 1 if the class is right, else less 0"


@algorithm(cross_entropy, backward, formula=checking.compared("z"))
def gradient_check(z_nudged, dy, loss, numeric_dz, dz, difference_dz, kinks_dz, found, *, epsilon, most, loss_of):
    """Is p − t right? Nudge each score, run all chapters forward, and see how the loss really changes.

    The loss itself is the output here, so its gradient `dy` is 1: every way back begins with ∂L/∂L = 1.

    Look: One score is nudged at a time; the slope of the loss should be its cell of `dz`.

    Question: Why do the two gradients differ in the last digits here, and not in a convolution?

    Answer: A convolution is linear in each of its numbers, and a straight line has its slope everywhere. The loss bends
    with a score: between +ε and −ε there is no one slope.
    """
    judged = yield from nudge(
        z_nudged, loss, numeric_dz, dz, difference_dz, kinks_dz, dy, epsilon=epsilon, most=most, loss_of=loss_of
    )
    yield from verdict(numeric_dz, dz, difference_dz, kinks_dz, found, judged=judged)


algorithms = walk_of(
    __name__,
    """Scores become probabilities, these a loss, and the way back begins: p − t.

    It is what stands at the end of a network that classifies.
    """,
    find_largest, shift, exponentiate, normalize, log_softmax, cross_entropy, backward, gradient_check,
)  # fmt: skip


@dataclass(frozen=True)
class SoftmaxSettings(Settings):
    """How many classes there are, and which is right; PyTorch calls the second the target."""

    classes: int = knob(4, Whole(1, limits.FEATURES), "Classes", "Sizes")
    target: int = knob(0, Whole(0, limits.FEATURES - 1), "Right class", "Sizes")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed (0: the example)", "Numbers")


CLASSES = ("class",)


def of_scores(classes: int) -> dict[str, Named]:
    """What is made of so many scores on the way to the loss, and the right class."""
    one, each = (1,), (classes,)
    return {
        "largest": Named(one, "value", "largest score"),
        "shifted": Named(each, "value", "scores, the largest at 0", CLASSES),
        "powers": Named(each, "value", "e to the power of each", CLASSES),
        "total": Named(one, "value", "their sum"),
        "p": Named(each, "value", "probabilities", CLASSES),
        "log_p": Named(each, "value", "ln p", CLASSES),
        "t": Named(each, "input", "right class, one-hot", CLASSES),
    }


def check_class(setting: str, number: int, classes: int) -> None:
    """A setting that names a class names one that there is."""
    if number >= classes:
        template = "{setting} must be below the number of classes, {classes}: they are counted from 0"
        raise SettingError(setting, template, classes=classes)


def arrays(s: SoftmaxSettings) -> dict[str, Named]:
    check_class("target", s.target, s.classes)
    one, each = (1,), (s.classes,)
    named = {
        "z": Named(each, "input", "scores", CLASSES),
        **of_scores(s.classes),
        "y": Named(one, "value", "loss L"),
        "dz": Named(each, "gradient", "∂L/∂z = p − t", CLASSES),
        "dy": Named(one, "gradient", "∂L/∂L"),
    }
    return named | checking.arrays({"z": named["z"]})


# The network believes in another class than the right one.
EXAMPLE: Example = {"z": [2, 0, 3, 1]}


def given(s: SoftmaxSettings, made: Arrays, _: Collection[str]) -> Arrays:
    """What is right follows from the target, and the gradient of the loss for itself is 1."""
    return made | {"t": (np.arange(s.classes) == s.target).astype(float), "dy": np.ones(1)}


def others(s: SoftmaxSettings, named: dict[str, Named]) -> dict[str, object]:
    def loss_of(z: np.ndarray, dy: np.ndarray) -> checking.Loss:
        shifted = z - z.max()
        y = np.log(np.exp(shifted).sum()) - shifted[s.target]
        return dy * y, NO_KINKS, dy * z.sum()

    return checking.arguments(loss_of, 10 * named["z"].cells, checking.CURVED)


def torch(s: SoftmaxSettings) -> str:
    return f"""
    z.requires_grad_()
    p = F.softmax(z, 0)
    log_p = F.log_softmax(z, 0)
    y = F.cross_entropy(z, torch.tensor({s.target})).reshape(1)  # it takes the scores: softmax is part of it
    y.backward()
    dz = z.grad
    """


layer = Layer(
    name="softmax_cross_entropy",
    title="Softmax and cross-entropy",
    group="Layers",
    settings=SoftmaxSettings,
    axes={"z": ("classes",)},
    arrays=arrays,
    algorithms=algorithms,
    example=EXAMPLE,
    given=given,
    others=others,
    torch=torch,
    whole=SOFTMAX,
)
