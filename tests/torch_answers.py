"""PyTorch's answers to 1,632 random questions, kept so that nobody needs PyTorch to run the tests.

`python -m tests.torch_answers` writes them again; that takes torch==2.13.0 and numpy. There is a fixture for each
layer. It is JSON, one question a line, so that `zcat` and `diff` can read it; the inputs are not in it
(oracle/__init__.py says why). Floats are written in full: they are PyTorch's to the last bit.
"""

from __future__ import annotations

import gzip
import json
import warnings
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tests.oracle import KINDS, ROUND, random_questions

if TYPE_CHECKING:
    from tests.oracle.question import Arrays, Question

FIXTURES = Path(__file__).parent / "fixtures"
QUESTIONS = 48 * ROUND
SEED = 5


class Record(NamedTuple):
    """A question, the checksum its inputs had, and PyTorch's answers."""

    question: Question
    checksum: int
    answers: Arrays

    def __str__(self) -> str:
        return f"{self.question.layer} {self.question.name}"


def read() -> list[Record]:
    """All that PyTorch was asked, layer after layer."""
    return [record for layer in KINDS for record in _read(layer)]


def fixture(layer: str) -> Path:
    return FIXTURES / f"torch_{layer}.json.gz"


def asked() -> list[Question]:
    """What the script asks, layer after layer."""
    drawn = list(islice(random_questions(SEED), QUESTIONS))
    return [question for layer in KINDS for question in drawn if question.layer == layer]


def write() -> None:
    """Ask PyTorch, and keep what it says."""
    import torch

    warnings.filterwarnings("ignore", "Using padding='same'")  # torch tells that it makes a copy
    FIXTURES.mkdir(exist_ok=True)
    for layer in KINDS:
        questions = [question for question in asked() if question.layer == layer]
        lines = [json.dumps(_record(question), separators=(",", ":")) for question in questions]
        head = f'{{"torch": "{torch.__version__}", "seed": {SEED}, "questions": [\n'
        text = head + ",\n".join(lines) + "\n]}\n"
        # no time in the file: the same answers are the same bytes
        fixture(layer).write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
        print(f"{len(questions):4} questions, {fixture(layer).stat().st_size:7,} bytes: {fixture(layer).name}")


def _read(layer: str) -> list[Record]:
    records = json.loads(gzip.decompress(fixture(layer).read_bytes()))["questions"]
    return [Record(KINDS[layer].from_dict(r["question"]), r["checksum"], _arrays(r["answers"])) for r in records]


def _record(question: Question) -> dict[str, Any]:
    return {
        "question": question.as_dict(),
        "checksum": question.checksum(),
        "answers": {name: _plain(array) for name, array in question.answers().items()},
    }


def _arrays(lists: dict[str, list[Any]]) -> Arrays:
    return {name: np.array(nested, dtype=float) for name, nested in lists.items()}


def _plain(array: np.ndarray) -> list[Any]:
    """Nested lists; 3 instead of 3.0, which reads the same and is shorter."""
    whole = array.astype(int)
    return (whole if np.array_equal(whole, array) else array).tolist()


if __name__ == "__main__":
    write()
