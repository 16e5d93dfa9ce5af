"""Trainer of spike-timing-dependent plasticity."""

from typing import Unpack

from canns.models.training import Learnable
from canns.plasticity import STDP, Bounds, Coincidence
from canns.plasticity.learning import Plan
from canns.trainer.learning import LearningTrainer, SteppingOptions
from canns.typing import AnyArray

__all__ = ["STDPTrainer"]


class STDPTrainer(LearningTrainer):
    r"""Train a spiking layer by pair-based STDP.

    .. math:: \Delta W = \eta\,(A_+\, s\, \hat x^T - A_-\, \hat s\, x^T)

    then clipped to [w_min, w_max]. Training starts from the present potential and traces of the
    layer; call ``layer.reset_state()`` before a new sequence.

    Args:
        model: A SpikingLayer, or a user's object with a weights box, ``forward``, and the states
            ``trace_pre`` and ``trace_post``, which keep the share ``trace_decay`` in a step.
        learning_rate: Eta.
        A_plus: Potentiation of a pair without delay.
        A_minus: Depression of a pair without delay.
        weight_attr: Name of the weights box; None, or "W" on a model without a ``W``, for the
            model's own ``weight_attr``.
        w_min: Lower bound of the weights: a number, or an array with one for each; see
            :class:`~canns.plasticity.Bounds`.
        w_max: Upper bound of the weights, likewise.
        compiled: Train in compiled code; False runs the same code un-jitted.
        coincidence: How a pair within one step counts: as potentiation, half a step apart ("mid")
            or at the same time ("ltp"), as potentiation and depression ("both"), or not at all
            ("none"). See :class:`~canns.plasticity.STDP`.
        **options: Options of :class:`~canns.trainer.RuleTrainer`, such as ``method``: "events"
            visits only the synapses of inputs and neurons that spike.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> from canns.models.brain_inspired import SpikingLayer
        >>> layer = SpikingLayer(1, 1, threshold=0.1)
        >>> layer.W.value = [[0.5]]
        >>> record = STDPTrainer(layer, learning_rate=1.0).train([[1.0]])
        >>> round(float(layer.W.value[0, 0]), 6)  # a causal pair: A_plus sqrt(0.95)
        0.504873

    Source: Bi & Poo (1998), J. Neurosci. 18:10464; Song, Miller & Abbott (2000), Nat.
    Neurosci. 3:919.
    """

    def __init__(
        self,
        model: object,
        learning_rate: float = 0.01,
        A_plus: float = 0.005,
        A_minus: float = 0.00525,
        weight_attr: str | None = "W",
        w_min: float | AnyArray = 0.0,
        w_max: float | AnyArray = 1.0,
        compiled: bool = True,
        *,
        coincidence: Coincidence = "mid",
        **options: Unpack[SteppingOptions],
    ) -> None:
        super().__init__(model, weight_attr=weight_attr, compiled=compiled, **options)
        self.learning_rate = learning_rate
        self.A_plus = A_plus
        self.A_minus = A_minus
        self.w_min = w_min
        self.w_max = w_max
        self.coincidence = coincidence
        for part in (self._rule(), Bounds(w_min, w_max)):
            part.validate()

    def _plan(self, model: Learnable, data: AnyArray) -> Plan:
        bounds = Bounds(self.w_min, self.w_max)
        return self._plan_for(model, self._rule(), bounds, data)

    def _rule(self) -> STDP:
        return STDP(self.learning_rate, self.A_plus, self.A_minus, self.coincidence)
