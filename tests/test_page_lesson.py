"""A lesson in real browsers: a teacher leads a class through it, one student on a phone in Chinese; and makes one."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import Page, Route, expect

from core.lessons.lessons import lessons
from tests.browser import NewReader, Reader
from tests.conftest import Server
from tests.test_page_axe import in_both_schemes
from tests.test_page_class import PHONE, at, in_walk, school, sitting, teaching  # noqa: F401 - a fixture

FIRST = lessons()["stride_and_padding"]
LAST = len(FIRST["items"])
WHERE = """([path, query, step]) => {
  const frame = document.querySelector('iframe').contentWindow;
  const has = new URLSearchParams(frame.location.search);
  const asked = [...new URLSearchParams(query)];
  return frame.location.pathname === path && asked.every(([name, value]) => has.get(name) === value)
    && frame.convwalk?.step === step;
}"""


def opened(new_reader: NewReader, school: Server, **screen: Any) -> tuple[Reader, str]:  # noqa: F811
    """A teacher who has opened a room with the first lesson at the door, and the room's code."""
    teacher = new_reader(school.url, **({"viewport": {"width": 1280, "height": 720}} | screen))
    teacher.page.goto(f"{school.url}/class?lang=en")
    teacher.page.get_by_role("button", name="Stride and padding").click()
    teacher.page.wait_for_url("**/class/*")
    at(teacher, FIRST["items"][0]["step"])
    return teacher, teacher.page.url.rpartition("/")[2][:8]


def stands(reader: Reader, item: dict[str, Any]) -> None:
    walk = item["walk"]
    reader.wait(WHERE, [f"/{walk['layer']}/{walk['algorithm']}", walk["query"], item["step"]])


def answer(reader: Reader, question: dict[str, Any], nth: int) -> None:
    """A student answers as one does on a page of that kind."""
    page = reader.page
    if "options" in question:
        page.locator("[data-option]").nth(nth).click()
    else:
        page.locator(".question input").fill(str(nth))
        page.locator(".question form button").click()
    expect(page.locator(".answered")).not_to_be_empty()


@pytest.mark.slow
def test_the_first_lesson_is_taught_from_its_first_item_to_its_last(new_reader: NewReader, school: Server):  # noqa: F811
    teacher, code = opened(new_reader, school)
    students = [sitting(new_reader, school, code), sitting(new_reader, school, code, "zh", **PHONE)]
    page = teacher.page
    for number, item in enumerate(FIRST["items"], 1):
        expect(page.locator(".lesson .where")).to_have_text(f"{number} / {LAST} · Stride and padding")
        for reader in (teacher, *students):
            stands(reader, item)
        if question := item.get("question"):
            page.locator(".its-question").click()
            for student, language in zip(students, ("en", "zh"), strict=True):
                expect(student.page.locator(".question .text")).to_have_text(question["text"][language])
            # Who looks at the wall sees what there is to choose from.
            assert page.locator(".question .options li").count() == len(question.get("options", []))
            for nth, student in enumerate(students):
                answer(student, question, nth)
            expect(page.locator(".answered")).to_have_text("2 of 2 have answered")
            page.get_by_role("button", name="Show the answers").click()
            page.get_by_role("button", name="Show what is right").click()
            truth = page.locator(".answered")
            expect(truth).to_contain_text("Right: ")
            if "right" in question:
                right = question["options"][question["right"][0]]
                expect(truth).to_have_text(f"Right: {right if isinstance(right, str) else right['en']}.")
                expect(page.locator(".options .right")).to_have_count(1)
            if number == 2:
                expect(truth).to_have_text("Right: 5.")  # 0·−1 … + the bias, as core says
                expect(students[1].page.locator(".answered")).to_contain_text("5")
            page.get_by_role("button", name="Done").click()
            expect(page.locator(".question")).to_be_hidden()
        if number < len(FIRST["items"]):
            page.get_by_role("button", name="Next item").click()
    expect(page.get_by_role("button", name="Next item")).to_be_disabled()
    # The same lesson at the same item after a reload.
    page.reload()
    expect(page.locator(".lesson .where")).to_have_text(f"{LAST} / {LAST} · Stride and padding")


