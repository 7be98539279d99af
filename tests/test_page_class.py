"""A class in real browsers: a teacher and students in a room, one of them on a phone and in another language."""

import json
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

import core
from tests.browser import NewReader, Reader
from tests.conftest import Server, serving
from tests.redis_server import Redis, started
from tests.test_page_axe import in_both_schemes
from tests.test_page_predict import TOLD, digits, odd

pytestmark = [pytest.mark.browser, pytest.mark.plotless]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
STEP = "() => document.querySelector('iframe').contentWindow?.convwalk?.step"
AT = "(step) => document.querySelector('iframe').contentWindow?.convwalk?.step === step"
WALK = "() => document.querySelector('iframe').contentWindow.location.pathname"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with rooms for a class."""
    log = tmp_path_factory.mktemp("school") / "log.txt"
    with serving(log, "--class") as server:
        yield server
    assert "Traceback" not in log.read_text(), log.read_text()


@pytest.fixture
def outage(tmp_path: Path) -> Iterator[tuple[Server, Redis, ExitStack]]:
    """A server with rooms in a Redis, and the stack whose close ends that."""
    with ExitStack() as running:
        redis = started(tmp_path, running)
        with serving(tmp_path / "log.txt", "--class", redis.url) as server:
            yield server, redis, running


def teaching(
    new_reader: NewReader, school: Server, walk: str = "/conv2d/walk?stride=1&lang=en#8"
) -> tuple[Reader, str]:
    """A teacher who has opened a room for a walk, and the room's code."""
    teacher = new_reader(school.url, viewport={"width": 1280, "height": 720})
    teacher.open(walk)
    teacher.page.get_by_role("button", name="Share", exact=True).click()
    teacher.page.locator("#share .teach").click()
    teacher.page.wait_for_url("**/class/*")
    at(teacher, int(walk.rpartition("#")[2]))
    return teacher, teacher.page.url.rpartition("/")[2][:8]


def sitting(new_reader: NewReader, school: Server, code: str, lang: str = "en", **screen: object) -> Reader:
    student = new_reader(school.url, **screen)
    return student.open(f"/class/{code}?lang={lang}")


def at(reader: Reader, step: int) -> Reader:
    """Wait until the walk in the room stands at a step."""
    return reader.wait(AT, step)


def in_walk(page: Page, key: str) -> None:
    stage = page.frame_locator("iframe").locator("#stage")
    stage.focus()
    stage.press(key)


def ask(teacher: Reader, question: str) -> None:
    teacher.page.get_by_role("button", name="Ask the class").click()
    teacher.page.get_by_role("button", name=question).click()


def test_a_class_follows_its_teacher_leaves_and_comes_back(new_reader: NewReader, school: Server):
    teacher, code = teaching(new_reader, school)
    early = sitting(new_reader, school, code)
    at(early, 8)
    expect(teacher.page.locator(".people")).to_have_text("1 student")
    in_walk(teacher.page, "ArrowRight")
    at(teacher, 9)
    at(early, 9)
    late = sitting(new_reader, school, code, "zh", **PHONE)
    at(late, 9)
    expect(late.page.locator(".people")).to_have_text("你正跟着课堂")
    # One goes on alone, and hears nothing of the class until they come back.
    early.wait("() => document.querySelector('iframe').contentWindow.convwalk.ready.then(() => true)")
    early.page.wait_for_timeout(600)  # what was led there has settled: from now on it is the student's own doing
    in_walk(early.page, "End")
    expect(early.page.get_by_role("button", name="Back to the class")).to_be_visible()
    in_walk(teacher.page, "ArrowRight")
    at(late, 10)
    assert early.evaluate(STEP) > 10
    early.page.get_by_role("button", name="Back to the class").click()
    at(early, 10)
    expect(early.page.locator(".people")).to_have_text("You are with the class")
    # Another layer is the class's as well, and so is the same room after a reload.
    teacher.page.get_by_label("Layer").select_option(label="Max pooling")
    for reader in (early, late):
        reader.wait(f"() => ({WALK})() === '/max_pool2d/walk'")
    teacher.page.reload()
    teacher.wait(f"() => ({WALK})() === '/max_pool2d/walk'")
    expect(teacher.page.locator(".people")).to_have_text("2 students")


