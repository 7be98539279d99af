"""The colours of a figure: those of the page, which its style sheet names, and the scale on which numbers are seen."""

import functools
import re

from app.paths import STATIC
from core.offer.settings import SettingError
from core.recording.scale import Scale

THEMES = ("light", "dark")
STOPS = 32  # of a colour scale on either side of zero

_RULE = re.compile(r":root \{(.*?)\}", re.DOTALL)
_NAMED = re.compile(r"--([a-z-]+): (#[0-9a-f]{6});")


@functools.cache
def theme(name: str) -> dict[str, str]:
    """The colours of the page by the names that `static/style/page.css` has for them.

    >>> theme("light")["surface"]
    '#ffffff'
    """
    if name not in THEMES:
        raise SettingError("theme", "{setting} must be one of {choices}", choices=", ".join(THEMES))
    rules = _RULE.findall((STATIC / "style" / "page.css").read_text(encoding="utf-8"))
    light, dark = (dict(_NAMED.findall(rule)) for rule in rules[:2])
    return light if name == "light" else {**light, **dark}


def scale_of(scale: Scale, colours: dict[str, str]) -> list[list[float | str]]:
    """The colours from the lowest number to the highest, as Plotly takes them: places from 0 to 1.

    As on the page (static/say/look.js), the cube root lets small numbers be seen beside large ones; a picture is grey.
    """
    if scale.low == 0:
        return [[0, "#000000"], [1, "#ffffff"]]
    signed = (("negative", -1.0), ("positive", 1.0))
    stops: list[list[float | str]] = []
    for sign, side in signed:
        shares = [at / STOPS for at in range(STOPS + 1)]
        for share in reversed(shares) if side < 0 else shares[1:]:
            middle, full = colours[f"{sign}-mid"], colours[sign]
            zero = colours["zero"]
            mixed = _mix(zero, middle, 2 * share) if share < 0.5 else _mix(middle, full, 2 * share - 1)
            stops.append([round((1 + side * share**3) / 2, 9), mixed])
    return stops


def _mix(one: str, other: str, share: float) -> str:
    pairs = [(int(one[at : at + 2], 16), int(other[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