def test_a_teacher_needs_no_hand_but_on_the_keys(new_reader: NewReader, school: Server):  # noqa: F811
    teacher, code = opened(new_reader, school)
    student = sitting(new_reader, school, code)
    stands(student, FIRST["items"][0])
    teacher.press("n")
    expect(teacher.page.locator(".lesson .where")).to_contain_text(f"2 / {LAST}")
    in_walk(teacher.page, "n")  # and within the walk
    in_walk(teacher.page, "Shift+n")
    expect(teacher.page.locator(".lesson .where")).to_contain_text(f"2 / {LAST}")
    note = teacher.page.get_by_role("button", name="Note", exact=True)
    note.press("Enter")
    expect(teacher.page.locator(".lesson .note")).to_contain_text("Stride 1: the box goes")
    note.press("Enter")
    expect(teacher.page.locator(".lesson .note")).to_be_hidden()
    # What is noted of another item is not seen before it is asked for, nor after a reload.
    note.press("Enter")
    teacher.press("n")
    expect(teacher.page.locator(".lesson .where")).to_contain_text(f"3 / {LAST}")
    expect(teacher.page.locator(".lesson .note")).to_be_hidden()
    teacher.press("Shift+n")
    expect(teacher.page.locator(".lesson .note")).to_be_hidden()
    note.press("Enter")
    teacher.page.reload()
    expect(teacher.page.locator(".lesson .where")).to_contain_text(f"2 / {LAST}")
    expect(teacher.page.locator(".lesson .note")).to_be_hidden()
    stands(teacher, FIRST["items"][1])
    teacher.press("q")
    answered = student.page.locator(".question input")
    answered.fill("4")
    answered.press("Enter")
    expect(teacher.page.locator(".answered")).to_have_text("1 of 1 have answered")
    # The first button of what is next has the focus, each time.
    expect(teacher.page.get_by_role("button", name="Show the answers")).to_be_focused()
    teacher.press("Enter")
    expect(teacher.page.get_by_role("button", name="Show what is right")).to_be_focused()
    teacher.press("q")
    expect(student.page.locator(".answered")).to_have_text("You said 4; right is 5.")
    expect(teacher.page.get_by_role("button", name="Done")).to_be_focused()
    teacher.press("Enter")
    expect(teacher.page.locator(".question")).to_be_hidden()
    expect(teacher.page.get_by_role("button", name="Next item")).to_be_focused()
    # The arrows step the walk from there too.
    step = teacher.evaluate("() => document.querySelector('iframe').contentWindow.convwalk.step")
    teacher.press("ArrowLeft")
    at(student, step - 1)
    # Letters in a field are text, and who wants no letters as keys has none.
    teacher.page.get_by_role("button", name="Lesson", exact=True).click()
    teacher.page.get_by_label("Note for item 2").press("n")
    expect(teacher.page.locator(".lesson .where")).to_contain_text(f"2 / {LAST}")
    teacher.press("Escape")
    teacher.evaluate("() => localStorage.setItem('convwalk.letters', 'off')")
    teacher.press("n")
    expect(teacher.page.locator(".lesson .where")).to_contain_text(f"2 / {LAST}")


def save(page: Page, path: Path) -> dict[str, Any]:
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as a file").click()
    download.value.save_as(path)
    saved: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return saved


def test_a_class_that_turns_back_before_a_page_has_come_has_everybody_with_it(
    new_reader: NewReader,
    school: Server,  # noqa: F811
):
    teacher, code = opened(new_reader, school)
    student = sitting(new_reader, school, code)
    stands(student, FIRST["items"][0])
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    student.page.route("**/conv2d/walk?*stride=2*", hold)
    for _ in range(3):
        teacher.press("n")
    stands(teacher, FIRST["items"][3])
    while not held:  # the student's browser has asked for the page with stride 2
        student.page.wait_for_timeout(20)
    teacher.press("Shift+n")
    stands(teacher, FIRST["items"][2])
    student.wait("(step) => document.querySelector('iframe').src.endsWith(`#${step}`)", FIRST["items"][2]["step"])
    for route in held:
        route.continue_()
    stands(student, FIRST["items"][2])
    student.page.wait_for_timeout(1000)  # as long as it takes until one who goes on alone is told so
    expect(student.page.locator(".people")).to_have_text("You are with the class")


