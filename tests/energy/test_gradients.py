"""Rules that learn from input to target, against the gradient that automatic differentiation gives.

All in float64, so that the errors of a small nudge or variance stand out from rounding.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.energy import (
    ContrastiveHebbian,
    EquilibriumPropagation,
    LayeredHopfield,
    PredictiveCoding,
    PredictiveHierarchy,
    squared_error,
)
from seeds import SEEDS

SIZES, ROWS = (6, 12, 8, 3), 9
EACH_SEED = pytest.mark.parametrize("seed", SEEDS)


@pytest.fixture(autouse=True)
def _doubles():
    with jax.enable_x64(True):
        yield


def inside(network, seed):
    """Return a problem in which no unit is at a bound, so that the gradient is smooth."""
    weights = network.draw(jax.random.key(seed))
    weights = weights._replace(
        W=jax.tree.map(lambda W: 0.15 * W, weights.W), b=jax.tree.map(lambda b: b + 0.5, weights.b)
    )
    rng = np.random.default_rng(seed)
    x, target = rng.random((ROWS, SIZES[0])), rng.random((ROWS, SIZES[-1]))
    return weights, jnp.asarray(x), jnp.asarray(target)


def flat(tree):
    return np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves(tree)])


@jax.jit
def _step(rule, network, weights, x, target, key):
    memory = rule.init(network, weights, len(x), key)
    return rule.step(network, memory, weights, x, target, key).change


def change(rule, network, weights, x, target, key=0):
    return -flat(_step(rule, network, weights, x, target, jax.random.key(key)))


@jax.jit
def _unrolled(network, weights, x, target):
    """Return the gradient of the loss, through all steps of the relaxation."""

    def loss(weights):
        relaxed = network.relax(weights, network.start(weights, x))
        return squared_error(relaxed.state.layers[-1], target).mean()

    return jax.grad(loss)(weights)


def unrolled(*problem):
    return flat(_unrolled(*problem))


def sine(a, b):
    """Return the sine of the angle, which tells small angles that the cosine cannot."""
    along = (a @ b) / (b @ b) * b
    return np.linalg.norm(a - along) / np.linalg.norm(a)


def orders(errors):
    """Return the order between each value and the next, which has half the parameter."""
    return np.log2(np.array(errors)[:-1] / np.array(errors)[1:])


# The next term of the expansion shifts an order by about the parameter itself; at 0.1 and below
# this is far from the distance, 1, between the two orders.
NEAR = 0.2


@pytest.mark.slow
@EACH_SEED
@pytest.mark.parametrize(("nudging", "order"), [("one-sided", 1), ("symmetric", 2)])
def test_equilibrium_propagation_goes_to_the_gradient_with_the_order_of_its_nudging(
    seed, nudging, order
):
    network = LayeredHopfield(SIZES, num_steps=300)
    problem = inside(network, seed)
    for layer in network.relax(problem[0], network.start(*problem[:2])).state.layers[1:]:
        assert ((layer > 0.1) & (layer < 0.9)).all()
    exact = unrolled(network, *problem)
    betas = [0.1, 0.05, 0.025, 0.0125]
    found = [change(EquilibriumPropagation(1.0, b, nudging), network, *problem) for b in betas]
    size = [np.linalg.norm(each - exact) / np.linalg.norm(exact) for each in found]
    np.testing.assert_allclose(orders(size), order, rtol=0, atol=NEAR)
    angle = [sine(each, exact) for each in found]
    np.testing.assert_allclose(orders(angle), order, rtol=0, atol=NEAR)
    assert found[-1] @ exact > 0


@EACH_SEED
def test_the_two_signs_of_a_one_sided_nudge_average_to_the_symmetric_one(seed):
    network = LayeredHopfield(SIZES, num_steps=300)
    problem = inside(network, seed)
    one_sided = EquilibriumPropagation(1.0, 0.1, "one-sided")
    found = np.unique(
        [change(one_sided, network, *problem, key).round(12) for key in range(12)], axis=0
    )
    assert len(found) == 2
    symmetric = change(EquilibriumPropagation(1.0, 0.1), network, *problem)
    np.testing.assert_allclose(found.mean(axis=0), symmetric, rtol=0, atol=1e-11)


@EACH_SEED
def test_units_at_a_bound_get_no_gradient(seed):
    """With the paper's weights many units rest at 0 or 1, and both gradients agree on them."""
    network = LayeredHopfield(SIZES, num_steps=2000)
    weights, x, target = inside(network, seed)
    weights = weights._replace(W=jax.tree.map(lambda W: 8 * W, weights.W))
    relaxed = network.relax(weights, network.start(weights, x))
    bound = [np.isin(layer, (0, 1)).any() for layer in relaxed.state.layers[1:3]]
    assert any(bound)
    exact = unrolled(network, weights, x, target)
    # A nudge this small moves no unit off its bound; its square is beyond the differences' digits.
    found = change(EquilibriumPropagation(1.0, 1e-4), network, weights, x, target)
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-6)


