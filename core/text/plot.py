"""What a plot beside the boards shows of an algorithm: a kind, and the names of the parameters whose numbers it takes.

    @algorithm(plot=Curve(of="z", to="y"))
    def relu(z, y): ...

An algorithm that declares none has the waterfall of its sums, which is read off the recorded statement.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Plot:
    """One kind of plot. Its fields name parameters of the function that declares it: one, several, or "" for none."""

    @property
    def kind(self) -> str:
        return type(self).__name__.lower()

    @property
    def arrays(self) -> dict[str, str | tuple[str, ...]]:
        """What each part of the plot is called in the function.

        >>> Curve(of="z", to="y").arrays
        {'of': 'z', 'to': 'y', 'by': ''}
        """
        return {part.name: getattr(self, part.name) for part in fields(self) if part.name != "function"}

    def named(self) -> Iterator[str]:
        """Every parameter that it names."""
        for name in self.arrays.values():
            yield from (name,) if isinstance(name, str) else name


@dataclass(frozen=True)
class Curve(Plot):
    """A function of one number, cell by cell: its curve, with every cell on it.

    `of` holds the numbers that it is applied to, `to` what comes of them. Where `by` is named, `to` is `by` times a
    slope: that of `function`, if it is given, whose curve then has a tangent. All three have one shape, and the
    algorithm takes no other array: so that it can be run on the points of a curve too.
    """

    of: str
    to: str
    by: str = ""
    function: Callable[..., Any] | None = None  # the algorithm forward, from `of` to something


@dataclass(frozen=True)
class Contest(Plot):
    """Numbers of which one is picked: each a bar, the winner and by how much it won. `of` holds them, `to` gets it.

    Beside it stands by how much each cell of `to` was won: what is won by little would soon go to another.
    """

    of: str
    to: str


@dataclass(frozen=True)
class Change(Plot):
    """Arrays whose numbers become others, one by one: what each was, and the step from there, magnified to be seen."""

    of: tuple[str, ...]


@dataclass(frozen=True)
class Agreement(Plot):
    """Two arrays that ought to be equal, one against the other; and what a nudge of the current cell does to the loss.

    Where `difference` is named, its largest cell is marked; `kinks` counts for each cell what excuses one. `nudged`
    holds the numbers that are nudged, and `loss` how the loss changes by it: where these are the copies of
    `core.layers.gradient_check`, the loss is sampled over all values around that of the cell too.
    """

    numeric: str
    analytic: str
    difference: str = ""
    kinks: str = ""
    nudged: str = ""
    loss: str = ""


@dataclass(frozen=True)
class Descent(Plot):
    """The loss before a step against the gradient and after it; and after shorter and longer steps, as a curve.

    `function` is the algorithm that makes the step, whose only setting says how long it is. The curve is that of the
    loss which a gradient check nudges, so that there has to be a copy of every array for that.
    """

    before: str
    after: str
    function: Callable[..., Any] | None = None


@dataclass(frozen=True)
class Progress(Plot):
    """How learning goes: the loss of each step, its mean over each epoch, and the accuracy after each epoch.

    `loss` has a row of steps for each epoch, and `accuracy` a share from 0 to 1 for each. Beside them stands how large
    the numbers of each of the `gradients` are at this step: they vanish or burst where a learning rate is wrong.
    """

    loss: str
    accuracy: str
    gradients: tuple[str, ...] = ()


@dataclass(frozen=True)
class Confusion(Plot):
    """What is taken for what, and how often.

    `counts` has a row for each class that something is, and a column for each that it is taken for.
    """

    counts: str


@dataclass(frozen=True)
class Landscape(Plot):
    """The loss over two weights, as far as it is computed, and the way that these two have gone.

    `pair` holds the positions of the two in `weights`, `values` a row of values for each, and `loss` what it is with
    the i-th value of the first and the j-th of the second. `start` is what the weights were; the way from there is
    that of the recorded writes.
    """

    loss: str
    values: str
    weights: str
    start: str
    pair: str
