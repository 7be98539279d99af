"""The pages: one for every walk, readable without JavaScript; the stage is built over it where there is some."""

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote_plus, urlencode

import jinja2
import numpy as np
import orjson
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from app.api import asked_for
from app.assets import plotly_url, static_url
from app.errors import RequestError
from app.formulas import formula
from app.highlight import highlighted
from app.kept import Kept
from app.parts import Packed
from app.paths import STATIC, TEMPLATES
from app.picture import UNIT, Picture, picture_of
from app.query import Query, find, legal_values, written
from app.reading import glossary as glossary_rows
from app.reading import rows_by_function, told, with_code, with_indices, words_of
from app.security import page_policy
from app.views import NAMES, PARTS, View
from app.words import COOKIE, LANGUAGES, Words, choose, going_on
from app.words import asked_for as asked_language
from core import SettingError
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
    return await _answered(request, _page, request, layer, algorithm)


@dataclass(frozen=True)
class _Page:
    html: Packed
    status: int = 200
    is_embedded: bool = False


def kept_pages() -> Kept[tuple[str, bytes, str], _Page]:
    """A place for the latest pages: by path, query and language."""
    return Kept(KEPT, lambda page: len(page.html))


async def _answered(request: Request, make: Callable[..., _Page], *args: object) -> Response:
    """A page that was made before, at once; another one when it is its client's turn."""
    words, state = choose(request), request.app.state
    # All that a page depends on: a class that follows a link, or a teacher who reloads, is not waited for.
    key = (request.scope["path"], request.scope["query_string"], words.language)
    known: _Page | None = state.pages.get(key)
    if known is None:
        known = state.pages.keep(key, await state.walks.answered(request, make, *args))
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
    words = choose(request)
    refusal, asked = None, _of_walk(request.scope["query_string"])
    try:
        query = Query.parse(chosen, request.scope["query_string"], besides=set(NAMES))
        view = View.parse(request.scope["query_string"])
        run = Run.planned(layer, algorithm, query.arrays, **query.settings)
        fixed, shapes = query.fixed(chosen), query.shapes
    except (SettingError, RequestError) as error:
        refusal = {"setting": error.setting, "message": words(error.template, **error.values)}
        run, fixed, shapes, asked = Run.planned(layer, algorithm), frozenset(), frozenset(), b""
        view = View.of_refused(request.scope["query_string"])
    readable = _readable(asked_for(chosen, algorithm, asked)[1].key, run)
    if readable.outline:
        request.app.state.walks.offer(readable.key, readable.outline)  # the browser asks for its stream next
    stream = f"/api/{layer}/{algorithm}/stream?{_with(asked, f'lang={words.language}')}"
    legal = legal_values(chosen, algorithm, run.settings, fixed, shapes)
    template = environment().get_template("page.html")
    html = template.render(
        words=words,
        other_languages=in_other_languages(request, words),
        layer=chosen,
        algorithm=algorithm,
        menu=_menu(),
        asked_language=going_on(request),
        view=view,
        parts=PARTS,
        kept=_kept(request, view),
        whole=_whole(request),
        groups=_groups(chosen.settings),
        values=run.settings.plain(),
        refusal=refusal,
        boot=Markup(_boot(run, words, legal, refusal, view, stream)),  # noqa: S704
        static=static_url,
        sheets=["page.css", *(name for name in _files("*.css") if name != "page.css")],
        modules=[name for name in _files("*.js") if name != "early.js"],  # which is no module
        stream=stream,
        reading=readable,
        picture=readable.picture,
        unit=UNIT,
    )
    return _Page(Packed.of(html.encode()), 422 if refusal else 200, view.embed)


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


def _of_walk(raw: bytes) -> bytes:
    """The part of a page's query that its walk goes by: what the page alone looks at is left out."""
    names = {"", "lang", *NAMES}
    return b"&".join(part for part in raw.split(b"&") if _named(part) not in names)


def _named(part: bytes) -> str:
    return unquote_plus(part.partition(b"=")[0].decode("latin-1"))


def _with(asked: bytes, part: str) -> str:
    """A query with one part more."""
    return "&".join(filter(None, (asked.decode("ascii"), part)))


def _boot(
    run: Run,
    words: Words,
    legal_values: dict[str, list[Any]],
    refusal: dict[str, str | None] | None,
    view: View,
    stream: str,
) -> str:
    """What the scripts begin with, as JSON that can stand inside a page: no text in it can end the script element."""
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
        "glossary": rows_by_function(),
        "refusal": refusal,
        "view": view.asked,
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
    kept = urlencode(language | replace(view, present=False).asked, safe=",")
    return f"?{kept}" if kept else ""


def _whole(request: Request) -> str:
    """The address of the same walk as an ordinary page."""
    query = [(name, text) for name, text in request.query_params.multi_items() if name not in NAMES]
    return f"{request.url.path}?{urlencode(query, safe=',:[]')}"


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


_known: Kept[str, _Readable] = Kept(16, lambda _: 1)  # by what their bytes depend on; of up to 2 MB each


def _readable(key: str, run: Run) -> _Readable:
    cost = whole_cost(run.layer, run.algorithm.name, run.settings)
    named = {name: one for name, one in run.layer.arrays(run.settings).items() if name in run.algorithm.parameters}
    if cost.steps > READABLE_STEPS or sum(one.cells for one in named.values()) > READABLE_CELLS:
        return _Readable(key, (run.algorithm.source,))  # and its run, which may hold megabytes, is not kept
    if (known := _known.get(key)) is not None:
        return known
    finished(run.lead_up())
    outline = run.outline()
    arrays = tuple((name, one, _tables(outline.end[name])) for name, one in named.items())
    return _known.keep(key, _Readable(key, outline.sources, arrays, outline, picture_of(run, outline)))


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
