"""Imports flow one way, and core needs nothing but NumPy and the standard library. Read, never run.

A folder is a room, and rooms stand on floors: what lies in a room imports from the same room and from floors below.
"""

import ast
import posixpath
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# From the bottom to the top. A module that lies in no room is a room of its own.
FLOORS = {
    "core": (
        ("core.text", "core.offer.limits"),
        ("core.recording",),
        ("core.offer",),
        ("core.fast", "core.pictures", "core.lessons"),
        ("core.layers",),
        ("core.catalog",),
        ("core.comparison",),
        ("core.script",),
        ("core",),  # the door to all of it
    ),
    "app": (
        ("app", "app.paths"),
        ("app.ground",),
        ("app.walks",),
        ("app.render", "app.room"),
        ("app.gate", "app.picture", "app.figures"),
        ("app.api",),
        ("app.pages",),
        ("app.main",),
        ("app.server",),
        ("app.__main__",),
    ),
    "static": (
        ("page", "run", "paste"),
        ("why", "bring"),
        ("say",),
        ("board",),
        ("sum", "aside", "hands", "plots", "figure", "predict"),
        ("room",),
        ("main.js", "contrast"),
    ),
}
ALONE = ("early.js",)  # runs before there is any module


def modules(top: str) -> dict[str, Path]:
    """The modules of core or of app, by their names."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in sorted((ROOT / top).rglob("*.py"))
    }


PYTHON = modules("core") | modules("app")
SCRIPTS = {path.relative_to(ROOT / "static").as_posix(): path for path in sorted((ROOT / "static").rglob("*.js"))}


def python_imports(module: str) -> set[str]:
    """What a module imports, in full, wherever in its text the import stands."""
    found = set()
    for node in ast.walk(ast.parse(PYTHON[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by dots, so that its direction cannot be read"
            assert node.module is not None
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= inner & PYTHON.keys()  # `from core import limits` names a module, `from core import run` the door
            if not inner <= PYTHON.keys():
                found.add(node.module)
    return found


def script_imports(script: str) -> set[str]:
    """What a script imports, and whose types it names."""
    text = SCRIPTS[script].read_text(encoding="utf-8")
    found = re.findall(r'(?:\bfrom |\bimport |\bimport\()"(\.[^"]+\.js)"', text)
    return {posixpath.normpath(posixpath.join(posixpath.dirname(script), other)) for other in found}


def floor(name: str, top: str) -> tuple[int, str]:
    """The floor that a module stands on, and its room: the longest name that fits."""
    rooms = {room: level for level, rooms in enumerate(FLOORS[top]) for room in rooms}
    found = [room for room in rooms if re.match(re.escape(room) + r"($|[./])", name)]
    room = max(found, key=len, default=None)
    # core and app alone are doors, and no room for whatever is found in no other.
    assert room is not None and (room != top or name == top), f"say in FLOORS where {name} stands"  # noqa: PT018
    return rooms[room], room


def upward(top: str) -> Iterator[str]:
    """Every import that does not go down."""
    read = script_imports if top == "static" else python_imports
    for name in SCRIPTS if top == "static" else modules(top):
        if name in ALONE:
            continue
        mine, room = floor(name, top)
        for other in sorted(read(name)):
            if top != "static" and other.partition(".")[0] != top:
                continue
            theirs, entered = floor(other, top)
            if entered != room and theirs >= mine:
                yield f"{name} imports {other}"


@pytest.mark.parametrize("top", FLOORS)
def test_a_room_is_entered_from_above_alone(top: str):
    assert list(upward(top)) == []


@pytest.mark.parametrize("top", FLOORS)
def test_every_room_of_the_plan_is_there(top: str):
    names = [name for name in (SCRIPTS if top == "static" else modules(top)) if name not in ALONE]
    assert {floor(name, top)[1] for name in names} == {room for rooms in FLOORS[top] for room in rooms}


def test_core_knows_nothing_of_app_and_app_nothing_of_scripts():
    assert not [name for name in modules("core") for other in python_imports(name) if other.partition(".")[0] == "app"]


def test_a_redis_is_for_those_who_ask_for_one():
    for name in modules("app"):
        tree = ast.parse(PYTHON[name].read_text(encoding="utf-8"))
        at_once = {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
        if not name.startswith("app.room.shared"):
            assert not {other for other in at_once if other.startswith("app.room.shared")}, name
            assert not {other for other in python_imports(name) if other.partition(".")[0] == "redis"}, name


@pytest.mark.parametrize("module", modules("core"))
def test_core_imports_numpy_and_the_standard_library_only(module: str):
    foreign = {name.partition(".")[0] for name in python_imports(module)} - {"core", "numpy"} - sys.stdlib_module_names
    assert not foreign


def test_no_two_modules_import_each_other():
    python = {name: python_imports(name) & PYTHON.keys() for name in PYTHON}
    assert list(TopologicalSorter(python).static_order())  # a cycle is a CycleError that names it


def test_no_two_scripts_load_each_other():
    graph = {}
    for name, path in SCRIPTS.items():
        text = path.read_text(encoding="utf-8")
        found = re.findall(r'^(?:import|export) [^;]*?\bfrom "(\.[^"]+)"', text, re.MULTILINE)
        graph[name] = {posixpath.normpath(posixpath.join(posixpath.dirname(name), other)) for other in found}
    assert list(TopologicalSorter(graph).static_order())
