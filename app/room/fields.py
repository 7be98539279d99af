"""What a body may say to a room: JSON of a few names, each looked at before anything else is done with it."""

import re
from collections.abc import Collection
from typing import Any

import orjson

from app.ground.errors import RequestError
from app.ground.words import LANGUAGES
from app.room import sentences

AXES = 4  # of an array
FARTHEST = 999_999  # index in an array
_NAME = re.compile(r"[A-Za-z]\w{0,39}", re.ASCII)


def read(body: bytes, names: Collection[str]) -> dict[str, Any]:
    """The object that a body is, whose names must be among these; a RequestError says what is wrong.

    >>> read(b'{"step": 3}', ["walk", "step"])
    {'step': 3}
    """
    try:
        said = orjson.loads(body)
    except ValueError:
        said = None
    if type(said) is not dict or not said.keys() <= set(names):  # a name is the client's own, so it does not come back
        raise RequestError(422, None, sentences.NO_OBJECT if names else sentences.NO_NAMES, names=", ".join(names))
    return said


def whole(name: str, said: Any, high: int, low: int = 0) -> int:
    """A whole number within a range."""
    if type(said) is not int or not low <= said <= high:
        raise RequestError(422, name, sentences.WHOLE, setting=name, low=low, high=high)
    return said


def array(name: str, said: Any) -> str:
    """The name of an array."""
    if type(said) is not str or not _NAME.fullmatch(said):
        raise RequestError(422, name, sentences.ARRAY, setting=name)
    return said


def place(name: str, said: Any) -> list[int]:
    """Where a cell is in its array: an index for each axis."""
    is_place = type(said) is list and 1 <= len(said) <= AXES
    if not is_place or not all(type(one) is int and 0 <= one <= FARTHEST for one in said):
        raise RequestError(422, name, sentences.PLACE, setting=name)
    return list(said)


def spot(name: str, said: Any) -> dict[str, Any] | None:
    """A cell of an array, or none."""
    if said is None:
        return None
    if type(said) is not dict or said.keys() != {"array", "place"}:
        raise RequestError(422, name, sentences.SPOT, setting=name)
    return {"array": array(name, said["array"]), "place": place(name, said["place"])}


def text(name: str, said: Any, longest: int) -> str | dict[str, str]:
    """What a teacher has written, in one language or in each: data, whatever stands in it."""
    texts = said if type(said) is dict else {LANGUAGES[0]: said}
    if not texts or not all(
        language in LANGUAGES and type(one) is str and one.strip() and len(one) <= longest
        for language, one in texts.items()
    ):
        raise RequestError(422, name, sentences.TEXT, setting=name, limit=longest)
    return texts if type(said) is dict else texts[LANGUAGES[0]]
