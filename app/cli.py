"""The command `convwalk`: find a port, say where, open the browser, serve until Ctrl-C."""

import argparse
import contextlib
import errno
import os
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence

from app import __version__
from app.embedding import sites_from_environment

PORT = 8000
_TRIED = 100  # ports, from the first one on, where none was asked for


def main(argv: Sequence[str] | None = None) -> None:
    """Serve until Ctrl-C. What cannot be done is said in a sentence, with exit code 1; 2 is a wrong option."""
    options = _options(argv)
    try:
        sites_from_environment()
    except ValueError as error:
        sys.exit(f"{error}")
    with contextlib.suppress(KeyboardInterrupt), _listen(options.host, options.port) as listening:
        url = _url(listening)
        # The socket listens already: a browser that comes before the app is up just waits a moment.
        print(f"ConvWalk is at {url} (Ctrl-C ends it)", flush=True)
        if not options.no_browser and _can_open():
            threading.Thread(target=webbrowser.open, args=(url,), daemon=True).start()
        from app.server import serve  # takes half a second, which --version and a port in use need not wait for

        serve(listening, options.allowed_host)
    print()  # behind the ^C


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    environment = os.environ
    parser = argparse.ArgumentParser(
        prog="convwalk",
        description="Walk through every number of a convolution layer, in the browser.",
        epilog="Each option is also an environment variable: CONVWALK_HOST, CONVWALK_PORT, CONVWALK_NO_BROWSER=1, "
        "CONVWALK_ALLOWED_HOSTS (with commas between them). CONVWALK_EMBED_FROM names the sites that may embed a walk.",
    )
    parser.add_argument(
        "--host",
        default=environment.get("CONVWALK_HOST") or "127.0.0.1",
        help="the address to listen at: 127.0.0.1 is this machine only, 0.0.0.0 everybody (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=environment.get("CONVWALK_PORT") or None,
        help=f"the port to listen at (default: {PORT}, or the next one that is free)",
    )
    parser.add_argument(
        "--no-browser",
        action="store_true",
        default=environment.get("CONVWALK_NO_BROWSER", "0") not in ("", "0"),
        help="do not open the browser",
    )
    parser.add_argument(
        "--allowed-host",
        action="append",
        default=[],
        metavar="NAME",
        help="a name under which this server is known to others; can be given again",
    )
    parser.add_argument("--version", action="version", version=f"ConvWalk {__version__}")
    return parser.parse_args(argv)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= 65535):
        raise argparse.ArgumentTypeError("a port is a number from 0 to 65535; 0 takes any that is free")
    return int(text)


def _listen(host: str, port: int | None) -> socket.socket:
    """A socket that listens; only where no port was asked for, the next free one will do."""
    for wanted in range(PORT, PORT + _TRIED) if port is None else [port]:
        try:
            family, *_, address = socket.getaddrinfo(host, wanted, type=socket.SOCK_STREAM)[0]
            return socket.create_server(address[:2], family=family, backlog=2048)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                sys.exit(f"ConvWalk cannot listen at {host}, port {wanted}: {error.strerror or error}.")
    if port is None:
        sys.exit(f"Ports {PORT} to {PORT + _TRIED - 1} are all in use. --port chooses another.")
    sys.exit(f"Port {port} is in use, perhaps by another ConvWalk. --port chooses another; without it one is found.")


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104, nothing is bound here
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def _can_open() -> bool:
    """Without a screen, webbrowser would start a text browser in this very terminal."""
    has_screen = sys.platform in ("win32", "darwin") or "DISPLAY" in os.environ or "WAYLAND_DISPLAY" in os.environ
    return has_screen or "BROWSER" in os.environ
