"""The settings a reader may turn: what each may be, and how it is written.

A setting carries all that is known of it (range, label, place in the menu), so that the page, the API and the Python
interface are made from the same words.
"""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, make_dataclass
from typing import Any, ClassVar, Self, TypeVar

import numpy as np

_THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")


class SettingError(ValueError):
    """A setting that makes no sense: `setting` says which one, the message what was expected.

    The message is a template and its values, so that a page can say it in its reader's language.
    """

    def __init__(self, setting: str, template: str, /, **values: object) -> None:
        values["setting"] = setting
        super().__init__(template.format(**values))
        self.setting, self.template, self.values = setting, template, values


@dataclass(frozen=True)
class Whole:
    """A whole number within a range; `listed` if the legal ones have gaps, so that a reader picks one of them."""

    low: int
    high: int
    listed: bool = False
    kind: ClassVar[str] = "whole"

    def accept(self, name: str, value: object) -> int:
        """The setting's value; what does not fit is a SettingError."""
        number: Any = _whole(value) if isinstance(value, str) else value
        if not _is_whole(number):
            raise SettingError(name, "{setting} must be a whole number from {low} to {high}", **vars(self))
        if not self.low <= number <= self.high:
            raise SettingError(name, "{setting} must be from {low} to {high}", **vars(self))
        return int(number)

    def candidates(self, value: int) -> Iterator[object]:
        """What a reader could turn it to."""
        yield from range(self.low, self.high + 1)

    def plain(self, value: int) -> object:
        """The value as JSON carries it."""
        return value


@dataclass(frozen=True)
class Pair:
    """Two whole numbers, for the height and for the width; one number stands for both."""

    low: int
    high: int
    kind: ClassVar[str] = "pair"

    def accept(self, name: str, value: object) -> tuple[int, int]:
        parts = _parts(value)
        if len(parts) == 1:
            parts *= 2
        if len(parts) != 2 or not all(map(_is_whole, parts)):
            template = "{setting} must be a whole number from {low} to {high}, or two: height,width"
            raise SettingError(name, template, **vars(self))
        if not all(self.low <= part <= self.high for part in parts):
            raise SettingError(name, "{setting} must be from {low} to {high}", **vars(self))
        return int(parts[0]), int(parts[1])

    def candidates(self, value: tuple[int, int]) -> Iterator[object]:
        numbers = range(self.low, self.high + 1)  # both axes turned together, or one of them alone
        yield from dict.fromkeys(pair for n in numbers for pair in ((n, n), (value[0], n), (n, value[1])))

    def plain(self, value: tuple[int, int]) -> object:
        return value[0] if value[0] == value[1] else list(value)


Four = tuple[int, int, int, int]  # top, bottom, left, right
SYNONYMS = {"same_upper": "same"}  # what ONNX calls it to tell it from same_lower


@dataclass(frozen=True)
class Sides:
    """Whole numbers for the four sides: top, bottom, left and right; or a word that leaves them to a rule.

    One number stands for all sides, two for the height and the width, as `Pair` has them; the four may also come as
    ((top, bottom), (left, right)). A word that has another name elsewhere is taken by that one too.
    """

    low: int
    high: int
    words: tuple[str, ...]
    kind: ClassVar[str] = "sides"

    def accept(self, name: str, value: object) -> Four | str:
        if isinstance(value, str) and SYNONYMS.get(value, value) in self.words:
            return SYNONYMS.get(value, value)
        parts = _parts(value)
        if len(parts) == 2 and all(isinstance(one, tuple | list) and len(one) == 2 for one in parts):
            parts = [*parts[0], *parts[1]]
        parts = parts * 4 if len(parts) == 1 else [*parts[:1] * 2, *parts[1:] * 2] if len(parts) == 2 else parts
        if len(parts) != 4 or not all(map(_is_whole, parts)):
            template = (
                "{setting} must be a whole number from {low} to {high}, or two: height,width, "
                "or four: top,bottom,left,right, or a word: {words}"
            )
            raise SettingError(name, template, low=self.low, high=self.high, words=", ".join(self.words))
        if not all(self.low <= part <= self.high for part in parts):
            raise SettingError(name, "{setting} must be from {low} to {high}", **vars(self))
        top, bottom, left, right = map(int, parts)
        return top, bottom, left, right

    def candidates(self, value: Four | str) -> Iterator[object]:
        yield from self.words
        numbers = range(self.low, self.high + 1)
        if isinstance(value, str):  # from a word one goes to a number
            yield from ((n, n, n, n) for n in numbers)
            return
        top, bottom, left, right = value
        turned: dict[Four, None] = {}  # all sides together, one axis, or one side
        for n in numbers:
            turned |= dict.fromkeys([(n, n, n, n), (n, n, left, right), (top, bottom, n, n)])
            turned |= dict.fromkeys([(n, bottom, left, right), (top, n, left, right)])
            turned |= dict.fromkeys([(top, bottom, n, right), (top, bottom, left, n)])
        yield from turned

    def plain(self, value: Four | str) -> object:
        if isinstance(value, str):
            return value
        top, bottom, left, right = value
        if top == bottom and left == right:
            return top if top == left else [top, left]
        return list(value)


