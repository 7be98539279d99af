"""The table that the benchmarks end with: what was measured, beside what, and their ratio."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median, quantiles


@dataclass(frozen=True)
class Figure:
    """One line of the table. A ratio stands only where the two were taken in turns in the same run."""

    what: str
    measured: str
    beside: str = ""
    ratio: float | None = None

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


def in_turn(rounds: int, *measures: Callable[[], float]) -> list[list[float]]:
    """The results of each measure, taken A B A B: other work on the machine, which comes and goes, meets them alike."""
    results: list[list[float]] = [[] for _ in measures]
    for _ in range(rounds):
        for taken, measure in zip(results, measures, strict=True):
            taken.append(measure())
    return results


def middle_ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """The median of the ratios of the rounds: what slows a whole round down cancels."""
    return median(a / b for a, b in zip(above, below, strict=True))


def p95(values: Sequence[float]) -> float:
    """The value that 95 of 100 stay below."""
    return quantiles(values, n=20, method="inclusive")[-1]


def printed(figures: Iterable[Figure]) -> str:
    """The figures as aligned text."""
    rows = [("what", "measured", "beside", "ratio")]
    rows += [(f.what, f.measured, f.beside, "" if f.ratio is None else f"{f.ratio:.2f}") for f in figures]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    rows.insert(1, ("-" * widths[0], "-" * widths[1], "-" * widths[2], "-" * widths[3]))
    lines = ("  ".join(text + " " * (w - _width(text)) for text, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
