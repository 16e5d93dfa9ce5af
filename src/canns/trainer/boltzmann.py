"""Trainer of Boltzmann machines."""

from typing import Unpack

import jax.numpy as jnp

from canns._validation import check_flag, check_vector
from canns.energy import BoltzmannLearning, EnergyRule, ExactBoltzmannLearning
from canns.errors import ValidationError
from canns.models.brain_inspired import EnergyModel
from canns.trainer.energy import EnergyTrainer, EnergyTrainerOptions
from canns.typing import Row

__all__ = ["BoltzmannTrainer"]


class BoltzmannTrainer(EnergyTrainer):
    r"""Train a Boltzmann machine by the difference of two phases.

    .. math:: \Delta w_{ij} = \frac{\eta}{T}
        \big( \langle s_i s_j \rangle_{\text{clamped}} - \langle s_i s_j \rangle_{\text{free}} \big)

    Args:
        model: A :class:`~canns.models.brain_inspired.BoltzmannMachine`.
        learning_rate: Eta.
        exact: Take exact averages over all states, for up to 20 units. Else both phases are
            sampled, and the arguments below say how.
        num_sweeps: Sweeps over the units in which states are counted, in each mini-batch.
        annealing: Temperatures of the sweeps before these, from hot to cold, (sweeps,); None for
            no such sweeps.
        persistent: Continue the free chains of the last mini-batch, in place of random units.
        signed: Change each weight by eta/T itself, up or down, as the original paper did.
        **options: ``compiled``, ``show_iteration_progress`` and ``compiled_prediction``, as in
            :class:`EnergyTrainer`.

    Example:
        >>> from canns.models.brain_inspired import BoltzmannMachine
        >>> machine = BoltzmannMachine(3, 1, seed=0)
        >>> xor = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]
        >>> trainer = BoltzmannTrainer(machine, learning_rate=4.0, exact=True)
        >>> record = trainer.train(xor, epochs=2000, batch_size=4, seed=0)
        >>> print(machine.predict([1, 0, float("nan")]).round(1))
        [1. 0. 1.]

    Source: Ackley, Hinton & Sejnowski (1985), Cognitive Science 9:147.
    """

    def __init__(
        self,
        model: EnergyModel,
        learning_rate: float = 0.1,
        exact: bool = False,
        *,
        num_sweeps: int = 10,
        annealing: Row | None = None,
        persistent: bool = False,
        signed: bool = False,
        **options: Unpack[EnergyTrainerOptions],
    ) -> None:
        super().__init__(model, **options)
        self.learning_rate = learning_rate
        self.exact = check_flag("exact", exact)
        self.num_sweeps, self.annealing = num_sweeps, annealing
        self.persistent, self.signed = persistent, signed
        self.rule().validate()

    def rule(self) -> EnergyRule:
        """Return the rule with the trainer's present hyperparameters."""
        if self.exact:
            if self.annealing is not None or self.persistent or self.signed:
                expected = "False with annealing, persistent or signed, which are for sampling"
                raise ValidationError("exact", expected, "True")
            return ExactBoltzmannLearning(self.learning_rate)
        schedule = None
        if self.annealing is not None:
            values = check_vector("annealing", self.annealing)
            if values.min() <= 0:
                raise ValidationError("annealing", "above 0", f"{values.min():g}")
            schedule = jnp.asarray(values)
        options = schedule, self.persistent, self.signed
        return BoltzmannLearning(self.learning_rate, self.num_sweeps, *options)
