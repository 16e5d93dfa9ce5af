"""The trainer of any rule."""

from typing import Any

from numpy.typing import NDArray

from canns._validation import check_matrix
from canns.errors import ValidationError
from canns.plasticity import Identity, Projection, Rule
from canns.trainer._learning import LearningTrainer

__all__ = ["RuleTrainer"]


class RuleTrainer(LearningTrainer):
    """Train a model by any rule of :mod:`canns.plasticity`.

    Args:
        model: A layer or network of the library, or any object with a ``.value`` box of
            weights, (out, in), and the states that the rule needs. A ``forward(x)`` of its own
            is used as it is written.
        rule: The rule.
        project: Constraint put on the weights after each change; None for none.
        **options: ``weight_attr``, ``compiled`` (training), ``state_attr``,
            ``show_iteration_progress``, ``compiled_prediction``.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import LinearLayer
        >>> from canns.plasticity import Oja, UnitRows
        >>> layer = LinearLayer(2, 1)
        >>> record = RuleTrainer(layer, Oja(0.1), UnitRows()).train(np.array([[1.0, 0.0]] * 200))
        >>> bool(abs(layer.W.value[0, 0]) > 0.999), record.num_samples
        (True, 200)
    """

    def __init__(
        self, model: Any, rule: Rule, project: Projection | None = None, **options: Any
    ) -> None:
        super().__init__(model, **options)
        self.rule = rule
        self.project = project

    def _plan(self, data: Any) -> tuple[Rule, Projection, NDArray[Any]]:
        if not isinstance(self.rule, Rule):
            raise ValidationError("rule", "a rule of canns.plasticity", repr(self.rule))
        if not isinstance(self.project, Projection | None):
            raise ValidationError("project", "a projection or None", repr(self.project))
        return self.rule, self.project or Identity(), check_matrix("data", data)
