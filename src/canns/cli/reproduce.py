"""``canns reproduce``: published figures reproduced, pass or fail."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from canns._validation import check_choice
from canns.cli._options import Seed
from canns.cli._run import Results, Run, drawing

if TYPE_CHECKING:
    from canns.reproduce import Claim, Report

__all__ = ["reproduce"]


@drawing("outputs/reproduce")
def reproduce(
    run: Run,
    name: Annotated[
        str | None, typer.Argument(help="A figure's name, or all; omit to list them.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Make the longer version, of figures that have one.")
    ] = False,
    seeds: Annotated[
        int, typer.Option("--seeds", min=1, help="Number of seeds, counted up from --seed.")
    ] = 1,
    seed: Seed = 0,
) -> Results | None:
    """Reproduce published figures, with the expected numbers beside ours.

    Prints for each claim what is expected, of what kind that value is (a number of the paper, a
    formula of the paper, our theory, our simulation), what was measured, the interval of the
    measured value, and the number of the reason for that interval. Writes a picture and a JSON.
    Exits with code 1 if a claim does not hold.
    """
    from canns.reproduce import FIGURES
    from canns.reproduce import reproduce as reproduce_figure

    if name is None:
        _list_figures(run)
        return None
    check_choice("name", name, ["all", *FIGURES])
    names = [*FIGURES] if name == "all" else [name]
    out = run.folder()
    reports, figures, claims = [], {}, []
    for number in range(seed, seed + seeds):
        part = "" if seeds == 1 else f"seed-{number}/"
        for chosen in names:
            longer = full and not (name == "all" and FIGURES[chosen].run_in_full is None)
            report = reproduce_figure(chosen, seed=number, full=longer, folder=out / part)
            reports.append(report)
            figures[part + chosen] = report.draw()
            claims += [{"figure": part + chosen, **_numbers(claim)} for claim in report.claims]
            _print_report(run, report)
    if len(reports) > 1:
        _print_summary(run, reports)
    failed = [
        f"{report.figure.name} at seed {report.seed}" for report in reports if not report.passed
    ]
    return Results({"claims": claims}, figures, failed="; ".join(failed))


def _list_figures(run: Run) -> None:
    from canns.reproduce import FIGURES

    width = max(map(len, FIGURES))
    for figure in FIGURES.values():
        longer = (
            "" if figure.seconds_in_full is None else f"; --full {figure.seconds_in_full:.0f} s"
        )
        against = ", ".join(figure.against)
        run.say(
            f"{figure.name:<{width}}  {figure.paper} (against {against}; "
            f"about {figure.seconds:.0f} s{longer})"
        )
    foreign = sum(figure.foreign for figure in FIGURES.values())
    run.say(
        f"\n{foreign} figures are compared with a number or a formula of a paper, "
        f"{len(FIGURES) - foreign} only with our own theory or simulation."
    )


def _print_report(run: Run, report: "Report") -> None:
    verdict = "holds" if report.passed else "DOES NOT HOLD"
    figure = report.figure
    title = f"{figure.name}: {figure.shows} {figure.paper}. {verdict} ({report.seconds:.0f} s)"
    # The reasons are long and often the same, so they follow the table, by number.
    reasons = list(dict.fromkeys(claim.why for claim in report.claims))
    run.table(
        title,
        ["claim", "expected", "of", "measured", "from", "to", "why", ""],
        [_row(claim, 1 + reasons.index(claim.why)) for claim in report.claims],
    )
    for number, reason in enumerate(reasons, 1):
        run.say(f"{number}: {reason}")


def _row(claim: "Claim", reason: int) -> list[str]:
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


def _numbers(claim: "Claim") -> dict[str, object]:
    side = {"near": "", "at least": "at least ", "at most": "at most "}[claim.sense]
    return {
        "claim": claim.what,
        "passed": claim.passed,
        "expected": f"{side}{claim.expected:g}" if side else claim.expected,
        "of": claim.kind,
        "measured": claim.measured,
        "from": claim.low,
        "to": claim.high,
        "why": claim.why,
    }


def _print_summary(run: Run, reports: "Sequence[Report]") -> None:
    """Print how many claims of each kind hold, and how many chance alone would make fail."""
    from canns.reproduce import KINDS

    claims = [claim for report in reports for claim in report.claims]
    groups = {kind: [claim for claim in claims if claim.kind == kind] for kind in KINDS}
    rows = [_count(kind, group) for kind, group in groups.items() if group]
    run.table(
        "Claims by the kind of the expected value",
        ["expected value", "claims", "one-sided", "hold", "fail", "expected to fail by chance"],
        [*rows, _count("all", claims)],
    )
    held = sum(report.passed for report in reports)
    total = sum(report.seconds for report in reports)
    run.say(f"{held} of {len(reports)} figures hold, in {total:.0f} s")


def _count(name: str, claims: "Sequence[Claim]") -> list[str]:
    held = sum(claim.passed for claim in claims)
    one_sided = sum(claim.sense != "near" for claim in claims)
    chance = sum(claim.false_alarm for claim in claims)
    return [name, *map(str, (len(claims), one_sided, held, len(claims) - held)), f"{chance:.2g}"]
