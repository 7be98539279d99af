"""How a refusal is told: as JSON to programs, as a small page to readers, in the language that is asked for."""

from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from app.ground.errors import SENTENCES, LeftError, RequestError
from app.ground.words import choose
from app.render.templates import rendered
from core import SettingError


def install(app: FastAPI) -> None:
    """Every error of the app, its framework's own included, is answered in the one form."""
    for kind in (SettingError, RequestError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, _answered)


def answer(request: Request, error: RequestError) -> Response:
    """The answer to a request that is refused: JSON, or a page for whoever reads pages."""
    words = choose(request)
    message = words(error.template, **error.values)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language, Cookie"} | error.headers
    if accepts_html(request):
        page = rendered("error.html", request, words, status=error.status, message=message)
        return Response(page, error.status, headers, "text/html")
    body = orjson.dumps({"setting": error.setting, "message": message})
    return Response(body, error.status, headers, "application/json")


def accepts_html(request: Request) -> bool:
    """Whether an error is shown as a page: outside of the API, to a client that asks for HTML."""
    path: str = request.scope["path"]  # request.url would read the Host header, which may be what is refused
    return not path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


async def _answered(request: Request, error: Exception) -> Response:
    match error:
        case LeftError():
            return Response(None, error.status)
        case RequestError():
            return answer(request, error)
        case SettingError():
            return answer(request, RequestError(422, error.setting, error.template, **error.values))
        case HTTPException():
            # The detail of somebody else's exception may quote the request; the status says enough.
            sentence = SENTENCES.get(error.status_code, HTTPStatus(error.status_code).phrase)
            return answer(request, RequestError(error.status_code, None, sentence))
        case RequestValidationError():
            return answer(request, RequestError(422, None, "this request is not understood"))
        case _:  # it goes on to the server, which logs it
            return answer(request, RequestError(500, None, SENTENCES[500]))
