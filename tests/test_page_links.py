"""The address holds everything: whoever opens it, reloads it or comes back to it sees the same picture."""

import json
import re
from urllib.parse import quote

import numpy as np
import pytest
from playwright.sync_api import expect

import core
from core.recording.trace import Trace
from tests.browser import NewReader, Reader, walked

pytestmark = pytest.mark.browser

X = [[[0.0, 1.5, 2.0], [3.0, -4.0, 5.0], [6.0, 7.0, 0.25]]]
BROUGHT = f"/conv2d/walk?x={quote(json.dumps(X, separators=(',', ':')))}&kernel_height=2&kernel_width=2"


def brought(**settings: int) -> Trace:
    return core.record("conv2d", arrays={"x": X}, kernel_height=2, kernel_width=2, **settings)


@pytest.mark.slow
def test_a_pasted_link_restores_the_same_picture(reader: Reader, new_reader: NewReader):
    stride = reader.open().page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown").settled(stride=1)
    stride.blur()
    guest = new_reader()
    for k in (11, 700):
        reader.seek(k + 1).seek(k).rest()
        assert reader.address == f"/conv2d/walk?stride=1#{k}"
        guest.page.goto("about:blank")
        guest.open(reader.address).rest().settled(stride=1)
        assert guest.address == reader.address
        for one in (reader, guest):  # the guest has nothing to undo
            one.evaluate("document.querySelector('#history').style.visibility = 'hidden'")
        assert guest.looks_like(reader), k
    assert not guest.seek(k + 1).looks_like(reader)


def test_reload_back_and_forward_restore_what_was_there(reader: Reader):
    reader.open("/conv2d/walk?padding=2#30").settled(padding=2)
    stride = reader.page.get_by_label("Stride", exact=True)
    stride.focus()
    reader.press("ArrowDown").settled(padding=2, stride=1)
    reader.seek(50).rest()
    reader.page.reload()
    reader.settled(padding=2, stride=1).drawn(50).rest()
    reader.assert_shows(walked(padding=2, stride=1).snapshot(50))

    reader.page.go_back()
    reader.settled(padding=2).drawn(30).rest()
    assert reader.address == "/conv2d/walk?padding=2#30"
    reader.assert_shows(walked(padding=2).snapshot(30))

    reader.page.go_forward()
    reader.settled(padding=2, stride=1).drawn(50).rest()
    assert reader.asked == {"stride": "1", "padding": "2"}
    assert reader.address.endswith("#50")
    reader.assert_shows(walked(padding=2, stride=1).snapshot(50))


def test_another_number_behind_the_hash_goes_to_that_step(reader: Reader):
    reader.open("/#20").rest()
    assert reader.step == 20
    reader.evaluate("() => { location.hash = '#33'; }")
    reader.drawn(33).assert_shows(walked().snapshot(33))
    reader.page.go_back()
    reader.drawn(20).assert_shows(walked().snapshot(20))


def test_arrays_in_the_address_are_walked_and_stay_until_they_are_dropped(reader: Reader):
    trace = brought()
    reader.open(BROUGHT).arrived(len(trace.steps))
    reader.assert_shows(trace.snapshot(reader.step))
    # What the array sets says so where it stands, and, since that waits behind a button, beside it.
    expect(reader.page.locator(".brought")).to_be_visible()
    reader.page.get_by_role("button", name="More settings").click()
    height = reader.page.locator('[data-knob="in_height"]')
    expect(height.locator(".held")).to_have_text("held byx ×")
    assert reader.page.get_by_label("Input height").input_value() == "3"
    expect(reader.page.get_by_label("Input height")).to_be_disabled()
    expect(reader.page.locator(".is-held")).to_have_count(3)
    reader.press("Escape")
    padding = reader.page.get_by_label("Padding", exact=True)
    padding.focus()
    reader.press("ArrowUp").arrived(len(brought(padding=2).steps)).rest()
    assert json.loads(reader.asked["x"]) == X
    assert reader.asked["padding"] == "2"
    reader.assert_shows(brought(padding=2).snapshot(reader.step))

    reader.page.get_by_role("button", name="More settings").click()
    height.get_by_role("button", name="Do without x").click()
    expect(reader.page.locator(".held")).to_have_count(0)
    expect(reader.page.get_by_label("Input height")).to_be_enabled()
    # Its shape stays, as the controls say; its numbers are gone.
    sizes = {"in_channels": 1, "in_height": 3, "in_width": 3, "kernel_height": 2, "kernel_width": 2}
    reader.settled(**sizes, padding=2).rest()
    assert "x" not in reader.asked
    own = walked(**sizes, padding=2)
    assert not np.array_equal(own.start["x"], X)
    reader.assert_shows(own.snapshot(reader.step))


def test_a_step_beyond_the_end_is_the_end_and_says_so(reader: Reader):
    reader.open("/#99999").arrived(len(walked().steps)).rest()
    assert reader.step == reader.steps
    expect(reader.page.get_by_role("status").filter(has_text="This walk has only")).to_be_visible()
    assert str(reader.steps) in reader.page.locator("#notice").inner_text()
    reader.seek(5).rest()
    assert reader.address.endswith("#5")


