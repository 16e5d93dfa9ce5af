"""What the estimators share: rounds of learning, in double precision and in random orders."""

import dataclasses
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Literal, NamedTuple, TypeAlias

import jax
import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning

from canns._validation import check_real
from canns.plasticity import Setup
from canns.plasticity.learning import AUTO, Learner, show_samples, to_samples
from canns.typing import AnyArray, Array, FloatArray, IntArray

__all__ = [
    "FLOATS",
    "Features",
    "Rate",
    "Rounds",
    "check_rate",
    "double",
    "key_from",
    "learn_round",
    "learn_rounds",
    "order_of_round",
    "until_settled",
    "warn_unsettled",
]

FLOATS = (np.float64, np.float32)  #: types of samples that are kept; others become the first
#: A learning rate, or "auto" for the one that theory gives.
Rate: TypeAlias = float | Literal["auto"]

_LEAST = 1000  # samples in a round
_PATIENCE = 10  # rounds after which a falling rate is half of the first


class Features(ClassNamePrefixFeaturesOutMixin, TransformerMixin):
    """A transformer to features of its own, named by its class, that keeps float32."""

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class Rounds(NamedTuple):
    """How rounds of learning ended.

    Args:
        learner: All that was learnt.
        num_rounds: How many there were.
        settled: Whether they ended because nothing changed any more.
    """

    learner: Learner
    num_rounds: int
    settled: bool


def double() -> AbstractContextManager[Any]:
    """Compute in float64 in this block, in this thread."""
    return jax.enable_x64(True)


def key_from(random: np.random.RandomState) -> Array:
    """Return a JAX key that a random state draws."""
    return jax.random.key(int(random.randint(np.iinfo(np.int32).max)))


def check_rate(rate: Rate) -> None:
    """Raise unless ``rate`` is a number above 0 or "auto"."""
    if not (isinstance(rate, str) and rate == AUTO):
        check_real("learning_rate", rate, low=0, open_low=True)


def order_of_round(random: np.random.RandomState, count: int) -> IntArray:
    """Return the order of the samples in a round: each as often as makes 1000, at least once.

    Example:
        >>> order_of_round(np.random.RandomState(0), 400).shape
        (1200,)
    """
    return np.concatenate([random.permutation(count) for _ in range(-(-_LEAST // count))])


def learn_round(setup: Setup, learner: Learner, rows: FloatArray, rate: float) -> Learner:
    """Show ``rows`` once, in order, at this learning rate."""
    rule: Any = setup.rule  # a dataclass, as every rule is
    now = Setup(dataclasses.replace(rule, learning_rate=rate), setup.neuron, setup.project)
    after = show_samples(now, learner, to_samples(rows, None, rows.dtype))
    # On the host: a JAX array that is pickled comes back in JAX's default precision.
    on_host: Learner = jax.tree.map(np.asarray, after)
    return on_host


def learn_rounds(
    setup: Setup,
    weights: AnyArray | Array,
    rows: FloatArray,
    random: np.random.RandomState,
    rate: float,
    next_rate: Callable[[AnyArray, float, int], float],
    max_iter: int,
) -> Rounds:
    """Learn in rounds until the weights have settled.

    Args:
        setup: The rule, the neuron and the constraint, which are already checked.
        weights: The weights to start from, (out, in).
        rows: The samples, (T, in), in float64.
        random: Draws the order of each round.
        rate: The learning rate of the first round.
        next_rate: Returns the rate of the next round, from the weights after a round, its rate and
            how many rounds there were; 0 to stop.
        max_iter: Largest number of rounds.
    """
    learner = setup.start(weights)
    for done in range(1, max_iter + 1):
        order = order_of_round(random, len(rows))
        learner = learn_round(setup, learner, rows[order], rate)
        rate = next_rate(np.asarray(learner.weights), rate, done)
        if rate == 0:
            return Rounds(learner, done, True)
    return Rounds(learner, max_iter, False)


def until_settled(
    first: float, start: FloatArray, tol: float
) -> Callable[[AnyArray, float, int], float]:
    """Return the rates first/(1 + e/10), until the weights change by less than a share of ``tol``.

    Args:
        first: The rate of the first round.
        start: The weights at the start.
        tol: Relative change in a round at which learning stops.
    """
    earlier: AnyArray = start

    def next_rate(weights: AnyArray, rate: float, done: int) -> float:
        nonlocal earlier
        size = max(float(np.linalg.norm(weights)), 1e-300)
        change = float(np.linalg.norm(weights - earlier)) / size
        earlier = weights
        return first / (1 + done / _PATIENCE) if change > tol else 0.0

    return next_rate


def warn_unsettled(name: str, max_iter: int) -> None:
    """Warn, as scikit-learn does, that an estimator is still learning after ``max_iter``."""
    warnings.warn(
        f"{name} has not converged in max_iter={max_iter} iterations. Take more, or a larger tol.",
        ConvergenceWarning,
        stacklevel=3,
    )
