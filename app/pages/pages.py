"""The pages: one for every walk, readable without JavaScript; the stage is built over it where there is some."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, TypeVar
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from app.ground import limits
from app.ground.files import STYLE, modules, plotly_url
from app.ground.parts import Body
from app.ground.words import Words, choose
from app.ground.words import asked_for as asked_language
from app.pages.page import Page, answered
from app.pages.preview import preview
from app.render import glossary
from app.render.docstrings import words_of
from app.render.templates import in_other_languages, rendered
from app.walks.arrays import ElsewhereError
from app.walks.link import walk_of
from app.walks.query import find, legal_values, written
from app.walks.views import PARTS, View
from app.walks.visit import Visit
from app.walks.walk_request import walk_request
from app.walks.walks import walks_of
from core.catalog import LAYERS, Run
from core.offer.fit import following
from core.offer.layer import Layer
from core.offer.preset import Preset
from core.offer.settings import Settings

One = TypeVar("One")

AT_ONCE = 6  # settings on the page of a layer that has none of the foremost
# What lays out the first picture comes before the rest.
OPENING = ("board/opening.js", "board/fit.js", "board/packing.js", "board/placed.js", "board/plan.js", "board/width.js",
           "say/look.js", "page/digits.js", "page/page.js", "page/placing.js", "page/storage.js",
           "page/theme.js")  # fmt: skip

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request) -> Response:
    """The default walk."""
    layer = next(iter(LAYERS.values()))
    return await page(request, layer.name, next(iter(layer.algorithms)))


@router.get("/words")
async def words(request: Request) -> Response:
    """The words of the article, of PyTorch and of mathematics for the same things, side by side."""
    return await answered(request, _glossary, request)


@router.get("/{layer}/{algorithm}")
async def page(request: Request, layer: str, algorithm: str) -> Response:
    """One walk. Settings that make no sense are refused beside their control, on a page that shows the default ones."""
    meant = walk_of(layer, algorithm, {name: one.algorithms for name, one in LAYERS.items()})
    if meant and meant[:2] != (layer, algorithm):  # the ? was encoded, or punctuation has come along
        layer, algorithm, query = meant
        path, rest = f"/{layer}/{algorithm}", request.scope["query_string"].decode("latin-1")
        both = "&".join(filter(None, (query, rest))).encode("latin-1")
        request = Request({**request.scope, "path": path, "raw_path": path.encode(), "query_string": both})
    return await answered(request, _page, request, layer, algorithm)


def _glossary(request: Request) -> Page:
    words = choose(request)
    html = rendered("words.html", request, words, rows=glossary.rows(words.language), back=way_back(request))
    return Page(Body.of(html.encode()))


def way_back(request: Request) -> str | None:
    """The walk that a reader came from, if it is one."""
    path, _, rest = request.query_params.get("back", "").partition("?")
    walks = (f"/{layer.name}/{algorithm}" for layer in LAYERS.values() for algorithm in layer.algorithms)
    found = next((walk for walk in walks if walk == path.partition("#")[0]), None)
    return found and f"{found}{path.removeprefix(found)}{rest and '?' + rest}"


def _page(request: Request, layer: str, algorithm: str) -> Page:
    chosen = find(layer, algorithm)
    visit = Visit.of(chosen, algorithm, request.scope["query_string"])
    as_meant = Request({**request.scope, "query_string": urlencode(visit.given).encode()})
    words = choose(as_meant)
    run, view = visit.run, visit.view
    refusals = [refusal.sentence(chosen, words) for refusal in visit.refusals]
    key = walk_request(chosen, algorithm, visit.walk.encode())[1].key
    reading = preview(key, run)
    if reading.outline:
        walks_of(request).offer(key, reading.outline)  # the browser asks for its stream next
    query = "&".join(filter(None, (visit.walk, f"lang={words.language}")))
    stream = f"/api/{layer}/{algorithm}/stream?{query}"
    fixed = visit.query.fixed(chosen)
    shapes = frozenset((name, shape) for name, shape in visit.query.shapes if name not in following(chosen))
    legal = legal_values(chosen, algorithm, run.settings, fixed, shapes)
    walks = [(one, next(iter(one.algorithms.values()))) for one in LAYERS.values()]
    foremost, others = _by_use(chosen.settings)
    picture = None if view.predict else reading.picture  # what it shows may be asked for
    kept = _kept(as_meant, view)
    html = rendered(
        "page.html",
        as_meant,
        words,
        other_languages=in_other_languages(request if refusals else as_meant, words),
        layer=chosen,
        algorithm=algorithm,
        menu=_grouped(walks, lambda walk: walk[0].group),
        input=next(iter(chosen.axes.items())),  # another layer that takes the same goes on with it
        has_rooms=request.app.has_rooms,
        view=view,
        paces=chosen.paces,
        parts=PARTS,
        kept=kept,
        whole=_with_query(request.url.path, visit.asked),
        here=_with_query(f"/{layer}/{algorithm}", visit.asked),
        foremost=foremost,
        explained=glossary.by_setting(words.language),
        presets=_presets(chosen, visit, kept.removeprefix("?")),
        groups=_grouped(others, lambda setting: str(setting["group"])),
        values=(values := run.settings.plain()),
        changed=sum(values[str(one["name"])] != one["default"] for one in others),
        refusals=_by_place(refusals, run),
        step=visit.step,
        boot=Markup(_boot(visit, words, legal, refusals, stream)),  # noqa: S704
        sheet=STYLE,
        modules=list(dict.fromkeys((*(OPENING if picture else ()), *modules("main.js")))),
        stream=stream,
        reading=reading,
        picture=picture,
    )
    # Beside numbers that the browser may have, nobody here can say whether the rest fits.
    is_whole = not refusals or any(isinstance(refusal.error, ElsewhereError) for refusal in visit.refusals)
    return Page(Body.of(html.encode()), 200 if is_whole else 422, view.embed)


def _by_use(settings: type[Settings]) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    """The settings that stand on the page at once, and those that wait behind a button."""
    described = settings.describe()
    foremost = [one for one in described if one["name"] in settings.FOREMOST] or described[:AT_ONCE]
    return foremost, [one for one in described if one not in foremost]


def _presets(layer: Layer, visit: Visit, kept: str) -> list[dict[str, object]]:
    """The presets of a layer, each with its address, all of its settings, and whether it is what is visited.

    With arrays of one's own its question may have another answer.
    """
    path = f"/{layer.name}/{next(iter(layer.algorithms))}"

    def asked(one: Preset) -> dict[str, str]:
        return {name: written(value) for name, value in one.settings.items()}

    return [
        {
            "preset": one,
            "url": _with_query(path, "&".join(filter(None, (urlencode(asked(one)), kept)))),
            "settings": orjson.dumps(one.of(layer.settings)).decode(),
            "is_current": not visit.query.arrays and one.of(layer.settings) == visit.run.settings.plain(),
        }
        for one in layer.presets
    ]


def _by_place(refusals: list[dict[str, str | None]], run: Run) -> dict[str, str]:
    """The sentences that stand beside each setting, and under no name those that have no place of their own."""
    names = run.settings.kinds()
    places: dict[str, list[str]] = {}
    for refusal in refusals:
        name = refusal["setting"] or ""
        places.setdefault(name if name in names else "", []).append(refusal["message"] or "")
    return {name: "\n".join(sentences) for name, sentences in places.items()}


def _boot(
    visit: Visit,
    words: Words,
    legal_values: dict[str, list[Any]],
    refusals: list[dict[str, str | None]],
    stream: str,
) -> str:
    """What the scripts begin with, as JSON that can stand inside a page: no text in it can end the script element."""
    run = visit.run
    boot = {
        "layer": run.layer.name,
        "algorithm": run.algorithm.name,
        "defaults": run.layer.settings().plain(),
        "algorithms": list(run.layer.algorithms),
        "arrays": {name: sorted(run.layer.sized_by([name])) for name in run.layer.axes},
        "holds": {name: sorted(run.layer.sized_by([name]) | run.layer.shared_by([name])) for name in run.layer.axes},
        "following": following(run.layer),
        "pairs": run.layer.settings.pairs(),
        "legal": legal_values,
        "words": words_of(run.layer, words),
        "stream": stream,
        "plotly": plotly_url(),
        "longest": limits.URL_BYTES,  # an address
        "most": limits.BODY_BYTES,  # of what does not fit into it
        "onward": _onward(run.layer, words),
        "opens": _opens(run.layer, words),
        "glossary": glossary.rows_by_function(),
        "terms": glossary.terms(words.language),
        "query": visit.asked,
        "step": visit.step,
        "refusals": _by_place(refusals, run),
        "view": visit.view.asked,
    }
    return orjson.dumps(boot).decode().replace("<", "\\u003c")


def _onward(layer: Layer, words: Words) -> dict[str, object] | None:
    """Another walk that begins as this one does: where it is, and what of an address it takes over."""
    if layer.onward is None:
        return None
    other = LAYERS[layer.onward.layer]
    takes = [name for name in layer.settings.kinds() if name in other.settings.kinds()] + list(layer.onward.arrays)
    path = f"/{other.name}/{next(iter(other.algorithms))}"
    return {"path": path, "label": words(layer.onward.label), "takes": takes}


def _opens(layer: Layer, words: Words) -> list[dict[str, object]]:
    """The layers that this one is made of: what each is called, and where in this walk it runs."""
    return [
        {
            "layer": one.layer,
            "title": words(LAYERS[one.layer].title),
            "label": words(one.label) if one.label else "",
            "at_step": one.at_step,
            "chapters": [chapter.name for chapter in one.chapters],
            "arrays": sorted(set(one.arrays.values())),
        }
        for one in layer.opens
    ]


def _grouped(each: Iterable[One], group: Callable[[One], str]) -> dict[str, list[One]]:
    groups: dict[str, list[One]] = {}
    for one in each:
        groups.setdefault(group(one), []).append(one)
    return groups


def _kept(request: Request, view: View) -> str:
    """What of a page's query holds for the other layers too: its language, and what is hidden. Whoever is at the menu
    does not present.
    """
    asked = asked_language(request)
    language = {"lang": asked} if asked else {}
    return _with_query("", urlencode(language | replace(view, present=False).asked))


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path
