"""An array as an address has it: as JSON or, compactly, how each number is written, the shape, and base64url.

    [[0,1],[2,3]]
    u8:1x28x28:AAEC…        whole numbers from 0 to 255
    i16e-4:3x64x64:…        whole numbers of 16 bits, each divided by 10⁴: decimals, exactly as they are written
    f64:2x2:…               floating-point numbers

Whole numbers are u (from 0) or i, of 8, 16, 24 or 32 bits, with up to 15 decimals behind e-; floating-point numbers are
f32 or f64; all are little-endian. With four decimals a number takes two or three bytes so, and not eight. Nothing is
built from an address but its bytes, and a float for each number.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from math import prod
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson

from core.offer.settings import SettingError

KIND = r"(?:f(?:32|64)|[ui](?:8|16|24|32)(?:e-(?:1[0-5]|[1-9]))?)"  # how the numbers are written
READABLE = 400  # characters of JSON that still can be read in an address

_KIND = re.compile(r"([fui])(\d+)(?:e-(\d+))?")
_DECIMALS = 15  # up to here a power of ten is a float exactly, and so is each quotient the nearest one
_SIZES = (8, 16, 24, 32)


def read(name: str, text: str) -> np.ndarray:
    """The array that stands in an address under that name, as float64; a SettingError says what is wrong.

    >>> read("b", "i8e-1:2:Df8")
    array([ 1.3, -0.1])
    """
    return _from_json(name, text) if text.startswith("[") else _from_bytes(name, text)


def written(array: np.ndarray) -> str:
    """An array as the text that takes the least room in an address and stands for exactly its numbers; as JSON where
    that is short enough to read.

    >>> written(np.array([1.0, 0.0]))
    '[1,0]'
    """
    text = orjson.dumps(array.tolist()).decode().replace(".0,", ",").replace(".0]", "]")
    if len(text) <= READABLE:
        return text
    kind, data = min(_forms(array + 0.0), key=lambda form: len(form[1]))
    encoded = base64.urlsafe_b64encode(data).decode().rstrip("=")
    # A bracket and a comma take three bytes each there.
    return min(f"{kind}:{'x'.join(map(str, array.shape))}:{encoded}", text, key=lambda one: len(quote(one, safe="")))


def _from_json(name: str, text: str) -> np.ndarray:
    try:
        lists = orjson.loads(text)  # refuses NaN, Infinity and a thousand levels
    except ValueError:
        lists = None
    shape = _shape(name, lists, depth=4)
    return _plain(np.array(lists, dtype=np.float64).reshape(shape))


def _shape(name: str, part: Any, depth: int) -> tuple[int, ...]:
    """The shape of nested lists that hold nothing but numbers."""
    if type(part) in (int, float):  # a bool is neither
        return ()
    if type(part) is not list or not depth:
        raise SettingError(name, "{setting} must be nested lists of numbers, such as [[0,1],[2,3]]")
    shapes = {_shape(name, one, depth - 1) for one in part}
    if len(shapes) > 1:
        raise SettingError(name, "the rows of {setting} must all be of one length")
    return (len(part), *(shapes.pop() if shapes else ()))


def _from_bytes(name: str, text: str) -> np.ndarray:
    wanted = (
        "{setting} must be nested lists of numbers, or u8, i16e-4, f32, f64 and the like with shape and base64url: "
        "u8:1x2:AAE"
    )
    kind, _, rest = text.partition(":")
    sizes, _, encoded = rest.partition(":")
    shape = tuple(int(size) if _is_size(size) else -1 for size in sizes.split("x", 4))
    if not re.fullmatch(KIND, kind) or min(shape) < 0:
        raise SettingError(name, wanted)
    try:
        data = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise SettingError(name, wanted) from None
    needed = prod(shape) * _parts(kind)[1] // 8
    if len(data) != needed:
        template = "{setting} has {bytes} bytes, and its shape needs {needed}"
        raise SettingError(name, template, bytes=len(data), needed=needed)
    return _plain(_numbers(kind, data).reshape(shape))


def _parts(kind: str) -> tuple[str, int, int]:
    """What kind of number, of how many bits, with how many decimals."""
    match = _KIND.fullmatch(kind)
    assert match is not None
    return match[1], int(match[2]), int(match[3] or 0)


def _numbers(kind: str, data: bytes) -> np.ndarray:
    sort, bits, decimals = _parts(kind)
    if bits != 24:
        return np.frombuffer(data, f"<{sort}{bits // 8}").astype(np.float64) / 10.0**decimals
    whole = np.zeros((len(data) // 3, 4), np.uint8)  # as the upper three bytes of four, whose sign comes with them
    whole[:, 1:] = np.frombuffer(data, np.uint8).reshape(-1, 3)
    return np.floor(whole.view(f"<{sort}4").ravel() / 256.0) / 10.0**decimals


def _forms(array: np.ndarray) -> Iterator[tuple[str, bytes]]:
    """Each way to write exactly these numbers, the readable ones first; the last can write all."""
    decimal = next(filter(None, (_as_whole(array, decimals) for decimals in range(_DECIMALS + 1))), None)
    if decimal is not None:
        yield decimal
    if (array.astype("<f4") == array).all():
        yield "f32", array.astype("<f4").tobytes()
    yield "f64", array.astype("<f8").tobytes()


def _as_whole(array: np.ndarray, decimals: int) -> tuple[str, bytes] | None:
    """The numbers times a power of ten, if those are whole numbers that stand for just these and are small enough."""
    whole = np.rint(array * 10.0**decimals)
    if not (whole / 10.0**decimals == array).all():
        return None
    low, high = (int(whole.min()), int(whole.max())) if whole.size else (0, 0)
    sort = "i" if low < 0 else "u"
    bits = next((bits for bits in _SIZES if -(2 ** (bits - 1)) <= low and high < 2 ** (bits - (low < 0))), None)
    if bits is None:
        return None
    data = whole.astype("<i8").ravel().view(np.uint8).reshape(-1, 8)[:, : bits // 8]
    return f"{sort}{bits}" + (f"e-{decimals}" if decimals else ""), data.tobytes()


def _plain(array: np.ndarray) -> np.ndarray:
    """The same numbers without a negative zero, so that equal arrays are equal in every byte."""
    return array + 0.0


def _is_size(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= 5
