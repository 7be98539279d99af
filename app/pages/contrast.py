"""The page of a contrast: one walk twice, side by side and in step by output cell, with one setting that differs.

    /conv2d/walk/contrast?padding=1&b.stride=1     A as the address has it, B with a stride of 1

Each side is a frame with the very page of that walk, so that nothing is drawn by a second hand. What a name with `b.`
in front of it says is B's alone; all else, the arrays included, is of both.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from app.ground.parts import Body
from app.ground.words import Words, choose
from app.pages.page import Page, answered
from app.pages.pages import way_back
from app.render.templates import rendered
from app.walks.query import find, legal_values, written
from app.walks.views import NAMES, PARTS
from app.walks.visit import Visit
from core.offer.fit import following
from core.offer.layer import Layer

OWN = "b."  # before the name of a setting that B alone has

# What a frame shows is the stage; all else is told once, by the page around both.
_VIEW = {"embed": "1", "hide": ",".join(part for part in PARTS if part != "caption")}

router = APIRouter(include_in_schema=False)


@router.get("/{layer}/{algorithm}/contrast")
async def contrast_page(request: Request, layer: str, algorithm: str) -> Response:
    """Two walks side by side. What makes no sense in the address is left out, and said."""
    return await answered(request, _page, request, layer, algorithm)


@dataclass(frozen=True)
class Contrast:
    """Two visits of one layer, and the name of what differs.

    >>> contrast = Contrast.of(LAYERS["conv2d"], "walk", b"padding=1&b.stride=1")
    >>> contrast.name, contrast.a.walk, contrast.b.walk
    ('stride', 'padding=1', 'padding=1&stride=1')
    """

    a: Visit
    b: Visit
    own: list[tuple[str, str]]  # what B has of its own, as the address has it
    name: str  # the setting that a reader turns
    foreign: bool  # whether B is to have what no setting is

    @classmethod
    def of(cls, layer: Layer, algorithm: str, raw: bytes) -> "Contrast":
        """Read the bytes behind the `?`. Where nothing differs yet, the first setting does that can be another one."""
        pairs = parse_qsl(raw.decode("ascii", "replace"), keep_blank_values=True)
        a = Visit.of(layer, algorithm, urlencode([one for one in pairs if not one[0].startswith(OWN)]).encode())
        named = [(name.removeprefix(OWN), text) for name, text in pairs if name.startswith(OWN)]
        kinds, both = layer.settings.kinds(), layer.settings.pairs()
        own = _apart([one for one in named if one[0] in kinds or one[0] in both], both)
        foreign = len({name for name, _ in named} - kinds.keys() - both.keys()) > 0
        if not any(text for _, text in own):
            wanted = [name for name, _ in own] or _foremost(layer)
            own = [next(_others(layer, algorithm, a, wanted), (wanted[0], ""))]
        turned = {name for name, _ in own}
        given = [one for one in _apart(a.given.items(), both) if one[0] not in turned]
        given += [(name, text) for name, text in own if text]
        b = Visit.of(layer, algorithm, urlencode(given).encode())
        if b.refusals:  # an output of another size: the layer's own gradient arrives there
            others = [(name, text) for name, text in given if name not in following(layer)]
            b = Visit.of(layer, algorithm, urlencode(others).encode())
        return cls(a, b, own, own[0][0], foreign)

    @property
    def given(self) -> list[tuple[str, str]]:
        """The page's own query, without its language."""
        of_both = _apart(self.a.given.items(), type(self.a.run.settings).pairs())
        own = [(OWN + name, text) for name, text in self.own]
        return [one for one in of_both if one[0] not in {*NAMES, "lang"}] + own


