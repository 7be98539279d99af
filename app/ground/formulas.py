"""The formulas of core as MathML, which browsers read aloud and draw without a script.

Each array is an element of the classes `sym` and `sym-NAME`, with `also-NAME` for what it stands for besides; each
loop variable and each setting is one of `idx` and `idx-NAME`. Pages colour and light them by class.
"""

import functools
import re
from collections.abc import Iterable
from importlib import metadata
from typing import Any
from xml.etree import ElementTree

from latex2mathml.converter import convert

from app.ground.words import Words
from core.text.formula import aligned, equations, latex, named, symbol_of
from core.text.source import Source

VERSION = metadata.version("latex2mathml")
MATHML = "http://www.w3.org/1998/Math/MathML"
Call = tuple[tuple[str, str], ...]  # what the parameters of a function stand for: (parameter, array)
BOLD = {
    ord(first) + at: bold + at
    for first, count, bold in (("A", 26, 0x1D400), ("a", 26, 0x1D41A), ("0", 10, 0x1D7CE))
    for at in range(count)
}
ElementTree.register_namespace("", MATHML)


def formula(source: Source, calls: Iterable[Call] = ()) -> dict[str, Any]:
    """A function's equations as LaTeX and as MathML, and a key to the symbols that are not the name in the code.

    >>> formula(core.layers.conv.bias_gradient.source)["key"][0]
    {'name': 'db', 'symbol': '<math xmlns="http://www.w3.org/1998/Math/MathML" display="inline">…'}

    A function that others call with arrays of their own is told `called` with each of these, in their symbols:

    >>> call = (("dz", "dy"), ("db", "db"))
    >>> formula(core.layers.conv.bias_gradient.source, [call])["called"]["dy,db"]["latex"]
    ['\\\\frac{\\\\partial L}{\\\\partial b_{f}} = \\\\sum_{i,j} \\\\frac{\\\\partial L}{\\\\partial y_{f,i,j}}']
    """
    own = _told(source, frozenset())
    shown = {names[0] for names in named(source)}
    others = {
        ",".join(array for _, array in call): _told(source, frozenset(each for each in call if each[0] in shown))
        for call in calls
        if any(parameter != array and parameter in shown for parameter, array in call)
    }
    return {**own, "called": others} if others else own


def in_words(mathml: str, words: Words) -> str:
    """An equation with its words in another language; names of arrays, indices and functions stay as they are.

    >>> in_words("<math><mtext>argmax</mtext><mi>x</mi><mtext>for\xa0</mtext><mi>y</mi></math>", Words("zh"))
    '<math><mtext>argmax</mtext><mi>x</mi><mtext>对应\xa0</mtext><mi>y</mi></math>'
    """
    whole = ElementTree.fromstring(mathml)  # noqa: S314 (it is of our own making)
    _translate(whole, words)
    return ElementTree.tostring(whole, encoding="unicode")


def _translate(node: ElementTree.Element, words: Words) -> None:
    if "class" in node.attrib:
        return
    text = (node.text or "").replace("\xa0", " ")
    if node.tag.endswith("mtext") and text.strip():
        node.text = text.replace(text.strip(), words(text.strip())).replace(" ", "\xa0")
    for child in node:
        _translate(child, words)


@functools.cache
def _told(source: Source, bound: frozenset[tuple[str, str]]) -> dict[str, Any]:
    arrays = dict(bound)
    lines = equations(source, _array, _index, _index, bound=arrays)
    first = {names[0]: names for names in reversed(named(source))}
    symbols = {name: symbol_of(arrays.get(name, name)) for name in first}
    return {
        "latex": aligned(latex(source, arrays)),
        "equations": [_mathml(line, "block") for line in lines],
        "key": [
            {"name": name, "symbol": _mathml(_array(names, _flat(symbols[name])), "inline")}
            for name, names in reversed(first.items())
            if symbols[name] != arrays.get(name, name) and "text" not in symbols[name]
        ],
    }


def _flat(plain: str) -> str:
    """A fraction on one line, as it can be read in small type."""
    return re.sub(r"^\\frac\{(.*?)\}\{(.*)\}$", r"\1 / \2", plain)


def _array(names: tuple[str, ...], plain: str) -> str:
    own, *others = names
    return _classed(" ".join((f"sym sym-{own}", *(f"also-{other}" for other in others))), plain)


def _index(names: tuple[str, ...], plain: str) -> str:
    return _classed(f"idx idx-{names[0]}", plain)


def _classed(classes: str, plain: str) -> str:
    return rf"\class{{{classes}}}{{{plain}}}"


def _mathml(plain: str, display: str) -> str:
    text: str = convert(plain.replace(r"\_", "_"), display=display)  # the converter leaves \_ in words as it is
    whole = ElementTree.fromstring(text)  # noqa: S314 (it is of our own making)
    for over in whole.iter(f"{{{MATHML}}}mover"):
        mark = over[-1]
        # What bears an accent is told so. The converter tells some of the accents themselves, and others of nothing.
        if mark.attrib.pop("accent", "") or mark.text in ("~", "¯"):
            over.set("accent", "true")
    for node in whole.iter():
        if node.attrib.pop("mathvariant", "") == "bold":  # browsers know it no more; the letters themselves are bold
            node.text = (node.text or "").translate(BOLD)
    return ElementTree.tostring(whole, encoding="unicode")
