"""Which sites may show a walk in a frame: $CONVWALK_EMBED_FROM, in the words of a Content-Security-Policy.

    CONVWALK_EMBED_FROM="'self' https://example.org https://*.example.edu"

Only the embed view (`?embed=1`) can be framed at all. 'self', this server's own pages, is the default; 'none' forbids
every frame, and * allows every site. Browsers hold to it, so that a page in a frame knows that the one around it, from
which it takes messages, was allowed to be there.
"""

import os
import re

VARIABLE = "CONVWALK_EMBED_FROM"

_SITE = re.compile(r"https?://(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?(?::(?:\d{1,5}|\*))?", re.IGNORECASE)


def sites_from_environment() -> str:
    """The sites that may embed, as `frame-ancestors` takes them. A ValueError says what is wrong with the variable.

    It becomes part of a header, so nothing but sites gets through: a semicolon would begin another rule.
    """
    sites = os.environ.get(VARIABLE, "").split() or ["'self'"]
    for site in sites:
        alone = site in ("'none'", "*") and len(sites) == 1
        if not (alone or site == "'self'" or _SITE.fullmatch(site)):
            raise ValueError(
                f"{VARIABLE} is 'self' and the addresses of sites, such as https://example.org, with spaces between; "
                f"or 'none' or * alone. {site[:100]!r} is none of these."
            )
    return " ".join(sites)
