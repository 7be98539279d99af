"""Pictures and what their numbers are: PNG files made byte by byte, and the rule by which a page reads them."""

import struct
import zlib
from typing import Any

import numpy as np

GREY = np.array([299, 587, 114])
KINDS = {1: 0, 3: 2, 4: 6}  # PNG's name for so many channels


def png(pixels: np.ndarray, *, sizes: tuple[int, int] | None = None) -> bytes:
    """A file of (height, width, channels), of 8 or 16 bits; `sizes` are what it says it has."""
    height, width, channels = pixels.shape
    deep = pixels.dtype == np.uint16
    lines = b"".join(b"\0" + row.astype(">u2" if deep else "u1").tobytes() for row in pixels)
    wide, high = sizes or (width, height)
    head = struct.pack(">IIBBBBB", wide, high, 16 if deep else 8, KINDS[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", zlib.compress(lines)) + part(b"IEND", b"")


def part(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def shares(pixels: int, cells: int) -> np.ndarray:
    """How much of each pixel lies in each cell, in parts of which a cell has as many as there are pixels."""
    cell, pixel = np.indices((cells, pixels))
    return np.maximum(
        0, np.minimum((cell + 1) * pixels, (pixel + 1) * cells) - np.maximum(cell * pixels, pixel * cells)
    )


def numbers(pixels: np.ndarray, size: int, **wish: Any) -> np.ndarray:
    """What a page makes of (height, width, 3): means of the parts that the cells cover, halves rounded up."""
    height, width, _ = pixels.shape
    if wish.get("square"):
        side = min(height, width)
        top, left = (height - side) // 2, (width - side) // 2
        pixels = pixels[top : top + side, left : left + side]
        height = width = side
    long = max(height, width)
    rows, columns = (max(1, (2 * size * side + long) // (2 * long)) for side in (height, width))
    colours = pixels.astype(np.int64).transpose(2, 0, 1)
    sums = shares(height, rows) @ colours @ shares(width, columns).T
    area = height * width
    if not wish.get("colour"):
        sums, area = np.tensordot(GREY, sums, 1)[None], 1000 * area
    levels = (2 * sums + area) // (2 * area)
    if wish.get("ink"):
        levels = 255 - levels
    return (2000 * levels + 255) // 510 / 1000 if wish.get("unit") else levels.astype(float)
