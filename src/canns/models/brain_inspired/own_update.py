"""Recall through an ``update`` and an ``energy`` of the user's own."""

import inspect
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._placement import host
from canns.dynamics import OUTCOMES, RecallProgress, RecallResult
from canns.models.brain_inspired.lookup import put
from canns.typing import StateBox

__all__ = ["OnStep", "recall_by_update"]

OnStep = Callable[[RecallProgress], None]


def recall_by_update(
    model: Any,
    box: StateBox,
    cues: NDArray[Any],
    *,
    num_iter: int,
    threshold: float,
    on_step: OnStep | None,
    settles: bool = True,
) -> RecallResult:
    """Recall cue by cue; the model is left in the final state of the last one.

    Args:
        model: Has ``update()`` or ``update(prev_energy)``, and an ``energy``.
        box: Its state box.
        cues: One cue a row, (B, N).
        num_iter: The most updates of a cue.
        threshold: Largest move of a neuron in one update that counts as rest.
        on_step: Called after each update of each cue.
        settles: Whether an unchanged state stays unchanged; False for noisy dynamics.
    """
    stops = threshold if settles else -1.0
    runs = [_run(model, box, cue, num_iter, stops, on_step) for cue in cues]
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
    cue: NDArray[Any],
    num_iter: int,
    threshold: float,
    on_step: OnStep | None,
) -> tuple[Any, str, int, list[float]]:
    budget, converged, cycle = OUTCOMES
    takes_energy = _takes_energy(model.update)
    put(box, jnp.asarray(cue))
    before, current = np.full_like(cue, np.inf), cue
    energies, outcome = [float(model.energy)], budget
    for _ in range(num_iter):
        model.update(energies[-1]) if takes_energy else model.update()
        # A copy: the model may write its state in place.
        before, current, last = current, host(box.value).copy(), before
        energies.append(float(model.energy))
        if np.abs(current - before).max() <= threshold:
            outcome = converged
        elif threshold >= 0 and np.array_equal(current, last):
            outcome = cycle
        if on_step is not None:
            now, change = np.asarray(energies[-1:]), np.asarray([energies[-1] - energies[-2]])
            flags = np.asarray([outcome == budget]), np.asarray([outcome == converged])
            on_step(RecallProgress(len(energies) - 1, now, change, *flags))
        if outcome != budget:
            break
    return current, outcome, len(energies) - 1, energies


def _takes_energy(update: Callable[..., Any]) -> bool:
    """Whether ``update`` is to be called with the energy before, or with nothing."""
    try:
        inspect.signature(update).bind()
    except TypeError:
        return True
    return False
