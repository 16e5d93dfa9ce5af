"""From what a search found to the result of a fit."""

import jax.numpy as jnp
import numpy as np

from canns._warnings import warn
from canns.inference.damping import settled
from canns.inference.data import Problem
from canns.inference.fitted_rule import FittedRule
from canns.inference.folds import held_out, random_scores
from canns.inference.members import Fitting, Search
from canns.inference.nearest import distances
from canns.inference.search import Found, no_plasticity
from canns.inference.uncertainty import uncertainty_of, warn_undetermined
from canns.inference.unknowns import put, to_values
from canns.typing import FloatArray, IntArray

__all__ = ["result_of"]

_FEW = 8  # experiments, below which resampling them says little


def result_of(
    fitting: Fitting,
    labels: tuple[str, ...],
    folds: IntArray,
    found: Found,
    resamples: FloatArray,
    confidence: float,
) -> FittedRule:
    """Return the result of a fit, with errors and scores; warn of what makes it doubtful.

    Args:
        fitting: What was fitted to what.
        labels: A name for each number.
        folds: The fold of each experiment.
        found: What the search found.
        resamples: The numbers in each resample of a bootstrap, (B, P).
        confidence: Confidence of the intervals.
    """
    problem, unknowns, clock = fitting.problem, fitting.unknowns, fitting.clock
    search, path, count = found.search, found.path, problem.num_experiments
    values = np.asarray(to_values(unknowns, jnp.asarray(search.members.theta[0])))
    sure = uncertainty_of(problem, search, unknowns, confidence, resamples)
    fitted = put(fitting.rule, unknowns, values)
    converged = bool(settled(search)[0]) and not clock.timed_out
    warn_undetermined(labels, sure)
    _warn(converged, clock.timed_out, len(resamples), count)
    own = held_out(problem, search, folds)
    still = no_plasticity(problem, folds)
    scores, squares = random_scores(problem, folds)
    starts = np.asarray(search.members.start[0])  # padded, as the data are
    return FittedRule(
        rule=fitted,
        labels=labels,
        coefficients=values,
        standard_error=sure.standard_error,
        interval=sure.interval,
        kept=np.asarray(search.members.free[0]).astype(int),
        log_likelihood=float(held_out(problem, search, folds[:0]).mean()),
        held_out=own,
        no_plasticity=held_out(problem, still, folds),
        random=scores,
        r2=_explained(problem, search, folds, own, scores, squares),
        noise=sure.noise,
        start_weights=starts[:count],
        losses=np.asarray(clock.losses),
        resamples=resamples,
        path_sizes=np.empty(0) if path is None else path.sizes,
        path_scores=np.empty((0, count)) if path is None else path.scores,
        distances=distances(problem, fitted, starts),
        conditions={
            "observed": problem.kind,
            "neuron": type(problem.neuron).__name__,
            "experiments": count,
            "observations": problem.num_observations,
            "folds": int(folds.max()) + 1 if len(folds) else 0,
            "confidence": confidence,
            "converged": converged,
        },
    )


def _explained(
    problem: Problem,
    search: Search,
    folds: IntArray,
    own: FloatArray,
    scores: FloatArray,
    squares: FloatArray,
) -> float:
    """Return the share of the variance, or of the log-likelihood, that held-out data keep."""
    if problem.kind in ("spikes", "choices"):
        return float(1 - own.mean() / scores.mean())
    count = problem.num_experiments
    row = 1 + folds if len(folds) else np.zeros(count, int)
    values = np.asarray(search.value)[row, np.arange(count)]
    counts = np.asarray(search.number)[row, np.arange(count)]
    return float(1 - (-2 * values).sum() / (squares * counts).sum())


def _warn(converged: bool, timed_out: bool, num_resamples: int, num_experiments: int) -> None:
    if timed_out:
        warn("The time was used up before the search settled.", "Go on with resume=.")
    elif not converged:
        warn("The search has not settled.", "Take more max_steps, or go on with resume=.")
    if num_resamples and num_experiments < _FEW:
        warn(
            f"Resamples of {num_experiments} experiments say little of the error.",
            "Take num_bootstrap=0, for errors by the curvature of the likelihood.",
        )
