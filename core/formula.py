r"""The formula beside an algorithm: LaTeX in which arrays and loop variables are named, so that a page can light them.

A formula is plain LaTeX, one equation a line, with two marks of its own:

    @{x_padded}_{c,i,j}     an array by the name of its parameter, typeset as `symbol_of` has it, with its index
    @{w product}_{u,v}      the same; it stands for `product` too, and lights up with it
    @[row]                  a loop variable of more than one letter

A loop variable of one letter needs no mark: a letter that the function assigns is that variable, unless a sum or a
maximum runs over it in the same line. `s_h` and the like are settings.
"""

import re
from collections.abc import Callable, Iterator

from core.source import Source

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

Mark = Callable[[tuple[str, ...], str], str]  # an array's names and its LaTeX, or a loop variable's → LaTeX

_MARK = re.compile(
    r"@\{(?P<array>[a-z_ ]+)\}|@\[(?P<index>[a-z_]+)\]|\\text\{[^{}]*\}|\\[A-Za-z]+|(?P<letter>[a-z])(?!_)"
)
_BOUND = re.compile(r"\\(?:sum|max|min|underset)_?\{([^{}]*)\}")


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


def equations(source: Source, array: Mark, index: Mark) -> list[str]:
    """The equations of a function as LaTeX, with each array and each loop variable as these two would have it."""
    return [_equation(line.strip(), frozenset(source.assigned), array, index) for line in source.formula.splitlines()]


def latex(source: Source) -> list[str]:
    r"""The equations of a function in plain LaTeX.

    >>> latex(core.layers.conv.bias_gradient.source)
    ['\\frac{\\partial L}{\\partial b_{f}} = \\sum_{i,j} \\delta_{f,i,j}']
    """
    return equations(source, lambda _, plain: plain, lambda _, plain: plain)


def named(source: Source) -> list[tuple[str, ...]]:
    """The arrays that stand in a formula, in their order: each by its own name and what else it stands for."""
    found: dict[tuple[str, ...], None] = {}

    def note(names: tuple[str, ...], plain: str) -> str:
        found.setdefault(names)
        return plain

    equations(source, note, lambda _, plain: plain)
    return list(found)


def _equation(text: str, assigned: frozenset[str], array: Mark, index: Mark) -> str:
    bound = {letter for group in _BOUND.findall(text) for letter in group.split(",")}
    variables = {name for name in assigned if len(name) == 1 and name.islower()} - bound
    return "".join(_typeset(text, variables, array, index))


def _typeset(text: str, variables: set[str], array: Mark, index: Mark) -> Iterator[str]:
    at = 0
    while found := _MARK.search(text, at):
        yield text[at : found.start()]
        at = found.end()
        if names := found["array"]:
            inner, at = _index(text, at)
            names = tuple(names.split())
            yield array(names, symbol_of(names[0], "".join(_typeset(inner, variables, array, index))))
        elif name := found["index"]:
            yield index((name,), rf"\text{{{name}}}")
        elif found["letter"] in variables and text[found.start() - 1 : found.start()] != "_":
            yield index((found["letter"],), found["letter"])
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
