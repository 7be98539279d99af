"""The JSON beside the pages: what there is to walk, what may be set, and the walk itself."""

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pygments
from fastapi import APIRouter, Request, Response

import app
import core
from app import described, formulas
from app import limits as limits_of_http
from app.assets import REVALIDATED, is_known, not_modified, tag
from app.described import AlgorithmName, LayerName
from app.errors import RequestError
from app.parts import Parts
from app.query import Query, find, legal_values
from app.recordings import SMALL_STEPS, SMALL_WRITES
from app.shares import client_of
from app.stream import Stream
from app.walks import Asked, Walks
from app.words import choose
from core.catalog import LAYERS, Run
from core.formula import latex
from core.layer import Layer, whole_cost
from core.layout import layout as arranged
from core.layout import settle_or_explain
from core.limits import LIMITS
from core.script import numpy_script, torch_script
from core.settings import SettingError
from core.trace import Arrays

_SHAPE = re.compile(r"[0-9]{1,7}(,[0-9]{1,7}){0,5}")

router = APIRouter(prefix="/api", default_response_class=Response)  # of no media type: `described` tells each


@router.get("/layers", responses=described.answers(described.Layers, "Every layer"))
async def layers(request: Request) -> Response:
    """Every layer: its algorithms, its settings with range, default, label and group, the arrays that may be given."""
    return _json(request, _layers())


@cache
def _layers() -> bytes:
    return orjson.dumps({"layers": [_described(layer) for layer in LAYERS.values()]})


@router.get("/openapi.json", include_in_schema=False)
async def document(request: Request) -> Response:
    """The description of all this in the words of OpenAPI."""
    return _json(request, orjson.dumps(request.app.openapi()))  # which makes it once


