"""Recall by any model: compiled for the library's networks, else by ``update`` and ``energy``."""

from typing import Any

from canns.dynamics import RecallResult
from canns.models.brain_inspired.lookup import unchanged_on_error
from canns.models.brain_inspired.own_update import OnStep, recall_by_update
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
) -> RecallResult:
    """Recall from each cue and leave the model in the final state of the last one.

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
        result, box.value = model.recall_states(
            "patterns", cues, num_iter, threshold, seed, compiled=compiled, on_step=on_step
        )
        return result
    with unchanged_on_error(model):
        return recall_by_update(
            model, box, cues, num_iter=num_iter, threshold=threshold, on_step=on_step
        )
