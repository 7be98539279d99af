"""The sheet of an array says which axes it expects, what a shape looks like, and offers the change to be made."""

import json

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import core
from tests.browser import Reader
from tests.test_page_edit import assert_walks, moment, open_sheet

pytestmark = pytest.mark.browser

RNG = np.random.default_rng(3)


def button(sheet: Locator, name: str) -> Locator:
    return sheet.get_by_role("button", name=name, exact=True)


def test_a_picture_with_its_channels_last_is_moved_put_back_and_applied(reader: Reader):
    reader.open().seek(moment("pad")).figures()
    sheet = open_sheet(reader, "x")
    text, told, apply = sheet.get_by_role("textbox"), sheet.locator(".read"), button(sheet, "Apply")
    expect(sheet.locator(".axes")).to_have_text("x: C, H, W (channels, height, width)")
    picture = RNG.integers(0, 9, (8, 20, 2)).astype(float)
    typed = json.dumps(picture.tolist())
    text.fill(json.dumps(RNG.integers(0, 9, (20, 21, 2)).tolist()))
    expect(told).to_have_text("channels come first in x: C, H, W; the shape 20×21×2 looks like H, W, C")
    expect(apply).to_be_disabled()
    text.fill(typed)
    expect(told).to_have_text(
        "8×20×2 · another shape: the sizes of the layer follow"
    )  # eight channels of 20×2 it may be
    expect(apply).to_be_enabled()
    picture = RNG.integers(0, 9, (20, 18, 1)).astype(float)
    typed = json.dumps(picture.tolist())
    text.fill(typed)
    move = button(sheet, "H, W, C → C, H, W: 1×20×18")
    move.click()
    expect(told).to_have_text("1×20×18 · another shape: the sizes of the layer follow")
    button(sheet, "Put it back").click()
    assert text.input_value() == typed
    expect(told).to_have_class("read amiss")
    move.click()
    apply.click()
    expect(sheet).to_be_hidden()
    assert_walks(reader, {"x": picture.transpose(2, 0, 1)})
    reader.page.get_by_role("button", name="Undo", exact=True).click()
    reader.settled()


def test_axes_that_have_no_letters_are_named_once(reader: Reader):
    reader.open("/training/walk?epochs=1").figures()
    expect(open_sheet(reader, "x").locator(".axes")).to_have_text("x: channel, row, column")


def test_weights_and_gradients_that_do_not_fit_are_refused_in_the_sheet_with_what_would(reader: Reader):
    x = RNG.integers(-2, 3, (4, 6, 6)).astype(float)
    address = f"/conv2d/walk?x={json.dumps(x.tolist(), separators=(',', ':'))}"
    reader.open(address).figures()
    sheet = open_sheet(reader, "w")
    text, told, apply = sheet.get_by_role("textbox"), sheet.locator(".read"), button(sheet, "Apply")
    expect(sheet.locator(".axes")).to_contain_text("w: F, C/groups, kH, kW (filters, channels of a group,")
    w = RNG.integers(-2, 3, (4, 2, 3, 2)).astype(float)
    text.fill(json.dumps(w.tolist()))
    expect(told).to_have_text("w of the shape 4×2×3×2 has its share of 4 channels with groups = 2")
    expect(apply).to_be_disabled()
    button(sheet, "set groups to 2").click()
    expect(sheet.locator(".layout")).to_contain_text("groups = 2")
    button(sheet, "Put it back").click()
    expect(apply).to_be_disabled()
    button(sheet, "set groups to 2").click()
    expect(apply).to_be_enabled()
    apply.click()
    expect(sheet).to_be_hidden()
    assert_walks(reader, {"x": x, "w": w}, groups=2)
    assert reader.asked["groups"] == "2"

    # A gradient of another shape than the output's, which no change of axes would make one.
    chapter = next(each for each in core.record("conv2d", arrays={"x": x, "w": w}, groups=2).chapters
                   if each.name == "through_activation")  # fmt: skip
    reader.seek(chapter.first + 1).figures()
    sheet = open_sheet(reader, "dy")
    shape = np.shape(reader.evaluate("() => convwalk.value('dy')"))
    text.fill(json.dumps(np.zeros((shape[0], shape[1] + 1, shape[2] + 1)).tolist()))
    expect(told).to_contain_text(f"dy must have the shape {shape}")
    expect(apply).to_be_disabled()
    text.fill(json.dumps(np.ones((shape[1], shape[2], shape[0])).tolist()))
    button(sheet, f"H′, W′, F → F, H′, W′: {'×'.join(map(str, shape))}").click()
    expect(apply).to_be_enabled()
    expect(told).to_contain_text("the shape it has now")


def test_numbers_that_no_address_can_hold_are_told_and_rounded_into_a_link_on_demand(reader: Reader):
    reader.open().seek(moment("pad")).figures()
    sheet = open_sheet(reader, "x")
    text, told, apply = sheet.get_by_role("textbox"), sheet.locator(".read"), button(sheet, "Apply")
    x = RNG.uniform(-1, 1, (3, 64, 64))
    text.fill(json.dumps(x.tolist()))
    expect(sheet.locator(".layout")).to_contain_text("These numbers take 131,0")
    expect(apply).to_be_enabled()
    button(sheet, "Round to 6 decimals").click()
    expect(told).to_have_text("3×64×64 · another shape: the sizes of the layer follow")
    button(sheet, "Put it back").click()
    assert text.input_value() == json.dumps(x.tolist())
    button(sheet, "Round to 6 decimals").click()
    text.fill(json.dumps(x.round(4).tolist()))  # what is typed needs no rounding
    apply.click()
    reader.wait("(first) => convwalk.value('x')[0][0][0] === first", float(x.round(4)[0, 0, 0]))
    expect(sheet).to_be_hidden()
    assert reader.asked["x"].startswith("i16e-4:3x64x64:")


def test_maps_below_each_other_become_filters_of_their_own(reader: Reader):
    reader.open("/conv2d/walk?in_channels=4").seek(3).figures()
    sheet = open_sheet(reader, "w")
    w = np.arange(36.0).reshape(4, 1, 3, 3)
    sheet.get_by_role("textbox").fill("\n\n".join("\n".join(" ".join(map(str, row)) for row in one[0]) for one in w))
    expect(sheet.locator(".read")).to_contain_text("1×4×3×3")
    button(sheet, "read as 4×1×3×3, set groups to 4").click()
    expect(sheet.locator(".read")).to_contain_text("4×1×3×3")
    sheet.get_by_role("button", name="Apply").click()
    assert_walks(reader, {"w": w}, groups=4)
    assert reader.asked["groups"] == "4"
