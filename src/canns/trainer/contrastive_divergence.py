"""Trainer of restricted Boltzmann machines."""

from typing import Unpack

from canns.energy import ContrastiveDivergence
from canns.models.brain_inspired import EnergyModel
from canns.trainer.energy import EnergyTrainer, EnergyTrainerOptions

__all__ = ["ContrastiveDivergenceTrainer"]


class ContrastiveDivergenceTrainer(EnergyTrainer):
    r"""Train a restricted Boltzmann machine by contrastive divergence.

    .. math:: \Delta W = \mu\,\Delta W' + \eta \big( \langle h v^T \rangle_{\text{data}}
        - \langle h v^T \rangle_{k} - \lambda W \big)

    Args:
        model: A :class:`~canns.models.brain_inspired.RestrictedBoltzmannMachine`.
        k: Steps of Gibbs sampling in the free phase.
        persistent: Continue the chains of the last mini-batch, in place of the data. They follow
            the machine's own distribution, and need a smaller learning rate.
        learning_rate: Eta.
        weight_decay: Lambda, the share of W that is lost per unit of learning; biases do not decay.
        momentum: Mu, the share of the last change that is made again.
        **options: ``compiled``, ``show_iteration_progress`` and ``compiled_prediction``, as in
            :class:`EnergyTrainer`.

    Example:
        >>> from canns.models.brain_inspired import RestrictedBoltzmannMachine
        >>> machine = RestrictedBoltzmannMachine(4, 2, seed=0)
        >>> trainer = ContrastiveDivergenceTrainer(machine, learning_rate=0.5)
        >>> record = trainer.train([[1, 1, 0, 0], [0, 0, 1, 1]] * 10, epochs=200, seed=0)
        >>> print(machine.reconstruct([[1, 1, 0, 0]]).round(1))
        [[1. 1. 0. 0.]]

    Source: Hinton (2002), Neural Comput. 14:1771; Tieleman (2008), ICML (persistent chains).
    """

    def __init__(
        self,
        model: EnergyModel,
        k: int = 1,
        persistent: bool = False,
        learning_rate: float = 0.1,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        **options: Unpack[EnergyTrainerOptions],
    ) -> None:
        super().__init__(model, **options)
        self.k, self.persistent = k, persistent
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.momentum = momentum
        self.rule().validate()

    def rule(self) -> ContrastiveDivergence:
        """Return the rule with the trainer's present hyperparameters."""
        return ContrastiveDivergence(
            self.learning_rate, self.k, self.persistent, self.weight_decay, self.momentum
        )
