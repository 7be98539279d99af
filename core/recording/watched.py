"""An array that logs every use, for the instrumented form of an algorithm."""

import sys
from collections.abc import Callable
from functools import lru_cache
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from core.recording.instrumentation import ALIAS, OFFER, SOURCES, WHOLE, Subscript, aliases
from core.recording.trace import Access, Box
from core.text.source import AlgorithmError

_INTP, _NDARRAY = np.intp, np.ndarray
_new = tuple.__new__  # what the constructor of an Access calls, in half the time: it is made at every use of an array


class Watched:
    """An array that logs every use. Indexing and `.shape` are all it offers, so no use goes unseen.

    It is indexed by a Subscript and the index itself, as the instrumented function does it.
    """

    __slots__ = ("_array", "_cells", "_everything", "_log", "_name", "_ranges")

    def __init__(self, name: str, array: np.ndarray, log: list[Access]) -> None:
        self._name, self._array, self._log = name, array, log
        # What is read stays what NumPy gives, a view, or watching would change results. A write to it would go unseen,
        # but for the one that a += makes, which is written here at once.
        self._cells = array.view()
        self._cells.flags.writeable = False
        self._ranges = [_single(size) for size in array.shape]
        self._everything = tuple((0, size, 1) for size in array.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        return self._array.shape

    def __getitem__(self, key: Any) -> Any:
        try:
            site = key[0]
            index = key[1] if site.is_single else key[1:]
        except (TypeError, IndexError, AttributeError):
            self._refuse_stranger(sys._getframe(1))
        box = self._everything if site.is_whole else self._box(site, index)
        self._log.append(_new(Access, (site.place, self._name, box, None)))
        return self._array[index] if site.is_updated else self._cells[index]

    def __setitem__(self, key: Any, value: Any) -> None:
        try:
            site = key[0]
            index = key[1] if site.is_single else key[1:]
        except (TypeError, IndexError, AttributeError):
            self._refuse_stranger(sys._getframe(1))
        box = self._everything if site.is_whole else self._box(site, index)
        array = self._array
        array[index] = value
        written = array[index]
        values = tuple(written.ravel().tolist()) if written.__class__ is _NDARRAY else (written.item(),)
        self._log.append(_new(Access, (site.place, self._name, box, values)))

    def _box(self, site: Subscript, index: Any) -> Box:
        """The cells that an index picks, axis by axis; whole numbers and slices alone pick a box."""
        parts = index if index.__class__ is tuple else (index,)
        box = []
        try:
            for part, ranges in zip(parts, self._ranges):  # noqa: B905 - as long as both last, and to say so takes as long again
                kind = part.__class__
                if kind is int or kind is _INTP:  # isinstance alone would do, in twice the time
                    box.append(ranges[part])
                elif kind is slice:
                    box.append(part.indices(len(ranges)))
                elif isinstance(part, int | np.integer) and kind is not bool:
                    box.append(ranges[part])
                else:
                    raise TypeError(f"an index is a whole number or a slice, not {kind.__name__}")
        except IndexError:
            problem = f"index {parts[len(box)]} is outside of an axis of {self._array.shape[len(box)]}"
        except (TypeError, ValueError) as error:
            problem = str(error)
        else:
            if len(parts) == len(self._ranges):
                return tuple(box)
            if len(parts) < len(self._ranges):
                return (*box, *self._everything[len(parts) :])
            problem = f"{len(parts)} indices, but {len(self._ranges)} axes"
        where = f"{site.place.source}, line {site.place.line}"
        raise AlgorithmError(f"{where}: {site.text}: {problem} (the shape is {self._array.shape})")

    def _refuse_stranger(self, frame: FrameType) -> NoReturn:
        """Refuse an index without its site: of another function than an instrumented one, or of another name in it."""
        source = SOURCES.get(frame.f_code)
        if source:
            texts = " or ".join(aliases(source, frame.f_lineno))
            raise AlgorithmError(f"{source.name}, line {frame.f_lineno}: {texts}: {ALIAS}")
        raise AlgorithmError(
            f"{frame.f_code.co_qualname}, line {frame.f_lineno}: {self._name} is watched, and this function is not "
            f"marked @algorithm(), or not run by `yield from`; do so, or hand it plain numbers such as {self._name}[:]"
        )

    def _refuse(self, what: str, frame: FrameType) -> NoReturn:
        asking: FrameType | None = frame
        while asking is not None and asking.f_code not in SOURCES:  # NumPy may have asked in between
            asking = asking.f_back
        frame = asking or frame
        source = SOURCES.get(frame.f_code)
        name = source.name if source else frame.f_code.co_qualname
        raise AlgorithmError(f"{name}, line {frame.f_lineno}: {self._name} {what}")

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse(f"is watched and has no .{name}: {OFFER}", sys._getframe(1))


def name_of(value: object) -> str | None:
    """The name of a watched array; None for anything else."""
    return value._name if isinstance(value, Watched) else None  # noqa: SLF001 - our own


def _refused(name: str) -> Callable[..., NoReturn]:
    def refuse(self: Watched, *_: Any, **__: Any) -> NoReturn:
        self._refuse(WHOLE, sys._getframe(1))

    refuse.__name__ = name
    return refuse


# Python looks these up on the class, past __getattr__; without them an operator would fail with a message about types,
# and a loop or a NumPy function would fall back on reading cell by cell.
for _operator in "add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift".split():
    for _side in ("", "r", "i"):
        setattr(Watched, f"__{_side}{_operator}__", _refused(f"__{_side}{_operator}__"))
for _operator in "neg pos abs invert lt le eq ne gt ge len iter contains bool float int index array str format".split():
    setattr(Watched, f"__{_operator}__", _refused(f"__{_operator}__"))
for _operator in ("__array_ufunc__", "__array_function__", "__delitem__"):
    setattr(Watched, _operator, _refused(_operator))


@lru_cache(maxsize=1024)
def _single(size: int) -> list[tuple[int, int, int]]:
    """The box of each cell along an axis; like the axis itself it can be indexed from behind."""
    return [(at, at + 1, 1) for at in range(size)]
