"""``compare``: which of several rules explains experiments best."""

from collections.abc import Mapping, Sequence

import jax
import jax.numpy as jnp
import numpy as np
from tqdm.auto import tqdm

from canns._validation import check_choice, check_flag, check_real, check_size
from canns._warnings import warn
from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.inference.data import Problem, check_problem, problem_of
from canns.inference.experiment import Experiment
from canns.inference.folds import assign_folds, held_out, random_scores
from canns.inference.members import Clock, Fitting
from canns.inference.nearest import named_rules
from canns.inference.options import Options
from canns.inference.rule_comparison import RuleComparison
from canns.inference.search import no_plasticity, search_for
from canns.inference.unknowns import find_unknowns, put, start_of, to_values
from canns.plasticity import Projection, Rule
from canns.typing import FloatArray, IntArray

__all__ = ["compare"]

_FEWEST = 3  # experiments: the interval of a mean of two is wider than anything


def compare(
    neuron: Neuron,
    experiments: Sequence[Experiment],
    rules: Sequence[str | Rule] | Mapping[str, Rule] | None = None,
    *,
    project: Projection | None = None,
    num_folds: int = 5,
    num_restarts: int = 1,
    max_steps: int = 50,
    max_seconds: float | None = None,
    confidence: float = 0.95,
    seed: int = 0,
    show_progress: bool = False,
) -> RuleComparison:
    r"""Say which of several rules explains experiments best, or that they cannot tell.

    Each rule is fitted to all experiments but some, and scored by the log-likelihood of those, in
    turn. The scores of an experiment under two rules are a pair. A rule beats another if Student's
    interval of the mean difference over experiments is above zero. The best must beat "no
    plasticity" too, at a level divided by the number of rules. Rules that predict these data alike,
    such as Oja's and Sanger's for a single neuron, count as one.

    Args:
        neuron: The neuron model.
        experiments: Three or more. Cut a long recording into several if its weights are known.
        rules: Names of the catalogue, rules, or rules by name; None for all of the catalogue that
            neuron and data fit. With rewards there are also "reward x oja" and the like, whose
            changes wait in an eligibility trace for the reward.
        project: The constraint on the weights; None for none.
        num_folds: Number of parts in which experiments are held out.
        num_restarts: Number of starts for each rule; those after the first are random.
        max_steps: The most steps of each search.
        max_seconds: Time after which rules that are left are not tried, with a warning.
        confidence: Confidence of the intervals.
        seed: Seed of folds and starts.
        show_progress: Whether to show a bar.

    Returns:
        The scores and the verdict.

    Raises:
        ValidationError: If a rule does not fit neuron and experiments, or there are too few.

    Example:
        >>> import numpy as np
        >>> from canns.dynamics import Linear
        >>> from canns.inference import simulate
        >>> from canns.plasticity import BCM, Hebbian, Oja
        >>> inputs = np.random.default_rng(0).normal(size=(6, 30, 4))
        >>> seen = simulate(BCM(0.02, 5.0), Linear(), inputs, [[0.9, 0.1, 0.2, 0.3]], noise=0.05)
        >>> print(compare(Linear(), seen, ["hebbian", "oja", "bcm"]).verdict())
        Best: bcm.

    Source: Ashwood, Roy, Bak & Pillow (2020), Adv. Neural Inf. Process. Syst. 33.
    """
    for name, size, low in (
        ("num_folds", num_folds, 2),
        ("num_restarts", num_restarts, 1),
        ("max_steps", max_steps, 1),
        ("seed", seed, 0),
    ):
        check_size(name, size, low=low)
    check_real("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    check_flag("show_progress", show_progress)
    if max_seconds is not None:
        check_real("max_seconds", max_seconds, low=0, open_low=True)
    problem = problem_of(neuron, experiments, project)
    count = problem.num_experiments
    if count < _FEWEST:
        remedy = "Cut a long recording into several."
        raise ValidationError("experiments", f"{_FEWEST} or more, to compare", f"{count}", remedy)
    chosen, excluded = _chosen(problem, rules)
    folds = assign_folds(count, num_folds, seed)
    options = Options(num_restarts=num_restarts, max_steps=max_steps, seed=seed)
    clock = Clock(max_seconds)
    fitted: dict[str, tuple[Rule, FloatArray, int]] = {}
    with jax.enable_x64(True):
        for name, rule in tqdm(chosen.items(), desc="Rules", disable=not show_progress):
            if clock.timed_out:
                excluded[name] = "there was no time left"
            else:
                fitted[name] = _fitted(problem, rule, folds, options, clock)
        still = held_out(problem, no_plasticity(problem, folds), folds)
        random, _ = random_scores(problem, folds)
    if clock.timed_out:
        warn("The time was used up before all rules were tried.", "Give more max_seconds.")
    order = sorted(fitted, key=lambda name: -round(float(fitted[name][1].mean()), 6))
    return RuleComparison(
        tuple(order),
        tuple(fitted[name][0] for name in order),
        np.stack([fitted[name][1] for name in order]),
        still,
        random,
        np.array([fitted[name][2] for name in order]),
        excluded,
        {
            "observed": problem.kind,
            "neuron": type(neuron).__name__,
            "experiments": count,
            "observations": problem.num_observations,
            "folds": int(folds.max()) + 1,
            "confidence": confidence,
        },
    )


def _chosen(
    problem: Problem, rules: Sequence[str | Rule] | Mapping[str, Rule] | None
) -> tuple[dict[str, Rule], dict[str, str]]:
    """Return the rules to compare by name, and those that are left out with the reason."""
    known, reasons = named_rules(problem)
    if rules is None:
        if not known:
            kind = type(problem.neuron).__name__
            raise ValidationError("neuron", "one that a rule of the catalogue is for", kind)
        return known, reasons
    if isinstance(rules, str) or not rules:
        raise ValidationError("rules", "a list of names or rules", repr(rules))
    named = dict(rules) if isinstance(rules, Mapping) else _by_name(rules, known, reasons)
    for rule in named.values():
        check_problem(problem, rule, len(_sizes(rule)))
    return named, {}


def _by_name(
    rules: Sequence[str | Rule], known: dict[str, Rule], reasons: dict[str, str]
) -> dict[str, Rule]:
    found: dict[str, Rule] = {}
    for each in rules:
        name = each if isinstance(each, str) else type(each).__name__
        if isinstance(each, str):
            if each in reasons:
                expected = "rules that neuron and data fit"
                raise ValidationError("rules", expected, f"{each!r}: {reasons[each]}")
            rule = known[check_choice("rules", each, known)]
        else:
            rule = each
        if name in found:
            remedy = "Give a mapping of names to rules, to tell two of a kind apart."
            raise ValidationError("rules", "different", f"{name} twice", remedy)
        found[name] = rule
    return found


def _sizes(rule: Rule) -> FloatArray:
    if not isinstance(rule, Rule):
        raise ValidationError("rules", "rules of canns.plasticity, or their names", repr(rule))
    return start_of(rule, find_unknowns(rule))


def _fitted(
    problem: Problem, rule: Rule, folds: IntArray, options: Options, clock: Clock
) -> tuple[Rule, FloatArray, int]:
    """Return the rule fitted to all experiments, its held-out scores, and how many numbers."""
    unknowns = find_unknowns(rule)
    theta = start_of(rule, unknowns)
    search = search_for(Fitting(problem, rule, unknowns, clock), theta, folds, options).search
    values = np.asarray(to_values(unknowns, jnp.asarray(search.members.theta[0])))
    return put(rule, unknowns, values), held_out(problem, search, folds), theta.size
