"""What is used of uvicorn beyond what it promises: each name, what is lost without it, and how uvicorn behaves with it.

A new uvicorn that fails here has changed its own business. The message says what of ours no longer holds, and
`app/server/connection.py` is the one place to mend it (`app/server/server.py` for the server itself).
"""

import ast
import asyncio
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from app.server.connection import Connection
from tests.conftest import ROOT

APP = sorted((ROOT / "app").rglob("*.py"))
DOOR = ROOT / "app/server/connection.py"

# asyncio's and httptools' own, as they document them, and the two that every protocol of asyncio has.
PROMISED = {
    *(name for name in dir(asyncio.Protocol) if not name.startswith("__")),
    *(f"on_{part}" for part in ("message_begin", "url", "header", "headers_complete", "body", "message_complete")),
    "transport",
    "loop",
}
CONNECTION = {
    "client": "one client's share of connections",
    "connections": "room for a new connection by closing the oldest idle one",
    "cycle": "which request is the latest, and whether it is answered",
    "flow": "patience with a request that waits for the one before",
    "headers": "the bounds of a request's headers, and the host of a whole address",
    "parser": "the method in the log's line of a refused request",
    "pipeline": "the bound of the requests that wait behind the one that is answered",
    "send_400_response": "what is no HTTP is refused in the form of every error",
    "server_state": "the Date of a refusal that passes the application",
    "url": "the bound of an address",
    "_start_asgi_task": "who has left is found before an answer begins",
    "_unsupported_upgrade_warning": "no line in the log for whoever asks for a WebSocket",
}
CYCLE = {
    "chunked_encoding": "all who follow a room are sent a step past the application",
    "disconnected": "a closed tab ends its work",
    "keep_alive": "the connection of a refused request closes after the answers that have begun",
    "message_event": "a closed tab ends its work at once",
    "more_body": "a request that still comes in can be refused",
    "response_complete": "which connections are idle",
    "response_started": "an answer that has begun is not broken by a refusal",
    "scope": "no second line in the log for a refused request",
}


class Line(asyncio.Transport):
    """A transport to nobody, which keeps what is written to it."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.is_closed = False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def is_closing(self) -> bool:
        return self.is_closed

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass


class Recorded(HttpToolsProtocol):
    """uvicorn's connection, whose answers are kept instead of begun."""

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        self.begun = [*getattr(self, "begun", []), cycle]


def connected(with_it: Callable[[Any, Line], Any], kind: type[HttpToolsProtocol] = Recorded) -> Any:
    """What a call gives that gets a new connection of uvicorn and its transport, on an event loop."""

    async def connect() -> Any:
        async def application(scope: Any, receive: Any, send: Any) -> None:
            """It is never begun."""

        config = uvicorn.Config(application, ws="none", log_config=None)
        connection, line = kind(config, ServerState(), {}, asyncio.get_running_loop()), Line()
        connection.connection_made(line)
        given = with_it(connection, line)
        given = await given if asyncio.iscoroutine(given) else given
        connection.connection_lost(ConnectionError())
        return given

    return asyncio.run(connect())


REQUEST = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def answer(cycle: RequestResponseCycle) -> None:
    await cycle.send({"type": "http.response.start", "status": 204, "headers": []})
    await cycle.send({"type": "http.response.body", "body": b"", "more_body": False})


