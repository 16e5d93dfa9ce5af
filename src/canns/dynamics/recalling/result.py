"""The results of a recall, and its progress reports."""

from collections.abc import Callable, Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from canns._describe import lines_of, shown, span
from canns._finite import overflowed
from canns._placement import host, replicated
from canns._results import Result
from canns.dynamics.recalling.loop import CONVERGED, Carry, Ending
from canns.typing import AnyArray, Array, BoolArray, PyTree

__all__ = [
    "OUTCOMES",
    "Found",
    "OnStep",
    "RecallProgress",
    "RecallResult",
    "join_endings",
    "on_device",
    "progress_of",
    "result_of",
    "traced_result",
]

OUTCOMES = ("budget", "converged", "cycle")  # in the order of the loop's numbers
_WORDS = np.asarray(OUTCOMES)
_SHOWN = ("converged", "cycle", "budget")  # the order in a repr


class _Fields(NamedTuple):
    states: Array
    outcome: AnyArray | Array
    steps: AnyArray | Array
    energies: AnyArray | Array


class RecallResult(Result, _Fields):
    """The result of a recall, cue by cue: a named tuple.

    Args:
        states: The states after ``num_iter`` updates, (B, N); in a 2-cycle, the one of its two
            states that this number of updates ends in.
        outcome: One word per cue, (B,): "converged" (the last update changed nothing),
            "cycle" (a synchronous 2-cycle) or "budget" (still moving after ``num_iter``).
        steps: Updates of each cue, including the one that showed that it had settled, (B,).
        energies: Energy of each cue before the first and after each update, (B, T + 1), where T
            is the largest number of steps. Once a cue has stopped, that of its final state.

    Inside a JAX transformation all four are JAX arrays, T is ``num_iter``, and the outcome is the
    index of its word in :data:`~canns.dynamics.OUTCOMES`.
    """

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "states": ("cue", "neuron"),
        "outcome": ("cue",),
        "steps": ("cue",),
        "energies": ("cue", "update"),
    }
    rows: ClassVar[tuple[str, ...]] = ("cue",)

    def __repr__(self) -> str:
        try:
            facts = self._facts()
        except Exception:  # some parts cannot be read, such as traced ones
            facts = {}
        return lines_of(type(self).__name__, facts)

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the energy of each cue over the updates."""
        draw = pictures.energy_curves
        return draw(self.energies, self.outcome, config=config, ax=ax)

    def to_dataframe(self) -> Any:
        """Return a row for each cue: its outcome, updates, and first and last energy."""
        ends = {"first_energy": self.energies[:, 0], "last_energy": self.energies[:, -1]}
        return super().to_dataframe().assign(**{name: host(e) for name, e in ends.items()})

    def _facts(self) -> dict[str, str]:
        """Return the counts of outcomes, and the ranges of steps and energies."""
        words, counts = np.unique(self.outcome, return_counts=True)
        found = dict(zip(words.tolist(), counts.tolist(), strict=True))
        ended = ", ".join(f"{found[word]} {word}" for word in _SHOWN if word in found)
        low, high = int(np.min(self.steps)), int(np.max(self.steps))
        updates = f"{low}" if low == high else f"{low}-{high}"
        cues, neurons = self.states.shape
        return {
            f"{cues} cue{'s' * (cues != 1)}": f"{ended}; {updates} update{'s' * (high != 1)}",
            "neurons": str(neurons),
            "energy at first": span(self.energies[:, 0]),
            "energy at the end": span(self.energies[:, -1]),
        }


class Found(NamedTuple):
    """What a recall of many cues found.

    Args:
        result: The result, one row per cue.
        last: Final state of the last cue, (N,).
        driven: Whether any cue ended with a field that is not 0 everywhere.
    """

    result: RecallResult
    last: Array
    driven: bool


@shown
class RecallProgress(NamedTuple):
    """The argument of an ``on_step`` callback, after each update.

    Args:
        step: Number of updates so far, from 1.
        energies: Energy of each cue, (B,).
        energy_changes: Changes of these by this update, (B,); zero for a cue that has stopped.
        running: True for cues that are still running, (B,).
        converged: True for cues that have converged, (B,); a cue in a cycle has not.
        states: State of each cue, (B, N).
    """

    step: int
    energies: AnyArray
    energy_changes: AnyArray
    running: BoolArray
    converged: BoolArray
    states: AnyArray


#: A function that a recall calls after each update; it may raise :class:`StopIteration` to end it.
OnStep: TypeAlias = Callable[[RecallProgress], object]


def progress_of(carries: list[Carry], counts: list[int], step: int) -> RecallProgress:
    """Return the progress after update ``step`` of a batch in parts of ``counts`` cues."""
    own = list(zip(carries, counts, strict=True))

    def joined(name: str) -> AnyArray:
        return np.concatenate([host(getattr(carry, name))[:count] for carry, count in own])

    at = [min(int(carry.step), step) for carry in carries]  # a stopped part is behind
    pairs = [
        host(carry.energies)[[max(k - 1, 0) if k == step else k, k], :count]
        for k, (carry, count) in zip(at, own, strict=True)
    ]
    before, after = np.concatenate(pairs, axis=1)
    converged = joined("outcome") == CONVERGED
    running, states = joined("running"), joined("states")
    return RecallProgress(step, after, after - before, running, converged, states)


def join_endings(endings: list[Ending], counts: list[int]) -> Ending:
    """Return the endings of the parts of a batch, of ``counts`` cues, as one ending."""
    if len(endings) == 1:
        return endings[0]
    own: list[tuple[AnyArray, ...]] = [tuple(map(host, ending)) for ending in endings]
    states, last, found, energies = zip(*own, strict=True)
    whole = [_constant_after_end(*pair) for pair in zip(energies, found, strict=True)]

    def joined(parts: Sequence[AnyArray], axis: int) -> PyTree:
        pairs = zip(parts, counts, strict=True)
        return np.concatenate([np.take(part, range(n), axis) for part, n in pairs], axis)

    return Ending(joined(states, 0), last[-1], joined(found, 1), joined(whole, 1))


def _constant_after_end(energies: PyTree, found: PyTree) -> PyTree:
    """Return energies, (room, B), constant from the last step of any cue on."""
    last = found[1].max()
    index = np.arange(len(energies))[:, None] <= last
    where = jnp.where if isinstance(energies, jax.core.Tracer) else np.where
    return where(index, energies, energies[last])


def on_device(rows: AnyArray) -> Array:
    """Return ``rows`` as a JAX array."""
    # jnp.asarray would compile a program for each shape.
    array: Array = jax.device_put(rows)
    return array


def traced_result(ending: Ending) -> RecallResult:
    """Return the result for all cues, inside a JAX transformation."""
    outcome, steps, _ = ending.found
    energies = jnp.asarray(_constant_after_end(ending.energies, ending.found))
    return RecallResult(ending.states, outcome, steps, energies.T)


def result_of(ending: Ending, count: int, columns: int | None = None) -> Found:
    """Return the result for the first ``count`` cues; padding is cut off.

    Args:
        ending: The ending of all cues, with padding.
        count: Number of cues without padding.
        columns: Number of columns of energies; None to end at the last update of any cue.
    """
    outcome, steps, driven = host(ending.found)[:, :count]
    trace = host(ending.energies).T[:count, : columns or int(steps.max()) + 1]
    if not np.isfinite(trace).all():
        first = int(np.argmin(np.isfinite(trace).all(axis=0)))
        raise overflowed(first)
    states = ending.states
    if len(states) > count or not isinstance(states, jax.Array):
        states = on_device(host(states)[:count])
    result = RecallResult(replicated(states), _WORDS[outcome], steps, trace)
    return Found(result, ending.last, bool(driven.any()))
