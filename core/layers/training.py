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
from core.offer.preset import Preset
from core.offer.settings import Choice, Flag, Real, SettingError, Settings, Whole, knob
from core.pictures.digits import of_kind
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
    @{loss}_{@[epoch],n} = \frac{1}{B} \sum_{k \in \text{batch}} L_k
    @{dw} = \frac{1}{B} \sum_k \frac{\partial L_k}{\partial @{w}}
    v \leftarrow \mu v + @{dw}, \qquad @{w} \leftarrow @{w} - \eta v
    @[answer] = \text{argmax}_k @{scores}_k
    """,
    plot=Progress(loss="loss", accuracy="accuracy", gradients=("dw", "dw_linear")),
    quiet=("b", "w_linear", "b_linear", "loss", "accuracy", "dw", "dw_linear", "db", "db_linear"),
)
def learn(
    x, w, y, scores, b, w_linear, b_linear, loss, accuracy, dw, dw_linear, db, db_linear,
    *, taught, kinds, kept, kept_kinds, batch_size, learning_rate, momentum, shuffle, bias, seed,
):  # fmt: skip
    """Batch after batch: the mean loss of a few digits, its gradients, and a step of all weights against them.

    The walk through a network shows one digit, its loss and its gradients. Here a batch of digits is shown at once. The
    gradient of their mean loss is the mean of their gradients, so each step is a compromise between them. When every
    digit has been shown once, an epoch is over. Then the network is tried on digits that are kept apart, from which it
    never learns.

    With momentum μ a step also goes on in the direction of the steps before it: v is the gradient and what is left of
    the last v. Nothing is learned from the digit `x` either: it only shows what the network would say by now. If you
    draw one of your own, the setting “Digit to look at” has to say which digit it is: where you walk one step, that is
    the right class.

    Look: The filters in `w` begin as noise. Some epochs later they have become detectors of edges and strokes: `y`
    shows where they find these in `x`, and the largest of the `scores` is what the network takes the digit for.

    Question: From one step to the next the `loss` often goes up. Why, if every step goes downhill?

    Answer: Each step is computed from the digits of its own batch, and the next batch has others. A step goes downhill
    for its own batch, and may go uphill for the next one. From epoch to epoch the losses fall.
    """
    EPOCHS, BATCHES = loss.shape
    patches, others = patches_of(taught), patches_of(kept)
    rate_b = learning_rate if bias else 0
    v, v_b = np.zeros(w.shape), np.zeros(b.shape)
    u, u_b = np.zeros(w_linear.shape), np.zeros(b_linear.shape)
    for epoch in range(EPOCHS):
        order = np.arange(len(kinds))
        if shuffle:
            order = shuffled(len(kinds), epoch, seed)
        for n in range(BATCHES):
            batch = order[n * batch_size :][:batch_size]
            shown = patches[batch], kinds[batch]
            now = w[:], b[:], w_linear[:], b_linear[:]
            mean, *slopes = gradients(*shown, *now)
            loss[epoch, n] = mean
            dw[:], db[:], dw_linear[:], db_linear[:] = slopes
            yield "a batch of digits: the mean loss, and its gradients"
            v = momentum * v + dw[:]
            w[:] -= learning_rate * v
            u = momentum * u + dw_linear[:]
            w_linear[:] -= learning_rate * u
            v_b = momentum * v_b + db[:]
            b[:] -= rate_b * v_b
            u_b = momentum * u_b + db_linear[:]
            b_linear[:] -= rate_b * u_b
            yield "all weights take a step against their gradients"
            now = w[:], b[:], w_linear[:], b_linear[:]
            _, flat, found = answers(patches_of(x[:]), *now)
            y[:] = flat.reshape(y.shape)
            scores[:] = found[0]
            answer = scores[:].argmax()
            yield "what does it take the digit for now?"
        now = w[:], b[:], w_linear[:], b_linear[:]
        _, _, found = answers(others, *now)
        share = (found.argmax(1) == kept_kinds).mean()
        accuracy[epoch] = share
        yield "the epoch is over: test it on digits kept apart"


@algorithm(
    learn,
    formula=r"""
    @[answer] = \text{argmax}_k @{unseen_scores}_k \quad \text{for } @{unseen}_{@[digit],r,c}
    @{confusion}_{@[kind],@[answer]} \leftarrow @{confusion}_{@[kind],@[answer]} + 1
    """,
    plot=Confusion(counts="confusion"),
    quiet=("w", "b", "w_linear", "b_linear"),
)
def test(unseen, unseen_scores, confusion, w, b, w_linear, b_linear, *, kept_kinds):
    """What has it learned? It reads the digits that were kept apart, one by one, and its answers are counted.

    It was never shown any of these. A network that has only learned its own digits by heart would know those, and fail
    here.

    Look: A row of `confusion` is what a digit is, a column what it was taken for. What is read rightly is counted on
    the diagonal.

    Question: Which digits are taken for others? Do they look alike to you, too?

    Answer: Each count beside the diagonal is a mistake. In the example two of the 1s are taken for an 8. Go to the step
    that counts a mistake: there the digit is framed in `unseen`, and `unseen_scores` shows how close the decision was.
    """
    COUNT = unseen.shape[0]
    for digit in range(COUNT):
        now = w[:], b[:], w_linear[:], b_linear[:]
        picture = unseen[digit : digit + 1]
        _, _, found = answers(patches_of(picture), *now)
        unseen_scores[:] = found[0]
        kind = kept_kinds[digit]
        answer = unseen_scores[:].argmax()
        confusion[kind, answer] += 1
        if answer == kind:
            yield "the digit is read rightly: count it on the diagonal"
        else:
            yield "the digit is taken for another: count it beside the diagonal"


@algorithm(
    learn,
    formula=r"@{loss_around}_{i,j} = L \quad \text{with } w_1 = @{values}_{0,i}, w_2 = @{values}_{1,j}",
    plot=Landscape(loss="loss_around", values="values", weights="w", start="w_start", pair="pair"),
    quiet=("b", "w_linear", "b_linear"),
)
def look_around(w_start, w, pair, values, loss_around, b, w_linear, b_linear, *, taught, kinds):
    """Where has training led? The loss with other values of two weights, the two in the filters that moved farthest.

    All other weights stay as they are at the end. The mean loss is that of every fourth of the digits that were
    learned.

    Look: Compare `w` with `w_start`: the two weights that differ most get the `values` between, and around, what they
    were and what they are.

    Question: The two weights need not stand at the lowest number in `loss_around`. Has training gone wrong?

    Answer: No. The loss depends on hundreds of weights, and this is a cut along two of them, through the place where
    all the others stand now. Each step went downhill for all weights together, and for the digits of one batch.
    """
    _, SIZE = values.shape
    few = patches_of(taught[::4]), kinds[::4]
    moved = np.abs(w[:] - w_start[:]).ravel()
    farthest = np.argsort(-moved, kind="stable")[:2]
    pair[:] = farthest
    for axis, place in ((0, farthest[0]), (1, farthest[1])):
        ends = w_start[:].flat[place], w[:].flat[place]
        low, high = min(ends), max(ends)
        margin = moved.max()
        low, high = low - margin, high + margin
        values[axis, :] = np.linspace(low, high, num=SIZE)
    yield "choose the two weights that moved farthest, and values around them"
    for i, j in np.ndindex(SIZE, SIZE):
        other = w[:].copy()
        other.flat[farthest[0]] = values[0, i]
        other.flat[farthest[1]] = values[1, j]
        rest = b[:], w_linear[:], b_linear[:]
        loss_around[i, j] = mean_loss(*few, other, *rest)
        yield "the mean loss with these two values"


algorithms = walk_of(
    __name__,
    """A network learns to read handwritten digits, by hundreds of steps of gradient descent.

    One such step, number by number, is the walk through a network. Here each is a few lines, and what can be watched is
    what becomes of the weights.
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
    picture, maps = ("digit", "row", "column"), ("filter", "row", "column")
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
        "accuracy": Named((s.epochs,), "value", "share read rightly after each epoch", ("epoch",)),
        "w_start": weights["w"]._replace(label="filters at the start"),
        "pair": Named((2,), "count", "which two weights", ("weight",)),
        "values": Named((2, AROUND), "value", "values for the two weights", ("weight", "value")),
        "loss_around": Named((AROUND, AROUND), "value", "mean loss with these values", ("row", "column")),
        "unseen": Named((held, SIDE, SIDE), "input", "digits kept apart", picture),
        "unseen_scores": Named((CLASSES,), "value", "scores of the digit that is read", ("class",)),
        "confusion": Named((CLASSES, CLASSES), "count", "what is taken for what", ("digit", "answer")),
    }


