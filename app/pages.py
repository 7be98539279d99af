"""The pages: one for every walk, readable without JavaScript; the stage is built over it where there is some."""

import functools
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

import jinja2
import numpy as np
import orjson
from cachetools import LRUCache, cached
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from app import limits
from app.api import asked_for
from app.assets import plotly_url, static_url
from app.formulas import formula
from app.highlight import highlighted
from app.link import walk_of
from app.parts import Packed
from app.paths import STATIC, TEMPLATES
from app.picture import UNIT, Picture, picture_of
from app.query import find, legal_values, written
from app.reading import glossary as glossary_rows
from app.reading import rows_by_function, told, with_code, with_indices, words_of
from app.security import page_policy
from app.views import PARTS, View
from app.visit import Visit
from app.words import COOKIE, LANGUAGES, Words, choose, going_on
from app.words import asked_for as asked_language
from core.catalog import LAYERS, Run
from core.layer import Layer, Named, whole_cost
from core.record import Algorithm
from core.settings import Settings
from core.source import Source
from core.trace import Outline, finished

router = APIRouter(include_in_schema=False)

READABLE_STEPS = 5_000  # a longer walk takes too long to finish while others wait for their pages
KEPT = 16_000_000  # bytes of pages kept for those who come back
READABLE_CELLS = 20_000  # nobody reads larger arrays as tables


@router.get("/")
async def home(request: Request) -> Response:
    """The default walk."""
    layer = next(iter(LAYERS.values()))
    return await page(request, layer.name, next(iter(layer.algorithms)))


@router.get("/words")
async def glossary(request: Request) -> Response:
    """The words of the article, of PyTorch and of mathematics for the same things, side by side."""
    return await _answered(request, _glossary, request)


@router.get("/{layer}/{algorithm}")
async def page(request: Request, layer: str, algorithm: str) -> Response:
    """One walk. Settings that make no sense are refused beside their control, on a page that shows the default ones."""
    meant = walk_of(layer, algorithm, {name: one.algorithms for name, one in LAYERS.items()})
    if meant and meant[:2] != (layer, algorithm):  # the ? was encoded, or punctuation has come along
        layer, algorithm, query = meant
        path, rest = f"/{layer}/{algorithm}", request.scope["query_string"].decode("latin-1")
        both = "&".join(filter(None, (query, rest))).encode("latin-1")
        request = Request({**request.scope, "path": path, "raw_path": path.encode(), "query_string": both})
    return await _answered(request, _page, request, layer, algorithm)


@dataclass(frozen=True)
class _Page:
    html: Packed
    status: int = 200
    is_embedded: bool = False


def page_cache() -> LRUCache[tuple[str, bytes, str], _Page]:
    """A place for the latest pages: by path, query and language. To be used on the event loop."""
    return LRUCache(KEPT, lambda page: len(page.html))


async def _answered(request: Request, make: Callable[..., _Page], *args: object) -> Response:
    """A page that was made before, at once; another one when it is its client's turn."""
    words, state = choose(request), request.app.state
    # All that a page depends on: a class that follows a link, or a teacher who reloads, is not waited for.
    key = (request.scope["path"], request.scope["query_string"], words.language)
    known: _Page | None = state.pages.get(key)
    if known is None:
        known = await state.walks.answered(request, make, *args)
        with suppress(ValueError):  # it is larger than the whole cache
            state.pages[key] = known
    headers = {"Content-Type": "text/html; charset=utf-8"}
    response = in_language(request, words, known.html.response(request.headers, known.status, headers))
    response.headers.add_vary_header("Accept-Encoding")
    if known.is_embedded:
        response.headers["Content-Security-Policy"] = page_policy(state.embedded_by)
    return response


def _glossary(request: Request) -> _Page:
    words = choose(request)
    template = environment().get_template("words.html")
    html = template.render(
        words=words,
        other_languages=in_other_languages(request, words),
        asked_language=going_on(request),
        rows=[
            {name: text[words.language] if isinstance(text, dict) else text for name, text in row.items()}
            for row in glossary_rows()
        ],
        static=static_url,
    )
    return _Page(Packed.of(html.encode()))


def _page(request: Request, layer: str, algorithm: str) -> _Page:
    chosen = find(layer, algorithm)
    visit = Visit.of(chosen, algorithm, request.scope["query_string"])
    as_meant = Request({**request.scope, "query_string": urlencode(visit.given).encode()})
    words = choose(as_meant)
    run, view = visit.run, visit.view
    refusals = [refusal.told(chosen, words) for refusal in visit.refusals]
    readable = _readable(asked_for(chosen, algorithm, visit.walk.encode())[1].key, run)
    if readable.outline:
        request.app.state.walks.offer(readable.key, readable.outline)  # the browser asks for its stream next
    stream = f"/api/{layer}/{algorithm}/stream?{_with(visit.walk, f'lang={words.language}')}"
    fixed = visit.query.fixed(chosen)
    legal = legal_values(chosen, algorithm, run.settings, fixed, visit.query.shapes)
    template = environment().get_template("page.html")
    html = template.render(
        words=words,
        other_languages=in_other_languages(request if refusals else as_meant, words),
        layer=chosen,
        algorithm=algorithm,
        menu=_menu(),
        asked_language=going_on(as_meant),
        view=view,
        parts=PARTS,
        kept=_kept(as_meant, view),
        whole=_with_query(request.url.path, visit.asked),
        groups=_groups(chosen.settings),
        values=run.settings.plain(),
        refusals=_by_place(refusals, run),
        step=visit.step,
        boot=Markup(_boot(visit, words, legal, refusals, stream)),  # noqa: S704
        static=static_url,
        sheets=["page.css", *(name for name in _files("*.css") if name != "page.css")],
        modules=[name for name in _files("*.js") if name != "early.js"],  # which is no module
        stream=stream,
        reading=readable,
        picture=readable.picture,
        unit=UNIT,
    )
    return _Page(Packed.of(html.encode()), 422 if refusals else 200, view.embed)


