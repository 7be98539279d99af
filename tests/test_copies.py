"""Arrays copied for other programs: each format is read back by its own reader, and by the sheet, to the last bit."""

import base64
import csv
import io
import json
from typing import Any

import numpy as np
import orjson
import pytest

from tests.node import node

RNG = np.random.default_rng(8)
ANYWHERE = np.frombuffer(RNG.bytes(8 * 24), "<f8").copy()
ANYWHERE[~np.isfinite(ANYWHERE)] = 0.1
ARRAYS = {
    "x_padded": np.append(RNG.normal(size=22), [1e-7, 1e21]).reshape(2, 3, 4),
    "w": ANYWHERE.reshape(2, 2, 3, 2),
    "dz": RNG.integers(-9, 10, (3, 3)).astype(float),
    "b": np.array([1.0, -0.25, 3.0]),
    "one": np.array([7.0]),
}


def copied(name: str, array: np.ndarray, unknown: tuple[int, ...] = ()) -> dict[str, Any]:
    cells: list[Any] = [None if at in unknown else float(cell) for at, cell in enumerate(array.flat)]
    cells = [str(cell).replace("inf", "Infinity") if cell is not None and np.isinf(cell) else cell for cell in cells]
    texts: dict[str, Any] = node("copies", array={"name": name, "shape": list(array.shape), "cells": cells})
    return texts


def ran(text: str, name: str) -> np.ndarray:
    """What a line of Python makes, run with NumPy or with something that takes the same lists."""
    assert text.startswith(("import numpy as np\n\n", "import torch\n\n"))

    class torch:  # noqa: N801 - what stands in the line
        nan, inf, float64 = np.nan, np.inf, np.float64
        tensor = staticmethod(np.array)

    found: dict[str, Any] = {"np": np, "torch": torch}
    exec(text.partition("\n\n")[2], found)
    array: np.ndarray = found[name]
    return array


def cells_of(text: str, separator: str) -> np.ndarray:
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if row]
    return np.array([[float(cell) if cell else np.nan for cell in row] for row in rows])


def by_format(name: str, texts: dict[str, Any], shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """What the reader of each format makes of an array."""
    return {
        "numpy": ran(texts["numpy"], name),
        "pytorch": ran(texts["pytorch"], name),
        "json": np.array(json.loads(texts["json"]), float),
        "csv": cells_of(texts["csv"], ",").reshape(shape),
        "tabbed": cells_of(texts["tabbed"], "\t").reshape(shape),
        "npy": np.load(io.BytesIO(base64.b64decode(texts["npy"])), allow_pickle=False),
    }


@pytest.mark.parametrize("name", ARRAYS)
def test_each_format_is_read_back_by_its_own_reader_and_by_the_sheet(name: str):
    array = ARRAYS[name]
    texts = copied(name, array)
    for one, read in by_format(name, texts, array.shape).items():
        np.testing.assert_array_equal(read, array, strict=True, err_msg=one)
    assert np.array(orjson.loads(texts["json"]), float).tobytes() == array.tobytes()
    written = ["numpy", "pytorch", "json", "csv", "tabbed", "latex"]
    maps = array.reshape(-1, *array.shape[-2:]) if array.ndim > 1 else [array]
    for one, said in zip(
        written, node("read", texts=[[texts[one], list(array.shape)] for one in written]), strict=True
    ):
        if one == "latex" and len(maps) > 1:  # whose matrices are several arrays: whoever pastes them is asked
            assert said["reason"] == "several"
        else:
            assert said == {"shape": list(array.shape), "cells": array.ravel().tolist()}, one
    matrices = [f"{each}\\end{{bmatrix}}" for each in texts["latex"].split("\\end{bmatrix}")[:-1]]
    found = [np.array(one["cells"]) for one in node("read", texts=[[each] for each in matrices])]
    np.testing.assert_array_equal(np.concatenate(found), array.ravel())


def test_whole_numbers_are_written_as_such():
    assert copied("dz", np.array([[1.0, -2.0], [0.0, 12.0]]))["json"] == "[[1, -2],\n [0, 12]]\n"


def test_what_is_not_computed_yet_is_nan_or_what_stands_for_nothing_and_infinities_are_kept():
    array = np.array([[1.0, 2.0], [-np.inf, np.inf]])
    texts = copied("z", array, unknown=(1,))
    wanted = array.copy()
    wanted[0, 1] = np.nan
    for one, read in by_format("z", texts, array.shape).items():
        np.testing.assert_array_equal(read, wanted, err_msg=one)
    assert texts["csv"] == "1,\n-inf,inf\n"
    assert texts["json"] == "[[1, null],\n [-1e999, 1e999]]\n"
    assert "1 & \\ldots \\\\\n  -\\infty & \\infty" in texts["latex"]
    [said] = node("read", texts=[[texts["numpy"]]])
    assert "cells" not in said  # no array that a walk begins with has such a cell
