"""What there is to read of the functions that run: it is all in their docstrings.

A paragraph that begins with Look, Question or Answer is a note: what to look for on the stage, something to think
about, and what comes of it.
"""

import functools
import re

from markupsafe import Markup, escape

from app.ground.words import Words, of_answers
from core.catalog import LAYERS, Run
from core.offer.layer import Layer
from core.pictures.digits import SOURCE
from core.pictures.shelf import DIGIT_LOOKS, LABELS, LOOKS
from core.recording.recorder import sources
from core.text.source import Source

_PARAGRAPH = re.compile(r"(?:(Look|Question|Answer): )?(.*)")


def paragraphs(source: Source) -> list[tuple[str, str]]:
    """The paragraphs of a docstring, each on one line and with its kind: look, question, answer, or none.

    They are keys of the catalogues.

    >>> paragraphs(LAYERS["conv2d"].algorithms["flip"].source)[-1]
    ('answer', 'The kernel as it was: 180° twice is a whole turn.')
    """
    matches = [_PARAGRAPH.fullmatch(" ".join(text.split())) for text in source.doc.split("\n\n")]
    return [((match[1] or "").lower(), match[2]) for match in matches if match]


def with_code(text: str) -> Markup:
    """A text with what stands between backticks as code."""
    parts = [
        Markup("<code>{}</code>").format(part) if at % 2 else escape(part) for at, part in enumerate(text.split("`"))
    ]
    return Markup("").join(parts)


def with_indices(text: str) -> Markup:
    """A text with what stands behind _ and ^ set low and high: w_{f,c}, ℝ^(C×H×W).

    >>> with_indices("w_{f,c} and b_f")
    Markup('w<sub>f,c</sub> and b<sub>f</sub>')
    """
    low = re.sub(r"_(?:\{([^}]*)\}|(\w))", lambda found: f"<sub>{found[1] or found[2]}</sub>", str(with_code(text)))
    return Markup(re.sub(r"\^\(([^)]*)\)", r"<sup>\1</sup>", low))  # noqa: S704 - what was escaped, with marks of our own


# What the server writes itself, or sends with another page.
_WRITTEN = frozenset("contrast embed error frame join lacks language noscript page part room words".split())


def words_of(layer: Layer, words: Words) -> dict[str, str]:
    """The words that the scripts of a layer's page may need.

    What functions of other files say of themselves is none of them, nor what templates alone and other pages say.
    """
    elsewhere = _elsewhere(layer.name)
    return {
        key: text for key, text in words.all.items() if key not in elsewhere and key.partition(".")[0] not in _WRITTEN
    }


@functools.cache
def _elsewhere(layer: str) -> frozenset[str]:
    """What a layer's page says nothing of: the paragraphs of files that its walk has nothing of, whatever its settings,
    and what answers of the server say of comparisons and pictures."""
    walk = Run.of(layer, next(iter(LAYERS[layer].algorithms)))
    files = {_file(source) for source in walk.outline().sources}
    here = {text for source in sources() if _file(source) in files for _, text in paragraphs(source)}
    said_elsewhere = {text for source in sources() for _, text in paragraphs(source)}
    return frozenset((said_elsewhere - here) | of_answers() | {*LABELS.values(), *LOOKS.values(), *DIGIT_LOOKS, SOURCE})


def _file(source: Source) -> str:
    return source.name.partition(".")[0]
