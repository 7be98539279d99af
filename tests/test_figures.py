"""A chapter as a Plotly figure: every number in it is the run's, at every frame, and Plotly's own package takes it."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from itertools import islice
from typing import Any

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient

import core
from app.figures import figure
from app.figures.boards import Board, Table, outline
from app.figures.film import STOPS, Film
from app.ground import limits
from app.ground.words import LANGUAGES, Words
from app.main import create_app
from core import SettingError
from core.catalog import LAYERS, Run
from core.recording.trace import CELL, Arrays, Trace, cells, finished, replay
from tests.asked import SMALLER
from tests.conftest import ROOT, Server

Traces = dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with TestClient(create_app(), base_url="http://127.0.0.1") as client:
        yield client


@cache
def film(layer: str, algorithm: str = "walk", stop: str = "cell", language: str = "en", **settings: Any) -> Any:
    """The figure as JSON has it."""
    made = Film(stop, Words(language), "light").of(Run.planned(layer, algorithm, **settings))
    return json.loads(finished(made))


@cache
def trace_of(layer: str, algorithm: str = "walk") -> Trace:
    return core.record(layer, algorithm, **SMALLER.get(layer, {}))


def steps(told: Any) -> list[Any]:
    return [frame for frame in told["frames"] if frame["group"] == "steps"]


def shown(told: Any, frame: Any, before: Any = None) -> Traces:
    """What the traces hold at a frame, as Plotly lays it over its base, and both over whatever was shown before."""
    bases = {one["name"]: one for one in told["frames"] if one["group"] == "bases"}
    traces: Traces = {at: dict(trace) for at, trace in enumerate(told["data"])} if before is None else before
    for part in filter(None, (bases.get(frame.get("baseframe")), frame)):
        for at, trace in zip(part["traces"], part["data"], strict=True):
            traces[at] = {**traces[at], **trace}
    return traces


def boards(traces: Traces) -> Iterator[dict[str, Any]]:
    """The heatmaps that are seen, each with `full`: what is told of its cells."""
    for trace in traces.values():
        if trace["type"] == "heatmap" and trace.get("visible") is not False:
            yield {**trace, "full": trace["customdata" if "customdata" in trace["hovertemplate"] else "text"]}


_places: dict[tuple[int, ...], tuple[np.ndarray, np.ndarray]] = {}


def places(names: list[list[str]], shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Where cells stand in a table, and which those are in their array, row by row."""
    key = (*shape, len(names), len(names[0]))
    if key not in _places:
        where = np.array([[bool(name) for name in row] for row in names])
        indices = [tuple(map(int, re.findall(r"\d+", name.partition("[")[2]))) for row in names for name in row if name]
        _places[key] = where, np.array([np.ravel_multi_index(index, shape) for index in indices])
        assert sorted(_places[key][1]) == list(range(np.prod(shape)))  # each once
    return _places[key]


def said(traces: Traces, arrays: Arrays, known: Arrays | None = None) -> set[tuple[float, str, str]]:
    """Hold the numbers of what is seen against arrays. What is written and told of each number, to be looked at."""
    found: set[tuple[float, str, str]] = set()
    for board in boards(traces):
        name, shape = board["name"], arrays[board["name"]].shape
        where, flat = places(board["hovertext"], shape)
        want = arrays[name].ravel()[flat]
        is_known = np.ones(flat.shape, bool) if known is None else known[name].ravel()[flat]
        drawn = np.array(board["z"], float)
        assert np.isnan(drawn[~where]).all()
        np.testing.assert_array_equal(drawn[where], np.where(is_known & np.isfinite(want), want, np.nan), name)
        text, full = (np.array(board[part], object) for part in ("text", "full"))
        assert not "".join(text[~where]).strip()
        assert not text[where][~is_known].any()
        found.update(zip(want[is_known].tolist(), text[where][is_known], full[where][is_known], strict=True))
    return found


def cell(arrays: Arrays, name: str) -> float:
    array, _, index = name.rstrip("]").partition("[")
    return float(arrays[array][tuple(map(int, filter(None, index.split(", "))))])


def number(text: str) -> float:
    return float(text.lstrip("≈").replace("−", "-").replace("∞", "inf"))


# Small walks on other numbers; each layer takes the first three that are legal there.
OTHERS: list[dict[str, Any]] = [
    {"stride": 1, "padding": 0, "kernel_size": 2, "in_height": 3, "in_width": 4, "seed": 3},
    {"activation": "tanh", "in_height": 3, "in_width": 3, "padding": 1, "in_channels": 1, "out_channels": 1},
    {"stride": 2, "kernel_size": 2, "padding": (0, 1), "in_height": 4, "in_width": 3},
    {"in_height": 3, "in_width": 4, "seed": 2},
    {"in_height": 4, "in_width": 3, "seed": 5},
    {"seed": 6},
    {"seed": 7},
    {"seed": 8},
]


