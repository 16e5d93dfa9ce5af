"""The base class of the trainers of principal-component rules."""

from typing import ClassVar, Unpack

from canns._validation import check_flag
from canns.models.training import Learnable
from canns.plasticity import Identity, Oja, Sanger, UnitRows
from canns.plasticity.learning import Plan
from canns.trainer.learning import LearningTrainer
from canns.trainer.recalling import RecallOptions
from canns.typing import AnyArray

__all__ = ["ComponentTrainer"]


class ComponentTrainer(LearningTrainer):
    """Train by a rule for principal components; a subclass names Oja's or Sanger's.

    Args:
        model: A layer, or a user's object with a weights box.
        learning_rate: Eta.
        normalize_weights: Scale each row to unit norm after each sample.
        weight_attr: Name of the weights box; None, or "W" on a model without a ``W``, for the
            model's own ``weight_attr``.
        compiled: Train in compiled code; False runs the same code un-jitted.
        **options: Options of :class:`~canns.trainer.RuleTrainer`.
    """

    _rule: ClassVar[type[Oja] | type[Sanger]]

    def __init__(
        self,
        model: object,
        learning_rate: float = 0.01,
        normalize_weights: bool = True,
        weight_attr: str | None = "W",
        compiled: bool = True,
        **options: Unpack[RecallOptions],
    ) -> None:
        super().__init__(model, weight_attr=weight_attr, compiled=compiled, **options)
        self.learning_rate = learning_rate
        self.normalize_weights = check_flag("normalize_weights", normalize_weights)
        self._rule(learning_rate).validate()

    def _plan(self, model: Learnable, data: AnyArray) -> Plan:
        unit = check_flag("normalize_weights", self.normalize_weights)
        project = UnitRows() if unit else Identity()
        return self._plan_for(model, self._rule(self.learning_rate), project, data)
