"""The JSON beside the pages: what there is to walk, what may be set, and the walk itself."""

import re
from collections.abc import Awaitable, Callable, Collection, Set
from functools import cache, partial
from typing import Any, TypeVar

import orjson
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from app.api import openapi
from app.api.arrays_file import ArraysFile
from app.api.openapi import AlgorithmName, LayerName
from app.api.opened import OpenedAnswer
from app.api.scripts import WRITERS
from app.figures.answer import FigureAnswer
from app.figures.film import Film
from app.gate.bodies import Body, body_of
from app.ground.etags import is_known, kept_by, not_modified, tag, tagged
from app.ground.words import choose
from app.walks.arrays import read_all
from app.walks.query import Query, find, legal_values
from app.walks.shares import client_of
from app.walks.stream import Stream
from app.walks.theirs import Theirs
from app.walks.walk_request import WalkRequest, walk_request
from app.walks.walks import walks_of
from core.catalog import LAYERS, Run
from core.offer.fit import fit as made_to_fit
from core.offer.layer import Layer
from core.offer.layout import layout as arranged
from core.offer.layout import settle_or_explain
from core.offer.settings import Choice, SettingError, Whole
from core.recording.trace import Arrays, numbers

Answered = Callable[..., Awaitable[Response]]
Result = TypeVar("Result")

router = APIRouter(prefix="/api", default_response_class=Response)  # of no media type: `openapi` tells each


def _reads(
    what: str, of: str | type[BaseModel], description: str, *others: dict[str, Any]
) -> Callable[[Answered], Answered]:
    """Answer an address of a walk, whose arrays stand in its query or in a body: the answer is the same."""

    def add(answered: Answered) -> Answered:
        path = f"/{{layer}}/{{algorithm}}/{what}"
        router.get(path, responses=openapi.answers(of, description), openapi_extra=openapi.query(*others))(answered)
        extra = openapi.query(*others) | openapi.body()
        router.post(path, responses=openapi.answers_to_bodies(of, description), openapi_extra=extra)(answered)
        return answered

    return add


@router.get("/layers", responses=openapi.answers(openapi.Layers, "Every layer"))
async def layers(request: Request) -> Response:
    """Every layer: its algorithms, its settings with range, default, label and group, the arrays that may be given."""
    return tagged(request, _layers())


@cache
def _layers() -> bytes:
    return orjson.dumps({"layers": [_description(layer) for layer in LAYERS.values()]})


@router.get("/openapi.json", include_in_schema=False)
async def document(request: Request) -> Response:
    """The description of all this in the words of OpenAPI."""
    return tagged(request, orjson.dumps(request.app.openapi()))  # which makes it once


