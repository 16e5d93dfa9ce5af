"""Modules of associative memory learn, and are what the pure function says."""

import brainstate
import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from canns.errors import ValidationError
from canns.nn import HopfieldLayer, HopfieldLookup, HopfieldPooling, hopfield_retrieval
from seeds import SEEDS

RNG = np.random.default_rng(0)


def rows(*shape):
    return RNG.normal(size=shape).astype(np.float32)


def fit(module, loss, steps, rate=0.01):
    """Train the parameters of a module by Adam; return the losses."""
    params = module.states(brainstate.ParamState)
    optimiser = optax.adam(rate)
    slope = brainstate.transform.grad(loss, params, return_value=True)

    @brainstate.transform.jit
    def step(state):
        slopes, value = slope()
        values = {name: box.value for name, box in params.items()}
        updates, state = optimiser.update(slopes, state)
        for name, new in optax.apply_updates(values, updates).items():
            params[name].value = new
        return state, value

    state = optimiser.init({name: box.value for name, box in params.items()})
    losses = []
    for _ in range(steps):
        state, value = step(state)
        losses.append(float(value))
    return losses


def test_the_layer_is_the_pure_function_between_projections():
    layer = HopfieldLayer(6, 5, hidden_size=8, out_size=3, num_heads=2, num_steps=2, seed=1)
    states, stored = rows(2, 4, 6), rows(2, 7, 5)
    expected = (
        hopfield_retrieval(
            states @ layer.W_Q.value,
            stored @ layer.W_K.value,
            stored @ layer.W_V.value,
            num_heads=2,
            num_steps=2,
        )
        @ layer.W_O.value
    )
    np.testing.assert_allclose(layer(states, stored), expected, atol=1e-6)
    assert layer(states, stored).shape == (2, 4, 3)


def test_weights_follow_the_seed():
    first, again = HopfieldLayer(4, seed=3), HopfieldLayer(4, seed=3)
    np.testing.assert_array_equal(first.W_V.value, again.W_V.value)
    brainstate.random.seed(0)
    drawn = HopfieldLayer(4).W_Q.value
    other = HopfieldLayer(4).W_Q.value
    brainstate.random.seed(0)
    np.testing.assert_array_equal(HopfieldLayer(4).W_Q.value, drawn)
    assert (drawn != other).any()


def test_the_order_of_instances_has_no_effect_on_a_pool():
    pool = HopfieldPooling(4, 6, num_queries=2, num_heads=2, num_steps=3, seed=0)
    bag = rows(10, 4)
    np.testing.assert_allclose(pool(bag), pool(bag[::-1]), atol=1e-5)


def test_masked_instances_are_not_there():
    pool = HopfieldPooling(4, 6, seed=0)
    bag = rows(10, 4)
    mask = np.arange(10) < 7
    np.testing.assert_allclose(pool(bag, mask), pool(bag[:7]), atol=1e-6)


def test_dropout_acts_only_while_fitting():
    lookup = HopfieldLookup(4, 10, dropout=0.5, seed=0)
    states = rows(3, 4)
    np.testing.assert_array_equal(lookup(states), lookup(states))
    with brainstate.environ.context(fit=True):
        assert (np.asarray(lookup(states)) != np.asarray(lookup(states))).any()


def test_beta_is_learnt_by_its_logarithm():
    layer = HopfieldLayer(4, num_heads=2, beta=0.5, learn_beta=True, seed=0)
    np.testing.assert_allclose(layer.beta, [0.5, 0.5], rtol=1e-6)
    assert ("log_beta",) in layer.states(brainstate.ParamState)
    fixed = HopfieldLayer(4, num_heads=4, seed=0)
    assert float(fixed.beta) == 1.0  # one feature a head
    assert ("log_beta",) not in fixed.states(brainstate.ParamState)
    with pytest.raises(ValidationError, match="beta must be"):
        HopfieldLayer(4, beta=0.0)
    with pytest.raises(ValidationError, match="num_heads must be a divisor"):
        HopfieldLayer(4, num_heads=3)


def test_a_lookup_learns_a_table():
    keys = np.eye(5, 8, dtype=np.float32) * 3
    table = rows(5, 2)
    lookup = HopfieldLookup(8, 10, out_size=2, learn_beta=True, seed=0)
    losses = fit(lookup, lambda: jnp.mean((lookup(keys) - table) ** 2), 300, 0.03)
    assert losses[-1] < 0.01 * losses[0]


class MeanPooling(brainstate.nn.Module):
    """The same values, averaged."""

    def __init__(self, size, hidden):
        super().__init__()
        weights = jax.random.normal(jax.random.key(0), (size, hidden)) / np.sqrt(size)
        self.W_V = brainstate.ParamState(weights)

    def update(self, bags):
        return (bags @ self.W_V.value).mean(axis=-2, keepdims=True)


class Classifier(brainstate.nn.Module):
    """A pool, and a weighted sum of its output."""

    def __init__(self, pool, hidden):
        super().__init__()
        self.pool = pool
        self.w = brainstate.ParamState(jnp.full(hidden, 0.1))
        self.b = brainstate.ParamState(jnp.zeros(()))

    def update(self, bags):
        return self.pool(bags)[..., 0, :] @ self.w.value + self.b.value


def bags_with_a_signal(seed, count, size=8, instances=100):
    """Bags of noise; half of them have one instance near a pattern that is the same for all."""
    rng = np.random.default_rng(seed)
    pattern = 2.0 * np.where(np.arange(size) % 2 == 0, 1.0, -1.0)
    bags = rng.normal(size=(count, instances, size))
    labels = np.arange(count) % 2
    places = rng.integers(instances, size=count)
    bags[labels == 1, places[labels == 1]] = pattern + 0.3 * rng.normal(size=(count // 2, size))
    return bags.astype(np.float32), labels.astype(np.float32)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_pooling_finds_one_signal_among_100_instances_where_a_mean_does_not(seed):
    """An oracle sees the pattern in each bag; the mean of 100 moves by a hundredth of it.

    The mean of a bag has noise of 0.1 in each of 8 features, and a signal of 2/100 in each: d' =
    sqrt(8) * 0.02 / 0.1 = 0.57, at which the best classifier is right with probability
    Phi(d'/2) = 0.61. Of 1000 bags it is right in fewer than 0.66 (three standard errors).
    """
    bags, labels = bags_with_a_signal(seed, 400)
    tests, truths = bags_with_a_signal(seed + 100, 1000)
    shares = {}
    for name, pool in {
        "hopfield": HopfieldPooling(8, 8, num_steps=1, learn_beta=True, seed=seed),
        "mean": MeanPooling(8, 8),
    }.items():
        model = Classifier(pool, 8)
        fit(
            model,
            lambda model=model: jnp.mean(
                optax.sigmoid_binary_cross_entropy(model(bags), jnp.asarray(labels))
            ),
            400,
            0.02,
        )
        shares[name] = float(np.mean((np.asarray(model(tests)) > 0) == (truths == 1)))
    assert shares["hopfield"] > 0.98
    assert shares["mean"] < 0.66
