"""Recall by any model: compiled for the library's networks, else by ``update`` and ``energy``."""

from contextlib import nullcontext
from inspect import signature
from typing import Any

import jax.numpy as jnp

from canns.dynamics import OnStep, RecallResult
from canns.models.brain_inspired.lookup import unchanged_on_error
from canns.models.brain_inspired.own_update import recall_by_update
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.typing import AnyArray, Array, StateBox

__all__ = ["recall_with"]


def recall_with(
    model: Any,
    box: StateBox,
    cues: AnyArray,
    num_iter: int,
    threshold: float,
    seed: int | Array | None = None,
    compiled: bool = True,
    on_step: OnStep | None = None,
) -> tuple[RecallResult, Array]:
    """Recall from each cue, leave the model in the last one's final state, and return both.

    Args:
        model: A recurrent network, or any object with ``update()`` or ``update(prev_energy)``,
            an ``energy``, and a state box. A user's ``update`` runs as it is written.
        box: The state box of the model.
        cues: One cue per row, (B, N), already checked.
        num_iter: Maximum number of updates per cue.
        threshold: A cue has converged if no neuron moves by more in one update.
        seed: Seed of the update order and the noise of the library's dynamics.
        compiled: False runs the library's dynamics un-jitted.
        on_step: Called after each update; networks of the library update all cues at once.
    """
    if isinstance(model, RecurrentNetwork) and box is model.s:
        if type(model).recall is not RecurrentNetwork.recall:
            return _own_recall(model, cues, num_iter, threshold, seed, compiled, on_step)
        # A user's own update may have changed more than the state, so both go together then.
        own = type(model).update is not RecurrentNetwork.update
        with unchanged_on_error(model) if own else nullcontext():
            result, state = model.recall_states(
                "patterns", cues, num_iter, threshold, seed, compiled=compiled, on_step=on_step
            )
            state = jnp.asarray(state)
            box.value = state  # not read again: another thread may have written its own
        return result, state
    with unchanged_on_error(model):
        result = recall_by_update(
            model, box, cues, num_iter=num_iter, threshold=threshold, on_step=on_step
        )
    return result, jnp.asarray(box.value)


def _own_recall(
    model: RecurrentNetwork,
    cues: AnyArray,
    num_iter: int,
    threshold: float,
    seed: int | Array | None,
    compiled: bool,
    on_step: OnStep | None,
) -> tuple[RecallResult, Array]:
    """Recall by the ``recall`` of a subclass, given the options that are not the defaults."""
    options: dict[str, Any] = {
        "num_iter": num_iter,
        "convergence_threshold": threshold,
        "seed": seed,
        "compiled": compiled,
        "on_step": on_step,
    }
    known = signature(RecurrentNetwork.recall).parameters
    changed = {name: value for name, value in options.items() if value != known[name].default}
    with unchanged_on_error(model):
        result = model.recall(cues, **changed)
        model.s.value = jnp.asarray(result.states)[-1]
    return result, model.s.value
