"""The templates of the pages, with what they can do to a value besides Jinja's own."""

import functools
import re
from collections.abc import Iterator

import jinja2
from fastapi import Request
from markupsafe import Markup

from app.ground.files import static_url
from app.ground.formulas import formula, in_words
from app.ground.highlight import highlighted
from app.ground.numerals import number
from app.ground.words import LANGUAGES, Words, going_on
from app.paths import TEMPLATES
from app.render.docstrings import paragraphs, with_code, with_indices
from app.walks.query import written
from core.text.source import Source


def rendered(name: str, request: Request, words: Words, **values: object) -> str:
    """The page that a template makes, by the name of its file, in the language of the words."""
    usual = {
        "words": words,
        "static": static_url,
        "asked_language": going_on(request),
        "other_languages": in_other_languages(request, words),
    }
    return _environment().get_template(name).render(usual | values)


def in_other_languages(request: Request, words: Words) -> Iterator[tuple[str, str]]:
    """Each other language with the address of this page in it."""
    for language in LANGUAGES:
        if language != words.language:
            yield language, f"{request.url.path}?{request.url.include_query_params(lang=language).query}"


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "number": number,
        "paragraphs": paragraphs,
        "with_code": with_code,
        "with_indices": with_indices,
        "spread": _spread,
        "written": written,
        "breakable": _breakable,
        "together": lambda text: text.replace(" − ", "\xa0−\xa0"),  # no line breaks within a difference
        "equations": _equations,
        "highlighted": lambda source: [Markup(line) for line in highlighted(source) if line is not None],  # noqa: S704
    }
    return environment


def _equations(source: Source, words: Words) -> list[Markup]:
    """The equations of a function, with their words in the reader's language."""
    return [Markup(in_words(line, words)) for line in formula(source)["equations"]]  # noqa: S704 - our own


def _spread(value: object, count: int) -> list[object]:
    """The numbers of a setting, one for each field: 1 stands for all of them, 2,1 for the height and the width."""
    parts = value if isinstance(value, list) else [value]
    return [part for part in parts for _ in range(count // len(parts))]


def _breakable(url: str) -> Markup:
    """An address that may go on in the next line before each of its parts, and nowhere else."""
    return Markup("<wbr>").join(re.split(r"(?=[.:](?!//))", url))
