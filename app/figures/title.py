"""What a frame says: its chapter, the caption of its step, and how the cell that was written came by its number."""

import re
from html import escape
from textwrap import wrap

from app.figures import phrase
from app.figures.derivation import Cell
from app.ground.words import Words
from core.recording.moment import Moment
from core.recording.trace import Step

LINE, LINES = 112, 2  # characters, and lines, of a worked sum
TOLD = (24, 12, 6, 3)  # terms of it, as many as there is room for

_NAMED = re.compile(r"\{(?:(\w+)\[(\w+)\]|(\w+))\}")


def title(chapter: str, step: Step, moment: Moment, cell: Cell | None, words: Words) -> str:
    """The title of the frame after a step, in the HTML that Plotly knows."""
    lines = [f"<b>{escape(chapter)}</b> · {escape(_caption(step, moment, words))}"]
    if cell is not None:
        tried = (wrap(phrase.line(cell, words, most), LINE, break_long_words=False) for most in TOLD)
        told = next((each for each in tried if len(each) <= LINES), [phrase.line(cell._replace(expr=None), words)])
        lines += [escape(line, quote=False) for line in told]
    return "<br>".join(lines)


def _caption(step: Step, moment: Moment, words: Words) -> str:
    """A caption may name loop variables, {wrong}, and cells at the index that one of them holds, {error[first]}."""
    bound = dict(step.stack[-1].arrays)

    def put(found: re.Match[str]) -> str:
        array, at, name = found.groups()
        if name:
            return str(step.loop.get(name, ""))
        index = step.loop[at]
        place = index if isinstance(index, tuple) else (int(index),)
        value = float(moment.arrays[bound[array]][place])
        return f"{bound[array]}[{', '.join(map(str, place))}] = {phrase.short(value)}"

    return _NAMED.sub(put, words(step.caption))
