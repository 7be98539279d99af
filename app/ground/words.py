"""The app's sentences in the languages it speaks.

A language is one flat JSON file in `static/i18n`: a key and its text. Sentences that come from `core` are their own
keys, so the English one is there even where a catalogue has no entry for it. What one layer alone says stands beside
its file: `core/layers/zh/im2col.json` is the Chinese of `core/layers/im2col.py`. What is said of a comparison, and of
each mistake, is in `core/comparison/zh`, and what a room for a class refuses in `app/room/zh`.
"""

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import orjson
from starlette.requests import HTTPConnection

from app.paths import COMPARISON, LAYERS, ROOM, STATIC

LANGUAGES = ("en", "zh")  # the first is spoken to whoever names none
COOKIE = "lang"

# Letters of an address may stand there as %6C too.
_NAMED = re.compile(rb"(?:^|&)(?:l|%6c)(?:a|%61)(?:n|%6e)(?:g|%67)=([^&]{1,105})(?:&|$)", re.IGNORECASE)
# A cookie ends at a semicolon, so however long a header is, each of its letters is looked at once or twice.
_REMEMBERED = re.compile(rb'(?:^|;)[ \t]*lang[ \t]*=[ \t]*"?([A-Za-z-]{1,35})"?[ \t]*(?=;|$)')
_RANGE = re.compile(r"([A-Za-z*]{1,8})(?:-[A-Za-z0-9-]{1,60})?(?:\s*;\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?")


@dataclass(frozen=True)
class Words:
    """One language's sentences, to be called with a key.

    >>> Words("zh")("{setting} must be from {low} to {high}", setting="stride", low=1, high=16)
    'stride 必须在 1 到 16 之间'

    A key without an entry is its own text.
    """

    language: str

    @property
    def all(self) -> dict[str, str]:
        """Every key and its text."""
        return _catalogue(self.language)

    def __call__(self, key: str, /, **values: Any) -> str:
        """The text of a key, filled with its values."""
        text = self.all.get(key, key)
        return text.format(**values) if values else text


@functools.cache
def of_answers() -> frozenset[str]:
    """The keys of what only answers say, and no page: of comparisons, and of rooms for a class."""
    return frozenset(key for room in (COMPARISON, ROOM) for language in LANGUAGES for key in _texts(room / language))


def asked_for(connection: HTTPConnection) -> str | None:
    """The language that an address asks for by ?lang=; None where it names none, or none that is spoken here."""
    # The query is searched, not parsed: it may be the very query that is refused for being too much to parse.
    named = _NAMED.search(connection.scope["query_string"])
    return _spoken(unquote_plus(named[1].decode("latin-1"))) if named else None


def going_on(connection: HTTPConnection) -> str:
    """The query of a link that goes on in the language that this address asks for."""
    language = asked_for(connection)
    return f"?lang={language}" if language else ""


def choose(connection: HTTPConnection) -> Words:
    """The language that a reader asked for: by ?lang=, else by the cookie, else by Accept-Language, else English."""
    wanted = [_remembered(connection.scope["headers"]), *_accepted(connection.headers.get("accept-language", ""))]
    spoken = (language for language in map(_spoken, wanted) if language)
    return Words(asked_for(connection) or next(spoken, LANGUAGES[0]))


def without_cookies(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of a request with no cookie but that of the language, written anew.

    The framework parses every cookie of every request, and undoes what is escaped in it: before Python 3.11.10 and
    3.12.6 that takes seconds for a few thousand backslashes (CVE-2024-7592). So it never gets to see them.

    >>> without_cookies([(b"host", b"localhost"), (b"cookie", b'a="1"; lang=zh-CN'), (b"cookie", b"b=2")])
    [(b'host', b'localhost'), (b'cookie', b'lang=zh')]
    """
    given = list(headers)
    others = [one for one in given if one[0] != b"cookie"]
    if len(others) == len(given):
        return given
    language = _remembered(given)
    return [*others, (b"cookie", f"{COOKIE}={language}".encode())] if language else others


def _remembered(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The language that the cookies name: the last of those that are spoken here. Quotes around it mean nothing."""
    named = (match[1].decode() for name, value in headers if name == b"cookie" for match in _REMEMBERED.finditer(value))
    return next(filter(None, map(_spoken, reversed(list(named)))), None)


def _accepted(header: str) -> list[str]:
    """The language ranges of an Accept-Language header, the most wanted first, without those refused by q=0."""
    ranges = [_RANGE.fullmatch(part.strip()) for part in header[:1000].split(",")]
    wanted = [(float(match[2] or 1), match[1]) for match in ranges if match]
    refused = {tag.lower() for quality, tag in wanted if not quality}
    anything = [language for language in LANGUAGES if language not in refused]
    preferred = sorted((w for w in wanted if w[0]), key=lambda w: -w[0])
    return [one for _, tag in preferred for one in (anything if tag == "*" else [tag])]


def _spoken(tag: str | None) -> str | None:
    """zh-CN, zh-Hans and zh are all spoken as zh."""
    primary = (tag or "").partition("-")[0].lower()
    return primary if primary in LANGUAGES else None


@functools.cache
def _catalogue(language: str) -> dict[str, str]:
    beside = _texts(LAYERS / language) | _texts(COMPARISON / language) | _texts(ROOM / language)
    return beside | _texts(STATIC / "i18n", f"{language}.json")


def _texts(folder: Path, files: str = "*.json") -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob(files)):
        found |= orjson.loads(path.read_bytes())
    return found
