"""What people paste, read in Node: a table of texts for each kind of source, and properties over what really prints."""

import contextlib
import json
import random
import re
import time
from typing import Any

import numpy as np
import pytest

from app.ground.words import LANGUAGES
from tests.conftest import ROOT
from tests.node import node

PASTED = json.loads((ROOT / "tests" / "fixtures" / "pasted.json").read_text(encoding="utf-8"))
KINDS = [kind for kind in PASTED if kind not in ("about", "refused")]


def read(*texts: str) -> list[dict[str, Any]]:
    return list(node("read", texts=[[text] for text in texts]))


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_printed_and_written_is_read_as_it_was_meant(kind: str):
    table = PASTED[kind]
    assert len(table) >= 20
    wrong = []
    for (text, right), said in zip(table, read(*(text for text, _ in table)), strict=True):
        meant = np.array(right, float)
        if said != {"shape": list(meant.shape), "cells": meant.ravel().tolist()}:
            wrong.append(f"{text!r}: {said}, not {right}")
    assert not wrong, "\n".join(wrong)


def test_what_can_mean_two_things_or_none_is_refused_with_its_reason():
    table = PASTED["refused"]
    wrong = []
    for (text, reason, values), said in zip(table, read(*(text for text, *_ in table)), strict=True):
        if said.get("reason") != reason or not values.items() <= said["values"].items():
            wrong.append(f"{text!r}: {said}, not {reason} {values}")
    assert not wrong, "\n".join(wrong)


def test_a_long_whole_number_is_read_digit_by_digit_and_as_javascript_prints_it():
    for value in (2.0**63, 1e20, 12345678901234567890.0):
        (said,) = read(f"{value:.0f}")
        assert [float(cell) for cell in said["cells"]] == [value]
    (said,) = read("12345678901234567000")
    assert [float(cell) for cell in said["cells"]] == [12345678901234567000.0]


OFFERED: list[tuple[str, list[Any]]] = [
    ("1 000 2 000", [[[1000, 2000]]]),
    ("1 000\n2 000", [[[1000], [2000]]]),
    ("1 000,5\n2 000,5", [[[1000.5], [2000.5]]]),
    ("12 000 1 050", [[[12000, 1050]]]),
    ("1 050.25 2 100.75", [[[1050.25, 2100.75]], [[1050.25, 2, 100.75]]]),
    ("1 000\u00a02", [[[1000, 2]]]),
]


def test_what_is_not_read_at_once_is_offered_in_each_way_that_it_can_be_meant():
    said = node("offered", texts=[text for text, _ in OFFERED])
    for (text, right), each in zip(OFFERED, said, strict=True):
        meant = [np.array(one, float) for one in right]
        assert each == [{"shape": list(one.shape), "cells": one.ravel().tolist()} for one in meant], text


def test_a_text_with_more_numbers_than_any_array_is_refused_at_once_and_none_that_may_have_fewer():
    row = ",".join(str(RNG.integers(0, 256)) for _ in range(64))
    large = ["1.5,2.25\n" * 160_000, "1\t2\n" * 200_000, json.dumps([[1, 2]] * 100_000), "0 1;" * 100_000]
    began = time.perf_counter()
    assert {said.get("reason") for said in read(*large)} == {"many"}
    assert time.perf_counter() - began < 2
    whole = [
        f"{row}\n" * 1024,
        "1,5;2,5\n" * 32_768,
        "1,234,567.5;2,345,678\n" * 32_768,
        "1.25e-05 -1.5e+10\n" * 32_768,
    ]
    assert [np.prod(said["shape"]) for said in read(*whole)] == [65_536] * 4


def test_every_reason_for_a_refusal_has_a_sentence():
    static = ROOT / "static"
    reasons = re.findall(r'"(\w+)"', (static / "paste/unreadable.js").read_text(encoding="utf-8").split("Reason */")[0])
    assert len(reasons) > 15
    assert {reason for _, reason, _ in PASTED["refused"]} <= set(reasons)
    for language in LANGUAGES:
        words = json.loads((static / "i18n" / f"{language}.json").read_text(encoding="utf-8"))
        for reason in reasons:
            assert words[f"editor.{reason}"], f"{reason} in {language}"


# --- what really prints -----------------------------------------------------------------------------------------------

