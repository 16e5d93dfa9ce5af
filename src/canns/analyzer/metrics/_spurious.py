"""The attractors that random states fall into."""

from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns._describe import shown
from canns._keys import as_key
from canns._names import renamed
from canns._validation import check_matrix, check_real, check_size
from canns.analyzer.metrics._attractors import KINDS, match_patterns
from canns.analyzer.metrics._draws import random_patterns
from canns.analyzer.metrics._subject import Subject, Subjectable, subject
from canns.dynamics import Network, network_energies, recall
from canns.errors import ValidationError
from canns.typing import Array

__all__ = ["Attractors", "spurious_states"]


@shown
class Attractors(NamedTuple):
    """The distinct states that probes ended in, the most frequent first.

    Args:
        states: (A, N).
        kinds: Of each, (A,): "pattern", "reversed", "mixture", "spin_glass", "cycle" (one state of
            a 2-cycle), or "unsettled" (the probe was still moving).
        counts: Probes that ended there, (A,).
        energies: (A,).
        overlaps: With each pattern, (A, P).
        mixture_sizes: How many patterns the nearest mixture is made of, (A,): 1 for a pattern.
        mixture_overlaps: With that mixture, (A,).
    """

    states: NDArray[Any]
    kinds: NDArray[np.str_]
    counts: NDArray[np.int64]
    energies: NDArray[Any]
    overlaps: NDArray[Any]
    mixture_sizes: NDArray[np.int64]
    mixture_overlaps: NDArray[Any]

    @property
    def shares(self) -> dict[str, float]:
        """Share of the probes that ended in each kind."""
        total = self.counts.sum()
        return {kind: float(self.counts[self.kinds == kind].sum() / total) for kind in KINDS}


@renamed(key="seed")
def spurious_states(
    network: Subjectable,
    patterns: ArrayLike,
    *,
    num_probes: int = 1000,
    min_overlap: float = 0.9,
    largest_mixture: int = 7,
    num_iter: int = 200,
    dynamics: Network | None = None,
    seed: int | Array | None = 0,
) -> Attractors:
    r"""Relax random states, and tell the patterns among their attractors from the others.

    At low load :math:`\mathrm{sign}(\pm\xi^1 \pm\xi^2 \pm\xi^3)` and other odd mixtures are stable
    beside the patterns and the reversed patterns; an overlap of 1/2 with each of three patterns
    marks the first. States of small overlap with all patterns and mixtures are a spin glass's.

    Args:
        network: A model; or couplings: a matrix (N, N), :class:`~canns.dynamics.StoredPatterns` or
            :class:`~canns.dynamics.Sparse`. It must be deterministic, with states of -1 and 1.
        patterns: The stored patterns, of -1 and 1, one a row, (P, N).
        num_probes: Random states to start from.
        min_overlap: With a pattern or mixture, to count as one, in (0, 1].
        largest_mixture: The most patterns of a mixture, an odd number.
        num_iter: The most updates of a probe.
        dynamics: Of bare couplings; None for :class:`~canns.dynamics.Hopfield`, synchronous.
            Only asynchronous updates surely end in a minimum of the energy.
        seed: Of the starts and the update order.

    Returns:
        The distinct attractors.

    Raises:
        ValidationError: Where an argument is out of range, or states are not -1 and 1.

    Example:
        >>> import numpy as np
        >>> from canns.dynamics import Hopfield
        >>> patterns = np.array([[1.0, 1.0, 1.0, 1.0, 1.0]])
        >>> weights = patterns.T @ patterns - np.eye(5)
        >>> found = spurious_states(weights, patterns, dynamics=Hopfield(asynchronous=True))
        >>> sorted(found.kinds.tolist()), found.energies.tolist()
        (['pattern', 'reversed'], [-10.0, -10.0])

    Source: Amit, Gutfreund & Sompolinsky (1985), Phys. Rev. A 32:1007.
    """
    measured = subject(network, dynamics)
    if not measured.dynamics.settles:
        raise ValidationError("network", "deterministic", "a network with noise")
    rows = check_matrix("patterns", patterns, measured.num_neurons)
    _check_signs("patterns", rows)
    threshold = check_real("min_overlap", min_overlap, low=0, high=1, open_low=True)
    largest = check_size("largest_mixture", largest_mixture)
    if largest % 2 == 0:
        raise ValidationError("largest_mixture", "odd", str(largest))
    start_key, run_key = jax.random.split(as_key(seed))
    count = check_size("num_probes", num_probes)
    starts = random_patterns(start_key, count, measured.num_neurons, count)
    ends = recall(measured.dynamics, measured.weights, starts, key=run_key, num_iter=num_iter)
    states = np.array(ends.states)
    _check_signs("states of the network", states)
    cycling = ends.outcome == "cycle"
    states[cycling] = _one_phase(measured, states[cycling], run_key)
    return _attractors(measured, states, ends.outcome, rows, threshold, largest)


def _attractors(
    measured: Subject,
    ends: NDArray[Any],
    outcome: NDArray[np.str_],
    patterns: NDArray[Any],
    threshold: float,
    largest: int,
) -> Attractors:
    states, first, counts = np.unique(ends, axis=0, return_index=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    states, outcome, counts = states[order], outcome[first[order]], counts[order]
    match = match_patterns(states, patterns, largest)
    kinds = np.where(outcome == "converged", match.kinds(threshold), outcome)
    kinds[kinds == "budget"] = "unsettled"
    energies = np.asarray(network_energies(measured.dynamics, measured.weights, states))
    return Attractors(states, kinds, counts, energies, *match)


def _one_phase(measured: Subject, states: NDArray[Any], key: Array) -> NDArray[Any]:
    """Return one and the same state of each 2-cycle, whichever of its two states is given."""
    if len(states) == 0:
        return states
    once = recall(measured.dynamics, measured.weights, states, key=key, num_iter=1)
    others = np.asarray(once.states)
    first_difference = np.argmax(states != others, axis=1)[:, None]
    lower = np.take_along_axis(states, first_difference, 1) < 0
    chosen: NDArray[Any] = np.where(lower, states, others)
    return chosen


def _check_signs(name: str, states: NDArray[Any]) -> None:
    other = states[np.abs(states) != 1]
    if other.size:
        raise ValidationError(name, "-1 and 1", f"an entry {other[0]:g}")
