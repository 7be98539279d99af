"""What the OpenAPI document tells beyond the routes' signatures: the names that a query may have, and every answer.

A query is read by `app.walks.query`, whose names are those of the layer. The document has them all: a name that the
chosen layer lacks is a 422 as any other that does not exist, and so are values that do not fit each other.
"""

from typing import Annotated, Any

from fastapi import Path
from pydantic import BaseModel, ConfigDict, RootModel

from app.api.opened import FUNCTION
from app.figures.colours import THEMES
from app.figures.film import STOPS
from app.ground import limits
from app.ground.errors import Problem
from app.ground.words import LANGUAGES
from app.walks.arrays import KIND, WORDS
from app.walks.theirs import DTYPES
from core.catalog import LAYERS
from core.offer import limits as core_limits
from core.pictures.shelf import LEAST


def _choice(description: str, names: list[str]) -> Any:
    return Annotated[str, Path(description=description, json_schema_extra={"enum": names})]


LayerName = _choice("A layer; `/api/layers` tells of each.", list(LAYERS))
AlgorithmName = _choice(
    "One of the layer's own algorithms; each layer has the `walk`.",
    list(dict.fromkeys(name for layer in LAYERS.values() for name in layer.algorithms)),
)


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AlgorithmDescribed(_Exact):
    """A function that can be walked through."""

    name: str
    doc: str


class SettingDescribed(_Exact):
    """A name of the query. Numbers have a range, the others their choices; `words` may stand for numbers."""

    name: str
    label: str
    group: str
    kind: str
    default: bool | int | float | str | list[int]
    low: float | None = None
    high: float | None = None
    listed: bool | None = None
    choices: list[str] | None = None
    words: list[str] | None = None


class LayerDescribed(_Exact):
    """A layer: what it computes, its settings, and the names of the arrays that a query may bring."""

    name: str
    title: str
    group: str
    algorithms: list[AlgorithmDescribed]
    settings: list[SettingDescribed]
    arrays: list[str]


class Layers(_Exact):
    """Every layer, in the order of the menu."""

    layers: list[LayerDescribed]


class Limits(RootModel[dict[str, list[bool | float | str | list[int]]]]):
    """The legal values of each setting, as `/api/layers` writes its default."""


class AxisDescribed(_Exact):
    """An axis of an array: its letter, and its name in the reader's language."""

    letter: str
    name: str


class MoveDescribed(_Exact):
    """A change that makes an array fit. `shape` is what comes of it."""

    label: str
    message: str
    read: list[int]
    axes: list[int]
    shape: list[int]
    settings: dict[str, str]


class LayoutDescribed(_Exact):
    """What is expected of an array. `error` is null where a shape fits as it is."""

    axes: list[AxisDescribed]
    error: str | None
    moves: list[MoveDescribed]


class FitDescribed(_Exact):
    """An array in the size that the settings give it, its cells row by row, and what has become of its numbers."""

    name: str
    shape: list[int]
    cells: list[float]
    message: str


class Fits(_Exact):
    """Of the arrays of the query those that have another size than the settings give them."""

    arrays: list[FitDescribed]


class LossesDescribed(_Exact):
    """The values `x` of a cell, how far the loss is from what it is, and which of them are kinks."""

    x: list[float]
    change: list[float | str]
    kinks: list[int]


class OpenedDescribed(_Exact):
    """A walk of another layer: its path, what of its settings is not usual, its arrays, and the moment to open at."""

    path: str
    settings: dict[str, str]
    arrays: dict[str, str]
    step: int | None


class FigureDescribed(_Exact):
    """What `Plotly.newPlot` and `plotly.graph_objects.Figure` take; docs/figures.md tells of its traces."""

    data: list[dict[str, Any]]
    layout: dict[str, Any]
    frames: list[dict[str, Any]]


class WalkNamed(_Exact):
    """A walk that shows a mistake on these very numbers: the title of its layer, its address on this server, and of
    which part of dx it is, if not of all: `dx[2:4]` of one of several groups.
    """

    title: str
    address: str
    part: str | None


class MistakeFound(_Exact):
    """A known mistake that gives just these numbers: its key, the array in which it is made, a sentence, and the walk
    that shows it, or a sentence on why none does.
    """

    key: str
    array: str
    message: str
    walk: WalkNamed | None
    unshown: str | None


class ComparisonDescribed(_Exact):
    """How an array differs from that of a walk. `difference` is theirs − right, `differs` the places of the cells that
    differ, both counted row by row; NaN and the infinities are words.
    """

    array: str
    shape: list[int]
    cells: int
    differ: int
    first: list[int] | None
    largest: float | None
    largest_at: list[int] | None
    not_finite: int
    rtol: float
    atol: float
    precision: str
    digits: int | None
    assumed: list[str]
    assumption: str | None
    message: str
    found: list[MistakeFound]
    unknown: str | None
    difference: list[float | str]
    differs: list[int]


