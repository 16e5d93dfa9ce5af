"""What a subclass defines is what runs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, RecallResult
from canns.errors import ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    ContinuousHopfieldNetwork,
    LinearLayer,
    SpikingLayer,
)
from canns.trainer import BCMTrainer, HebbianTrainer, OjaTrainer, RuleTrainer

PATTERNS = np.array([[1.0, -1.0, 1.0, -1.0], [1.0, 1.0, -1.0, -1.0]])


class Flipped(HebbianTrainer):
    """A trainer that predicts the opposite."""

    def predict(self, pattern, num_iter=20):
        return -super().predict(pattern, num_iter)


def _trained(cls=HebbianTrainer, model=None):
    trainer = cls(model or AmariHopfieldNetwork(4), subtract_mean=False)
    trainer.train(PATTERNS)
    return trainer


def test_predict_batch_calls_the_trainers_own_predict():
    batch = _trained(Flipped).predict_batch(PATTERNS, show_sample_progress=False)
    np.testing.assert_array_equal(batch, -PATTERNS)


def test_options_reach_an_own_predict_and_unknown_ones_do_not_get_lost():
    trainer = _trained(Flipped)
    cue = np.array([[-1.0, -1.0, 1.0, -1.0]])
    still = trainer.predict_batch(cue, num_iter=0, show_sample_progress=False)
    np.testing.assert_array_equal(still, -cue)
    with pytest.raises(TypeError, match="convergence_threshold"):
        trainer.predict_batch(cue, convergence_threshold=0.5, show_sample_progress=False)


class Negated(AmariHopfieldNetwork):
    """A network with a recall of its own."""

    def recall(self, cues, **options):
        result = super().recall(cues, **options)
        return RecallResult(-result.states, *result[1:])


@pytest.mark.parametrize(
    "ask",
    [
        lambda net: HebbianTrainer(net).predict(PATTERNS[0]),
        lambda net: HebbianTrainer(net).predict_batch(PATTERNS[:1])[0],
        lambda net: HebbianTrainer(net).recall(PATTERNS[:1]).states[0],
        lambda net: net.predict(PATTERNS[0]),
        lambda net: BrainInspiredModelGroup(net).recall(PATTERNS[:1])[0].states[0],
    ],
)
def test_every_recall_goes_through_an_own_recall(ask):
    net = _trained(model=Negated(4)).model
    np.testing.assert_array_equal(ask(net), -PATTERNS[0])
    np.testing.assert_array_equal(net.s.value, -PATTERNS[0])


class Counted(AmariHopfieldNetwork):
    """A network whose energy is the number of active neurons."""

    @property
    def energy(self):
        return jnp.sum(self.s.value > 0)


def test_energies_are_those_of_an_own_energy():
    net, state = Counted(4), np.ones(4)
    states = [[1.0, 1.0, 1.0, -1.0], [-1.0, -1.0, -1.0, -1.0]]
    np.testing.assert_array_equal(net.energies(states), [3.0, 0.0])
    np.testing.assert_array_equal(net.s.value, state)


def test_a_trajectory_of_an_own_energy_is_refused():
    with pytest.raises(ValidationError, match="updates as the library does"):
        Counted(4).trajectory(PATTERNS)


def clipped(field):
    """A response that saturates at a quarter."""
    return jnp.clip(field, -0.25, 0.25)


class Clipped(AmariHopfieldNetwork):
    """A network with that response."""

    activation = property(lambda self: clipped, lambda self, value: None)


def _assigned():
    net = AmariHopfieldNetwork(4)
    net.activation = clipped
    return net


ANSWERING = {
    "defined": lambda: Clipped(4),
    "assigned": _assigned,
    "given": lambda: AmariHopfieldNetwork(4, activation=clipped),
}


@pytest.mark.parametrize("build", ANSWERING.values(), ids=ANSWERING)
@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_function_is_the_activation_everywhere(build, asynchronous, count_compilations):
    net = build()
    net.asynchronous, net.update_order = asynchronous, "cyclic"
    net.W.value = np.ones((4, 4))
    net.update()
    np.testing.assert_array_equal(net.s.value, np.full(4, 0.25))
    found = net.recall(np.ones((1, 4)), num_iter=1)
    np.testing.assert_array_equal(found.states[0], np.full(4, 0.25))
    assert net.activation is clipped
    assert count_compilations(lambda: net.recall(-np.ones((1, 4)), num_iter=1).states) == 0


def test_the_energy_of_a_function_differentiates():
    def first(scale):
        network = Hopfield(activation=jnp.tanh)
        weights = scale * jnp.ones((2, 2))
        return network.step(
            weights, network.prepare(weights), jnp.ones((1, 2)), jnp.full((1, 2), 2 * scale), None
        )[0, 0]

    # d tanh(2 s)/ds = 2 (1 - tanh(2 s)^2)
    assert jax.grad(first)(0.3) == pytest.approx(2 * (1 - np.tanh(0.6) ** 2), rel=1e-5)


@pytest.mark.parametrize("value", ["relu", 3, None])
def test_what_is_no_activation_is_refused(value):
    with pytest.raises(ValidationError, match=r"^activation must be a function, or one of 'sign'"):
        AmariHopfieldNetwork(4).activation = value
    with pytest.raises(ValidationError, match=r"^activation must be a function, or one of 'sign'"):
        AmariHopfieldNetwork(4, activation=value)


def test_a_graded_network_refuses_a_function_whose_energy_it_does_not_know():
    class Own(ContinuousHopfieldNetwork):
        activation = property(lambda self: clipped)

    with pytest.raises(ValidationError, match=r"^activation must be .*'tanh', 'sigmoid'"):
        Own(4)


class Fixed(LinearLayer):
    """A layer whose threshold counts the calls."""

    def update_threshold(self):
        self.theta.value = self.theta.value + 1.0


def _bcm(layer):
    return BCMTrainer(layer, 0.1)


@pytest.mark.parametrize("trainer", [_bcm, lambda layer: RuleTrainer(layer, "bcm")])
def test_bcm_moves_the_threshold_as_the_layer_says(trainer):
    layer = Fixed(3, 2, use_bcm_threshold=True)
    trainer(layer).train(np.eye(3))
    np.testing.assert_allclose(layer.theta.value, [3.1, 3.1], rtol=1e-6)


def test_bcm_learns_with_the_threshold_from_before_the_step():
    layer = Fixed(1, 1, use_bcm_threshold=True)
    layer.W.value = [[1.0]]
    _bcm(layer).train([[1.0], [1.0]])
    # W = 1 + .1 * 1 * (1 - .1) = 1.09, then 1.09 + .1 * 1.09 * (1.09 - 1.1)
    np.testing.assert_allclose(layer.W.value, [[1.09 + 0.109 * -0.01]], rtol=1e-6)


def test_other_rules_do_not_call_it():
    layer = Fixed(3, 2, use_bcm_threshold=True)
    OjaTrainer(layer, 0.1).train(np.eye(3))
    np.testing.assert_allclose(layer.theta.value, [0.1, 0.1], rtol=1e-6)


class Doubled(SpikingLayer):
    """A layer with a forward of its own."""

    def forward(self, x):
        return 2 * super().forward(x)


def test_a_layer_predicts_by_its_own_forward_and_stays_as_it_was():
    layer = Doubled(2, 1, threshold=0.0)
    assert layer.predict([1.0, 0.0]).tolist() == [2.0]
    assert layer.trace_pre.value.tolist() == [0.0, 0.0]
    assert layer.x.value.tolist() == [1.0, 0.0]
    assert layer.forward([1.0, 0.0]).tolist() == [2.0]
    assert layer.trace_pre.value.tolist() == [1.0, 0.0]
