"""A network that learns: one step is the mean of what the walk through a network has for each digit of the batch."""

import numpy as np
import pytest

import core
from core.layers.training import lesson, shuffled
from core.layers.whole_network import gradients, patches_of
from core.offer import limits
from core.offer.settings import SettingError
from core.pictures.digits import digits

LEARNED = ("w", "b", "w_linear", "b_linear")
NETWORK = {"in_height": 8, "in_width": 8, "classes": 10, "padding": 1, "pool_size": 2, "pool_stride": 2}


def test_the_gradients_of_a_batch_are_the_mean_of_those_that_a_network_has_for_each_digit():
    settings = {"epochs": 1, "batch_size": 120, "seed": 3}  # two steps: the first one changes all weights
    trace = core.record("training", "learn", **settings)
    learned, data = trace.start, lesson()
    before = {name: learned[name] for name in LEARNED}
    batch = shuffled(240, 0, 3)[:4]
    found = gradients(patches_of(data["taught"][batch]), data["kinds"][batch], *before.values())
    each = [
        core.run(
            "network",
            "walk",
            arrays={"x": data["taught"][one][None]} | before,
            digit=int(data["kinds"][one]),
            out_channels=4,
            **NETWORK,
        )
        for one in batch
    ]
    for name, mean in zip(("loss_start", *(f"d{name}" for name in LEARNED)), found, strict=True):
        assert np.ptp([one[name] for one in each], axis=0).any(), "each digit has gradients of its own"
        np.testing.assert_allclose(
            mean, np.mean([one[name] for one in each], axis=0).reshape(np.shape(mean)), rtol=0, atol=1e-12
        )


def test_no_digit_that_it_is_tested_with_was_ever_learned_from():
    data = lesson()
    assert [len(data[name]) for name in ("taught", "kinds", "kept", "kept_kinds")] == [240, 240, 60, 60]
    taught, kept = ({one.tobytes() for one in data[name]} for name in ("taught", "kept"))
    assert not taught & kept
    assert taught | kept == {(one.cells / 16).tobytes() for one in digits()}
    for kinds, count in (("kinds", 24), ("kept_kinds", 6)):
        assert np.bincount(data[kinds]).tolist() == [count] * 10
    assert np.array_equal(core.run("training", epochs=1)["unseen"], data["kept"])


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_every_step_goes_against_the_gradients_and_what_momentum_keeps_of_those_before(momentum: float):
    rate = 0.05
    trace = core.record("training", "learn", epochs=1, batch_size=60, momentum=momentum, learning_rate=rate)
    weights, velocity, steps = trace.start, dict.fromkeys(LEARNED, 0.0), 0
    for k, step in enumerate(trace.steps, start=1):
        if step.caption.startswith("all weights take a step"):
            now, steps = trace.snapshot(k), steps + 1
            for name in LEARNED:
                velocity[name] = momentum * velocity[name] + now[f"d{name}"]
                np.testing.assert_allclose(now[name], weights[name] - rate * velocity[name], rtol=0, atol=1e-15)
            weights = now
    assert steps == 4


def test_after_540_steps_nine_in_ten_of_the_digits_that_it_never_saw_are_read_rightly():
    end = core.run("training")
    assert end["loss"].size == 540
    assert end["accuracy"][-1] >= 0.9
    assert end["confusion"].sum() == 60
    assert end["confusion"].trace() / 60 == pytest.approx(end["accuracy"][-1])


def test_the_digit_that_is_looked_at_changes_nothing_but_what_is_said_of_it():
    two, seven = (core.run("training", epochs=2, digit=digit) for digit in (2, 7))
    assert {name for name in two if not np.array_equal(two[name], seven[name])} == {"x", "y", "scores"}
    drawn = core.run("training", epochs=2, arrays={"x": np.zeros((1, 8, 8))})
    assert np.array_equal(drawn["loss"], two["loss"])


def test_in_the_middle_of_the_cut_through_the_loss_lies_the_loss_of_the_weights_as_they_are():
    end = core.run("training", epochs=3)
    data = lesson()
    rows, columns = (np.abs(end["values"] - end["w"].ravel()[at]).min(1) for at in _moved(end))
    assert rows[0] <= np.ptp(end["values"][0]) / 10
    assert columns[1] <= np.ptp(end["values"][1]) / 10
    first, second = _moved(end)
    for i, j in ((0, 0), (3, 8), (10, 10)):
        w = end["w"].copy()
        w.ravel()[first], w.ravel()[second] = end["values"][0, i], end["values"][1, j]
        loss, *_ = gradients(
            patches_of(data["taught"][::4]), data["kinds"][::4], w, end["b"], end["w_linear"], end["b_linear"]
        )
        assert end["loss_around"][i, j] == pytest.approx(loss, abs=1e-12)


def _moved(end: dict[str, np.ndarray]) -> list[int]:
    return np.argsort(-np.abs(end["w"] - end["w_start"]).ravel(), kind="stable")[:2].tolist()


def test_a_training_that_would_take_too_many_multiply_adds_is_refused_with_the_limit():
    with pytest.raises(SettingError, match=rf"at most {limits.TRAINED_PRODUCTS} ") as refused:
        core.run("training", epochs=100, batch_size=240, out_channels=16)
    assert refused.value.setting == "epochs"