def three_others(layer: str) -> Iterator[dict[str, Any]]:
    legal = (settings for settings in OTHERS if is_legal(layer, settings))
    return islice(legal, 3)


def is_legal(layer: str, settings: dict[str, Any]) -> bool:
    try:
        Run.planned(layer, "walk", **settings)
    except SettingError:
        return False
    return True


@pytest.mark.parametrize("layer", LAYERS)
def test_every_number_of_a_figure_is_that_of_the_trace_with_three_other_settings_too(layer: str):
    found = list(three_others(layer))
    assert len(found) == 3
    for settings in found:
        smaller = SMALLER.get(layer, {}) | settings
        assert_is_of(core.record(layer, **smaller), film(layer, stop="map", **smaller))


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.slow
def test_every_number_of_every_frame_is_that_of_the_trace_at_its_step(layer: str):
    assert_is_of(trace_of(layer), film(layer, **SMALLER.get(layer, {})))


def assert_is_of(trace: Trace, told: Any) -> None:
    """Each number of each frame is the trace's, and what is written of it is the number."""
    last = steps(told)[-1]
    arrays = {name: array.copy() for name, array in trace.start.items()}
    known = {one["name"]: np.full(one["shape"], one["known"]) for one in trace.outline.header()["arrays"]}
    k = 0
    found: set[tuple[float, str, str]] = set()
    for frame in steps(told):
        for step in trace.steps[k : int(frame["name"])]:
            replay(step, arrays)
            for access in step.accesses:
                if access.values is not None:
                    known[access.array][cells(access.box)] = True
        k = int(frame["name"])
        found |= said(shown(told, frame), arrays, known)
        if k % 7 == 0:  # the same wherever one comes from
            found |= said(shown(told, frame, shown(told, last)), arrays, known)
    assert k == len(trace.steps)
    assert len(found) >= 5  # as many small whole numbers as a seed gives
    for value, text, full in found:
        assert np.array_equal(number(full), value, equal_nan=True)
        if text.startswith("≈"):
            assert number(text) == pytest.approx(value, rel=0.05, abs=0.001)
        else:
            assert np.array_equal(number(text), value, equal_nan=True)


@pytest.mark.parametrize("stop", STOPS)
def test_a_figure_stops_at_every_cell_map_or_chapter_and_at_the_end(stop: str):
    found = [int(frame["name"]) for frame in steps(film("conv2d", "walk", stop))]
    levels = [step.level for step in trace_of("conv2d").steps]
    assert found == [0, *(k for k, level in enumerate(levels, start=1) if level <= STOPS[stop])]
    assert found[-1] == len(levels)


@pytest.mark.slow
def test_plotly_takes_the_figure_of_every_algorithm_and_its_last_frame_is_the_plain_run():
    for layer, one in LAYERS.items():
        for algorithm in one.algorithms:
            smaller = SMALLER.get(layer, {})
            made = figure(layer, algorithm, stop="chapter", **smaller)  # it is validated as it is made
            assert type(made).__module__.startswith("plotly.")
            told = {"data": [], "frames": []} | json.loads(made.to_json())
            assert said(shown(told, steps(told)[-1]), core.run(layer, algorithm, **smaller)), f"{layer}, {algorithm}"


@pytest.mark.slow
def test_the_worked_sums_come_to_the_numbers_of_the_run():
    """What stands in a title is computed once more, as arithmetic says."""
    checked = dict.fromkeys(LAYERS, 0)
    for layer in LAYERS:
        told, trace = film(layer, **SMALLER.get(layer, {})), trace_of(layer)
        last: dict[str, float] = {}
        k = 0
        for frame in steps(told):
            for step in trace.steps[k : int(frame["name"])]:
                for access in step.accesses:
                    if access.values is not None and len(access.values) == 1:
                        last[f"{access.array}[{', '.join(str(axis[0]) for axis in access.box)}]"] = access.values[0]
            k = int(frame["name"])
            line = " ".join(frame["layout"]["title"]["text"].split("<br>")[1:])
            line = re.sub(r" \+ \d+ (products? with a zero|zeros?)", "", line)
            found = re.fullmatch(r"(\w+\[[\d, ]*\]) = ([\d.·()+−/ ]+) = (\S+)", line)
            if found:
                name, expression, result = found.groups()
                come = eval(expression.replace("·", "*").replace("−", "-"))
                assert number(result) == pytest.approx(come, rel=1e-9, abs=1e-12), line
                assert number(result) == pytest.approx(last[name], rel=1e-9, abs=1e-12), line
                checked[layer] += 1
    assert sum(checked.values()) > 500
    assert checked["conv2d"] > 200


