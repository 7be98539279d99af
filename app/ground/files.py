"""The files that pages load, and their addresses: our own from `static/`, and what plotly and ziamath bring along.

An address carries a version, so a browser keeps the file for ever and never asks again. The version of `static/` is a
folder in the address: modules import each other by relative paths, and so stay within one version without a build step.
"""

import functools
import posixpath
import re
import time
from importlib import metadata
from pathlib import Path

from app.ground.etags import digest
from app.paths import STATIC

# All style sheets of the page in one, so that a browser asks once: what waits for them is the first picture. The first
# holds what the others differ from.
STYLE, FIRST_STYLE = "style/all.css", "style/page.css"

# The font of the formulas, STIX Two Math: a style sheet of `static/` names it as if it stood beside it.
FONT, FONT_PACKAGE, FONT_PATH = "style/stix-two-math.ttf", "ziamath", "fonts/STIXTwoMath-Regular.ttf"


def static_url(path: str) -> str:
    """Where a file of `static/` is served: static_url("main.js") is "/static/<version>/main.js"."""
    return f"/static/{static_version()[0]}/{path}"


@functools.cache
def plotly_url() -> str:
    """Where Plotly is served."""
    return f"/assets/plotly-{metadata.version('plotly')}.min.js"


def plotly_file() -> Path:
    """The plotly.min.js of the installed package."""
    return _packaged("plotly", "package_data/plotly.min.js")


@functools.cache
def static_files() -> dict[str, tuple[Path, ...]]:
    """The files under `/static/` by what their addresses call them; one address has several in a row."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    found = {path.relative_to(STATIC).as_posix(): (path,) for path in files}
    sheets = sorted(STATIC.glob("style/*.css"), key=lambda path: (path != STATIC / FIRST_STYLE, path))
    together = {STYLE: tuple(sheets)} if sheets else {}
    return found | together | {FONT: (_packaged(FONT_PACKAGE, FONT_PATH),)}


@functools.cache
def modules(script: str) -> tuple[str, ...]:
    """The scripts that one cannot run without, itself first: modules("page/page.js") is ("page/page.js",).

    What a script imports later, when it is asked for, is none of them.
    """
    found = [script]
    for name in found:
        text = (STATIC / name).read_text(encoding="utf-8")
        imported = re.findall(r'^(?:import|export) [^;]*?\bfrom "(\.[^"]+)"', text, re.MULTILINE)
        others = (posixpath.normpath(posixpath.join(posixpath.dirname(name), other)) for other in imported)
        found += dict.fromkeys(other for other in others if other not in found)
    return tuple(found)


@functools.cache
def static_version() -> tuple[str, int]:
    """The version of all files together, the font's included, and the time at which it was taken."""
    files = ((name, paths) for name, paths in static_files().items() if name != FONT)
    parts = (part for name, paths in files for part in (name.encode(), *(path.read_bytes() for path in paths)))
    return digest((metadata.version(FONT_PACKAGE).encode(), *parts)), time.time_ns()


@functools.cache
def _packaged(package: str, path: str) -> Path:
    """A file of an installed package, found without importing it: that would take a second."""
    return Path(str(metadata.distribution(package).locate_file(f"{package}/{path}")))
