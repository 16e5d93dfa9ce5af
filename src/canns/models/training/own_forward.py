"""What a layer with a ``forward`` of the user's own says about its time step and its traces."""

from typing import Any, ClassVar

from canns.dynamics import LIF, Linear, Signal, Signals
from canns.typing import PyTree, param, pytree, static

__all__ = ["OwnForward", "own_times"]


@pytree
class OwnForward(Linear):
    """Neurons whose output a user's ``forward`` computes.

    Args:
        whose: Name of the user's class, for error messages.
        dt: The time step of the layer in ms; None if it says nothing.
        decay_pre: Share of the presynaptic traces that is left after a step; None if unknown.
        decay_post: The same of the postsynaptic traces.
    """

    whose: str = static()
    dt: float | None = param(default=None, low=0, open_low=True)
    decay_pre: float | None = param(default=None, low=0, high=1)
    decay_post: float | None = param(default=None, low=0, high=1)

    emits: ClassVar[Signal | None] = None
    provides: ClassVar[tuple[str, ...]] = ("decay_pre", "decay_post")

    def signals(self, weights: PyTree) -> Signals:
        """Return that the samples are shown, and that nothing else is known."""
        return Signals("input", None)


def own_times(model: Any) -> tuple[float | None, float | None, float | None]:
    """Return the time step of a user's layer, and what is left of its traces after a step.

    A layer of the library knows both by its neuron. Any other layer may have the attributes ``dt``
    and ``trace_decay``, the share that is left after a unit of time.
    """
    neuron = getattr(model, "neuron", None)
    step = _number(getattr(neuron, "time_step", None) or getattr(model, "dt", None))
    if isinstance(neuron, LIF):
        return step, *neuron.decays
    decay = _number(getattr(model, "trace_decay", None))
    left = None if decay is None else decay ** (1.0 if step is None else step)
    return step, left, left


def _number(value: object) -> float | None:
    """Return ``value`` if it is a number: attributes of that name may be anything."""
    return float(value) if isinstance(value, int | float) else None
