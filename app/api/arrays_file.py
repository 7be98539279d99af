"""All arrays of a walk as one .npz file, which any NumPy reads, and which tells how to open the walk again.

    file = np.load("conv2d-walk.npz")
    file["dx"]                                    an array, as float64
    json.loads(file["convwalk"].tobytes())        {"layer": …, "algorithm": …, "settings": …, "arrays": ["x"]}

What the walk begins with is there as it was at the start, so that it can begin with it again; `w_after` is what an
update has made of `w`. The file is not compressed and bears no date: the same walk gives the same bytes everywhere.
"""

import io
import zipfile
from collections.abc import Generator

import numpy as np
import orjson
from fastapi import Request

from app.api.worked import Worked
from app.walks.query import Query, written
from app.walks.walk_request import WalkRequest
from core.catalog import Run
from core.recording.trace import Arrays, Outline

TELLS = "convwalk"  # the name of what tells how to open the walk again

_BEGINNING = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier date


class ArraysFile(Worked):
    """The answer that carries the file."""

    media_type = "application/octet-stream"  # compressed on its way, as what says that it is a zip is not

    def __init__(self, request: Request, query: Query, asked: WalkRequest) -> None:
        super().__init__(request, asked, "npz", copies=2)  # in the file once more
        self._query = query

    def _work(self, run: Run) -> Generator[None, None, bytes]:
        return _file(run, self._query)

    def _told_of(self, run: Run) -> dict[str, str]:
        name = f"{run.layer.name}-{run.algorithm.name}.npz"
        return {"Content-Disposition": f'attachment; filename="{name}"'}


def _file(run: Run, query: Query) -> Generator[None, None, bytes]:
    """The bytes of the file, with a pause after each step of the walk."""
    for _ in run.lead_up():
        yield
    told = yield from run.outlining()
    yield
    return packed({TELLS: np.frombuffer(_again(run, query), np.uint8)} | _arrays(told, query))


def _again(run: Run, query: Query) -> bytes:
    """How to open the walk again: its settings as an address has them, and which arrays go with them."""
    sized = run.layer.sized_by(query.arrays)
    settings = {name: written(value) for name, value in run.settings.plain().items() if name not in sized}
    names = [name for name in run.layer.axes if name in query.arrays]
    return orjson.dumps(
        {"layer": run.layer.name, "algorithm": run.algorithm.name, "settings": settings, "arrays": names}
    )


def _arrays(told: Outline, query: Query) -> Arrays:
    """What a walk has begun with and come to; what it only works with, a patch or a nudged copy, is left out."""
    found: Arrays = {}
    for name, start in told.start.items():
        end, is_given = told.end[name], name in told.given
        is_aside = told.roles[name] == "scratch" or name.endswith("_nudged")
        if is_aside or (name not in told.used and name not in query.arrays):
            continue
        found[name] = start if is_given else end
        if is_given and not np.array_equal(start, end):
            found[f"{name}_after"] = end
    return found


def packed(arrays: Arrays) -> bytes:
    """Arrays by name as the bytes of an .npz file.

    >>> np.load(io.BytesIO(packed({"b": np.ones(2)})))["b"]
    array([1., 1.])
    """
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", _BEGINNING)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            one = io.BytesIO()
            little = array.astype(array.dtype.newbyteorder("<"))
            np.lib.format.write_array(one, np.ascontiguousarray(little), version=(1, 0), allow_pickle=False)
            archive.writestr(entry, one.getvalue())
    return file.getvalue()
