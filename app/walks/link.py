"""A link as it arrives: what a page's query means after chat programs, mail and people have handled it.

    stride=1&amp;padding=2.&utm_source=mail    →    stride=1, padding=2

The rules, in this order:

1. What can be read as it stands is never changed: a name of ours whose value fits. All below is tried on the rest.
2. A name that is none of ours is somebody else's (`utm_source`, `from`, …): it is ignored, with whatever address is
   its value, unless it is nearly a name of ours; then it is told with the nearest one, and nothing is taken for it.
3. A part that cannot be read is undone a step at a time: entities (`&amp;`), tags (`<br>`), escapes (`\\u0026`,
   `kernel\\_size`), signs of full width and invisible ones, soft line breaks (`=` at the end of a line, `=3D`),
   then percent signs that were encoded again, up to three times. After each step it is split where a name follows a
   separator (`&` `;` `,` `?` `|` or a blank); names are taken in small letters, and values without quotes around
   them, line breaks in them, and punctuation behind.
4. The first of these readings in which most values fit is taken: a value counts only if it is legal for its name.
   Numbers are never joined over a break, nor is anything cut off that is no punctuation, unless it is the text that the
   link stood in: letters of another script (`2，步长是1`) or words behind a blank (`2 (see)`). What counts, scales
   or goes on (`2万`, `2 or 3`, `2到3`) is no such text. Where none fits, the part is refused as it stands.
5. A step behind an encoded `#` is the step of the link where it stands behind a setting or alone, or where it ends the
   link behind what a platform has appended (`utm_source=mail%2312`). Elsewhere `#345` is anybody's: `issue=%23345`.

It is pure text: `fits` says what is legal.
"""

import difflib
import html
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_plus

Fits = Callable[[str, str], bool]
Pair = tuple[str, str]

TIMES = 3  # that a link may have been encoded too often
NEARER = 0.9
NEAR = 0.77  # how alike two names are of which one is the other mistyped: "stide" and "stride" are 0.91

_THEIRS = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")  # a name that nothing has happened to
_ANYBODYS = {"height", "width", "count", "feature"}
_ADDRESS = re.compile(r"=.*[/?:]", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,5}|#[xX][0-9a-fA-F]{1,4}|[A-Za-z]{2,8});")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_AFTER_AMPERSAND = re.compile(r"^(?:amp;|#38;|#[xX]26;)+")  # what is left of an entity behind the & that begins it
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_TAG = re.compile(r"</?(?:a|b|br|code|div|em|i|li|p|span|strong|td|u|wbr)(?:\s[^<>]{0,200})?/?(?:>|$)", re.IGNORECASE)
_SOFT_BREAK = re.compile(r"=[ \t]*\r?\n")
_QUOTED_EQUALS = re.compile(r"=3D(?=.)")
_QUOTED_BLANK = re.compile(r"(?:=(?:20|09|0D|0A)){1,4}$")
_ROW = re.compile(r"\[([\d,\s-]{1,40})\]\W{0,8}")  # what is (1, 2) elsewhere
_BREAK = re.compile(r"(?<![0-9.-])\s+|\s+(?![0-9.-])")  # white space that does not stand between two numbers
_WORD = re.compile(r"[A-Za-z_]{1,32}")
_TORN = re.compile(r"\b(\w{1,20})\s{1,4}(\w{1,20})(?=\s?=)")  # a name with a line break in it
_SEPARATOR = re.compile(r"[&;,?|\s](?=\s?\w{1,20}\s?=)|^\?|&")
_FAR = r"(?!.{0,8}\d)"  # no other number is near
_WORDS = (
    r"(?!(?i:and|or|to|by|bis|und|oder|mal|times|of|per|percent|thousand|million|billion|[ekmx])\b)(?=[^\W\d_])." + _FAR
)
_COUNTING = "零〇一二两兩三四五六七八九十百千万萬亿億点點分又半倍"
_FOREIGN = rf"(?![{_COUNTING}])(?=[^\W\d_])[\u0370-\ufaff]"  # a letter, not a Latin one
_RUNS_ON = (  # up to its first letter
    rf"(?!\W{{0,8}}(?:…|\.\.))(?:[,.;:!?()\]}}【】「」『』《》“”’\"'>*`]\W{{0,8}}{_FOREIGN}"
    rf"|\s{{0,4}}(?![和或到至与及乘]){_FOREIGN}{_FAR}"
    rf"|(?:(?<=\d)[,.;:!?)\]}}】」”’\"'>*`]{{0,4}}\s{{1,4}}[(\[\"'“‘]{{0,2}}|\s{{1,4}}\(){_WORDS}|\s?\|\s?(?=[^\W\d_]).{_FAR}|\s{{0,4}}[\U0001f300-\U0001faff]{_FAR})"
)
_TEXT = re.compile(_RUNS_ON, re.DOTALL)
_STEP = re.compile(
    r"#[\"'`#<(\[{（【「『“‘*!/\s]{0,8}(?i:step\s?[=:-]?\s?)?(\d{1,9})(?!\W{0,8}(?:…|\.\.))"
    rf"(?:\W{{0,8}}$|\W{{0,8}}?[?&#/;|]\s{{0,4}}(?=[A-Za-z_])(?P<more>[^#]*).*|{_RUNS_ON}.*)",
    re.DOTALL,
)
_APPENDED = re.compile(  # by platforms, and never with a # of its own
    r"utm_\w+|\w*clid|[gw]braid|igshi?d?|mc_[ce]id|_g[al]|_hs(?:enc|mi)|mkt_tok|from|isappinstalled|scene|subscene|clicktime"
    r"|enterid|share_token|sharer_shareid|wxshare_count|spm|scm|nsukey|chksm|si|feature|ref_src|rdid|mibextid|trk|li_fat_id"
)
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SIGNS = _FULL_WIDTH | {0x3000: " ", 0xA0: " ", 0x2212: "-", 0x2013: "-", 0x3002: ".", 0x3001: ","}
_WALK = re.compile(rf"([A-Za-z0-9_]{{1,40}})(?:\W{{0,8}}|[^\w?&#/]{{0,8}}(?:[?&]|(?=#))(.*)|{_RUNS_ON}.*)", re.DOTALL)
_LONGEST = 4_000  # characters of a path
_QUOTES = "\"'`<(“”‘’「『«*"
_BEHIND = "\"'`>)]}”’」』】》»*.,;:!?—=_~|&/"
_SHORTENED = re.compile(r"(?:…|\.\.)\W{0,8}$")  # what stood there is not known
_CUT = 8  # characters of punctuation behind a value, at most


