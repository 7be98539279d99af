"""What is refused, in one form everywhere: `{"setting": ..., "message": ...}`.

`setting` names what to change, where one thing can be named; the message is a sentence in the reader's language. What a
request carried never comes back in the answer.
"""

from html import escape
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from app.words import choose
from core import SettingError


class Problem(BaseModel):
    """What is wrong with a request. `setting` is null where it is no single setting or part of the address."""

    setting: str | None
    message: str


class RequestError(Exception):
    """A request that is not answered: the status, the part of it that is wrong, and a sentence with its values.

    >>> raise RequestError(404, "layer", "there is no such layer; there are {known}", known="conv2d")
    """

    def __init__(self, status: int, setting: str | None, template: str, /, **values: object) -> None:
        super().__init__(template)
        self.status, self.setting, self.template, self.values = status, setting, template, values


SENTENCES = {
    404: "there is nothing at this address",
    405: "this address can only be read (GET)",
    500: "something went wrong on the server; it has been written down",
}


def install(app: FastAPI) -> None:
    """Every error of the app, its framework's own included, is answered in the one form."""
    app.add_exception_handler(SettingError, _setting_error)
    app.add_exception_handler(RequestError, _refused)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(Exception, _unexpected)


def answer(request: Request, error: RequestError) -> Response:
    """The answer to a request that is refused: JSON, or a page for whoever reads pages."""
    words = choose(request)
    message = words(error.template, **error.values)
    headers = {"Cache-Control": "no-store", "Vary": "Accept, Accept-Language, Cookie"}
    if accepts_html(request):
        title = escape(f"{error.status} {HTTPStatus(error.status).phrase}")
        page = f'<!doctype html><html lang="{words.language}"><title>{title}</title><p>{escape(message)}</p></html>'
        return Response(page, error.status, headers, "text/html")
    body = orjson.dumps({"setting": error.setting, "message": message})
    return Response(body, error.status, headers, "application/json")


def accepts_html(request: Request) -> bool:
    """Whether an error is shown as a page: outside of the API, to a client that asks for HTML."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


async def _setting_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, SettingError)
    return answer(request, RequestError(422, error.setting, error.template, **error.values))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)
    return answer(request, error)


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    # The detail of somebody else's exception may quote the request; the status says enough.
    sentence = SENTENCES.get(error.status_code, HTTPStatus(error.status_code).phrase)
    response = answer(request, RequestError(error.status_code, None, sentence))
    response.headers.update(error.headers or {})  # such as Allow
    return response


async def _invalid(request: Request, _: Exception) -> Response:
    return answer(request, RequestError(422, None, "this request is not understood"))


async def _unexpected(request: Request, _: Exception) -> Response:
    # The exception goes on to the server, which logs it.
    return answer(request, RequestError(500, None, SENTENCES[500]))
