"""Recall by any model: compiled for the library's own, else through ``update`` and ``energy``."""

import inspect
from collections.abc import Callable
from typing import Any, TypeGuard

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from canns._validation import check_matrix, check_real, check_size
from canns.dynamics import OUTCOMES, RecallProgress, RecallResult
from canns.models.brain_inspired._binding import box_of, runs_as_built, unchanged_on_error
from canns.models.brain_inspired._recurrent import RecurrentNetwork
from canns.typing import Array, StateBox

__all__ = ["recall_with", "runs_compiled"]

OnStep = Callable[[RecallProgress], None]


def runs_compiled(model: object) -> TypeGuard[RecurrentNetwork]:
    """Whether the library's own compiled dynamics are what ``model`` does when it updates."""
    return runs_as_built(model, RecurrentNetwork, "update") and runs_as_built(
        model, RecurrentNetwork, "energy"
    )


def recall_with(
    model: Any,
    state_attr: str,
    cues: NDArray[Any],
    *,
    num_iter: int = 20,
    threshold: float = 1e-10,
    seed: int | Array | None = None,
    compiled: bool = True,
    on_step: OnStep | None = None,
) -> RecallResult:
    """Recall from each cue; the model is left in the final state of the last one.

    Args:
        model: A recurrent network, or any object with ``update()`` or ``update(prev_energy)``,
            an ``energy``, and a state box. Its own update runs as it is written.
        state_attr: Name of the state box.
        cues: One cue a row, (B, N).
        num_iter: The most updates of a cue.
        threshold: Largest move of a neuron in one update that counts as rest.
        seed: Of update order and noise, for the library's own dynamics.
        compiled: False runs the library's own dynamics un-jitted.
        on_step: Called after each update, by the library's networks for all cues at once.
    """
    box = box_of(model, state_attr, "recall")
    size = box.value.shape[0]
    cues = check_matrix("patterns", cues, size, remedy=f"The network has {size} neurons.")
    num_iter = check_size("num_iter", num_iter)
    threshold = check_real("convergence_threshold", threshold, low=0)
    if runs_compiled(model) and state_attr == "s":
        result: RecallResult = model.recall(
            cues,
            num_iter=num_iter,
            convergence_threshold=threshold,
            seed=seed,
            compiled=compiled,
            on_step=on_step,
        )
        box.value = np.asarray(result.states)[-1]
        return result
    with unchanged_on_error(model):
        return _recall_by_update(model, box, cues, num_iter, threshold, on_step)


def _recall_by_update(
    model: Any,
    box: StateBox,
    cues: NDArray[Any],
    num_iter: int,
    threshold: float,
    on_step: OnStep | None,
) -> RecallResult:
    runs = [_run(model, box, cue, num_iter, threshold, on_step) for cue in cues]
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
    box.value = jnp.asarray(cue)
    before, current = np.full_like(cue, np.inf), cue
    energies, outcome = [float(model.energy)], budget
    for _ in range(num_iter):
        model.update(energies[-1]) if takes_energy else model.update()
        before, current, last = current, np.asarray(box.value), before
        energies.append(float(model.energy))
        if np.abs(current - before).max() <= threshold:
            outcome = converged
        elif np.abs(current - last).max() <= threshold:
            outcome = cycle
        if on_step is not None:
            now, change = np.asarray(energies[-1:]), np.asarray([energies[-1] - energies[-2]])
            on_step(RecallProgress(len(energies) - 1, now, change, np.asarray([outcome == budget])))
        if outcome != budget:
            break
    return box.value, outcome, len(energies) - 1, energies


def _takes_energy(update: Callable[..., Any]) -> bool:
    """Whether ``update`` is to be called with the energy before, or with nothing."""
    try:
        inspect.signature(update).bind()
    except TypeError:
        return True
    return False
