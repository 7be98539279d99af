"""The walks give what PyTorch gives, on 1,632 random settings with every corner in them.

PyTorch itself is not needed: its answers are in the fixtures (torch_answers.py made them).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np
import pytest

from tests.cases import each
from tests.oracle import KINDS, random_questions
from tests.oracle.activation import ACTIVATIONS
from tests.oracle.corners import CORNERS
from tests.torch_answers import FIXTURES, QUESTIONS, asked, read

if TYPE_CHECKING:
    from tests.oracle.question import Question
    from tests.torch_answers import Record

RECORDS = read()
FIRSTS = list({record.question.layer: record for record in reversed(RECORDS)}.values())
STRATA = [(layer, stratum) for layer, kind in KINDS.items() for stratum in kind.STRATA]
# Where a stratum says itself what its numbers or its activation are, it meets fewer combinations.
MEETINGS = {
    "conv2d": 2 * len(ACTIVATIONS),
    "activation": 2 * len(ACTIVATIONS),
    "linear": 2 * len(ACTIVATIONS),
    "max_pool2d": 4,
    "avg_pool2d": 8,
}


def of_layer(layer: str) -> list[Record]:
    return [record for record in RECORDS if record.question.layer == layer]


@pytest.mark.parametrize("layer", KINDS)
@pytest.mark.slow
def test_the_walk_equals_pytorch(layer: str) -> None:
    for question, checksum, answers in of_layer(layer):
        assert question.checksum() == checksum, f"not the numbers PyTorch was asked about: {question}"
        assert not question.disagreements(answers, question.walked()), f"{question}"


@pytest.mark.parametrize("record", FIRSTS, ids=str)
def test_a_cell_that_is_off_by_more_than_the_tolerance_is_a_disagreement(record: Record) -> None:
    question, _, answers = record
    good = question.expected(answers)
    assert question.disagreements(answers, good) == []
    for name in good:
        for wrong in (good[name] + 2e-10, good[name] * np.nan, good[name][..., None]):
            complaints = question.disagreements(answers, good | {name: wrong})
            assert len(complaints) == 1
            assert complaints[0].startswith(name)
    assert question.disagreements(answers, {}) == [f"{name} is missing" for name in good]


@pytest.mark.parametrize(
    ("layer", "compared"),
    [
        ("conv2d", "z y dz dx dw db w b dx_before"),
        ("conv_transpose2d", "y dx dw db"),
        ("max_pool2d", "y where dx"),
        ("avg_pool2d", "y dx"),
        ("global_max_pool2d", "y where dx"),
        ("global_avg_pool2d", "y dx"),
        ("activation", "y dz"),
        ("chain", "z a y where da dz dx dw db w b z_new a_new y_new where_new loss_start loss_end"),
        ("linear", "z y dz dx dw db w b"),
        ("softmax_cross_entropy", "p log_p y dz"),
        ("batch", "scores_first scores_second p_first p_second loss_mean dw db w b"),
        (
            "network",
            "z a y where flat scores p log_p dz da dy dflat dscores dx dw db dw_linear db_linear w b w_linear b_linear "
            "z_new a_new y_new flat_new scores_new p_new log_p_new loss_start loss_end",
        ),
        ("training", "y scores loss accuracy w b w_linear b_linear dw db dw_linear db_linear"),
    ],
)
def test_the_output_and_every_gradient_are_compared(layer: str, compared: str) -> None:
    names = {name for record in of_layer(layer) for name in record.question.expected(record.answers)}
    assert names == set(compared.split())


def test_the_weights_are_held_against_one_step_of_gradient_descent() -> None:
    question, _, answers = next(record for record in FIRSTS if record.question.layer == "network")
    given, expected = question.arrays(), question.expected(answers)
    for name in ("w", "b"):
        assert answers[f"d{name}"].any()
        assert np.array_equal(expected[name], given[name] - question.settings["learning_rate"] * answers[f"d{name}"])


def test_the_fixtures_hold_1632_questions_and_few_of_them_twice() -> None:
    assert len(RECORDS) == QUESTIONS == 1632
    differing = {(q.layer, checksum, str({**q.as_dict(), "name": "", "seed": 0})) for q, checksum, _ in RECORDS}
    assert len(differing) > 1540  # two pools of one whole number may well be the same
    assert {question.layer for question, _, _ in RECORDS} == KINDS.keys() == CORNERS.keys()


@each(("layer", "corner"), [(layer, corner) for layer in CORNERS for corner in CORNERS[layer]])
def test_the_fixture_holds_every_corner(layer: str, corner: str) -> None:
    assert any(CORNERS[layer][corner](question, answers) for question, _, answers in of_layer(layer))


@each(("layer", "stratum"), STRATA)
def test_every_stratum_meets_all_it_can(layer: str, stratum: str) -> None:
    met = {meeting(question) for question, _, _ in of_layer(layer) if question.stratum == stratum}
    narrowed = KINDS[layer].STRATA[stratum]
    expected = MEETINGS.get(layer, 2)
    for setting, choices in {"numbers": 2, "ceil": 2, "activation": len(ACTIVATIONS)}.items():
        expected //= choices if setting in narrowed else 1
    assert len(met) == expected


def meeting(question: Question) -> tuple[object, ...]:
    """What each stratum goes through in turn."""
    return question.numbers, *(question.settings.get(name) for name in ("activation", "ceil_mode", "count_include_pad"))


def test_a_question_does_not_depend_on_how_many_are_asked() -> None:
    few, many = list(islice(random_questions(7), 40)), list(islice(random_questions(7), 80))
    assert few == many[:40]
    assert few != list(islice(random_questions(8), 40))


def test_a_question_goes_through_json_unchanged() -> None:
    for question in islice(random_questions(9), 200):
        assert type(question).from_dict(question.as_dict()) == question


def test_the_fixture_is_what_the_script_would_ask_today() -> None:
    assert asked() == [question for question, _, _ in RECORDS], "run python -m tests.torch_answers"


def test_the_fixtures_are_at_most_a_megabyte_and_a_half() -> None:
    assert sum(path.stat().st_size for path in FIXTURES.iterdir()) <= 1_500_000