def test_a_number_is_typed_as_its_question_comes_and_no_field_is_taken_from_anybody(
    new_reader: NewReader, school: Server
):
    teacher, code = teaching(new_reader, school)
    ready, phone, busy = (sitting(new_reader, school, code, **screen) for screen in ({}, PHONE, {}))
    for student in (ready, phone, busy):
        at(student, 8)
    in_walk(ready.page, "Tab")
    busy.page.frame_locator("iframe").get_by_label("Stride").first.focus()
    ask(teacher, "Which number comes into z[0, 0, 2]?")
    for student in (ready, phone, busy):
        expect(student.page.get_by_label("Your answer")).to_be_visible()
    ready.page.keyboard.type("7")
    ready.press("Enter")
    expect(ready.page.locator(".answered")).to_contain_text("Sent: 7")
    # Where a finger types, the keyboard would cover what is to be looked at.
    for student in (phone, busy):
        expect(student.page.get_by_label("Your answer")).not_to_be_focused()


# A line on which a walk tells how long it is, and nothing more until its page lets it go on.
HALTING = """{
  const { read } = ReadableStreamDefaultReader.prototype;
  const kept = new WeakMap();
  ReadableStreamDefaultReader.prototype.read = async function () {
    if (kept.has(this)) {
      while (!top.isFluent) await new Promise((then) => setTimeout(then, 20));
      const rest = kept.get(this);
      kept.delete(this);
      return rest;
    }
    const part = await read.call(this);
    const end = part.value?.indexOf(10) + 1;
    if (top.isFluent || top === window || !end) return part;
    kept.set(this, { done: false, value: part.value.slice(end) });
    return { done: false, value: part.value.slice(0, end) };
  };
}"""


def test_who_waits_for_the_walk_of_the_class_is_still_with_the_class(new_reader: NewReader, school: Server):
    teacher, code = teaching(new_reader, school)
    student = new_reader(school.url)
    student.begin_with(HALTING)
    student.open(f"/class/{code}?lang=en")
    student.wait("() => document.querySelector('iframe').contentWindow?.convwalk?.steps > 0")
    assert student.evaluate(STEP) == 0
    student.page.wait_for_timeout(1000)  # as long as it takes until one who goes on alone is told so
    expect(student.page.locator(".people")).to_have_text("You are with the class")
    student.evaluate("() => { window.isFluent = true; }")
    at(student, 8)
    in_walk(teacher.page, "ArrowRight")
    at(student, 9)
    expect(student.page.get_by_role("button", name="Back to the class")).to_be_hidden()


