"""Recall by a model's own ``update`` and ``energy``, cue by cue."""

import inspect
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from canns._callbacks import wants_stop
from canns._placement import host
from canns.dynamics import OUTCOMES, OnStep, RecallProgress, RecallResult
from canns.models.brain_inspired.lookup import put, unchanged
from canns.typing import AnyArray, StateBox

__all__ = ["energies_by_state", "recall_by_update"]


def energies_by_state(model: Any, box: StateBox, states: AnyArray) -> AnyArray:
    """Return the model's own ``energy`` in each of the states, (B,), and leave it as it was."""
    with unchanged(model):
        energies = []
        for state in states:
            put(box, jnp.asarray(state))
            energies.append(float(model.energy))
    return np.asarray(energies)


def recall_by_update(
    model: Any,
    box: StateBox,
    cues: AnyArray,
    *,
    num_iter: int,
    threshold: float,
    on_step: OnStep | None,
    settles: bool = True,
) -> RecallResult:
    """Recall cue by cue and leave the model in the final state of the last one.

    Args:
        model: A model with ``update()`` or ``update(prev_energy)``, and an ``energy``.
        box: The state box of the model.
        cues: One cue per row, (B, N).
        num_iter: Maximum number of updates per cue.
        threshold: A cue has converged if no neuron moves by more in one update.
        on_step: Called after each update of each cue. If it raises :class:`StopIteration`, the
            cues that are left stay as they are.
        settles: Whether an unchanged state stays unchanged; False for noisy dynamics.
    """
    stops = threshold if settles else -1.0
    runs = []
    for cue in cues:
        *run, stopped = _run(model, box, cue, num_iter, stops, on_step)
        runs.append(run)
        num_iter = 0 if stopped else num_iter
    states, outcome, steps, energies = zip(*runs, strict=True)
    length = max(steps) + 1
    padded = [trace + trace[-1:] * (length - len(trace)) for trace in energies]
    return RecallResult(
        jnp.stack([jnp.asarray(state) for state in states]),
        np.asarray(outcome),
        np.asarray(steps, np.int32),
        np.asarray(padded),
    )


def _run(
    model: Any,
    box: StateBox,
    cue: AnyArray,
    num_iter: int,
    threshold: float,
    on_step: OnStep | None,
) -> tuple[AnyArray, str, int, list[float], bool]:
    budget, converged, cycle = OUTCOMES
    takes_energy = _takes_energy(model.update)
    put(box, jnp.asarray(cue))
    before, current = np.full_like(cue, np.inf), cue
    energies, outcome, stopped = [float(model.energy)], budget, False
    for step in range(1, num_iter + 1):
        model.update(energies[-1]) if takes_energy else model.update()
        # A copy, because the model may write to its state in place.
        before, current, last = current, host(box.value).copy(), before
        energies.append(float(model.energy))
        if np.abs(current - before).max() <= threshold:
            outcome = converged
        elif threshold >= 0 and np.array_equal(current, last):
            outcome = cycle
            if (num_iter - step) % 2 == 1:  # it would end in the state before this update
                current = before
                put(box, jnp.asarray(current))
                energies[-1] = energies[-2]
        if on_step is not None:
            now, change = np.asarray(energies[-1:]), np.asarray([energies[-1] - energies[-2]])
            flags = np.asarray([outcome == budget]), np.asarray([outcome == converged])
            progress = RecallProgress(len(energies) - 1, now, change, *flags, current[None])
            stopped = wants_stop(on_step, progress)
        if stopped or outcome != budget:
            break
    return current, outcome, len(energies) - 1, energies, stopped


def _takes_energy(update: Callable[..., object]) -> bool:
    """Whether ``update`` requires an argument, the energy before the update."""
    try:
        inspect.signature(update).bind()
    except TypeError:
        return True
    return False
