"""How a chapter ends: what is said of all its cells, in the run's own numbers, and the way to the cells it names."""

import numpy as np
import pytest

import core
from core.recording.trace import Trace
from tests.browser import Reader

pytestmark = pytest.mark.browser


def test_a_mistake_ends_with_how_many_cells_are_wrong_and_leads_to_the_first(reader: Reader):
    trace = core.record("kernel_not_flipped")
    error = trace.outline.end["error"]
    first = tuple(np.argwhere(error)[0])
    reader.open("/kernel_not_flipped/walk").arrived(len(trace.steps))
    reader.seek(stop_of(trace, "part_ways")).rest()
    name = f"error[{', '.join(map(str, first))}]"
    said = f"The gradient is wrong in {np.count_nonzero(error)} of 16 cells; the first of them is {name}"
    assert caption(reader) == f"{said} = {error[first]:g}"
    reader.page.get_by_role("button", name=name, exact=True).click()
    reader.wait("k => convwalk.step < k", stop_of(trace, "part_ways")).rest()
    [write] = [access for access in trace.steps[reader.step - 1].accesses if access.array == "error" and access.values]
    assert tuple(axis[0] for axis in write.box) == first


def test_a_gradient_check_ends_with_a_verdict_in_the_language_of_its_reader(reader: Reader):
    trace = core.record("activation")
    difference = trace.outline.end["difference_dz"]
    at = np.unravel_index(np.abs(difference).argmax(), difference.shape)
    name = f"difference_dz[{', '.join(map(str, at))}]"
    for language, said in {
        "en": f"The gradients agree in 14 of 15 cells, others are at kinks; farthest: {name} = {difference[at]:g}",
        "zh": f"检查了 15 个格子，两种梯度在 14 个上一致，其余的在不可导点上。相差最大的是 {name} = {difference[at]:g}",
    }.items():
        reader.open(f"/activation/walk?lang={language}").arrived(len(trace.steps)).seek(len(trace.steps)).rest()
        assert caption(reader) == said.replace("-", "−")
        reader.page.get_by_role("button", name=name, exact=True).click()
        reader.wait("k => convwalk.step < k", len(trace.steps)).rest()
        assert {access.array for access in trace.steps[reader.step - 1].accesses} >= {"difference_dz"}


def stop_of(trace: Trace, chapter: str) -> int:
    return next(one.stop for one in trace.chapters if one.name == chapter)


def caption(reader: Reader) -> str:
    text = " ".join(reader.page.locator(".caption").inner_text().split())
    return text[0].upper() + text[1:]
