"""The scripts of the page as a checker reads them. TypeScript comes from npm, with Node."""

import shutil
import subprocess
from pathlib import Path

import pytest

CHECKER = "typescript@7.0.2"  # pinned: another version may find more
PROJECT = Path(__file__).with_name("jsconfig.json")


def test_the_types_of_all_scripts_hold():
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("the types of the scripts are not checked: npm is not installed")
    checker = [npx, "--yes", "--package", CHECKER, "tsc"]
    if subprocess.run([*checker, "--version"], capture_output=True, timeout=120).returncode:
        pytest.skip("the types of the scripts are not checked: npm could not fetch TypeScript")
    found = subprocess.run([*checker, "--project", PROJECT], capture_output=True, text=True, timeout=120)
    assert found.returncode == 0, found.stdout
