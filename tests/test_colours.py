"""The colours that mean something can be told apart by everyone, as far as colours can."""

import re
from itertools import combinations

import numpy as np
import pytest

from tests.conftest import ROOT

# What someone without one kind of cone sees, in linear RGB. Machado, Oliveira and Fernandes, "A physiologically-based
# model for simulation of color vision deficiency", 2009, severity 1.0.
EYES = {
    "all cones": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])  # IEC 61966-2-1
APART = 20  # a difference of 2 in CIELAB can just be seen side by side


def themes() -> dict[str, dict[str, str]]:
    """The colours of the light and of the dark theme by name, as the style sheet sets them."""
    roots = re.findall(r":root \{(.*?)\n *\}", (ROOT / "static/style/page.css").read_text(encoding="utf-8"), re.DOTALL)
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", root)) for root in roots[:2])
    return {"light": light, "dark": light | dark}


def linear(colour: str) -> np.ndarray:
    encoded = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab(colour: str, eyes: np.ndarray) -> np.ndarray:
    seen = TO_XYZ @ np.clip(eyes @ linear(colour), 0, 1) / TO_XYZ.sum(axis=1)
    x, y, z = np.where(seen > 0.008856, np.cbrt(seen), 7.787 * seen + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("eyes", EYES)
def test_signs_and_lines_differ_for_every_kind_of_eyes(theme: str, eyes: str):
    colours = themes()[theme]
    for one, other in [*combinations(("positive", "negative", "write"), 2), ("positive", "read"), ("read", "write"),
                       ("positive-mid", "negative-mid")]:  # fmt: skip
        apart = float(np.linalg.norm(lab(colours[one], EYES[eyes]) - lab(colours[other], EYES[eyes])))
        assert apart >= APART, f"{one} and {other} are {apart:.0f} apart"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_texts_and_lines_stand_out_from_what_lies_below_them(theme: str):
    colours = themes()[theme]
    for text in ("ink", "soft", "faint", "accent", "read", "write", "keyword", "number", "string"):
        assert contrast(colours[text], colours["surface"]) >= 4.5, text  # WCAG 1.4.3
    for line in ("read", "write"):
        for ground in ("zero", "veil", "ground"):
            assert contrast(colours[line], colours[ground]) >= 3, f"{line} on {ground}"  # WCAG 1.4.11
