"""Rooms for a class, over HTTP: `docs/http.md` says what each address hears and answers.

Who may do what is asked once for each, before anything of a body is read.
"""

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response

from app.api import openapi_rooms as openapi
from app.api.events import Events
from app.gate.bodies import body_of
from app.gate.rooms import HOME, KEY, SEAT, tokens_of
from app.ground import limits
from app.ground.errors import RequestError
from app.room import fields, sentences
from app.room.codes import CODE
from app.room.hub import Role
from app.room.moment import Moment
from app.room.question import Question
from app.room.rooms import Rooms
from app.walks.shares import client_of

router = APIRouter(prefix=HOME, default_response_class=Response)


@router.get("", **openapi.read("The bounds of rooms", openapi.Bounds))
async def bounds() -> Response:
    """Whether there are rooms on this server, and how many; how many students each has, its life, and what a teacher
    may say in a second."""
    return _told({
        "rooms": limits.ROOMS,
        "students": limits.ROOM_STUDENTS,
        "seconds": limits.ROOM_SECONDS,
        "moments": limits.TEACHER_WORDS,
    })  # fmt: skip


@router.post("", **openapi.written("The code of a new room, and its key", openapi.NewRoom, openapi.NOTHING))
async def open_room(request: Request) -> Response:
    """Open a room. Its key is told this once, and set as a cookie."""
    rooms, client = _rooms(request)
    _read_nothing(request)
    opened = await rooms.hub.open(client)
    told = _told({"code": opened.code, "key": opened.key, "seconds": opened.seconds})
    _remember(told, request, KEY, opened.key, opened.code, opened.seconds)
    return told


@router.get("/{code}", **openapi.read("Who one is in this room", openapi.Presence))
async def presence(request: Request, code: openapi.Code) -> Response:
    """Who one is in this room, and for how many seconds it is still there."""
    rooms, role, _ = await _entering(request, code)
    return _told({"role": role, "seconds": await rooms.hub.seconds(code)})


@router.post("/{code}/join", **openapi.written("A seat", openapi.Seat, openapi.NOTHING))
async def join(request: Request, code: openapi.Code) -> Response:
    """Take a seat. Whoever has one gets it again; nobody asks for a name."""
    rooms, client = _rooms(request)
    _read_nothing(request)
    seat = tokens_of(request.scope).seat
    if (await rooms.role(client, code, seat))[0] != Role.STUDENT:
        seat = await rooms.hub.join(code)
    told = _told({"seat": seat})
    _remember(told, request, SEAT, seat, code, await rooms.hub.seconds(code))
    return told


@router.get("/{code}/events", **openapi.events())
async def events(request: Request, code: openapi.Code) -> Response:
    """What happens in the room, for as long as it is there: what is new, as `data` by name."""
    rooms, role, token = await _entering(request, code)
    if role == Role.NOBODY:
        raise RequestError(403, None, sentences.NO_SEAT)
    return Events(request, rooms, code, token)


@router.post("/{code}/moment", **openapi.written("It is heard", openapi.Empty, openapi.MOMENT))
async def moment(request: Request, code: openapi.Code) -> Response:
    """Teacher: where the class is."""
    rooms = await _teaching(request, code)
    await rooms.hub.move(code, Moment.read(_body(request)))
    return _told({})


@router.post(
    "/{code}/question", **openapi.written("The number of the question", openapi.QuestionNumber, openapi.QUESTION)
)
async def ask(request: Request, code: openapi.Code) -> Response:
    """Teacher: ask a question, in place of the one before; null takes it away."""
    rooms = await _teaching(request, code)
    return _told({"number": await rooms.hub.ask(code, Question.read(_body(request)))})


@router.get("/{code}/answers", **openapi.read("The answers so far", openapi.Answers))
async def answers(request: Request, code: openapi.Code) -> Response:
    """Teacher: the answers so far, grouped by value."""
    rooms = await _teaching(request, code)
    tally = await rooms.hub.tally(code)
    return _told({
        "question": tally.question,
        "state": tally.state,
        "students": tally.students,
        "count": tally.count,
        "answers": tally.answers,
    })  # fmt: skip


