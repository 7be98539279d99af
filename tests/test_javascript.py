"""The scripts of the page as a checker reads them. TypeScript comes from npm, with Node."""

import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

CHECKER = "typescript@7.0.2"  # pinned: another version may find more
FORMATTER = "prettier@3.10.1"  # pinned: another version may break lines elsewhere
HERE = Path(__file__).parent


def npm(package: str, command: str, *options: str) -> subprocess.CompletedProcess[str]:
    """What a command of npm's says of the scripts; where it cannot be had, the test is skipped."""
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip(f"the scripts are not looked at by {package}: npm is not installed")
    run = partial(subprocess.run, cwd=HERE.parent, capture_output=True, text=True, timeout=120)
    words = [npx, "--yes", "--package", package, command]
    found = run([*words, *options])
    if found.returncode and run([*words, "--version"]).returncode:
        pytest.skip(f"the scripts are not looked at by {package}: npm could not fetch it")
    return found


def test_the_types_of_all_scripts_hold():
    found = npm(CHECKER, "tsc", "--project", str(HERE / "jsconfig.json"))
    assert found.returncode == 0, found.stdout


def test_all_scripts_are_formatted():
    found = npm(FORMATTER, "prettier", "--config", str(HERE / "prettier.json"), "--check", "static/**/*.js")
    assert found.returncode == 0, found.stdout + found.stderr


def test_no_line_of_a_script_has_120_columns():
    scripts = sorted((HERE.parent / "static").rglob("*.js"))
    assert len(scripts) > 50
    long = [
        f"{script.name}:{number}"
        for script in scripts
        for number, line in enumerate(script.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) >= 120
    ]
    assert not long
