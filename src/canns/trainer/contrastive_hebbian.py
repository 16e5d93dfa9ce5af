"""Trainer by contrastive Hebbian learning."""

from typing import Unpack

from canns.energy import ContrastiveHebbian
from canns.models.brain_inspired import EnergyModel
from canns.trainer.energy import EnergyTrainer, EnergyTrainerOptions

__all__ = ["ContrastiveHebbianTrainer"]


class ContrastiveHebbianTrainer(EnergyTrainer):
    r"""Train a layered Hopfield network: Hebb's rule with the output clamped, its reverse if free.

    .. math:: \Delta W_l = \eta \big\langle u_l u_{l-1}^T \big\rangle_{clamped}
        - \eta \big\langle u_l u_{l-1}^T \big\rangle_{free}

    Args:
        model: A :class:`~canns.models.brain_inspired.LayeredHopfieldNetwork`.
        learning_rate: Eta.
        **options: ``compiled``, ``show_iteration_progress`` and ``compiled_prediction``, as in
            :class:`EnergyTrainer`.

    Example:
        >>> from canns.models.brain_inspired import LayeredHopfieldNetwork
        >>> network = LayeredHopfieldNetwork((2, 8, 1), seed=0)
        >>> trainer = ContrastiveHebbianTrainer(network, learning_rate=0.2)
        >>> record = trainer.train([[0, 1], [1, 0]], [[0], [1]], epochs=200, seed=0)
        >>> print(abs(network.forward([[0, 1], [1, 0]]).round(1)))
        [[0.]
         [1.]]

    Source: Movellan (1991), Connectionist Models Summer School 10; Xie & Seung (2003), Neural
    Comput. 15:441.
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

    def rule(self) -> ContrastiveHebbian:
        """Return the rule with the trainer's present hyperparameters."""
        return ContrastiveHebbian(self.learning_rate)
