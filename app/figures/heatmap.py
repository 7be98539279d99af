"""A board as a heatmap: where it lies, its numbers, what is written in its cells, and what is told of them."""

from functools import lru_cache
from typing import Any

import numpy as np

from app.figures import phrase
from app.figures.boards import Board, Table

ROOM = 6  # characters of a number in a cell
ALMOST = "≈0"  # one that is longer still, and next to nothing


def placed(name: str, board: Board) -> dict[str, Any]:
    """The place of a board, and the name of each of its cells."""
    names = np.empty(board.table.shape, object)
    for index in np.ndindex(names.shape):
        names[index] = f"{name}[{', '.join(map(str, index))}]"
    side = round(board.cell, 3)
    middle = {"x0": round(board.left + side / 2, 3), "y0": round(board.top + side / 2, 3)}
    return {"visible": True, **middle, "dx": side, "dy": side, "hovertext": board.table.laid(names, "").tolist()}


def written(table: Table, array: np.ndarray, known: np.ndarray) -> dict[str, Any]:
    """The numbers of an array, as far as they are known: what can be drawn, what is written, what is told in full."""
    values, is_known = table.laid(array, np.nan).tolist(), table.laid(known, False).tolist()
    pairs = [list(zip(*row, strict=True)) for row in zip(values, is_known, strict=True)]
    text = [[_short(value) if is_there else "" for value, is_there in row] for row in pairs]
    if table.size[1] == 1:  # Plotly fits letters to how far apart the texts of columns are
        text = [[first, " "] for first, *_ in text]
    shown: dict[str, Any] = {
        "type": "heatmap",  # or Plotly's Python package takes it for a scatter plot
        "z": [[value if is_there else None for value, is_there in row] for row in pairs],  # no infinities in JSON
        "text": text,
        "hovertemplate": "%{hovertext} = %{text}<extra></extra>",
    }
    if any(each.startswith("≈") for row in text for each in row):
        shown["customdata"] = [[phrase.exact(value) if is_there else "" for value, is_there in row] for row in pairs]
        shown["hovertemplate"] = "%{hovertext} = %{customdata}<extra></extra>"
    return shown


@lru_cache(10_000)
def _short(value: float) -> str:
    """A number as there is room for it in a cell."""
    text = phrase.short(value, ROOM)
    return ALMOST if len(text) > ROOM + 1 and abs(value) < 0.001 else text