@dataclass(frozen=True)
class Link:
    """What a query says: the pairs of our names in their order, names that are nearly one of ours, the step.

    >>> Link.read(b"stride=1&amp;padding=2.&from=mail", {"stride", "padding"}, lambda name, text: text.isdecimal())
    Link(pairs=(('stride', '1'), ('padding', '2')), nearly=(), step=None)
    """

    pairs: tuple[Pair, ...]
    nearly: tuple[Pair, ...] = ()  # a name as it came, and ours
    step: int | None = None

    @classmethod
    def read(cls, raw: bytes, names: Set[str], fits: Fits) -> "Link":
        """Read the bytes behind the `?`."""
        reader = _Reader(names, fits)
        parts = [part for part in raw.decode("utf-8", "replace").split("&") if part]
        pairs = [pair for at, part in enumerate(parts, 1) for pair in reader.pairs(part, at == len(parts))]
        return cls(tuple(pairs), tuple(dict.fromkeys(reader.nearly)), reader.step)


def walk_of(layer: str, algorithm: str, known: Mapping[str, Collection[str]]) -> tuple[str, str, str] | None:
    """The layer, the algorithm and the query that a path means, or its step; None if there is no such walk.

    >>> walk_of("conv2d", "walk%3Fstride=1", {"conv2d": ["walk"]})
    ('conv2d', 'walk', 'stride=1')
    """
    names = known.get(layer.lower(), ())
    for text in _undone(algorithm[:_LONGEST]):
        found = _WALK.fullmatch(text)
        if found and found[1].lower() in names:
            return layer.lower(), found[1].lower(), quote(found[2] or "", safe="=&")
    return None


def nearest(name: str, names: Set[str]) -> str | None:
    """The name of ours that a reader has meant, if one can be meant.

    >>> nearest("kernelsize", {"kernel_size", "stride"}), nearest("stride_height", {"kernel_size", "stride"})
    ('kernel_size', 'stride')

    A name of ours with a letter wrong, or with a word behind it, or its first half (and "pad"). What is short for many
    things (act, out, count), or a size of anything (height), is somebody else's.
    """
    folded = name.lower()
    if not 3 <= len(folded) <= 30 or not _THEIRS.fullmatch(name) or folded in _ANYBODYS:
        return None
    long = sorted(one for one in names if len(one) > 3)
    prolonged = [one for one in long if folded.startswith((f"{one}_", f"{one}-"))]  # padding_top
    half = [one for one in long if one.startswith(folded) and (folded == "pad" or 4 <= len(folded) >= len(one) / 2)]
    return next(
        iter(
            difflib.get_close_matches(folded, long, 1, NEARER)
            or sorted(prolonged, key=len, reverse=True)
            or sorted(half, key=len)  # kernel_size before kernel_height
            or difflib.get_close_matches(folded, long, 1, NEAR)
        ),
        None,
    )


