"""What the shape of a brought array looks like, beside what its layer expects: and the change that would make it fit.

    x of 28×28×1      the axes are C, H, W, and this looks like H, W, C: move them, 1×28×28
    w of 3×3×3×8      F, C, kH, kW, and this looks like TensorFlow's kH, kW, C, F: move them, 8×3×3×3
    x of 4×3×5×5      a batch of four: take its first example
    x of 784 in a row read it as 1×28×28
    w of 2 channels beside an x of 4: set groups to 2

The rule: a change is offered only where the layer, with its settings and its other arrays, is legal with it; where the
shape as it is does not fit, or where the change makes the maps square, or the channels those of the other arrays, and
the shape as it is does neither. Nothing is ever moved unasked: x of 3×3×3 just fits. Only shapes are looked at here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isqrt, prod
from typing import Any

from core.offer import limits
from core.offer.layer import Layer, settle, sized
from core.offer.settings import SettingError, Settings
from core.recording.trace import Arrays

Shape = tuple[int, ...]

NAMES = {  # letter and name of an axis, by the setting that it sets
    "in_channels": ("C", "channels"),
    "channels": ("C", "channels"),
    "out_channels": ("F", "filters"),
    "in_height": ("H", "height"),
    "height": ("H", "height"),
    "in_width": ("W", "width"),
    "width": ("W", "width"),
    "kernel_height": ("kH", "kernel height"),
    "kernel_width": ("kW", "kernel width"),
    "in_channels/groups": ("C/groups", "channels of a group"),
    "out_channels/groups": ("F/groups", "filters of a group"),
}
OUTPUT = (("H′", "output height"), ("W′", "output width"))  # sizes that follow

# Orders in which others write the same axes, each as the place that every axis is taken from.
ORDERS: dict[int, list[Shape]] = {
    3: [(2, 0, 1)],  # H, W, C: TensorFlow, JAX, pictures
    4: [
        (3, 2, 0, 1),  # kH, kW, C, F: TensorFlow, JAX
        (1, 0, 2, 3),  # C, F, kH, kW: PyTorch's transposed convolution, or the other way about
        (0, 3, 1, 2),  # F, kH, kW, C: TensorFlow Lite, MLX
        (2, 3, 0, 1),  # kH, kW, F, C: TensorFlow's transposed convolution
    ],
}
# What a shape looks like, and what the change is called: templates.
SENTENCES = {
    "order": (
        "the axes of {setting} are {wanted}; the shape {shape} looks like {looks}",
        "{looks} → {wanted}: {target}",
    ),
    "channels": (
        "channels come first in {setting}: {wanted}; the shape {shape} looks like {looks}",
        "{looks} → {wanted}: {target}",
    ),
    "batch": (
        "{setting} is a single example, {wanted}; the shape {shape} looks like a batch of {count}: {looks}",
        "take the first: {target}",
    ),
    "row": ("the axes of {setting} are {wanted}; the shape {shape} is a single row", "read as {target}"),
    "groups": (
        "{setting} of the shape {shape} has its share of {count} channels with {name} = {value}",
        "set {name} to {value}",
    ),
    "apart": (
        "{setting} of the shape {shape} can also be {maps} filters of a single channel, with {name} = {value}",
        "read as {target}, set {name} to {value}",
    ),
    "share": (  # TensorFlow's kernels of groups
        "the axes of {setting} are {wanted}; the shape {shape} looks like {looks}",
        "{looks} → {wanted}: {target}, {name} = {value}",
    ),
    "few": ("the axes of {setting} are {wanted}; the shape {shape} lacks the first", "read as {target}"),
    "large": ("the shape {shape} looks like {looks}; at most {limit} rows and columns are possible", ""),
}
FIRST_TURNED = "take the first, {looks} → {wanted}: {target}"
CHANNELS = ("in_channels", "channels")  # by which arrays meet: how many filters there are is a parameter's own affair
MOST = 3  # changes that are offered at once
FLAT_CHANNELS = (1, 3)  # of pictures that come as a row


@dataclass(frozen=True)
class Move:
    """A change that makes an array fit: the first numbers of it are read as a shape, whose axes are then moved.

    Or it is left as it is, and a setting is changed. The sentence is a template and its values, as an error's is.
    """

    shape: Shape  # what comes of it
    read: Shape
    axes: Shape  # the place that each axis is taken from
    label: str  # a template of the same values
    template: str
    values: dict[str, Any]
    settings: dict[str, int] = field(default_factory=dict)

    def refusal(self, name: str) -> SettingError:
        """What is said of an array where nothing can be moved: in a link."""
        return SettingError(name, self.template, **self.values)

    @property
    def is_turned(self) -> bool:
        """Whether the axes stand in another order."""
        return self.axes != tuple(range(len(self.axes)))


@dataclass(frozen=True)
class Layout:
    """What a layer expects of an array, and what it says of a shape: `error` is None where that fits."""

    axes: tuple[tuple[str, str], ...]  # letter and name of each
    error: SettingError | None
    moves: tuple[Move, ...]


def axes_of(layer: Layer, name: str) -> tuple[tuple[str, str], ...]:
    """Letter and name of each axis of an array that can be brought.

    >>> axes_of(LAYERS["conv2d"], "x")
    (('C', 'channels'), ('H', 'height'), ('W', 'width'))
    """
    axes = layer.axes[name]
    if axes[0] and axes[1:] == (None, None):
        fixed: Sequence[tuple[str, str]] = ("", ""), *OUTPUT
    else:  # sizes that no setting changes have no letters
        fixed = [(word, word) for word in layer.arrays(layer.settings())[name].axis_names]
    return tuple(
        fixed[at] if axis is None else NAMES.get(axis, (axis, axis.replace("_", " "))) for at, axis in enumerate(axes)
    )


def layout(
    layer: Layer, algorithm: str, given: Mapping[str, object], others: Mapping[str, Shape], name: str, shape: Shape
) -> Layout:
    """What is to be said of an array of that shape beside the settings and the shapes of the other arrays.

    >>> layout(LAYERS["conv2d"], "walk", {}, {}, "x", (28, 28, 1)).moves[0].shape
    (1, 28, 28)

    The sizes that the array would set may be given as they are now: they tell what is likely, and bind nothing.
    """
    return _Question(layer, algorithm, given, others, name).of(shape)


def settle_or_explain(
    layer: Layer, algorithm: str, given: Mapping[str, object], arrays: Arrays
) -> tuple[Settings, frozenset[str], Arrays]:
    """`settle`, whose error says what the shape of an array looks like, where that can be told."""
    try:
        return settle(layer, algorithm, given, arrays)
    except SettingError as refusal:
        error = refusal
    layer.settings.of(given)  # one that is out of its own range has the word, whatever the shapes
    shapes = {name: array.shape for name, array in arrays.items() if name in layer.axes}
    # What else is wrong, a dilation too large for the input, is no matter of shapes.
    is_of_shapes = error.setting in {*shapes, *layer.sized_by(shapes), *layer.settings.PAIRS}
    raise (_explained(layer, algorithm, given, shapes) if is_of_shapes else None) or error from None


def _explained(
    layer: Layer, algorithm: str, given: Mapping[str, object], shapes: Mapping[str, Shape]
) -> SettingError | None:
    """Of the first array that one change makes fit: beside all others or, where several are amiss, by itself."""
    beside_all = [(name, {other: size for other, size in shapes.items() if other != name}) for name in shapes]
    try:
        for name, others in (*beside_all, *((name, {}) for name in shapes if len(shapes) > 1)):
            asked = _Question(layer, algorithm, given, others, name, binding=True).of(shapes[name])
            moves = [move for move in asked.moves if move.template != SENTENCES["few"][0]]  # how many there are is said
            if asked.error and (moves or asked.error.template == SENTENCES["large"][0]):
                return moves[0].refusal(name) if moves else asked.error
    except SettingError:  # the settings by themselves make no sense, which has been said
        pass
    return None


class _Question:
    """A layer with its settings and the other arrays, to which arrays of some shapes are held."""

    def __init__(
        self,
        layer: Layer,
        algorithm: str,
        given: Mapping[str, object],
        others: Mapping[str, Shape],
        name: str,
        *,
        binding: bool = False,  # whether sizes that are given beside the array bind it
    ) -> None:
        self.layer, self.algorithm, self.others, self.name = layer, algorithm, others, name
        self.axes = layer.axes[name]
        self.letters = [letter for letter, _ in axes_of(layer, name)]
        free = layer.sized_by(others)
        present = {size: value for size, value in layer.settings.expand(given).items() if size not in free}
        bound = present if binding else {k: v for k, v in present.items() if k not in layer.sized_by([name])}
        self.given = given if binding else bound
        fixing = {other: size for other, size in others.items() if None not in layer.axes[other]}
        try:  # the array as it would be without this one
            settings, named = sized(layer, algorithm, present, fixing)
            self.now: Shape | None = named[name].shape
            self.settings: Settings | None = settings
        except SettingError:
            self.now = self.settings = None

    def of(self, shape: Shape) -> Layout:
        error = self._error(shape)
        likely = [move for move in (*self._orders(shape), *self._rows(shape, error)) if self._is_likely(move)]
        likely = [one for move in likely for one in (move, *(self._turned_shares(move) if move.is_turned else ()))]
        fitting = [move for move in likely if not self._error(move.shape, move.settings)]
        # With its groups it has the channels that there are.
        found = [(self._likeness(move.shape) + len(move.settings), move) for move in fitting]
        # What fits as it is must be less like the other arrays than what comes of a change.
        least = 0 if error else self._likeness(shape) + 1
        best = max((likeness for likeness, _ in found), default=0)
        moves = [move for likeness, move in found if likeness == best >= least]
        still = [move for move in moves if not move.is_turned]
        if error and not moves and (large := next(filter(self._is_too_large, likely), None)):
            error = SettingError(self.name, SENTENCES["large"][0], **large.values, limit=limits.SIDE)
        return Layout(
            axes_of(self.layer, self.name), error, (*self._shares(shape), *self._apart(shape), *(still or moves)[:MOST])
        )

    def _error(self, shape: Shape, more: Mapping[str, object] | None = None) -> SettingError | None:
        try:
            sized(self.layer, self.algorithm, {**self.given, **(more or {})}, {**self.others, self.name: shape})
        except SettingError as error:
            return error
        return None

    def _orders(self, shape: Shape) -> Iterator[Move]:
        """The axes in another order, of the array or of the first of a batch."""
        count, wanted = len(shape), len(self.axes)
        is_batch = count == wanted + 1 and (shape[0] == 1 or (shape[0] > 1 and wanted in (2, 3)))
        if is_batch:
            yield self._move("batch", shape, shape[1:], tuple(range(wanted)))
        if is_batch or count == wanted:
            for order in ORDERS.get(wanted, ()):
                yield self._move("order" if count == wanted else "batch", shape, shape[count - wanted :], order)

    def _rows(self, shape: Shape, error: SettingError | None) -> Iterator[Move]:
        """A single row of numbers, read as maps."""
        numbers, wanted = prod(shape), len(self.axes)
        if error and 2 <= len(shape) < wanted:
            target = (*[1] * (wanted - len(shape)), *shape)
            yield self._move("few", shape, target, tuple(range(wanted)))
        if not error or wanted < 2 or numbers < 2 or max(shape) != numbers:
            return
        targets: list[Shape] = [self.now] if self.now and prod(self.now) == numbers else []
        channels = [self.now[0]] if self.now else []
        for depth in dict.fromkeys((*channels, *FLAT_CHANNELS)) if wanted == 3 else (1,) if wanted == 2 else ():
            side = isqrt(numbers // depth)
            if side * side * depth == numbers:
                targets.append((depth, side, side)[-wanted:])
        if wanted == 4 and self.now and numbers % prod(self.now[1:]) == 0:
            targets.append((numbers // prod(self.now[1:]), *self.now[1:]))
        for target in dict.fromkeys(targets):
            yield self._move("row", shape, target, tuple(range(wanted)))

    def _shares(self, shape: Shape) -> Iterator[Move]:
        """Another number of groups, with which the array has its share of the channels that there are."""
        for at, axis in enumerate(self.axes):
            _, _, shares = (axis or "").partition("/")
            if not shares or not self.now or len(shape) != len(self.axes) or shape[at] < 1:
                continue
            now = getattr(self.settings, shares)
            value, left = divmod(self.now[at] * now, shape[at])
            if left or value == now or self._error(shape, {shares: value}):
                continue
            values = self._values(shape, shape) | {"name": shares, "value": value, "count": self.now[at] * now}
            template, label = SENTENCES["groups"]
            yield Move(shape, shape, tuple(range(len(shape))), label, template, values, {shares: value})

    def _apart(self, shape: Shape) -> Iterator[Move]:
        """The maps of a single filter as filters of their own, each with its share of the channels."""
        if len(shape) < 3 or shape[0] != 1 or shape[1] < 2:
            return
        target = (shape[1], 1, *shape[2:])
        template, label = SENTENCES["apart"]
        for shared in self._shares(target):
            kept = {name: shared.values[name] for name in ("name", "value")}
            values = self._values(shape, target) | kept | {"maps": shape[1]}
            yield replace(shared, template=template, label=label, values=values)

    def _turned_shares(self, move: Move) -> Iterator[Move]:
        """The same order of axes, with another number of groups."""
        for shared in self._shares(move.shape):
            template, label = SENTENCES["share"]
            values = move.values | {name: shared.values[name] for name in ("name", "value")}
            yield replace(move, template=template, label=label, values=values, settings=shared.settings)

    def _is_too_large(self, move: Move) -> bool:
        """Whether an array that would be a picture has more rows or columns than are possible."""
        return len(self.axes) == 3 and move.is_turned and None not in self.axes and max(move.shape[1:]) > limits.SIDE

    def _is_likely(self, move: Move) -> bool:
        """Whether a picture whose axes were moved has fewer channels than rows and columns, and a kernel is square."""
        if not move.is_turned or None in self.axes or move.shape == self.now:
            return True
        *outer, high, wide = move.shape
        if len(outer) == 1:
            return outer[0] < min(high, wide)
        if high == wide == 1 and move.read[-1] == move.read[-2] > 1:  # a kernel of 3×3 has not been meant as 1×1
            return False
        return high == wide or move.axes[-2:] == (2, 3)

    def _likeness(self, shape: Shape) -> int:
        """How much an array of this shape is like what it stands beside: square maps, the channels that there are."""
        if len(shape) != len(self.axes) or len(shape) < 3:
            return 0
        likeness = int(shape[-1] == shape[-2])
        if self.now:
            meets = [at for at, axis in enumerate(self.axes) if (axis or "").partition("/")[0] in CHANNELS]
            likeness += sum(shape[at] == self.now[at] for at in meets) + (shape == self.now)
        return likeness

    def _move(self, kind: str, shape: Shape, read: Shape, order: Shape) -> Move:
        target = tuple(read[place] for place in order)
        template, label = SENTENCES["channels" if kind == "order" and len(order) == 3 else kind]
        looks = [self.letters[order.index(place)].partition("/")[0] for place in range(len(order))]
        values = self._values(shape, target) | {
            "looks": ", ".join(["N"] * (kind == "batch") + looks),
            "count": shape[0] if shape else 0,
        }
        if kind == "batch" and order != tuple(range(len(order))):
            label = FIRST_TURNED
        return Move(target, read, order, label, template, values)

    def _values(self, shape: Shape, target: Shape) -> dict[str, Any]:
        texts = {name: "×".join(map(str, sizes)) for name, sizes in (("shape", shape), ("target", target))}
        return {"setting": self.name, "wanted": ", ".join(self.letters), **texts}
