"""A published figure: how to reproduce it, and the result."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from canns._replacing import replacing, write_text
from canns.reproduce._claim import FOREIGN, Claim, Kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure, FigureBase

__all__ = ["Canvas", "Findings", "PublishedFigure", "Report", "write_report"]

# Listing the figures must not load matplotlib.
Canvas: TypeAlias = "FigureBase"


class Findings(NamedTuple):
    """Results of one run.

    Args:
        claims: The expected numbers beside ours.
        data: Everything that the figure shows, by name: numbers, strings, arrays.
        draw: Function that draws the picture on an empty figure or an empty part of one.
    """

    claims: Sequence[Claim]
    data: Mapping[str, object]
    draw: Callable[[Canvas], None]


@dataclass(frozen=True)
class PublishedFigure:
    """One entry of ``canns reproduce``.

    Args:
        name: Name to call it by.
        paper: Author, year, journal.
        shows: What the figure says, in one line.
        against: The kinds of value that its claims are compared with, in the order of
            ``KINDS``.
        seconds: About how long a run takes on two cores.
        run: Function that makes it, given a seed.
        run_in_full: Function that makes a longer version, or None.
        seconds_in_full: About how long that takes.
    """

    name: str
    paper: str
    shows: str
    against: tuple[Kind, ...]
    seconds: float
    run: Callable[[int], Findings]
    run_in_full: Callable[[int], Findings] | None = None
    seconds_in_full: float | None = None

    @property
    def foreign(self) -> bool:
        """Whether a claim is compared with a number or a formula of the paper."""
        return any(kind in FOREIGN for kind in self.against)


@dataclass(frozen=True)
class Report:
    """Result of one published figure.

    Args:
        figure: The figure.
        seed: Seed of all random draws.
        claims: The expected numbers beside ours.
        picture: The file with the picture.
        numbers: The file with all numbers, as JSON.
        seconds: How long the run took.
        findings: What was found, to draw it again.
    """

    figure: PublishedFigure
    seed: int
    claims: Sequence[Claim]
    picture: Path
    numbers: Path
    seconds: float
    findings: Findings

    @property
    def passed(self) -> bool:
        """Whether every claim agrees."""
        return all(claim.passed for claim in self.claims)

    def draw(self) -> "Figure":
        """Return the picture, which pyplot does not know of and need not close."""
        from matplotlib import style
        from matplotlib.figure import Figure

        from canns.analyzer.visualization import STYLE

        with style.context(STYLE):
            canvas = Figure(figsize=(9.0, 5.4), layout="constrained")
            self.findings.draw(canvas)
        return canvas


def write_report(
    figure: PublishedFigure, findings: Findings, seed: int, seconds: float, folder: Path
) -> Report:
    """Write picture and numbers of a run to ``folder``."""
    picture = folder / f"{figure.name}.png"
    files = picture, picture.with_suffix(".json")
    report = Report(figure, seed, findings.claims, *files, seconds, findings)
    with replacing(picture) as part:
        report.draw().savefig(part, dpi=150)
    numbers = {
        "name": figure.name,
        "paper": figure.paper,
        "shows": figure.shows,
        "seed": seed,
        "seconds": round(seconds, 2),
        "passed": report.passed,
        "claims": [asdict(claim) | {"passed": claim.passed} for claim in findings.claims],
        "data": {name: _plain(value) for name, value in findings.data.items()},
    }
    write_text(report.numbers, json.dumps(numbers, indent=2) + "\n")
    return report


def _plain(value: object) -> object:
    return value if isinstance(value, str) else np.asarray(value).tolist()
