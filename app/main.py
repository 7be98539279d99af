"""The ASGI application, `app.main:app`."""

from collections.abc import Iterable

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from app import __version__
from app.api import api, health, lessons, pictures, rooms
from app.figures.answer import Figures
from app.gate.bodies import Bodies
from app.gate.door import Door
from app.gate.head import Head
from app.gate.security import Gate, names_from_environment
from app.ground.embedding import sites_from_environment
from app.ground.parts import accepts_gzip
from app.pages import contrast, figure_page, join, pages, room_page
from app.pages.page import page_cache
from app.render import assets, refusals
from app.room.hub import Hub
from app.room.memory import MemoryHub
from app.room.rooms import Rooms
from app.walks.walks import Walks


class ConvWalk(FastAPI):
    """The app, with security around all of it: an error of its own passes through no other middleware."""

    def __init__(self, names: Iterable[str], has_rooms: bool = False) -> None:
        self.names = frozenset(names)  # under which it is known to others
        self.has_rooms = has_rooms  # for a class: without them it can only be read
        super().__init__(
            title="ConvWalk",
            version=__version__,
            docs_url=None,  # these two would load scripts from elsewhere
            redoc_url=None,
            openapi_url=None,  # `app.api.api` serves it, with an ETag
            redirect_slashes=False,  # to an absolute address, which may not be the one that its reader knows
            telemetry={"auto_configure": False},
        )

    def build_middleware_stack(self) -> ASGIApp:
        inside = Bodies(Door(super().build_middleware_stack()), self.has_rooms)
        return Head(Gate(inside, self.names, self.has_rooms))


class Gzip(GZipMiddleware):
    """Compresses quickly, flushes each part of a stream, and goes by what a client takes; Starlette's alone looks for
    the letters gzip.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            taken = [(b"accept-encoding", b"gzip")] if accepts_gzip(Headers(scope=scope)) else []
            others = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
            scope = {**scope, "headers": others + taken}
        await super().__call__(scope, receive, send)


def create_app(allowed_hosts: Iterable[str] = (), *, has_rooms: bool = False, hub: Hub | None = None) -> ConvWalk:
    """The app, for this machine's own names and those that are allowed besides; with rooms for a class, which a hub
    keeps or the memory of this process, or without.
    """
    app = ConvWalk(names_from_environment().union(map(str.lower, allowed_hosts)), has_rooms)
    app.state.walks = Walks()
    app.state.pages = page_cache()
    app.state.figures = Figures()
    app.state.embedded_by = sites_from_environment()
    app.add_middleware(Gzip, minimum_size=500, compresslevel=4)
    refusals.install(app)
    if has_rooms:
        app.state.rooms = Rooms(hub or MemoryHub())
        app.include_router(room_page.router)
        app.include_router(rooms.router)  # before those that would take a room for a layer
        app.include_router(lessons.router)
    app.include_router(api.router)
    app.include_router(pictures.router)
    app.include_router(assets.router)
    app.include_router(health.router)
    app.include_router(join.router)
    app.include_router(figure_page.router)
    app.include_router(contrast.router)
    app.include_router(pages.router)  # last: its addresses are the most general
    return app


def __getattr__(name: str) -> ConvWalk:
    """`app`, for servers of other kinds; ours makes its own."""
    if name != "app":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    made = globals()["app"] = create_app()
    return made
