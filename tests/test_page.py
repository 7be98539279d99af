"""The page in a real browser: what it plays, and that every array of it is Python's at every step."""

import random

import pytest
from playwright.sync_api import expect

import core
from tests.browser import Reader, walked

pytestmark = pytest.mark.browser


def test_a_page_opens_at_the_first_patch(reader: Reader):
    trace = walked()
    reader.open()
    assert (reader.step, reader.steps, reader.chapter) == (3, len(trace.steps), "correlate")
    reader.assert_shows(trace.snapshot(3))


@pytest.mark.parametrize("pace", ["every cell", "every chapter"])
def test_it_plays_to_the_end_where_every_array_is_that_of_a_plain_run(reader: Reader, pace: str):
    trace = walked()
    reader.open().page.get_by_label("Stop at").select_option(pace)
    reader.page.get_by_label("Speed").select_option("60 a second")
    reader.page.get_by_role("button", name="Play").click()
    expect(reader.page.get_by_role("button", name="Pause")).to_be_visible()
    reader.page.get_by_role("button", name="Play").wait_for(timeout=60_000)
    reader.drawn(len(trace.steps)).assert_shows(core.run("conv2d"))
    for k in random.Random(4).sample(range(len(trace.steps) + 1), 25):
        reader.seek(k).assert_shows(trace.snapshot(k))
