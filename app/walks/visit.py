"""What a page's address asks for, as far as it can be had: what makes no sense in it costs nothing else.

    stride=abc&out_channels=4&utm_source=mail    →    4 filters, and a word beside the stride

A value that is refused by itself, a name that is given two different values, and a name that is nearly one of ours each
have their sentence. Settings that do not fit each other go one at a time: the one that the refusal names, or else the
last one that can be done without; in the end whatever fits after all comes back. A name of nobody's is ignored, and so
is a language that is none.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from functools import cache, partial
from urllib.parse import urlencode

from app.ground.errors import RequestError
from app.ground.words import Words
from app.walks.link import Link
from app.walks.query import Query, names_of
from app.walks.views import NAMES, View
from core import SettingError
from core.catalog import Run
from core.offer.layer import Layer, settle
from core.offer.layout import settle_or_explain

Error = SettingError | RequestError

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8}){0,8}")  # and no more: what runs on may be a setting
_PLAIN = re.compile("[a-z_]{3,30}")


@dataclass(frozen=True)
class Refusal:
    """What of a link does not hold: the name that has gone, if it is one of ours, and why."""

    name: str | None
    error: Error

    def sentence(self, layer: Layer, words: Words) -> dict[str, str | None]:
        """The sentence, and the setting beside which it stands."""
        reason = words(self.error.template, **self.error.values)
        if self.name is not None and self.error.setting not in _parts(layer, self.name):
            reason = words("{setting} of this link is left out: {reason}", setting=self.name, reason=reason)
        is_pair = self.name in layer.settings.pairs()
        return {"setting": _parts(layer, self.name or "")[1] if is_pair else self.name, "message": reason}


@dataclass(frozen=True)
class Visit:
    """A walk as a link asks for it, with what of the link does not hold.

    >>> visit = Visit.of(LAYERS["conv2d"], "walk", b"stride=abc&out_channels=4&utm_source=mail")
    >>> visit.walk, [refusal.name for refusal in visit.refusals]
    ('out_channels=4', ['stride'])
    """

    given: dict[str, str]  # what holds of the link, by name, in its order; the language and the view included
    query: Query
    view: View
    run: Run
    refusals: tuple[Refusal, ...]
    step: int | None  # where the link names it within its query

    @classmethod
    def of(cls, layer: Layer, algorithm: str, raw: bytes) -> "Visit":
        """Read the bytes behind the `?`. A SettingError is one that has nothing to do with them."""
        ours = set(names_of(layer))
        wrong = cache(partial(_wrong, layer))  # an array may be long, and is looked at more than once
        link = Link.read(raw, {*ours, *NAMES, "lang"}, lambda name, text: _fits(name, text, wrong))
        given, refusals = _each(link, wrong)
        query = Query.of(layer, {name: text for name, text in given.items() if name in ours})
        query, unfit = _together(layer, algorithm, query)
        refusals += unfit
        gone = {refusal.name for refusal in refusals}
        given = {name: text for name, text in given.items() if name not in gone}
        view = View.of(given)
        if refusals:
            view = replace(view, hidden=())  # where something has to be said, nothing is hidden
        run = Run.planned(layer.name, algorithm, query.arrays, **query.settings)
        return cls(given, query, view, run, tuple(refusals), link.step)

    @property
    def walk(self) -> str:
        """The part of the query that the walk goes by."""
        return urlencode({name: text for name, text in self.given.items() if name not in {*NAMES, "lang"}})

    @property
    def asked(self) -> str:
        """The same with the language, where the link names one."""
        return urlencode({name: text for name, text in self.given.items() if name not in NAMES})


def _fits(name: str, text: str, wrong: Callable[[str, str], SettingError | None]) -> bool:
    return _LANGUAGE.fullmatch(text) is not None if name == "lang" else wrong(name, text) is None


def _each(link: Link, wrong: Callable[[str, str], SettingError | None]) -> tuple[dict[str, str], list[Refusal]]:
    """What holds of a link as long as each name is looked at by itself."""
    given: dict[str, str] = {}
    refused: dict[str, Error] = {}
    for name, text in link.pairs:
        if name == "lang":
            given.setdefault(name, text)  # the first one, as on every page: see app.ground.words.asked_for
        elif given.setdefault(name, text) != text:
            refused[name] = SettingError(name, "{setting} is given twice")
        elif error := wrong(name, text):
            refused.setdefault(name, error)
    refusals = [Refusal(name, error) for name, error in refused.items()]
    if link.nearly:
        refusals.append(Refusal(None, _mistyped(link.nearly)))
    gone = {"lang", *refused} if not _LANGUAGE.fullmatch(given.get("lang", "")) else refused.keys()
    return {name: text for name, text in given.items() if name not in gone}, refusals


def _mistyped(nearly: Collection[tuple[str, str]]) -> RequestError:
    """Names that are nearly one of ours. Of a link only a plain word is repeated, and it is told as text."""
    nearest = ", ".join(dict.fromkeys(ours for _, ours in nearly))
    names = dict.fromkeys(name for name, _ in nearly if _PLAIN.fullmatch(name))
    if not names:
        return RequestError(422, None, "there is no such setting; did you mean {nearest}?", nearest=nearest)
    template = "{names}: there is no such setting; did you mean {nearest}?"
    return RequestError(422, None, template, names=", ".join(names), nearest=nearest)


def _wrong(layer: Layer, name: str, text: str) -> SettingError | None:
    """What is wrong with one value, whatever the others are."""
    try:
        if name in NAMES:
            View.of({name: text})
        elif name != "lang":
            query = Query.of(layer, {name: text})
            kinds = layer.settings.kinds()
            for one, value in layer.settings.expand(query.settings).items():
                kinds[one].accept(one, value)
    except SettingError as error:
        return error
    return None


def _together(layer: Layer, algorithm: str, query: Query) -> tuple[Query, list[Refusal]]:
    """As much of a query as fits together, and what does not."""
    gone: list[str] = []
    names = [*query.settings, *query.arrays]

    def clash(names: Iterable[str], held: Callable[..., object] = settle) -> SettingError | None:
        part = _only(query, names)
        try:
            held(layer, algorithm, part.settings, part.arrays)
        except SettingError as error:
            return error
        return None

    while names and (error := clash(names)):
        said = [error.setting] if error.setting in names else [n for n in names if error.setting in _parts(layer, n)]
        without = (one for one in reversed(names) if not clash(other for other in names if other != one))
        gone.append(said[0] if said else next(without, names[-1]))
        names.remove(gone[-1])
    refusals = []
    for name in gone:
        if error := clash([*names, name], settle_or_explain):
            refusals.append(Refusal(name, error))
        else:
            names.append(name)
    return _only(query, names), refusals


def _only(query: Query, names: Iterable[str]) -> Query:
    wanted = set(names)
    settings = {name: text for name, text in query.settings.items() if name in wanted}
    return Query(settings, {name: array for name, array in query.arrays.items() if name in wanted}, query.start)


def _parts(layer: Layer, name: str) -> tuple[str, ...]:
    """The settings that a name of a query says something of: itself, those of a pair, the sizes of an array."""
    sizes = sorted(layer.sized_by([name])) if name in layer.axes else layer.settings.pairs().get(name, ())
    return (name, *sizes)
