"""The trainer of any rule."""

from typing import Unpack

from canns.dynamics import Neuron
from canns.models.training import Learnable, check_parts, plan_rule, weight_name
from canns.plasticity import Projection, Rule
from canns.plasticity.learning import Plan
from canns.trainer.learning import LearningTrainer, Rate, TrainingOptions
from canns.typing import AnyArray

__all__ = ["RuleTrainer"]


class RuleTrainer(LearningTrainer):
    """Train a model by any rule of :mod:`canns.plasticity`.

    Args:
        model: A layer or network of the library, or any object whose weights attribute has a
            ``.value``, (out, in), and which holds the states that the rule needs. If it has a
            ``forward(x)``, that runs as it is written.
        rule: The rule, or its name: a key of :data:`~canns.plasticity.LAYER_RULES`, or of
            :data:`~canns.plasticity.STORAGE_RULES` for a recurrent network. A named rule has the
            hyperparameters and the constraint of the literature.
        project: Constraint on the weights after each change; None for none. Only with a rule
            object.
        neuron: The neuron that a recurrent network learns with, such as
            :class:`~canns.dynamics.Successive`; it starts from rest at each :meth:`train`. None
            for neurons held at the sample. Only with a rule object.
        learning_rate: The learning rate in place of the rule's own, or "auto" for the one that
            theory gives for the rule and the data; None for the rule's own. See
            docs/plasticity.md for the formulas.
        **options: ``weight_attr``, ``compiled`` (training), ``state_attr``,
            ``show_iteration_progress``, ``compiled_prediction``.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
        >>> from canns.plasticity import Oja, UnitRows
        >>> layer = LinearLayer(2, 1)
        >>> data = np.array([[1.0, 0.0], [-1.0, 0.0]] * 100)
        >>> record = RuleTrainer(layer, Oja(0.1), UnitRows()).train(data)
        >>> bool(abs(layer.W.value[0, 0]) > 0.999), record.num_samples
        (True, 200)
        >>> patterns = np.array([[1.0, 1.0, 1.0, -1.0], [1.0, -1.0, 1.0, 1.0]])
        >>> record = RuleTrainer(AmariHopfieldNetwork(4), "adatron").train(patterns)
        >>> record.measures["kappa"].round(3).tolist()
        [1.0, 1.0, 1.0, 1.0]
    """

    def __init__(
        self,
        model: object,
        rule: Rule | str,
        project: Projection | None = None,
        *,
        neuron: Neuron | None = None,
        learning_rate: Rate | None = None,
        **options: Unpack[TrainingOptions],
    ) -> None:
        super().__init__(model, **options)
        check_parts(rule, project, neuron)
        self.rule = rule
        self.project = project
        self.neuron = neuron
        self.learning_rate = learning_rate

    def _plan(self, model: Learnable, data: AnyArray) -> Plan:
        return plan_rule(
            model,
            self.rule,
            data,
            project=self.project,
            neuron=self.neuron,
            learning_rate=self.learning_rate,
            weight_attr=weight_name(self.model, self.weight_attr),
            needed_by=type(self).__name__,
        )
