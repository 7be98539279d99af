"""What a query asks for: a walk, and everything that its bytes depend on."""

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import numpy as np
import orjson
import pygments

import app
import core
from app.ground import formulas, limits
from app.ground.etags import digest, tag
from app.walks.query import Query
from app.walks.recordings import SMALL_STEPS, SMALL_WRITES
from core.catalog import Run
from core.offer.layer import Layer
from core.offer.layout import settle_or_explain
from core.offer.limits import LIMITS
from core.offer.settings import SettingError


@dataclass(frozen=True)
class WalkRequest:
    """A walk that somebody wants to see."""

    key: str  # names everything that its bytes depend on
    cells: int  # of all its arrays
    plan: Callable[[], Run]
    is_small: bool = False  # so that its recording can be kept


def walk_request(
    layer: Layer,
    algorithm: str,
    raw: bytes,
    brought: Mapping[str, np.ndarray] | None = None,
    *,
    streamed: bool = True,
    besides: Set[str] = frozenset(),
) -> tuple[Query, WalkRequest]:
    """What a query asks for, with the arrays of a body beside it. Two ways to write the same have the same key.

    Whatever is wrong with it is known here, so that nobody is told of an answer that they have already which never was.
    What stands in the query `besides` is left to those who ask for it.
    """
    query = Query.parse(layer, raw, brought, streamed=streamed, besides=besides)
    settings, _, arrays = settle_or_explain(layer, algorithm, query.settings, query.arrays)
    if query.start > (steps := layer.cost(algorithm, settings).steps):
        raise SettingError("start", "{setting} must be from {low} to {high}", low=0, high=steps)
    said = orjson.dumps([layer.name, algorithm, settings.plain()])
    parts = [part for name in sorted(query.arrays) for part in (name.encode(), query.arrays[name].tobytes())]
    plan = partial(Run.planned, layer.name, algorithm, query.arrays, **query.settings)
    cells = sum(array.size for array in arrays.values())
    cost = layer.whole_cost(algorithm, settings)
    is_small = cost.steps <= SMALL_STEPS and cost.writes <= SMALL_WRITES and cells <= limits.LARGE_CELLS
    return query, WalkRequest(tag(_program(), said, *parts), cells, plan, is_small)


@cache
def _program() -> bytes:
    """This program, its limits, and what it computes and colours with, in a few bytes: another one may give other
    answers, and so may this one where more cells are checked.
    """
    versions = (app.__version__, np.__version__, pygments.__version__, formulas.VERSION)
    bounds = [limit.value for limit in LIMITS.values()]
    files = (path for package in (app, core) for path in sorted(Path(package.__path__[0]).rglob("*.py")))
    return digest((f"{versions} {bounds}".encode(), *(path.read_bytes() for path in files))).encode()
