"""Trainer by equilibrium propagation."""

from typing import Unpack

from canns.energy import EquilibriumPropagation
from canns.models.brain_inspired import EnergyModel
from canns.trainer.energy import EnergyTrainer, EnergyTrainerOptions

__all__ = ["EquilibriumPropagationTrainer"]


class EquilibriumPropagationTrainer(EnergyTrainer):
    r"""Train a layered Hopfield network by the gradient that a small nudge of the output gives.

    .. math:: \Delta W_l = \frac{\eta}{2 \beta} \Big( \big\langle u_l u_{l-1}^T
        \big\rangle_{\beta} - \big\langle u_l u_{l-1}^T \big\rangle_{-\beta} \Big)

    Args:
        model: A :class:`~canns.models.brain_inspired.LayeredHopfieldNetwork`.
        learning_rate: Eta.
        beta: Strength of the nudge, above 0 and below 1. A small one follows the gradient closely;
            a large one also reaches an output unit that rests at 0 and should be 1.
        nudging: "symmetric" compares a pull with a push; "one-sided" compares one of them, by a
            random choice for each mini-batch, with the free network, which is faster.
        **options: ``compiled``, ``show_iteration_progress`` and ``compiled_prediction``, as in
            :class:`EnergyTrainer`.

    Example:
        >>> from canns.models.brain_inspired import LayeredHopfieldNetwork
        >>> network = LayeredHopfieldNetwork((2, 32, 1), seed=0)
        >>> trainer = EquilibriumPropagationTrainer(network, learning_rate=0.2)
        >>> inputs, differ = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
        >>> record = trainer.train(inputs, differ, epochs=2000, batch_size=4, seed=0)
        >>> print(abs(network.forward(inputs).round(1)).ravel())
        [0. 1. 1. 0.]

    Source: Scellier & Bengio (2017), Front. Comput. Neurosci. 11:24; Laborieux, Ernoult, Scellier,
    Bengio, Grollier & Querlioz (2021), Front. Neurosci. 15:633674.
    """

    def __init__(
        self,
        model: EnergyModel,
        learning_rate: float = 0.1,
        beta: float = 0.5,
        nudging: str = "symmetric",
        **options: Unpack[EnergyTrainerOptions],
    ) -> None:
        super().__init__(model, **options)
        self.learning_rate, self.beta, self.nudging = learning_rate, beta, nudging
        self.rule().validate()

    def rule(self) -> EquilibriumPropagation:
        """Return the rule with the trainer's present hyperparameters."""
        return EquilibriumPropagation(self.learning_rate, self.beta, self.nudging)
