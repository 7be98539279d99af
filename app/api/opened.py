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
from fastapi import Request

from app.api.worked import Worked
from app.walks import arrays as array_texts
from app.walks.query import written
from app.walks.walk_request import WalkRequest
from core.catalog import Run
from core.offer import limits
from core.offer.layer import Layer, Opened
from core.offer.settings import Choice, SettingError, Whole
from core.recording.trace import Arrays, Outline, replay

FUNCTION = "[a-z0-9_]{1,60}[.][a-z0-9_]{1,60}"


class OpenedAnswer(Worked):
    """The answer that says where the other walk is."""

    media_type = "application/json"

    def __init__(self, request: Request, chosen: Layer, asked: WalkRequest) -> None:
        self._one, self._at, self._step = _what(request, chosen)
        said = f"opened {self._one.layer} {self._at} {self._step}"
        super().__init__(request, asked, said, copies=3)  # of both, and as text

    def _work(self, run: Run) -> Generator[None, None, bytes]:
        return _told(run, self._one, self._at, self._step)


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
