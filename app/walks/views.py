"""How a page is shown, and never what it shows: for a lecture hall, inside another page, without some of its parts.

    present=1                     large type, and nothing but the stage and what is said of it
    embed=1&hide=settings,source  small enough for a frame, and without those parts
    predict=1                     the walk stops before a cell is made, and the reader says what comes
    predict=at-8-32               it does so at some places alone: the first cell from each of these steps on

These names stand in the query of a page beside its settings. The API has none of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core import SettingError

NAMES = ("present", "embed", "hide", "predict")
PARTS = ("settings", "source", "transport", "caption", "map", "header", "legend", "plot", "sum")
_PLACES = re.compile(r"at(?:-\d{1,6}){1,40}", re.ASCII)


@dataclass(frozen=True)
class View:
    """How a page is shown.

    >>> View.of({"stride": "1", "embed": "1", "hide": "source"}).classes
    'embedded hides-source'
    """

    present: bool = False
    embed: bool = False
    hidden: tuple[str, ...] = ()
    predict: str = ""  # "1" at each cell, or the places

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "View":
        """From texts by name; other names are left alone. A SettingError says what is wrong."""
        present, embed = (_switch(given, name) for name in ("present", "embed"))
        places = given.get("predict", "")
        predict = places if _PLACES.fullmatch(places) else "1" * _switch(given, "predict")
        return cls(present, embed, _parts(given.get("hide", "")), predict)

    @property
    def classes(self) -> str:
        """Those of the page's outermost element: the style sheet does the rest, before any script has run."""
        views = (("presenting", self.present), ("embedded", self.embed))
        return " ".join([*(name for name, on in views if on), *(f"hides-{part}" for part in self.hidden)])

    @property
    def asked(self) -> dict[str, str]:
        """The part of an address that asks for it."""
        asked = {
            "present": "1" * self.present,
            "embed": "1" * self.embed,
            "hide": ",".join(self.hidden),
            "predict": self.predict,
        }
        return {name: value for name, value in asked.items() if value}


def _switch(given: Mapping[str, str], name: str) -> bool:
    if given.get(name, "0") not in ("0", "1"):
        raise SettingError(name, "{setting} must be from {low} to {high}", low=0, high=1)
    return given.get(name) == "1"


def _parts(text: str) -> tuple[str, ...]:
    parts = tuple(dict.fromkeys(text.split(","))) if text else ()
    if not set(parts) <= set(PARTS):
        template = "{setting} can name these parts, with commas between them: {parts}"
        raise SettingError("hide", template, parts=", ".join(PARTS))
    return parts
