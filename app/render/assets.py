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
    files = static_files()[path]
    modified = _modified(files)
    is_of_version = wanted == version and modified <= taken
    return await _served(request, files, modified, FOR_EVER if is_of_version else REVALIDATED)


@router.get("/assets/{name}")
async def asset(request: Request, name: str) -> Response:
    """A file from a package."""
    if f"/assets/{name}" == plotly_url():
        files = (plotly_file(),)
        return await _served(request, files, _modified(files), FOR_EVER)
    raise RequestError(404, None, SENTENCES[404])


@dataclass(frozen=True)
class _File:
    body: Body
    etag: str
    modified: int


_Files = tuple[Path, ...]  # that are sent as one

_in_memory: dict[_Files, _File] = {}  # each in its latest form


def _modified(files: _Files) -> int:
    """When files were written last. One that somebody takes away while the server runs is not there any more."""
    try:
        return max(path.stat().st_mtime_ns for path in files)
    except FileNotFoundError:
        raise RequestError(404, None, SENTENCES[404]) from None


async def _served(request: Request, files: _Files, modified: int, cache: str) -> Response:
    file = _in_memory.get(files)
    if file is None or file.modified != modified:  # only then somebody has to wait
        file = await walks_of(request).answered(request, _read, files, modified)
    if is_known(request, file.etag):
        return not_modified(file.etag, cache)
    media_type = MEDIA_TYPES.get(files[0].suffix, "application/octet-stream")
    headers = {"ETag": file.etag, "Cache-Control": cache, "Vary": "Accept-Encoding", "Content-Type": media_type}
    return file.body.response(request.headers, 200, headers)


def _read(files: _Files, modified: int) -> _File:
    """Files and their compressed form, made once: whoever comes second has waited for the first."""
    file = _in_memory.get(files)
    if file is None or file.modified != modified:
        plain = b"".join(path.read_bytes() for path in files)
        body = Body(plain, None) if files[0].suffix in _PACKED else Body.of(plain)
        file = _in_memory[files] = _File(body, tag(plain), modified)
    return file
