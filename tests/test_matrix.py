"""Arrays as people write them, and as an address has them: in Node, with NumPy and the server's reader as judges."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson
import pytest

from app.walks.query import Query
from core.catalog import LAYERS
from tests.addresses import READABLE, to_query
from tests.node import node

STATIC = Path(__file__).parents[1] / "static"
FILLS = ("zeros", "ones", "ramp", "random", "edge", "dot")
RNG = np.random.default_rng(4)

WHOLE = RNG.integers(-9, 10, (2, 3, 4)).astype(float)
FRACTIONS = RNG.normal(size=(2, 3, 4)).round(3)


def read(*texts: Any) -> list[dict[str, Any]]:
    """What texts say; a text with a shape beside it is fitted to that."""
    return node("read", texts=[[text] if isinstance(text, str) else text for text in texts])


def array(matrix: dict[str, Any]) -> np.ndarray:
    assert "cells" in matrix, matrix
    return np.array(matrix["cells"], float).reshape(matrix["shape"])


def matrix(values: np.ndarray) -> dict[str, Any]:
    return {"shape": list(values.shape), "cells": values.ravel().tolist()}


@pytest.mark.parametrize("values", [WHOLE, FRACTIONS, WHOLE[0], FRACTIONS[0, 0], WHOLE[:1, :1, :1] * 0 - 1e-7])
def test_what_numpy_and_json_print_is_read_back(values: np.ndarray):
    with np.printoptions(threshold=100_000, floatmode="unique"):
        texts = [str(values), repr(values), f"np.{values!r}", json.dumps(values.tolist()), f"tensor({values.tolist()})"]
    for text, said in zip(texts, read(*texts), strict=True):
        np.testing.assert_array_equal(array(said), values, err_msg=text, strict=True)


PARTED: list[tuple[str, list[int], list[float]]] = [
    ("1\t2\t3\r\n4\t5\t6\r\n", [2, 3], [1, 2, 3, 4, 5, 6]),  # a spreadsheet's
    ("1,5\t2\n-3\t,25\t\n\n", [2, 2], [1.5, 2, -3, 0.25]),  # one that writes commas, and selects too wide
    ("0,5;1\n2;3", [2, 2], [0.5, 1, 2, 3]),
    ("1, 2,3\n4 5  6", [2, 3], [1, 2, 3, 4, 5, 6]),
    ("1 2,\n3 4,", [2, 2], [1, 2, 3, 4]),
    ("1 2\n3 4\n\n5 6\n7 8", [2, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]),
    ("# [0]\n1 2\n# [1]\n3 4", [2, 1, 2], [1, 2, 3, 4]),
    ("[1 2]\n[3 4]", [2, 2], [1, 2, 3, 4]),
    ("−1 +2 3. .5 1e2 -0", [1, 6], [-1, 2, 3, 0.5, 100, 0]),
    ("array([[1., 2.]], dtype=float32)", [1, 2], [1, 2]),
    ("tensor([[1., 2.]], device='cuda:0', requires_grad=True)", [1, 2], [1, 2]),
]


def test_rows_are_lines_and_cells_are_parted_as_people_part_them():
    for said, (text, shape, cells) in zip(read(*(text for text, _, _ in PARTED)), PARTED, strict=True):
        assert said == {"shape": shape, "cells": cells}, text


UNREADABLE: list[tuple[str, str, dict[str, Any]]] = [
    (" \n\t\n", "nothing", {}),
    ("[]", "nothing", {}),
    ("[[1, 2], [3, 4]", "brackets", {}),
    ("[1, 2]]", "brackets", {}),
    ("[[1 2 ... 8 9]]", "dots", {}),
    ("1 2\n3 four", "word", {"what": "four", "line": 2}),
    ("[[1, nan]]", "word", {"what": "nan", "line": 1}),
    ("0x10 1", "word", {"what": "0x10", "line": 1}),
    ("# a heading\n\n1 1-", "word", {"what": "1-", "line": 3}),
    ("1\t\t3", "empty", {"line": 1}),
    ("1 2 3\n4 5", "ragged", {"cells": 2, "wanted": 3}),
    ("[[1, 2, 3], [4]]", "ragged", {"cells": 1, "wanted": 3}),
    ("1 2\n3 4\n\n5 6", "maps", {}),
    ("[[[1], [2]], [[3]]]", "maps", {}),
    ("[1, [2]]", "maps", {}),
]


def test_what_is_no_array_is_told_with_its_place():
    for said, (text, reason, values) in zip(read(*(text for text, _, _ in UNREADABLE)), UNREADABLE, strict=True):
        assert said == {"reason": reason, "values": values}, text


FITTED: list[tuple[tuple[int, ...], tuple[int, ...], list[int]]] = [
    ((5, 5), (3, 5, 5), [1, 5, 5]),
    ((28, 28), (3, 5, 5), [1, 28, 28]),
    ((4, 2, 2), (3, 5, 5), [4, 2, 2]),
    ((1, 3, 5, 5), (3, 5, 5), [3, 5, 5]),  # a batch of one
    ((6, 3, 3), (2, 3, 3, 3), [2, 3, 3, 3]),
    ((9, 2, 2), (2, 3, 3, 3), [3, 3, 2, 2]),
    ((2, 3, 3), (2, 3, 3, 3), [1, 2, 3, 3]),
    ((3, 3), (2, 1, 3, 3), [1, 1, 3, 3]),
    ((1, 2), (2,), [2]),
    ((4, 1), (2,), [4]),
    ((12,), (3, 2, 2), [3, 2, 2]),  # just as many
    ((5,), (3, 3), [1, 5]),
    ((3, 3), (5, 5), [3, 3]),
]


def test_numbers_are_fitted_to_the_axes_of_the_array():
    given = [np.arange(np.prod(shape)).reshape(shape) for shape, _, _ in FITTED]
    texts = [[json.dumps(values.tolist()), wanted] for values, (_, wanted, _) in zip(given, FITTED, strict=True)]
    for said, (start, wanted, shape) in zip(read(*texts), FITTED, strict=True):
        assert said["shape"] == shape, f"{start} for {wanted}"
        assert said["cells"] == list(range(len(said["cells"])))


def test_more_axes_than_the_array_has_are_refused():
    assert read(["[[1, 2], [3, 4]]", [2]], ["[[[1], [2]], [[3], [4]]]", [5, 5]]) == [
        {"reason": "axes", "values": {"wanted": 1, "axes": 2}},
        {"reason": "axes", "values": {"wanted": 2, "axes": 3}},
    ]


ADDRESSED = {
    "short": np.array([[[0.0, -0.0, 1.5], [-2.0, 1e6, 1e-7]]]),
    "bytes": RNG.integers(0, 256, (1, 28, 28)).astype(float),
    "singles": RNG.normal(size=(3, 9, 9)).astype(np.float32).astype(float),
    "doubles": RNG.normal(size=(2, 9, 9)),
    "small whole": RNG.integers(-2, 3, (3, 12, 12)).astype(float),
    "huge": np.full((1, 64, 64), 255.0),
    "one of many decimals": np.eye(48)[None] * np.where(np.arange(48) == 5, 1 / 3, 0),
    "commas that take room": np.where(np.arange(200) < 20, 0.1234567890123456789, 0.0).reshape(1, 10, 20),
}


def test_the_server_reads_from_an_address_just_the_numbers_that_were_written_into_it():
    layer = LAYERS["max_pool2d"]
    made = node("written", matrices=list(map(matrix, ADDRESSED.values())))
    for (name, values), written in zip(ADDRESSED.items(), made, strict=True):
        text = written["address"]
        brought = Query.parse(layer, f"x={text}".encode()).arrays["x"]
        np.testing.assert_array_equal(brought, values, err_msg=name, strict=True)
        assert not np.signbit(brought[brought == 0]).any()
        query = to_query(layer, {}, {"x": values + 0.0})
        assert f"x={quote(text, safe='')}" == query, f"{name} can be written in less"
        if len(text) > READABLE:  # a bracket and a comma take three bytes each in an address
            json_text = orjson.dumps(values.tolist()).decode().replace(".0,", ",").replace(".0]", "]")
            assert len(query) - 2 <= len(quote(json_text, safe="")), name


def test_the_text_of_an_array_is_read_back_as_that_array():
    arrays = [RNG.normal(size=shape).round(2) for shape in [(4,), (3, 4), (2, 3, 4), (2, 3, 2, 2)]]
    texts = [written["lines"] for written in node("written", matrices=list(map(matrix, arrays)))]
    for said, text, values in zip(read(*texts), texts, arrays, strict=True):
        np.testing.assert_array_equal(array(said).reshape(values.shape), values)
        headings = [line for line in text.splitlines() if line.startswith("#")]
        assert headings == [f"# {list(index)}" for index in np.ndindex(values.shape[:-2]) if values.ndim > 2]


def test_fills_are_what_they_are_called():
    shapes = [[3], [2, 5], [2, 3, 4]]
    arrays = node("filled", kinds=FILLS, shapes=shapes)
    made = {kind: list(map(array, each)) for kind, each in zip(FILLS, arrays, strict=True)}
    for at, shape in enumerate(shapes):
        np.testing.assert_array_equal(made["zeros"][at], np.zeros(shape))
        np.testing.assert_array_equal(made["ones"][at], np.ones(shape))
        np.testing.assert_array_equal(made["ramp"][at], np.arange(np.prod(shape)).reshape(shape))
        assert set(made["random"][at].ravel()) <= {-2, -1, 0, 1, 2}
    np.testing.assert_array_equal(made["edge"][1], [[0, 0, 0, 1, 1]] * 2)
    np.testing.assert_array_equal(made["edge"][2][0], [[0, 0, 1, 1]] * 3)
    np.testing.assert_array_equal(made["dot"][2][1], [[0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 0]])


def test_a_kernel_stands_in_the_middle_of_its_maps_and_leaves_the_other_filters_alone():
    kernel = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    values = RNG.integers(-9, 0, (2, 2, 5, 5)).astype(float)
    expected = values.copy()
    expected[1] = np.pad(kernel, 1)
    made = node("kernel", matrix=matrix(values), kernel=kernel, which=1)
    np.testing.assert_array_equal(array(made), expected)
    every = array(node("kernel", matrix=matrix(values), kernel=kernel, which=None))
    np.testing.assert_array_equal(every, np.broadcast_to(np.pad(kernel, 1), values.shape))

    # Maps that are too small for it grow, all of them alike.
    grown = array(node("kernel", matrix=matrix(np.full((2, 1, 2, 1), 7.0)), kernel=kernel, which=0))
    np.testing.assert_array_equal(grown, [[kernel], [[[0, 7, 0], [0, 7, 0], [0, 0, 0]]]])
    alone = array(node("kernel", matrix=matrix(np.zeros((3, 4))), kernel=kernel, which=None))
    np.testing.assert_array_equal(alone, np.pad(kernel, ((0, 0), (0, 1))))


def test_every_kernel_on_offer_does_what_is_said_of_it_and_is_told_in_both_languages():
    kernels = json.loads((STATIC / "hands/kernels.json").read_text(encoding="utf-8"))
    rows = {kernel["name"]: np.array(kernel["rows"]) / kernel["divide"] for kernel in kernels}
    assert all(kernel.shape == (3, 3) for kernel in rows.values())
    sums = {name: round(kernel.sum(), 9) for name, kernel in rows.items()}
    even = {"Sobel, across", "Sobel, down", "Laplacian"}  # zero on even ground
    assert sums == {name: 0 if name in even else 1 for name in rows}
    np.testing.assert_array_equal(rows["Sobel, across"], rows["Sobel, down"].T)
    slope = np.arange(3.0)[None] + np.zeros((3, 1))
    assert (rows["Sobel, across"] * slope).sum() > 0
    assert (rows["Sobel, down"] * slope).sum() == (rows["Laplacian"] * slope).sum() == 0
    assert (
        (rows["Emboss"] * (slope + slope.T - 2)).sum() > 0 > (rows["Emboss"][::-1, ::-1] * (slope + slope.T - 2)).sum()
    )
    for language in ("en", "zh"):
        words = json.loads((STATIC / "i18n" / f"{language}.json").read_text(encoding="utf-8"))
        for kernel in kernels:
            assert kernel["name"] in words
            assert kernel["look"] in words
        for fill in FILLS:
            assert words[f"editor.{fill}"], f"{fill} in {language}"