RNG = np.random.default_rng(12)
SHAPES = [
    (1,),
    (7,),
    (12,),
    (16,),
    (24,),
    (30,),
    (36,),
    (100,),
    (3, 4),
    (2, 30),
    (2, 3, 4),
    (1, 1, 1),
    (2, 3, 2, 2),
    (2, 1, 1, 40),
]
SCALES = {
    "whole": lambda shape: RNG.integers(-99, 100, shape).astype(float),
    "decimals": lambda shape: RNG.normal(size=shape).round(3),
    "full": lambda shape: RNG.normal(size=shape),
    "tiny": lambda shape: RNG.normal(size=shape) * 1e-9,
    "huge": lambda shape: RNG.normal(size=shape) * 1e9,
    "mixed": lambda shape: RNG.normal(size=shape) * 10.0 ** RNG.integers(-12, 12, shape),
    "singles": lambda shape: RNG.normal(size=shape).astype(np.float32),
    "integers": lambda shape: RNG.integers(-300, 300, shape),
}


def digits(text: str) -> list[float]:
    """The numbers that stand in a print of NumPy, as Python reads them."""
    bare = re.sub(r"dtype=\w+|shape=\([\d, ]*\)|(float|int)\d+", "", text)
    return [float(word) for word in re.findall(r"[-+]?\d+\.?\d*(?:e[-+]?\d+)?", bare)]


@pytest.mark.parametrize("floatmode", ["unique", "maxprec", "fixed"])
def test_what_numpy_python_and_json_print_is_read_digit_by_digit(floatmode: Any):
    texts, shapes = [], []
    for make in SCALES.values():
        for shape in SHAPES:
            values = make(shape)
            with np.printoptions(threshold=100_000, floatmode=floatmode, precision=4 if floatmode != "unique" else 8):
                printed = [str(values), repr(values), f"x = np.{values!r}", f">>> x\n{values!r}\n"]
            printed += [
                str(list(values.ravel())) if values.ndim == 1 else str(values.tolist()),
                json.dumps(values.tolist()),
            ]
            texts += printed
            shapes += [shape] * len(printed)
    for text, shape, said in zip(texts, shapes, read(*texts), strict=True):
        assert said == {"shape": list(shape), "cells": [cell + 0.0 for cell in digits(text)]}, text


def test_the_text_of_an_array_and_what_fortran_and_spreadsheets_make_of_it_are_read_alike():
    arrays = [make(shape).astype(float) for make in SCALES.values() for shape in [(3, 4), (2, 3, 4), (2, 3, 2, 2)]]
    written = node("written", matrices=[{"shape": a.shape, "cells": a.ravel().tolist()} for a in arrays])
    texts, cells = [], []
    for array, each in zip(arrays, written, strict=True):
        rows = array.reshape(-1, array.shape[-1])
        fortran = "\n".join(" ".join(f"{cell:.17e}".replace("e", "D") for cell in row) for row in rows)
        english = "\n".join("\t".join(f"{cell:,.30f}" for cell in row) for row in rows)
        german = english.translate(str.maketrans(",.", ".,"))
        french = english.translate(str.maketrans({",": "\u202f", ".": ","}))
        swiss = english.replace(",", "’")
        texts += [each["lines"], fortran, english, german, french, swiss]
        cells += [array.ravel().tolist()] * 2 + [[float(f"{cell:.30f}") for cell in array.ravel()]] * 4
    for text, right, said in zip(texts, cells, read(*texts), strict=True):
        assert said.get("cells") == [cell + 0.0 for cell in right], f"{text}: {said}"


NAN, INF = float("nan"), float("inf")
UNENDING: list[tuple[str, Any]] = [
    ("nan inf\n-inf +nan", [[NAN, INF], [-INF, NAN]]),
    ("NaN,Infinity\n-Infinity,1.5", [[NAN, INF], [-INF, 1.5]]),
    ("1,5;NaN\n-Inf;2", [[1.5, NAN], [-INF, 2]]),
    ("nan\t1\n2\tinf", [[NAN, 1], [2, INF]]),
    ("array([[np.nan, -np.inf],\n       [1., float('inf')]])", [[NAN, -INF], [1, INF]]),
    ("tensor([[nan, 1.0000],\n        [-inf, inf]])", [[NAN, 1], [-INF, INF]]),
    ("[[torch.nan, math.inf]]", [[NAN, INF]]),
    ('[["NaN", "Infinity"], [1, "-Infinity"]]', [[NAN, INF], [1, -INF]]),
    ("[[NaN, Infinity], [1, -Infinity]]", [[NAN, INF], [1, -INF]]),
    ("[NaN Inf; -Inf 2]", [[NAN, INF], [-INF, 2]]),
    ("   1.0e+03 *\n\n   1.5000      NaN\n     -Inf   2.0000\n", [[1500, NAN], [-INF, 2000]]),
    ("[np.float64(nan), np.float64(1.0)]", [NAN, 1]),
]


