"""Changing a setting: another walk, the same chapter, and no way to one that cannot be."""

import re
from itertools import product
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Response, expect

import core
from core.catalog import LAYERS
from core.offer.settings import SettingError
from tests.browser import Reader, walked

pytestmark = [pytest.mark.browser, pytest.mark.plotless]


def control(reader: Reader, label: str) -> Locator:
    """A control, made visible where it waits behind the button."""
    found = reader.page.get_by_label(label, exact=True)
    more = reader.page.locator("#more")
    if more.locator(found).count() and not more.is_visible():
        reader.page.get_by_role("button", name="More settings").click()
    return found


def across(reader: Reader, setting: str) -> Locator:
    """The second field of a pair."""
    return reader.page.locator(f'[data-setting="{setting}"]').nth(1)


# What can be seen of the stage: everything but a label that lies over it.
STAGE = """() => [document.querySelector(".panels").innerHTML,
                  ...[...document.querySelectorAll("canvas")].map((canvas) => canvas.toDataURL())]"""


def is_stream(response: Response) -> bool:
    return "/stream?" in response.url


def possible(**settings: Any) -> bool:
    try:
        core.catalog.Run.of("conv2d", **settings)
    except SettingError:
        return False
    return True


def test_a_setting_changed_by_keyboard_brings_another_walk_in_the_same_chapter(reader: Reader):
    reader.open().arrived(len(walked().steps))
    expand = next(chapter for chapter in walked().chapters if chapter.name == "expand")
    reader.seek(expand.first + 2).rest()
    picture = reader.page.locator(".panels").screenshot()
    control(reader, "Stride").focus()
    with reader.page.expect_response(is_stream) as answer:
        reader.press("ArrowDown")
    assert "stride=1" in answer.value.url
    trace = walked(stride=1)
    reader.arrived(len(trace.steps)).rest()
    k = next(chapter for chapter in trace.chapters if chapter.name == "expand").first + 2
    assert (reader.chapter, reader.step) == ("expand", k)
    assert reader.address == f"/conv2d/walk?stride=1#{k}"
    assert reader.page.locator(".panels").screenshot() != picture
    assert across(reader, "stride").input_value() == "1"  # it follows while it has no value of its own
    reader.assert_shows(trace.snapshot(k))
    reader.seek(reader.steps).assert_shows(core.run("conv2d", stride=1))

    # And back again: the default needs no words in the address.
    control(reader, "Stride").focus()
    reader.press("ArrowUp").arrived(len(walked().steps)).rest()
    assert reader.chapter == "gradient check"
    assert reader.address == f"/conv2d/walk#{reader.step}"


# What is of the walk and not of its numbers; and each change of the page from now on that changes nothing.
SAME = ("#formula math", "#source pre:not([hidden])", ".chapter-doc p", "#map .station", '#map [data-thumb="w"] canvas')
WATCH = """(selectors) => {
  window.stood = selectors.map((selector) => document.querySelector(selector));
  window.idle = [];
  new MutationObserver((changes) => {
    for (const { target, attributeName, oldValue } of changes)
      if (target.getAttribute(attributeName) === oldValue) idle.push(`${target.localName} ${attributeName}`);
  }).observe(document.querySelector("#settings"), { subtree: true, attributes: true, attributeOldValue: true });
}"""


def test_what_two_walks_have_in_common_stays_when_a_setting_is_changed(reader: Reader):
    reader.open("/#30").arrived(len(walked().steps)).rest()
    control(reader, "Stride").focus()
    reader.evaluate(WATCH, SAME)
    reader.press("ArrowDown").arrived(len(walked(stride=1).steps)).rest()
    stands = reader.evaluate(
        "(selectors) => selectors.map((each, at) => document.querySelector(each) === stood[at])", SAME
    )
    assert dict(zip(SAME, stands, strict=True)) == dict.fromkeys(SAME, True)
    assert reader.evaluate("() => idle.filter((each) => !/style|class/.test(each))") == []


