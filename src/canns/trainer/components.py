"""The base class of the trainers of principal-component rules."""

from typing import ClassVar, Unpack

from canns._validation import check_flag
from canns.models.training import Learnable
from canns.plasticity import Identity, Oja, Sanger, UnitRows
from canns.plasticity.learning import AUTO, Plan
from canns.trainer.learning import LearningTrainer, Rate
from canns.trainer.recalling import RecallOptions
from canns.typing import AnyArray

__all__ = ["ComponentTrainer"]


class ComponentTrainer(LearningTrainer):
    """Train by a rule for principal components; a subclass names Oja's or Sanger's.

    Args:
        model: A layer, or a user's object with a weights box.
        learning_rate: Eta, or "auto" for the rate at which the components are found to 4 degrees
            on these data: 0.008 over the largest sum, for a component i, of
            ``lambda_i lambda_j / |lambda_i - lambda_j|`` over the other eigenvalues of the input
            correlation; at most 0.05/lambda_1 and 0.1/E|x|^2.
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
        learning_rate: Rate = 0.01,
        normalize_weights: bool = True,
        weight_attr: str | None = "W",
        compiled: bool = True,
        **options: Unpack[RecallOptions],
    ) -> None:
        super().__init__(model, weight_attr=weight_attr, compiled=compiled, **options)
        self.learning_rate = learning_rate
        self.normalize_weights = check_flag("normalize_weights", normalize_weights)
        if learning_rate != AUTO:
            self._rule(learning_rate).validate()

    def _plan(self, model: Learnable, data: AnyArray) -> Plan:
        unit = check_flag("normalize_weights", self.normalize_weights)
        project = UnitRows() if unit else Identity()
        rule = self._rule(self.learning_rate)  # type: ignore[arg-type]  # the plan resolves "auto"
        return self._plan_for(model, rule, project, data)