class PictureDescribed(_Exact):
    """A picture: its group, `digits` or `drawn`, its size, and `x`, itself as an address has it."""

    name: str
    group: str
    label: str
    look: str
    size: int
    x: str


class PicturesDescribed(_Exact):
    """Every picture. Their numbers are whole, from `low` to `high`; their sizes may be from `least` to `most`."""

    low: int
    high: int
    least: int
    most: int
    source: str
    pictures: list[PictureDescribed]


class PictureAtSize(PictureDescribed):
    """A picture with its numbers, row by row."""

    shape: list[int]
    cells: list[int]


REFUSALS: dict[int, str] = {
    400: "This is no HTTP, or it names no host, or more than one",
    404: "There is no such layer, or it has no such algorithm",
    405: "Everything here can only be read",
    408: f"The request had not come within {limits.REQUEST_SECONDS} seconds",
    413: f"The body is longer than {limits.UNREAD_BYTES} bytes, and none is read",
    414: f"The address is longer than {limits.URL_BYTES} bytes",
    421: "The server does not answer to this name",
    422: "A name or a value of the query is refused, or they do not fit each other: `setting` says which",
    429: "There are as many streams as there may be, or as one client may have, or their walks have too many cells",
    431: f"The headers are longer than {limits.HEADER_BYTES} bytes",
    503: "The server was told to stop before it had the answer",
}

BODY_REFUSALS = {
    413: f"The body is longer than {limits.BODY_BYTES} bytes",
    415: "The body is not JSON by its own word, or compressed",
    422: f"{REFUSALS[422]}, or the body is no object of arrays",
    429: f"{REFUSALS[429]}, or all bodies together are too long",
}


def answers(of: str | type[BaseModel], description: str) -> dict[int | str, dict[str, Any]]:
    """Every status that an address of the API can answer with: `of` is the media type or the model of a 200."""
    body: dict[str, Any] = {"content": {of: {"schema": {"type": "string"}}}} if isinstance(of, str) else {"model": of}
    return {
        200: {"description": description, "headers": {"ETag": {"schema": {"type": "string"}}}, **body},
        304: {"description": "The client has this very answer already (`If-None-Match`)"},
        **{status: {"description": text, "model": Problem} for status, text in REFUSALS.items()},
    }


def answers_to_bodies(of: str | type[BaseModel], description: str) -> dict[int | str, dict[str, Any]]:
    """The same of an address whose arrays come in a body: nobody has its answer already."""
    return {
        status: answer | {"description": BODY_REFUSALS.get(int(status), answer["description"])}
        for status, answer in (answers(of, description) | {415: {"model": Problem, "description": ""}}).items()
        if status != 304
    }


def query(*others: dict[str, Any]) -> dict[str, Any]:
    """The parameters of an address that reads a layer's settings and arrays, and others of its own."""
    return {"parameters": [*_settings(), *_arrays(), *others, LANGUAGE]}


def body() -> dict[str, Any]:
    """The body of an address whose arrays may come in one."""
    return _body(
        _object(dict.fromkeys(_NAMES, _ARRAY), []),
        "Arrays by their names: nested lists of numbers, or a string as it would stand in the query, with base64url of "
        "any length. What stands in the one must not stand in the other.",
    )


def compared() -> dict[str, Any]:
    """The body of an address that compares."""
    number = {"anyOf": [{"type": "number"}, {"enum": sorted(WORDS)}]}
    sizes, tolerance = {"type": "integer", "minimum": 1}, {"type": ["number", "null"], "minimum": 0, "maximum": 1e12}
    in_a_row = _object({"shape": _listed(sizes), "cells": _listed(number)}, ["shape", "cells"])
    properties = {
        "array": {"type": "string"},
        "values": {"anyOf": [*number["anyOf"], in_a_row, *_ARRAY["anyOf"]]},
        "rtol": tolerance,
        "atol": tolerance,
        "dtype": {"enum": [*DTYPES, None]},
        "arrays": _object(dict.fromkeys(_NAMES, _ARRAY), []),
    }
    schema = _object(properties, ["array", "values"]) | {"example": {"array": "db", "values": [1, 2]}}
    return _body(schema, "An array to be compared, and those that the walk begins with, each as in any body.")


