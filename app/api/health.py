"""Whether this server is up, for whatever watches it: a load balancer, a container, a service manager."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse

from app import __version__

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> Response:
    """`{"status": "ok", "version": "…"}`. It is answered on the event loop: threads may all be busy with walks."""
    return JSONResponse({"status": "ok", "version": __version__}, headers={"Cache-Control": "no-store"})
