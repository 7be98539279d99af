"""What is asked in a room, and what may be answered."""

import math
from dataclasses import asdict, dataclass
from typing import Any

from app.ground.errors import RequestError
from app.room import fields, sentences
from app.walks.arrays import WORDS
from core.offer.limits import STEPS

Text = str | dict[str, str]
Answer = int | float | str | tuple[int, ...]

TEXT = 500  # characters of a question
OPTION = 100  # characters of an option
OPTIONS = (2, 5)
TRUTHS = 200  # right answers: a window of 11×11 has so many cells
NAMES = ("kind", "text", "options", "array", "cell", "step")

# What a question of each kind must say, and what it may not.
KINDS = {
    "value": ({"array", "cell", "step"}, {"options"}),
    "place": ({"array", "step"}, {"options", "cell"}),
    "choice": ({"options"}, set()),
    "free": ({"text", "options"}, set()),
}


@dataclass(frozen=True)
class Question:
    """A question as its teacher has put it.

    >>> Question.of({"kind": "value", "array": "z", "cell": [0, 1, 2], "step": 41}).answer(3.0)
    3
    """

    kind: str
    text: Text | None
    options: list[Text] | None
    array: str | None
    cell: list[int] | None
    step: int | None

    @classmethod
    def read(cls, body: bytes) -> "Question | None":
        """Read a body; None takes the question away."""
        said = fields.read(body, ["question"])
        if "question" not in said:
            raise RequestError(422, None, sentences.NO_OBJECT, names="question")
        return None if said["question"] is None else cls.of(said["question"])

    @classmethod
    def of(cls, said: Any) -> "Question":
        """From JSON; a RequestError says what is wrong with it."""
        if type(said) is not dict or not said.keys() <= set(NAMES):
            raise RequestError(422, None, sentences.NO_OBJECT, names=", ".join(NAMES))
        kind = said.get("kind")
        if type(kind) is not str or kind not in KINDS:
            raise RequestError(422, "kind", sentences.KIND, setting="kind", choices=", ".join(KINDS))
        given = {name: one for name, one in said.items() if one is not None}
        needed, needless = KINDS[kind]
        for name in NAMES:
            if name in needed and name not in given:
                raise RequestError(422, name, sentences.NEEDED, setting=name)
            if name in needless and name in given:
                raise RequestError(422, name, sentences.NEEDLESS, setting=name)
        return cls(
            kind,
            fields.text("text", given["text"], TEXT) if "text" in given else None,
            _options(given["options"]) if "options" in given else None,
            fields.array("array", given["array"]) if "array" in given else None,
            fields.place("cell", given["cell"]) if "cell" in given else None,
            fields.whole("step", given["step"], STEPS) if "step" in given else None,
        )

    def answer(self, said: Any, name: str = "answer") -> Answer:
        """An answer to it, so that equal ones are the same; a RequestError if it is none."""
        match self.kind:
            case "value":
                return _number(name, said)
            case "place":
                return tuple(fields.place(name, said))
            case _:
                return fields.whole(name, said, len(self.options or ()) - 1)

    def truth(self, body: bytes) -> list[Answer]:
        """The right answers that a body says."""
        said = fields.read(body, ["truth"]).get("truth")
        if type(said) is not list or not 1 <= len(said) <= TRUTHS:
            raise RequestError(422, "truth", sentences.TRUTHS, setting="truth", limit=TRUTHS)
        return [self.answer(one, "truth") for one in said]

    def as_dict(self) -> dict[str, Any]:
        """All that was asked."""
        return asdict(self)


def _options(said: Any) -> list[Text]:
    low, high = OPTIONS
    if type(said) is not list or not low <= len(said) <= high:
        raise RequestError(422, "options", sentences.OPTIONS, setting="options", low=low, high=high)
    return [fields.text("options", one, OPTION) for one in said]


def _number(name: str, said: Any) -> int | float | str:
    """A number: 3.0 is 3, and −0 is 0."""
    if type(said) is str and said in WORDS:
        return said
    if type(said) not in (int, float) or not math.isfinite(said):
        raise RequestError(422, name, sentences.NUMBER, setting=name)
    number = float(said)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number
