"""Where a window finds its places along one axis: the sizes of convolutions and pools, in whole numbers.

Padding is given in numbers or by one of three words. "valid" is none. "same" is what it takes for an output of
⌈size / stride⌉ cells, half before the input and half after it; an odd cell comes last, as TensorFlow's SAME, Keras'
"same" and ONNX's SAME_UPPER have it. "same_lower" is ONNX's SAME_LOWER: there the odd cell comes first.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from core.offer.settings import Four, SettingError, Settings

WORDS = ("same", "same_lower", "valid")  # in the place of a padding in numbers


@dataclass(frozen=True)
class _Kernel:
    """A kernel along the height or the width of an input, and what stands before and after that."""

    name: str  # height or width
    size: int  # of the input
    kernel: int
    stride: int = 1
    before: int = 0  # cells of padding above the input, or to its left; of an output that is cropped, what is cropped
    after: int = 0
    dilation: int = 1

    @property
    def reach(self) -> int:
        """From the first to the last cell under the kernel, the gaps of a dilation included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def letter(self) -> str:
        """What the size of the input is called."""
        return {"height": "H", "width": "W"}[self.name]

    def terms(self, padding: str, kernel: str) -> tuple[str, str]:
        """The padding and the kernel in the size of an output, each with its sign: in symbols and in numbers."""
        if self.before == self.after:
            symbols, numbers = f" {padding} 2p", f" {padding} 2·{self.before}"
        else:
            first, last = {"height": ("top", "bottom"), "width": ("left", "right")}[self.name]
            symbols = f" {padding} p_{first} {padding} p_{last}"
            numbers = f" {padding} {self.before} {padding} {self.after}"
        if self.dilation == 1:
            return f"{symbols} {kernel} k", f"{numbers} {kernel} {self.kernel}"
        reach = f"{self.dilation}·({self.kernel} − 1) {kernel} 1"
        return f"{symbols} {kernel} d(k − 1) {kernel} 1", f"{numbers} {kernel} {reach}"

    def line(self, symbols: str, numbers: str, out: int) -> dict[str, object]:
        """The size of the output as label, symbols, numbers and value."""
        return {"label": f"Output {self.name}", "symbols": symbols, "numbers": numbers, "value": out}


