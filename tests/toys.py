"""Modules that a test writes for itself, each in a file of its own, since an algorithm is read from its file."""

import importlib.util
from pathlib import Path
from textwrap import dedent
from types import ModuleType


def written(folder: Path, text: str, name: str = "toys") -> ModuleType:
    """A module of its own in a file of its own, freshly imported."""
    path = folder / f"{name}.py"
    path.write_text(dedent(text), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
