"""What a recall has found, and what it shows on its way."""

from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from canns._describe import as_html, lines_of, shown, span
from canns._placement import host, replicated
from canns.dynamics.recalling.loop import CONVERGED, Carry, Ending
from canns.errors import DivergenceError
from canns.typing import AnyArray, Array, BoolArray

__all__ = [
    "OUTCOMES",
    "RecallProgress",
    "RecallResult",
    "on_device",
    "progress_of",
    "result_of",
]

OUTCOMES = ("budget", "converged", "cycle")  # by the driver's numbers
_WORDS = np.asarray(OUTCOMES)
_TOLD = ("converged", "cycle", "budget")  # in this order


class RecallResult(NamedTuple):
    """What a recall found, cue by cue.

    Args:
        states: Final states, (B, N).
        outcome: One word a cue, (B,): "converged" (the last update changed nothing),
            "cycle" (a synchronous 2-cycle) or "budget" (still moving after ``num_iter``).
        steps: Updates that each cue took, the one that showed it had settled included, (B,).
        energies: Energy of each cue before the first and after each update, (B, T + 1), where T
            is the largest number of steps; held constant once a cue has stopped.
    """

    states: Array
    outcome: NDArray[np.str_]
    steps: NDArray[np.int32]
    energies: AnyArray

    def __repr__(self) -> str:
        try:
            facts = self._facts()
        except Exception:  # of parts that cannot be read, such as traced ones
            facts = {}
        return lines_of(type(self).__name__, facts)

    def _repr_html_(self) -> str:
        return as_html(self)

    def _facts(self) -> dict[str, str]:
        """Return how the recall ended, in counts."""
        words, counts = np.unique(self.outcome, return_counts=True)
        found = dict(zip(words.tolist(), counts.tolist(), strict=True))
        ended = ", ".join(f"{found[word]} {word}" for word in _TOLD if word in found)
        low, high = int(np.min(self.steps)), int(np.max(self.steps))
        updates = f"{low}" if low == high else f"{low}-{high}"
        cues, neurons = self.states.shape
        return {
            f"{cues} cue{'s' * (cues != 1)}": f"{ended}; {updates} update{'s' * (high != 1)}",
            "neurons": str(neurons),
            "energy at first": span(self.energies[:, 0]),
            "energy at the end": span(self.energies[:, -1]),
        }


@shown
class RecallProgress(NamedTuple):
    """What an ``on_step`` callback sees after each update.

    Args:
        step: Updates done, from 1.
        energies: Energy of each cue, (B,).
        energy_changes: What this update added to it, (B,); zero for a cue that has stopped.
        running: Which cues are still moving, (B,).
        converged: Which have converged, (B,); one that cycles has not.
    """

    step: int
    energies: AnyArray
    energy_changes: AnyArray
    running: BoolArray
    converged: BoolArray


def progress_of(carry: Carry, count: int) -> RecallProgress:
    """Return what a callback sees of a recall that goes on."""
    step = int(carry.step)
    energies = host(carry.energies)[:, :count]
    before, after = energies[step - 1], energies[step]
    converged = host(carry.outcome)[:count] == CONVERGED
    return RecallProgress(step, after, after - before, host(carry.running)[:count], converged)


def on_device(rows: AnyArray) -> Array:
    """Return ``rows`` as a JAX array."""
    # jnp.asarray compiles a program for each shape that it meets.
    array: Array = jax.device_put(rows)
    return array


def result_of(ending: Ending, count: int) -> tuple[RecallResult, Array]:
    """Return what the first ``count`` cues have come to; what is cut off is cut on the host."""
    outcome, steps = host(ending.found)[:, :count]
    trace = host(ending.energies).T[:count, : int(steps.max()) + 1]
    if not np.isfinite(trace).all():
        first = int(np.argmin(np.isfinite(trace).all(axis=0)))
        raise DivergenceError("The energy became non-finite", first, "Look at the weights.")
    states = ending.states
    if len(states) > count or not isinstance(states, jax.Array):
        states = on_device(host(states)[:count])
    return RecallResult(replicated(states), _WORDS[outcome], steps, trace), ending.last