@dataclass(frozen=True)
class Choice:
    """One of a few words."""

    choices: tuple[str, ...]
    kind: ClassVar[str] = "choice"

    def accept(self, name: str, value: object) -> str:
        if not isinstance(value, str) or value not in self.choices:
            raise SettingError(name, "{setting} must be one of {choices}", choices=", ".join(self.choices))
        return value

    def candidates(self, value: str) -> Iterator[object]:
        yield from self.choices

    def plain(self, value: str) -> object:
        return value


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    choices: ClassVar[tuple[str, str]] = ("true", "false")
    kind: ClassVar[str] = "flag"

    def accept(self, name: str, value: object) -> bool:
        text = str(value).lower() if isinstance(value, str | bool | np.bool) else None
        if text not in self.choices:
            raise SettingError(name, "{setting} must be one of {choices}", choices=", ".join(self.choices))
        return text == "true"

    def candidates(self, value: bool) -> Iterator[object]:
        yield from (True, False)

    def plain(self, value: bool) -> object:
        return value


@dataclass(frozen=True)
class Real:
    """A number within a range. In a text a comma may part the fraction: 0,5 is 0.5.

    >>> Real(0, 10).accept("learning_rate", "0,5")
    0.5

    A text that could also mean thousands, 1,234, is refused.
    """

    low: float
    high: float
    kind: ClassVar[str] = "real"

    def accept(self, name: str, value: object) -> float:
        try:
            # Python takes 1_0 for ten and true for one; people who write those mean something else.
            number = float("nan" if isinstance(value, bool) or "_" in str(value) else _pointed(value))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError):
            number = float("nan")
        if not self.low <= number <= self.high:  # NaN is in no range
            raise SettingError(name, "{setting} must be a number from {low} to {high}", **vars(self))
        return number

    def candidates(self, value: float) -> Iterator[object]:
        yield from (self.low, self.high)

    def plain(self, value: float) -> object:
        return value


Kind = Whole | Pair | Sides | Choice | Flag | Real


def knob(default: Any, kind: Kind, label: str, group: str) -> Any:
    """A setting: its default, what it may be, its label, and the part of the menu that it stands in."""
    return field(default=default, metadata={"kind": kind, "label": label, "group": group})


