"""The files that pages load, each as it is and compressed, in memory."""

from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from app.ground.errors import SENTENCES, RequestError
from app.ground.etags import FOR_EVER, REVALIDATED, is_known, not_modified, tag
from app.ground.files import plotly_file, plotly_url, static_files, static_version
from app.ground.parts import Body
from app.walks.walks import walks_of

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
_PACKED = {".png", ".jpg", ".webp", ".woff2"}  # compressed already


@router.get("/static/{wanted}/{path:path}")
async def static(request: Request, wanted: str, path: str) -> Response:
    """A file of `static/`. Under another version, or edited since the start, it is there too, but not to be kept."""
    # What a request names is looked up, and never a path to anything: only files that were there at the start are.
    if path not in static_files():
        raise RequestError(404, None, SENTENCES[404])
    version, taken = static_version()
    file = static_files()[path]
    modified = _modified(file)
    is_of_version = wanted == version and modified <= taken
    return await _served(request, file, modified, FOR_EVER if is_of_version else REVALIDATED)


@router.get("/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """A file from a package."""
    if f"/assets/{name}" == plotly_url():
        return await _served(request, plotly_file(), _modified(plotly_file()), FOR_EVER)
    raise RequestError(404, None, SENTENCES[404])


@dataclass(frozen=True)
class _File:
    body: Body
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
        body = Body(plain, None) if path.suffix in _PACKED else Body.of(plain)
        file = _in_memory[path] = _File(body, tag(plain), modified)
    return file
