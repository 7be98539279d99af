"""From a chapter of a walk that is made of several layers a reader opens the one that runs, on the numbers it has."""

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

import core
from core.catalog import LAYERS, Run
from core.recording.trace import Trace
from tests.addresses import array_text
from tests.browser import Reader


@pytest.fixture(scope="module")
def network() -> Trace:
    return core.record("network")


def control(reader: Reader) -> Locator:
    return reader.page.locator(".opens button")


def moment(trace: Trace, chapter: str, source: str) -> int:
    """After the first step of a function in a chapter."""
    found = next(one for one in trace.chapters if one.name == chapter)
    return next(scene.first for scene in found.scenes if scene.source == source) + 1


def function(reader: Reader) -> str:
    return str(reader.page.locator(".stack li").last.inner_text())


def test_the_layer_that_runs_is_named_where_one_reads_and_nothing_where_none_runs(reader: Reader, network: Trace):
    reader.open()
    assert control(reader).count() == 0, "a layer that is made of no others"
    reader.open("/network/walk").arrived(len(network.steps))
    for chapter, source, title in [
        ("forward", "conv.correlate", "Convolution layer"),
        ("forward", "activation.relu", "Activation functions"),
        ("forward", "max_pool.first_in_rows", "Max pooling"),
        ("flatten", "convolution_as_linear.flatten", ""),
        ("softmax", "softmax_cross_entropy.exponentiate", "Softmax and cross-entropy"),
        ("back_through_linear", "linear.bias_gradient", "Fully connected layer"),
        ("gradient_check", "gradient_check.nudge", ""),
        ("forward_again", "conv.correlate", ""),  # of which no gradient has come back
    ]:
        reader.seek(moment(network, chapter, source))
        if title:
            expect(control(reader)).to_have_text(f"Open this layer alone: {title}")
        else:
            expect(control(reader)).to_be_hidden()


def test_a_layer_is_opened_on_its_numbers_where_one_was_and_the_way_back_leads_to_the_same_step(
    reader: Reader, network: Trace
):
    there = moment(network, "back_through_linear", "linear.weight_gradient")
    reader.open("/network/walk?lang=zh").arrived(len(network.steps)).seek(there).rest()
    expect(control(reader)).to_have_text("单独打开这一层： 全连接层")
    control(reader).press("Enter")
    reader.page.wait_for_url("**/linear/walk?**")
    run = Run.of("network")
    one = next(one for one in LAYERS["network"].opens if one.layer == "linear")
    opened = run.opened(network.outline, one)
    steps = len(list(opened.steps()))
    reader.arrived(steps)
    assert function(reader) == "weight_gradient"
    assert reader.asked["lang"] == "zh"
    reader.seek(steps)
    for name, mine in {"x": "flat", "dy": "dscores", "dx": "dflat", "dw": "dw_linear", "w": "w_linear"}.items():
        np.testing.assert_array_equal(reader.evaluate(f"() => convwalk.value('{name}')"), network.outline.end[mine])
    reader.page.go_back()
    reader.page.wait_for_url("**/network/walk?**")
    reader.wait(f"() => window.convwalk?.step === {there}")


def test_a_layer_whose_numbers_no_address_can_hold_is_opened_all_the_same(reader: Reader):
    sizes = {"in_height": 28, "in_width": 28, "out_channels": 6}
    trace = core.record("network", "forward", **sizes)
    query = "&".join(f"{name}={size}" for name, size in sizes.items())
    reader.open(f"/network/forward?{query}").arrived(len(trace.steps))
    scenes = [scene for chapter in trace.chapters for scene in chapter.scenes]
    reader.seek(next(scene.first for scene in scenes if scene.source == "activation.relu") + 1)
    control(reader).click()
    reader.page.wait_for_url("**/activation/walk?**")
    assert "not-in-link-6x26x26" in reader.page.url
    reader.wait("() => window.convwalk?.steps")
    assert function(reader) == "relu"
    z = reader.evaluate("() => convwalk.value('z')")
    np.testing.assert_array_equal(z, trace.outline.end["z"])


def test_a_step_of_a_training_is_walked_with_the_weights_that_it_has(reader: Reader):
    trace = core.record("training", epochs=1)
    reader.open("/training/walk?epochs=1").arrived(len(trace.steps)).seek(40)
    expect(control(reader)).to_have_text("Walk one step with these weights, towards the class 2")
    control(reader).click()
    reader.page.wait_for_url("**/network/walk?**")
    reader.wait("() => window.convwalk?.steps")
    for name in ("x", "w", "w_linear"):
        np.testing.assert_array_equal(reader.evaluate(f"() => convwalk.value('{name}')"), trace.snapshot(40)[name])


def test_before_a_step_is_walked_with_a_digit_of_ones_own_it_is_said_which_class_is_right(reader: Reader):
    mine = array_text(np.eye(8)[None])
    for kind in (2, 7):  # what is drawn tells nobody what it is meant to be
        reader.open(f"/training/walk?epochs=1&x={mine}" + (f"&digit={kind}" if kind != 2 else "")).seek(40)
        expect(control(reader)).to_have_text(f"Walk one step with these weights, towards the class {kind}")
    control(reader).click()
    reader.page.wait_for_url("**/network/walk?**")
    reader.wait("() => window.convwalk?.steps")
    np.testing.assert_array_equal(reader.evaluate("() => convwalk.value('t')"), np.eye(10)[7])
    np.testing.assert_array_equal(reader.evaluate("() => convwalk.value('x')"), np.eye(8)[None])


def test_what_the_server_cannot_be_asked_for_is_said(reader: Reader):
    reader.open("/chain/walk")
    expect(control(reader)).to_be_visible()
    reader.page.route("**/opened?**", lambda route: route.abort())
    reader.expect_complaint("ERR_FAILED")
    control(reader).click()
    expect(reader.page.locator("#notice")).to_have_text(
        "The layer could not be opened. Try again once the connection is back."
    )