@pytest.mark.parametrize(
    ("query", "setting", "said"),
    [
        ("stride=0", "stride", "stride must be from 1 to 16"),
        ("kernel_height=9", "kernel_height", "kernel"),
        ("x=[[1,2],[3]]", "", "the rows of x must all be of one length"),
        ("strife=1", "", "there is no such setting"),
    ],
)
def test_an_address_that_cannot_be_is_told_in_place_on_a_page_that_works(
    reader: Reader, query: str, setting: str, said: str
):
    reader.expect_complaint("status of 422")
    reader.open(f"/conv2d/walk?{query}").settled()
    assert said in reader.refusal(setting)
    reader.assert_shows(walked().snapshot(reader.step))
    padding = reader.page.get_by_label("Padding", exact=True)
    padding.focus()
    reader.press("ArrowUp").settled(padding=2).rest()
    assert reader.page.locator(".refusal:visible").count() == 0
    assert reader.address == f"/conv2d/walk?padding=2#{reader.step}"


def test_the_other_language_is_a_link_away_with_the_same_settings(reader: Reader):
    reader.open("/conv2d/walk?stride=1")
    reader.page.get_by_role("link", name="中文").click()
    reader.settled(stride=1)
    assert reader.page.locator("html").get_attribute("lang") == "zh-Hans"
    assert reader.page.get_by_label("步幅", exact=True).input_value() == "1"
    # A cookie keeps the language where the address does not say it.
    reader.open("/")
    assert reader.page.locator("html").get_attribute("lang") == "zh-Hans"


def test_a_link_keeps_its_own_words_until_the_reader_changes_what_they_stand_for(reader: Reader):
    reader.expect_complaint("status of 422")
    link = "/conv2d/walk?stride=abc&amp;out_channels=4&padding%3D2%26utm_source=mail&strid=1"
    reader.open(f"{link}#12.").settled(out_channels=4, padding=2).rest()
    assert reader.address == f"{link}#12"
    reader.assert_shows(walked(out_channels=4, padding=2).snapshot(12))

    def is_told() -> bool:
        beside = reader.refusal("").startswith("strid: there is no such setting; did you mean stride")
        return beside and reader.refusal("stride").startswith("stride must be a whole number")

    assert is_told()
    reader.press("ArrowRight").drawn(13).rest()
    assert reader.address == f"{link}#13"
    reader.page.reload()
    reader.settled(out_channels=4, padding=2).drawn(13)
    assert is_told()

    reader.page.locator("#share").evaluate("(share) => share.showPopover()")
    for kind in ("step", "presenter"):
        shared = reader.page.locator(f"#share-{kind}").input_value().removeprefix(reader.url)
        assert shared == f"/conv2d/walk?out_channels=4&padding=2{'&present=1' * (kind == 'presenter')}#13"
    reader.press("Escape")

    padding = reader.page.get_by_label("Padding", exact=True)
    padding.focus()
    reader.press("ArrowDown").settled(out_channels=4).rest()
    assert reader.address == f"/conv2d/walk?out_channels=4#{reader.step}"
    assert not reader.refusal("stride")
    reader.page.reload()  # what the link's own words stand for is not forgotten with the page
    reader.settled(out_channels=4)
    reader.page.go_back()
    reader.settled(out_channels=4, padding=2).drawn(13).rest()
    assert reader.address == f"{link}#13"
    assert is_told()
    reader.page.go_forward()
    reader.settled(out_channels=4).rest()
    assert reader.address == f"/conv2d/walk?out_channels=4#{reader.step}"


def test_what_is_shared_has_no_sign_that_a_chat_program_cuts_at(reader: Reader):
    reader.open("/conv2d/walk?stride=2,1&b=[1.5,-2]#12").rest()
    reader.wait("() => location.search === '?stride=2%2C1&b=%5B1.5%2C-2%5D'")  # people copy the address too
    reader.open("/conv2d/walk?stride=2,1&b=[1.5,-2]&utm_source=x#12").rest()
    reader.page.locator("#share").evaluate("(share) => share.showPopover()")
    for kind in ("step", "presenter"):
        shared = reader.page.locator(f"#share-{kind}").input_value()
        assert re.fullmatch(r"http://[\w.:]+/conv2d/walk\?[\w.=&%-]+#12", shared)
        assert "utm_source" not in shared
    frame = reader.page.locator("#share-frame").input_value()
    assert re.search(r'src="http://[\w.:]+/conv2d/walk\?[\w.=;&%-]+#12"', frame)
    reader.evaluate("() => { location.hash = '#38;padding=2#20'; }")  # & as an entity, cut at its sign: another page
    reader.page.goto(f"{reader.url}/conv2d/walk?stride=1&#38;padding=2#20")
    reader.settled(stride=1, padding=2).drawn(20)


def test_a_step_that_cannot_be_read_is_never_another_one_in_silence(reader: Reader):
    for link, step, said in (
        ("/#12.5", 5, "no step that can be read"),
        ("/?seed=0#_=_", 5, ""),
        ("/?from=x#%2312)", 12, ""),
        ("/?seed=0%2312", 12, ""),
    ):
        reader.open(link).arrived(len(walked().steps)).rest()
        assert reader.step == step
        notice = reader.page.locator("#notice")
        assert said in notice.inner_text() if said else notice.is_hidden()