def test_the_wall_leads_the_eye_to_what_is_next_and_breaks_no_option(new_reader: NewReader, school: Server):  # noqa: F811
    teacher, code = opened(new_reader, school)
    student = sitting(new_reader, school, code)
    fills = """(names) => names.map((name) => getComputedStyle(document.querySelector(name)).backgroundColor)"""
    high = """() => [...document.querySelectorAll('.options li')].map((each) => {
      const { lineHeight } = getComputedStyle(each);
      return Math.round(each.getBoundingClientRect().height / parseFloat(lineHeight));
    })"""
    accent, plain = teacher.evaluate(fills, [".ask", ".end"])
    assert accent != plain  # the first item asks nothing
    number = next(at for at, item in enumerate(FIRST["items"]) if "ever read" in str(item.get("question")))
    lines = """() => {
      const text = document.querySelector('.question .text');
      return Math.round(text.getBoundingClientRect().height / parseFloat(getComputedStyle(text).lineHeight));
    }"""
    corner = """(name) => {
      const { right, bottom } = document.querySelector(name).getBoundingClientRect();
      return [Math.round(right), Math.round(bottom)];
    }"""
    arrow = teacher.page.locator(".item-on").bounding_box()
    for item in FIRST["items"][1 : number + 1]:
        teacher.press("n")
        stands(teacher, item)
    assert teacher.evaluate(fills, [".its-question", ".ask"]) == [accent, plain]
    assert teacher.page.locator(".item-on").bounding_box() == arrow
    whole = "(each) => each.scrollWidth <= each.clientWidth && each.scrollHeight <= each.clientHeight"
    assert teacher.page.locator(".its-question").evaluate(whole)
    place = teacher.evaluate(corner, ".its-question")
    teacher.press("q")
    answer(student, FIRST["items"][number]["question"], 1)
    assert student.evaluate(lines) <= 2
    assert teacher.evaluate(fills, [".onward", ".ask"]) == [accent, plain]
    assert teacher.evaluate(corner, ".onward") == place
    for state in ("shown", "told"):
        teacher.press("q")
        expect(teacher.page.locator(f".question[data-state={state}] .chart svg").first).to_be_visible()
        for reader in (teacher, student):
            expect(reader.page.locator(f".question[data-state={state}]")).to_be_visible()
            assert reader.evaluate(high) == [1, 1, 1, 1]
        assert teacher.evaluate(corner, ".onward") == place
    expect(student.page.locator(".chart .xtick text")).to_have_text(["A", "✓ B (you)", "C", "D"])
    expect(student.page.locator(".chart .bartext")).to_have_text(["0", "1", "0", "0"])


def test_a_box_that_lies_there_lies_there_still_while_its_number_is_asked_for(new_reader: NewReader, school: Server):  # noqa: F811
    teacher, code = opened(new_reader, school)
    phone = sitting(new_reader, school, code, **PHONE)
    number = next(at for at, item in enumerate(FIRST["items"]) if "first box" in str(item.get("question")))
    for item in FIRST["items"][1 : number + 1]:
        teacher.press("n")
        stands(teacher, item)
    stands(phone, FIRST["items"][number])
    frames = [reader.page.frame_locator("iframe") for reader in (teacher, phone)]
    for frame in frames:
        expect(frame.locator("[data-array=x_padded] .kernel")).to_be_visible()
    teacher.press("q")
    expect(phone.page.get_by_label("Your answer")).to_be_visible()
    for frame in frames:
        expect(frame.locator("[data-array=z] .aim.asked")).to_be_in_viewport(ratio=1)
        expect(frame.locator("[data-array=x_padded] .kernel")).to_be_in_viewport(ratio=1)
        expect(frame.locator(".strip")).not_to_contain_text("5")
    teacher.press("q")
    for frame in frames:
        expect(frame.locator("[data-array=z] .aim.asked")).to_be_in_viewport(ratio=1)
        expect(frame.locator("[data-array=x_padded] .kernel")).to_be_in_viewport(ratio=0.5)