@router.post("/{code}/show", **openapi.written("They are shown", openapi.Empty, openapi.NOTHING))
async def show(request: Request, code: openapi.Code) -> Response:
    """Teacher: show the answers to all; nobody changes theirs any more."""
    rooms = await _teaching(request, code)
    _read_nothing(request)
    await rooms.hub.show(code)
    return _told({})


@router.post("/{code}/truth", **openapi.written("It is told", openapi.Empty, openapi.TRUTH))
async def tell(request: Request, code: openapi.Code) -> Response:
    """Teacher: what is right, once the answers are shown."""
    rooms = await _teaching(request, code)
    question = await rooms.hub.question(code)
    await rooms.hub.tell(code, question.truth(_body(request)))
    return _told({})


@router.get("/{code}/answer", **openapi.read("One's own answer", openapi.OwnAnswer))
async def answer_of(request: Request, code: openapi.Code) -> Response:
    """Student: one's own answer, and to which question."""
    rooms, seat = await _sitting(request, code)
    number, answer = await rooms.hub.answer_of(code, seat) or (None, None)
    return _told({"question": number, "answer": answer})


@router.post("/{code}/answer", **openapi.written("It is heard", openapi.Empty, openapi.ANSWER))
async def answer(request: Request, code: openapi.Code) -> Response:
    """Student: answer, or change the answer."""
    rooms, seat = await _sitting(request, code)
    said = fields.read(_body(request), ["question", "answer"])
    number = fields.whole("question", said.get("question"), fields.FARTHEST)
    await rooms.hub.answer(code, seat, number, said.get("answer"))
    return _told({})


@router.post("/{code}/end", **openapi.written("The room is over", openapi.Empty, openapi.NOTHING))
async def end(request: Request, code: openapi.Code) -> Response:
    """Teacher: end the room. Nothing of it is left."""
    rooms = await _teaching(request, code)
    _read_nothing(request)
    await rooms.hub.end(code)
    return _told({})


def _rooms(request: Request) -> tuple[Rooms, str]:
    """The rooms of the server, and the client, which has said something if it was a POST."""
    rooms: Rooms = request.app.state.rooms
    client = client_of(request.scope)
    if request.method == "POST":
        rooms.hear(client)
    return rooms, client


async def _entering(request: Request, code: str) -> tuple[Rooms, Role, str]:
    """Who one is, and by which token. A browser that has a key and a seat is the teacher's."""
    rooms, client = _rooms(request)
    tokens = tokens_of(request.scope)
    return rooms, *await rooms.role(client, code, tokens.key, tokens.seat)


async def _teaching(request: Request, code: str) -> Rooms:
    rooms, client = _rooms(request)
    await rooms.teach(client, code, tokens_of(request.scope).key)
    return rooms


async def _sitting(request: Request, code: str) -> tuple[Rooms, str]:
    rooms, client = _rooms(request)
    seat = tokens_of(request.scope).seat
    await rooms.sit(client, code, seat)
    return rooms, seat


def _body(request: Request) -> bytes:
    body = body_of(request)
    return body.take() if body else b""


def _read_nothing(request: Request) -> None:
    """A body that has nothing to say."""
    fields.read(_body(request), [])


def _told(said: dict[str, Any]) -> Response:
    return Response(orjson.dumps(said), headers={"Cache-Control": "no-store"}, media_type="application/json")


def _remember(response: Response, request: Request, name: str, token: str, code: str, seconds: int) -> None:
    """Have a browser send a token to this room alone, where no script reads it."""
    assert CODE.fullmatch(code)
    is_secure = request.url.scheme == "https"
    path = f"{HOME}/{code}"
    response.set_cookie(name, token, seconds, path=path, secure=is_secure, httponly=True, samesite="strict")
