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
from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.ground.etags import is_known, kept_by, not_modified, tag
from app.ground.parts import Parts
from app.walks.query import Query, written
from app.walks.shares import client_of
from app.walks.walk_request import WalkRequest
from app.walks.walks import walks_of
from app.walks.work import worked_out
from core.catalog import Run
from core.recording.trace import Arrays, Outline

TELLS = "convwalk"  # the name of what tells how to open the walk again

_BEGINNING = (1980, 1, 1, 0, 0, 0)  # a zip knows no earlier date


class ArraysFile(Response):
    """The answer that carries the file; it has all its bytes before the first is sent."""

    media_type = "application/octet-stream"  # compressed on its way, as what says that it is a zip is not

    def __init__(self, request: Request, query: Query, asked: WalkRequest) -> None:
        self.status_code, self.background = 200, None
        self.init_headers({})
        self._request, self._query, self._asked = request, query, asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        etag, walks, client = tag(self._asked.key.encode(), b"npz"), walks_of(self._request), client_of(scope)
        if is_known(self._request, etag):
            await not_modified(etag)(scope, receive, send)
            return
        async with walks.waited_for(receive), walks.room.hold(client, 2 * self._asked.cells):  # in the file once more
            run = self._asked.plan()
            body = await worked_out(walks, client, _file(run, self._query))
            name = f"{run.layer.name}-{run.algorithm.name}.npz"
            headers = kept_by(self._request, etag) | {"Content-Disposition": f'attachment; filename="{name}"'}
            await Parts(body, headers=headers, media_type=self.media_type)(scope, receive, send)


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