def test_a_class_says_which_number_comes_and_sees_what_the_others_said(new_reader: NewReader, school: Server):
    teacher, code = teaching(new_reader, school)
    students = [sitting(new_reader, school, code, **screen) for screen in (PHONE, {}, {})]
    for student in students:
        at(student, 8)
    right = core.run("conv2d", stride=1)["z"][0, 0, 2]
    ask(teacher, "Which number comes into z[0, 0, 2]?")
    for student, answer in zip(students, (f"{right:g}", "−4", "−4"), strict=True):
        expect(student.page.locator(".question .text")).to_have_text("What number comes into z[0, 0, 2]?")
        student.page.get_by_label("Your answer").fill(answer)
        student.page.get_by_role("button", name="Send").click()
        expect(student.page.locator(".answered")).to_contain_text("Sent: ")
    # While it stands, nobody goes on to look.
    in_walk(students[1].page, "End")
    at(students[1], 8)
    # What is said can be changed until it is shown, and is known after a reload.
    students[1].page.get_by_label("Your answer").fill("5")
    students[1].page.get_by_role("button", name="Send").click()
    expect(students[1].page.locator(".answered")).to_contain_text("Sent: 5")
    students[2].page.reload()
    expect(students[2].page.locator(".answered")).to_contain_text("Sent: −4")
    expect(teacher.page.locator(".answered")).to_have_text("3 of 3 have answered")
    assert not [student for student in students if student.page.locator(".chart").count()]
    teacher.page.get_by_role("button", name="Show the answers").click()
    for reader in (teacher, *students):
        expect(reader.page.locator(".chart")).to_have_attribute(
            "aria-label", "How often each answer was given: 7: 1, 5: 1, −4: 1"
        )
    expect(students[0].page.locator(".answered")).to_have_text("You said 7.")
    teacher.page.get_by_role("button", name="Show what is right").click()
    expect(teacher.page.locator(".answered")).to_have_text(f"Right: {right:g}.")
    expect(students[0].page.locator(".answered")).to_have_text(f"You are right: {right:g}.")
    expect(students[1].page.locator(".answered")).to_have_text(f"You said 5; right is {right:g}.")
    at(students[1], teacher.evaluate(STEP))  # it is on the stage of everybody by now
    expect(teacher.page.locator(".chart .xtick text").first).to_contain_text("✓")
    assert in_both_schemes(students[0], "main > :not(iframe)") == []
    teacher.page.get_by_role("button", name="Done").click()
    for student in students:
        expect(student.page.locator(".question")).to_be_hidden()


LETTERS = """() => {
  const page = document.querySelector("iframe").contentDocument;
  const { fontSize, whiteSpace } = getComputedStyle(page.querySelector(".chapter-doc p"));
  return [fontSize, whiteSpace];
}"""
# Notes at each frame of the page whether the walk in a room tells a number, or stands behind a moment.
WATCHED = """([telling, step]) => {
  const watched = (window.watched = []);
  const look = () => {
    const walk = document.querySelector("iframe")?.contentWindow;
    if (walk?.document.body && (TOLD)(walk.document).includes(telling)) watched.push(telling);
    if (walk?.convwalk?.step > step) watched.push(walk.convwalk.step);
    requestAnimationFrame(look);
  };
  look();
}""".replace("TOLD", TOLD)


def test_a_walk_whose_class_is_asked_tells_nobody(new_reader: NewReader, school: Server):
    given = odd("conv2d")
    z = core.run("conv2d", arrays=given)["z"]
    query = urlencode({name: json.dumps(array.tolist()) for name, array in given.items()})
    teacher, code = teaching(new_reader, school, f"/conv2d/walk?{query}&lang=en#8")
    early = at(sitting(new_reader, school, code), 8)
    in_walk(teacher.page, "ArrowRight")
    in_walk(teacher.page, "ArrowRight")
    at(early, 10)  # all is there but the sum
    telling = digits(z[0, 0, 2])
    letters = teacher.evaluate(LETTERS)
    ask(teacher, "Which number comes into z[0, 0, 2]?")
    late = new_reader(school.url)
    late.page.add_init_script(f"if (window === top) ({WATCHED})({json.dumps([telling, 10])})")
    late.open(f"/class/{code}?lang=en")
    for reader in (teacher, early, late):
        expect(reader.page.locator(".question .text")).to_have_text("What number comes into z[0, 0, 2]?")
        at(reader, 10)
        reader.evaluate(WATCHED, [telling, 10])
        stage = reader.page.frame_locator("iframe")
        expect(stage.locator(".aim.asked")).to_have_count(1)
        in_walk(reader.page, "End")
        expect(stage.locator("#notice")).to_have_text("The class is asked: the walk waits here.")
        reader.evaluate("() => document.querySelector('iframe').contentWindow.convwalk.seek(30)")
        stage.locator("[data-array=z] [role=gridcell]").first.focus()
        reader.press("ArrowRight", "ArrowRight", "Enter")  # nor does the cell itself, when it is pinned
        assert not reader.evaluate("() => document.querySelector('iframe').contentWindow.convwalk.cell?.pinned")
    assert teacher.evaluate(LETTERS) == letters, "text is set as it was"
    for reader in (teacher, early, late):
        assert reader.evaluate("() => watched") == []
    teacher.page.get_by_role("button", name="Show the answers").click()
    expect(early.page.locator(".reply")).to_have_text("Nobody has answered.")
    in_walk(early.page, "End")
    at(early, 10)
    assert early.evaluate("() => watched") == []
    teacher.page.get_by_role("button", name="Show what is right").click()
    expect(early.page.locator(".answered")).to_contain_text(f"Right: {telling}"[:-1])
    at(early, 11)
    early.wait("(telling) => watched.includes(telling)", telling)
    in_walk(early.page, "End")
    expect(early.page.get_by_role("button", name="Back to the class")).to_be_visible()


