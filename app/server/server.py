"""uvicorn as ConvWalk runs it, with what it lacks: an end to streams at Ctrl-C."""

import asyncio
import gc
import logging
import socket
import sys

import uvicorn

from app.ground import logs
from app.main import ConvWalk, create_app
from app.room.hub import Hub
from app.server import capacity
from app.server.listening import ListeningSocket
from app.server.options import DEFAULTS, MEMORY, Options
from app.server.protocol import ClassProtocol, Protocol

QUEUE = 2048  # connections that the system keeps for us until we accept them
GRACE = 0.1  # seconds in which a client may take what is on its way to it at Ctrl-C


def serve(listening: socket.socket, options: Options = DEFAULTS) -> None:
    """Serve at a socket until Ctrl-C, which then comes out as a KeyboardInterrupt."""
    server_of(listening, options).run([listening])


def server_of(listening: socket.socket, options: Options) -> "Server":
    """The server for a socket; the process is its own from then on."""
    # Walks are recorded in threads. Threads that change places five times as often as usual let a short request in
    # between the steps of a long walk: it is answered in 3 instead of 6 ms.
    sys.setswitchinterval(0.001)
    logs.configure(options.log_level)
    app = create_app(options.allowed_hosts, has_rooms=options.has_rooms, hub=_hub(options))
    app.state.listening = listening.getsockname()[:2]
    capacity.most()  # while there are few files
    config = uvicorn.Config(
        logs.RequestLog(app),
        http=ClassProtocol if options.has_rooms else Protocol,
        loop="asyncio",  # not whatever else is installed: it is the one that is tested
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=capacity.AT_ONCE,
        timeout_graceful_shutdown=1,
        # By itself uvicorn believes whoever is on this machine.
        proxy_headers=bool(options.trusted_proxies),
        forwarded_allow_ips=list(options.trusted_proxies),
    )
    return Server(config, app)


def _hub(options: Options) -> Hub | None:
    """What keeps rooms, if it is not the memory of this process."""
    if options.rooms in ("", MEMORY):
        return None
    from app.room.shared.hub import SharedHub

    return SharedHub(options.rooms)


class Server(uvicorn.Server):
    """A server that ends its walks when it ends; uvicorn alone would wait until each has sent its last step."""

    def __init__(self, config: uvicorn.Config, app: ConvWalk) -> None:
        super().__init__(config)
        self.app = app

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        listening: list[socket.socket] = [ListeningSocket.beside(one) for one in sockets or []]
        await super().startup(listening)
        for one in listening:
            one.listen(QUEUE)  # asyncio has one number for these and for those that it accepts in one turn
        # The program stays. To look through it for garbage, as Python does once in some twenty walks, would stop all
        # of them for a fifth of a second.
        gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # a stream that is cut here is no error
        self.app.state.walks.end()
        asyncio.get_running_loop().call_later(GRACE, self._abort)
        await super().shutdown(sockets)
        if self.app.has_rooms:
            await self.app.state.rooms.hub.close()

    def _abort(self) -> None:
        for connection in tuple(self.server_state.connections):
            connection.transport.abort()  # its client does not even read what was sent already
