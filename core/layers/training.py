"""A small network learns to read handwritten digits: hundreds of steps of stochastic gradient descent.

One such step, number by number, is the walk of `core.layers.network`. Here a step is a few lines of whole-array NumPy,
and what is recorded are weights, gradients and losses as whole arrays. The surprise is how little there is to it: the
gradients of a batch and a step against them, again and again.

x digit (1, 8, 8) · w filters (F, 1, 3, 3) · y pooled maps (F, 4, 4) · w_linear (10, F·4·4) · scores (10,)
loss of each step (EPOCHS, BATCHES) · accuracy after each epoch (EPOCHS,)
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from math import prod

import numpy as np

from core.layers.walk import walk_of
from core.layers.whole_network import answers, gradients, mean_loss, patches_of
from core.offer import limits
from core.offer.layer import Layer, Named, Opened
from core.offer.settings import Choice, Flag, Real, SettingError, Settings, Whole, knob
from core.pictures.digits import digits
from core.recording.recorder import algorithm
from core.recording.trace import Arrays
from core.text.plot import Confusion, Landscape, Progress

CLASSES, SIDE, INK = 10, 8, 16
TAUGHT, UNSEEN = 24, 6  # of each digit
AROUND = 11  # values of each of two weights


def shuffled(count: int, epoch: int, seed: int) -> np.ndarray:
    """All of them once, in an order of its own for each epoch; RandomState's numbers are frozen in every NumPy."""
    return np.random.RandomState(1000 * seed + epoch).permutation(count)


@algorithm(
    formula=r"""
    @{loss} = L = \frac{1}{B} \sum_{k \in \text{batch}} L_k, \qquad @{dw} = \frac{\partial L}{\partial @{w}} =
      \frac{1}{B} \sum_k \frac{\partial L_k}{\partial @{w}}
    v \leftarrow \mu v + @{dw}, \qquad @{w} \leftarrow @{w} - \eta v
    """,
    plot=Progress(loss="loss", accuracy="accuracy", gradients=("dw", "dw_linear")),
)
def learn(
    x, w, b, y, w_linear, b_linear, scores, dw, db, dw_linear, db_linear, loss, accuracy,
    *, taught, kinds, kept, kept_kinds, batch_size, learning_rate, momentum, shuffle, bias, seed,
):  # fmt: skip
    """Batch after batch: the mean loss of a few digits, its gradients, and one step of all weights against them.

    Each digit has a loss and gradients of its own, as the walk through a network shows them. Those of the mean loss are
    the means of all: so a step is a compromise between the digits of its batch. An epoch is over when every digit was
    shown once; then digits are read that are kept apart, and never learned from.

    With momentum μ a step goes on in the direction of the steps before: v is what remains of them, and the gradient.

    Look: The filters in `w` begin as noise. After some epochs they answer to edges and strokes, and `y` shows where
    they find these in the digit `x`.

    Question: `loss` goes up again and again, from one step to the next. Why, if every step goes downhill?

    Answer: Each step has another batch, and so another loss: it goes downhill for its own digits alone.
    """
    EPOCHS, BATCHES = loss.shape
    patches, others = patches_of(taught), patches_of(kept)
    v_w, v_b = np.zeros(w.shape), np.zeros(b.shape)
    v_w_linear, v_b_linear = np.zeros(w_linear.shape), np.zeros(b_linear.shape)
    for epoch in range(EPOCHS):
        order = shuffled(len(kinds), epoch, seed) if shuffle else np.arange(len(kinds))
        for n in range(BATCHES):
            batch = order[n * batch_size : n * batch_size + batch_size]
            loss[epoch, n], dw[:], db[:], dw_linear[:], db_linear[:] = gradients(
                patches[batch], kinds[batch], w[:], b[:], w_linear[:], b_linear[:]
            )
            yield "show the next batch of digits: their mean loss, and its gradients"
            v_w, v_w_linear = momentum * v_w + dw[:], momentum * v_w_linear + dw_linear[:]
            w[:] -= learning_rate * v_w
            w_linear[:] -= learning_rate * v_w_linear
            if bias:
                v_b, v_b_linear = momentum * v_b + db[:], momentum * v_b_linear + db_linear[:]
                b[:] -= learning_rate * v_b
                b_linear[:] -= learning_rate * v_b_linear
            yield "all weights take a step against their gradients"
            _, flat, found = answers(patches_of(x[:]), w[:], b[:], w_linear[:], b_linear[:])
            y[:], scores[:] = flat.reshape(y.shape), found[0]
            yield "see what the network makes of the digit now"
        _, _, found = answers(others, w[:], b[:], w_linear[:], b_linear[:])
        accuracy[epoch] = (found.argmax(1) == kept_kinds).mean()
        yield "the epoch is over: how many of the digits kept apart are read rightly?"


