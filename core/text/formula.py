r"""The formula beside an algorithm: LaTeX in which arrays and loop variables are named, so that a page can light them.

A formula is plain LaTeX, one equation a line, with marks of its own:

    @{x_padded}_{c,i,j}     an array by the name of its parameter, typeset as `symbol_of` has it, with its index
    @{w product}_{u,v}      the same; it stands for `product` too, and lights up with it
    @[row]                  a loop variable of more than one letter, typeset as INDICES has it
    @(under)                an index that many formulas have, as core.text.source.SHORT has it

A loop variable of one letter needs no mark: a letter that the function assigns is that variable, unless a sum, a
maximum or a "for all" runs over it in the same line. `s_h` and the like are settings, which `values` knows; of a layer
with two windows the other one's has its name above it: `s^{\text{pool}}_h` is the setting pool_stride.
"""

import functools
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.text.source import Source

# How the field writes what the code calls by a name. `#` is where the index goes.
SYMBOLS = {
    "x_padded": r"\tilde{x}#",
    "y_padded": r"\tilde{y}#",
    "dz": r"\delta#",
    "dz_expanded": r"\hat{\delta}#",
    "dz_padded": r"\tilde{\delta}#",
    "w_flipped": r"\bar{w}#",
    "w_turned": r"\bar{w}#",
    "dx_padded": r"\frac{\partial L}{\partial \tilde{x}#}",
    "dy_padded": r"\frac{\partial L}{\partial \tilde{y}#}",
    "dx_before": r"\delta^{\ell-1}#",
    "x_expanded": r"\hat{x}#",
    "counts": r"n#",
    "loss": r"L#",
}

# The same for loop variables. With groups a channel has two numbers: among all, and among those of its group.
INDICES = {"c_in_group": "c'", "first_channel": "c_0", "first_filter": "f_0"}

LETTERS = {"stride": "s", "dilation": "d", "padding": "p"}  # for settings, down and across
DEFAULTS = {"dilation": 1}  # of layers that have no such setting, and call the functions of one that has

Bound = Mapping[str, str]  # what parameters stand for, by their names; one that is not there stands for itself
UNBOUND: Bound = {}
Mark = Callable[[tuple[str, ...], str], str]  # an array's names and its LaTeX, or a loop variable's → LaTeX

_MARK = re.compile(
    r"@\{(?P<array>[a-z_ ]+)\}|@\[(?P<index>[a-z_]+)\]|\\text\{[^{}]*\}|\\[A-Za-z]+"
    r"|(?P<setting>(?P<short>[sdkp])(\^\{\\text\{(?P<window>[a-z]+)\}\})?_(?P<side>[hwtl]))|(?P<letter>[a-z])(?!_)"
)
_RELATION = re.compile(r"[{}=]|\\(?:leftarrow|approx)\b")
_BOUND = re.compile(r"\\(?:sum|max|min|underset|forall)_?\{([^{}]*)\}")


def symbol_of(array: str, index: str = "") -> str:
    r"""An array as the field writes it, with an index or without.

    >>> symbol_of("dx", "c,i,j"), symbol_of("z"), symbol_of("z_rows", "n")
    ('\\frac{\\partial L}{\\partial x_{c,i,j}}', 'z', '\\text{z\\_rows}_{n}')
    """
    template = SYMBOLS.get(array)
    if template is None and len(array) == 2 and array[0] == "d":
        template = rf"\frac{{\partial L}}{{\partial {array[1]}#}}"
    if template is None:
        template = f"{array}#" if len(array) == 1 else rf"\text{{{array.replace('_', chr(92) + '_')}}}#"
    return template.replace("#", f"_{{{index}}}" if index else "")


def in_groups(text: str) -> Callable[[Mapping[str, Any]], str]:
    """A formula of several groups, which with one is shorter: it begins at 0, so that nothing has two numbers.

    >>> in_groups("z_f = w_{f,c'} x_{c_0 + c'}" "\\n" r"c_0 = \\lfloor f / \\text{groups} \\rfloor")({})
    'z_f = w_{f,c} x_{c}'
    """
    whole = re.sub("\n +", " ", inspect.cleandoc(text))
    lines = [line for line in whole.splitlines() if r"\text{groups}" not in line]  # those that say where one begins
    one = re.sub(r"(@\[first_\w+\]|\b\w_0) \+ ", "", "\n".join(lines)).replace("@[c_in_group]", "c").replace("'", "")
    one = re.sub(r"{\w(,\\,\w)+}", lambda index: index[0].replace(r",\,", ","), one)
    return lambda settings: whole if settings.get("groups", 1) > 1 else one


