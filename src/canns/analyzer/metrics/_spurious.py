"""The attractors that random states fall into."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import ClassVar

import jax
import numpy as np
from numpy.typing import ArrayLike, NDArray

from canns._keys import as_key
from canns._names import renamed
from canns._results import Result
from canns._validation import check_matrix, check_real, check_size
from canns.analyzer.metrics._attractors import KINDS, match_patterns
from canns.analyzer.metrics._draws import random_patterns
from canns.analyzer.metrics._subject import Subject, Subjectable, subject
from canns.dynamics import Network, network_energies, recall
from canns.errors import ValidationError
from canns.typing import AnyArray, Array

__all__ = ["Attractors", "spurious_states"]


@dataclass(frozen=True, eq=False, repr=False)
class Attractors(Result):
    """The distinct states that probes ended in, the most frequent first.

    Args:
        states: (A, N).
        kinds: Kind of each state, (A,): "pattern", "reversed", "mixture", "spin_glass", "cycle"
            (one state of a 2-cycle), or "unsettled" (the probe was still moving).
        counts: Probes that ended there, (A,).
        energies: Energy of each state, (A,).
        overlaps: Overlap of each state with each pattern, (A, P).
        mixture_sizes: Number of patterns in the nearest mixture, (A,): 1 for a pattern.
        mixture_overlaps: Overlap of each state with that mixture, (A,).
    """

    states: AnyArray
    kinds: NDArray[np.str_]
    counts: NDArray[np.int64]
    energies: AnyArray
    overlaps: AnyArray
    mixture_sizes: NDArray[np.int64]
    mixture_overlaps: AnyArray

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "states": ("attractor", "neuron"),
        "kinds": ("attractor",),
        "counts": ("attractor",),
        "energies": ("attractor",),
        "overlaps": ("attractor", "pattern"),
        "mixture_sizes": ("attractor",),
        "mixture_overlaps": ("attractor",),
    }
    rows: ClassVar[tuple[str, ...]] = ("attractor",)

    @property
    def shares(self) -> dict[str, float]:
        """Share of the probes that ended in each kind."""
        total = self.counts.sum()
        return {kind: float(self.counts[self.kinds == kind].sum() / total) for kind in KINDS}

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the share of the probes that ended in each kind."""
        shares = {kind.replace("_", " "): share for kind, share in self.shares.items()}
        config = config or pictures.PlotConfig(title="Where random states end")
        return pictures.share_bars(shares, config, ax=ax)

    def summary(self) -> str:
        """Return the number of attractors, and the share of the probes in each kind."""
        shares = ", ".join(f"{kind} {share:.1%}" for kind, share in self.shares.items() if share)
        return f"{len(self.counts)} attractors of {self.counts.sum()} probes: {shares}"


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
    r"""Relax random states, and classify the attractors that they reach.

    At low load :math:`\mathrm{sign}(\pm\xi^1 \pm\xi^2 \pm\xi^3)` and other odd mixtures are stable,
    as are the patterns and the reversed patterns. A mixture of three patterns has an overlap of 1/2
    with each of them. States with small overlaps with all patterns and mixtures are spin-glass
    states.

    Args:
        network: A model; or couplings: a matrix (N, N), :class:`~canns.dynamics.StoredPatterns` or
            :class:`~canns.dynamics.Sparse`. It must be deterministic, with states of -1 and 1.
        patterns: The stored patterns, of -1 and 1, one a row, (P, N).
        num_probes: Random states to start from.
        min_overlap: Least overlap with a pattern or mixture for a state to count as one, in (0, 1].
        largest_mixture: Largest number of patterns in a mixture, odd.
        num_iter: Largest number of updates of a probe.
        dynamics: Dynamics of bare couplings; None for :class:`~canns.dynamics.Hopfield`,
            synchronous. Only asynchronous updates are sure to end in a minimum of the energy.
        seed: Seed of the starts and the update order.

    Returns:
        The distinct attractors.

    Raises:
        ValidationError: If an argument is out of range, or states are not -1 and 1.

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
    check_size("num_iter", num_iter)
    count, key = check_size("num_probes", num_probes), as_key(seed)
    start_key, run_key = jax.random.split(key)
    starts = random_patterns(start_key, count, measured.num_neurons, count)
    ends = recall(measured.dynamics, measured.weights, starts, key=run_key, num_iter=num_iter)
    states = np.array(ends.states)
    _check_signs("states of the network", states)
    cycling = ends.outcome == "cycle"
    states[cycling] = _one_phase(measured, states[cycling], run_key)
    return _attractors(measured, states, np.asarray(ends.outcome), rows, threshold, largest)


def _attractors(
    measured: Subject,
    ends: AnyArray,
    outcome: NDArray[np.str_],
    patterns: AnyArray,
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


def _one_phase(measured: Subject, states: AnyArray, key: Array) -> AnyArray:
    """Return the same state of each 2-cycle, whichever of its two states is given."""
    if len(states) == 0:
        return states
    once = recall(measured.dynamics, measured.weights, states, key=key, num_iter=1)
    others = np.asarray(once.states)
    first_difference = np.argmax(states != others, axis=1)[:, None]
    lower = np.take_along_axis(states, first_difference, 1) < 0
    chosen: AnyArray = np.where(lower, states, others)
    return chosen


def _check_signs(name: str, states: AnyArray) -> None:
    other = states[np.abs(states) != 1]
    if other.size:
        raise ValidationError(name, "-1 and 1", f"an entry {other[0]:g}")