class _Reading(NamedTuple):
    """What one part of a query may say."""

    pairs: list[Pair]
    nearly: list[Pair]


class _Reader:
    """Reads the parts of one query, and keeps what it comes across beside its pairs."""

    def __init__(self, names: Set[str], fits: Fits) -> None:
        self.names, self.fits = names, fits
        self.nearly: list[Pair] = []
        self.step: int | None = None

    def pairs(self, part: str, is_last: bool) -> list[Pair]:
        """What one part of a query says: mostly one pair, or none."""
        encoded, _, value = part.partition("=")
        literal = unquote_plus(encoded), unquote_plus(value)
        if literal[0] in self.names and self.fits(*literal):
            return [literal]
        undone = list(_undone(unquote_plus(part)))
        if _THEIRS.fullmatch(literal[0]) and literal[0].lower() not in self.names and _ADDRESS.search(undone[-1]):
            return []  # an address of somebody else's, whatever stands in it
        found = _STEP.search(undone[-1])
        if found and self._ends_in_step(undone[-1][: found.start()], is_last):
            self.step = int(found[1])
        readings = [_Reading([literal] if literal[0] in self.names else [], []), *map(self._reading, undone)]
        best = max(readings, key=self._weight)  # the first of the best
        self.nearly += best.nearly if best.pairs else readings[1].nearly
        return best.pairs

    def _weight(self, reading: _Reading) -> tuple[int, bool]:
        return sum(self.fits(*pair) for pair in reading.pairs), bool(reading.pairs)

    def _reading(self, text: str) -> _Reading:
        """What stands in a text whose names and values may need some tidying."""
        pairs: list[Pair] = []
        nearly: list[Pair] = []
        text = _TORN.sub(lambda found: self._joined(found) or found[0], _STEP.sub(_more, text))
        for one in _SEPARATOR.split(text):
            name, equals, value = one.partition("=")
            name = _name(name)
            if name not in self.names and "=" in value:  # the line was broken within the name: padd= ing=2
                whole, _, rest = (name + value).partition("=")
                name, value = (_name(whole), rest) if _name(whole) in self.names else (name, value)
            if name in self.names and equals:
                pairs.append((name, next((v for v in _values(value) if self.fits(name, v)), value)))
            elif near := nearest(name, self.names):
                nearly.append((name, near))
        return _Reading(pairs, nearly)

    def _ends_in_step(self, before: str, is_last: bool) -> bool:
        """Whether a number behind a # is a step, from what stands before it."""
        name, _, value = _SEPARATOR.split(before)[-1].partition("=")
        name = _name(name)
        if _APPENDED.fullmatch(name):
            return is_last and value[-1:].strip() != ""
        return not name or name in self.names

    def _joined(self, torn: re.Match[str]) -> str | None:
        name = (torn[1] + torn[2]).lower()
        return name if name in self.names else None


def _more(step: re.Match[str]) -> str:
    """What stands behind a step, where it says something."""
    return f"&{step['more']}" if "=" in (step["more"] or "") else ""


def _undone(text: str) -> Iterator[str]:
    """A text as it was before each of the things that may have happened to it, one after the other."""
    for _ in range(TIMES):
        text = _plain(text)
        yield text
        if (joined := _SOFT_BREAK.sub("", _QUOTED_EQUALS.sub("=", text))) != text:
            yield joined
        text = unquote(text, errors="replace")


def _plain(text: str) -> str:
    text = _AFTER_AMPERSAND.sub("", text)
    text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = _TAG.sub(" ", text)
    text = _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text).replace("\\", "")
    return _INVISIBLE.sub("", text).translate(_SIGNS)


def _name(text: str) -> str:
    """A name without white space and what stands around it, in small letters."""
    return re.sub(r"\s", "", _plain(text)).lower().strip("?&;,|\"'<([{“「*.")


def _values(text: str) -> Iterator[str]:
    """A value as it stands, then with less and less around it, and then without the text that it stood in."""
    yield text
    yield from _bare(text)
    yield from _bare(_QUOTED_BLANK.sub("", text))
    if found := _ROW.fullmatch(text.strip()):
        yield from _bare(found[1])
    if found := _TEXT.search(text):
        yield from _bare(text[: found.end() - 1].rstrip("([\"'“‘【「『《 "))


def _bare(text: str) -> Iterator[str]:
    text = text.strip()
    if _SHORTENED.search(text):
        return
    if not text.startswith("["):
        text = text.lstrip(_QUOTES)
        text = re.sub(r"\s", "", text) if ":" in text else text  # it says how many bytes there are
    text = _BREAK.sub("", text)
    for _ in range(_CUT):
        yield text
        if _WORD.fullmatch(text):
            yield text.lower()
        if not text or text[-1] not in _BEHIND:
            return
        text = text[:-1]
