"""Models that learn in a way of their own refuse the rules of layers and of recurrent networks."""

import jax
import numpy as np
import pytest

from canns import plasticity, trainer
from canns.errors import CannsError, ValidationError
from canns.models.brain_inspired import (
    BoltzmannMachine,
    LayeredHopfieldNetwork,
    PredictiveCodingNetwork,
    RestrictedBoltzmannMachine,
    SpikingNetwork,
)

MODELS = (
    BoltzmannMachine(4, seed=0),
    RestrictedBoltzmannMachine(4, 3, seed=0),
    LayeredHopfieldNetwork([4, 3, 2], seed=0),
    PredictiveCodingNetwork([4, 3, 2], seed=0),
)
TRAINERS = (
    trainer.HebbianTrainer,
    trainer.OjaTrainer,
    trainer.SangerTrainer,
    trainer.BCMTrainer,
    trainer.STDPTrainer,
    lambda model: trainer.RuleTrainer(model, plasticity.Oja()),
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@pytest.mark.parametrize("made", TRAINERS, ids=lambda made: made.__name__)
def test_a_model_with_an_energy_refuses_the_rules_of_layers(made, model):
    before = jax.tree.map(np.asarray, model.weights)
    with pytest.raises(ValidationError, match=r"^model must be a layer or a recurrent network"):
        made(model).train(np.ones((3, 4)))
    jax.tree.map(np.testing.assert_array_equal, model.weights, before)


def test_a_spiking_network_learns_by_its_pathways():
    with pytest.raises(ValidationError, match=r"Take connect\(source, target, rule=\.\.\.\)"):
        trainer.OjaTrainer(SpikingNetwork(seed=0)).train(np.ones((3, 4)))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
def test_the_error_names_trainers_that_take_the_model(model):
    with pytest.raises(CannsError) as caught:
        trainer.OjaTrainer(model).train(np.ones((3, 4)))
    remedy = str(caught.value).rsplit("Take ", 1)[1].rstrip(".")
    for name in remedy.split(" or "):
        getattr(trainer, name)(model)
