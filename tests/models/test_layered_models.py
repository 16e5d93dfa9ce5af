"""Models of layers that relax: what they refuse before anything is written, and what they tell."""

import numpy as np
import pytest

from canns.errors import CannsWarning, ValidationError
from canns.models.brain_inspired import LayeredHopfieldNetwork, PredictiveCodingNetwork
from canns.trainer import (
    ContrastiveHebbianTrainer,
    EquilibriumPropagationTrainer,
    PredictiveCodingTrainer,
)

PAIRS = [
    (LayeredHopfieldNetwork, EquilibriumPropagationTrainer),
    (LayeredHopfieldNetwork, ContrastiveHebbianTrainer),
    (PredictiveCodingNetwork, PredictiveCodingTrainer),
]
X, Y = np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([[0.0], [1.0]])


@pytest.mark.parametrize(("model", "trainer"), PAIRS)
@pytest.mark.parametrize(
    ("data", "targets", "message"),
    [
        (X, None, "targets must be given"),
        (X, [0, 1], r"np\.eye\(1\)\[labels\]"),
        (X, Y[:1], "targets must be 2 rows"),
        (X[:, :1], Y, "train_data must be 2-D"),
        (X, np.hstack([Y, Y]), "targets must be 2-D"),
        (X, Y * np.nan, "targets must be finite"),
    ],
)
def test_bad_samples_are_refused_and_nothing_is_written(model, trainer, data, targets, message):
    network = model((2, 4, 1), seed=0)
    before = [np.asarray(part) for part in network.weights.W]
    with pytest.raises(ValidationError, match=message):
        trainer(network).train(data, targets, epochs=1, seed=0)
    for part, kept in zip(network.weights.W, before, strict=True):
        assert (np.asarray(part) == kept).all()


def test_bad_settings_are_refused():
    network = LayeredHopfieldNetwork((2, 4, 1), seed=0)
    with pytest.raises(ValidationError, match="beta must be"):
        EquilibriumPropagationTrainer(network, beta=0.0)
    with pytest.raises(ValidationError, match="nudging must be"):
        EquilibriumPropagationTrainer(network, nudging="both")
    with pytest.raises(ValidationError, match="sizes must be"):
        LayeredHopfieldNetwork(3)
    with pytest.raises(ValidationError, match="network must be a LayeredHopfield"):
        EquilibriumPropagationTrainer(PredictiveCodingNetwork((2, 1), seed=0)).train(X, Y)
    network.W1 = np.zeros((3, 2))
    with pytest.raises(ValidationError, match="weights must be of shapes"):
        network.forward(X)


def test_a_relaxation_that_does_not_come_to_rest_is_told():
    network = LayeredHopfieldNetwork((1, 1, 1), num_steps=1, step_size=0.1, seed=0)
    network.W1, network.W2, network.b1 = [[0.0]], [[0.9]], [0.5]
    with pytest.warns(CannsWarning, match="more steps than num_steps=1"):
        network.relax([[1.0]])


def test_forward_and_predict_give_the_output_at_rest():
    network = LayeredHopfieldNetwork((2, 4, 1), num_steps=200, seed=0)
    output = network.forward(X)
    rest = network.relax(X)
    assert (output == rest.state.layers[-1]).all()
    np.testing.assert_allclose(network.predict(X[0]), output[0], rtol=0, atol=1e-6)
    assert network.energies(rest.state).shape == (2,)
