"""Under which addresses others reach this machine, found without sending a packet, and the code that brings them there.

A datagram socket that is "connected" has only looked up the route: it knows its own address on the way, and nothing was
sent. So this works without a network too, and then finds none.
"""

import contextlib
import functools
import io
import ipaddress
import os
import shutil
import socket
import struct
import sys
from collections.abc import Iterator

NEAR = 300  # characters in a code that is still read from the back of a room


def url(host: str, port: int) -> str:
    """The address of a server's start page.

    >>> url("fd00::2", 8000)
    'http://[fd00::2]:8000/'
    """
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"


def ip_address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The address that a text is, if it is one."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host)
    return None


def reachable(host: str) -> list[str]:
    """The addresses at which others reach a server that listens at an address: none if only this machine does.

    The one on the way to the rest of the world comes first: it is most likely the one that a class shares.
    """
    listening = ip_address(host)
    if listening is None:  # a server that does not listen at an address, but at a file
        return []
    if not listening.is_unspecified:
        return [] if listening.is_loopback else [host]
    found = _found_v4() if listening.version == 4 else _found_v6()
    return [one for one in dict.fromkeys(found) if is_shared(one)]


def is_shared(host: str) -> bool:
    """Whether an address means the same machine to its neighbours; those of one machine or one cable alone do not."""
    address = ip_address(host)
    return address is not None and not (
        address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast
    )


def in_blocks(text: str) -> str | None:
    """A QR code for this terminal, in half blocks; None where it has no room, no such letters or no colours."""
    if sys.stdout is None or not sys.stdout.isatty() or os.environ.get("TERM") == "dumb":
        return None
    if sys.platform == "win32" and "WT_SESSION" not in os.environ:  # the old console shows colours as letters
        return None
    import segno

    drawn = io.StringIO()
    segno.make(text, micro=False).terminal(drawn, border=2, compact=True)
    lines = drawn.getvalue().splitlines()
    try:
        drawn.getvalue().encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        return None
    if shutil.get_terminal_size().columns < len(lines[0]):
        return None
    # Bright white on black, whatever the terminal's own colours are: not every telephone reads an inverted code.
    return "".join(f"\x1b[97;40m{line}\x1b[0m\n" for line in lines)


@functools.lru_cache(maxsize=64)  # of 10 kB each, and 30 ms
def in_svg(text: str) -> str:
    """A QR code as an SVG element, black on white with its quiet zone, as large as its box."""
    import segno

    code = segno.make(text, micro=False, error="m", boost_error=False)
    return str(code.svg_inline(border=4, dark="#000", light="#fff", omitsize=True, svgclass="code", lineclass=None))


def _found_v4() -> Iterator[str]:
    # 198.51.100.1 is nobody's, and so stands for the rest of the world. A group, 224.0.0.1, is on every network.
    yield from _source(socket.AF_INET, "198.51.100.1")
    for index, _ in socket.if_nameindex():
        through = struct.pack("!I", index) if sys.platform == "win32" else struct.pack("@4x4xi", index)
        yield from _source(socket.AF_INET, "224.0.0.1", (socket.IPPROTO_IP, socket.IP_MULTICAST_IF, through))


def _found_v6() -> Iterator[str]:
    if not socket.has_ipv6:
        return
    yield from _source(socket.AF_INET6, "2001:db8::1")
    for index, _ in socket.if_nameindex():
        through = struct.pack("@I", index)
        yield from _source(socket.AF_INET6, "ff0e::1", (socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, through))


def _source(family: socket.AddressFamily, to: str, through: tuple[int, int, bytes] | None = None) -> Iterator[str]:
    """This machine's own address on the way to another, if there is a way."""
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as looking:
        if through:
            looking.setsockopt(*through)
        looking.connect((to, 9))
        yield looking.getsockname()[0]