def test_a_double_press_is_for_one_button(new_reader: NewReader, school: Server):  # noqa: F811
    teacher, _ = opened(new_reader, school)
    page = teacher.page
    teacher.press("n")
    stands(teacher, FIRST["items"][1])
    for state in ("open", "shown", "told"):
        teacher.press("q")
        expect(page.locator(".question")).to_have_attribute("data-state", state)
    done = page.get_by_role("button", name="Done")
    expect(done).to_be_visible()
    box = done.bounding_box() or {}
    page.mouse.click(box["x"] + box["width"] - 20, box["y"] + 15)
    expect(page.locator(".lesson")).to_be_visible()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.wait_for_timeout(500)  # as long as it takes to ask again
    expect(page.locator(".question")).to_be_hidden()
    expect(page.locator(".lesson .where")).to_contain_text(f"2 / {LAST}")
    # Whoever is quick may go on by one button as often as they like.
    page.get_by_role("button", name="Next item").click(click_count=2)
    expect(page.locator(".lesson .where")).to_contain_text(f"4 / {LAST}")


def test_a_lesson_is_made_while_rehearsing_saved_and_opened_again(
    new_reader: NewReader,
    school: Server,  # noqa: F811
    tmp_path: Path,
):
    teacher, _ = teaching(new_reader, school)
    page = teacher.page
    page.get_by_role("button", name="Lesson", exact=True).click()
    sheet = page.locator("#lesson")
    sheet.get_by_label("This step as an item").select_option("value")
    sheet.get_by_role("button", name="Mark this step").click()
    expect(sheet.get_by_role("status")).to_have_text("This step is item 1 now.")
    sheet.get_by_label("Title of the lesson").fill("Mine <b>")
    sheet.get_by_label("Note for item 1").fill("Ask twice.")
    page.keyboard.press("Escape")
    in_walk(page, "ArrowRight")
    at(teacher, 9)
    page.get_by_role("button", name="Lesson", exact=True).click()
    sheet.get_by_label("This step as an item").select_option("free")
    sheet.get_by_role("button", name="Mark this step").click()
    expect(sheet.get_by_role("alert")).to_have_text("The question has no text yet.")
    sheet.get_by_label("Question", exact=True).fill("Larger?")
    sheet.get_by_label("Answers", exact=True).fill("* yes\nno")
    sheet.get_by_role("button", name="Mark this step").click()
    expect(sheet.locator("li")).to_have_count(2)
    sheet.get_by_role("button", name="Item 2 up").click()
    assert in_both_schemes(teacher, "#lesson") == []
    saved = save(page, tmp_path / "mine.json")
    walk = {"layer": "conv2d", "algorithm": "walk", "query": "stride=1"}
    assert saved == {
        "convwalk": "lesson",
        "title": "Mine <b>",
        "items": [
            {
                "walk": walk,
                "step": 9,
                "question": {"kind": "free", "text": "Larger?", "options": ["yes", "no"], "right": [0]},
            },
            {
                "walk": walk,
                "step": 8,
                "note": "Ask twice.",
                "question": {"kind": "value", "array": "z", "cell": [0, 0, 2]},
            },
        ],
    }
    # As a link it opens a room elsewhere, and is the same there.
    page.get_by_role("button", name="Share as a link").click()
    link = sheet.get_by_role("textbox", name="Share as a link").input_value()
    assert link.startswith(f"{school.url}/class#lesson=")
    other = new_reader(school.url)
    other.page.goto(link)
    other.page.get_by_role("button", name="Mine <b>").click()
    other.page.wait_for_url("**/class/*")
    stands(other, saved["items"][0])
    other.page.get_by_role("button", name="Lesson", exact=True).click()
    other.page.get_by_role("button", name="Delete item 1").click()
    expect(other.page.locator("#lesson li")).to_have_count(1)
    # And so it is from its file.
    with other.page.expect_file_chooser() as chooser:
        other.page.locator("#lesson .from-file").click()
    chooser.value.set_files(tmp_path / "mine.json")
    expect(other.page.locator("#lesson li")).to_have_count(2)
    assert save(other.page, tmp_path / "again.json") == saved
    # What is no lesson is refused in a sentence, and the one that is open stays.
    saved["items"][1]["walk"]["layer"] = "<img src=x onerror=alert(1)>"
    (tmp_path / "bad.json").write_text(json.dumps(saved))
    with other.page.expect_file_chooser() as chooser:
        other.page.locator("#lesson .from-file").click()
    chooser.value.set_files(tmp_path / "bad.json")
    expect(other.page.locator("#lesson .amiss")).to_have_text(
        "Item 2 names the layer “<img src=x onerror=alert(1)>”, which there is not."
    )
    expect(other.page.locator("#lesson li")).to_have_count(2)


