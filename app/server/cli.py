"""The command `convwalk`: find a port, say where, open the browser, serve until Ctrl-C."""

import contextlib
import errno
import importlib
import importlib.util
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence

from app.ground import network
from app.ground.embedding import sites_from_environment
from app.server.options import MEMORY, PORT, Options, parse

_TRIED = 100  # ports, from the first one on, where none was asked for


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C. What cannot be done is said in a sentence, with exit code 1; 2 is a wrong option."""
    options = parse(argv)
    _check_environment()
    _check_rooms(options)
    with contextlib.suppress(KeyboardInterrupt), _listen(options.host, options.port) as listening:
        url = _url(listening)
        # The socket listens already: a browser that comes before the app is up just waits a moment.
        _say(f"ConvWalk is at {url} (Ctrl-C ends it)")
        if not options.no_browser and _can_open():
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        _say_to_others(listening, url, options)
        _serve(listening, options)
    _say()  # behind the ^C


def _check_environment() -> None:
    """What the environment sets to what makes no sense ends the start in a sentence."""
    try:
        sites_from_environment()
        if any(name.startswith("CONVWALK_LIMIT_") for name in os.environ):  # else importing them need not be waited for
            importlib.import_module("app.ground.limits")
    except ValueError as problem:
        sys.exit(str(problem))


def _check_rooms(options: Options) -> None:
    """Rooms in a Redis that is not there end the start in a sentence."""
    if options.rooms not in ("", MEMORY):
        if importlib.util.find_spec("redis") is None:
            sys.exit("Rooms in a Redis need its package: pip install convwalk[redis]")
        from app.room.shared.place import check

        try:
            check(options.rooms)
        except ValueError as problem:
            sys.exit(str(problem))


def _serve(listening: socket.socket, options: Options) -> None:
    # Each of these takes half a second to import, which --version and a port in use need not wait for.
    if options.workers > 1:
        from app.server.workers import supervise

        supervise(listening, options)
    from app.server.server import serve

    serve(listening, options)


def _say_to_others(listening: socket.socket, own: str, options: Options) -> None:
    """The address for others, and its code, where the server listens to them."""
    host, port = listening.getsockname()[:2]
    urls = [network.url(one, port) for one in network.reachable(host)]
    if urls:
        _say(f"Others on the same network find it at {' or '.join(urls)}")
        _say(network.in_blocks(urls[0]) or "", end="")
        if not options.has_rooms and options.workers == 1:
            _say("With --class a teacher leads those who come from step to step, and asks them.")
        _say(f"{own}join shows this on a projector.")
    elif host in ("0.0.0.0", "::"):  # noqa: S104, nothing is bound here
        _say("It is open to others, but this machine is on no network at the moment.")
    if options.has_rooms:
        students = f"; students type its code at {urls[0]}class" if urls else ""
        _say(f"A lesson is begun at {own}class{students}")


def _say(text: str = "", end: str = "\n") -> None:
    """Tell whoever is at the terminal; that nobody is there any more is no reason not to serve."""
    try:
        print(text, end=end, flush=True)
    except (OSError, ValueError):  # ValueError: it is closed
        # At its end Python would try once more, and complain.
        sys.stdout = None


def _listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens; only where no port was asked for, the next free one will do."""
    for wanted in range(PORT, PORT + _TRIED) if port is None else [port]:
        try:
            family, *_, address = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)[0]
            return socket.create_server(address[:2], family=family, backlog=2048)
        except UnicodeError:
            sys.exit(f"ConvWalk cannot listen at {host}: that is no address.")
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                sys.exit(f"ConvWalk cannot listen at {host}, port {wanted}: {error.strerror or error}.")
    if port is None:
        sys.exit(f"Ports {PORT} to {PORT + _TRIED - 1} are all in use. --port chooses another.")
    sys.exit(f"Port {port} is in use, perhaps by another ConvWalk. --port chooses another; without it one is found.")


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104, nothing is bound here
    return network.url(host, port)


def _can_open() -> bool:
    """Without a screen, webbrowser would start a text browser in this very terminal."""
    has_screen = sys.platform in ("win32", "darwin") or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return has_screen or "BROWSER" in os.environ