def in_language(request: Request, words: Words, response: Response) -> Response:
    """An answer whose bytes depend on the reader's language, which is remembered where the address names it."""
    response.headers.update({"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"})
    if asked_language(request):
        response.set_cookie(COOKIE, words.language, max_age=31_536_000, samesite="lax")
    return response


@functools.cache
def _files(pattern: str) -> list[str]:
    """The scripts or style sheets of the page, which a browser fetches all at once instead of one after the other."""
    return sorted(path.name for path in STATIC.glob(pattern))


def _with(asked: str, part: str) -> str:
    """A query with one part more."""
    return "&".join(filter(None, (asked, part)))


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
        "legal": legal_values,
        "words": words_of(run.layer, words),
        "stream": stream,
        "plotly": plotly_url(),
        "longest": limits.URL_BYTES,  # an address
        "glossary": rows_by_function(),
        "query": visit.asked,
        "step": visit.step,
        "refusals": _by_place(refusals, run),
        "view": visit.view.asked,
    }
    return orjson.dumps(boot).decode().replace("<", "\\u003c")


def _groups(settings: type[Settings]) -> dict[str, list[dict[str, object]]]:
    groups: dict[str, list[dict[str, object]]] = {}
    for described in settings.describe():
        groups.setdefault(str(described["group"]), []).append(described)
    return groups


def _menu() -> dict[str, list[tuple[Layer, Algorithm]]]:
    """Every layer with its walk, in the groups of the menu."""
    menu: dict[str, list[tuple[Layer, Algorithm]]] = {}
    for layer in LAYERS.values():
        menu.setdefault(layer.group, []).append((layer, next(iter(layer.algorithms.values()))))
    return menu


def in_other_languages(request: Request, words: Words) -> Iterator[tuple[str, str]]:
    for language in LANGUAGES:
        if language != words.language:
            yield language, f"{request.url.path}?{request.url.include_query_params(lang=language).query}"


def _kept(request: Request, view: View) -> str:
    """What of a page's query holds for the other layers too: its language, and what is hidden. Whoever is at the menu
    does not present.
    """
    asked = asked_language(request)
    language = {"lang": asked} if asked else {}
    return _with_query("", urlencode(language | replace(view, present=False).asked))


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


@dataclass(frozen=True)
class _Readable:
    """What a page has to read before its scripts run, and without them: each function's text, every array as it is at
    the end, and the first picture.
    """

    key: str
    sources: tuple[Source, ...]
    arrays: tuple[tuple[str, Named, list[tuple[str, list[list[float]]]]], ...] = ()
    outline: Outline | None = None
    picture: Picture | None = None


def _readable(key: str, run: Run) -> _Readable:
    cost = whole_cost(run.layer, run.algorithm.name, run.settings)
    if cost.steps > READABLE_STEPS or sum(one.cells for one in _named(run).values()) > READABLE_CELLS:
        return _Readable(key, (run.algorithm.source,))  # and its run, which may hold megabytes, is not kept
    return _read(key, run)


@cached(LRUCache(16), key=lambda key, _: key, lock=threading.Lock())  # of up to 2 MB each
def _read(key: str, run: Run) -> _Readable:
    finished(run.lead_up())
    outline = run.outline()
    arrays = tuple((name, one, _tables(outline.end[name])) for name, one in _named(run).items())
    return _Readable(key, outline.sources, arrays, outline, picture_of(run, outline))


def _named(run: Run) -> dict[str, Named]:
    """The arrays of a run that its algorithm is given."""
    return {name: one for name, one in run.layer.arrays(run.settings).items() if name in run.algorithm.parameters}


def _tables(array: np.ndarray) -> list[tuple[str, list[list[float]]]]:
    """An array as tables of rows and columns, each with the indices of its map."""
    if array.ndim < 2:
        return [("", [[value] for value in array.ravel().tolist()])]
    outer = array.shape[:-2]
    return [(str(list(index)) if outer else "", array[index].tolist()) for index in np.ndindex(outer)]


def _spread(value: object, count: int) -> list[object]:
    """The numbers of a setting, one for each field: 1 stands for all of them, 2,1 for the height and the width."""
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts for _ in range(count // len(parts))]


def _breakable(url: str) -> Markup:
    """An address that may go on in the next line before each of its parts, and nowhere else."""
    return Markup("<wbr>").join(re.split(r"(?=[.:](?!//))", url))


def _number(value: float) -> str:
    return f"{value:.6g}".replace("-", "−").replace("inf", "∞")


@functools.cache
def environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": _number,
        "told": told,
        "with_code": with_code,
        "with_indices": with_indices,
        "spread": _spread,
        "written": written,
        "breakable": _breakable,
        "equations": lambda source: [Markup(line) for line in formula(source)["equations"]],  # noqa: S704 - our own
        "highlighted": lambda source: [Markup(line) for line in highlighted(source) if line is not None],  # noqa: S704
    }
    return environment