def _apart(given: Iterable[tuple[str, str]], pairs: Mapping[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """What stands for two settings at once, such as a kernel size, as both of them: a reader may turn one."""
    found: list[tuple[str, str]] = []
    for name, text in given:
        if name in pairs:
            first, _, second = text.partition(",")
            found += zip(pairs[name], (first, second or first), strict=True)
        else:
            found.append((name, text))
    return found


def legal_of(layer: Layer, algorithm: str, visit: Visit) -> dict[str, list[Any]]:
    """What each setting can be beside the others of a visit; arrays whose size follows are made to fit."""
    fixed = visit.query.fixed(layer) - layer.sized_by(following(layer))
    shapes = frozenset((name, shape) for name, shape in visit.query.shapes if name not in following(layer))
    return legal_values(layer, algorithm, visit.run.settings, fixed, shapes)


def _foremost(layer: Layer) -> list[str]:
    """The settings of a layer: those first that stand first on its page, and last sizes and seeds."""
    names = [str(one["name"]) for one in layer.settings.describe()]
    sizes = {str(one["name"]) for one in layer.settings.describe() if one["kind"] == "whole"}
    return sorted(names, key=lambda name: (name in sizes, name not in layer.settings.FOREMOST, names.index(name)))


def _others(layer: Layer, algorithm: str, visit: Visit, names: list[str]) -> Iterator[tuple[str, str]]:
    """Settings with a value that they do not have and could have: the nearest one that is a word or one number."""
    legal, now = legal_of(layer, algorithm, visit), visit.run.settings.plain()
    for name in names:
        values = [one for one in legal.get(name, ()) if not isinstance(one, list) and one != now[name]]
        if values:
            yield name, written(min(values, key=lambda one: _distance(one, now[name])))


def _distance(value: object, now: object) -> float:
    """How far a number is from another; words are all alike, and the first one that differs is as good as any."""
    if isinstance(value, bool) or not isinstance(value, int) or not isinstance(now, int):
        return 0 if isinstance(value, type(now)) else math.inf
    return abs(value - now) + 0.1 * (value > now)


def _page(request: Request, layer: str, algorithm: str) -> Page:
    chosen = find(layer, algorithm)
    contrast = Contrast.of(chosen, algorithm, request.scope["query_string"])
    words = choose(request)
    visits, here = (contrast.a, contrast.b), f"/{layer}/{algorithm}"
    refusals = [refusal.sentence(chosen, words)["message"] for visit in visits for refusal in visit.refusals]
    if contrast.foreign:
        template = "there is no such setting; this layer has {known}"
        refusals.append(words(template, known=", ".join(chosen.settings.kinds())))
    view = urlencode(_VIEW | {"lang": words.language})
    described = {str(one["name"]): one for one in chosen.settings.describe()}
    values = [visit.run.settings.plain()[contrast.name] for visit in visits]
    html = rendered(
        "contrast.html",
        request,
        words,
        walk=f"{words(chosen.title)} · {words(algorithm.replace('_', ' '))}",
        back=way_back(request) or (f"{here}?{contrast.a.asked}" if contrast.a.asked else here),
        refusals=list(dict.fromkeys(refusals)),
        walks=[f"{here}?{'&'.join(filter(None, (visit.walk, view)))}" for visit in visits],
        settings=[(name, words(str(described[name]["label"]))) for name in _foremost(chosen)],
        differing=described[contrast.name] | {"options": _options(chosen, algorithm, contrast, words)},
        own=OWN,
        paces=chosen.paces,
        others=[(name, text) for name, text in contrast.given if name.removeprefix(OWN) != contrast.name],
        chosen=[written(value) for value in values],
        shown=[_named(value, words) for value in values],
        boot=Markup(_boot(chosen, contrast, words)),  # noqa: S704
    )
    return Page(Body.of(html.encode()), 422 if refusals else 200, has_frames=True)


def _options(layer: Layer, algorithm: str, contrast: Contrast, words: Words) -> list[tuple[str, str]]:
    """What a reader may choose for what differs: words and single numbers, and what stands; decimals are typed."""
    if next(one["kind"] for one in layer.settings.describe() if one["name"] == contrast.name) == "real":
        return []
    stand = [visit.run.settings.plain()[contrast.name] for visit in (contrast.a, contrast.b)]
    legal = [one for one in legal_of(layer, algorithm, contrast.a)[contrast.name] if not isinstance(one, list)]
    return [(written(value), _named(value, words)) for value in [*legal, *(one for one in stand if one not in legal)]]


def _named(value: object, words: Words) -> str:
    """A value of a setting as people read it."""
    return " × ".join(map(str, value)) if isinstance(value, list) else words(written(value))


def _boot(layer: Layer, contrast: Contrast, words: Words) -> str:
    """What the script begins with, as JSON that can stand inside a page."""
    chapters = {name.replace("_", " ") for name in layer.algorithms}
    boot = {
        "query": urlencode(contrast.given),
        "name": contrast.name,
        "own": OWN,
        "arrays": list(layer.axes),
        "words": {
            key: text
            for key, text in words.all.items()
            if key.startswith(("contrast.", "transport.p", "key.space")) or key in chapters
        },
    }
    return orjson.dumps(boot).decode().replace("<", "\\u003c")
