"""The files that a page loads: our own from `static/`, and what the packages plotly and ziamath bring along.

Their addresses carry a version, so a browser keeps them for ever and never asks again. The version of `static/` is a
folder in the address: modules import each other by `./name.js`, and so stay within one version without a build step.
"""

import functools
import gzip
import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.datastructures import Headers

from app.errors import SENTENCES, RequestError
from app.paths import STATIC

router = APIRouter(include_in_schema=False)

FOR_EVER = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"

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


def accepts_gzip(headers: Headers) -> bool:
    """Whether a client takes gzip: it names it, and not with a quality of zero."""
    for coding in headers.get("accept-encoding", "")[:1000].lower().split(","):
        name, _, quality = coding.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def tag(*parts: bytes) -> str:
    """An ETag of these bytes. It is a weak one: the compressed and the plain answer share it."""
    return f'W/"{_digest(parts)}"'


def is_known(request: Request, etag: str) -> bool:
    """Whether the client has the version of that ETag already."""
    known = request.headers.get("if-none-match", "").split(",")
    return etag.removeprefix("W/") in (one.strip().removeprefix("W/") for one in known)


def not_modified(etag: str, cache: str = REVALIDATED) -> Response:
    """The answer to a client that has it already."""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": cache, "Vary": "Accept-Encoding"})


@router.get("/static/{wanted}/{path:path}")
def static(request: Request, wanted: str, path: str) -> Response:
    """A file of `static/`. Under another version, or edited since the start, it is there too, but not to be kept."""
    if path == FONT:
        file = _packaged(FONT_PACKAGE, FONT_PATH)
    else:
        file = STATIC if "\0" in path else (STATIC / path).resolve()
        if not file.is_relative_to(STATIC.resolve()) or not file.is_file():
            raise RequestError(404, None, SENTENCES[404])
    version, taken = _static_version()
    is_of_version = wanted == version and file.stat().st_mtime_ns <= taken
    return _served(request, file, FOR_EVER if is_of_version else REVALIDATED)


@router.get("/assets/{name}")
def asset(request: Request, name: str) -> Response:
    """A file from a package."""
    if f"/assets/{name}" == plotly_url():
        return _served(request, _packaged("plotly", "package_data/plotly.min.js"), FOR_EVER)
    raise RequestError(404, None, SENTENCES[404])


@dataclass(frozen=True)
class _File:
    plain: bytes
    packed: bytes | None
    etag: str


def _served(request: Request, path: Path, cache: str) -> Response:
    file = _read(path, path.stat().st_mtime_ns)
    if is_known(request, file.etag):
        return not_modified(file.etag, cache)
    headers = {"ETag": file.etag, "Cache-Control": cache, "Vary": "Accept-Encoding"}
    body = file.plain
    if file.packed is not None and accepts_gzip(request.headers):
        headers["Content-Encoding"], body = "gzip", file.packed
    media_type = MEDIA_TYPES.get(path.suffix, "application/octet-stream")
    return Response(body, headers={**headers, "Content-Type": media_type})


@functools.lru_cache(maxsize=200)
def _read(path: Path, _modified: int) -> _File:
    """A file and its compressed form, made once: of plotly.min.js 1.5 instead of 4.8 MB, in 0.2 s."""
    plain = path.read_bytes()
    packed = None if path.suffix in _PACKED else gzip.compress(plain, 6, mtime=0)
    return _File(plain, packed, tag(plain))


@functools.cache
def _packaged(package: str, path: str) -> Path:
    """A file of an installed package, found without importing it: that would take a second."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / path


@functools.cache
def _static_version() -> tuple[str, int]:
    """The version of all files together, the font's included, and the time at which it was taken."""
    files = sorted(path for path in STATIC.rglob("*") if path.is_file())
    parts = (part for path in files for part in (path.relative_to(STATIC).as_posix().encode(), path.read_bytes()))
    return _digest((metadata.version(FONT_PACKAGE).encode(), *parts)), time.time_ns()


def _digest(parts: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:20]
