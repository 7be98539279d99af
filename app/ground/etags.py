"""Answers that a client may keep, and how it learns that what it has is still true."""

import hashlib
from collections.abc import Iterable

from fastapi import Request, Response

from app.ground.parts import Parts

FOR_EVER = "public, max-age=31536000, immutable"
REVALIDATED = "no-cache"


def tag(*parts: bytes) -> str:
    """An ETag of these bytes. It is a weak one: the compressed and the plain answer share it."""
    return f'W/"{digest(parts)}"'


def is_known(request: Request, etag: str) -> bool:
    """Whether the client has the version of that ETag already; a `*` is whichever version there is.

    What a body asked for nobody keeps, so that nobody asks whether it still holds.
    """
    if request.method == "POST":
        return False
    known = [one.strip() for header in request.headers.getlist("if-none-match") for one in header.split(",")]
    return "*" in known or etag.removeprefix("W/") in (one.removeprefix("W/") for one in known)


def not_modified(etag: str, cache: str = REVALIDATED) -> Response:
    """The answer to a client that has it already."""
    return Response(status_code=304, headers={"ETag": etag, "Cache-Control": cache, "Vary": "Accept-Encoding"})


def tagged(request: Request, body: bytes, media_type: str = "application/json") -> Response:
    """An answer with its ETag; to a client that has it already, that alone."""
    etag = tag(body)
    if is_known(request, etag):
        return not_modified(etag)
    return Parts(body, headers=kept_by(request, etag), media_type=media_type)


def kept_by(request: Request, etag: str) -> dict[str, str]:
    """The headers of an answer that a client may keep under its address, if it was the address that asked for it."""
    return {"ETag": etag, "Cache-Control": REVALIDATED} if request.method != "POST" else {"Cache-Control": "no-store"}


def digest(parts: Iterable[bytes]) -> str:
    """A short name of these bytes, which no others have."""
    summed = hashlib.sha256()
    for part in parts:
        summed.update(len(part).to_bytes(8, "big"))
        summed.update(part)
    return summed.hexdigest()[:20]