def test_where_nan_is_taken_it_is_read_in_every_way_that_it_is_printed():
    for (text, right), said in zip(UNENDING, node("readAny", texts=[text for text, _ in UNENDING]), strict=True):
        meant = np.array(right, float)
        assert said.get("shape") == list(meant.shape), f"{text!r}: {said}"
        np.testing.assert_array_equal([float(cell) for cell in said["cells"]], meant.ravel(), err_msg=text)
    for (text, _), said in zip(UNENDING, read(*(text for text, _ in UNENDING)), strict=True):
        assert said["reason"] == "word", f"{text!r}: {said}"  # an array that a layer takes has numbers alone


def test_what_numpy_prints_with_nan_in_it_is_read_as_it_was():
    arrays = []
    for make in (*SCALES.values(), lambda shape: RNG.integers(0, 10, shape)):  # -inf is wider than 9.
        for shape in [(7,), (28,), (100,), (2, 28), (2, 3, 40)]:
            array = make(shape).astype(float)
            array.ravel()[1::5], array.ravel()[2::7] = np.nan, -np.inf
            arrays.append(array)
    with np.printoptions(threshold=100_000, floatmode="unique"):
        texts = [text for array in arrays for text in (str(array), repr(array), str(array.tolist()))]
    for at, said in enumerate(node("readAny", texts=texts)):
        array = arrays[at // 3]
        assert said.get("shape") == list(array.shape), f"{texts[at]}: {said}"
        np.testing.assert_array_equal([float(cell) for cell in said["cells"]], array.ravel(), err_msg=texts[at])


SIGNS = [*"01259.,;-+e[](){}#%'\":*/=xD ", *"\t\n\n  "]
WORDS = ["1.5", "-3", "0,5", "1,234", "12", "...", "nan", "–", "，", "\u00a0", "\u200b", " [1, 2] ", "np.array(", "c("]
MARKS = ["float32(", "\\\\", "&", ">>> ", "1e999", "1_0", ", ", "# "]


def stand_for(text: str) -> set[float]:
    """Every number that some whole word of a text can stand for, in whatever country."""
    plain = text.replace("–", "-").replace("，", ", ")
    found = set()
    for start in (match.start() for match in re.finditer(r"(?<![\d.\w])[-+]?[\d.,]", plain)):
        whole = re.match(r"[-+\d.,'_eEdD\u00a0 ]*", plain[start:])
        assert whole
        for end in range(start + 1, start + whole.end() + 1):
            after = plain[end : end + 1]
            if (after.isalnum() and after not in "fdLDF") or after == "_":
                continue
            word = plain[start:end]
            for other in (word, word.replace(",", ""), word.replace(".", "").replace(",", ".")):
                with contextlib.suppress(ValueError):
                    found.add(float(re.sub("[Dd]", "e", re.sub("['\u00a0 ]", "", other)).strip(",")) + 0.0)
    return found


def test_no_text_yields_a_number_that_does_not_stand_in_it_and_each_other_is_refused_in_words():
    chance = random.Random(7)
    texts = ["".join(chance.choices(SIGNS + WORDS + MARKS, k=chance.randrange(1, 14))) for _ in range(12_000)]
    texts += ["".join(chance.choices([*SIGNS[:14], " ", " ", "\n"], k=chance.randrange(3, 12))) for _ in range(12_000)]
    said = read(*texts)
    arrays = [(text, each["cells"]) for text, each in zip(texts, said, strict=True) if "cells" in each]
    assert len(arrays) > 900
    for text, each in zip(texts, said, strict=True):
        assert each.get("reason") or each.get("cells"), f"{text!r}: {each}"
    for text, cells in arrays:
        assert set(cells) <= stand_for(text), f"{text!r}: {cells}"
