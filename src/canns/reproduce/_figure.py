"""A published figure: how it is made again, and what came out."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from canns.reproduce._claim import Claim

if TYPE_CHECKING:
    from matplotlib.figure import FigureBase

__all__ = ["Canvas", "Findings", "PublishedFigure", "Report", "write_report"]

# The list of figures is to be shown without loading matplotlib.
Canvas: TypeAlias = "FigureBase"


class Findings(NamedTuple):
    """What one run found.

    Args:
        claims: The paper's numbers beside ours.
        data: All that the figure shows, by name: numbers, strings, arrays.
        draw: Puts the picture on an empty figure, or an empty part of one.
    """

    claims: Sequence[Claim]
    data: Mapping[str, Any]
    draw: Callable[[Canvas], None]


@dataclass(frozen=True)
class PublishedFigure:
    """One entry of ``canns reproduce``.

    Args:
        name: To call it by.
        paper: Author, year, journal.
        shows: What the figure says, in one line.
        seconds: About how long a run takes on two cores.
        run: Makes it, given a seed.
        run_in_full: Makes the longer version, where there is one.
        seconds_in_full: About how long that takes.
    """

    name: str
    paper: str
    shows: str
    seconds: float
    run: Callable[[int], Findings]
    run_in_full: Callable[[int], Findings] | None = None
    seconds_in_full: float | None = None


@dataclass(frozen=True)
class Report:
    """What came out of one published figure.

    Args:
        figure: Which.
        claims: The paper's numbers beside ours.
        picture: The file with the picture.
        numbers: The file with all numbers, as JSON.
        seconds: How long it took.
    """

    figure: PublishedFigure
    claims: Sequence[Claim]
    picture: Path
    numbers: Path
    seconds: float

    @property
    def passed(self) -> bool:
        """Whether every claim agrees."""
        return all(claim.passed for claim in self.claims)


def write_report(
    figure: PublishedFigure, findings: Findings, seed: int, seconds: float, folder: Path
) -> Report:
    """Write picture and numbers of a run to ``folder``."""
    from matplotlib import pyplot as plt

    picture = folder / f"{figure.name}.png"
    canvas = plt.figure(figsize=(7.0, 4.2), layout="constrained")
    findings.draw(canvas)
    canvas.savefig(picture, dpi=150)
    plt.close(canvas)
    report = Report(figure, findings.claims, picture, picture.with_suffix(".json"), seconds)
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
    report.numbers.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")
    return report


def _plain(value: Any) -> Any:
    return value if isinstance(value, str) else np.asarray(value).tolist()
