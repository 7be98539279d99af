"""The lessons that come with the project: each item stands in a walk, each question has its answer in the run, and not
yet on the screen. And what a teacher's page takes for a lesson, and what it refuses."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl

import numpy as np
import orjson
import pytest
from fastapi.testclient import TestClient

import core
from app.ground.words import LANGUAGES, Words
from app.main import create_app
from app.room.moment import Moment
from app.room.question import Question
from app.walks.query import names_of
from core.catalog import LAYERS
from core.lessons.lessons import lessons
from core.recording.trace import Trace, cells
from tests.node import node

ITEMS = [
    pytest.param(item, id=f"{name} {number}")
    for name, lesson in lessons().items()
    for number, item in enumerate(lesson["items"], 1)
]
LAYERS_TOLD = [
    {"name": layer.name, "title": "", "algorithms": list(layer.algorithms), "settings": names_of(layer)}
    for layer in LAYERS.values()
]


def trace_of(item: dict[str, Any]) -> Trace:
    walk = item["walk"]
    query = dict(parse_qsl(walk["query"]))
    arrays = {name: json.loads(query.pop(name)) for name in LAYERS[walk["layer"]].axes if name in query}
    return core.record(walk["layer"], walk["algorithm"], arrays=arrays, **query)


def texts_of(item: dict[str, Any]) -> list[Any]:
    question = item.get("question", {})
    return [item["note"], *([question["text"]] if "text" in question else []), *question.get("options", [])]


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_stands_in_a_walk_and_a_room_takes_it(item: dict[str, Any]):
    trace = trace_of(item)
    assert 0 < item["step"] <= len(trace.steps)
    where = {"walk": item["walk"], "step": item["step"], "cell": item.get("cell")}
    assert Moment.read(orjson.dumps(where)).at["step"] == item["step"]
    if cell := item.get("cell"):
        assert trace.start[cell["array"]][tuple(cell["place"])].ndim == 0


@pytest.mark.parametrize("item", ITEMS)
def test_an_item_says_everything_in_every_language(item: dict[str, Any]):
    for text in texts_of(item):
        if isinstance(text, str):
            assert not re.search(r"[A-Za-z\u4e00-\u9fff]", text), "numbers alone need no language"
            continue
        assert list(text) == list(LANGUAGES)
        for language, said in text.items():
            assert bool(re.search(r"[\u4e00-\u9fff]", said)) == (language == "zh"), said
        numbers = [set(re.findall(r"\d+", said)) for said in text.values()]
        assert text is item["note"] or numbers[0] == numbers[1], text


@pytest.mark.parametrize("item", [one for one in ITEMS if "question" in one.values[0]])
def test_a_question_has_its_answer_in_the_run_and_not_yet_on_the_screen(item: dict[str, Any]):
    question, step = item["question"], item["step"]
    asked = {name: one for name, one in question.items() if name != "right"} | {"step": step}
    Question.of(asked)
    if "options" in question:
        right = question["right"]
        assert len(right) == 1
        assert 0 <= right[0] < len(question["options"])
        assert len({json.dumps(one) for one in question["options"]}) == len(question["options"])
        return
    trace, array = trace_of(item), question["array"]
    (found,) = node("nextWrites", **trace.as_dict(), asked=[[array, step, question.get("cell")]])
    assert found, "the walk never comes to it"
    place = tuple(found["place"])
    writes = [
        access
        for one in trace.steps[step : found["stop"]]
        for access in one.accesses
        if access.array == array and access.values is not None
    ]
    if question["kind"] == "place":
        assert [np.zeros(trace.start[array].shape)[cells(access.box)].size for access in writes] == [1]
    else:
        # What a class is asked for is another number than the one that stands there.
        before, after = trace.snapshot(step)[array][place], trace.snapshot(found["stop"])[array][place]
        assert after != before or not any(
            access.array == array for one in trace.steps[:step] for access in one.accesses
        )
        assert after == float(f"{after:.0f}"), "a number that is worked out by head"


def unread(item: dict[str, Any]) -> np.ndarray:
    """Which cells of the padded input the chapter of an item never reads: the page strikes them through."""
    trace = trace_of(item)
    chapter = next(each for each in trace.chapters if each.first < item["step"] <= each.stop)
    mask = np.ones_like(trace.start["x_padded"], dtype=bool)
    for step in trace.steps[chapter.first : chapter.stop]:
        for access in step.accesses:
            if access.array == "x_padded":
                mask[cells(access.box)] = False
    return mask


def test_a_class_is_asked_which_cells_are_left_over_before_they_are_struck_through():
    items = lessons()["stride_and_padding"]["items"]
    (at,) = (at for at, item in enumerate(items) if "ever read" in str(item.get("question")))
    assert not unread(items[at]).any()
    left = np.ones((1, 6, 6), dtype=bool)
    left[:, :-1, :-1] = False
    assert (unread(items[at + 1]) == left).all()  # the last row and column, which is the right answer
    assert items[at]["question"]["options"][items[at]["question"]["right"][0]]["en"] == "the last row and column"


def test_what_a_class_has_been_told_in_words_is_on_the_stage_of_the_next_item():
    items = lessons()["stride_and_padding"]["items"]
    (at,) = (at for at, item in enumerate(items) if "columns 3–5" in str(item.get("question")))
    assert items[at]["question"]["options"][items[at]["question"]["right"][0]]["en"] == "columns 2–4"
    (box,) = (
        access.box
        for access in trace_of(items[at + 1]).steps[items[at + 1]["step"] - 1].accesses
        if access.array == "x_padded"
    )
    assert box[-1] == (2, 5, 1)
    pool, symmetric = lessons()["max_pool_back"]["items"], lessons()["the_turned_kernel"]["items"][-2:]
    (at,) = (at for at, item in enumerate(pool) if "5.5" in str(item.get("question")))
    before, after = (trace_of(item).snapshot(item["step"])["y"] for item in pool[at : at + 2])
    assert trace_of(pool[at + 1]).start["x"][0, 1, 0] == 5.5
    assert (before == after).all()
    question = symmetric[0]["question"]
    kernel = question["options"][question["right"][0]]
    last = trace_of(symmetric[1])
    assert last.start["w"][0, 0].tolist() == [[int(one) for one in row.split()] for row in kernel.split("\n")]
    assert "is wrong in none of" in last.steps[symmetric[1]["step"] - 1].caption


def test_the_lessons_are_as_long_as_ten_minutes_and_ask_more_than_half_of_the_time():
    assert len(lessons()) == 3
    for lesson in lessons().values():
        assert 8 <= len(lesson["items"]) <= 13
        assert sum("question" in item for item in lesson["items"]) * 2 > len(lesson["items"])
        assert list(lesson["title"]) == list(LANGUAGES)


def test_the_page_of_a_teacher_takes_each_and_a_link_holds_it():
    texts = [json.dumps(lesson, ensure_ascii=False, separators=(",", ":")) for lesson in lessons().values()]
    for text, read in zip(texts, node("lessons", texts=texts, layers=LAYERS_TOLD), strict=True):
        assert json.loads(read["written"]) == json.loads(text)
        assert node("link", text=text)["text"] == text


def test_lessons_are_served_where_there_are_rooms_and_nowhere_else():
    with TestClient(create_app(has_rooms=True), base_url="http://127.0.0.1") as client:
        shelf = client.get("/api/lessons").json()["lessons"]
        assert [one["name"] for one in shelf] == list(lessons())
        for one in shelf:
            answer = client.get(f"/api/lessons/{one['name']}")
            assert answer.json() == lessons()[one["name"]]
            assert len(answer.json()["items"]) == one["items"]
            again = client.get(f"/api/lessons/{one['name']}", headers={"If-None-Match": answer.headers["etag"]})
            assert again.status_code == 304
        refusal = client.get("/api/lessons/another?lang=zh")
        assert (refusal.status_code, refusal.json()["setting"]) == (404, "name")
        assert re.search(r"[\u4e00-\u9fff]", refusal.json()["message"])
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        assert client.get("/api/lessons").status_code == 404
        assert client.get("/api/lessons/stride_and_padding").status_code == 404


# --- What is refused ------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "convwalk": "lesson",
    "title": "T",
    "items": [
        {
            "walk": {"layer": "conv2d", "algorithm": "walk", "query": "stride=1"},
            "step": 8,
            "cell": {"array": "z", "place": [0, 0, 1]},
            "note": {"zh": "看"},
            "question": {"kind": "free", "text": "larger?", "options": ["yes", "no"], "right": [0]},
        }
    ],
}
VALUE = {"kind": "value", "array": "z", "cell": [0, 0, 2]}
BAD: list[tuple[str, Any, str]] = [
    ("", None, "object"),
    ("", [], "object"),
    ("convwalk", "walk", "another"),
    ("convwalk", ..., "lacks"),
    ("extra", 1, "unknown"),
    ("__proto__", {}, "unknown"),
    ("title", "", "text"),
    ("title", {"de": "T"}, "text"),
    ("title", "T" * 101, "text"),
    ("items", {}, "items"),
    ("items", [], "items"),
    ("items", GOOD["items"] * 41, "items"),
    ("items.0", 3, "object"),
    ("items.0.html", "<b>", "unknown"),
    ("items.0.walk", ..., "lacks"),
    ("items.0.walk.layer", "<img src=x>", "layer"),
    ("items.0.walk.layer", "toString", "layer"),
    ("items.0.walk.algorithm", "dance", "algorithm"),
    ("items.0.walk.query", "strde=1", "setting"),
    ("items.0.walk.query", "stride=1&stride=2", "setting"),
    ("items.0.walk.query", "lang=zh", "setting"),
    ("items.0.walk.query", 'stride="><b>', "query"),
    ("items.0.walk.query", "x=" + "1" * 8000, "query"),
    ("items.0.step", -1, "whole"),
    ("items.0.step", 1.5, "whole"),
    ("items.0.step", 200_001, "whole"),
    ("items.0.cell", {"array": "z"}, "lacks"),
    ("items.0.cell", {"array": "z z", "place": [0]}, "place"),
    ("items.0.cell", {"array": "z", "place": []}, "place"),
    ("items.0.note", 7, "text"),
    ("items.0.note", "n" * 1001, "text"),
    ("items.0.question", None, "kind"),
    ("items.0.question", {"kind": "constructor"}, "kind"),
    ("items.0.question.options", ["yes"], "options"),
    ("items.0.question.options", "yes", "options"),
    ("items.0.question.options", ["yes", "n" * 101], "text"),
    ("items.0.question.right", [2], "right"),
    ("items.0.question.right", 0, "right"),
    ("items.0.question", VALUE | {"cell": [0, -1, 0]}, "place"),
    ("items.0.question", VALUE | {"array": 7}, "array"),
    ("items.0.question", VALUE | {"right": [3]}, "unknown"),
]


def changed(path: str, to: Any) -> str:
    """The good lesson as JSON, with something else in one place; `...` takes it out."""
    lesson = json.loads(json.dumps(GOOD))
    if not path:
        return json.dumps(to)
    *outer, name = path.split(".")
    there = lesson
    for part in outer:
        there = there[int(part) if part.isdigit() else part]
    key: Any = int(name) if name.isdigit() else name
    if to is ...:
        del there[key]
    else:
        there[key] = to
    return json.dumps(lesson)


def test_whatever_is_wrong_with_a_lesson_is_said_in_a_sentence_of_every_language():
    good, *rest = node(
        "lessons",
        texts=[json.dumps(GOOD), *(changed(path, to) for path, to, _ in BAD), "{", " " * 60_001],
        layers=LAYERS_TOLD,
    )
    assert json.loads(good["written"]) == GOOD
    for (path, to, key), refusal in zip([*BAD, ("", "{", "no-json"), ("", " ", "large")], rest, strict=True):
        assert refusal.get("refused") == key, (path, to, refusal)
        for language in LANGUAGES:
            sentence = Words(language).all[f"room.lesson.{key}"]
            where = {"where"} if "{where}" in sentence else set()
            assert set(re.findall(r"{(\w+)}", sentence)) - where <= refusal["values"].keys(), sentence
            assert not where or f"room.lesson.of.{refusal['values']['of']}" in Words(language).all


def test_a_link_that_is_cut_off_or_too_long_or_never_ends_is_refused():
    link = node("link", text=json.dumps(GOOD))["link"]
    assert node("link", hash=link[:-20])["refused"] == "cut-link"
    assert node("link", hash="#lesson=%00")["refused"] == "cut-link"
    assert "text" not in node("link", hash="#12"), "the step of a walk is no lesson"
    noise = "".join(chr(0x4E00 + number * 7919 % 20_000) for number in range(5000))
    assert node("link", text=noise)["refused"] == "long-link"
    bomb = node("link", text=" " * 3_000_000)  # some thousand letters
    (refusal,) = node("lessons", texts=[bomb["text"]], layers=LAYERS_TOLD)
    assert len(bomb["text"]) < 200_000
    assert refusal["refused"] == "large"


def test_where_a_cell_is_worked_at_in_several_steps_its_number_is_the_finished_one():
    trace = core.record("input_gradient")
    (found,) = node("nextWrites", **trace.as_dict(), asked=[["dx_gathered", 214, [0, 0, 1]]])
    assert trace.snapshot(found["stop"])["dx_gathered"][0, 0, 1] == trace.outline.end["dx"][0, 0, 1] == 12


@pytest.mark.parametrize(
    ("value", "right", "wrong"),
    [
        (7.0, [7], [7.01, 6, -7]),
        (1 - 0.6, [0.4, 1 - 0.6], [0.41, 0.5]),  # as the page shows it, without the dust of binary numbers
        (0.39948630465, [0.4, 0.399, 0.39949], [0.39, 0.41, 0.3995001]),  # 0.40 comes as 0.4
        (0.0012, [0.0012], [0, 0.002]),  # 0 is no rounded number
    ],
)
def test_an_answer_is_right_as_it_is_shown_and_rounded_to_two_places_or_more(
    value: float, right: list[float], wrong: list[float]
):
    found = node("right", value=value, answers=[*right, *wrong])
    assert set(right) <= set(found)
    assert not set(wrong) & set(found)
    assert node("right", value="NaN", answers=right) == ["NaN"]
