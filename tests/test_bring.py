"""What a reader may bring besides text, without a page: files of NumPy, pictures as numbers, drawings."""

import base64
import io
import json
import re
import struct
import time
import zipfile
from typing import Any

import numpy as np
import pytest

from app.api.arrays_file import packed
from tests.conftest import ROOT
from tests.node import node
from tests.rasters import numbers, png

RNG = np.random.default_rng(15)
TYPES = ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "?"]


def saved(array: np.ndarray, version: tuple[int, int] | None = None, pickled: bool = False) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=pickled)
    return file.getvalue()


def said(header: str, data: bytes = b"", magic: bytes = b"\x93NUMPY\x01\0") -> bytes:
    """A file with a header of one's own."""
    return magic + struct.pack("<H", len(header)) + header.encode("latin-1") + data


def brought(*files: bytes) -> list[dict[str, Any]]:
    return node("brought", files=[base64.b64encode(file).decode() for file in files])


def array(matrix: dict[str, Any]) -> np.ndarray:
    assert "cells" in matrix, matrix
    return np.array([float(cell) for cell in matrix["cells"]]).reshape(matrix["shape"])


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", TYPES)
def test_arrays_of_every_type_and_order_are_read_as_numpy_reads_them(kind: str, order: str):
    values = (np.abs(RNG.normal(size=(2, 3, 4))) * 100 * (1 if kind[0] == "u" else -1)).astype(order + kind)
    if kind == "f2":
        values.flat[:5] = [np.inf, -np.inf, np.nan, 6e-8, 65504]
    forms = [values, np.asfortranarray(values), values[0, 0], values.transpose(2, 0, 1), values[:1]]
    for form, read in zip(forms, brought(*map(saved, forms)), strict=True):
        np.testing.assert_array_equal(array(read), form.astype(float), strict=True)


def test_a_whole_number_that_cannot_be_held_is_refused_and_every_other_is_not():
    held = [2**53, 2**53 + 2, -(2**63), 2**62, -(2**53)]
    (read,) = brought(saved(np.array(held)))
    assert [float(cell) for cell in read["cells"]] == held
    wrong = brought(saved(np.array([1, 2**53 + 1])), saved(np.array([2**64 - 1], "u8")))
    assert [one["reason"] for one in wrong] == ["rounded"] * 2
    assert wrong[0]["values"] == {"what": "9007199254740993", "near": "9007199254740992"}


def test_every_version_of_the_format_is_read():
    values = RNG.normal(size=(3, 2))
    for read in brought(*(saved(values, version) for version in [(1, 0), (2, 0), (3, 0)])):
        np.testing.assert_array_equal(array(read), values, strict=True)
    (scalar,) = brought(saved(np.array(7.5)))
    assert scalar == {"shape": [1], "cells": [7.5]}


def test_a_short_word_is_told_beside_the_refusal_for_a_setting_may_be_one():
    words = [np.array("relu"), np.array("relu", ">U4"), np.array(b"relu"), np.array(["relu"])]
    longer = [np.array("x" * 65), np.array("é"), np.array(["a", "b"]), np.array(1j)]
    assert [told.get("word") for told in brought(*map(saved, words + longer))] == ["relu"] * 4 + [None] * 4
    (cut,) = brought(saved(np.array("relu"))[:-1])
    assert cut == {"reason": "dtype", "values": {"dtype": "<U4"}}