@pytest.mark.slow
@EACH_SEED
def test_contrastive_hebbian_learning_lowers_the_difference_of_the_two_energies(seed):
    network = LayeredHopfield(SIZES, num_steps=300)
    weights, x, target = inside(network, seed)

    def gap(weights):
        free = network.relax(weights, network.start(weights, x)).state
        layers = (*free.layers[:-1], target)
        clamped = network.relax(weights, free._replace(layers=layers), clamped=True).state
        return (network.energy(weights, clamped) - network.energy(weights, free)).mean()

    found = change(ContrastiveHebbian(1.0), network, weights, x, target)
    # At rest the states' own dependence on the weights adds nothing: the rule is the gradient.
    np.testing.assert_allclose(found, flat(jax.jit(jax.grad(gap))(weights)), rtol=0, atol=1e-12)


@jax.jit
def _backpropagated(network, weights, x, target):
    def loss(weights):
        return squared_error(network.start(weights, x).layers[-1], target).mean()

    return jax.grad(loss)(weights)


def backpropagated(*problem):
    return flat(_backpropagated(*problem))


@EACH_SEED
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "linear"])
def test_predictive_coding_goes_to_backpropagation_with_the_variance(seed, activation):
    errors = []
    for variance in (0.04, 0.02, 0.01, 0.005):
        network = PredictiveHierarchy(SIZES, 300, 0.5, variance, activation)
        problem = inside(network, seed)
        exact = backpropagated(network, *problem)
        found = change(PredictiveCoding(1.0), network, *problem)
        errors.append(np.linalg.norm(found - exact) / np.linalg.norm(exact))
    np.testing.assert_allclose(orders(errors), 1, rtol=0, atol=NEAR)


@EACH_SEED
@pytest.mark.parametrize("activation", ["tanh", "sigmoid", "relu", "linear"])
def test_predictive_coding_is_backpropagation_in_the_limit(seed, activation):
    network = PredictiveHierarchy(SIZES, 300, 0.5, 1e-7, activation)
    problem = inside(network, seed)
    exact = backpropagated(network, *problem)
    found = change(PredictiveCoding(1.0), network, *problem)
    # The variance itself, and what it leaves of the digits of the errors: 1e-16 / 1e-7.
    np.testing.assert_allclose(found, exact, rtol=0, atol=1e-6 * np.abs(exact).max())


def test_the_change_is_the_product_of_error_and_activity_of_each_synapse():
    network = PredictiveHierarchy((3, 4, 2), 300, 0.5, 0.5, "tanh")
    weights = network.draw(jax.random.key(0))
    x, target = jnp.ones((1, 3)), jnp.ones((1, 2))
    start = network.start(weights, x)
    clamped = start._replace(layers=(*start.layers[:-1], target))
    _, h, y = network.relax(weights, clamped, clamped=True).state.layers
    (W1, W2), (b1, b2) = weights
    prediction = jnp.tanh(x @ W1.T + b1)
    hidden = (h - prediction) / 0.5 * (1 - prediction**2)
    output = y - h @ W2.T - b2
    expected = [hidden.T @ x, output.T @ h, hidden[0], output[0]]
    found = change(PredictiveCoding(1.0), network, weights, x, target)
    np.testing.assert_allclose(-found, flat(expected), rtol=0, atol=1e-12)


def test_one_sided_nudging_pulls_or_pushes_equally_often():
    network = LayeredHopfield(SIZES, num_steps=30)
    problem = inside(network, 0)
    rule = EquilibriumPropagation(1.0, 0.1, "one-sided")
    first = np.array([change(rule, network, *problem, key)[0] for key in range(60)])
    pulls = int((first == first[0]).sum())
    assert 15 <= pulls <= 45  # of a fair coin, but for one in 10,000