@_reads(
    "limits",
    openapi.Limits,
    "For each setting the values that are legal beside the others",
)
async def limits(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """For each setting the values that are legal beside the others of the query."""
    return await _answered(request, _limits, layer, algorithm)


def _limits(request: Request, chosen: Layer, algorithm: str, brought: Arrays) -> Response:
    query = _query(request, chosen, brought)
    settings, *_ = settle_or_explain(chosen, algorithm, query.settings, query.arrays)
    legal = legal_values(chosen, algorithm, settings, query.fixed(chosen), query.shapes)
    return tagged(request, orjson.dumps(legal))


@_reads(
    "layout",
    openapi.LayoutDescribed,
    "What is expected of the array, and what would make it fit",
    openapi.ARRAY,
    openapi.SHAPE,
)
async def layout(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """What the shape of an array looks like beside the other arrays and settings, in the reader's language.

    `array` and `shape` say which, such as `array=x&shape=28,28,1`. The sizes that it would set may stand in the query
    as they are now: they tell what is likely, and bind nothing. Each move reads the first numbers as a shape, and then
    takes its axes in another order; or it leaves the array as it is and changes a setting.
    """
    return await _answered(request, _layout, layer, algorithm)


def _layout(request: Request, chosen: Layer, algorithm: str, brought: Arrays) -> Response:
    query = _query(request, chosen, brought, {"array", "shape"})
    name, text = (request.query_params.get(asked, "") for asked in ("array", "shape"))
    if name not in chosen.axes:
        raise SettingError("array", "{setting} must be one of {choices}", choices=", ".join(chosen.axes))
    if not re.fullmatch(openapi.SIZES, text):
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
    return tagged(request, orjson.dumps({"axes": axes, "error": error, "moves": moves}))


@_reads(
    "fit",
    openapi.Fits,
    "The arrays that have to be another size, in that size",
)
async def fit(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """The arrays of the query made to fit its settings, where their size follows from these: the gradient that arrives.

    A change of the stride or the padding gives the output another size. What stands in both sizes is kept, and the rest
    is what the layer itself begins with; an array that fits as it is, or for another reason does not, is not named.
    """
    return await _answered(request, _fit, layer, algorithm)


def _fit(request: Request, chosen: Layer, algorithm: str, brought: Arrays) -> Response:
    query, words = _query(request, chosen, brought), choose(request)
    arrays = [
        {
            "name": name,
            "shape": list(one.array.shape),
            "cells": one.array.ravel().tolist(),
            "message": words(one.template, **one.values),
        }
        for name, one in made_to_fit(chosen, algorithm, query.settings, query.arrays).items()
    ]
    return tagged(request, orjson.dumps({"arrays": arrays}))


@_reads(
    "losses",
    openapi.LossesDescribed,
    "The loss over the values of one cell",
    openapi.NUDGED,
    openapi.CELL,
)
async def losses(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """The loss of a gradient check as a curve over the value of one cell, such as `nudged=w_nudged&cell=4`.

    It is computed by the function that the check nudges, far to both sides of the cell's value, which is in the middle.
    Where that would cost more than the check itself, the curve has no points.
    """
    return await _answered(request, _losses, layer, algorithm)


def _losses(request: Request, chosen: Layer, algorithm: str, brought: Arrays) -> Response:
    query = _query(request, chosen, brought, {"nudged", "cell"})
    run = Run.planned(chosen.name, algorithm, query.arrays, **query.settings)
    if not run.nudged:
        raise SettingError("nudged", "this layer has no gradient check")
    nudged = Choice(tuple(run.nudged)).accept("nudged", request.query_params.get("nudged", ""))
    cells = run.start[nudged].size
    curve = run.losses(nudged, Whole(0, cells - 1).accept("cell", request.query_params.get("cell", "")))
    return tagged(request, orjson.dumps({name: numbers(found) for name, found in curve.items()}))


@_reads(
    "stream",
    Stream.media_type,
    "A header, the steps in blocks, and the end, a line of JSON each",
    openapi.START,
)
async def stream(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """The walk as lines of JSON: a header, the steps in blocks, and an end, without which it was cut short.

    The query is the layer's settings, such as `stride=2,1`, and any of its arrays, such as `b=[1,0]` or, compactly,
    `x=u8:1x28x28:` and the bytes in base64url; `i16e-4` are whole numbers over 10⁴, and `f32` and `f64` floating-point
    ones, all little-endian. `start` leaves out the first steps.
    """
    chosen = find(layer, algorithm)
    query, asked = await _asked(request, chosen, algorithm)
    etag = tag(asked.key.encode(), b"%d" % query.start)
    if is_known(request, etag):
        return not_modified(etag)
    # A proxy must hand on each line as it comes; nginx collects them unless it is told so.
    headers = {**kept_by(request, etag), "X-Accel-Buffering": "no"}
    return Stream(walks_of(request), asked, query.start, headers)


@_reads(
    "code",
    "text/plain",
    "The formula, or the script",
    openapi.AS,
)
async def code(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """An algorithm as text to copy: `as` is `latex` for its formula, `numpy` or `pytorch` for a script of its own.

    The rest of the query is that of the stream: the scripts have these settings and these numbers.
    """
    return await _answered(request, _code, layer, algorithm)


def _code(request: Request, chosen: Layer, algorithm: str, brought: Arrays) -> Response:
    query = _query(request, chosen, brought, {"as"})
    wanted = request.query_params.get("as", "numpy")
    if wanted not in WRITERS:
        raise SettingError("as", "{setting} must be one of {choices}", choices=", ".join(WRITERS))
    body = WRITERS[wanted](chosen, algorithm, query.settings, query.arrays).encode()
    return tagged(request, body, "text/plain")


@_reads(
    "figure",
    openapi.FigureDescribed,
    "The data, the layout and the frames of a Plotly figure",
    openapi.STOP,
    openapi.THEME,
)
async def figure(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """An algorithm as a Plotly figure that plays: `stop` says after what there is a frame, a cell, a map or a chapter.

    Boards are heatmaps with their numbers, what was read and written is outlined, and the title says how a cell came by
    its number, in the language of `lang`. The rest of the query is that of the stream.
    """
    chosen, asked_for = find(layer, algorithm), request.query_params
    film = Film(asked_for.get("stop", "cell"), choose(request), asked_for.get("theme", "light"))
    _, asked = await _asked(request, chosen, algorithm, streamed=False, besides={"stop", "theme"})
    return FigureAnswer(request, walks_of(request), asked, film)


@_reads(
    "arrays.npz",
    ArraysFile.media_type,
    "An .npz file",
)
async def arrays_file(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """All arrays of a walk as one .npz file, what it works with aside (patches, products, nudged copies) left out.

    Those that it begins with are there as they were then; `w_after` is what the walk has made of `w`. `convwalk` has
    the bytes of a JSON object: the layer, the algorithm, the settings as an address has them, and which of the arrays
    go with them to open the walk again.
    """
    query, asked = await _asked(request, find(layer, algorithm), algorithm, streamed=False)
    return ArraysFile(request, query, asked)


@_reads(
    "opened",
    openapi.OpenedDescribed,
    "Where the walk of that layer is, and what it is on",
    openapi.OPENS,
    openapi.AT,
    openapi.STEP,
)
async def opened(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """A layer that this one is made of, as a walk of its own on exactly the numbers that it has here.

    `opens` is the layer, such as `linear` of `network`; `at` a function of it, and `step` the moment at which that walk
    comes to it first, null where it does not. Settings and arrays are as an address of that walk has them. Of what goes
    by steps of its own, as a training does, the numbers are those after `step` of them.
    """
    chosen = find(layer, algorithm)
    _, asked = await _asked(
        request, chosen, next(iter(chosen.algorithms)), streamed=False, besides={"opens", "at", "step"}
    )
    return OpenedAnswer(request, chosen, asked)


@router.post(
    "/{layer}/{algorithm}/compare",
    responses=openapi.answers_to_bodies(
        openapi.ComparisonDescribed, "How the array differs, and which mistakes give that"
    ),
    openapi_extra=openapi.query() | openapi.compared(),
)
async def compare(request: Request, layer: LayerName, algorithm: AlgorithmName) -> Response:
    """Hold an array against the one that a walk computes, and against what known mistakes would give on its numbers.

    The query is that of the stream. `array` is the name of an array that the walk computes; `values` its numbers as
    nested lists, as `{"shape": […], "cells": […]}`, or compactly as in a query; NaN and the infinities are the words
    "NaN", "Infinity", "-Infinity". `arrays` are those that the walk begins with. Cells agree where
    |theirs − right| ≤ atol + rtol·|right|, as in numpy.allclose; without these, where the rounding of `dtype` explains
    the difference, and without that, the rounding which the numbers show: `precision`. `assumed` are the arrays that
    were not given, and count. Nothing of it is kept.
    """
    # Only here: their import takes a while, and a walk does without them.
    from app.api.comparison import ComparisonAnswer
    from core.comparison.planned import too_large

    chosen, body = find(layer, algorithm), body_of(request)
    assert body is not None  # it is posted
    theirs = await _read(request, body, chosen, Theirs.read)
    body.count(theirs.nbytes)
    try:
        query, asked = await _asked(request, chosen, algorithm, theirs.arrays, streamed=False)
    except SettingError as error:
        raise too_large(layer, error) from None
    return ComparisonAnswer(request, asked, theirs, query.arrays.keys())


async def _answered(
    request: Request, call: Callable[[Request, Layer, str, Arrays], Response], layer: str, algorithm: str
) -> Response:
    """What a call gives that takes no walk of its own, but the arrays of a body."""
    chosen = find(layer, algorithm)
    brought = await _brought(request, chosen)
    return await walks_of(request).answered(request, call, request, chosen, algorithm, brought)


async def _asked(
    request: Request,
    layer: Layer,
    algorithm: str,
    brought: Arrays | None = None,
    *,
    streamed: bool = True,
    besides: Set[str] = frozenset(),
) -> tuple[Query, WalkRequest]:
    """The walk that a request asks for by its address, and by its body if it has one, unless that is read already."""
    brought, raw = await _brought(request, layer) if brought is None else brought, request.scope["query_string"]
    read = partial(walk_request, layer, algorithm, raw, brought, streamed=streamed, besides=besides)
    return await walks_of(request).in_turn(client_of(request.scope), read)


async def _brought(request: Request, layer: Layer) -> Arrays:
    """The arrays of a body; none where there is no body."""
    body = body_of(request)
    if body is None:
        return {}
    brought = await _read(request, body, layer, read_all)
    body.count(sum(array.nbytes for array in brought.values()))  # as long as the answer takes
    return brought


async def _read(request: Request, body: Body, layer: Layer, read: Callable[[bytes, Collection[str]], Result]) -> Result:
    """What stands in a body, by the names of the layer's arrays."""
    return await walks_of(request).read(client_of(request.scope), read, body.take(), list(layer.axes))


def _query(request: Request, layer: Layer, brought: Arrays, besides: Set[str] = frozenset()) -> Query:
    return Query.parse(layer, request.scope["query_string"], brought, besides=besides)


def _description(layer: Layer) -> dict[str, Any]:
    return {
        "name": layer.name,
        "title": layer.title,
        "group": layer.group,
        "algorithms": [{"name": one.name, "doc": one.source.doc} for one in layer.algorithms.values()],
        "settings": layer.settings.describe(),
        "arrays": list(layer.axes),
    }
