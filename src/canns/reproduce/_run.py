"""Reproduction of published figures."""

import os
import time

from canns._brainstate import brainstate
from canns._validation import check_choice, check_flag, check_folder, check_size
from canns.errors import ValidationError
from canns.reproduce._figure import Report, write_report
from canns.reproduce._registry import FIGURES

__all__ = ["reproduce"]


def reproduce(
    name: str, *, seed: int = 0, full: bool = False, folder: str | os.PathLike[str] = "."
) -> Report:
    """Reproduce one published figure, and write its picture and its numbers.

    Args:
        name: One of :data:`FIGURES`.
        seed: Seed of all random draws.
        full: Make the longer version, of a figure that has one.
        folder: Folder of the two files; made if it does not exist.

    Returns:
        The expected numbers beside ours, and the paths of the files.

    Raises:
        ValidationError: If there is no such figure, or the figure has no longer version.
    """
    figure = FIGURES[check_choice("name", name, [*FIGURES])]
    seed = check_size("seed", seed, low=0)
    run = figure.run_in_full if check_flag("full", full) else figure.run
    if run is None:
        raise ValidationError("full", f"False for {name}", "True", "It has one version.")
    target = check_folder("folder", folder)
    target.mkdir(parents=True, exist_ok=True)
    with brainstate.random.seed_context(seed):
        start = time.perf_counter()
        findings = run(seed)
        seconds = time.perf_counter() - start
    found = {claim.kind for claim in findings.claims}
    if found != {*figure.against}:
        listed, made = ", ".join(figure.against), ", ".join(sorted(found))
        raise RuntimeError(f"{name} is listed as against {listed}; its claims are against {made}")
    return write_report(figure, findings, seed, seconds, target)
