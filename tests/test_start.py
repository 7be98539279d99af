"""The front door: `start.py`, the locks, and a wheel that works from any folder."""

import ast
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import start

ROOT = Path(__file__).resolve().parent.parent
LOCKS = [start.RUN, start.TEST]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())

each_lock = pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)


def entries(lock: Path) -> dict[str, str]:
    """Each pinned package with its whole entry: the pin, its hashes, who asked for it."""
    parts = re.split(r"^(?=[A-Za-z0-9])", lock.read_text(), flags=re.MULTILINE)
    return {re.split(r"[=\s]", part)[0]: part for part in parts if part.strip()}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[^A-Za-z0-9._-]", line)[0].lower() for line in requirements}


@each_lock
def test_a_lock_names_no_address_and_no_folder_of_the_machine_that_made_it(lock: Path) -> None:
    text = lock.read_text()
    assert "://" not in text
    assert set(re.findall(r"^ *(--?[\w-]+)", text, flags=re.MULTILINE)) == {"--hash"}
    assert set(re.findall(r"\S*[/\\]\S+", text)) <= {"requirements/run.txt"}


@each_lock
def test_every_package_of_a_lock_is_pinned_and_has_hashes(lock: Path) -> None:
    packages = entries(lock)
    assert packages
    for name, entry in packages.items():
        assert re.match(r"[\w.-]+==[\w.]+", entry), name
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), name


def test_compiled_packages_are_pinned_for_more_machines_than_this_one() -> None:
    for name in ("numpy", "orjson", "pydantic-core"):
        assert entries(start.RUN)[name].count("--hash") > 20, name


def test_every_package_the_project_asks_for_is_in_its_lock() -> None:
    assert names(PROJECT["project"]["dependencies"]) <= set(entries(start.RUN))
    assert names(PROJECT["project"]["optional-dependencies"]["redis"]) <= set(entries(start.RUN))
    assert names(PROJECT["dependency-groups"]["test"]) <= set(entries(start.TEST))


def test_the_two_locks_agree_where_they_overlap() -> None:
    run, test = entries(start.RUN), entries(start.TEST)
    for name in run.keys() & test.keys():
        assert run[name].split()[0] == test[name].split()[0]


def test_start_parses_on_an_old_python_so_that_it_can_say_it_is_too_old() -> None:
    ast.parse((ROOT / "start.py").read_text(), feature_version=(3, 6))


def test_start_imports_only_the_standard_library() -> None:
    tree = ast.parse((ROOT / "start.py").read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names


def test_help_names_every_command_without_installing_anything(tmp_path: Path) -> None:
    (tmp_path / "start.py").write_text((ROOT / "start.py").read_text())
    said = subprocess.run([sys.executable, tmp_path / "start.py", "--help"], capture_output=True, text=True, timeout=30)
    assert said.returncode == 0
    for word in ("start.py [options]", "test [options]", "test --torch", "bench", "--help"):
        assert word in said.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["start.py"]


def test_the_stamp_changes_when_a_lock_changes(tmp_path: Path) -> None:
    lock = tmp_path / "run.txt"
    lock.write_text(start.RUN.read_text())
    assert start.stamps(lock) == start.stamps(start.RUN)
    lock.write_text(start.RUN.read_text().replace("numpy==", "numpy==9"))
    assert start.stamps(lock) != start.stamps(start.RUN)


def test_an_environment_with_the_tests_packages_serves_the_app_too() -> None:
    assert start.stamps(start.RUN) < start.stamps(start.RUN, start.TEST)


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CHROMIUM", raising=False)
    with pytest.raises(SystemExit) as ended:
        start.find_browser()
    assert "chromium" in str(ended.value)
    assert "$CHROMIUM" in str(ended.value)


def fake(folder: Path, **programs: str) -> Path:
    """A folder of programs, each of which writes down how it was called and then runs a line of shell."""
    folder.mkdir()
    for name, line in programs.items():
        program = folder / name.replace("_", "-")
        program.write_text(f'#!/bin/sh\necho {program.name} "$@" >> {folder.parent}/calls\n{line}\n')
        program.chmod(0o755)
    return folder


@pytest.fixture
def as_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PATH": str(tmp_path / "bin"), "CHROMIUM": "", "DEBIAN_FRONTEND": ""}.items():
        monkeypatch.setenv(name, value)  # start.py sets them too; all is put back
    monkeypatch.setattr(start.os, "geteuid", lambda: 0, raising=False)


needs_sh = pytest.mark.skipif(not Path("/bin/sh").exists(), reason="programs are faked as shell scripts")
SHOWN = "echo Package: $2; echo Filename: pool/$2.deb"


@needs_sh
def test_root_gets_all_browsers_of_a_bare_debian_with_one_call(tmp_path: Path, as_root: None):
    fake(tmp_path / "bin", dpkg_query="exit 1", apt_get="true", apt_cache=SHOWN)
    start.find_browser(start.OTHERS, start.WINDOWLESS)
    installs = [line for line in (tmp_path / "calls").read_text().splitlines() if line.startswith("apt-get install")]
    assert installs == [
        "apt-get install --yes --no-install-recommends chromium fonts-noto-cjk libatomic1 firefox-esr"
        " webkit2gtk-driver xvfb python3-gi gir1.2-webkit2-4.1 redis-server chromium-headless-shell"
    ]


@needs_sh
@pytest.mark.parametrize(
    ("here", "named", "taken"),
    [
        (("chromium", "chromium_headless_shell"), "", "chromium-headless-shell"),
        (("chromium",), "", "chromium"),
        (("chromium", "chromium_headless_shell"), "chromium", "chromium"),
    ],
)
def test_the_tests_take_the_chromium_without_a_window_where_it_is_and_no_other_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: tuple[str, ...], named: str, taken: str
):
    programs = fake(tmp_path / "bin", **dict.fromkeys(here, "true"))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("CHROMIUM", named)
    start.find_browser((), start.WINDOWLESS)
    assert os.environ["CHROMIUM"] == str(programs / taken)