def values(settings: Mapping[str, object]) -> dict[str, int]:
    """The numbers that the letters for settings stand for: s, d, p and k down and across, p also at the top and left.

    Settings are as JSON carries them, by the names that the function has for them: `Layer.settings_of`, which has the
    numbers of a padding that a word leaves to a rule.

    >>> values({"stride": [2, 1], "padding": [1, 0, 2, 0], "kernel_height": 3})
    {'k_h': 3, 'd_h': 1, 'd_w': 1, 's_h': 2, 's_w': 1, 'p_t': 1, 'p_l': 2}
    >>> values({"pool_stride": 2})
    {'d_h': 1, 'd_w': 1, 's_pool_h': 2, 's_pool_w': 2}
    """
    found: dict[str, object] = {f"k_{size[0]}": settings.get(f"kernel_{size}") for size in ("height", "width")}
    for name, value in {**DEFAULTS, **settings}.items():
        window, _, own = name.rpartition("_")
        if own not in LETTERS:
            continue
        letter = f"{LETTERS[own]}_{window}" if window else LETTERS[own]
        parts = value if isinstance(value, list) else [value, value]
        found |= zip((f"{letter}_h", f"{letter}_w"), parts if len(parts) == 2 else (), strict=False)
        if own == "padding":
            found |= {f"{letter}_t": parts[0], f"{letter}_l": parts[len(parts) // 2]}
    return {letter: value for letter, value in found.items() if isinstance(value, int)}


def equations(
    source: Source, array: Mark, index: Mark, setting: Mark = lambda _, plain: plain, bound: Bound = UNBOUND
) -> list[str]:
    """The equations of a function as LaTeX: each array, loop variable and setting as these three would have it."""
    typeset = _Typeset(frozenset(source.assigned), array, index, setting, bound)
    return [typeset.equation(line.strip()) for line in source.formula.splitlines()]


def latex(source: Source, bound: Bound = UNBOUND) -> list[str]:
    r"""The equations of a function in plain LaTeX, in the symbols of the arrays that it is called with.

    >>> latex(core.layers.conv.bias_gradient.source)
    ['\\frac{\\partial L}{\\partial b_{f}} = \\sum_{i,j} \\delta_{f,i,j}']
    >>> latex(core.layers.conv.bias_gradient.source, {"dz": "dy"})
    ['\\frac{\\partial L}{\\partial b_{f}} = \\sum_{i,j} \\frac{\\partial L}{\\partial y_{f,i,j}}']
    """
    return equations(source, lambda _, plain: plain, lambda _, plain: plain, bound=bound)


def aligned(lines: list[str]) -> list[str]:
    r"""Equations as one formula that can be pasted between two `$$`: below each other, if there are several.

    >>> aligned(["a = b"]), aligned(["a_{i=0} = b", r"c \leftarrow d"])
    (['a = b'], ['\\begin{aligned}', 'a_{i=0} &= b \\\\', 'c &\\leftarrow d', '\\end{aligned}'])
    """
    if len(lines) < 2:
        return lines
    *first, last = map(_at_its_relation, lines)
    return [r"\begin{aligned}", *(rf"{line} \\" for line in first), last, r"\end{aligned}"]


def _at_its_relation(line: str) -> str:
    """A line with a mark before its first sign of a relation that stands in no braces."""
    depth = 0
    for found in _RELATION.finditer(line):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if not depth and found[0] not in "{}":
            return f"{line[: found.start()]}&{line[found.start() :]}"
    return line


@functools.cache
def named(source: Source) -> tuple[tuple[str, ...], ...]:
    """The arrays that stand in a formula, in their order: each by its own name and what else it stands for."""
    found: dict[tuple[str, ...], None] = {}

    def note(names: tuple[str, ...], plain: str) -> str:
        found.setdefault(names)
        return plain

    equations(source, note, lambda _, plain: plain)
    return tuple(found)


@dataclass(frozen=True)
class _Typeset:
    """How a function's equations are set."""

    assigned: frozenset[str]  # its loop variables
    array: Mark
    index: Mark
    setting: Mark
    bound: Bound

    def equation(self, text: str) -> str:
        variables = {name for name in self.assigned if len(name) == 1 and name.islower()}
        running = {letter for group in _BOUND.findall(text) for letter in group.split(",")}
        return "".join(self._pieces(text, variables - running))

    def _pieces(self, text: str, variables: set[str]) -> Iterator[str]:
        at = 0
        while found := _MARK.search(text, at):
            yield text[at : found.start()]
            at = found.end()
            if names := found["array"]:
                inner, at = _index(text, at)
                own, *others = names.split()
                symbol = symbol_of(self.bound.get(own, own), "".join(self._pieces(inner, variables)))
                yield self.array((own, *others), symbol)
            elif name := found["index"]:
                yield self.index((name,), INDICES.get(name, rf"\text{{{name}}}"))
            elif found["setting"]:
                name = "_".join(filter(None, (found["short"], found["window"], found["side"])))
                yield self.setting((name,), found["setting"])
            elif found["letter"] in variables and text[found.start() - 1 : found.start()] != "_":
                yield self.index((found["letter"],), found["letter"])
            else:
                yield found[0]
        yield text[at:]


def _index(text: str, at: int) -> tuple[str, int]:
    """The index that stands at a place, without its braces, and where it ends."""
    if not text.startswith("_", at):
        return "", at
    if not text.startswith("_{", at):
        return text[at + 1], at + 2
    depth = 0
    for end in range(at + 1, len(text)):
        depth += {"{": 1, "}": -1}.get(text[end], 0)
        if depth == 0:
            return text[at + 2 : end], end + 1
    raise ValueError(f"a brace is not closed: {text[at:]}")
