"""Trainer of the BCM rule."""

from typing import Protocol, Unpack, runtime_checkable

from canns._validation import check_real
from canns.errors import MissingStateError
from canns.models.training import Learnable, box_of
from canns.plasticity import BCM, Bounds, Identity, Projection
from canns.plasticity.learning import AUTO, Plan
from canns.trainer.learning import LearningTrainer, Rate
from canns.trainer.recalling import RecallOptions
from canns.typing import AnyArray

__all__ = ["BCMTrainer"]


@runtime_checkable
class _HasThresholdTau(Protocol):
    threshold_tau: float


class BCMTrainer(LearningTrainer):
    r"""Train neurons to be selective by the BCM rule.

    .. math::
        \Delta W = \eta\, y (y - \theta)\, x^T, \qquad
        \theta \leftarrow \theta + (y^2 - \theta)/\tau

    Args:
        model: A LinearLayer with ``use_bcm_threshold=True``, or a user's object
            with a weights box and a state ``theta``.
        learning_rate: Eta, or "auto" for a quarter of the bound up to which every response is
            stable, 1/((tau + 1) max|x|^2).
        weight_attr: Name of the weights box; None, or "W" on a model without a ``W``, for the
            model's own ``weight_attr``.
        compiled: Train in compiled code; False runs the same code un-jitted.
        threshold_tau: Tau in steps, at least 1; None for the model's own ``threshold_tau``.
        w_bound: Clip weights to [-w_bound, w_bound]; None for no bound.
        **options: Options of :class:`~canns.trainer.RuleTrainer`.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import LinearLayer
        >>> layer = LinearLayer(2, 1, use_bcm_threshold=True, threshold_tau=50.0)
        >>> layer.W.value = np.array([[0.6, 0.5]])
        >>> record = BCMTrainer(layer, 0.005).train(np.eye(2), epochs=5000)
        >>> [round(float(y), 2) for y in layer.W.value[0]]
        [2.02, 0.0]

    Source: Bienenstock, Cooper & Munro (1982), J. Neurosci. 2:32; Intrator & Cooper (1992),
    Neural Networks 5:3.
    """

    def __init__(
        self,
        model: object,
        learning_rate: Rate = 0.01,
        weight_attr: str | None = "W",
        compiled: bool = True,
        *,
        threshold_tau: float | None = None,
        w_bound: float | None = None,
        **options: Unpack[RecallOptions],
    ) -> None:
        super().__init__(model, weight_attr=weight_attr, compiled=compiled, **options)
        self.learning_rate = learning_rate
        self.threshold_tau = threshold_tau
        self.w_bound = w_bound
        rate = 0.0 if learning_rate == AUTO else learning_rate
        BCM(rate, 1.0 if threshold_tau is None else threshold_tau).validate()
        self._projection()

    def _plan(self, model: Learnable, data: AnyArray) -> Plan:
        box_of(self.model, "theta", type(self).__name__, BCM.remedy)
        rule = BCM(self.learning_rate, self._tau())  # type: ignore[arg-type]  # the plan resolves "auto"
        return self._plan_for(model, rule, self._projection(), data)

    def _projection(self) -> Projection:
        if self.w_bound is None:
            return Identity()
        bound = check_real("w_bound", self.w_bound, low=0)
        return Bounds(-bound, bound)

    def _tau(self) -> float:
        if self.threshold_tau is not None:
            return self.threshold_tau
        if isinstance(self.model, _HasThresholdTau):
            return self.model.threshold_tau
        raise MissingStateError(
            f"BCMTrainer needs a time constant; {type(self.model).__name__} has no "
            "`threshold_tau`. Give the trainer one: BCMTrainer(model, threshold_tau=100.0)."
        )