@dataclass(frozen=True)
class Settings:
    """Base for a layer's settings: every field is a knob, and every knob is in its range.

    >>> ConvSettings.of({"stride": "2,1", "kernel_size": 3})
    ConvSettings(..., kernel_height=3, kernel_width=3, stride=(2, 1), ...)
    """

    PAIRS: ClassVar[Mapping[str, tuple[str, str]]] = {"kernel_size": ("kernel_height", "kernel_width")}
    FOREMOST: ClassVar[tuple[str, ...]] = (
        "kernel_height",
        "kernel_width",
        "stride",
        "padding",
    )  # a page shows them first

    def __post_init__(self) -> None:
        for name, kind in self.kinds().items():
            object.__setattr__(self, name, kind.accept(name, getattr(self, name)))

    @classmethod
    @functools.cache
    def kinds(cls) -> Mapping[str, Kind]:
        """What each setting may be, by name."""
        return {knob_.name: knob_.metadata["kind"] for knob_ in fields(cls)}

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Self:
        """From keyword arguments or from a query string; a missing setting keeps its default."""
        names, values = cls.kinds(), cls.expand(given)
        unknown = next((name for name in values if name not in names), None)
        if unknown is not None:
            template = "there is no such setting; this layer has {known}"
            raise SettingError(str(unknown), template, known=", ".join(names))
        return cls(**values)

    @classmethod
    def pairs(cls) -> dict[str, tuple[str, str]]:
        """The names that stand for two settings at once, each with both, where there are those."""
        names = cls.kinds().keys()
        return {name: both for name, both in cls.PAIRS.items() if name not in names and set(both) <= names}

    @classmethod
    def expand(cls, given: Mapping[str, object]) -> dict[str, object]:
        """The same settings with `kernel_size` taken apart into its height and width, where a layer has those."""
        names, values = cls.kinds(), dict(given)
        for name, both in cls.pairs().items():
            if name in values:
                clash = next((one for one in both if one in values), None)
                if clash:
                    raise SettingError(clash, "{setting} is given twice: {pair} sets it too", pair=name)
                kind = names[both[0]]
                assert isinstance(kind, Whole)
                values |= zip(both, Pair(kind.low, kind.high).accept(name, values.pop(name)), strict=True)
        return values

    def plain(self) -> dict[str, object]:
        """Every setting by name, as JSON carries it."""
        return {name: kind.plain(getattr(self, name)) for name, kind in self.kinds().items()}

    def arguments(self) -> dict[str, Any]:
        """Every setting by name as algorithms take them: a size that has two settings as a pair, the padding by sides.

        >>> ConvSettings().arguments()["padding"]
        ((1, 1), (1, 1))
        """
        values = {name: getattr(self, name) for name in self.kinds()}
        pairs = {name: both for name, both in self.PAIRS.items() if set(both) <= values.keys()}
        values |= {name: (values[height], values[width]) for name, (height, width) in pairs.items()}
        return values | ({"padding": self.sides} if hasattr(self, "sides") else {})

    @classmethod
    def describe(cls) -> list[dict[str, object]]:
        """Every setting with its range, default, label and group, for a menu."""
        return [
            {
                "name": knob_.name,
                "label": knob_.metadata["label"],
                "group": knob_.metadata["group"],
                "kind": knob_.metadata["kind"].kind,
                "default": knob_.metadata["kind"].plain(knob_.metadata["kind"].accept(knob_.name, knob_.default)),
                **_told(knob_.metadata["kind"]),
            }
            for knob_ in fields(cls)
        ]


S = TypeVar("S", bound=Settings)


def defaults(**values: object) -> Callable[[type[S]], type[S]]:
    """Other defaults for knobs that a class of settings has from another: a decorator, above that of the dataclass.

    >>> defaults(stride=1)(ConvSettings)().stride
    (1, 1)
    """

    def changed(settings: type[S]) -> type[S]:
        knobs = [
            (one.name, one.type, field(default=values.get(one.name, one.default), metadata=one.metadata))
            for one in fields(settings)
        ]
        return make_dataclass(settings.__name__, knobs, bases=(settings,), frozen=True)

    return changed


def _whole(text: str) -> object:
    """The whole number that a short text spells in ASCII digits; other text stays as it is, and is refused."""
    text = text.strip(" ")
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= 9 else text


def _pointed(value: object) -> object:
    """A text with a point for its only comma, unless that could part thousands; another value as it is."""
    if not isinstance(value, str) or not value.isascii() or _THOUSANDS.fullmatch(value.strip()):
        return value
    return value.replace(",", ".") if value.count(",") == 1 and "." not in value else value


def _parts(value: object) -> list[Any]:
    """The numbers of a setting that may have several: as they are, or as a text has them between commas."""
    if isinstance(value, str):
        return list(map(_whole, value.split(",", 4)))
    return list(value) if isinstance(value, tuple | list) else [value]


def _is_whole(part: object) -> bool:
    return isinstance(part, int | np.integer) and not isinstance(part, bool)


def _told(kind: Kind) -> dict[str, object]:
    """What a menu is told of a kind: its range, or its choices."""
    told = {"choices": kind.choices} if isinstance(kind, Flag) else vars(kind)
    return {name: list(value) if isinstance(value, tuple) else value for name, value in told.items()}
