"""An array as an address or a body has it: as JSON or, compactly, how each number is written, the shape, and base64url.

    [[0,1],[2,3]]
    u8:1x28x28:AAEC…        whole numbers from 0 to 255
    i16e-4:3x64x64:…        whole numbers of 16 bits, each divided by 10⁴: decimals, exactly as they are written
    f64:2x2:…               floating-point numbers

    not-in-link-3x64x64-9a3f1c0e52b7d846    numbers that only the browser that brought them has

Whole numbers are u (from 0) or i, of 8, 16, 24 or 32 bits, with up to 15 decimals behind e-; floating-point numbers are
f32 or f64; all are little-endian. With four decimals a number takes two or three bytes so, and not eight. Nothing is
built from an address but its bytes, and a float for each number. A body is a JSON object of such arrays by name:

    {"x": "u8:1x28x28:AAEC…", "b": [1, 0]}

What is not one of a walk's own arrays may have "NaN", "Infinity" and "-Infinity" among its numbers, as answers have.
"""

import base64
import re
from collections.abc import Collection, Set
from math import prod
from typing import Any

import numpy as np
import orjson

from app.ground.errors import RequestError
from core.offer import limits
from core.offer.settings import SettingError

KIND = r"(?:f(?:32|64)|[ui](?:8|16|24|32)(?:e-(?:1[0-5]|[1-9]))?)"  # how the numbers are written

AXES = 5  # of the array that has most
MOST_DECIMALS = 6  # that a decimal number is looked for with
WORDS = frozenset({"NaN", "Infinity", "-Infinity"})
# Lists and objects in a body, as many as an address has room for: Python takes a microsecond for each, all at once.
ROWS = 20_000
NUMBERS = 500_000  # written out in a body, each of which is an object of Python's for a moment

_COMPACT = re.compile(rf"(?P<kind>{KIND}):(?P<shape>\d{{1,5}}(?:x\d{{1,5}}){{0,{AXES - 1}}}):", re.ASCII)
# As static/hands/carried.js has it.
_ELSEWHERE = re.compile(r"not-in-link(?:-(\d{1,5}(?:x\d{1,5}){0,4}))?-[0-9a-f]{16}", re.ASCII)
_PARTS = re.compile(r"([fui])(\d+)(?:e-(\d+))?")


class ElsewhereError(SettingError):
    """Numbers that only the browser that brought them has: nothing is wrong with the address of a page."""


def read(name: str, text: str) -> np.ndarray:
    """The array that stands in an address under that name, as float64; a SettingError says what is wrong.

    >>> read("b", "i8e-1:2:Df8")
    array([ 1.3, -0.1])
    """
    return _from_json(name, text) if text.startswith("[") else _from_bytes(name, text)


def read_all(body: bytes, known: Collection[str]) -> dict[str, np.ndarray]:
    """The arrays of a body by their names, which must be known ones.

    >>> read_all(b'{"b": [1, 0]}', ["x", "b"])
    {'b': array([1., 0.])}
    """
    given = loaded(body)
    if type(given) is not dict:
        raise RequestError(422, None, 'this body must be a JSON object of arrays by name: {"x": [[[0,1],[2,3]]]}')
    return read_each(given, known)


def loaded(body: bytes) -> Any:
    """What a body says in JSON, None if it is none; a RequestError if that takes more than a moment to find out."""
    if body.count(b"[") + body.count(b"{") > ROWS:
        template = "this body has more than {limit} rows: write long arrays compactly, such as u8:1x2:AAE"
        raise RequestError(422, None, template, limit=ROWS)
    if body.count(b",") > NUMBERS:
        template = "this body has more than {limit} numbers: write long arrays compactly, such as u8:1x2:AAE"
        raise RequestError(422, None, template, limit=NUMBERS)
    try:
        return orjson.loads(body)  # refuses NaN, Infinity and a thousand levels
    except ValueError:
        return None


def read_each(given: dict[str, Any], known: Collection[str]) -> dict[str, np.ndarray]:
    """The arrays of an object of a body."""
    if not given.keys() <= set(known):  # the name is the reader's own, so it does not come back
        template = "there is no such array; this layer takes {known}"
        raise RequestError(422, None, template, known=", ".join(known))
    return {name: read_said(name, one) for name, one in given.items()}