def test_the_second_field_of_a_pair_has_a_value_of_its_own(reader: Reader):
    reader.open()
    across(reader, "stride").focus()
    trace = walked(stride=(2, 1))
    reader.press("ArrowDown").arrived(len(trace.steps)).rest()
    assert reader.address == f"/conv2d/walk?stride=2%2C1#{reader.step}"
    reader.assert_shows(trace.snapshot(reader.step))
    formula = reader.page.locator(".sizes")
    expect(formula).to_contain_text("⌊(5 + 2·1 − 3)/2⌋ + 1 = 3")
    expect(formula).to_contain_text("⌊(5 + 2·1 − 3)/1⌋ + 1 = 5")

    # From now on the first one leaves it alone.
    control(reader, "Stride").focus()
    reader.press("ArrowUp").arrived(len(walked(stride=(3, 1)).steps)).rest()
    assert reader.address.startswith("/conv2d/walk?stride=3%2C1#")


def test_every_kind_of_control_sets_what_it_says(reader: Reader):
    reader.open()
    settings: dict[str, Any] = {}
    for label, value, name, wanted in [
        ("Filters", "1", "out_channels", 1),
        ("Activation", "sigmoid", "activation", "sigmoid"),
        ("Layer before", "ReLU", "activation_before", "relu"),
        ("Gradient dy", "all ones", "grad_output", "ones"),
        ("Learning rate", "0.25", "learning_rate", 0.25),
        ("Seed (0: the example)", "7", "seed", 7),
    ]:
        chosen = control(reader, label)
        with reader.page.expect_response(is_stream) as answer:
            if chosen.evaluate("(control) => control.tagName") == "SELECT":
                chosen.select_option(value)
            else:
                chosen.fill(value)
                chosen.press("Enter")
        settings[name] = wanted
        assert f"{name}={wanted}" in answer.value.url
        reader.wait("(text) => location.search.includes(text)", f"{name}={wanted}").settled(**settings)
        assert reader.asked == {name: str(value) for name, value in settings.items()}
    reader.seek(reader.steps).assert_shows(core.run("conv2d", **settings))


def test_a_refusal_of_a_setting_that_waits_behind_the_button_is_seen(reader: Reader):
    reader.expect_complaint("422")
    reader.open("/?learning_rate=-3")
    expect(reader.page.get_by_label("Learning rate")).to_be_visible()
    assert "from 0" in reader.refusal("learning_rate")


def test_kernel_stride_padding_and_the_size_they_make_are_one_row(reader: Reader):
    reader.open("/conv2d/walk")
    assert_foremost_in_one_row(reader, "conv2d")


def assert_foremost_in_one_row(reader: Reader, layer: str) -> None:
    """The page of a layer is open: of the others in `test_page_layers`."""
    settings = LAYERS[layer].settings
    seen = reader.evaluate(
        """() => [...document.querySelectorAll("[data-knob]")]
          .filter((knob) => knob.checkVisibility()).map((knob) => knob.dataset.knob)"""
    )
    assert seen == ([name for name in settings.kinds() if name in settings.FOREMOST] or list(settings.kinds()))
    middles = """() => [...document.querySelectorAll("#settings > :not([popover]), #settings > fieldset > div")]
      .filter((each) => each.checkVisibility())
      .map((each) => each.getBoundingClientRect()).map(({ top, bottom }) => (top + bottom) / 2)"""
    assert np.ptp(reader.evaluate(middles)) < 2
    sizes = reader.page.locator(".sizes div").all_inner_texts()
    formula = LAYERS[layer].formula(settings())
    assert len(sizes) == len({(each["numbers"], each["value"]) for each in formula})
    assert all(any(f"{each['numbers']} = {each['value']}" in text for text in sizes) for each in formula)


def test_the_button_says_how_many_settings_behind_it_were_changed(reader: Reader):
    reader.open("/?dilation=2&padding=3&in_height=6")
    more = reader.page.get_by_role("button", name="More settings")
    expect(more).to_have_text("More settings · 2 changed")
    control(reader, "Dilation").press("ArrowDown")
    expect(more).to_have_text("More settings · 1 changed")
    control(reader, "Input height").press("ArrowDown")
    expect(more).to_have_text("More settings")


