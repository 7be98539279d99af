"""A query string is a layer's settings, and the arrays that a reader brings.

    stride=2,1&padding=1&x=[[[0,1],[2,3]]]&b=u8:2:AQA

How an array stands there, or in the body of a request whose arrays do not fit into its address, is
`app.walks.arrays`'. Everything here is bounded by the lengths of both.
"""

from collections.abc import Mapping, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl

import numpy as np

from app.ground.errors import RequestError
from app.walks import arrays as array_texts
from core.catalog import LAYERS
from core.offer.layer import Layer, Shapes, legal
from core.offer.settings import SettingError

MOST_NAMES = 100  # of a query; a layer has a quarter of that
_LONGEST = 64  # characters of a setting

legal_values = lru_cache(maxsize=200)(legal)  # of 20 kB each; it tries every value of every setting, for 50 ms


def find(layer: str, algorithm: str) -> Layer:
    """The layer of that name, which has that algorithm; a name that does not exist is a 404."""
    if layer not in LAYERS:
        raise RequestError(404, "layer", "there is no such layer; there are {known}", known=", ".join(LAYERS))
    algorithms = LAYERS[layer].algorithms
    if algorithm not in algorithms:
        template = "there is no such algorithm; this layer has {known}"
        raise RequestError(404, "algorithm", template, known=", ".join(algorithms))
    return LAYERS[layer]


def names_of(layer: Layer) -> list[str]:
    """All that a query can say of a layer: settings, pairs of them, arrays."""
    return [*layer.settings.kinds(), *layer.settings.pairs(), *layer.axes]


@dataclass(frozen=True)
class Query:
    """What a query string says: settings as text, arrays as float64, and the step at which a stream begins.

    >>> Query.parse(LAYERS["conv2d"], b"stride=2,1&b=[1,0]")
    Query(settings={'stride': '2,1'}, arrays={'b': array([1., 0.])}, start=0)
    """

    settings: dict[str, str]
    arrays: dict[str, np.ndarray]
    start: int

    @classmethod
    def parse(
        cls,
        layer: Layer,
        raw: bytes,
        brought: Mapping[str, np.ndarray] | None = None,
        *,
        streamed: bool = False,
        besides: Set[str] = frozenset(),
    ) -> "Query":
        """Read the bytes behind the `?`; `lang` is left to those who speak. A SettingError says what is wrong.

        What a body has `brought` is none of the query's. Only a stream has a `start`: a page and its limits are of the
        whole walk. What stands in the query `besides` is left to those who ask for it.
        """
        known = names_of(layer)
        beside = {"lang", *besides}
        pairs = _pairs(raw, {*known, *beside, *(["start"] if streamed else [])}, ", ".join(known))
        given = {name: text for name, text in pairs.items() if name not in beside}
        start = _start(given.pop("start", "0"))
        brought = brought or {}
        if twice := sorted(given.keys() & brought.keys()):
            raise SettingError(twice[0], "{setting} is given twice")
        query = cls.of(layer, given)
        return replace(query, arrays={**query.arrays, **brought}, start=start)

    @classmethod
    def of(cls, layer: Layer, given: Mapping[str, str]) -> "Query":
        """From texts by the names of settings and arrays that the layer has."""
        arrays = {name: array_texts.read(name, text) for name, text in given.items() if name in layer.axes}
        settings = {name: _setting(name, text) for name, text in given.items() if name not in layer.axes}
        return cls(settings, arrays, start=0)

    @property
    def shapes(self) -> Shapes:
        """Those of the arrays, by name."""
        return frozenset((name, array.shape) for name, array in self.arrays.items())

    def fixed(self, layer: Layer) -> frozenset[str]:
        """The settings that the arrays of the query set by their shapes, or that their shapes go by."""
        return layer.sized_by(self.arrays) | layer.shared_by(self.arrays)


def written(value: object) -> str:
    """A setting as an address has it: 2,1 for a list, true for a yes."""
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pairs(raw: bytes, names: set[str], known: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise RequestError(422, None, "this address is not written in UTF-8") from None
    given: dict[str, str] = {}
    for name, text in pairs:
        if name not in names:  # the name is the reader's own, so it does not come back
            raise RequestError(422, None, "there is no such setting; this layer has {known}", known=known)
        if name in given:
            raise SettingError(name, "{setting} is given twice")
        given[name] = text
    return given


def _start(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise SettingError("start", "{setting} must be the number of a step, from 0")
    return int(text)


def _setting(name: str, text: str) -> str:
    # Python reads digits of every script as numbers, and very long ones slowly.
    if len(text) > _LONGEST or not (text.isascii() and text.isprintable()):
        raise SettingError(name, "{setting} must be a few plain letters or digits")
    return text
