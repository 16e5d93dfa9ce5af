"""``canns infer``: which learning rule explains recordings, or a table of pairings."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from canns.cli._options import Seed
from canns.cli._recordings import read_recordings
from canns.cli._run import Results, Run, drawing
from canns.errors import ValidationError

if TYPE_CHECKING:
    from canns.dynamics import Neuron
    from canns.inference import Experiment, FittedRule, RuleComparison

__all__ = ["infer"]

_FOLDS = 5

NeuronName = Literal["auto", "linear", "poisson", "logistic", "soft_winners", "recorded"]


@drawing("outputs/infer")
def infer(
    run: Run,
    data: Annotated[
        Path,
        typer.Option(
            help="An .npz of trajectories: inputs (E, T, in); one of activity, spikes, choices "
            "(E, T, ...) or weights (E, T, out, in), NaN where nothing was observed; and, if there "
            "are any, start_weights (E, out, in), rewards (E, T), lengths (E,) and dt in ms. Or a "
            ".csv of pairings with the columns lag (or pre and post, the spike times of a block) "
            "in ms, change, and, if there are any, error, frequency in Hz and repeats."
        ),
    ],
    rules: Annotated[
        list[str] | None,
        typer.Option("--rule", help="A rule of the catalogue; may be repeated. All that fit."),
    ] = None,
    terms: Annotated[
        str | None,
        typer.Option(
            help="Also find a rule that is a sum of terms: 'x y, y^2 w, x <y>', or 'all' for all "
            "products of x, y and w with powers up to 2. Terms without effect are taken out."
        ),
    ] = None,
    learning_rate: Annotated[
        float | None, typer.Option(min=0.0, help="The unit of the coefficients of --terms; 1.")
    ] = None,
    tau: Annotated[
        float | None,
        typer.Option(min=1.0, help="Time constant of averages such as <y>, in steps; 100."),
    ] = None,
    neuron: Annotated[
        NeuronName, typer.Option(help="The neuron; auto takes one by what was observed.")
    ] = "auto",
    folds: Annotated[
        int | None, typer.Option(min=2, help=f"Parts in which experiments are held out; {_FOLDS}.")
    ] = None,
    seed: Seed = 0,
) -> Results:
    """Say which learning rule explains recordings or pairings, or that none does.

    Every rule that neuron and data fit is fitted to all recordings but some, and scored by the
    log-likelihood of those. Intervals are Student's, 95 %, over recordings. Windows and triplet
    rules are fitted to pairings, and compared by Akaike's criterion. Writes the table (infer.json),
    the fitted rules (comparison.safetensors or fit.safetensors, to load with canns.load) and
    pictures.
    """
    if data.suffix.lower() == ".csv":
        from canns.cli._pairing_rules import infer_pairings

        given = {"rule": rules, "terms": terms, "learning-rate": learning_rate, "tau": tau}
        given |= {"neuron": None if neuron == "auto" else neuron, "folds": folds}
        for option, value in given.items():
            if value is not None:
                expected = "left out for a table of pairings"
                raise ValidationError(f"--{option}", expected, f"{value}")
        return infer_pairings(run, data, seed)
    from canns.inference import compare

    experiments = read_recordings(data)
    model = _neuron(neuron, experiments[0])
    parts = _FOLDS if folds is None else folds
    scales = 1.0 if learning_rate is None else learning_rate, 100.0 if tau is None else tau
    if terms is not None:
        _check_terms(terms, scales)
    elif learning_rate is not None or tau is not None:
        name = "--tau" if learning_rate is None else "--learning-rate"
        raise ValidationError(name, "left out without --terms", "given")
    found = compare(
        model,
        experiments,
        rules or None,
        num_folds=parts,
        seed=seed,
        show_progress=not run.quiet,
    )
    folder = run.folder()
    run.say(f"{len(experiments)} recordings of {experiments[0].observed} in {data}")
    gain, reach, _ = found.gain(found.no_plasticity)
    columns = ["rule", "gain over no plasticity", "+-", "numbers fitted"]
    rows = [
        [name, f"{gain[k]:.4f}", f"{reach[k]:.2g}", f"{found.num_unknowns[k]}"]
        for k, name in enumerate(found.names)
    ]
    run.table("Held-out log-likelihood per observation", columns, rows)
    run.say(found.verdict())
    path = folder / "comparison.safetensors"
    found.save(path)
    figures, files = {"rules": found.plot()[0]}, {"Comparison": path}
    numbers = _numbers(found)
    if terms is not None:
        expansion = _expanded(run, model, experiments, terms, scales, parts, seed)
        files["Rule of terms"] = folder / "rule.safetensors"
        expansion.save(files["Rule of terms"])
        figures["terms"] = expansion.plot()[0]
        numbers["rule of terms"] = {
            "formula": expansion.summary().splitlines()[0],
            "R2 held out": expansion.r2,
            "term": list(expansion.labels),
            "coefficient": expansion.coefficients,
            "standard error": expansion.standard_error,
        }
    return Results(numbers, figures, files)


def _neuron(name: NeuronName, first: "Experiment") -> "Neuron":
    from canns import dynamics

    if name == "auto":
        several = (first.num_outputs or 1) > 1
        name = "linear"
        if first.observed == "spikes":
            name = "poisson"
        elif first.observed == "choices":
            name = "soft_winners" if several else "logistic"
    kinds: dict[str, Neuron] = {
        "linear": dynamics.Linear(),
        "poisson": dynamics.Poisson(dt=1.0 if first.dt is None else first.dt),
        "logistic": dynamics.Logistic(),
        "soft_winners": dynamics.SoftWinners(),
        "recorded": dynamics.Recorded(),
    }
    return kinds[name]


def _split(terms: str) -> tuple[str, ...] | None:
    return None if terms.strip() == "all" else tuple(term.strip() for term in terms.split(","))


def _check_terms(terms: str, scales: tuple[float, float]) -> None:
    from canns.plasticity import TaylorRule

    names = {"learning_rate": "--learning-rate", "tau": "--tau"}
    try:
        TaylorRule.unknown(_split(terms), *scales).validate()
    except ValidationError as error:
        raise error.about(names.get(error.argument, "--terms")) from None


def _expanded(
    run: Run,
    neuron: "Neuron",
    experiments: "list[Experiment]",
    terms: str,
    scales: tuple[float, float],
    folds: int,
    seed: int,
) -> "FittedRule":
    """Return the rule of terms, once those without effect are taken out."""
    from canns.inference import TaylorRule, fit

    found = fit(
        TaylorRule.unknown(_split(terms), *scales),
        neuron,
        experiments,
        sparse=True,
        num_folds=folds,
        seed=seed,
        show_progress=not run.quiet,
    )
    run.say(found.summary())
    return found


def _numbers(found: "RuleComparison") -> dict[str, object]:
    gain, reach, _ = found.gain(found.no_plasticity)
    return {
        "verdict": found.verdict(),
        "best": found.best or None,
        "rules": {
            "rule": list(found.names),
            "gain over no plasticity": gain,
            "95 % interval": reach,
            "numbers fitted": found.num_unknowns,
            "fitted": [repr(rule) for rule in found.rules],
        },
        "left out": dict(found.excluded),
    }
