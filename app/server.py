"""uvicorn, with what it lacks: an end of patience with endless requests, and an end to streams at Ctrl-C."""

import asyncio
import logging
import socket
import sys
from http import HTTPStatus

import orjson
import uvicorn
from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from app import logs
from app.main import ConvWalk, create_app
from app.options import DEFAULTS, Options
from app.security import HEADERS, OTHER_POLICY
from core import limits

HEAD_BYTES = limits.URL_BYTES + 32_000  # of a request's first line and headers
GRACE = 0.1  # seconds in which a client may take what is on its way to it at Ctrl-C
LINGER = 2.0  # seconds in which a client that was refused may finish sending


def serve(listening: socket.socket, options: Options = DEFAULTS) -> None:
    """Serve at a socket until Ctrl-C, which then comes out as a KeyboardInterrupt."""
    server_of(listening, options).run([listening])


def server_of(listening: socket.socket, options: Options) -> "Server":
    """The server for a socket; the process is its own from then on."""
    # Walks are recorded in threads. Threads that change places five times as often as usual let a short request in
    # between the steps of a long walk: it is answered in 3 instead of 6 ms.
    sys.setswitchinterval(0.001)
    logs.configure(options.log_level)
    app = create_app(options.allowed_hosts)
    app.state.listening = listening.getsockname()[:2]
    config = uvicorn.Config(
        logs.Logged(app),
        http=Protocol,
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        # By itself uvicorn believes whoever is on this machine.
        proxy_headers=bool(options.trusted_proxies),
        forwarded_allow_ips=list(options.trusted_proxies),
    )
    return Server(config, app)


class Server(uvicorn.Server):
    """A server that ends its walks when it ends; uvicorn alone would wait until each has sent its last step."""

    def __init__(self, config: uvicorn.Config, app: ConvWalk) -> None:
        super().__init__(config)
        self.app = app

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # a stream that is cut here is no error
        self.app.state.walks.end()
        asyncio.get_running_loop().call_later(GRACE, self._abort)
        await super().shutdown(sockets)

    def _abort(self) -> None:
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()  # its client does not even read what was sent already


class Protocol(HttpToolsProtocol):
    """A connection that refuses a request as soon as it is too long, instead of collecting all of it first."""

    refused = False
    head = 0  # bytes of a request whose headers are not complete; -1 between requests
    running: RequestResponseCycle | None = None  # what is being answered; `cycle` is the latest request, which may wait

    def connection_lost(self, exc: Exception | None) -> None:
        self._abandon()  # uvicorn alone tells only the latest request, and a walk before it would go on for nobody
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self.running = cycle
        super()._start_asgi_task(cycle, app)

    def _unsupported_upgrade_warning(self) -> None:
        """Whoever asks for a WebSocket is answered as without: no line in the log, and no advice to install one."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.head = 0

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > limits.URL_BYTES:
            self._refuse(414, f"this address is longer than {limits.URL_BYTES} bytes")

    def on_headers_complete(self) -> None:
        self.head = -1
        if self.url[:4].lower() == b"http":  # a whole address names the host that is meant, whatever the header says
            authority = self.url.partition(b"://")[2].partition(b"/")[0].partition(b"?")[0]
            self.headers[:] = [(b"host", authority), *(header for header in self.headers if header[0] != b"host")]
        if not self.refused:
            super().on_headers_complete()

    def data_received(self, data: bytes) -> None:
        if self.refused:  # closing at once would take the answer away from a client that is still sending
            return
        super().data_received(data)
        if self.head >= 0:
            self.head += len(data)
            if self.head > HEAD_BYTES:
                self._refuse(431, f"the headers of this request are longer than {HEAD_BYTES} bytes")

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, "this request is not understood")

    def _refuse(self, status: int, message: str) -> None:
        """Answer in the form of `app.errors`; who sends such a request has not said in which language to complain."""
        if self.refused:
            return
        self.refused = True
        if self.running is not None and not self.running.response_complete:
            begun = self.running.response_started or not self.running.more_body
            if begun or self.running is not self.cycle:  # the request that is wrong is a later one, or answered already
                self.running.keep_alive = False
                return
            self._abandon()
        body = orjson.dumps({"setting": None, "message": message})
        headers = HEADERS | {
            "Content-Security-Policy": OTHER_POLICY,
            "Content-Type": "application/json",
            "Content-Length": str(len(body)),
            "Cache-Control": "no-store",
            "Connection": "close",
        }
        lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *(f"{name}: {headers[name]}" for name in headers)]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.loop.call_later(LINGER, self.transport.close)

    def _abandon(self) -> None:
        if self.running is not None and not self.running.response_complete:
            self.running.disconnected = True
            self.running.message_event.set()