def test_each_wrong_number_is_told_with_the_mistake_that_gives_it(new_reader: NewReader, school: Server):
    teacher, code = teaching(new_reader, school)
    students = [sitting(new_reader, school, code, **screen) for screen in (PHONE, {}, {})]
    for student in students:
        at(student, 8)
    ask(teacher, "Which number comes into z[0, 0, 2]?")
    bare = core.run("conv2d", stride=1, padding=0)["z"][0, 0, 2]
    unbiased = core.run("conv2d", arrays={"b": [0, 0]}, stride=1)["z"][0, 0, 2]
    for student, answer in zip(students, (bare, unbiased, 400), strict=True):
        student.page.get_by_label("Your answer").fill(f"{answer:g}")
        student.page.get_by_role("button", name="Send").click()
        expect(student.page.locator(".answered")).to_contain_text("Sent: ")
    teacher.page.get_by_role("button", name="Show the answers").click()
    expect(teacher.page.locator(".chart")).to_be_visible()
    assert not teacher.page.locator(".mistakes").count()  # they would say what is wrong
    teacher.page.get_by_role("button", name="Show what is right").click()
    told = teacher.page.get_by_role("list", name="What gives the wrong numbers").get_by_role("listitem")
    expect(told).to_have_count(2)  # nothing makes 400
    padding, bias = (told.filter(has_text=words) for words in ("without the padding", "the sum without"))
    expect(padding).to_have_text(f"−{-bare:g} the window laid on x, without the padding Side by side")
    expect(bias).to_have_text(f"{unbiased:g} the sum without b[0] Show the cell")
    assert not students[0].page.locator(".mistakes").count()
    assert in_both_schemes(teacher, "main > :not(iframe)") == []
    # The class sees the cell.
    bias.get_by_role("button").click()
    pinned = "() => document.querySelector('iframe').contentWindow.convwalk.cell"
    students[1].wait(f"() => {{ const cell = ({pinned})(); return cell?.array === 'b' && cell.pinned; }}")
    chip, frame = (
        part.bounding_box() or {}
        for part in (teacher.page.frame_locator("iframe").locator(".pin"), teacher.page.locator("iframe"))
    )
    assert chip["y"] >= frame["y"]  # and who lets it go, where
    # And the teacher the walk that has just that number there, beside the class's own.
    with teacher.page.expect_popup() as opened:
        padding.get_by_role("link").click()
    both = opened.value
    expect(both.locator(".sides .cell")).to_have_text(["z[0, 0, 2]", "z[0, 0, 2]"])
    for side, query in enumerate(({}, {"padding": 0})):
        frame = "document.querySelectorAll('.sides iframe')[side].contentWindow"
        holds = f"([side, value]) => {frame}.convwalk.value('z')[0][0][2] === value"
        both.wait_for_function(holds, arg=[side, float(core.run("conv2d", stride=1, **query)["z"][0, 0, 2])])


