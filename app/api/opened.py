"""A layer that another one is made of, opened: where its own walk is, on the numbers that it has there.

    GET /api/network/walk/opened?opens=linear&at=linear.weight_gradient
    {"path": "/linear/walk", "settings": {…}, "arrays": {"x": "f64:18:…", …}, "step": 14}

Where one opens what a step of the walk does, `step` says which:

    GET /api/training/walk/opened?opens=network&step=300

Settings and arrays are written as an address has them, each number exactly; whether they have room in one is for the
page to see. The walk of the other layer is run for its chapters alone: a reader goes on where they were.
"""

import re
from collections.abc import Generator
from contextlib import closing
from itertools import islice

import orjson
from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.ground.etags import is_known, kept_by, not_modified, tag
from app.ground.parts import Parts
from app.walks import arrays as array_texts
from app.walks.query import written
from app.walks.shares import client_of
from app.walks.walk_request import WalkRequest
from app.walks.walks import walks_of
from app.walks.work import worked_out
from core.catalog import Run
from core.offer import limits
from core.offer.layer import Layer, Opened
from core.offer.settings import Choice, SettingError, Whole
from core.recording.trace import Arrays, Outline, replay

FUNCTION = "[a-z0-9_]{1,60}[.][a-z0-9_]{1,60}"


class OpenedAnswer(Response):
    """The answer that says where the other walk is; it has all its bytes before the first is sent."""

    media_type = "application/json"

    def __init__(self, request: Request, chosen: Layer, asked: WalkRequest) -> None:
        self.status_code, self.background = 200, None
        self.init_headers({})
        self._request, self._asked = request, asked
        self._one, self._at, self._step = _what(request, chosen)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        said = f"opened {self._one.layer} {self._at} {self._step}".encode()
        etag, walks, client = tag(self._asked.key.encode(), said), walks_of(self._request), client_of(scope)
        if is_known(self._request, etag):
            await not_modified(etag)(scope, receive, send)
            return
        async with walks.waited_for(receive), walks.room.hold(client, 3 * self._asked.cells):  # of both, and as text
            run = await walks.in_turn(client, self._asked.plan)
            body = await worked_out(walks, client, _told(run, self._one, self._at, self._step))
            await Parts(body, headers=kept_by(self._request, etag), media_type=self.media_type)(scope, receive, send)


def _what(request: Request, chosen: Layer) -> tuple[Opened, str, int]:
    """The layer that is to be opened, the function at which, and the step whose numbers it begins with."""
    layers = {one.layer: one for one in chosen.opens}
    if not layers:
        raise SettingError("opens", "this layer is made of no others")
    name = Choice(tuple(layers)).accept("opens", request.query_params.get("opens", ""))
    at = request.query_params.get("at", "")
    if at and not re.fullmatch(FUNCTION, at):
        raise SettingError("at", "{setting} must be the name of a function: conv.correlate")
    return layers[str(name)], at, Whole(0, limits.STEPS).accept("step", request.query_params.get("step", "0"))


def _told(run: Run, one: Opened, at: str, step: int) -> Generator[None, None, bytes]:
    """The answer, with a pause after each step of the two walks."""
    for _ in run.lead_up():
        yield
    if one.at_step:
        other = run.opened_on((yield from _moment(run, step)), one)
    else:
        other = run.opened((yield from run.outlining()), one)
    yield
    arrays = {name: array_texts.written(other.start[name]) for name in other.layer.axes if name in one.arrays}
    return orjson.dumps(
        {
            "path": f"/{other.layer.name}/{other.algorithm.name}",
            "settings": _settings(other, arrays),
            "arrays": arrays,
            "step": _first((yield from other.outlining()), at),
        }
    )


def _moment(run: Run, k: int) -> Generator[None, None, Arrays]:
    """The arrays after k steps."""
    arrays, taken = {name: array.copy() for name, array in run.start.items()}, 0
    with closing(run.steps()) as steps:
        for step in islice(steps, k):
            replay(step, arrays)
            taken += 1
            yield
    if taken < k:
        raise SettingError("step", "{setting} must be from {low} to {high}", low=0, high=taken)
    return arrays


def _settings(other: Run, arrays: dict[str, str]) -> dict[str, str]:
    """What of the settings an address says: those that are not usual, and that no array sets."""
    usual, sized = type(other.settings)().plain(), other.layer.sized_by(arrays)
    plain = other.settings.plain()
    return {name: written(value) for name, value in plain.items() if name not in sized and value != usual[name]}


def _first(told: Outline, at: str) -> int | None:
    """The moment after the first step of a function."""
    firsts = (scene.first for chapter in told.chapters for scene in chapter.scenes if scene.source == at)
    return next((first + 1 for first in firsts), None)