HEADER = "{{'descr': '{}', 'fortran_order': {}, 'shape': {}, }}\n"
BAD = {
    "objects, which would have to be unpickled": (saved(np.array([{}, None]), pickled=True), "objects"),
    "complex numbers": (saved(np.ones(2, complex)), "dtype"),
    "text": (saved(np.array(["1", "2"])), "dtype"),
    "records": (saved(np.zeros(2, [("a", "f8"), ("b", "i4")])), "dtype"),
    "no end": (saved(np.ones((4, 4)))[:-1], "cut"),
    "no numbers": (saved(np.ones((0, 3))), "nothing"),
    "too many": (saved(np.zeros((257, 256), np.int8)), "cells"),
    "more than memory": (said(HEADER.format("<f8", "False", "(99999999999, 9999)")), "cells"),
    "more than can be counted": (said(HEADER.format("<f8", "False", "(99999999999, 99999999999)")), "header"),
    "a size without end, and none": (said(HEADER.format("<f8", "False", f"({'9' * 400}, 0)")), "header"),
    "a header that is code": (said("__import__('os').system('true') or {'descr': '<f8'}"), "header"),
    "a shape that is code": (said(HEADER.format("<f8", "False", "(print(1),)")), "header"),
    "a negative size": (said(HEADER.format("<f8", "False", "(-1, 2)"), bytes(16)), "header"),
    "an order that is none": (said(HEADER.format("<f8", "1", "(2,)"), bytes(16)), "header"),
    "half a header": (said("{'descr': '<f8', 'shape': (2,), }", bytes(16)), "header"),
    "a header longer than the file": (b"\x93NUMPY\x01\0\xff\xff{}", "header"),
    "a version to come": (said("{}", magic=b"\x93NUMPY\x09\0"), "header"),
    "eight bytes": (b"\x93NUMPY\x01\0", "header"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_no_array_of_numbers_is_refused(what: str):
    file, reason = BAD[what]
    (told,) = brought(file)
    assert told["reason"] == reason, told


def archive(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return file.getvalue()


def test_several_arrays_are_read_by_their_names():
    arrays = {"x": RNG.normal(size=(2, 3, 3)), "w": RNG.integers(0, 9, (1, 2, 2, 2)), "b": np.asfortranarray([[True]])}
    plain, dense = io.BytesIO(), io.BytesIO()
    np.savez(plain, **arrays)
    np.savez_compressed(dense, **arrays)
    for read in brought(plain.getvalue(), dense.getvalue(), packed(arrays)):
        assert [one["name"] for one in read["arrays"]] == list(arrays)
        for one, values in zip(read["arrays"], arrays.values(), strict=True):
            np.testing.assert_array_equal(array(one["matrix"]), values.astype(float), strict=True)


def test_a_file_of_ours_tells_which_walk_it_is_of():
    told = {"layer": "conv2d", "algorithm": "walk", "settings": {"stride": "2,1"}, "arrays": ["x"]}
    bytes_of = np.frombuffer(json.dumps(told).encode(), np.uint8)
    elsewhere = np.frombuffer(b'{"layer": "../..", "algorithm": "", "arrays": []}', np.uint8)
    files = [packed({"convwalk": one, "x": np.ones((1, 2, 2))}) for one in (bytes_of, bytes_of[:-3], elsewhere)]
    own, broken, foreign = brought(*files)
    assert own["walk"] == told
    assert [[one["name"] for one in read["arrays"]] for read in (own, broken, foreign)] == [["x"]] * 3
    assert "walk" not in broken
    assert "walk" not in foreign


def test_an_array_that_cannot_be_read_does_not_take_the_others_along():
    (read,) = brought(
        archive({"x.npy": saved(np.ones(2)), "o.npy": saved(np.array([{}]), pickled=True), "notes.txt": b""})
    )
    assert [(one["name"], (one.get("refused") or {}).get("reason")) for one in read["arrays"]] == [
        ("x", None),
        ("o", "objects"),
    ]


def lying(size: int) -> bytes:
    """A zip whose entry says that it has another size than it has."""
    file = bytearray(archive({"x.npy": saved(np.zeros(100))}))
    at = file.index(b"PK\x01\x02")
    file[at + 24 : at + 28] = struct.pack("<I", size)
    return bytes(file)


def marked(at: int, value: int) -> bytes:
    """A zip with a number changed in what it says of its entry."""
    file = bytearray(archive({"x.npy": saved(np.zeros(100))}))
    place = file.index(b"PK\x01\x02") + at
    file[place : place + 2] = struct.pack("<H", value)
    return bytes(file)


WHOLE = archive({"x.npy": saved(RNG.normal(size=50))})
HOSTILE = {
    "four gigabytes": (lying(0xFFFFFFFF), "lie"),
    "less than there is": (lying(10), "zip"),
    "more than there is": (lying(50_000), "zip"),
    "a bomb": (archive({"x.npy": saved(np.zeros(3_000_000))}), "lie"),
    "a lock": (marked(8, 1), "locked"),
    "another packing": (marked(10, 12), "packed"),
    "no end": (WHOLE[:-30], "zip"),
    "a byte that has changed": (WHOLE[:60] + bytes([WHOLE[60] ^ 1]) + WHOLE[61:], "zip"),
    "a place behind the end": (marked(42, 60_000), "zip"),
    "no array": (archive({"a.txt": b"1"}), "arrays"),
    "nothing": (archive({}), "arrays"),
    "too many": (archive({f"{at}.npy": b"" for at in range(300)}), "entries"),
    "a pickle": (archive({"x.npy": saved(np.array([{}]), pickled=True)}), "objects"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_zip_is_refused(what: str):
    file, reason = HOSTILE[what]
    (told,) = brought(file)
    assert told["reason"] == reason, told


def kinds(*files: bytes) -> list[dict[str, Any]]:
    return node("kinds", files=[base64.b64encode(file).decode() for file in files])


def test_a_file_is_what_it_contains():
    pixels = np.zeros((3, 5, 3), np.uint8)
    jpeg = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(10) + b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 3, 5) + bytes(20)
    webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0" + bytes(4) + b"\x04\0\0\x02\0\0" + bytes(8)
    gif = b"GIF89a" + struct.pack("<HH", 5, 3) + bytes(30)
    svg = b"\xef\xbb\xbf<?xml version='1.0'?><!-- a --><svg xmlns='x'/>"
    bmp = b"BM" + bytes(12) + struct.pack("<Iii", 40, 5, -3) + bytes(28)
    os2 = b"BM" + bytes(12) + struct.pack("<IHH", 12, 5, 3) + bytes(28)
    others = [saved(np.ones(1)), WHOLE, svg, b"1,2\n3,4\n", b"\0\1\2\3", b"\xff\xfe\0\0", b"\0\0\1\0\1\0" + bytes(30)]
    found = kinds(png(pixels), jpeg, gif, webp, bmp, os2, *others)
    size = {"width": 5, "height": 3}
    assert found[:6] == [{"kind": "picture"} | size] * 6
    assert [one["kind"] for one in found[6:]] == ["npy", "zip", "svg", "text", "unknown", "unknown", "picture"]


def test_a_drawing_of_lines_is_known_behind_all_that_xml_may_begin_with():
    doctype = '<!DOCTYPE svg PUBLIC "-//>" "a[" [\n<!-- it\'s -->\n<!ENTITY a "]>"><?b ]>?>\n]>\n'
    begins = ["", "\ufeff \n", "<?xml version='1.0'?><?foo bar?>", "<!-- > -- <svg -->\n", "<!DOCTYPE svg>", doctype]
    drawings = [begin + end for begin in begins for end in ("<svg>", "<svg/>", "<s.1:svg\nx='1'>")]
    others = [
        "<svgx>",
        "<html><svg>",
        "svg",
        "<!--<svg>",
        "<?<svg>",
        "<!DOCTYPE svg [<svg>",
        "",
        "1,2\n<svg>",
        "BMI,2\n3,4",
    ]
    encoded = [text.encode(code) for code in ("utf-8", "utf-16") for text in drawings]
    found = [one["kind"] for one in kinds(*encoded, *(text.encode() for text in others))]
    assert found == ["svg"] * len(encoded) + ["text"] * len(others)


def test_what_a_text_is_not_takes_no_time_to_be_found_out():
    long = [" " * 200_000 + "1", "<!-- a -->\n" * 20_000 + "<html>", "<!--" * 60_000, "<!DOCTYPE a " + "'\"" * 60_000,
            "<!DOCTYPE a [" + "<?" * 60_000, "<?a?>" * 50_000, "<" + "a" * 200_000]  # fmt: skip
    began = time.perf_counter()
    assert {one["kind"] for one in kinds(*(text.encode() for text in long))} == {"text"}
    assert time.perf_counter() - began < 2


def test_a_text_is_read_in_the_code_that_it_is_written_in():
    written = [("größe;1\n2;3", "utf-8"), ("größe;1\n2;3", "utf-8-sig"), ("größe;1\n2;3", "utf-16"),
               ("a\n1\t2", "utf-16-be"), ("höhe;é\n1;2", "latin-1"),
               ("高,宽\n1,2\n", "gb18030"), ("1 €", "cp1252")]  # fmt: skip
    encoded = [("\ufeff" if code == "utf-16-be" else "").encode(code) + text.encode(code) for text, code in written]
    said = [one.get("said", "").removeprefix("\ufeff") for one in kinds(*encoded)]  # which Node leaves where it is
    assert said == [text for text, _ in written]
    # What is no text: signs that no text has, and half a sign at the end.
    others = [b"\xe9\1;2", b"1\t2".decode().encode("utf-16-le"), b"\x1f\x8b\x08\0abc"]
    assert [one["kind"] for one in kinds(*others)] == ["unknown"] * 3


@pytest.mark.parametrize("shape", [(28, 28), (64, 48), (100, 31), (5, 9), (1, 3), (641, 77)])
def test_a_picture_is_the_mean_of_what_each_cell_covers(shape: tuple[int, int]):
    pixels = RNG.integers(0, 256, (*shape, 3)).astype(np.uint8)
    wishes = [
        {"size": size, "colour": colour, "square": square, "ink": ink, "most": most}
        for size in (8, 28, 64)
        for colour, square, ink, most in [(0, 0, 0, 255), (1, 0, 0, 1), (0, 1, 1, 16), (1, 1, 1, 1)]
    ]
    encoded = base64.b64encode(pixels.tobytes()).decode()
    height, width = shape
    made = node("planes", width=width, height=height, pixels=encoded, wishes=wishes)["made"]
    for wish, matrix in zip(wishes, made, strict=True):
        np.testing.assert_array_equal(array(matrix), numbers(pixels, **wish), err_msg=str(wish), strict=True)


def test_a_large_picture_is_looked_at_in_strips():
    pixels = np.zeros((1200, 2000, 3), np.uint8)
    pixels[600:] = 255
    encoded = base64.b64encode(pixels.tobytes()).decode()
    wish = {"size": 8, "colour": False, "square": True, "ink": False, "most": 255}
    read = node("planes", width=2000, height=1200, pixels=encoded, wishes=[wish])
    np.testing.assert_array_equal(array(read["made"][0]), numbers(pixels, **wish))
    assert read["most"] < 1200


def test_every_cell_that_a_stroke_passes_has_ink():
    line = {"erases": False, "points": [[0.1, 0.45], [0.9, 0.45]]}
    for size, cells in zip([8, 28, 64], node("inked", acts=[line], sizes=[8, 28, 64]), strict=True):
        grid = np.array(cells).reshape(size, size)
        columns = grid.any(0)
        assert columns[int(0.1 * size) : int(0.9 * size)].all()
        thick = grid[:, size // 2].sum()
        assert thick in ([1] if size == 8 else range(2, 6)), size
    dot = {"erases": False, "points": [[0.99, 1.0]], "fine": True}
    rubber = {"erases": True, "points": [[0.5, 0.0], [0.5, 1.0]]}
    (erased,), (cleared,), (single,) = (
        node("inked", acts=acts, sizes=[28]) for acts in ([line, rubber], [line, "clear"], [line, "clear", dot])
    )
    grid = np.array(erased).reshape(28, 28)
    assert not grid[:, 14].any()
    assert grid.any()
    assert not any(cleared)
    assert np.flatnonzero(single).tolist() == [28 * 28 - 1]


def test_every_refusal_has_a_sentence_in_both_languages():
    reasons = re.search(r"@typedef \{([^}]*)\} Reason", (ROOT / "static/bring/refused.js").read_text(encoding="utf-8"))
    assert reasons
    named = set(re.findall(r'"([\w-]+)"', reasons[1]))
    assert named >= {reason for _, reason in [*BAD.values(), *HOSTILE.values()]}
    for language in ("en", "zh"):
        words = json.loads((ROOT / f"static/bring/{language}.json").read_text(encoding="utf-8"))
        assert {key.removeprefix("bring.no.") for key in words if key.startswith("bring.no.")} == named, language
