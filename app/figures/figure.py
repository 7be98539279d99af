"""A chapter, or any algorithm of a layer, as a figure of Plotly's own Python package."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson

from app.figures.film import Film
from app.ground.words import LANGUAGES, Words
from core.catalog import Run
from core.offer.settings import SettingError
from core.recording.trace import finished

if TYPE_CHECKING:
    from plotly.graph_objects import Figure


def figure(
    layer: str,
    algorithm: str = "walk",
    arrays: Mapping[str, Any] | None = None,
    *,
    stop: str = "cell",
    language: str = LANGUAGES[0],
    theme: str = "light",
    **settings: object,
) -> "Figure":
    """An algorithm of a layer as a `plotly.graph_objects.Figure` that plays: a frame for every cell, map or chapter.

    >>> film = figure("conv2d", "correlate", stride=1)
    >>> len(film.frames), film.frames[1].layout.title.text.split("<br>")[1]
    (53, 'z[0, 0, 0] = 2·1 + 2·1 + 2·1 + 1·(−1) + 1 + 23 products with a zero = 6')

    The boards are heatmaps with their numbers; what was read and written since the frame before is outlined; the title
    says how the cell came by its number. It takes what `core.run` takes, and `stop` ("cell", "map" or "chapter"), the
    `language` ("en" or "zh") and the `theme` ("light" or "dark"). What does not fit, or would have more frames or bytes
    than the limits allow, is a SettingError.
    """
    if language not in LANGUAGES:
        raise SettingError("language", "{setting} must be one of {choices}", choices=", ".join(LANGUAGES))
    film = Film(stop, Words(language), theme)
    made = orjson.loads(finished(film.of(Run.planned(layer, algorithm, arrays, **settings))))

    from plotly.graph_objects import Figure  # only here: its import takes a while, and no server needs it

    return Figure(made)
