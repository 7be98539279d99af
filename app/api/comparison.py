"""An array that somebody brings, held against that of a walk: the answer that tells how they differ, and why."""

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

import numpy as np
import orjson
from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.ground import limits
from app.ground.parts import Parts
from app.ground.words import Words, choose
from app.walks import arrays as array_texts
from app.walks.query import written
from app.walks.shares import client_of
from app.walks.theirs import Theirs
from app.walks.walk_request import WalkRequest
from app.walks.walks import walks_of
from app.walks.work import worked_out
from core.catalog import LAYERS
from core.comparison.compare import comparing
from core.comparison.comparison import UNKNOWN, Comparison
from core.comparison.shown import LONG, Shown, Unshown
from core.recording.trace import numbers

NUMBER = re.compile(r"-?(?:∞|\d[\d./]*(?:e[+-]\d+)?)")  # and a fraction
COPIES = 8  # of an array that are made at a time: as numbers, as differences, as text


class ComparisonAnswer(Response):
    """The answer to an array that is compared; it has all its bytes before the first is sent."""

    media_type = "application/json"

    def __init__(self, request: Request, asked: WalkRequest, theirs: Theirs, brought: Collection[str]) -> None:
        self.status_code, self.background = 200, None
        self.init_headers({})
        self._request, self._asked, self._theirs, self._brought = request, asked, theirs, brought

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        walks, client, theirs = walks_of(self._request), client_of(scope), self._theirs
        # One that is larger than all of the walk is refused before a copy is made.
        cells = self._asked.cells + COPIES * min(theirs.values.size, self._asked.cells)
        async with walks.waited_for(receive), walks.room.hold(client, cells):
            run = await walks.in_turn(client, self._asked.plan)
            search = comparing(
                run, theirs.array, theirs.values, theirs.rtol, theirs.atol, dtype=theirs.dtype, brought=self._brought
            )
            compared = await worked_out(walks, client, search)
            told = await walks.in_turn(client, _told, compared, choose(self._request))
            await Parts(told, headers={"Cache-Control": "no-store"}, media_type=self.media_type)(scope, receive, send)


def _told(compared: Comparison, words: Words) -> bytes:
    """The comparison as JSON, in the reader's language."""
    assumption = compared.assumption
    with np.errstate(invalid="ignore"):
        difference = compared.theirs - compared.right
    return orjson.dumps({
        "array": compared.array,
        "shape": list(compared.right.shape),
        "cells": compared.right.size,
        "differ": compared.differ,
        "first": compared.first,
        "largest": compared.largest,
        "largest_at": compared.largest_at,
        "not_finite": compared.not_finite,
        "rtol": compared.tolerance.rtol,
        "atol": compared.tolerance.atol,
        "precision": compared.precision,
        "digits": compared.digits,
        "assumed": compared.assumed,
        "assumption": words(assumption[0], **assumption[1]) if assumption else None,
        "message": words(compared.template, **_typeset(compared.values)),
        "found": [
            {
                "key": one.key,
                "array": one.array,
                "message": words(one.template, **_typeset(one.values)),
                **_walk(shown, words),
            }
            for one, shown in zip(compared.found, compared.shown, strict=True)
        ],
        "unknown": words(UNKNOWN) if compared.differ and not compared.found else None,
        "difference": _cells(difference),
        "differs": _cells(np.flatnonzero(compared.differs)),
    })  # fmt: skip


def _typeset(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a sentence names, its numbers as the page writes them: −5 and 1e−9 for -5 and 1e-09."""
    return {
        name: re.sub(r"e\+?(-?)0*", r"e\1", value).replace("-", "−")
        if isinstance(value, str) and NUMBER.fullmatch(value)
        else value
        for name, value in values.items()
    }


def _cells(array: np.ndarray) -> Any:
    """The cells row by row."""
    flat = array.ravel()
    if np.isfinite(flat).all():  # without a list of them, which takes four times the memory
        return orjson.Fragment(orjson.dumps(flat, option=orjson.OPT_SERIALIZE_NUMPY))
    return numbers(flat)


def _walk(shown: Shown | Unshown | None, words: Words) -> dict[str, Any]:
    """A link to a walk, where its numbers have room in one; else why there is none."""
    if not isinstance(shown, Shown):
        return {"walk": None, "unshown": shown and words(shown.template, settings=shown.settings)}
    arrays = {name: array_texts.written(array) for name, array in shown.arrays.items()}
    pairs = {
        name: written(list(one) if isinstance(one, tuple) else one) for name, one in shown.settings.items()
    } | arrays
    query = "&".join(f"{name}={quote(text, safe=',:')}" for name, text in pairs.items())
    address = f"/{shown.layer}/{shown.algorithm}?{query}"
    if len(address) > limits.URL_BYTES:
        return {"walk": None, "unshown": words(LONG)}
    return {
        "walk": {
            "title": words(LAYERS[shown.layer].title),
            "address": f"{address}#{shown.chapter}",
            "part": shown.part,
        },
        "unshown": None,
    }