@cache
def lesson() -> dict[str, np.ndarray]:
    """The digits to learn from and those kept apart, kind by kind, from 0 to 1; and the kind of each."""
    found = {}
    for name, first, stop in (("taught", 0, TAUGHT), ("kept", TAUGHT, TAUGHT + UNSEEN)):
        found[name] = np.concatenate([of_kind(kind)[first:stop] for kind in range(CLASSES)]) / INK
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
    counts = np.zeros((CLASSES, CLASSES))
    return made | {"unseen": kept.copy(), "w_start": made["w"].copy(), "confusion": counts}


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
        label="Walk one step with these weights, towards the class {digit}",
        at_step=True,
    ),
)  # fmt: skip


# What an answer says of numbers is true of these settings with the seed 0: tests/test_presets.py holds it.
PRESETS = (
    Preset(
        {"learning_rate": 1},
        "A rate that is too large",
        "In the end the loss is higher than it was at first. Why, if each step goes downhill?",
        "The gradient only tells which way is down from here, not how far. Steps of this length leap over the "
        "valley and land higher. Soon one leaves all filters where ReLU lets nothing pass: `y` and `dw` are 0 from "
        "then on, and every digit gets the same answer.",
    ),
    Preset(
        {"initial_bias": -2},
        "Dead ReLUs: biases begin at −2",
        "The filters in `w` never change. What keeps them from learning?",
        "With such a bias no patch of any digit brings a filter above 0, so ReLU makes everything 0: `y` is 0, and "
        "the way back is shut in the same places, so `dw` and `db` are 0 in every step. Only `b_linear` learns, and"
        " it cannot tell one digit from another.",
    ),
    Preset(
        {"shuffle": False},
        "No shuffling",
        "The digits come sorted: a batch holds one kind, or two. Why does that slow learning down?",
        "Each step serves only the kinds in its batch, and the next batch pulls the weights elsewhere. After ten "
        "epochs a quarter of the digits kept apart is read rightly; with shuffling it is nearly three quarters.",
    ),
    Preset(
        {"bias": False},
        "Biases that stay 0",
        "No bias ever learns. How much worse is the network for it?",
        "Hardly at all: in the end as many digits are read rightly, and the loss is nearly the same. Here the "
        "weights can do without. Set the bias at the start to −2 as well, and nothing can ever lift it again.",
    ),
    Preset(
        {"initial_weights": "equal"},
        "All weights equal",
        "All filters begin equal, and they remain so. Why does none of them go its own way?",
        "Equal filters find the same in every digit, are weighed equally, and so get equal gradients: they take the"
        " same steps, and all of them do the work of one. That is why weights begin as random numbers.",
    ),
    Preset(
        {"momentum": 0.9},
        "Momentum 0.9",
        "The loss falls much sooner than without momentum. Where does the speed come from?",
        "Where the gradients of many batches point the same way, v adds them up: a step becomes up to 1 / (1 − 0.9)"
        " = 10 times as long. After five epochs the loss is 0.15, and without momentum still 1.19. Where the "
        "gradients contradict each other, they cancel.",
    ),
)

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
    presets=PRESETS,
    paces={"cell": "every step of training", "map": "every epoch"},
)
