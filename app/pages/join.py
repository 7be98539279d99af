"""The page for the projector: the address of this server in large type, and the code that brings a class to it.

It says only what is true: a server that listens to its own machine alone tells how to open it instead.
"""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from markupsafe import Markup

from app.ground import network
from app.ground.words import choose
from app.pages.page import in_language
from app.render.templates import rendered
from app.walks.query import find
from app.walks.walks import walks_of

router = APIRouter(include_in_schema=False)


@router.get("/join")
async def join(request: Request) -> Response:
    """The way to the start page."""
    return await walks_of(request).answered(request, _page, request, "")


@router.get("/join/{layer}/{algorithm}")
async def join_walk(request: Request, layer: str, algorithm: str) -> Response:
    """The way to one walk with its settings: the code leads there, if it stays one that can be read from afar."""
    find(layer, algorithm)
    query = f"?{request.url.query}" if request.url.query else ""
    return await walks_of(request).answered(request, _page, request, f"{layer}/{algorithm}{query}")


@router.get("/addresses")
async def addresses(request: Request) -> Response:
    """What the page says beside a link that only this machine can follow: the same as above, for a script."""
    urls, is_open = found_at(request)
    return JSONResponse({"urls": urls, "open": is_open}, headers={"Cache-Control": "no-store"})


def found_at(request: Request) -> tuple[list[str], bool]:
    """Where others find the server that was asked, the likeliest first, and whether it listens to them at all.

    Whoever came by a name that this server was given, or by an address of a network, has come by one that works: a
    proxy or a container may stand before it, of whose addresses it knows nothing.
    """
    host, port = getattr(request.app.state, "listening", None) or request.scope.get("server") or ("127.0.0.1", 0)
    urls = [network.url(one, port) for one in network.reachable(host)]
    came_by = request.url.hostname or ""
    if came_by in request.app.names or network.is_shared(came_by):
        urls.insert(0, f"{request.url.scheme}://{request.url.netloc}/")
    is_open = bool(urls) or host in ("0.0.0.0", "::")  # noqa: S104, nothing is bound here
    return list(dict.fromkeys(urls)), is_open


def _page(request: Request, walk: str) -> Response:
    words, (urls, is_open) = choose(request), found_at(request)
    target = urls[0] + walk if urls else ""
    is_whole = len(target) <= network.NEAR
    html = rendered(
        "join.html",
        request,
        words,
        urls=urls,
        is_open=is_open,
        here=request.url.path[1:],
        walk=walk,
        is_whole=is_whole,
        code=Markup(network.in_svg(target if is_whole else urls[0])) if target else "",  # noqa: S704
    )
    response = in_language(request, words, HTMLResponse(html))
    response.headers["Cache-Control"] = "no-store"  # a machine may be on another network the next minute
    return response
