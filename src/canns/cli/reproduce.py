"""``canns reproduce``: published figures reproduced, pass or fail."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from canns._validation import check_choice
from canns.cli._report import Out, Seed, open_folder, print_table
from canns.reproduce import FIGURES, KINDS, Claim, Report
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
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="Number of seeds, counted up from --seed.")
    ] = 1,
    out: Out = Path("outputs/reproduce"),
) -> None:
    """Reproduce published figures, with the expected numbers beside ours.

    Prints for each claim what is expected, of what kind that value is (a number of the paper, a
    formula of the paper, our theory, our simulation), what was measured, the interval of the
    measured value, and the number of the reason for that interval. Writes a picture and a JSON.
    Exits with code 1 if a claim does not hold.
    """
    if name is None:
        _list_figures()
        return
    check_choice("name", name, ["all", *FIGURES])
    names = [*FIGURES] if name == "all" else [name]
    open_folder(out)
    reports = []
    for number in range(seed, seed + seeds):
        folder = out if seeds == 1 else out / f"seed-{number}"
        for chosen in names:
            longer = full and not (name == "all" and FIGURES[chosen].run_in_full is None)
            reports.append(reproduce_figure(chosen, seed=number, full=longer, folder=folder))
            _print_report(reports[-1])
    if len(reports) > 1:
        _print_summary(reports)
    failed = [
        f"{report.figure.name} at seed {report.seed}" for report in reports if not report.passed
    ]
    if failed:
        typer.echo(f"Does not hold: {', '.join(failed)}", err=True)
        raise typer.Exit(1)


def _list_figures() -> None:
    width = max(map(len, FIGURES))
    for figure in FIGURES.values():
        longer = (
            "" if figure.seconds_in_full is None else f"; --full {figure.seconds_in_full:.0f} s"
        )
        against = ", ".join(figure.against)
        typer.echo(
            f"{figure.name:<{width}}  {figure.paper} (against {against}; "
            f"about {figure.seconds:.0f} s{longer})"
        )
    foreign = sum(figure.foreign for figure in FIGURES.values())
    typer.echo(
        f"\n{foreign} figures are compared with a number or a formula of a paper, "
        f"{len(FIGURES) - foreign} only with our own theory or simulation."
    )


def _print_report(report: Report) -> None:
    verdict = "holds" if report.passed else "DOES NOT HOLD"
    figure = report.figure
    title = f"{figure.name}: {figure.shows} {figure.paper}. {verdict} ({report.seconds:.0f} s)"
    # The reasons are long and often the same, so they follow the table, by number.
    reasons = list(dict.fromkeys(claim.why for claim in report.claims))
    print_table(
        title,
        ["claim", "expected", "of", "measured", "from", "to", "why", ""],
        [_row(claim, 1 + reasons.index(claim.why)) for claim in report.claims],
    )
    for number, reason in enumerate(reasons, 1):
        typer.echo(f"{number}: {reason}")
    typer.echo(f"Picture: {report.picture}\nNumbers: {report.numbers}")


def _row(claim: Claim, reason: int) -> list[str]:
    side = {"near": "", "at least": ">= ", "at most": "<= "}[claim.sense]
    return [
        claim.what,
        f"{side}{claim.expected:.4g}",
        claim.kind.removeprefix("paper's ").removeprefix("our "),
        f"{claim.measured:.4g}",
        f"{claim.low:.4g}",
        f"{claim.high:.4g}",
        str(reason),
        "pass" if claim.passed else "FAIL",
    ]


def _print_summary(reports: Sequence[Report]) -> None:
    """Print how many claims of each kind hold, and how many chance alone would make fail."""
    claims = [claim for report in reports for claim in report.claims]
    groups = {kind: [claim for claim in claims if claim.kind == kind] for kind in KINDS}
    rows = [_count(kind, group) for kind, group in groups.items() if group]
    print_table(
        "Claims by the kind of the expected value",
        ["expected value", "claims", "one-sided", "hold", "fail", "expected to fail by chance"],
        [*rows, _count("all", claims)],
    )
    held = sum(report.passed for report in reports)
    total = sum(report.seconds for report in reports)
    typer.echo(f"{held} of {len(reports)} figures hold, in {total:.0f} s")


def _count(name: str, claims: Sequence[Claim]) -> list[str]:
    held = sum(claim.passed for claim in claims)
    one_sided = sum(claim.sense != "near" for claim in claims)
    chance = sum(claim.false_alarm for claim in claims)
    return [name, *map(str, (len(claims), one_sided, held, len(claims) - held)), f"{chance:.2g}"]