def test_a_class_points_at_the_next_cell_by_the_keyboard_alone(new_reader: NewReader, school: Server):
    teacher, code = teaching(new_reader, school)
    student = sitting(new_reader, school, code)
    at(student, 8)
    ask(teacher, "Which cell of z comes next?")
    expect(student.page.locator(".question .text")).to_contain_text("Which cell of z is written next?")
    send = student.page.get_by_role("button", name="Send")
    send.press("Enter")
    expect(student.page.get_by_role("alert").filter(visible=True)).to_have_text("Click a cell of z first.")
    student.page.frame_locator("iframe").locator("[data-array=z] [role=gridcell]").first.focus()
    student.press("ArrowRight", "ArrowRight", "Enter")
    send.press("Enter")
    expect(student.page.locator(".answered")).to_contain_text("z[0, 0, 2]")
    teacher.page.get_by_role("button", name="Show the answers").press("Enter")
    teacher.page.get_by_role("button", name="Show what is right").press("Enter")
    expect(student.page.locator(".answered")).to_have_text("You are right: z[0, 0, 2].")


def test_the_wall_has_a_count_in_each_cell_that_was_pointed_at(new_reader: NewReader, school: Server):
    teacher, code = teaching(new_reader, school, "/max_pool2d/walk?lang=en#3")
    student = at(sitting(new_reader, school, code), 3)
    teacher.page.get_by_role("button", name="Ask the class").click()
    expect(teacher.page.locator("#ask .next-value")).to_have_text("Which number comes into y[0, 0, 0]?")
    teacher.page.get_by_role("button", name="Where does the window go next?").wait_for()
    teacher.page.get_by_role("button", name="Which cell wins y[0, 0, 0]?").click()
    at(student, 4)  # where the winner is found
    expect(student.page.locator(".question .text")).to_have_text("Which cell wins y[0, 0, 0]? Point at it on x_padded.")
    boards = [reader.page.frame_locator("iframe") for reader in (teacher, student)]
    for board in boards:
        expect(board.locator("[data-array=y] .aim.asked")).to_have_count(1)
        expect(board.locator(".kernel .winner")).to_have_count(0)
    boards[1].locator("[data-array=x_padded] [role=gridcell]").first.focus()
    student.press("ArrowRight", "Enter")
    student.page.get_by_role("button", name="Send x_padded[0, 0, 1]").click()
    expect(teacher.page.locator(".answered")).to_have_text("1 of 1 have answered")
    teacher.page.get_by_role("button", name="Show the answers").click()
    for board in boards:
        expect(board.locator("[data-array=x_padded] .counted")).to_have_text(["1"])
    teacher.page.get_by_role("button", name="Show what is right").click()
    expect(student.page.locator(".answered")).to_have_text("You said x_padded[0, 0, 1]; right is x_padded[0, 1, 1].")
    for board in boards:
        expect(board.locator("[data-array=x_padded] .counted")).to_have_text(["1", "✓"])
    at(teacher, 5)
    teacher.page.get_by_role("button", name="Done").click()
    for board in boards:
        expect(board.locator(".counted")).to_have_count(0)


def test_two_tabs_of_a_teacher_follow_each_other(new_reader: NewReader, school: Server):
    teacher, _ = teaching(new_reader, school)
    tab = teacher.page.context.new_page()
    tab.goto(teacher.page.url)
    tab.wait_for_function(AT, arg=8)
    in_walk(teacher.page, "ArrowRight")
    tab.wait_for_function(AT, arg=9)
    tab.wait_for_timeout(600)  # what was led there has settled: from now on it is the teacher's own doing
    in_walk(tab, "ArrowRight")
    at(teacher, 10)
    teacher.page.get_by_label("Layer").select_option(label="Max pooling")
    tab.wait_for_function(f"() => ({WALK})() === '/max_pool2d/walk'")
    expect(tab.get_by_label("Layer")).to_have_value("max_pool2d")
    tab.close()


