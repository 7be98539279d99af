"""Which arrays a reader of a function has to see large, and which only beside them: read off the text that runs."""

import ast
from functools import cache

from core.text.source import Source


@cache
def quiet(source: Source) -> frozenset[str]:
    """The parameters of a function that may stand small on a stage.

    >>> sorted(quiet(core.layers.conv.correlate.source))
    ['b', 'w']

    They are what is copied or cropped all at once around the loops that compute, and what is only read to be multiplied
    with an array that the function has just filled, or added to a sum of it: the worked sum shows it large. Where a
    statement computes whole arrays nothing of this can be read off it, and the function says which they are.
    """
    accesses: dict[str, list[ast.expr]] = {}
    for node in source.nodes:
        if isinstance(node, ast.Subscript) and (name := _array(source, node)):
            accesses.setdefault(name, []).append(node)
    depths = {name: [source.depth(node.lineno) for node in nodes] for name, nodes in accesses.items()}
    loops = any(map(any, depths.values()))
    others = _beside(source)
    return source.quiet | frozenset(
        name
        for name, nodes in accesses.items()
        if (loops and not any(depths[name])) or (name not in source.writes and others.issuperset(nodes))
    )


def _array(source: Source, node: ast.AST) -> str:
    """The parameter that a node indexes; empty if it indexes none."""
    name = node.value.id if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) else ""
    return name if name in source.reads | source.writes else ""


def _beside(source: Source) -> set[ast.AST]:
    """What is multiplied with an array that the function has filled, or added to a sum."""
    found: set[ast.AST] = set()
    for node in source.nodes:
        if isinstance(node, ast.BinOp):
            for one, other in ((node.left, node.right), (node.right, node.left)):
                is_factor = isinstance(node.op, ast.Mult) and _array(source, other) in source.writes
                is_added = isinstance(node.op, ast.Add) and isinstance(other, ast.Call | ast.BinOp)
                if is_factor or is_added:
                    found.add(one)
    return found
