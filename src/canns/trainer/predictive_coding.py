"""Trainer by predictive coding."""

from typing import Unpack

from canns.energy import PredictiveCoding
from canns.models.brain_inspired import EnergyModel
from canns.trainer.energy import EnergyTrainer, EnergyTrainerOptions

__all__ = ["PredictiveCodingTrainer"]


class PredictiveCodingTrainer(EnergyTrainer):
    r"""Train a network of predictive coding: each synapse lowers the error that it makes.

    .. math:: \Delta W_l = \eta \Big\langle \frac{x_l - f(a_l)}{v_l} \odot f'(a_l)\,
        x_{l-1}^T \Big\rangle, \qquad a_l = W_l x_{l-1} + b_l

    Args:
        model: A :class:`~canns.models.brain_inspired.PredictiveCodingNetwork`.
        learning_rate: Eta.
        **options: ``compiled``, ``show_iteration_progress`` and ``compiled_prediction``, as in
            :class:`EnergyTrainer`.

    Example:
        >>> from canns.models.brain_inspired import PredictiveCodingNetwork
        >>> network = PredictiveCodingNetwork((2, 8, 1), seed=0)
        >>> trainer = PredictiveCodingTrainer(network, learning_rate=0.2)
        >>> inputs, differ = [[0, 0], [0, 1], [1, 0], [1, 1]], [[0], [1], [1], [0]]
        >>> record = trainer.train(inputs, differ, epochs=2000, batch_size=4, seed=0)
        >>> print(abs(network.forward(inputs).round(1)).ravel())
        [0. 1. 1. 0.]

    Source: Whittington & Bogacz (2017), Neural Comput. 29:1229.
    """

    def __init__(
        self,
        model: EnergyModel,
        learning_rate: float = 0.1,
        **options: Unpack[EnergyTrainerOptions],
    ) -> None:
        super().__init__(model, **options)
        self.learning_rate = learning_rate
        self.rule().validate()

    def rule(self) -> PredictiveCoding:
        """Return the rule with the trainer's present hyperparameters."""
        return PredictiveCoding(self.learning_rate)