def test_a_question_of_ones_own_is_text_whatever_stands_in_it(new_reader: NewReader, school: Server):
    teacher, code = teaching(new_reader, school)
    student = sitting(new_reader, school, code)
    at(student, 8)
    teacher.page.get_by_role("button", name="Ask the class").click()
    form = teacher.page.locator("#ask")
    form.get_by_label("Question").fill("<img src=x onerror=alert(1)> larger?")
    form.get_by_label("Answers").fill("yes")
    form.get_by_role("button", name="Ask it").click()
    expect(form.get_by_role("alert")).to_have_text("Two to five answers are expected; these are 1.")
    form.get_by_label("Answers").fill("* <b>yes</b>\nno")
    assert in_both_schemes(teacher, "#ask") == []
    form.get_by_role("button", name="Ask it").click()
    expect(student.page.locator(".question .text")).to_have_text("<img src=x onerror=alert(1)> larger?")
    student.page.get_by_role("button", name="<b>yes</b>").click()
    expect(teacher.page.locator(".answered")).to_have_text("1 of 1 have answered")
    teacher.page.get_by_role("button", name="Show the answers").click()
    teacher.page.get_by_role("button", name="Show what is right").click()
    expect(student.page.locator(".answered")).to_have_text("You are right: <b>yes</b>.")


def test_the_code_is_shown_and_typed_and_the_room_ends(new_reader: NewReader, school: Server):
    teacher, code = teaching(new_reader, school)
    teacher.page.get_by_role("button", name="Show the code").click()
    expect(teacher.page.locator("#code .large")).to_have_text(f"{code[:4]} {code[4:]}")
    teacher.press("Escape")
    student = new_reader(school.url, **PHONE)
    student.page.goto(f"{school.url}/class?lang=en&code=12")
    expect(student.page.get_by_role("alert")).to_have_text("A code has eight digits, such as 4831 7702.")
    wide = "".join(chr(0xFF10 + int(digit)) for digit in code)
    student.page.get_by_label("The code of the room").fill(f"{wide[:4]} {wide[4:]}")
    student.page.get_by_role("button", name="Enter").click()
    at(student, 8)
    teacher.page.get_by_role("button", name="End the room").click()
    teacher.page.get_by_role("button", name="End it for everybody?").click()
    for reader in (teacher, student):
        expect(reader.page.locator(".said")).to_have_text("The room is over.")
        expect(reader.page.locator(".people")).to_have_text("")
        expect(reader.page.locator("iframe[inert]")).to_have_count(1)
    student.expect_complaint("404")
    student.page.reload()
    expect(student.page.locator(".said")).to_have_text("There is no room with this code, or not any more.")


def test_all_tabs_of_a_browser_hear_on_one_line(new_reader: NewReader, tmp_path: Path):
    with serving(tmp_path / "log.txt", "--class", CONVWALK_LIMIT_ROOM_PAGES="1") as school:
        teacher, code = teaching(new_reader, school)
        student = at(sitting(new_reader, school, code), 8)
        for step in (9, 10):  # the second tab leaves, and another one comes
            tab = student.page.context.new_page()
            tab.goto(student.page.url)
            tab.wait_for_function(AT, arg=step - 1)
            in_walk(teacher.page, "ArrowRight")
            at(student, step)
            tab.wait_for_function(AT, arg=step)
            tab.close()
        expect(teacher.page.locator(".people")).to_have_text("1 student")
        student.page.reload()
        at(student, 10)


@pytest.mark.slow
def test_a_page_that_is_loaded_while_rooms_are_out_of_reach_comes_in_by_itself(
    outage: tuple[Server, Redis, ExitStack], new_reader: NewReader
):
    school, redis, running = outage
    teacher, code = teaching(new_reader, school)
    student = at(sitting(new_reader, school, code), 8)
    running.close()
    student.expect_complaint("503")
    student.page.reload()
    sentence = "the rooms of this server are out of reach just now; try again in a moment"
    expect(student.page.locator(".said")).to_have_text(sentence)
    with redis.run():
        at(student, 8)
        expect(student.page.locator(".said")).to_have_text("")
        in_walk(teacher.page, "ArrowRight")
        at(student, 9)


def test_without_rooms_nothing_leads_to_one(reader: Reader):
    reader.open("/?lang=en")
    assert reader.page.locator(".teach").count() == 0
    reader.expect_complaint("404")
    response = reader.page.goto(f"{reader.url}/class/48317702")
    assert response is not None
    assert response.status == 404
