"""A page: made once, kept for those who come back, and answered in its reader's language."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from cachetools import LRUCache
from fastapi import Request, Response

from app.gate.security import REASON_POLICY, page_policy
from app.ground import embedding
from app.ground.parts import Body
from app.ground.words import COOKIE, Words, asked_for, choose
from app.render.templates import rendered
from app.walks.walks import walks_of

KEPT = 16_000_000  # bytes of pages kept for those who come back


@dataclass(frozen=True)
class Page:
    """A page as it was made."""

    html: Body
    status: int = 200
    is_embedded: bool = False
    has_frames: bool = False  # with pages of ours in them


def page_cache() -> LRUCache[tuple[str, bytes, str], Page]:
    """A place for the latest pages: by path, query and language. To be used on the event loop."""
    return LRUCache(KEPT, lambda page: len(page.html))


async def answered(request: Request, make: Callable[..., Page], *args: object) -> Response:
    """A page that was made before, at once; another one when it is its client's turn."""
    words, state = choose(request), request.app.state
    # All that a page depends on: a class that follows a link, or a teacher who reloads, is not waited for.
    key = (request.scope["path"], request.scope["query_string"], words.language)
    known: Page | None = state.pages.get(key)
    if known is None:
        known = await walks_of(request).answered(request, make, *args)
        with suppress(ValueError):  # it is larger than the whole cache
            state.pages[key] = known
    sites = state.embedded_by if known.is_embedded else embedding.NONE
    if embedding.is_refused(sites, request.headers):
        return _reason(request, words, state.embedded_by if known.is_embedded else None)
    headers = {"Content-Type": "text/html; charset=utf-8"}
    response = in_language(request, words, known.html.response(request.headers, known.status, headers))
    response.headers.add_vary_header("Accept-Encoding")
    if known.is_embedded:
        response.headers["Content-Security-Policy"] = page_policy(state.embedded_by)
    elif known.has_frames:
        response.headers["Content-Security-Policy"] = page_policy(frames=embedding.SELF)
    return response


def _reason(request: Request, words: Words, sites: str | None) -> Response:
    """Why a frame has no page in it: a browser alone would show a grey face. Of the request nothing is in it."""
    html = rendered("framed.html", request, words, sites=sites, variable=embedding.VARIABLE)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": REASON_POLICY}
    return Response(html, 403, headers | {"Vary": "Sec-Fetch-Dest, Sec-Fetch-Site, Referer"}, "text/html")


def in_language(request: Request, words: Words, response: Response) -> Response:
    """An answer whose bytes depend on the reader's language, which is remembered where the address names it."""
    response.headers.update({"Cache-Control": "no-cache", "Vary": "Accept-Language, Cookie"})
    if asked_for(request):
        response.set_cookie(COOKIE, words.language, max_age=31_536_000, samesite="lax")
    return response
