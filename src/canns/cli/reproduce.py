"""``canns reproduce``: published figures reproduced, pass or fail."""

from pathlib import Path
from typing import Annotated

import typer

from canns.cli._report import Out, Seed, print_table
from canns.reproduce import FIGURES, Claim, Report
from canns.reproduce import reproduce as reproduce_figure

__all__ = ["reproduce"]


def reproduce(
    name: Annotated[
        str | None, typer.Argument(help="A figure's name, or all; omit to list them.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Make the longer version, of figures that have one.")
    ] = False,
    seed: Seed = 0,
    out: Out = Path("outputs/reproduce"),
) -> None:
    """Reproduce published figures, with the paper's numbers beside ours.

    Prints for each claim what the paper says, what was measured, and the tolerance; writes a
    picture and a JSON. Exits with code 1 if a claim does not hold.
    """
    if name is None:
        _list_figures()
        return
    names = [*FIGURES] if name == "all" else [name]
    reports = []
    for chosen in names:
        longer = full and not (name == "all" and FIGURES[chosen].run_in_full is None)
        reports.append(reproduce_figure(chosen, seed=seed, full=longer, folder=out))
        _print_report(reports[-1])
    failed = [report.figure.name for report in reports if not report.passed]
    if name == "all":
        total = sum(report.seconds for report in reports)
        typer.echo(f"{len(reports) - len(failed)} of {len(reports)} figures hold, in {total:.0f} s")
    if failed:
        typer.echo(f"Does not hold: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _list_figures() -> None:
    width = max(map(len, FIGURES))
    for figure in FIGURES.values():
        longer = (
            "" if figure.seconds_in_full is None else f"; --full {figure.seconds_in_full:.0f} s"
        )
        typer.echo(f"{figure.name:<{width}}  {figure.paper} (about {figure.seconds:.0f} s{longer})")


def _print_report(report: Report) -> None:
    verdict = "holds" if report.passed else "DOES NOT HOLD"
    figure = report.figure
    title = f"{figure.name}: {figure.shows} {figure.paper}. {verdict} ({report.seconds:.0f} s)"
    print_table(
        title,
        ["claim", "paper", "measured", "tolerance", ""],
        [_row(claim) for claim in report.claims],
    )
    typer.echo(f"Picture: {report.picture}\nNumbers: {report.numbers}")


def _row(claim: Claim) -> list[str]:
    side = {"near": "", "at least": ">= ", "at most": "<= "}[claim.sense]
    return [
        claim.what,
        f"{side}{claim.published:.6g}",
        f"{claim.measured:.6g}",
        f"{claim.tolerance:.2g} ({claim.why})",
        "pass" if claim.passed else "FAIL",
    ]
