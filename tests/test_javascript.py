"""The scripts of the page as a checker reads them. TypeScript comes from npm, with Node."""

import shutil
import subprocess
from functools import partial
from pathlib import Path

import pytest

CHECKER = "typescript@7.0.2"  # pinned: another version may find more
FORMATTER = "prettier@3.10.1"  # pinned: another version may break lines elsewhere
HERE = Path(__file__).parent
SCRIPTS = sorted((HERE.parent / "static").rglob("*.js"))
# A browser refuses a module for more than the checker does, such as two functions of one name: the page stays empty.
READ_AS_MODULES = """
import { readFileSync } from "node:fs";
import { SourceTextModule } from "node:vm";
for (const path of process.argv.slice(1)) {
  try {
    new SourceTextModule(readFileSync(path, "utf8"));
  } catch (error) {
    console.log(`${path}: ${error}`);
  }
}
"""


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


def refused(scripts: list[Path]) -> str:
    """What an engine that reads scripts as modules has against them."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("the scripts are not read as modules: Node is not installed")
    words = [node, "--experimental-vm-modules", "--no-warnings", "--input-type=module", "--eval", READ_AS_MODULES]
    return subprocess.run([*words, *map(str, scripts)], capture_output=True, text=True, timeout=120, check=True).stdout


def test_a_browser_reads_all_scripts(tmp_path: Path):
    assert not refused(SCRIPTS)
    twice = tmp_path / "twice.js"
    twice.write_text("function one() {}\nfunction one() {}\n", encoding="utf-8")
    assert "twice.js: SyntaxError: Identifier 'one' has already been declared" in refused([twice])


def test_all_scripts_are_formatted():
    found = npm(FORMATTER, "prettier", "--config", str(HERE / "prettier.json"), "--check", "static/**/*.js")
    assert found.returncode == 0, found.stdout + found.stderr


def test_no_line_of_a_script_has_120_columns():
    assert len(SCRIPTS) > 50
    long = [
        f"{script.name}:{number}"
        for script in SCRIPTS
        for number, line in enumerate(script.read_text(encoding="utf-8").splitlines(), start=1)
        if len(line) >= 120
    ]
    assert not long
