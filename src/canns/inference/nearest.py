"""The named rules that fit some experiments, and how near they are to a rule that was found."""

import warnings
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from canns.errors import CannsWarning, ValidationError
from canns.inference.data import Data, Problem, check_problem
from canns.inference.trajectory import states
from canns.plasticity import LAYER_RULES, Parts, RewardModulated, Rule, Setup
from canns.plasticity.learning import Samples
from canns.typing import Array, FloatArray

__all__ = ["distances", "named_rules"]

_AT_ONCE = 1e-3  # ms: an eligibility that is gone in the next step


def named_rules(problem: Problem, *, delay: bool = True) -> tuple[dict[str, Rule], dict[str, str]]:
    """Return the rules of the catalogue that these neurons and data can learn by.

    Args:
        problem: The experiments.
        delay: Whether rules with a reward have an eligibility that lasts.

    Returns:
        The rules by name, with "reward x " before the name of a rule that the reward multiplies;
        and why each of the others is not among them.
    """
    found: dict[str, Rule] = {}
    reasons: dict[str, str] = {}
    for name, recipe in LAYER_RULES.items():
        rule, _, _ = recipe.plan(problem.data.x[0])
        if isinstance(rule, Parts):
            reasons[name] = "its weights have several parts"
            continue
        named = {name: rule}
        if problem.data.reward is not None:
            tau = 1000.0 if delay else _AT_ONCE
            named[f"reward x {name}"] = RewardModulated(rule, tau)
        for label, each in named.items():
            reason = _misfit(problem, each)
            if reason:
                reasons[label] = reason
            else:
                found[label] = each
    return found, reasons


def _misfit(problem: Problem, rule: Rule) -> str:
    """Return why a rule is not for these neurons and data; empty if it is."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", CannsWarning)
        try:
            check_problem(problem, rule, 0)
        except (ValidationError, CannsWarning) as error:
            return str(error)
    return ""


def distances(problem: Problem, rule: Rule, start: FloatArray) -> dict[str, float]:
    r"""Return how far each named rule is from a rule, nearest first.

    Both see the same activity and weights, those of the rule along the experiments. The distance is
    :math:`\min_{c \ge 0} |\Delta W - c\, \Delta W_{named}| / |\Delta W|`: 0 if the named rule
    changes the weights alike up to its rate, 1 if it has nothing in common.

    Args:
        problem: The experiments.
        rule: The rule.
        start: The start weights, (E, out, in).
    """
    named, _ = named_rules(problem, delay=False)
    if not named:
        return {}
    weights, activity = _states(problem.setup(rule), problem.data, start, problem.kind)
    own = np.asarray(_changes(problem.setup(rule), problem.data, weights, activity))
    whole = float((own**2).sum())
    found = {}
    for name, other in named.items():
        change = np.asarray(_changes(problem.setup(other), problem.data, weights, activity))
        size, shared = float((change**2).sum()), float((own * change).sum())
        share = max(shared, 0.0) ** 2 / (size * whole) if size * whole > 0 else 0.0
        found[name] = float(np.sqrt(max(1 - share, 0.0))) if np.isfinite(share) else 1.0
    return dict(sorted(found.items(), key=lambda item: round(item[1], 6)))


@partial(jax.jit, static_argnames="kind")
def _states(setup: Setup, data: Data, start: Array, kind: Any) -> Any:
    def one(start: Array, own: Data) -> Any:
        return states(setup, kind, start, Samples(own.x, own.reward), own.seen, own.length)

    return jax.vmap(one)(start, data)


@jax.jit
def _changes(setup: Setup, data: Data, weights: Array, activity: Any) -> Array:
    """Return the change of the weights at each sample, (E, T, out, in), zero in the padding."""
    rule = setup.timed_rule

    def one(weights: Array, activity: Any, length: Array) -> Array:
        def step(memory: Any, at: Any) -> Any:
            memory, delta = rule.step(memory, *at)
            return memory, delta

        _, changes = jax.lax.scan(step, rule.init(weights[0]), (weights, activity))
        inside = jnp.arange(len(weights)) < length
        kept: Array = jnp.where(inside[:, None, None], changes, 0.0)
        return kept

    found: Array = jax.vmap(one)(weights, activity, data.length)
    return found
