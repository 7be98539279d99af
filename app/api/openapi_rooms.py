"""What the OpenAPI document tells of rooms for a class, on a server that has them."""

from typing import Annotated, Any, Literal

from fastapi import Path
from fastapi.sse import EventSourceResponse
from pydantic import BaseModel, ConfigDict

from app.api.openapi import LANGUAGE, REFUSALS
from app.ground import limits
from app.ground.errors import Problem
from app.ground.words import LANGUAGES
from app.room.codes import CODE
from app.room.fields import AXES, FARTHEST
from app.room.question import KINDS, OPTION, OPTIONS, TEXT, TRUTHS
from app.walks.arrays import WORDS
from core.catalog import LAYERS
from core.offer.limits import STEPS

# Not checked by the framework: a code that is none is a wrong one, and counts as any other.
Code = Annotated[
    str, Path(description="The code of a room: eight digits.", json_schema_extra={"pattern": f"^{CODE.pattern}$"})
]


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Bounds(_Exact):
    """The most rooms, students in a room, seconds of its life, and times that a teacher may say something a second."""

    rooms: int
    students: int
    seconds: int
    moments: int


class NewRoom(_Exact):
    """A room: what brings students in, what makes a teacher, and the seconds of its life."""

    code: str
    key: str
    seconds: int


class Seat(_Exact):
    """What makes a student of this room."""

    seat: str


class Presence(_Exact):
    """Who one is, and the seconds that the room has left."""

    role: Literal["teacher", "student", "nobody"]
    seconds: int


class Empty(_Exact):
    """It was heard, and there is nothing to tell."""


class QuestionNumber(_Exact):
    """The number of a question; null where it was taken away."""

    number: int | None


AnyAnswer = int | float | str | list[int]


class Group(_Exact):
    """An answer, and how many gave it."""

    answer: AnyAnswer
    count: int


class Answers(_Exact):
    """How a question stands. Without one, `question` and `state` are null."""

    question: int | None
    state: Literal["open", "shown", "told"] | None
    students: int
    count: int
    answers: list[Group]


class OwnAnswer(_Exact):
    """One's own answer, and the number of its question."""

    question: int | None
    answer: AnyAnswer | None


LessonName = Annotated[
    str, Path(description="A lesson; `/api/lessons` has all names.", examples=["stride_and_padding"])
]


class LessonDescribed(_Exact):
    """A lesson on offer: its title in each language, and how much there is of it."""

    name: str
    title: dict[str, str]
    items: int
    questions: int


class LessonsDescribed(_Exact):
    """Every lesson on offer."""

    lessons: list[LessonDescribed]


class Lesson(_Exact):
    """A lesson: the file that a teacher's page opens. docs/class.md says what stands in an item."""

    convwalk: Literal["lesson"]
    title: dict[str, str]
    items: list[dict[str, Any]]


ROOM_REFUSALS = {
    403: "It does not come from a page of this server, or one has no seat, or is not the teacher",
    404: "There is no such room, or not any more",
    409: "Not at this time: nothing is asked, or another question, or the answers are shown, or not yet",
    429: "There are as many rooms, students or followers as there may be, or too many words or wrong codes",
    503: "The Redis that keeps the rooms does not answer just now",
}
WRITTEN_REFUSALS = {
    413: f"The body is longer than {limits.ROOM_BYTES} bytes",
    415: "The body is not JSON by its own word, or compressed",
    422: "The body is refused: `setting` says which name of it",
}


def read(description: str, of: type[BaseModel]) -> dict[str, Any]:
    """How an address is read."""
    return _described({200: {"description": description, "model": of}}, REFUSALS | ROOM_REFUSALS, {})


def events() -> dict[str, Any]:
    """How the events are read."""
    seen = {
        "name": "Last-Event-ID",
        "in": "header",
        "schema": {"type": "string"},
        "description": "The id of the latest event that one has: what has changed since comes first.",
    }
    content = {EventSourceResponse.media_type: {"schema": {"type": "string"}}}
    first: dict[int, Any] = {200: {"description": "What is new, for as long as the room is there", "content": content}}
    return _described(first, REFUSALS | ROOM_REFUSALS, {"parameters": [seen, LANGUAGE]})


def written(description: str, of: type[BaseModel], body: dict[str, Any]) -> dict[str, Any]:
    """How an address is written to."""
    heard: dict[int, Any] = {200: {"description": description, "model": of}}
    content = {"application/json": {"schema": body}}
    described = f"At most {limits.ROOM_BYTES} bytes of JSON."
    extra = {"requestBody": {"description": described, "required": True, "content": content}}
    return _described(heard, REFUSALS | ROOM_REFUSALS | WRITTEN_REFUSALS, extra)


def _described(first: dict[int, Any], refusals: dict[int, str], extra: dict[str, Any]) -> dict[str, Any]:
    told = {status: {"description": text, "model": Problem} for status, text in sorted(refusals.items())}
    return {"responses": first | told, "openapi_extra": {"parameters": [LANGUAGE], **extra}}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": required}


def _whole(high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": high}


def _text(longest: int) -> dict[str, Any]:
    one = {"type": "string", "minLength": 1, "maxLength": longest, "pattern": r"\S"}
    by_language = {"type": "object", "additionalProperties": False, "minProperties": 1}
    return {"anyOf": [one, by_language | {"properties": dict.fromkeys(LANGUAGES, one)}]}


def _or_none(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}


_ARRAY = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]{0,39}$"}
_PLACE = {"type": "array", "items": _whole(FARTHEST), "minItems": 1, "maxItems": AXES}
_SPOT = _or_none(_object({"array": _ARRAY, "place": _PLACE}, ["array", "place"]))
_GIVEN = {"anyOf": [{"type": "number"}, {"enum": sorted(WORDS)}, _PLACE]}
_WALK = _object(
    {
        "layer": {"enum": list(LAYERS)},
        "algorithm": {"type": "string", "examples": ["walk"]},
        "query": {"type": "string", "examples": ["stride=2&padding=1", ""]},
    },
    ["layer", "algorithm", "query"],
)
_QUESTION = _object(
    {
        "kind": {"enum": list(KINDS)},
        "text": _or_none(_text(TEXT)),
        "options": _or_none(
            {"type": "array", "items": _text(OPTION), "minItems": OPTIONS[0], "maxItems": OPTIONS[1]},
        ),
        "array": _or_none(_ARRAY),
        "cell": _or_none(_PLACE),
        "step": _or_none(_whole(STEPS)),
    },
    ["kind"],
)

NOTHING = _object({}, [])
MOMENT = _object(
    {"walk": _WALK, "step": _whole(STEPS), "cell": _SPOT, "spotlight": _SPOT, "more": {"type": "object"}}, ["step"]
)
QUESTION = _object({"question": _or_none(_QUESTION)}, ["question"])
ANSWER = _object({"question": _whole(FARTHEST), "answer": _GIVEN}, ["question", "answer"])
TRUTH = _object(
    {"truth": {"type": "array", "items": _GIVEN, "minItems": 1, "maxItems": TRUTHS}},
    ["truth"],
)
