"""Presets: settings that are legal, and answers that say of their runs what is so."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import core
from core.catalog import LAYERS
from core.offer.layer import Layer, check
from core.offer.preset import Preset
from core.recording.trace import Arrays
from tests.browser import Reader

ALL = [(layer, preset) for layer in LAYERS.values() for preset in layer.presets]


@pytest.mark.parametrize(("layer", "preset"), ALL)
def test_every_preset_is_legal_and_no_other_settings_are_called_like_it(layer: Layer, preset: Preset):
    settings = layer.settings.of(preset.settings)
    check(layer, next(iter(layer.algorithms)), settings)
    assert settings != layer.settings()
    assert [other for other in layer.presets if other.label == preset.label] == [preset]
    assert [other for other in layer.presets if other.of(layer.settings) == preset.of(layer.settings)] == [preset]


def settings_of(layer: str, label: str) -> dict[str, Any]:
    [preset] = [one for one in LAYERS[layer].presets if one.label == label]
    return dict(preset.settings)


def trained(label: str) -> tuple[dict[str, Any], Arrays]:
    settings = settings_of("training", label)
    return settings, core.run("training", "learn", **settings)


def moments(*names: str, **settings: Any) -> Iterator[tuple[np.ndarray, ...]]:
    """Some arrays at many steps of training."""
    trace = core.record("training", "learn", **settings)
    for k in range(1, len(trace.steps), 120):
        moment = trace.snapshot(k)
        yield tuple(moment[name] for name in names)


@pytest.fixture(scope="module")
def usual() -> Arrays:
    return core.run("training", "learn")


def test_with_a_rate_that_is_too_large_the_loss_ends_higher_than_it_began(usual: Arrays):
    _, end = trained("A rate that is too large")
    assert end["loss"][-1].mean() > end["loss"][0, 0] > 10 * usual["loss"][-1].mean()
    assert not end["y"].any()
    assert not end["dw"].any()
    assert np.count_nonzero(core.run("training", "test", learning_rate=1)["confusion"].any(0)) == 1


def test_dead_relus_let_nothing_learn_but_the_last_biases():
    settings, end = trained("Dead ReLUs: biases begin at −2")
    for y, dw, db, dw_linear in moments("y", "dw", "db", "dw_linear", **settings):
        assert not any(array.any() for array in (y, dw, db, dw_linear))
    assert np.array_equal(end["w"], end["w_start"])
    assert end["b_linear"].all()
    confusion = core.run("training", "test", **settings)["confusion"]
    assert np.count_nonzero(confusion.any(0)) == 1, "every digit gets the same answer"


def test_without_shuffling_a_batch_has_few_kinds_and_learning_is_slower(usual: Arrays):
    settings, end = trained("No shuffling")
    kinds = LAYERS["training"].arguments(LAYERS["training"].settings.of(settings))["kinds"]
    assert max(len(set(kinds[first : first + 16])) for first in range(0, 240, 16)) == 2
    assert round(end["accuracy"][9], 2) == 0.25
    assert 0.7 < usual["accuracy"][9] < 0.75


def test_biases_that_stay_0_are_hardly_missed(usual: Arrays):
    settings, end = trained("Biases that stay 0")
    for b, b_linear in moments("b", "b_linear", **settings):
        assert not b.any()
        assert not b_linear.any()
    assert end["accuracy"][-1] == usual["accuracy"][-1]
    assert abs(end["loss"][-1].mean() - usual["loss"][-1].mean()) < 0.002
    stuck = core.run("training", "learn", bias=False, initial_bias=-2, epochs=3)
    assert (stuck["b"] == -2).all()


def test_filters_that_begin_equal_are_equal_at_every_step():
    settings, _ = trained("All weights equal")
    for w, dw, w_linear in moments("w", "dw", "w_linear", **settings):
        for array in (w, dw, w_linear.reshape(10, 4, 16).swapaxes(0, 1)):
            np.testing.assert_allclose(array, array[:1].repeat(4, 0), rtol=1e-9, atol=1e-15)


def test_with_momentum_the_loss_falls_sooner(usual: Arrays):
    _, end = trained("Momentum 0.9")
    assert round(end["loss"][4].mean(), 2) == 0.15
    assert round(usual["loss"][4].mean(), 2) == 1.19


def test_in_the_example_two_of_the_1s_are_taken_for_an_8():
    assert core.run("training", "test")["confusion"][1, 8] == 2


def test_with_stride_2_the_input_in_the_middle_meets_every_second_weight_of_the_turned_kernel():
    end = core.run("convolution_as_linear", **settings_of("convolution_as_linear", "Stride 2"))
    assert end["transposed"][12].tolist() == [9, 7, 3, 1]
    assert end["w_flipped"][0, 0, ::2, ::2].ravel().tolist() == [9, 7, 3, 1]
    assert end["dz_expanded"].shape == (1, 3, 3)
    assert np.count_nonzero(end["dz_expanded"]) == len(end["matrix"]) == 4


def test_with_padding_1_the_matrix_is_square_and_four_rows_alone_have_all_weights():
    matrix = core.run("convolution_as_linear", **settings_of("convolution_as_linear", "Padding 1"))["matrix"]
    weights = np.count_nonzero(matrix, axis=1).reshape(4, 4)
    assert matrix.shape == (16, 16)
    assert weights.tolist() == [[4, 6, 6, 4], [6, 9, 9, 6], [6, 9, 9, 6], [4, 6, 6, 4]]


def test_a_preset_is_a_link_with_its_question_and_says_that_it_is_shown(reader: Reader):
    page = reader.open("/training/walk?lang=en&epochs=1&hide=header").page
    assert page.locator("#pace option").all_inner_texts()[1:3] == ["every step of training", "every epoch"]
    page.get_by_role("button", name="Try").click()
    link = page.get_by_role("link", name="All weights equal")
    link.wait_for()
    item = page.locator("#presets li", has=link)
    assert "remain so" in item.inner_text()
    assert not item.get_by_text("equal gradients").is_visible()
    item.get_by_text("Answer").click()
    item.get_by_text("equal gradients").wait_for()
    link.click()
    page.wait_for_url("**/training/walk?initial_weights=equal&lang=en&hide=header*")
    page.wait_for_function("() => convwalk.ready.then(() => convwalk.steps > 0)")
    assert page.locator("#presets [aria-current]").all_inner_texts() == ["All weights equal"]
    shown = "() => document.querySelector('.for-presets').textContent"
    assert page.evaluate(shown) == "Try · All weights equal"
    page.get_by_label("Epochs").fill("1")
    page.keyboard.press("Enter")
    page.wait_for_function(f"() => ({shown})() === 'Try'")
    assert page.locator("#presets [aria-current]").count() == 0


def test_a_walk_on_arrays_of_ones_own_is_no_preset_whose_answer_may_not_hold(reader: Reader):
    address, mine = "/convolution_as_linear/walk?padding=1&lang=en", "&w=[[[[0,0,0],[0,0,0],[0,0,1]]]]"
    current = '<span class="current"> · Padding 1</span>'
    for asked, marked in ((address, ["Padding 1"]), (address + mine, [])):
        assert (current in reader.page.request.get(reader.url + asked).text()) == bool(marked)
        page = reader.open(asked).page
        assert page.locator("#presets [aria-current]").all_text_contents() == marked
