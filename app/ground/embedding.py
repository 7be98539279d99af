"""Which sites may show a walk in a frame: $CONVWALK_EMBED_FROM, in the words of a Content-Security-Policy.

    CONVWALK_EMBED_FROM="'self' https://example.org https://*.example.edu"

Only the embed view (`?embed=1`) can be framed at all. 'self', this server's own pages, is the default; 'none' forbids
every frame, and * allows every site. Browsers hold to it, so that a page in a frame knows that the one around it, from
which it takes messages, was allowed to be there.
"""

import os
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

SELF = "'self'"
NONE = "'none'"
FRAMES = ("iframe", "frame", "embed", "object")  # what a browser says that it wants a page for

VARIABLE = "CONVWALK_EMBED_FROM"

_SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::(?:\d{1,5}|\*))?", re.IGNORECASE)


def sites_from_environment() -> str:
    """The sites that may embed, as `frame-ancestors` takes them. A ValueError says what is wrong with the variable.

    It becomes part of a header, so nothing but sites gets through: a semicolon would begin another rule.
    """
    sites = os.environ.get(VARIABLE, "").split() or [SELF]
    for site in sites:
        alone = site in (NONE, "*") and len(sites) == 1
        if not (alone or site == SELF or _SITE.fullmatch(site)):
            raise ValueError(
                f"{VARIABLE} is 'self' and the addresses of sites, such as https://example.org, with spaces between; "
                f"or 'none' or * alone. {site[:100]!r} is none of these."
            )
    return " ".join(sites)


def is_refused(sites: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser that asks for a page is sure not to show it: it is for a frame that these sites leave out.

    What it says of the page around the frame only chooses between the page, which it would refuse to show, and the
    reason. Where it says too little it gets the page.
    """
    if headers.get("sec-fetch-dest") not in FRAMES or sites == "*":
        return False
    if sites == NONE:
        return True
    others = [site for site in sites.split() if site != SELF]
    if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return False
    around = _split(headers.get("referer", ""))
    return not others or bool(around and around.hostname and not any(_covers(site, around) for site in others))


def _split(url: str) -> SplitResult | None:
    try:
        split = urlsplit(url)
        split.port  # noqa: B018 - it is read off the text only here
    except ValueError:
        return None
    return split


def _covers(site: str, around: SplitResult) -> bool:
    """Whether a source of a Content-Security-Policy stands for the site of an address."""
    scheme, _, place = site.lower().partition("://")
    host, _, port = place.partition(":")
    name = around.hostname or ""
    is_there = name.endswith(host[1:]) if host.startswith("*.") else name == host
    usual = {"http": 80, "https": 443}
    is_at_port = port == "*" or (around.port or usual.get(around.scheme)) in (int(port or usual[scheme]), 443)
    return is_there and is_at_port and around.scheme in (scheme, "https")
