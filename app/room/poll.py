"""A question that is asked, and who has answered what: open, then shown, then told."""

from collections import Counter
from typing import Any

from app.ground import limits
from app.ground.errors import RequestError
from app.room import sentences
from app.room.question import Answer, Question


class Poll:
    """The answers to one question. Each student, known by what stands for their seat, has one, and may change it."""

    def __init__(self, number: int, question: Question) -> None:
        self.number, self.question = number, question
        self.state = "open"
        self._answers: dict[bytes, Answer] = {}
        self._times: Counter[bytes] = Counter()
        self._shown: list[dict[str, Any]] | None = None
        self._truth: list[Answer] | None = None

    @property
    def count(self) -> int:
        """How many have answered."""
        return len(self._answers)

    def answer(self, seat: bytes, said: Any) -> None:
        """A student answers, or changes the answer; a RequestError if it is too late, or no answer."""
        if self.state != "open":
            raise RequestError(409, "answer", sentences.SHOWN)
        answer = self.question.answer(said)
        if self._times[seat] >= limits.ANSWERS:
            raise RequestError(409, "answer", sentences.MANY_CHANGES, limit=limits.ANSWERS)
        self._times[seat] += 1
        self._answers[seat] = answer

    def of(self, seat: bytes) -> Answer | None:
        """The answer of one student."""
        return self._answers.get(seat)

    def forget(self, seat: bytes) -> None:
        """Nobody has that seat any more. What is shown stays as it is."""
        self._answers.pop(seat, None)
        self._times.pop(seat, None)

    def groups(self) -> list[dict[str, Any]]:
        """Each answer with how many gave it, the most frequent first."""
        if self._shown is not None:
            return self._shown
        return [{"answer": answer, "count": count} for answer, count in Counter(self._answers.values()).most_common()]

    def show(self) -> None:
        """From now on nobody changes an answer, and everybody sees them all."""
        if self.state == "open":
            self.state, self._shown = "shown", self.groups()

    def tell(self, truth: list[Answer]) -> None:
        """Say what is right."""
        if self.state == "open":
            raise RequestError(409, "truth", sentences.NOT_SHOWN)
        self.state, self._truth = "told", truth

    def as_dict(self) -> dict[str, Any]:
        """What everybody sees of it."""
        seen = {"number": self.number, "state": self.state, **self.question.as_dict()}
        return seen | {"answers": self._shown, "truth": self._truth}
