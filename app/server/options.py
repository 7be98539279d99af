"""What the command `convwalk` can be told: by an option, or by the environment variable beside it.

This module is light on purpose: `convwalk --version` and a mistyped option must not wait for NumPy.
"""

import argparse
import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from app import __version__

PORT = 8000
MOST_WORKERS = 32
LEVELS = ("error", "warning", "info")
MEMORY = "memory"  # of this process
REDIS = ("redis", "rediss", "unix")  # with which the address of a Redis begins


@dataclass(frozen=True)
class Options:
    """How to serve.

    >>> parse(["--host", "0.0.0.0", "--workers", "2"])
    Options(host='0.0.0.0', port=None, no_browser=False, allowed_hosts=(), workers=2, log_level='warning', ...)
    """

    host: str = "127.0.0.1"
    port: int | None = None  # None is the first one that is free, from PORT on
    no_browser: bool = False
    allowed_hosts: Sequence[str] = ()  # names besides those of $CONVWALK_ALLOWED_HOSTS
    workers: int = 1  # processes that share the port
    log_level: str = "warning"
    trusted_proxies: Sequence[str] = ()  # addresses and networks whose X-Forwarded-… headers are believed
    rooms: str = ""  # for a class: where they are kept, MEMORY or the address of a Redis; nowhere if there are none

    @property
    def has_rooms(self) -> bool:
        """Whether there are rooms for a class."""
        return bool(self.rooms)


DEFAULTS = Options()


def parse(argv: Sequence[str] | None = None) -> Options:
    """The options of a command line; an option wins over its environment variable. What is wrong ends it with 2."""
    environment = os.environ
    parser = argparse.ArgumentParser(
        prog="convwalk",
        description="Walk through every number of a convolution layer, in the browser.",
        epilog="Each option is also an environment variable: CONVWALK_HOST, CONVWALK_PORT, CONVWALK_NO_BROWSER=1, "
        "CONVWALK_WORKERS, CONVWALK_LOG_LEVEL, CONVWALK_CLASS=1 or redis://…, and with commas between several "
        "CONVWALK_ALLOWED_HOSTS and CONVWALK_TRUSTED_PROXIES. CONVWALK_EMBED_FROM names the sites that may embed a "
        "walk; CONVWALK_LIMIT_STEPS and the like set limits.",
    )
    parser.add_argument(
        "--host",
        default=environment.get("CONVWALK_HOST") or Options.host,
        help="the address to listen at: 127.0.0.1 is this machine only, 0.0.0.0 everybody on its network, who then get "
        "an address and a QR code to come by (default: %(default)s)",
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
        dest="allowed_hosts",
        metavar="NAME",
        help="a name under which this server is known to others; can be given again",
    )
    parser.add_argument(
        "--workers",
        type=_workers,
        default=environment.get("CONVWALK_WORKERS") or "1",
        metavar="N",
        help=f"processes that share the work, up to {MOST_WORKERS}; one a processor core (default: 1)",
    )
    parser.add_argument(
        "--log-level",
        type=_level,
        default=environment.get("CONVWALK_LOG_LEVEL") or Options.log_level,
        metavar="|".join(LEVELS),
        help="info writes a line for each request: no address, no settings (default: warning)",
    )
    parser.add_argument(
        "--trusted-proxy",
        action="append",
        type=_network,
        dest="trusted_proxies",
        metavar="ADDRESS",
        help="the address, or network, of a reverse proxy whose X-Forwarded-For and X-Forwarded-Proto are believed; "
        "can be given again (default: nobody's)",
    )
    parser.add_argument(
        "--class",
        nargs="?",
        const="1",
        type=_class,
        default=environment.get("CONVWALK_CLASS") or "0",
        dest="rooms",
        metavar="redis://…",
        help="let a teacher open a room, in which a class follows and answers (default: nothing can be written to); "
        "with the address of a Redis any number of workers have their rooms in common",
    )
    parser.add_argument("--version", action="version", version=f"ConvWalk {__version__}")
    given = parser.parse_args(argv)
    if given.rooms == MEMORY and given.workers > 1:
        parser.error(
            "--class keeps its rooms in the memory of one process, so --workers must be 1; "
            "--class redis://127.0.0.1:6379 has several keep them in a Redis"
        )
    if given.trusted_proxies is None:
        listed = environment.get("CONVWALK_TRUSTED_PROXIES", "").replace(" ", "").split(",")
        try:
            given.trusted_proxies = [_network(one) for one in listed if one]
        except argparse.ArgumentTypeError as error:
            parser.error(f"CONVWALK_TRUSTED_PROXIES: {error}")
    return Options(**vars(given))


def _port(text: str) -> int:
    return _number(text, 0, 65535, "a port is a number from 0 to 65535; 0 takes any that is free")


def _workers(text: str) -> int:
    return _number(text, 1, MOST_WORKERS, f"there can be from 1 to {MOST_WORKERS} workers")


def _number(text: str, low: int, high: int, sentence: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and low <= int(text) <= high):
        raise argparse.ArgumentTypeError(sentence)
    return int(text)


def _class(text: str) -> str:
    if text in ("0", "1"):
        return MEMORY if text == "1" else ""
    if not _is_redis(text):
        raise argparse.ArgumentTypeError(
            "rooms are kept in the memory of this process, --class, or in a Redis by its address, such as "
            "--class redis://127.0.0.1:6379"
        )
    return text


def _is_redis(text: str) -> bool:
    try:
        parts = urlsplit(text)
        is_place = bool(parts.path if parts.scheme == "unix" else parts.hostname and parts.port != 0)
    except ValueError:  # of a port that is none
        return False
    return is_place and parts.scheme in REDIS


def _level(text: str) -> str:
    if text.lower() not in LEVELS:
        raise argparse.ArgumentTypeError(f"a level is one of {', '.join(LEVELS)}")
    return text.lower()


def _network(text: str) -> str:
    """Checked here, since a typing mistake would otherwise only show in whose address the server sees."""
    try:
        return str(ipaddress.ip_network(text)).removesuffix("/32").removesuffix("/128")
    except ValueError:
        raise argparse.ArgumentTypeError("a proxy is an address such as 10.0.0.2, or a network: 10.0.0.0/8") from None