def _body(schema: dict[str, Any], description: str) -> dict[str, Any]:
    described = f"{description} At most {limits.BODY_BYTES} bytes of JSON."
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"description": described, "required": True, "content": content}}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def _listed(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    """A name of the query."""
    return {"name": name, "in": "query", "schema": schema, "description": description}


_NAMES = list(dict.fromkeys(name for layer in LAYERS.values() for name in layer.axes))  # of arrays that may be brought
_WRITTEN = rf"^(\[.*\]|{KIND}:\d{{1,5}}(x\d{{1,5}}){{0,3}}:[A-Za-z0-9_-]*=*)$"  # how an address has one
_ARRAY = {"anyOf": [{"type": "array"}, {"type": "string", "pattern": _WRITTEN}]}
LANGUAGE = parameter(
    "lang",
    {"type": "string", "examples": list(LANGUAGES)},
    "The language of refusals, before that of the cookie `lang` and of Accept-Language; others than these are English.",
)
AS = parameter(
    "as",
    {"type": "string", "enum": ["latex", "numpy", "pytorch"], "default": "numpy"},
    "A formula, or a script for NumPy or PyTorch.",
)
ARRAY = parameter(
    "array",
    {"type": "string", "enum": _NAMES},
    "The array whose shape is asked about; one of the layer's own.",
) | {"required": True}
_NUDGED = sorted({name for layer in LAYERS.values() for name in layer.arrays(layer.settings()) if "_nudged" in name})
NUDGED = parameter(
    "nudged",
    {"type": "string", "enum": _NUDGED},
    "The array of the gradient check whose cell is nudged.",
) | {"required": True}
CELL = parameter("cell", {"type": "integer", "minimum": 0, "maximum": 999_999_999}, "The cell, counted row by row.") | {
    "required": True
}
_OPENED = sorted({one.layer for layer in LAYERS.values() for one in layer.opens})
OPENS = parameter(
    "opens",
    {"type": "string", "enum": _OPENED},
    "A layer that this one is made of.",
) | {"required": True}
AT = parameter(
    "at",
    {"type": "string", "pattern": f"^{FUNCTION}$", "examples": ["conv.correlate"]},
    "A function of that layer.",
)
STEP = parameter(
    "step",
    {"type": "integer", "minimum": 0, "maximum": core_limits.STEPS, "default": 0},
    "The step whose numbers it begins with, where it goes by that.",
)
STOP = parameter("stop", {"type": "string", "enum": list(STOPS), "default": "cell"}, "After what a figure has a frame.")
THEME = parameter("theme", {"type": "string", "enum": list(THEMES), "default": "light"}, "The colours of a figure.")
IN_LANGUAGE = {"parameters": [LANGUAGE]}
PictureName = Annotated[str, Path(description="A picture; `/api/pictures` has all names.", examples=["digit-7-0"])]
SIZE = parameter(
    "size",
    {"type": "integer", "minimum": LEAST, "maximum": core_limits.SIDE, "default": LEAST},
    "Rows and columns of the picture.",
)
PICTURE = {"parameters": [SIZE, LANGUAGE]}
SIZES = "[0-9]{1,7}(,[0-9]{1,7}){0,5}"
SHAPE = parameter(
    "shape",
    {"type": "string", "pattern": f"^{SIZES}$", "examples": ["28,28,1"]},
    "Its sizes, the outermost first.",
) | {"required": True}
START = parameter(
    "start",
    {"type": "integer", "minimum": 0, "maximum": 999_999_999},
    "The steps that are left out; not beyond the last one.",
)


def _settings() -> list[dict[str, Any]]:
    """Each setting once; where layers give it different ranges, the widest."""
    widest: dict[str, dict[str, Any]] = {}
    pairs: dict[str, tuple[str, str]] = {}
    for layer in LAYERS.values():
        pairs |= layer.settings.pairs()
        for one in layer.settings.describe():
            known = widest.setdefault(str(one["name"]), dict(one))
            if "high" in one:
                wider = one if "words" in one else {}
                known |= {**wider, "low": min(one["low"], known["low"]), "high": max(one["high"], known["high"])}
    both = {
        name: {**widest[height], "kind": "pair", "label": f"{height} and {width} at once"}
        for name, (height, width) in pairs.items()
    }
    return [parameter(name, *_kind(setting)) for name, setting in (widest | both).items()]


def _kind(setting: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The schema and the description of a setting."""
    label, number = setting["label"], r"\d{1,2}"
    ranged = f"{label}: from {setting.get('low')} to {setting.get('high')}"
    match setting["kind"]:
        case "whole":
            return {"type": "integer", "minimum": setting["low"], "maximum": setting["high"]}, label
        case "real":
            return {"type": "number", "minimum": setting["low"], "maximum": setting["high"]}, label
        case "choice" | "flag":
            return {"type": "string", "enum": setting["choices"]}, label
        case "pair":
            return {"type": "string", "pattern": f"^{number}(,{number})?$"}, f"{ranged}; or height,width"
        case "sides":
            words = "|".join(setting["words"])
            schema = {"type": "string", "pattern": f"^({words}|{number}(,{number}(,{number},{number})?)?)$"}
            return schema, f"{ranged}; or height,width; or top,bottom,left,right; or {' or '.join(setting['words'])}"
        case kind:
            raise NotImplementedError(f"the description knows no setting that is a {kind}")


def _arrays() -> list[dict[str, Any]]:
    """The arrays that a reader may bring; their shapes set the sizes."""
    schema = {"type": "string", "pattern": _WRITTEN}
    form = (
        "as JSON, such as [1,0], or compactly: how a number is written (u8 to u32, i8 to i32, with e-4 behind it for "
        "four decimals; f32, f64; all little-endian), shape, base64url"
    )
    return [parameter(name, schema, f"The array {name}, {form}") for name in _NAMES]
