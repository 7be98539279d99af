"""Where a class is: which walk, at which step, and what lies open there."""

import math
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from app.ground import limits
from app.ground.errors import RequestError
from app.room import fields, sentences
from app.walks.query import MOST_NAMES, names_of
from core.catalog import LAYERS
from core.offer.limits import STEPS

LONGEST = 2000  # bytes of what a page says for itself
NAMES = ("walk", "step", "cell", "spotlight", "more")

# What a browser puts behind the `?` of an address.
_QUERY = re.compile(r"[!$-;=?-\[\]_a-z|~]*", re.ASCII)


@dataclass(frozen=True)
class Moment:
    """What a teacher's page says of itself. Without a `walk` it is still the one of before."""

    walk: dict[str, Any] | None
    at: dict[str, Any]

    @classmethod
    def read(cls, body: bytes) -> "Moment":
        """Read a body; a RequestError says what is wrong with it."""
        said = fields.read(body, NAMES)
        at = {
            "step": fields.whole("step", said.get("step"), STEPS),
            "cell": fields.spot("cell", said.get("cell")),
            "spotlight": fields.spot("spotlight", said.get("spotlight")),
            "more": _more(said.get("more", {})),
        }
        return cls(_walk(said["walk"]) if "walk" in said else None, at)


def _walk(said: Any) -> dict[str, Any]:
    """The address of a walk. Whether its values fit each other every page that opens it says by itself."""
    if type(said) is dict and said.keys() == {"layer", "algorithm", "query"} and _is_walk(**said):
        return dict(said)
    raise RequestError(422, "walk", sentences.BOTH, setting="walk")


def _is_walk(layer: Any, algorithm: Any, query: Any) -> bool:
    if not (type(layer) is type(algorithm) is type(query) is str and layer in LAYERS):
        return False
    if len(query) > limits.URL_BYTES or query.count("&") >= MOST_NAMES or not _QUERY.fullmatch(query):
        return False
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    is_ours = set(names) <= set(names_of(LAYERS[layer])) and len(names) == len(set(names))
    return is_ours and algorithm in LAYERS[layer].algorithms


def _more(said: Any) -> dict[str, Any]:
    if type(said) is not dict or _length(said) > LONGEST:
        raise RequestError(422, "more", sentences.MORE, setting="more", limit=LONGEST)
    return said


def _length(said: Any) -> float:
    """How many bytes of JSON that is; what is too deep to be told is endless."""
    try:
        return len(orjson.dumps(said))
    except orjson.JSONEncodeError:
        return math.inf
