"""Where the templates and the static files lie.

In a checkout they lie beside `app/`, where people look for them; a wheel carries them inside it. Inside comes
first: next to an installed package, a folder named `templates` may be anybody's.
"""

from pathlib import Path

_APP = Path(__file__).resolve().parent
_DATA = _APP / "_data"
_HOME = _DATA if _DATA.is_dir() else _APP.parent

TEMPLATES: Path = _HOME / "templates"
STATIC: Path = _HOME / "static"
LAYERS: Path = _APP.parent / "core" / "layers"  # beside app/ in a wheel too
COMPARISON: Path = _APP.parent / "core" / "comparison"
ROOM: Path = _APP / "room"
