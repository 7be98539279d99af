"""An answer that is worked out of a walk turn by turn: it has all its bytes before the first is sent.

Whoever has it already is told so, and nothing is computed. What it takes of the memory is shared out among clients.
"""

from abc import abstractmethod
from collections.abc import Generator, Mapping

from fastapi import Request, Response
from starlette.types import Receive, Scope, Send

from app.ground.etags import is_known, kept_by, not_modified, tag
from app.ground.parts import Parts
from app.walks.shares import client_of
from app.walks.walk_request import WalkRequest
from app.walks.walks import walks_of
from app.walks.work import worked_out
from core.catalog import Run


class Worked(Response):
    """One of them: `said` is what its bytes depend on besides the walk, and `copies` of its cells are in memory."""

    def __init__(self, request: Request, asked: WalkRequest, said: str, copies: int) -> None:
        self.status_code, self.background = 200, None
        self.init_headers({})
        self._request, self._asked, self._said, self._copies = request, asked, said, copies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        etag, walks = tag(self._asked.key.encode(), self._said.encode()), walks_of(self._request)
        if is_known(self._request, etag):
            await not_modified(etag)(scope, receive, send)
            return
        client = client_of(scope)
        async with walks.waited_for(receive), walks.room.hold(client, self._copies * self._asked.cells):
            run = await walks.in_turn(client, self._asked.plan)
            body = await worked_out(walks, client, self._work(run))
            headers = {**kept_by(self._request, etag), **self._told_of(run)}
            await Parts(body, headers=headers, media_type=self.media_type)(scope, receive, send)

    @abstractmethod
    def _work(self, run: Run) -> Generator[None, None, bytes]:
        """The bytes, with a pause after each step of the walk."""

    def _told_of(self, _: Run) -> Mapping[str, str]:
        """What the headers say besides."""
        return {}
