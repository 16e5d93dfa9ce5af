"""Recall by any model: compiled for the library's own, else through ``update`` and ``energy``."""

from typing import Any

from numpy.typing import NDArray

from canns.dynamics import RecallResult
from canns.models.brain_inspired.lookup import unchanged_on_error
from canns.models.brain_inspired.own_update import OnStep, recall_by_update
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.typing import Array, StateBox

__all__ = ["recall_with"]


def recall_with(
    model: Any,
    box: StateBox,
    cues: NDArray[Any],
    num_iter: int,
    threshold: float,
    seed: int | Array | None = None,
    compiled: bool = True,
    on_step: OnStep | None = None,
) -> RecallResult:
    """Recall from each cue, on what was checked; the model is left in the last one's final state.

    Args:
        model: A recurrent network, or any object with ``update()`` or ``update(prev_energy)``,
            an ``energy``, and a state box. Its own update runs as it is written.
        box: Its state box.
        cues: One cue a row, (B, N), checked to be numbers of as many neurons.
        num_iter: The most updates of a cue.
        threshold: Largest move of a neuron in one update that counts as rest.
        seed: Of update order and noise, for the library's own dynamics.
        compiled: False runs the library's own dynamics un-jitted.
        on_step: Called after each update, by the library's networks for all cues at once.
    """
    if isinstance(model, RecurrentNetwork) and box is model.s:
        cues = model.check_values("patterns", cues)
        result, box.value = model.recall_states(
            cues, num_iter, threshold, seed, compiled=compiled, on_step=on_step
        )
        return result
    with unchanged_on_error(model):
        return recall_by_update(
            model, box, cues, num_iter=num_iter, threshold=threshold, on_step=on_step
        )
