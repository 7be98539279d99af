"""The room that there is, and who takes it: large cells, nothing covered, nothing cut off, nothing that moves."""

import pytest

from tests.browser import NewReader, Reader

pytestmark = pytest.mark.browser

# Of each board on the stage: the height of a cell, and how far below its caption the first one lies.
BOARDS = """() => [...document.querySelectorAll("#stage .panel")].map((panel) => {
  const cell = panel.querySelector("[role=gridcell]").getBoundingClientRect();
  const caption = panel.querySelector("figcaption").getBoundingClientRect();
  return [panel.dataset.array, cell.height, cell.top - caption.bottom];
})"""

SCROLLS = """(selector) => {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.querySelector(selector);
  return [scrollWidth > clientWidth, scrollHeight > clientHeight];
}"""

# Boxes that lie over each other, of all elements that a selector names.
OVERLAPS = """(selector) => {
  const boxes = [...document.querySelectorAll(selector)].map((each) => [each, each.getBoundingClientRect()])
    .filter(([, box]) => box.width && box.height);
  const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  return boxes.flatMap(([one, a], at) => boxes.slice(at + 1)
    .filter(([other, b]) => !one.contains(other) && meet(a, b))
    .map(([other]) => `${one.textContent.trim()} / ${other.textContent.trim()}`));
}"""

SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) window.shifts.push(value);
}).observe({ type: "layout-shift", buffered: true });
"""


@pytest.mark.parametrize(("width", "height", "many", "few"), [(1280, 800, 20, 55), (1920, 1080, 30, 60)])
def test_cells_are_as_large_as_there_is_room_for(new_reader: NewReader, width: int, height: int, many: int, few: int):
    reader = new_reader(viewport={"width": width, "height": height}).open("/?lang=en")
    for k, least in ((8, many), (60, few)):
        boards = reader.seek(k).evaluate(BOARDS)
        assert len(boards) in (6, 2)
        assert all(size >= least for _, size, _ in boards), boards
        assert reader.evaluate(SCROLLS, ".panels") == [False, False]
        # Labels and numbers of columns have a line each, however large the cells are, and all cells begin in one line.
        assert {round(below) for _, _, below in boards} == {31}


def test_the_legend_has_keys_for_what_is_on_the_stage_alone(reader: Reader):
    shown = """(keys) => [...document.querySelectorAll(".legend > .key")].filter((key) => !key.hidden)
                .map((key) => key.className.replace("key ", "")).join() === `veiled,read,written${keys}`"""
    reader.open("/?lang=en").seek(8).wait(shown, ",filled")
    reader.seek(60).wait(shown, "")
    reader.arrived(reader.steps).seek(reader.steps).wait(shown, ",rounded")
    reader.open("/?lang=en&in_height=6").seek(8).wait(shown, ",filled,unread")


def test_a_line_of_code_is_not_cut_off_beside_the_stage(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?lang=en")
    for k in (8, 60, 700):
        assert not reader.seek(k).evaluate(SCROLLS, ".texts")[0], f"after {k} steps"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_names_on_the_map_keep_apart(new_reader: NewReader, language: str):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open(f"/?lang={language}")
    assert reader.page.locator("#track .station:not(.bare) .name").count() > 10
    assert reader.evaluate(OVERLAPS, "#track .station") == []
    assert reader.evaluate(OVERLAPS, "#track .station:not(.bare) :is(.name > *, canvas)") == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (844, 390), (1000, 800)])
def test_a_hint_covers_nothing_and_names_no_key_that_a_phone_lacks(new_reader: NewReader, width: int, height: int):
    touch = width < 900
    reader = new_reader(viewport={"width": width, "height": height}, has_touch=touch, is_mobile=touch, hinted=True)
    reader.open("/?lang=en").seek(8)
    hint = reader.page.locator(".tip")
    assert ("→" in hint.inner_text()) != touch
    foot = "footer :is(.tip, .caption, .loop, .slider, .counter), #transport .buttons > *, .more-paces"
    assert reader.evaluate(OVERLAPS, foot) == []
    tip, footer = hint.bounding_box(), reader.page.locator("footer").bounding_box()
    assert tip
    assert footer
    if width == 390:  # it is one more row of the foot
        assert (tip["x"], tip["width"], tip["y"] + tip["height"]) == pytest.approx((0, width, footer["y"]), abs=1.5)
    else:
        assert tip["y"] >= footer["y"]


def test_settings_of_a_page_in_another_page_look_as_they_do_elsewhere(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?lang=en&embed=1")
    weights = "() => [...document.querySelectorAll('.knob label')].map((label) => getComputedStyle(label).fontWeight)"
    assert set(reader.evaluate(weights)) == {"400"}
    reader.seek(8)
    assert len({round(below) for *_, below in reader.evaluate(BOARDS)}) == 1
    assert reader.evaluate(SCROLLS, ".panels") == [False, False]


def test_further_settings_stand_in_two_columns(new_reader: NewReader):
    reader = new_reader(viewport={"width": 1280, "height": 800}).open("/?lang=en")
    reader.page.get_by_role("button", name="More settings").click()
    boxes = [field.bounding_box() for field in reader.page.locator("#more :is(input, select)").all()]
    assert len(boxes) == 5
    assert len({round(box["x"]) for box in boxes if box}) == 2
    assert len({round(box["width"]) for box in boxes if box}) == 1


# On a phone what stands below the stage, behind the foot, is not quite where it will be.
@pytest.mark.parametrize(("width", "height", "most"), [(1280, 800, 0.02), (1920, 1080, 0.02), (390, 844, 0.05)])
def test_nothing_moves_when_the_page_comes_alive(new_reader: NewReader, width: int, height: int, most: float):
    reader = new_reader(viewport={"width": width, "height": height})
    reader.page.add_init_script(SHIFTS)
    reader.open("/?lang=en").figures()
    assert sum(reader.evaluate("window.shifts")) < most
