"""The page of a figure: Plotly plays it there, it is taken away as a file, and the file plays without a network."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Download

import core
from tests.browser import NewReader, Reader
from tests.test_page_axe import in_both_schemes

pytestmark = pytest.mark.browser

CHAPTER = "/conv2d/bias_gradient/figure?dy=[[[1,2],[3,4]]]&in_height=3&in_width=3&out_channels=1&lang=en"
SAID = "() => document.querySelector('.said').textContent"

# What Plotly itself holds: the number of each cell that is seen, by its name.
HELD = """() => {
  const held = {};
  for (const { type, visible, hovertext, z } of document.querySelector("#figure")._fullData) {
    if (type !== "heatmap" || visible === false) continue;
    hovertext.forEach((row, i) => row.forEach((name, j) => name && (held[name] = z[i][j])));
  }
  return held;
}"""


def held_is(held: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    assert held
    for name, value in held.items():
        array, _, index = name.rstrip("]").partition("[")
        assert value == arrays[array][tuple(map(int, index.split(", ")))], name


def saved(reader: Reader, kind: str) -> Download:
    with reader.page.expect_download() as coming:
        reader.page.locator(f"[data-saves={kind}]").click()
    return coming.value


def press(reader: Reader, key: str, then: str) -> None:
    """Press a key on the figure, and wait for what is said then."""
    reader.page.locator("#figure").press(key)
    reader.wait(f"(then) => ({SAID})().includes(then)", then)


def test_a_figure_plays_to_its_end_by_its_own_button_and_by_the_keyboard(reader: Reader):
    reader.open(CHAPTER)
    assert reader.evaluate(SAID) == "bias gradient · before the first step"
    reader.page.locator("#figure .updatemenu-button").first.click()
    reader.wait(f"() => ({SAID})().includes('one bias')")
    end = core.run("conv2d", "bias_gradient", {"dy": [[[1, 2], [3, 4]]]}, in_height=3, in_width=3, out_channels=1)
    held_is(reader.evaluate(HELD), end)
    press(reader, "Home", "before the first step")
    press(reader, "ArrowRight", "db[0] = dz[0, 0, 0] = 1")
    press(reader, "ArrowRight", "db[0] = 1 + 2 = 3")
    press(reader, "ArrowLeft", "db[0] = dz[0, 0, 0] = 1")
    press(reader, "End", "one bias")
    held_is(reader.evaluate(HELD), end)
    press(reader, "Home", "before the first step")
    press(reader, " ", "one bias")
    # Plotly's slider is where the keyboard has gone.
    assert reader.evaluate("() => document.querySelector('#figure').layout.sliders[0].active") == 5


def test_the_saved_file_plays_to_its_end_without_a_network(reader: Reader, tmp_path: Path):
    reader.open(CHAPTER)
    press(reader, "End", "one bias")  # the file begins at the beginning all the same
    coming = saved(reader, "html")
    assert coming.suggested_filename == "conv2d-bias_gradient.html"
    coming.save_as(tmp_path / "figure.html")
    browser = reader.context.browser
    assert browser is not None
    context = browser.new_context(offline=True)
    page = context.new_page()
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("request", lambda request: heard.append(request.url) if request.url.startswith("http") else None)
    page.goto((tmp_path / "figure.html").as_uri())
    page.wait_for_function("() => document.documentElement.dataset.said?.includes('before the first step')")
    page.locator("#figure .updatemenu-button").first.click()
    page.wait_for_function("() => document.documentElement.dataset.said.includes('one bias')")
    end = core.run("conv2d", "bias_gradient", {"dy": [[[1, 2], [3, 4]]]}, in_height=3, in_width=3, out_channels=1)
    held_is(page.evaluate(HELD), end)
    page.locator("#figure .updatemenu-button").nth(1).click()
    page.locator("#figure").press("Home")
    page.wait_for_function("() => document.documentElement.dataset.said.includes('before the first step')")
    assert page.title() == "Convolution layer · bias gradient"
    assert heard == []
    context.close()


def test_a_frame_is_saved_as_a_picture_without_its_controls(reader: Reader, tmp_path: Path):
    reader.open(CHAPTER)
    press(reader, "ArrowRight", "db[0] = dz[0, 0, 0] = 1")
    png = saved(reader, "png")
    assert png.suggested_filename == "conv2d-bias_gradient.png"
    png.save_as(tmp_path / "frame.png")
    assert (tmp_path / "frame.png").read_bytes().startswith(b"\x89PNG\r\n")
    saved(reader, "svg").save_as(tmp_path / "frame.svg")
    text = "".join(ET.fromstring((tmp_path / "frame.svg").read_text(encoding="utf-8")).itertext())
    assert "db[0] = dz[0, 0, 0] = 1" in text
    assert "Play" not in text
    assert reader.page.locator("#figure .updatemenu-button").count() == 2  # the page keeps its own


def test_the_page_of_a_walk_leads_to_its_chapter_as_a_figure_and_back_to_the_step(reader: Reader):
    reader.open("/conv2d/walk?stride=1&lang=en").seek(30)
    reader.wait("() => location.hash === '#30'")
    reader.page.locator("#actions button[popovertarget=share]").click()
    reader.page.locator("#share .as-figure").click()
    reader.wait("() => window.convwalk?.ready.then(() => location.pathname.endsWith('/figure'))")
    assert reader.page.locator("h1").inner_text() == "Convolution layer · correlate"
    assert reader.evaluate("() => document.querySelector('#figure').data.find(({name}) => name === 'z').z.length") > 5
    reader.page.locator("a.back").click()
    reader.wait("() => window.convwalk?.ready.then(() => location.hash === '#30')")
    assert "stride=1" in reader.page.url


def test_a_chapter_that_is_too_large_for_every_cell_stops_less_often(reader: Reader):
    reader.expect_complaint("422")
    reader.open("/conv2d/bias_gradient/figure?lang=en&in_height=32&in_width=32&stride=1")
    stop = reader.page.locator("select.stop")
    assert stop.input_value() == "map"
    stop.select_option("cell")  # asked for, it is refused in words
    reader.wait(f"() => ({SAID})().includes('more than 1000 frames')")
    assert reader.page.locator(".said.quiet").count() == 0
    assert "stop=cell" in reader.page.url
    stop.select_option("chapter")
    reader.wait(f"() => ({SAID})().includes('before the first step')")


@pytest.mark.parametrize(("language", "play"), [("en", "▶ Play"), ("zh", "▶ 播放")])
def test_a_figure_keeps_no_reader_out_in_either_language(reader: Reader, language: str, play: str):
    reader.open(CHAPTER.replace("lang=en", f"lang={language}"))
    assert reader.page.locator("#figure .updatemenu-button").first.text_content() == play
    assert in_both_schemes(reader) == []


def test_a_figure_has_the_colours_of_the_page(reader: Reader):
    reader.open(CHAPTER)
    ground = "() => document.querySelector('#figure').layout.paper_bgcolor"
    surface = "() => getComputedStyle(document.documentElement).getPropertyValue('--surface').trim()"
    light = reader.evaluate(ground)
    assert light == reader.evaluate(surface)
    reader.page.locator("button.theme").click()
    reader.wait(f"(light) => ({ground})() !== light", light)
    assert reader.evaluate(ground) == reader.evaluate(surface)
    reader.evaluate("() => localStorage.clear()")


def test_on_a_narrow_screen_nothing_of_a_figure_is_cut(new_reader: NewReader):
    reader = new_reader(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    reader.open("/max_pool2d/pool/figure?lang=zh")
    wide, scrolled, page = reader.evaluate(
        """() => [document.querySelector("#figure").clientWidth, document.querySelector(".window").scrollWidth,
                  document.documentElement.scrollWidth]"""
    )
    assert wide == scrolled > 800
    assert page <= 390


def test_what_makes_no_sense_in_the_address_is_left_out_and_said(reader: Reader):
    reader.expect_complaint("422")
    reader.open("/conv2d/flip/figure?stride=abc&lang=en&stop=map")
    assert "stride" in reader.page.locator(".refusal").inner_text()
    assert len(reader.evaluate(HELD)) == 54
