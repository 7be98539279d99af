"""Source text as HTML, a line at a time, so that a page can lay marks over each."""

import functools

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from core.text.source import Source


@functools.cache
def highlighted(source: Source) -> list[str | None]:
    """The lines of a function as HTML with Pygments' classes; None for those of the docstring, which is shown as text.

    >>> highlighted(pad.source)[0]
    '<span class="k">def</span><span class="w"> </span><span class="nf">pad</span>…'
    """
    # Pygments closes every span at the end of its line, so the lines stand on their own.
    lines = highlight("\n".join(source.lines), PythonLexer(), HtmlFormatter(nowrap=True)).splitlines()
    return [None if number in source.doc_lines else line for number, line in enumerate(lines, start=source.first)]