def test_padding_is_set_for_the_axes_for_each_side_or_by_a_word(reader: Reader):
    reader.open()
    fields = reader.page.locator('[data-setting="padding"]')
    mode = reader.page.locator('[data-mode="padding"]')
    assert [fields.nth(at).is_visible() for at in range(4)] == [True, False, True, False]

    def turn(at: int, key: str, **settings: Any) -> None:
        fields.nth(at).focus()
        reader.press(key).settled(**settings).rest()
        value = settings["padding"]
        written = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        assert reader.asked == ({} if value == 1 else {"padding": written})
        assert [fields.nth(k).input_value() for k in range(4)] == [
            str(part) for part in core.offer.settings.Sides(0, 16, ()).accept("padding", value)
        ]

    turn(0, "ArrowUp", padding=2)  # all sides move with the first while they are equal
    turn(2, "ArrowDown", padding=(2, 1))
    turn(0, "ArrowDown", padding=1)
    mode.select_option("sides")
    assert all(fields.nth(at).is_visible() for at in range(4))
    turn(3, "ArrowUp", padding=(1, 1, 1, 2))
    turn(0, "ArrowDown", padding=(0, 1, 1, 2))
    mode.select_option("pair")
    reader.settled(padding=(0, 1)).rest()
    mode.select_option("same")
    reader.settled(padding="same").rest()
    assert reader.asked == {"padding": "same"}
    assert not any(fields.nth(at).is_visible() for at in range(4))
    reader.page.reload()
    reader.settled(padding="same").rest()
    assert mode.input_value() == "same"
    mode.select_option("sides")
    reader.settled(padding=1)


def test_an_arrow_key_turns_a_side_before_the_limits_of_the_new_padding_have_come(reader: Reader):
    reader.open("/conv2d/walk?padding=1,1,1,3")
    reader.page.route("**/limits?*", lambda route: route.abort())
    reader.expect_complaint("Failed to load resource")
    sides = reader.page.locator('[data-setting="padding"]')
    for at, key, padding in ((0, "ArrowUp", "2,1,1,3"), (2, "ArrowDown", "2,1,0,3"), (3, "ArrowUp", "2,1,0,4")):
        sides.nth(at).focus()
        reader.press(key)
        reader.wait("(padding) => new URLSearchParams(location.search).get('padding') === padding", padding)


def test_a_word_for_the_padding_stands_whole_and_the_size_beside_it_is_that_of_its_rule(reader: Reader):
    reader.open("/max_pool2d/walk?in_height=5&kernel_size=3")
    mode = reader.page.locator('[data-mode="padding"]')
    for word in ("same_lower", "same"):
        mode.select_option(word)
        reader.wait(
            """(word) => new URLSearchParams(location.search).get("padding") === word
                && document.querySelector(".sizes code").textContent.startsWith("⌈5/2⌉")""",
            word,
        ).rest()
        assert reader.page.locator(".sizes code").all_inner_texts() == ["⌈5/2⌉ = 3", "⌈4/2⌉ = 2"]
        assert reader.page.locator(".sizes div").first.get_attribute("title") == "Output height: ⌈H/s⌉"
        assert reader.page.evaluate("window.convwalk.value('y')[0].length") == 3
    room = """(list) => {
        const free = Object.assign(list.cloneNode(true), { style: "width: auto; position: absolute" });
        list.after(free);
        const [has, needs] = [list, free].map((one) => one.getBoundingClientRect().width);
        free.remove();
        return has - needs;
    }"""
    assert mode.evaluate(room) >= 0


def test_groups_are_picked_among_those_that_divide(reader: Reader):
    reader.open("/conv2d/walk?in_channels=4&out_channels=6").settled(in_channels=4, out_channels=6)
    groups = control(reader, "Groups")
    offered = groups.locator("option:not([disabled])").all_inner_texts()
    assert offered == ["1", "2"]
    groups.select_option("2")
    reader.settled(in_channels=4, out_channels=6, groups=2).rest()
    assert reader.asked == {"in_channels": "4", "out_channels": "6", "groups": "2"}


