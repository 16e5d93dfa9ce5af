"""Trainer of restricted Boltzmann machines."""

from typing import Unpack

from canns.energy import ContrastiveDivergence
from canns.models.brain_inspired import EnergyModel
from canns.trainer.energy import EnergyTrainer, EnergyTrainerOptions

__all__ = ["ContrastiveDivergenceTrainer"]


class ContrastiveDivergenceTrainer(EnergyTrainer):
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
