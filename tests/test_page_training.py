"""A network that learns, on the page: a digit of one's own, and where everything stands."""

import numpy as np
import pytest

import core
from core.pictures.digits import digits
from tests.browser import Reader
from tests.conftest import NewReader

SHORT = {"epochs": 1}


def drawn_through(reader: Reader) -> np.ndarray:
    """Draw an upright stroke for x, and take it."""
    page = reader.page
    page.locator('.edit-array[data-edits="x"]').click()
    page.locator('[data-way="draw"]').click()
    box = page.locator("dialog.bring .surface canvas").bounding_box()
    assert box
    across = box["x"] + 0.5 * box["width"]
    page.mouse.move(across, box["y"] + 0.1 * box["height"])
    page.mouse.down()
    page.mouse.move(across, box["y"] + 0.9 * box["height"], steps=5)
    page.mouse.up()
    assert page.locator("dialog.bring .options label:visible").count() == 0, "there is nothing to be chosen"
    page.locator("dialog.bring .tells", has_text="1×8×8").wait_for()
    page.locator("dialog.bring[open] .answers .apply:visible").click()
    page.wait_for_function("() => !document.querySelector('dialog[open]') && location.search.includes('x=')")
    return np.array(reader.evaluate("() => convwalk.value('x')"))


@pytest.mark.parametrize("size", [(1280, 720), (390, 844)])
def test_a_digit_of_ones_own_is_read_at_every_step(new_reader: NewReader, size: tuple[int, int]):
    reader = new_reader(viewport={"width": size[0], "height": size[1]}).open("/training/walk?epochs=1&lang=en#3")
    x = drawn_through(reader)
    assert x.shape == (1, 8, 8)
    assert set(np.unique(x * 16) % 1) == {0}, "each is the share of sixteen cells that has ink"
    assert x[0, 2:6, 3:5].all()
    assert not x[0, :, :2].any()
    assert x.max() <= 1
    trace = core.record("training", arrays={"x": x}, **SHORT)
    reader.arrived(len(trace.steps))
    for k in (0, 3, 30, len(trace.steps)):
        reader.seek(k).assert_shows(trace.snapshot(k))


def test_a_digit_of_the_shelf_has_the_range_of_those_that_it_learns(new_reader: NewReader):
    page = (reader := new_reader().open("/training/walk?epochs=1&lang=en")).page
    page.locator('.edit-array[data-edits="x"]').click()
    page.locator('[data-way="shelf"]').click()
    page.get_by_role("button", name="a handwritten 7").first.click()
    page.locator("dialog.bring .tells", has_text="white is 1").wait_for()
    page.locator("dialog.bring[open] .answers .apply:visible").click()
    page.wait_for_function("() => !document.querySelector('dialog[open]') && location.search.includes('x=')")
    x = np.array(reader.evaluate("() => convwalk.value('x')"))
    assert x.shape == (1, 8, 8)
    sevens = [one.cells / 16 for one in digits() if one.digit == 7]
    assert any(np.array_equal(x[0], seven) for seven in sevens)
    w = reader.seek(0).evaluate("() => convwalk.value('w')")
    assert np.array_equal(w, core.run("training", "walk", **SHORT)["w_start"]), "no kernel comes with it"


@pytest.mark.parametrize("filters", [1, 4, 16])
@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_the_digit_and_its_scores_are_read_and_all_else_is_in_view(
    new_reader: NewReader, size: tuple[int, int], filters: int
):
    reader = new_reader(viewport={"width": size[0], "height": size[1]})
    reader.open(f"/training/learn?epochs=2&lang=en&out_channels={filters}#6").rest()
    boards = reader.evaluate(
        """() => {
            const panels = [...document.querySelectorAll("#stage .panels [data-array]")];
            const inside = document.querySelector("#stage .panels").getBoundingClientRect();
            return panels.map((panel) => {
                const board = panel.querySelector(".board").getBoundingClientRect();
                const { left, top, right, bottom, width, height } = board;
                const isSeen = left >= inside.left && right <= inside.right + 1 && top >= inside.top
                    && bottom <= inside.bottom + 1;
                return [panel.dataset.array, isSeen, width, height, left];
            });
        }"""
    )
    assert {name for name, *_ in boards} >= {"x", "w", "y", "scores", "w_linear", "dw", "loss", "accuracy"}
    assert all(is_seen for _, is_seen, *_ in boards), boards
    sizes = {name: height for name, _, _, height, _ in boards}
    assert sizes["x"] >= 8 * 19
    assert sizes["scores"] >= 10 * 19
    assert sizes["loss"] < sizes["x"]
    places = {name: left for name, *_, left in boards}
    assert places["x"] < places["w"] < places["y"] < places["scores"]