def read_said(name: str, said: Any, words: Set[str] = frozenset()) -> np.ndarray:
    """An array that a body has as text or as lists, in which words may stand for what is no number."""
    if isinstance(said, str) and said not in words:
        return read(name, said)
    shape = _shape(name, said, AXES, words)
    return _plain(np.array(said, dtype=np.float64).reshape(shape))


def written(array: np.ndarray) -> str:
    """The array as an address has it compactly, in as few bytes as hold each number exactly.

    >>> written(np.array([1.3, -0.1]))
    'i8e-1:2:Df8'
    """
    for decimals in range(MOST_DECIMALS + 1):
        whole = np.round(array * 10.0**decimals)
        bits = next((bits for bits in (8, 16, 32) if np.abs(whole).max(initial=0) < 2 ** (bits - 1)), None)
        if bits is None:
            break
        if np.array_equal(whole / 10.0**decimals, array):
            return compact(f"i{bits}" + (f"e-{decimals}" if decimals else ""), whole.astype(f"<i{bits // 8}"))
    return compact("f64", array.astype("<f8"))


def compact(kind: str, array: np.ndarray) -> str:
    """The array as an address has it compactly, of numbers that are written so."""
    data = base64.urlsafe_b64encode(array.tobytes()).decode().rstrip("=")
    return f"{kind}:{'x'.join(map(str, array.shape))}:{data}"


def _from_json(name: str, text: str) -> np.ndarray:
    try:
        lists = orjson.loads(text)
    except ValueError:
        lists = None
    return read_said(name, lists)


def _shape(name: str, part: Any, depth: int, words: Set[str]) -> tuple[int, ...]:
    """The shape of nested lists that hold nothing but numbers."""
    if type(part) in (int, float) or (type(part) is str and part in words):  # a bool is none of them
        return ()
    if type(part) is not list or not depth:
        raise SettingError(name, "{setting} must be nested lists of numbers, such as [[0,1],[2,3]]")
    if set(map(type, part)) <= {int, float}:  # a long row in a moment
        return (len(part),)
    shapes = {_shape(name, one, depth - 1, words) for one in part}
    if len(shapes) > 1:
        raise SettingError(name, "the rows of {setting} must all be of one length")
    return (len(part), *(shapes.pop() if shapes else ()))


def _from_bytes(name: str, text: str) -> np.ndarray:
    wanted = (
        "{setting} must be nested lists of numbers, or u8, i16e-4, f32, f64 and the like with shape and base64url: "
        "u8:1x2:AAE"
    )
    if found := _ELSEWHERE.fullmatch(text):
        template = (
            "the numbers of {setting} ({shape}) are not in this link, which would be too long with them: only the "
            "browser tab that brought them has them. Open the file of that walk, or bring them again"
        )
        raise ElsewhereError(name, template, shape=(found[1] or "?").replace("x", "×"))
    found = _COMPACT.match(text)
    if found is None:
        raise SettingError(name, wanted)
    sort, bits, decimals = _PARTS.findall(found["kind"])[0]
    shape = tuple(map(int, found["shape"].split("x")))
    text = text[found.end() :]
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise SettingError(name, wanted) from None
    needed = prod(shape) * int(bits) // 8
    if len(data) != needed:
        template = "{setting} has {bytes} bytes, and its shape needs {needed}"
        raise SettingError(name, template, bytes=len(data), needed=needed)
    if prod(shape) > limits.CELLS:  # before there is a float for each
        template = "{setting} would have {cells} cells; {limit} is the most for one array"
        raise SettingError(name, template, cells=prod(shape), limit=limits.CELLS)
    try:
        return _plain(_numbers(sort, int(bits) // 8, data).reshape(shape) / 10.0 ** int(decimals or 0))
    except ValueError:  # rows of no length, more of them than NumPy counts
        raise SettingError(name, wanted) from None


def _numbers(sort: str, size: int, data: bytes) -> np.ndarray:
    """Numbers of so many bytes each."""
    if size != 3:
        return np.frombuffer(data, f"<{sort}{size}").astype(np.float64)
    whole = np.zeros((len(data) // 3, 4), np.uint8)  # as the upper three bytes of four, whose sign comes with them
    whole[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return np.floor(whole.view(f"<{sort}4").ravel() / 256.0)


def _plain(array: np.ndarray) -> np.ndarray:
    """The same numbers without a negative zero, so that equal arrays are equal in every byte."""
    return array + 0.0