@dataclass(frozen=True)
class Axis(_Kernel):
    """A window that slides along the height or the width of an input.

    >>> axis = Axis("height", size=5, kernel=3, stride=2, before=1, after=1)
    >>> axis.padded, axis.reach, axis.out
    (7, 3, 3)
    """

    ceil: bool = False  # whether a last window that hangs over the end counts too
    word: str = ""  # by which `before` and `after` were worked out: "same", "same_lower", or none

    @property
    def padded(self) -> int:
        """The size of the padded input."""
        return self.size + self.before + self.after

    @property
    def out(self) -> int:
        """How many places the window finds: ⌊(padded - reach)/stride⌋ + 1, in ceil mode ⌈(padded - reach)/stride⌉ + 1.

        A window that would begin behind the input, in the padding after it, does not count in ceil mode.

        Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016; torch.nn.Conv2d and
        torch.nn.MaxPool2d.
        """
        room = self.padded - self.reach
        places = -(-room // self.stride) + 1 if self.ceil else room // self.stride + 1
        if places < 1:
            template = "a kernel that reaches over {reach} cells does not fit an input of {size} padded to {padded}"
            raise SettingError(f"kernel_{self.name}", template, reach=self.reach, size=self.size, padded=self.padded)
        return places - (self.ceil and (places - 1) * self.stride >= self.size + self.before)

    @property
    def covered(self) -> int:
        """The padded input as far as windows reach: more than `padded` where the last one hangs over."""
        return max(self.padded, (self.out - 1) * self.stride + self.reach)

    def formula(self) -> dict[str, object]:
        """The size of the output as label, symbols, numbers and value.

        >>> Axis("height", size=5, kernel=2, stride=2, before=0, after=1, word="same").formula()["symbols"]
        '⌈H/s⌉'
        """
        if self.word:
            return self.line(f"⌈{self.letter}/s⌉", f"⌈{self.size}/{self.stride}⌉", self.out)
        symbols, numbers = self.terms("+", "−")
        left, right = "⌈⌉" if self.ceil else "⌊⌋"
        # In ceil mode a window that would begin behind the input is left out, which the rounded number does not tell.
        rounded = -(-(self.padded - self.reach) // self.stride) + 1 if self.ceil else self.out
        taken = " − 1" if rounded > self.out else ""
        return self.line(
            f"{left}({self.letter}{symbols})/s{right} + 1{taken}",
            f"{left}({self.size}{numbers})/{self.stride}{right} + 1{taken}",
            self.out,
        )


def along(
    size: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int] = (1, 1),
    padding: Four | tuple[int, int] | str = (0, 0, 0, 0),
    dilation: tuple[int, int] = (1, 1),
    *,
    ceil_mode: bool = False,
) -> tuple[Axis, Axis]:
    """The two axes of a window, from settings as `Pair` and `Sides` hold them.

    >>> height, width = along((5, 7), (3, 3), padding="same")
    >>> height.out, width.out
    (5, 7)
    """
    reach = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    word = padding if isinstance(padding, str) and padding != "valid" else ""
    if padding == "valid":
        padding = (0, 0, 0, 0)
    elif isinstance(padding, str):
        padding = (*same(size[0], reach[0], stride[0], word), *same(size[1], reach[1], stride[1], word))
    if len(padding) == 2:
        padding = (padding[0], padding[0], padding[1], padding[1])
    top, bottom, left, right = padding
    return (
        Axis("height", size[0], kernel[0], stride[0], top, bottom, dilation[0], ceil_mode, word),
        Axis("width", size[1], kernel[1], stride[1], left, right, dilation[1], ceil_mode, word),
    )


@dataclass(frozen=True)
class Spread(_Kernel):
    """How far the stamps of an input spread along one axis.

    >>> axis = Spread("height", size=3, kernel=3, stride=2, before=1, after=1)
    >>> axis.expanded, axis.padded, axis.out
    (5, 7, 5)
    """

    extra: int = 0  # output padding, at the end
    word: str = ""  # by which the padding was worked out: "same", "same_lower", or none

    @property
    def expanded(self) -> int:
        """The input with zeros in between, and with those of the output padding."""
        return (self.size - 1) * self.stride + 1 + self.extra

    @property
    def padded(self) -> int:
        """The output before it is cropped."""
        return self.expanded + self.reach - 1

    @property
    def out(self) -> int:
        """The size of the output: (size - 1)·stride - padding + dilation·(kernel - 1) + output padding + 1.

        Source: torch.nn.ConvTranspose2d, which has the same padding at both ends.
        """
        if self.extra >= max(self.stride, self.dilation):
            template = "{setting} must be below the stride of {stride} or the dilation of {dilation}; it is {extra}"
            values = {"stride": self.stride, "dilation": self.dilation, "extra": self.extra}
            raise SettingError("output_padding", template, **values)
        cropped = self.before + self.after
        if self.padded <= cropped:
            template = "{setting} must leave something of the {padded} cells along the {axis}; it crops {cropped}"
            raise SettingError("padding", template, padded=self.padded, axis=self.name, cropped=cropped)
        return self.padded - cropped

    def formula(self) -> dict[str, object]:
        """The size of the output as label, symbols, numbers and value."""
        if self.word:
            return self.line(f"{self.letter}·s", f"{self.size}·{self.stride}", self.out)
        symbols, numbers = self.terms("−", "+")
        if self.extra:
            symbols, numbers = f"{symbols} + p_out", f"{numbers} + {self.extra}"
        return self.line(f"({self.letter} − 1)·s{symbols}", f"({self.size} − 1)·{self.stride}{numbers}", self.out)


def spread(
    name: str, size: int, kernel: int, stride: int, padding: tuple[int, int] | str, extra: int, dilation: int
) -> Spread:
    """One axis, from settings; a word in the place of the padding says what is cropped and what is put on.

    >>> axis = spread("height", 2, 3, 2, "same", 0, 1)
    >>> axis.before, axis.after, axis.out
    (0, 1, 4)

    "same" is the way back of a convolution with "same": the output has size·stride cells, the stamps reach over
    (size - 1)·stride + reach, and the difference is cropped, shared out as that convolution shares out its padding.
    Where the stamps fall short of size·stride, the cells that are missing come at the end, as in TensorFlow.

    Source: tf.nn.conv2d_transpose, the gradient of tf.nn.conv2d. ONNX's ConvTranspose has the same sizes and shares for
    SAME_UPPER and SAME_LOWER (older texts and runtimes exchange the two), but where stamps fall short: there ONNX
    Runtime leaves the missing cells out, and ONNX's own reference puts half of them first.
    """
    if isinstance(padding, tuple):
        return Spread(name, size, kernel, stride, *padding, dilation, extra)
    if padding == "valid":
        return Spread(name, size, kernel, stride, 0, 0, dilation, extra)
    if extra:
        template = "{setting} must be 0 where the padding is {word}, which sets the size; it is {extra}"
        raise SettingError("output_padding", template, word=padding, extra=extra)
    more = dilation * (kernel - 1) + 1 - stride
    return Spread(name, size, kernel, stride, *halves(max(more, 0), padding), dilation, max(-more, 0), padding)


@dataclass(frozen=True)
class Windowed(Settings):
    """Base for the settings of a window that slides over an input: whatever it has of them, under their usual names.

    >>> ConvSettings(padding=(1, 0, 2, 1)).sides
    ((1, 0), (2, 1))
    """

    @cached_property
    def axes(self) -> tuple[Axis, Axis]:
        """The window along the height and along the width."""
        own: Any = self
        names = ("stride", "padding", "dilation", "ceil_mode")
        set_here = {name: getattr(self, name) for name in names if hasattr(self, name)}
        return along((own.in_height, own.in_width), (own.kernel_height, own.kernel_width), **set_here)

    @cached_property
    def sides(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The padding as ((top, bottom), (left, right))."""
        height, width = self.axes
        return (height.before, height.after), (width.before, width.after)

    @property
    def windows(self) -> int:
        """The cells of all windows of one map, each counted as often as it is under one."""
        height, width = self.axes
        return height.out * width.out * height.kernel * width.kernel


def same(size: int, reach: int, stride: int, word: str = "same") -> tuple[int, int]:
    """The padding before and after that gives ⌈size/stride⌉ outputs; the word says where an odd cell of it stands.

    >>> same(13, 2, 1), same(13, 2, 1, "same_lower")
    ((0, 1), (1, 0))

    The last window begins at (⌈size/stride⌉ - 1)·stride, before the input's end, so all of the padding is less than
    `reach`, and no window without a dilation holds padding alone. Ceil mode has nothing to add to it.

    Source: the documentation of tf.nn.convolution, and ONNX's operators Conv, MaxPool and AveragePool (auto_pad).
    PyTorch has "same" for convolutions with a stride of 1 only, and agrees there with the first.
    """
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    return halves(total, word)


def halves(total: int, word: str) -> tuple[int, int]:
    """Cells of padding, shared out between before and after: an odd one comes last, with "same_lower" first."""
    less = total // 2
    return (total - less, less) if word == "same_lower" else (less, total - less)