@needs_sh
def test_no_browser_but_chromium_is_asked_for_where_only_that_is_used(tmp_path: Path, as_root: None):
    fake(tmp_path / "bin", chromium="true", dpkg_query="printf installed", apt_get="true", apt_cache=SHOWN)
    start.find_browser()
    assert "apt-get" not in (tmp_path / "calls").read_text()


@needs_sh
@pytest.mark.parametrize(
    ("apt", "offers"),
    [
        ("true", "exit 1"),  # another system, which has no such packages
        ("true", "echo Package: $2"),  # nor anything behind the name
        ("exit 100", SHOWN),  # no connection
    ],
)
def test_a_browser_that_cannot_be_had_is_named_and_nothing_fails(
    tmp_path: Path, as_root: None, capsys: pytest.CaptureFixture[str], apt: str, offers: str
):
    dpkg = "case $3 in firefox-esr|xvfb) exit 1;; *) printf installed;; esac"
    fake(tmp_path / "bin", chromium="true", dpkg_query=dpkg, apt_get=apt, apt_cache=offers)
    start.find_browser(start.OTHER_BROWSERS)
    said = capsys.readouterr().out
    assert "No test is run in Firefox, which is not here. On Debian it comes with: apt-get install firefox-esr" in said
    assert "No test is run in WebKitGTK, which is not here. On Debian it comes with: apt-get install xvfb" in said


@needs_sh
def test_elsewhere_than_on_debian_the_other_browsers_are_named_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    fake(tmp_path / "bin", chromium="true")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("CHROMIUM", "")
    start.find_browser(start.OTHER_BROWSERS)
    assert [line.partition(",")[0] for line in capsys.readouterr().out.splitlines()] == [
        "No test is run in Firefox",
        "No test is run in WebKitGTK",
    ]


@needs_sh
def test_the_tests_run_in_a_process_more_than_there_are_cores_and_keep_what_is_compiled(tmp_path: Path):
    shutil.copy(ROOT / "start.py", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    programs = fake(tmp_path / "bin", chromium="true")
    (tmp_path / ".venv").mkdir()
    told = f'echo "compiled: $PYTHONDONTWRITEBYTECODE" >> {tmp_path}/.venv/calls'
    fake(tmp_path / ".venv" / "bin", python=told)
    (tmp_path / ".venv" / "installed.txt").write_text("\n".join(start.stamps(start.RUN, start.TEST)))
    command = [sys.executable, tmp_path / "start.py", "test", "tests/test_start.py"]
    strict = {"PATH": str(programs), "PYTHONDONTWRITEBYTECODE": "1"}
    assert subprocess.run(command, env=strict, capture_output=True, timeout=60).returncode == 0
    *_, called, compiled = (tmp_path / ".venv" / "calls").read_text().splitlines()
    count = min(4, (os.cpu_count() or 1) + 1)
    assert called == f"python -m pytest -n {count} --dist worksteal tests/test_start.py"
    assert compiled == "compiled: "


def test_without_node_lighthouse_says_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match="Lighthouse runs in Node and comes from npm"):
        start.main(["lighthouse"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    built = subprocess.run(build, cwd=ROOT, capture_output=True, text=True, timeout=200)
    assert built.returncode == 0, built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_every_page_every_static_file_and_every_module(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "static"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file()]
        assert files
        assert {f"app/_data/{path.relative_to(ROOT).as_posix()}" for path in files} <= held
    for package in ("app", "core"):
        assert {path.relative_to(ROOT).as_posix() for path in (ROOT / package).rglob("*.py")} <= held
    assert not [name for name in held if name.startswith(("tests/", "benchmarks/", "docs/"))]


@pytest.mark.slow
def test_the_wheel_works_from_any_folder_in_an_environment_that_start_made(
    wheel: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, elsewhere = tmp_path / "environment", tmp_path / "elsewhere"
    elsewhere.mkdir()
    offline = ["--no-index", "--no-deps"]

    # The first try ends half-way, as an interrupted one would, and says what failed.
    with pytest.raises(SystemExit, match="Installing packages needs a connection"):
        start.environment(home, [*offline, str(wheel), "no-such-package"], {"one"}, "small")
    assert (home / "pyvenv.cfg").exists()
    python = start.environment(home, [*offline, str(wheel)], {"one"}, "small")
    assert capsys.readouterr().out.count("Installing") == 2

    # Now it is finished: an installation would fail, and there is none.
    assert start.environment(home, [*offline, "no-such-package"], {"one"}, "small") == python
    assert capsys.readouterr().out == ""

    script = "from app.paths import STATIC, TEMPLATES; print(TEMPLATES, STATIC, sep='\\n')"
    found = subprocess.run([python, "-c", script], cwd=elsewhere, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    for line, name in zip(found.stdout.splitlines(), ("templates", "static"), strict=True):
        assert Path(line).is_relative_to(home)
        assert Path(line).name == name
        assert any(Path(line).iterdir())
    assert (Path(python).parent / "convwalk").with_suffix(".exe" if sys.platform == "win32" else "").exists()
