"""The words of the article, of PyTorch and of mathematics for the same things."""

import functools
from typing import Any

import orjson

from app.ground.words import Words
from app.paths import TEMPLATES
from core.catalog import LAYERS


def rows(language: str) -> list[dict[str, str]]:
    """The rows of the page of words in a language."""
    return [{name: text[language] if isinstance(text, dict) else text for name, text in row.items()} for row in _rows()]


@functools.cache
def rows_by_function() -> dict[str, str]:
    """The row of the glossary that leads to a function, as it is: {"conv.expand": "expanded-map", …}."""
    places = {row["id"]: row["see"].strip("/").split("/") for row in _rows() if row["see"] and "?" not in row["see"]}
    return {LAYERS[layer].algorithms[name].source.name: row for row, (layer, name) in places.items()}


def terms(language: str) -> list[dict[str, Any]]:
    """What a text of a walk can be asked about: the words by which it means a thing, and the glossary's sentence. Where
    the whole answer is another walk, it leads there.

    >>> terms("en")[0]
    {'words': ['cross-correlation', 'correlation'], 'text': 'The kernel slides over …'}
    """
    see = Words(language)("words.see")
    return [
        {"words": row["words"][language], "text": row["sentence"][language]}
        | ({"leads": row["see"], "see": see} if "leads" in row else {})
        for row in _rows()
        if "words" in row
    ]


def by_setting(language: str) -> dict[str, str]:
    """The glossary's sentences about settings: {"dilation": "How far apart …", …}."""
    return {row["setting"]: row["sentence"][language] for row in _rows() if "setting" in row}


@functools.cache
def _rows() -> tuple[dict[str, Any], ...]:
    """A text each, or one for each language."""
    rows: list[dict[str, Any]] = orjson.loads((TEMPLATES / "words.json").read_bytes())
    return tuple({"see": ""} | row for row in rows)