@algorithm(
    learn,
    formula=r"@{confusion}_{k,\,\text{answer}} \leftarrow @{confusion}_{k,\,\text{answer}} + 1",
    plot=Confusion(counts="confusion"),
)
def test(unseen, w, b, w_linear, b_linear, unseen_scores, confusion, *, kept_kinds):
    """What has it learned? The digits that were kept apart are read, one by one, and counted by what they are taken
    for.

    It was never shown any of them. A network that has learned its digits by heart would read those, and fail here.

    Look: In `confusion` a row is what a digit is, a column what it is taken for. What is read rightly is counted on
    the diagonal.

    Question: Which digits are taken for which, and do they look alike to you too?

    Answer: Each count beside the diagonal is a mistake: find its digit in `unseen`, at the step that counts it.
    """
    COUNT = unseen.shape[0]
    confusion[:] = 0
    for i in range(COUNT):
        _, _, found = answers(patches_of(unseen[i : i + 1]), w[:], b[:], w_linear[:], b_linear[:])
        unseen_scores[:] = found[0]
        kind, answer = kept_kinds[i], found[0].argmax()
        confusion[kind, answer] += 1
        if answer == kind:
            yield "the digit is read rightly: count it on the diagonal"
        else:
            yield "the digit is taken for another: count it beside the diagonal"


@algorithm(
    learn,
    formula=r"@{loss_around}_{i,j} = L \text{ with } w_1 = @{values}_{0,i} \text{ and } w_2 = @{values}_{1,j}",
    plot=Landscape(loss="loss_around", values="values", weights="w", start="w_start", pair="pair"),
)
def look_around(w_start, w, b, w_linear, b_linear, pair, values, loss_around, *, taught, kinds):
    """Where has it come down? The loss for other values of two weights, those that have moved the farthest.

    All other weights stay as they are at the end. Every fourth of the digits that were learned is read for it.

    Look: Compare `w_start` and `w`: the two weights are taken between and around what they were and what they are.

    Question: The path of the two weights does not end at the lowest loss that is seen here. What is wrong?

    Answer: Nothing. The loss depends on hundreds of weights; this is one cut through it, as it is at the end.
    """
    _, SIZE = values.shape
    patches, right = patches_of(taught[::4]), kinds[::4]
    moved = np.abs(w[:] - w_start[:]).ravel()
    first, second = np.argsort(-moved, kind="stable")[:2]
    pair[:] = first, second
    for axis, flat in ((0, first), (1, second)):
        ends = w_start[:].ravel()[flat], w[:].ravel()[flat]
        values[axis, :] = np.linspace(min(ends) - moved[first], max(ends) + moved[first], SIZE)
    yield "choose the two weights that have moved the farthest, and values around them"
    for i, j in np.ndindex(SIZE, SIZE):
        other = w[:].flatten()
        other[first], other[second] = values[0, i], values[1, j]
        loss_around[i, j] = mean_loss(patches, right, other.reshape(w.shape), b[:], w_linear[:], b_linear[:])
        yield "with these two values: the mean loss"


