"""An array of somebody's own that is to be compared, as a body has it beside the arrays of the walk.

    {"array": "dx", "values": [[[0, 1], [2, "NaN"]]], "arrays": {"x": "u8:1x28x28:AAEC…", "dy": [[[1]]]}}
    {"array": "dx", "values": {"shape": [1, 2, 2], "cells": [0, 1, 2, "NaN"]}, "rtol": 1e-5, "atol": 1e-8}
    {"array": "dx", "values": "f32:1x2x2:AAAAAAAAgD8AAABAAADAfw", "dtype": "float32"}

`dtype` says by whose rounding two numbers are the same; without it the numbers tell. `app.walks.arrays` reads all
numbers.
"""

from collections.abc import Collection
from dataclasses import dataclass
from math import nan, prod
from typing import Any

import numpy as np

from app.ground.errors import RequestError
from app.walks import arrays as array_texts
from core.offer.settings import Choice, SettingError
from core.recording.trace import Arrays

DTYPES = ("float64", "float32", "float16")
NAMES = ("array", "values", "rtol", "atol", "dtype", "arrays")


@dataclass(frozen=True)
class Theirs:
    """What a body says: which array, its numbers, how far they may be off, and which arrays the walk begins with."""

    array: Any
    values: np.ndarray
    rtol: float | None
    atol: float | None
    dtype: str | None
    arrays: Arrays

    @classmethod
    def read(cls, body: bytes, known: Collection[str]) -> "Theirs":
        """Read a body, whose arrays of the walk must be known ones."""
        said = array_texts.loaded(body)
        if (
            type(said) is not dict
            or not {"array", "values"} <= said.keys() <= set(NAMES)
            or type(arrays := said.get("arrays", {})) is not dict
        ):
            template = (
                'this body must be JSON, {"array": "db", "values": [1,2]}, with rtol, atol, dtype, arrays if need be'
            )
            raise RequestError(422, None, template)
        dtype = None if said.get("dtype") is None else Choice(DTYPES).accept("dtype", said["dtype"])
        values = _values(said["values"])
        rtol, atol = (_number(said.get(name)) for name in ("rtol", "atol"))
        return cls(said["array"], values, rtol, atol, dtype, array_texts.read_each(arrays, known))

    @property
    def nbytes(self) -> int:
        """Those of all its numbers."""
        return sum(array.nbytes for array in (self.values, *self.arrays.values()))


def _values(said: Any) -> np.ndarray:
    """The numbers; where their shape stands beside them they are in a row."""
    if type(said) is not dict:
        return array_texts.read_said("values", said, array_texts.WORDS)
    shape, cells = said.get("shape"), said.get("cells")
    if said.keys() == {"shape", "cells"} and type(shape) is type(cells) is list and len(shape) <= array_texts.AXES:
        numbers = array_texts.read_said("values", cells, array_texts.WORDS)
        if all(type(one) is int and one > 0 for one in shape) and numbers.shape == (prod(shape),):
            return numbers.reshape(shape)
    raise SettingError("values", '{setting} must have a cell for each place: {{"shape": [1,2], "cells": [0,1]}}')


def _number(said: Any) -> float | None:
    """A tolerance; what is no number is none that is allowed."""
    return said if said is None or type(said) in (int, float) else nan
