"""Making published figures again."""

import os
import time
from pathlib import Path

from canns._brainstate import brainstate
from canns._validation import check_choice, check_flag, check_size
from canns.errors import ValidationError
from canns.reproduce._figure import Report, write_report
from canns.reproduce._registry import FIGURES

__all__ = ["reproduce"]


def reproduce(
    name: str, *, seed: int = 0, full: bool = False, folder: str | os.PathLike[str] = "."
) -> Report:
    """Make one published figure again, and write its picture and its numbers.

    Args:
        name: One of :data:`FIGURES`.
        seed: Of all that is random.
        full: The longer version, of a figure that has one.
        folder: Where the two files go; made where it does not exist.

    Returns:
        The paper's numbers beside ours, and where the files are.

    Raises:
        ValidationError: If there is no such figure, or it has no longer version.
    """
    figure = FIGURES[check_choice("name", name, [*FIGURES])]
    seed = check_size("seed", seed, low=0)
    run = figure.run_in_full if check_flag("full", full) else figure.run
    if run is None:
        raise ValidationError("full", f"False for {name}", "True", "It has one version.")
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with brainstate.random.seed_context(seed):
        start = time.perf_counter()
        findings = run(seed)
        seconds = time.perf_counter() - start
    return write_report(figure, findings, seed, seconds, target)