def test_a_worked_sum_is_told_in_the_readers_language():
    english, chinese = (film("max_pool2d", "pool", language=language) for language in LANGUAGES)
    titles = [steps(told)[1]["layout"]["title"]["text"].split("<br>")[1] for told in (english, chinese)]
    assert titles[0] == "y[0, 0, 0] = 6: window[1, 1] wins: 6 is the largest of 4."
    assert titles[1] == "y[0, 0, 0] = 6: window[1, 1] 胜出：6 是 4 个中最大的。"
    assert chinese["layout"]["updatemenus"][0]["buttons"][0]["label"] == "▶ 播放"


def edges_of(path: str, board: dict[str, Any]) -> set[tuple[float, ...]]:
    """The sides of cells that a path goes along, in rows and columns of a board."""
    left, top, side = board["x0"] - board["dx"] / 2, board["y0"] - board["dy"] / 2, board["dx"]
    found = set()
    for x, y, way, end in re.findall(r"M([\d.-]+),([\d.-]+)([HV])([\d.-]+)", path):
        column, row = round((float(x) - left) / side, 2), round((float(y) - top) / side, 2)
        stop = round((float(end) - (left if way == "H" else top)) / side)
        for at in range(round(column if way == "H" else row), stop):
            found.add(("H", round(row), at) if way == "H" else ("V", at, round(column)))
    return found


def test_the_outlines_are_those_of_the_cells_that_were_read_and_written():
    told, trace = film("conv2d", "correlate"), trace_of("conv2d", "correlate")
    boards = {one["name"]: one for one in told["data"] if one["type"] == "heatmap"}
    k, seen = 0, 0
    for frame in steps(told)[1:]:
        since = trace.steps[k : int(frame["name"])]
        k = int(frame["name"])
        if trace.steps[k - 1].level != CELL:
            continue
        for which, name, is_write in ((0, "x_padded", False), (1, "z", True)):
            want: set[tuple[str, int, int]] = set()
            names = boards[name]["hovertext"]
            mask = np.zeros(trace.start[name].shape, bool)
            for access in (access for step in since for access in step.accesses if access.array == name):
                mask[cells(access.box)] |= (access.values is not None) == is_write
            lit = {(i, j) for i, row in enumerate(names) for j, at in enumerate(row) if at and cell({name: mask}, at)}
            for i, j in lit:
                want |= {("H", i, j)} if (i - 1, j) not in lit else set()
                want |= {("H", i + 1, j)} if (i + 1, j) not in lit else set()
                want |= {("V", i, j)} if (i, j - 1) not in lit else set()
                want |= {("V", i, j + 1)} if (i, j + 1) not in lit else set()
            assert want
            path = frame["layout"]["shapes"][which]["path"]
            high, wide = len(names), len(names[0])
            found = edges_of(path, boards[name])
            inside = {(way, i, j) for way, i, j in found if 0 <= i <= high and 0 <= j <= wide}
            assert inside == want
            seen += 1
    assert seen == 2 * trace.start["z"].size


def test_an_outline_goes_around_cells_that_make_no_rectangle():
    mask = np.array([[True, True], [True, False]])
    assert outline(Board(Table.of((2, 2)), 0, 0, 0), mask) == "M0,0H2M1,1H2M0,2H1M0,0V2M1,1V2M2,0V1"


def test_a_frame_holds_what_its_chapter_writes_and_no_more():
    told = film("conv2d", "correlate")
    assert not [frame for frame in told["frames"] if frame["group"] == "bases"]
    names = [told["data"][at]["name"] for at in steps(told)[5]["traces"]]
    assert sorted(names) == ["patch", "product", "z"]
    assert {key for trace in steps(told)[5]["data"] for key in trace} == {"type", "z", "text", "hovertemplate"}


@pytest.mark.slow
def test_neither_a_server_nor_a_figure_over_http_imports_plotly():
    code = """
import sys
from fastapi.testclient import TestClient
import app.figures
from app.main import create_app
with TestClient(create_app(), base_url="http://127.0.0.1") as client:
    assert client.get("/api/conv2d/correlate/figure").status_code == 200
    assert client.get("/conv2d/correlate/figure").status_code == 200
print(sorted(name for name in sys.modules if name.partition(".")[0] == "plotly"))
app.figures.figure("conv2d", "flip", stop="map")
print("plotly" in sys.modules)
"""
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (said.stdout, said.stderr) == ("[]\nTrue\n", "")