def used(path: Path) -> tuple[set[str], set[str]]:
    """The attributes that a module uses of a connection, and of a cycle, without those that its class has itself."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)} | {"running"}
    of_connection: set[str] = set()
    of_cycle: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value)
            if owner in ("self", "super()"):
                of_connection.add(node.attr)
            elif owner in ("cycle", "self.cycle", "self.running"):
                of_cycle.add(node.attr)
    overridden = own & set(dir(HttpToolsProtocol))
    return (of_connection - own | overridden) - PROMISED - {"__init__"}, of_cycle


def test_the_door_uses_what_is_listed_here_and_nothing_else():
    assert used(DOOR) == (CONNECTION.keys(), CYCLE.keys())


def test_nothing_but_the_door_uses_what_is_uvicorns_own():
    theirs = set(connected(lambda connection, line: {*dir(connection)})) - PROMISED
    for path in (ROOT / "app/server/patience.py", ROOT / "app/server/protocol.py"):
        assert not used(path)[0] & theirs, path.name
    for path in APP:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import | ast.ImportFrom) and path != DOOR:
                names = [getattr(node, "module", None) or "", *(alias.name for alias in node.names)]
                assert not [name for name in names if name.startswith("uvicorn.")], path.name


@pytest.mark.parametrize("name", CONNECTION)
def test_a_connection_has(name: str):
    def is_there(connection: Recorded, line: Line) -> bool:
        connection.data_received(REQUEST)
        return hasattr(connection, name)

    assert connected(is_there), f"uvicorn {uvicorn.__version__} has no {name}: {CONNECTION[name]} is lost"


@pytest.mark.parametrize("name", CYCLE)
def test_the_cycle_of_a_request_has(name: str):
    def is_there(connection: Recorded, line: Line) -> bool:
        connection.data_received(REQUEST)
        return hasattr(connection.cycle, name)

    assert connected(is_there), f"uvicorn {uvicorn.__version__} has no {name} of a cycle: {CYCLE[name]} is lost"


def test_each_answer_is_begun_by_one_call_and_the_next_one_after_its_end():
    async def ask_twice(connection: Recorded, line: Line) -> None:
        connection.data_received(REQUEST * 2)
        [first] = connection.begun
        assert len(connection.pipeline) == 1
        assert connection.cycle is not first  # the latest
        await answer(first)
        assert connection.begun == [first, connection.cycle]
        assert not connection.pipeline

    connected(ask_twice)


def test_a_cycle_that_is_said_to_be_disconnected_tells_its_application_so():
    async def leave(connection: Recorded, line: Line) -> Any:
        connection.data_received(REQUEST)
        await connection.cycle.receive()  # the request
        waiting = asyncio.create_task(connection.cycle.receive())
        await asyncio.sleep(0)
        assert not waiting.done()
        connection.cycle.disconnected = True
        connection.cycle.message_event.set()
        return await waiting

    assert connected(leave) == {"type": "http.disconnect"}


def test_a_cycle_that_is_not_kept_alive_closes_its_connection_after_the_answer():
    async def end(connection: Recorded, line: Line) -> None:
        connection.data_received(REQUEST)
        connection.cycle.keep_alive = False
        assert not line.is_closed
        await answer(connection.cycle)
        assert line.is_closed

    connected(end)


def test_a_part_that_passes_the_application_is_framed_as_uvicorn_frames_it_and_never_is_where_no_answer_goes_on():
    class Begun(Connection):
        def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
            """It is never begun."""

    async def pass_by(connection: Begun, line: Line) -> None:
        connection.data_received(REQUEST)
        cycle = connection.cycle
        start: Any = {"type": "http.response.start", "status": 200, "headers": []}
        part: Any = {"type": "http.response.body", "body": b"x" * 300, "more_body": True}
        assert not connection.write_part(cycle, b"x")
        await cycle.send(start)
        head = line.written
        await cycle.send(part)
        theirs = line.written.removeprefix(head)
        assert connection.write_part(cycle, b"x" * 300)
        assert line.written == head + 2 * theirs
        assert not connection.write_part(cycle, b"")  # which would be the end
        connection.flow.pause_writing()
        assert not connection.write_part(cycle, b"x")
        connection.flow.resume_writing()
        cycle.disconnected = True
        assert not connection.write_part(cycle, b"x")
        cycle.disconnected = False
        await cycle.send(part | {"more_body": False})
        whole = line.written
        assert not connection.write_part(cycle, b"x")
        connection.data_received(REQUEST)
        await connection.cycle.send(start | {"headers": [(b"content-length", b"3")]})
        assert not connection.write_part(connection.cycle, b"x")
        assert line.written.removeprefix(whole).count(b"\r\n\r\n") == 1

    connected(pass_by, Begun)


def test_the_host_that_is_put_into_the_headers_is_the_one_that_the_application_gets():
    class Renamed(Recorded):
        def on_headers_complete(self) -> None:
            self.headers[:] = [(b"host", b"elsewhere")]
            super().on_headers_complete()

    def ask(connection: Recorded, line: Line) -> Any:
        connection.data_received(REQUEST)
        return connection.cycle.scope["headers"]

    assert connected(ask, Renamed) == [(b"host", b"elsewhere")]


def test_what_is_no_http_and_what_asks_for_another_protocol_is_told_by_the_two_hooks():
    heard: list[str] = []

    class Told(Recorded):
        def send_400_response(self, msg: str) -> None:
            heard.append("400")

        def _unsupported_upgrade_warning(self) -> None:
            heard.append("upgrade")

    upgrade = REQUEST[:-2] + b"Connection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    for sent in (upgrade, b"\x00\x01"):
        connected(lambda connection, line, sent=sent: connection.data_received(sent), Told)
    assert heard == ["upgrade", "400"]


def test_a_server_has_its_connections_and_takes_the_sockets_that_it_serves_at():
    server = uvicorn.Server(uvicorn.Config(lambda: None))
    assert server.server_state.connections == set(), "streams are no longer cut at Ctrl-C"
    for call in (server.startup, server.shutdown):
        assert "sockets" in inspect.signature(call).parameters, "broken connections are accepted again"
