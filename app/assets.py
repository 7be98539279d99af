"""The files that a page loads: our own from `static/`, and what the packages plotly and ziamath bring along.

Their addresses carry a version, so a browser keeps them for ever and never asks again. The version of `static/` is a
folder in the address: modules import each other by `./name.js`, and so stay within one version without a build step.
"""

import functools
import time
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.errors import SENTENCES, RequestError
from app.etags import FOR_EVER, REVALIDATED, digest, is_known, not_modified, tag
from app.parts import Packed
from app.paths import STATIC
from app.walks import walks_of

router = APIRouter(include_in_schema=False)

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
    ".txt": "text/plain; charset=utf-8",
}
# The font of the formulas, STIX Two Math: a style sheet of `static/` names it as if it stood beside it.
FONT, FONT_PACKAGE, FONT_PATH = "stix-two-math.ttf", "ziamath", "fonts/STIXTwoMath-Regular.ttf"
_PACKED = {".png", ".jpg", ".webp", ".woff2"}  # compressed already


def static_url(path: str) -> str:
    """Where a file of `static/` is served: static_url("main.js") is "/static/<version>/main.js"."""
    return f"/static/{_static_version()[0]}/{path}"


@functools.cache
def plotly_url() -> str:
    """Where the plotly.min.js of the installed plotly package is served."""
    return f"/assets/plotly-{metadata.version('plotly')}.min.js"


@router.get("/static/{wanted}/{path:path}")
async def static(request: Request, wanted: str, path: str) -> Response:
    """A file of `static/`. Under another version, or edited since the start, it is there too, but not to be kept."""
    # What a request names is looked up, and never a path to anything: only files that were there at the start are.
    if path not in _files():
        raise RequestError(404, None, SENTENCES[404])
    version, taken = _static_version()
    file = _files()[path]
    modified = _modified(file)
    is_of_version = wanted == version and modified <= taken
    return await _served(request, file, modified, FOR_EVER if is_of_version else REVALIDATED)


@router.get("/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """A file from a package."""
    if f"/assets/{name}" == plotly_url():
        file = _packaged("plotly", "package_data/plotly.min.js")
        return await _served(request, file, _modified(file), FOR_EVER)
    raise RequestError(404, None, SENTENCES[404])


@dataclass(frozen=True)
class _File:
    body: Packed
    etag: str
    modified: int


_in_memory: dict[Path, _File] = {}  # each file in its latest form


def _modified(path: Path) -> int:
    """When a file was written last. One that somebody takes away while the server runs is not there any more."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        raise RequestError(404, None, SENTENCES[404]) from None


async def _served(request: Request, path: Path, modified: int, cache: str) -> Response:
    file = _in_memory.get(path)
    if file is None or file.modified != modified:  # only then somebody has to wait
        file = await walks_of(request).answered(request, _read, path, modified)
    if is_known(request, file.etag):
        return not_modified(file.etag, cache)
    media_type = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    headers = {"ETag": file.etag, "Cache-Control": cache, "Vary": "Accept-Encoding", "Content-Type": media_type}
    return file.body.response(request.headers, 200, headers)


def _read(path: Path, modified: int) -> _File:
    """A file and its compressed form, made once: whoever comes second has waited for the first."""
    file = _in_memory.get(path)
    if file is None or file.modified != modified:
        plain = path.read_bytes()
        body = Packed(plain, None) if path.suffix in _PACKED else Packed.of(plain)
        file = _in_memory[path] = _File(body, tag(plain), modified)
    return file


@functools.cache
def _packaged(package: str, path: str) -> Path:
    """A file of an installed package, found without importing it: that would take a second."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / path


@functools.cache
def _files() -> dict[str, Path]:
    """The files under `/static/` by what their addresses call them."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    found = {path.relative_to(STATIC).as_posix(): path for path in files}
    return found | {FONT: _packaged(FONT_PACKAGE, FONT_PATH)}


@functools.cache
def _static_version() -> tuple[str, int]:
    """The version of all files together, the font's included, and the time at which it was taken."""
    files = ((name, path) for name, path in _files().items() if name != FONT)
    parts = (part for name, path in files for part in (name.encode(), path.read_bytes()))
    return digest((metadata.version(FONT_PACKAGE).encode(), *parts)), time.time_ns()