LARGE = {
    "steps": ("correlate", {"in_height": 64, "in_width": 64, "stride": 1}, limits.FIGURE_STEPS),
    "frames": ("bias_gradient", {"in_height": 32, "in_width": 32, "stride": 1}, limits.FIGURE_FRAMES),
    "bytes": ("correlate", {"in_height": 28, "in_width": 28, "stride": 1, "in_channels": 1}, limits.FIGURE_BYTES),
}


@pytest.mark.parametrize("what", LARGE)
@pytest.mark.slow
def test_what_would_be_too_large_is_refused_in_words(client: TestClient, what: str):
    algorithm, settings, limit = LARGE[what]
    with pytest.raises(SettingError) as refused:
        figure("conv2d", algorithm, **settings)
    error = refused.value
    assert (error.setting, error.values["limit"]) == ("stop", limit)
    address = f"/api/conv2d/{algorithm}/figure?lang=zh&" + "&".join(
        f"{name}={value}" for name, value in settings.items()
    )
    # Whoever has any version of it has none of one that is refused.
    answer = client.get(address, headers={"if-none-match": "*"})
    assert answer.status_code == 422
    assert answer.json() == {"setting": "stop", "message": Words("zh")(error.template, **error.values)}
    assert re.search(r"[\u4e00-\u9fff]", answer.json()["message"])
    assert Words("en").all[error.template] == error.template


@pytest.mark.parametrize("asked", [{"stop": "beat"}, {"theme": "blue"}, {"language": "fr"}, {"stride": 0}])
def test_what_makes_no_sense_names_its_setting(asked: dict[str, Any]):
    [name] = asked
    with pytest.raises(SettingError) as refused:
        figure("conv2d", "correlate", **asked)
    assert refused.value.setting == name


def test_a_figure_over_http_is_the_one_in_python(client: TestClient):
    address = "/api/conv2d/correlate/figure?stride=1&stop=map&theme=dark&lang=zh"
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    made = figure("conv2d", "correlate", stride=1, stop="map", theme="dark", language="zh")
    assert json.loads(made.to_json())["frames"] == answer.json()["frames"]
    for known in (answer.headers["etag"], "*"):
        again = client.get(address, headers={"if-none-match": known})
        assert (again.status_code, again.content) == (304, b"")
    others = ("stop=cell&theme=dark&lang=zh", "stop=map&theme=light&lang=zh", "stop=map&theme=dark&lang=en")
    tags = {client.get(f"/api/conv2d/correlate/figure?stride=1&{one}").headers["etag"] for one in others}
    assert len({answer.headers["etag"], *tags}) == 4


@pytest.mark.slow
def test_a_class_waits_for_one_figure_and_nobody_works_for_who_has_left(server: Server):
    def asked(seed: int, patience: float = 120) -> int:
        address = f"{server.url}/api/conv2d/walk/figure?seed={seed}"
        return httpx2.get(address, timeout=patience).status_code

    def took(ask: Callable[[], object]) -> float:
        server.wait_until_idle()
        before = server.cpu()
        ask()
        server.wait_until_idle()
        return server.cpu() - before

    def leave() -> None:
        with pytest.raises(httpx2.TimeoutException):
            asked(13, 0.1)

    alone = took(lambda: asked(11))
    with ThreadPoolExecutor(10) as readers:
        together = took(lambda: set(readers.map(asked, [12] * 10)) == {200} or pytest.fail("refused"))
    assert together < 4 * alone  # they compress it each for themselves
    assert took(leave) < 0.6 * alone


def test_an_array_can_be_brought(client: TestClient):
    arrays = {"x": [[[0, 1], [2, 3]]], "w": [[[[0.1]]]], "b": [0.2]}
    made = figure("conv2d", "correlate", arrays, padding=0, stride=1)
    titles = [frame.layout.title.text.split("<br>")[1:] for frame in made.frames]
    assert ["z[0, 1, 1] = 3·0.1 + 0.2 = 0.5"] in titles  # and not 0.30000000000000004 + 0.2
    query = "x=[[[0,1],[2,3]]]&w=[[[[0.1]]]]&b=[0.2]&padding=0&stride=1"
    assert len(client.get(f"/api/conv2d/correlate/figure?{query}").json()["frames"]) == len(made.frames)


def test_the_example_of_the_document_runs():
    [example] = re.findall(
        r"```python\n(.*?)```", (ROOT / "docs" / "figures.md").read_text(encoding="utf-8"), re.DOTALL
    )
    told: dict[str, Any] = {}
    exec(example, told)
    assert type(told["chapter"]).__name__ == "Figure"
