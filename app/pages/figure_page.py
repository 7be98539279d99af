"""The page of a figure: a chapter, or any algorithm of a layer, with Plotly's own controls, to be taken away."""

from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Request, Response
from markupsafe import Markup

from app.figures.film import STOPS
from app.ground.files import plotly_url
from app.ground.parts import Body
from app.ground.words import Words, choose
from app.pages.page import Page, answered
from app.pages.pages import way_back
from app.render.templates import rendered
from app.walks.query import find
from app.walks.visit import Visit
from core.offer.layer import Layer

router = APIRouter(include_in_schema=False)


@router.get("/{layer}/{algorithm}/figure")
async def figure_page(request: Request, layer: str, algorithm: str) -> Response:
    """An algorithm as a figure. What makes no sense in the address is left out, and said."""
    return await answered(request, _page, request, layer, algorithm)


def _page(request: Request, layer: str, algorithm: str) -> Page:
    chosen = find(layer, algorithm)
    visit, words = Visit.of(chosen, algorithm, request.scope["query_string"]), choose(request)
    refusals = [refusal.sentence(chosen, words)["message"] for refusal in visit.refusals]
    here = f"/{layer}/{algorithm}{'?' + visit.asked if visit.asked else ''}"
    asked = request.query_params.get("stop", "")
    title = f"{words(chosen.title)} · {words(algorithm.replace('_', ' '))}"
    html = rendered(
        "figure.html",
        request,
        words,
        walk=title,
        back=way_back(request) or here,
        refusals=refusals,
        stops=list(STOPS),
        paces=chosen.paces,
        plotly=plotly_url(),
        boot=Markup(_boot(chosen, algorithm, visit, words, asked if asked in STOPS else "", title)),  # noqa: S704
    )
    return Page(Body.of(html.encode()), 422 if refusals else 200)


def _boot(layer: Layer, algorithm: str, visit: Visit, words: Words, stop: str, title: str) -> str:
    """What the script begins with, as JSON that can stand inside a page."""
    query = "&".join(filter(None, (visit.walk, urlencode({"lang": words.language}))))
    boot = {
        "figure": f"/api/{layer.name}/{algorithm}/figure?{query}",
        "plotly": plotly_url(),
        "stop": stop,
        "stops": list(STOPS),
        "language": words.language,
        "title": title,
        "name": f"{layer.name}-{algorithm}",
        "words": {key: text for key, text in words.all.items() if key.startswith("figure.")},
    }
    return orjson.dumps(boot).decode().replace("<", "\\u003c")