def test_the_question_of_an_item_is_put_in_other_words(
    new_reader: NewReader,
    school: Server,  # noqa: F811
    tmp_path: Path,
):
    teacher, _ = opened(new_reader, school)
    page = teacher.page
    page.get_by_role("button", name="Lesson", exact=True).click()
    sheet = page.locator("#lesson")
    asked = [number for number, item in enumerate(FIRST["items"]) if "question" in item]
    chosen = next(number for number in asked if "options" in FIRST["items"][number]["question"])
    value = next(number for number in asked if "options" not in FIRST["items"][number]["question"])
    sheet.locator(f"[data-does='go {value}']").click()
    expect(sheet.get_by_label("Its answers")).to_be_hidden()
    sheet.get_by_label("Its question in words").fill("And here?")
    expect(page.locator(".its-question")).to_have_text("Ask: And here?")
    link = sheet.get_by_role("link", name="Practise this walk’s questions alone")
    path, _, query = str(link.get_attribute("href")).partition("?")
    there = [item for item in FIRST["items"] if item["walk"] == FIRST["items"][value]["walk"] and "question" in item]
    steps = sorted({item["step"] for item in there if item["question"]["kind"] in ("value", "place")})
    assert path == "/{layer}/{algorithm}".format(**FIRST["items"][value]["walk"])
    assert dict(parse_qsl(query.partition("#")[0]))["predict"] == "-".join(["at", *map(str, steps)])
    sheet.locator(f"[data-does='go {chosen}']").click()
    sheet.get_by_label("Its answers").fill("one")
    expect(sheet.get_by_role("alert")).to_have_text("Two to five answers are expected; these are 1.")
    sheet.get_by_label("Its answers").fill("no\n* <b>yes</b>")
    expect(sheet.get_by_role("alert")).to_be_hidden()
    assert in_both_schemes(teacher, "#lesson .asked") == []
    last = asked[-1]
    sheet.locator(f"[data-does='go {last}']").click()
    sheet.get_by_role("button", name="Ask nothing at this item").click()
    expect(sheet.locator(".asked")).to_be_hidden()
    items = save(page, tmp_path / "other.json")["items"]
    assert items[value]["question"]["text"] == {**FIRST["items"][value]["question"].get("text", {}), "en": "And here?"}
    question = items[chosen]["question"]
    said = [each if isinstance(each, str) else each["en"] for each in question["options"]]
    assert said == ["no", "<b>yes</b>"]
    assert question["right"] == [1]
    assert "question" not in items[last]


def test_the_door_and_the_lesson_keep_no_reader_out(new_reader: NewReader, school: Server):  # noqa: F811
    teacher, _ = opened(new_reader, school)
    teacher.press("n")
    teacher.page.get_by_role("button", name="Note", exact=True).click()
    assert in_both_schemes(teacher, ".lesson") == []
    teacher.press("q")
    expect(teacher.page.get_by_role("button", name="Show the answers")).to_be_visible()
    assert in_both_schemes(teacher, ".question") == []
    student = new_reader(school.url, **PHONE)
    student.page.goto(f"{school.url}/class?lang=zh#lesson=AAAA")
    expect(student.page.get_by_role("alert")).to_contain_text("链接")
    expect(student.page.locator(".teach .one")).to_have_count(3)
    assert in_both_schemes(student) == []


def test_a_page_that_did_not_come_is_asked_for_again(new_reader: NewReader, school: Server):  # noqa: F811
    teacher, code = opened(new_reader, school)
    student = sitting(new_reader, school, code, **PHONE)
    stands(student, FIRST["items"][0])
    student.expect_complaint("ERR_INTERNET_DISCONNECTED")
    student.page.context.set_offline(True)
    student.evaluate("() => fetch('/healthz').catch(() => undefined)")  # the browser tells of it, at once or later
    for _ in range(3):
        teacher.press("n")
    stands(teacher, FIRST["items"][3])
    student.wait("() => document.querySelector('iframe').contentDocument === null")
    student.page.context.set_offline(False)
    student.wait("() => document.querySelector('iframe').contentDocument !== null")
    stands(student, FIRST["items"][3])