algorithms = walk_of(
    __name__,
    """A network learns to read handwritten digits, one step of gradient descent after the other.

    What is one step there, is a walk of its own: this one goes through hundreds, and shows what becomes of the weights.
    """,
    learn, test, look_around,
)  # fmt: skip


@dataclass(frozen=True)
class TrainingSettings(Settings):
    """How it is trained; the names are those of torch.optim.SGD and of a DataLoader, where they have them."""

    FOREMOST = ("learning_rate", "batch_size", "momentum", "epochs")

    learning_rate: float = knob(0.1, Real(0, 10), "Learning rate", "Function")
    momentum: float = knob(0.0, Real(0, 1), "Momentum", "Function")
    batch_size: int = knob(16, Whole(1, 240), "Batch size", "Function")
    epochs: int = knob(36, Whole(1, 100), "Epochs", "Function")
    out_channels: int = knob(4, Whole(1, limits.CHANNELS), "Filters", "Sizes")
    shuffle: bool = knob(True, Flag(), "Shuffle", "Numbers")
    bias: bool = knob(True, Flag(), "Biases learn", "Numbers")
    initial_bias: float = knob(0.0, Real(-10, 10), "Bias at the start", "Numbers")
    initial_weights: str = knob("random", Choice(("random", "equal")), "Weights at the start", "Numbers")
    digit: int = knob(2, Whole(0, 9), "Digit to look at", "Numbers")
    seed: int = knob(0, Whole(0, limits.SEED), "Seed", "Numbers")


