"""The page of a room for a class: the walk in a frame, led by the teacher, and what is asked about it.

Who somebody is in the room, and whether there is one of that code, the page finds out by itself: its cookie goes to the
addresses of the room alone.
"""

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from app.gate.security import page_policy
from app.ground import embedding, network
from app.ground.files import plotly_url
from app.ground.words import Words, choose, going_on
from app.pages.join import found_at
from app.pages.page import in_language
from app.render.templates import rendered
from app.room.codes import CODE
from app.walks.query import names_of
from app.walks.walks import walks_of
from core.catalog import LAYERS

PATH = "/class"
LONGEST = 40  # characters of a code as it is typed

router = APIRouter(prefix=PATH, include_in_schema=False)


@router.get("")
async def door(request: Request) -> Response:
    """Where a code is typed. Blanks and dashes in it mean nothing."""
    typed = request.query_params.get("code", "")[:LONGEST]
    digits = "".join(str(int(sign)) for sign in typed if sign.isdecimal())  # of full width too
    if CODE.fullmatch(digits):
        return RedirectResponse(f"{PATH}/{digits}{going_on(request)}", 303, headers={"Cache-Control": "no-store"})
    return await walks_of(request).answered(request, _page, request, "")


@router.get("/{code}")
async def room(request: Request, code: str) -> Response:
    """A room. What is no code leads back to where one is typed."""
    if not CODE.fullmatch(code):
        return RedirectResponse(f"{PATH}{going_on(request)}", 303, headers={"Cache-Control": "no-store"})
    return await walks_of(request).answered(request, _page, request, code)


def _page(request: Request, code: str) -> Response:
    words, (urls, _) = choose(request), found_at(request)
    here = urls[0].removesuffix("/") if urls else f"{request.url.scheme}://{request.url.netloc}"
    html = rendered(
        "room.html",
        request,
        words,
        code=code,
        is_typed=bool(request.query_params.get("code")),
        address=f"{here}{PATH}",
        picture=Markup(network.in_svg(f"{here}{PATH}/{code}")) if code else "",  # noqa: S704 - our own
        is_reachable=bool(urls),
        boot=Markup(_boot(code, words)),  # noqa: S704
    )
    response = in_language(request, words, HTMLResponse(html))
    response.headers["Cache-Control"] = "no-store"  # a machine may be on another network the next minute
    response.headers["Content-Security-Policy"] = page_policy(frames=embedding.SELF)
    return response


def _boot(code: str, words: Words) -> str:
    """What the script begins with, as JSON that can stand inside a page."""
    boot = {
        "code": code,
        "plotly": plotly_url(),
        "layers": [
            {
                "name": one.name,
                "title": words(one.title),
                "algorithms": list(one.algorithms),
                "settings": names_of(one),
            }
            for one in LAYERS.values()
        ],
        "words": {key: text for key, text in words.all.items() if key.startswith("room.")},
    }
    return orjson.dumps(boot).decode().replace("<", "\\u003c")
