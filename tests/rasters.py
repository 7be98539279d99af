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
    most = wish.get("most", 255)
    parts = 1000 if most == 1 else 1
    return (2 * most * parts * levels + 255) // 510 / parts


def cmyk(light: tuple[int, int, int, int]) -> bytes:
    """A JPEG of 8×8 pixels of one colour in four inks, written as printers' programs write it: how much light each ink
    lets through, from 0 to 255. Of each block there is but the mean."""
    numbers = b"".join(bytes([at, 0x11, 0]) for at in range(1, 5))
    tables = [
        b"\xff\xee\0\x0eAdobe\0\x64\0\0\0\0\0",  # of four inks, none of which is mixed
        b"\xff\xdb\0\x43\0" + bytes([8] * 64),  # a mean of so many levels is the very number that stands there
        b"\xff\xc0\0\x14\x08\0\x08\0\x08\x04" + numbers,
        b"\xff\xc4\0\x1c\0\0\0\0\x09" + bytes(12) + bytes(range(9)),  # nine codes of four bits: how many bits follow
        b"\xff\xc4\0\x14\x10\x01" + bytes(15) + b"\0",  # a single bit: nothing but the mean
        b"\xff\xda\0\x0e\x04" + b"".join(bytes([at, 0]) for at in range(1, 5)) + b"\0\x3f\0",
    ]
    bits = ""
    for level in light:
        mean = level - 128
        size = abs(mean).bit_length()
        bits += f"{size:04b}" + (f"{mean if mean > 0 else mean + 2**size - 1:0{size}b}" if size else "") + "0"
    bits += "1" * (-len(bits) % 8)
    data = int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")
    return b"\xff\xd8" + b"".join(tables) + data + b"\xff\xd9"