def arrays(s: TrainingSettings) -> dict[str, Named]:
    F, N = s.out_channels, s.out_channels * (SIDE // 2) ** 2
    count, held = CLASSES * TAUGHT, CLASSES * UNSEEN
    steps = (s.epochs, count // s.batch_size)
    products = 3 * prod(steps) * s.batch_size * (F * 9 * SIDE**2 + CLASSES * N)
    if products > limits.TRAINED_PRODUCTS:
        template = "this training would take {products} multiply-adds; at most {limit} are made: choose fewer epochs"
        raise SettingError("epochs", template, products=products, limit=limits.TRAINED_PRODUCTS)
    picture, maps = ("picture", "row", "column"), ("filter", "row", "column")
    weights = {
        "w": Named((F, 1, 3, 3), "parameter", "filters"),
        "b": Named((F,), "parameter", "bias of each filter", ("filter",)),
        "w_linear": Named((CLASSES, N), "parameter", "weight matrix", ("class", "input")),
        "b_linear": Named((CLASSES,), "parameter", "bias of each class", ("class",)),
    }
    return {
        "x": Named((1, SIDE, SIDE), "input", "the digit looked at"),
        **weights,
        "y": Named((F, SIDE // 2, SIDE // 2), "value", "pooled maps of the digit", maps),
        "scores": Named((CLASSES,), "value", "scores of the digit", ("class",)),
        **{f"d{name}": one._replace(role="gradient", label=f"∂L/∂{name}") for name, one in weights.items()},
        "loss": Named(steps, "value", "loss of each step", ("epoch", "step")),
        "accuracy": Named((s.epochs,), "value", "share read rightly", ("epoch",)),
        "w_start": weights["w"]._replace(label="filters at the start"),
        "pair": Named((2,), "count", "which two weights", ("weight",)),
        "values": Named((2, AROUND), "value", "values of the two weights", ("weight", "value")),
        "loss_around": Named((AROUND, AROUND), "value", "loss with other values", ("first", "second")),
        "unseen": Named((held, SIDE, SIDE), "input", "digits kept apart", picture),
        "unseen_scores": Named((CLASSES,), "value", "scores of the digit that is read", ("class",)),
        "confusion": Named((CLASSES, CLASSES), "count", "what is taken for what", ("is", "taken for")),
    }


@cache
def lesson() -> dict[str, np.ndarray]:
    """The digits to learn from and those kept apart, kind by kind, from 0 to 1; and the kind of each."""
    found = {}
    for name, first, stop in (("taught", 0, TAUGHT), ("kept", TAUGHT, TAUGHT + UNSEEN)):
        each = [[one.cells / INK for one in digits() if one.digit == kind][first:stop] for kind in range(CLASSES)]
        found[name] = np.concatenate(each)
        found["kinds" if name == "taught" else "kept_kinds"] = np.repeat(np.arange(CLASSES), stop - first)
    for array in found.values():
        array.flags.writeable = False
    return found


def given(s: TrainingSettings, made: Arrays, brought: Collection[str]) -> Arrays:
    drawn = np.random.RandomState(s.seed)
    for name, inputs in (("w", 9), ("w_linear", made["w_linear"].shape[1])):
        most = inputs**-0.5  # as PyTorch does
        numbers = drawn.uniform(-most, most, made[name].shape)
        if name not in brought:
            made[name] = numbers if s.initial_weights == "random" else np.full(made[name].shape, most / 2)
    for name in {"b", "b_linear"} - set(brought):
        made[name] = np.full(made[name].shape, s.initial_bias if name == "b" else 0.0)
    kept = lesson()["kept"]
    if "x" not in brought:
        made["x"] = kept[UNSEEN * s.digit + s.seed % UNSEEN][None].copy()
    return made | {"unseen": kept.copy(), "w_start": made["w"].copy()}


def others(s: TrainingSettings, named: dict[str, Named]) -> dict[str, object]:
    return dict(lesson())


def torch(s: TrainingSettings) -> str:
    batches = CLASSES * TAUGHT // s.batch_size
    learned = "w, b, w_linear, b_linear" if s.bias else "w, w_linear"
    order = f"np.random.RandomState({1000 * s.seed} + epoch).permutation(len(kinds))" if s.shuffle else ""
    return f"""
    import numpy as np  # for an order of the digits that is the same everywhere

    optimizer = torch.optim.SGD([{learned}], lr={s.learning_rate}, momentum={s.momentum})
    for group in optimizer.param_groups:
        for leaf in group["params"]:
            leaf.requires_grad_()


    def network(pictures):
        y = F.max_pool2d(F.relu(F.conv2d(pictures, w, b, padding=1)), 2)
        return y, F.linear(y.flatten(1), w_linear, b_linear)


    loss, accuracy = torch.zeros({s.epochs}, {batches}), torch.zeros({s.epochs})
    for epoch in range({s.epochs}):
        order = {order or "np.arange(len(kinds))"}
        for n in range({batches}):
            batch = order[n * {s.batch_size} : (n + 1) * {s.batch_size}]
            optimizer.zero_grad()
            mean = F.cross_entropy(network(taught[batch][:, None])[1], kinds[batch])
            mean.backward()
            optimizer.step()
            loss[epoch, n] = mean.detach()
        with torch.no_grad():
            answers = network(kept[:, None])[1].argmax(1)
            accuracy[epoch] = (answers == kept_kinds).double().mean()

    with torch.no_grad():
        maps, found = network(x[None])
        y, scores = maps[0], found[0]
    """


OPENS = (
    Opened(
        "network",
        (learn,),
        {name: name for name in ("x", "w", "b", "w_linear", "b_linear")},
        lambda s: {
            "padding": 1, "stride": 1, "pool_size": 2, "pool_stride": 2, "classes": CLASSES, "digit": s.digit,
            "learning_rate": s.learning_rate,
        },
        label="Walk one step with these weights",
        at_step=True,
    ),
)  # fmt: skip

layer = Layer(
    name="training",
    title="A network that learns",
    group="Ideas",
    settings=TrainingSettings,
    axes={
        "x": (None, None, None),
        "w": ("out_channels", None, None, None),
        "b": ("out_channels",),
        "w_linear": (None, None),
        "b_linear": (None,),
    },
    arrays=arrays,
    given=given,
    others=others,
    torch=torch,
    opens=OPENS,
    algorithms=algorithms,
)