def test_a_typed_value_that_cannot_be_is_refused_beside_its_control(reader: Reader):
    reader.expect_complaint("status of 422")
    reader.open().seek(40).rest()
    before = reader.evaluate(STAGE)
    stride = control(reader, "Stride")
    stride.fill("0")  # Enter would be late on a slow machine, and take what stands again
    expect(reader.page.locator('[data-refusal="stride"]')).to_be_visible()
    assert reader.refusal("stride") == "stride must be from 1 to 16"
    assert stride.get_attribute("aria-invalid") == "true"
    assert stride.input_value() == "2"
    reader.rest()
    assert reader.address == "/conv2d/walk#40"
    assert reader.evaluate(STAGE) == before
    reader.assert_shows(walked().snapshot(40))

    # It goes away with the next good value.
    stride.fill("3")
    stride.press("Enter")
    reader.arrived(len(walked(stride=3).steps))
    assert reader.refusal("stride") == ""
    assert stride.get_attribute("aria-invalid") == "false"


def test_what_two_settings_make_impossible_is_refused_beside_the_one_that_was_changed(reader: Reader):
    reader.expect_complaint("status of 422")
    reader.open().rest()
    dilation = control(reader, "Dilation")
    dilation.fill("5")
    dilation.press("Enter")
    shown = reader.page.locator(".refusal:visible")
    expect(shown).to_have_count(1)
    assert re.search(r"kernel|dilation", shown.inner_text())
    reader.rest().assert_shows(walked().snapshot(5))
    assert reader.address == "/conv2d/walk#5"


def test_the_spin_buttons_reach_all_that_is_possible_and_nothing_else(reader: Reader):
    now: dict[str, Any] = {"in_height": 2, "in_width": 4, "in_channels": 1, "out_channels": 1, "kernel_height": 2,
                           "kernel_width": 3, "stride": 1, "padding": 0}  # fmt: skip
    reader.open("/conv2d/walk?" + "&".join(f"{name}={value}" for name, value in now.items()))
    # Each as far as it goes; what was set before bounds what can be set next.
    for label, name, key, by in [
        ("Kernel height", "kernel_height", "ArrowUp", 1),
        ("Kernel width", "kernel_width", "ArrowUp", 1),
        ("Input height", "in_height", "ArrowDown", -1),
        ("Input width", "in_width", "ArrowUp", 1),
        ("Dilation", "dilation", "ArrowUp", 1),
        ("Padding", "padding", "ArrowDown", -1),
    ]:
        field = control(reader, label)
        field.focus()
        for _ in range(2):
            value = int(field.input_value())
            beyond = now | {name: value + by}
            reader.press(key)
            if not possible(**beyond):
                assert field.input_value() == str(value), f"{label} can be set to what is impossible beside {now}"
                break
            now = beyond
            assert field.input_value() == str(value + by), f"{label} cannot be set to {value + by} beside {now}"
            reader.settled(**now)
            reader.wait(
                """([name, low, high]) => {
                    const { ariaValueMin, ariaValueMax } = document.querySelector(`[data-setting="${name}"]`);
                    return ariaValueMin === low && ariaValueMax === high;
                }""",
                [name, *reach(name, now)],
            )
    assert reader.page.locator(".refusal:visible").count() == 0


def reach(name: str, settings: dict[str, Any]) -> tuple[str, str]:
    """The smallest and the largest value of a setting that is possible beside the others."""
    values = [value for value in range(65) if possible(**settings | {name: value})]
    assert values == list(range(values[0], values[-1] + 1)), "a range has no gap"
    return str(values[0]), str(values[-1])


def test_the_second_field_of_a_pair_reaches_what_is_possible_beside_the_first(reader: Reader):
    settings = {"in_height": 3, "in_width": 6, "kernel_height": 3, "kernel_width": 2, "padding": (0, 1)}
    reader.open("/conv2d/walk?in_height=3&in_width=6&kernel_height=3&kernel_width=2&padding=0,1")
    pairs = [dilation for dilation in product(range(1, 9), repeat=2) if possible(**settings, dilation=dilation)]
    fields = reader.page.locator('[data-setting="dilation"]')
    ends = fields.evaluate_all("(fields) => fields.map((one) => [Number(one.ariaValueMin), Number(one.ariaValueMax)])")
    # The first field moves both while they are equal; the second moves alone.
    assert ends == [[1, max(h for h, w in pairs if h == w)], [1, max(w for h, w in pairs if h == 1)]]
    assert ends[0][1] < ends[1][1]
