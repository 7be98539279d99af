"""What stands in an address, written a second time: settings, and arrays in the form that takes the least room."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson

from app.walks import query
from core.offer.layer import Layer

READABLE = 400  # characters of JSON that still can be read in an address
DECIMALS = 15  # up to here a power of ten is a float exactly, and so is each quotient the nearest one


def to_query(layer: Layer, settings: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> str:
    """The shortest query string that says the same: `settings` as `Settings.plain()` gives them.

    A comma or a bracket may stand in an address as it is, and is read; chat programs end a link there: none is written.
    Settings at their default are left out, and so are the sizes that an array sets.
    """
    defaults = layer.settings().plain()
    sized = layer.sized_by(arrays)
    said = {name: value for name, value in settings.items() if value != defaults[name] and name not in sized}
    texts = {name: query.written(value) for name, value in said.items()}
    texts |= {name: array_text(array) for name, array in arrays.items()}
    return "&".join(f"{name}={quote(text, safe='')}" for name, text in texts.items())


def array_text(array: np.ndarray) -> str:
    """An array as the text that takes the least room in an address and stands for exactly its numbers; as JSON where
    that is short enough to read.
    """
    text = orjson.dumps(array.tolist()).decode().replace(".0,", ",").replace(".0]", "]")
    if len(text) <= READABLE:
        return text
    kind, data = min(_forms(array + 0.0), key=lambda form: len(form[1]))
    encoded = base64.urlsafe_b64encode(data).decode().rstrip("=")
    # A bracket and a comma take three bytes each there.
    return min(f"{kind}:{'x'.join(map(str, array.shape))}:{encoded}", text, key=lambda one: len(quote(one, safe="")))


def _forms(array: np.ndarray) -> Iterator[tuple[str, bytes]]:
    """Each way to write exactly these numbers, the readable ones first; the last can write all."""
    decimal = next(filter(None, (_as_whole(array, decimals) for decimals in range(DECIMALS + 1))), None)
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
    sizes = (8, 16, 24, 32)
    bits = next((bits for bits in sizes if -(2 ** (bits - 1)) <= low and high < 2 ** (bits - (low < 0))), None)
    if bits is None:
        return None
    data = whole.astype("<i8").ravel().view(np.uint8).reshape(-1, 8)[:, : bits // 8]
    return f"{sort}{bits}" + (f"e-{decimals}" if decimals else ""), data.tobytes()
