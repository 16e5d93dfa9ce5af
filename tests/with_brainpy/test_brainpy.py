"""Beside brainpy: one seed, its variables as boxes, its loops over our models."""

import brainpy
import brainpy.math as bm
import brainstate
import jax
import jax.numpy as jnp
import numpy as np

from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.plasticity import Oja, UnitRows
from canns.trainer import HebbianTrainer, OjaTrainer, RuleTrainer

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(50, 3)).astype(np.float32)
PATTERNS = np.sign(RNG.normal(size=(2, 40))).astype(np.float32)


class OwnLayer(brainpy.DynamicalSystem):
    """A layer of a brainpy user: linear, in variables of brainpy."""

    def __init__(self):
        super().__init__()
        self.W = bm.Variable(jnp.full((2, 3), 0.1))
        self.y = bm.Variable(jnp.zeros(2))

    def forward(self, x):
        self.y.value = self.W.value @ jnp.asarray(x)
        return self.y.value


class OwnNetwork(brainpy.DynamicalSystem):
    """A Hopfield network of a brainpy user."""

    def __init__(self, size):
        super().__init__()
        self.W = bm.Variable(jnp.zeros((size, size)))
        self.s = bm.Variable(jnp.ones(size))

    def update(self):
        self.s.value = jnp.sign(self.W.value @ self.s.value)

    @property
    def energy(self):
        return -0.5 * self.s.value @ self.W.value @ self.s.value


def test_the_seed_of_brainpy_is_ours():
    def drawn(seed):
        bm.random.seed(seed)
        noisy = AmariHopfieldNetwork(40, asyn=True, stochastic=True, temperature=40.0)
        HebbianTrainer(noisy).train(PATTERNS)
        return LinearLayer(3, 2).W.value, noisy.recall(PATTERNS).states

    first, again, other = drawn(5), drawn(5), drawn(6)
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert (np.asarray(a) != np.asarray(c)).any()


def test_variables_of_brainpy_are_boxes_that_trainers_write():
    own, ours = OwnLayer(), LinearLayer(3, 2)
    ours.W.value = own.W.value
    OjaTrainer(own, 0.01).train(DATA)
    RuleTrainer(ours, Oja(0.01), UnitRows()).train(DATA)
    assert isinstance(own.W, bm.Variable)
    assert isinstance(own.W.value, jax.Array)
    np.testing.assert_allclose(own.W.value, ours.W.value, rtol=0, atol=1e-5)


def test_a_network_in_variables_of_brainpy_stores_and_recalls():
    own, ours = OwnNetwork(40), AmariHopfieldNetwork(40)
    trainers = HebbianTrainer(own), HebbianTrainer(ours)
    for trainer in trainers:
        trainer.train(PATTERNS)
    np.testing.assert_allclose(own.W.value, ours.W.value, rtol=0, atol=1e-6)
    for trainer in trainers:
        np.testing.assert_array_equal(trainer.predict(PATTERNS[0]), PATTERNS[0])
    assert isinstance(own.s, bm.Variable)


def test_a_loop_of_brainpy_updates_a_network():
    net = AmariHopfieldNetwork(40)
    HebbianTrainer(net).train(PATTERNS)
    net.s.value = cue = jnp.asarray(PATTERNS[0]).at[:4].multiply(-1)

    def advance(_):
        net.update()
        return net.s.value

    states = bm.for_loop(advance, jnp.arange(3))
    np.testing.assert_array_equal(net.s.value, states[-1])
    net.s.value = cue
    for state in np.asarray(states):
        net.update()
        np.testing.assert_array_equal(net.s.value, state)


def test_a_loop_of_brainpy_runs_layers_forward():
    linear, spiking = LinearLayer(3, 2), SpikingLayer(3, 2)
    np.testing.assert_allclose(
        bm.for_loop(linear.forward, jnp.asarray(DATA)), DATA @ np.asarray(linear.W).T, atol=1e-5
    )
    currents = jnp.abs(jnp.asarray(DATA)) * 10
    spikes = np.asarray(bm.for_loop(spiking.forward, currents))
    assert 0 < spikes.mean() < 1
    spiking.reset_state()
    np.testing.assert_array_equal(np.stack([spiking.forward(x) for x in currents]), spikes)


def test_a_variable_of_brainpy_takes_what_our_state_holds():
    variable = bm.Variable(LinearLayer(3, 2).W.value)
    assert isinstance(variable, brainstate.State)
    assert variable.value.shape == (2, 3)