@router.get(
    "/{layer}/{algorithm}/limits",
    responses=described.answers(described.Limits, "For each setting the values that are legal beside the others"),
    openapi_extra=described.query(),
)
async def limits(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """For each setting the values that are legal beside the others of the query."""
    walks: Walks = request.app.state.walks
    return await walks.answered(request, _limits, request, find(layer, algorithm), algorithm)


def _limits(request: Request, chosen: Layer, algorithm: str) -> Response:
    query = Query.parse(chosen, request.scope["query_string"])
    settings, *_ = settle_or_explain(chosen, algorithm, query.settings, query.arrays)
    legal = legal_values(chosen, algorithm, settings, query.fixed(chosen), query.shapes)
    return _json(request, orjson.dumps(legal))


@router.get(
    "/{layer}/{algorithm}/layout",
    responses=described.answers(described.LayoutDescribed, "What is expected of the array, and what would make it fit"),
    openapi_extra=described.query(described.ARRAY, described.SHAPE),
)
async def layout(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """What the shape of an array looks like beside the other arrays and settings, in the reader's language.

    `array` and `shape` say which, such as `array=x&shape=28,28,1`. The sizes that it would set may stand in the query
    as they are now: they tell what is likely, and bind nothing. Each move reads the first numbers as a shape, and then
    takes its axes in another order; or it leaves the array as it is and changes a setting.
    """
    walks: Walks = request.app.state.walks
    return await walks.answered(request, _layout, request, find(layer, algorithm), algorithm)


def _layout(request: Request, chosen: Layer, algorithm: str) -> Response:
    raw: bytes = request.scope["query_string"]
    query = Query.parse(chosen, raw, besides={"array", "shape"})
    name, text = (request.query_params.get(asked, "") for asked in ("array", "shape"))
    if name not in chosen.axes:
        raise SettingError("array", "{setting} must be one of {choices}", choices=", ".join(chosen.axes))
    if not _SHAPE.fullmatch(text):
        raise SettingError("shape", "{setting} must be up to six sizes: 28,28,1")
    shape = tuple(map(int, text.split(",")))
    others = {other: array.shape for other, array in query.arrays.items() if other != name}
    found, words = arranged(chosen, algorithm, query.settings, others, name, shape), choose(request)
    error = found.error and words(found.error.template, **found.error.values)
    moves = [
        {
            "label": words(move.label, **move.values),
            "message": words(move.template, **move.values),
            "read": list(move.read),
            "axes": list(move.axes),
            "shape": list(move.shape),
            "settings": {setting: str(value) for setting, value in move.settings.items()},
        }
        for move in found.moves
    ]
    axes = [{"letter": letter, "name": words(axis)} for letter, axis in found.axes]
    return _json(request, orjson.dumps({"axes": axes, "error": error, "moves": moves}))


@router.get(
    "/{layer}/{algorithm}/stream",
    responses=described.answers(Stream.media_type, "A header, the steps in blocks, and the end, a line of JSON each"),
    openapi_extra=described.query(described.START),
)
async def stream(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """The walk as lines of JSON: a header, the steps in blocks, and an end, without which it was cut short.

    The query is the layer's settings, such as `stride=2,1`, and any of its arrays, such as `b=[1,0]` or, compactly,
    `x=u8:1x28x28:` and the bytes in base64url; `i16e-4` are whole numbers over 10⁴, and `f32` and `f64` floating-point
    ones, all little-endian. `start` leaves out the first steps.
    """
    chosen = find(layer, algorithm)
    walks: Walks = request.app.state.walks
    query, asked = await walks.in_turn(
        client_of(request.scope), asked_for, chosen, algorithm, request.scope["query_string"]
    )
    etag = tag(asked.key.encode(), b"%d" % query.start)
    if is_known(request, etag):
        return not_modified(etag)
    # A proxy must hand on each line as it comes; nginx collects them unless it is told so.
    headers = {"ETag": etag, "Cache-Control": REVALIDATED, "X-Accel-Buffering": "no"}
    return Stream(walks, asked, query.start, headers)


@router.get(
    "/{layer}/{algorithm}/code",
    responses=described.answers("text/plain", "The formula, or the script"),
    openapi_extra=described.query(described.AS),
)
async def code(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """An algorithm as text to copy: `as` is `latex` for its formula, `numpy` or `pytorch` for a script of its own.

    The rest of the query is that of the stream: the scripts have these settings and these numbers.
    """
    walks: Walks = request.app.state.walks
    return await walks.answered(request, _code, request, find(layer, algorithm), algorithm)


def _code(request: Request, chosen: Layer, algorithm: str) -> Response:
    query = Query.parse(chosen, request.scope["query_string"], besides={"as"})
    wanted = request.query_params.get("as", "numpy")
    if wanted not in WRITERS:
        raise SettingError("as", "{setting} must be one of {choices}", choices=", ".join(WRITERS))
    body = WRITERS[wanted](chosen, algorithm, query.settings, query.arrays).encode()
    return _tagged(request, body, "text/plain")


def _formulas(layer: Layer, algorithm: str, settings: Mapping[str, object], arrays: Arrays) -> str:
    """The formula of an algorithm, or of all the chapters of a walk, which has none of its own."""
    opened = layer.algorithms[algorithm]
    shown = [opened] if opened.source.formula else layer.algorithms.values()
    settled, _, _ = settle_or_explain(layer, algorithm, settings, arrays)
    return "".join(f"{line}\n" for one in shown for line in latex(one.source.suited(settled.plain())))


def _pytorch(layer: Layer, algorithm: str, settings: Mapping[str, object], arrays: Arrays) -> str:
    if layer.torch is None:
        raise RequestError(404, "as", "this layer has no counterpart in PyTorch")
    return torch_script(layer, algorithm, settings, arrays)


WRITERS: dict[str, Callable[[Layer, str, Mapping[str, object], Arrays], str]] = {
    "latex": _formulas,
    "numpy": numpy_script,
    "pytorch": _pytorch,
}


def _described(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": layer.title,
        "group": layer.group,
        "algorithms": [{"name": one.name, "doc": one.source.doc} for one in layer.algorithms.values()],
        "settings": layer.settings.describe(),
        "arrays": list(layer.axes),
    }


def _json(request: Request, body: bytes) -> Response:
    return _tagged(request, body, "application/json")


def _tagged(request: Request, body: bytes, media_type: str) -> Response:
    etag = tag(body)
    if is_known(request, etag):
        return not_modified(etag)
    return Parts(body, headers={"ETag": etag, "Cache-Control": REVALIDATED}, media_type=media_type)


def asked_for(layer: Layer, algorithm: str, raw: bytes) -> tuple[Query, Asked]:
    """What a query asks for. Two ways to write the same settings have the same key.

    Whatever is wrong with it is known here, so that nobody is told of an answer that they have already which never was.
    """
    query = Query.parse(layer, raw, streamed=True)
    settings, _, arrays = settle_or_explain(layer, algorithm, query.settings, query.arrays)
    if query.start > (steps := layer.cost(settings)[algorithm].steps):
        raise SettingError("start", "{setting} must be from {low} to {high}", low=0, high=steps)
    said = orjson.dumps([layer.name, algorithm, settings.plain()])
    brought = [part for name in sorted(query.arrays) for part in (name.encode(), query.arrays[name].tobytes())]
    plan = partial(Run.planned, layer.name, algorithm, query.arrays, **query.settings)
    cells = sum(array.size for array in arrays.values())
    cost = whole_cost(layer, algorithm, settings)
    is_small = cost.steps <= SMALL_STEPS and cost.writes <= SMALL_WRITES and cells <= limits_of_http.LARGE_CELLS
    return query, Asked(tag(_program(), said, *brought), cells, plan, is_small)


@cache
def _program() -> bytes:
    """This program, its limits, and what it computes and colours with, in a few bytes: another one may give other
    answers, and so may this one where more cells are checked.
    """
    versions = (app.__version__, np.__version__, pygments.__version__, formulas.VERSION)
    bounds = [limit.value for limit in LIMITS.values()]
    digest = hashlib.sha256(f"{versions} {bounds}".encode())
    for package in (app, core):
        assert package.__file__ is not None
        for path in sorted(Path(package.__file__).parent.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.digest()
