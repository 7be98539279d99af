"""A mistake is one declaration: its key, a sentence, and a function that makes it on the numbers of one array.

    @mistake("dilation_ignored", "{array}: the dilation is ignored", of=(correlated, scattered))
    def dilation_ignored(call):
        yield call.again(dilation=(1, 1))

The surprising decision: a mistake is made with the very function that is right. Only what the function is handed is
another, or what becomes of its result. So it belongs to the function and not to a layer, and is found in every layer
that has an array of that function, and in all that is made of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from core.offer.part import Function
from core.offer.places import laid_over
from core.recording.trace import Arrays


class Wrong(NamedTuple):
    """What a mistake gives, and what its sentence names."""

    result: np.ndarray
    values: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Call:
    """The making of one array: the function, what it is handed, what it gives. Of an array of the loops all but the
    result is missing.
    """

    name: str
    right: np.ndarray
    theirs: np.ndarray | None = None  # where it is the array that is compared
    function: Function | None = None
    arrays: Arrays = field(default_factory=dict)  # by the function's parameters
    names: Mapping[str, str] = field(default_factory=dict)  # what the layer calls them
    brought: frozenset[str] = frozenset()  # the parameters that are arrays which the walk begins with
    settings: Mapping[str, Any] = field(default_factory=dict)

    def again(self, **changes: Any) -> np.ndarray:
        """The same function with other arrays or settings."""
        assert self.function is not None
        with np.errstate(over="ignore", invalid="ignore"):  # what is wrong may be infinite
            return self.function(**{**self.arrays, **self.settings, **changes})

    def setting(self, name: str, usual: Any) -> Any:
        """A setting of the function; what a layer lacks is as usual."""
        return self.settings.get(name, usual)

    def over_zeros(self, array: np.ndarray) -> np.ndarray:
        """The array as far as the right one reaches, and zeros where it does not."""
        return laid_over(array, np.zeros(self.right.shape))


Made = Callable[[Call], Iterable[Wrong | np.ndarray]]


@dataclass(frozen=True)
class Mistake:
    """A known mistake. `of` are the functions that it is made with; without one it is made on any result."""

    key: str
    says: str  # a sentence, to be filled with the values of what is wrong and with `array`, where it was made
    of: tuple[Function, ...]
    made: Made
    upstream: bool  # whether it is looked for in what an array is made of, too
    misshapen: str  # what is said instead where it gives another shape: of `setting`, `wanted` and `shape` too

    def on(self, call: Call) -> Iterator[Wrong]:
        """What it gives there: one result, several, or nothing, as where such code would stop with an error."""
        if self.of and call.function not in self.of:
            return
        with suppress(ValueError):  # a window that does not fit, and the like
            for wrong in self.made(call):
                yield wrong if isinstance(wrong, Wrong) else Wrong(wrong)


MISTAKES: dict[str, Mistake] = {}  # by key, in the order in which they are told


def mistake(
    key: str, says: str, *, of: tuple[Function, ...] = (), upstream: bool = True, misshapen: str = ""
) -> Callable[[Made], Made]:
    """Declare a mistake: the function below makes it, for each array that is made by one of the functions `of`."""

    def declare(made: Made) -> Made:
        assert key not in MISTAKES, key
        MISTAKES[key] = Mistake(key, says, of, made, upstream, misshapen)
        return made

    return declare
