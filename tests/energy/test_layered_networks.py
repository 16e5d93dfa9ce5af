"""Networks of layers: relaxation lowers the energy to a state that solves the equations of rest."""

from dataclasses import replace
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.energy import LayeredHopfield, LayeredState, LayeredWeights, PredictiveHierarchy
from canns.errors import CannsWarning, ValidationError

KEY = jax.random.key(0)
NETWORKS = [
    LayeredHopfield((6, 5, 4, 3)),
    *(
        PredictiveHierarchy((6, 5, 4, 3), variance=0.3, activation=name)
        for name in ("tanh", "sigmoid", "relu", "linear")
    ),
]


def batch(network, seed=0, rows=7):
    rng = np.random.default_rng(seed)
    x, target = rng.random((rows, 6)), rng.random((rows, 3))
    weights = network.draw(jax.random.key(seed))
    return weights, jnp.asarray(x), jnp.asarray(target)


@partial(jax.jit, static_argnames="clamped")
def path(network, weights, state, clamped):
    """Return the energies before each of 40 steps."""

    def step(state, _):
        after = network.relax(weights, state, clamped=clamped).state
        return after, network.energy(weights, state)

    return jax.lax.scan(step, state, None, 40)[1]


def clamp(state, target):
    return LayeredState((*state.layers[:-1], target))


@pytest.mark.parametrize("network", NETWORKS, ids=repr)
@pytest.mark.parametrize("clamped", [False, True])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_energy_falls_at_each_step_below_the_stable_size(network, clamped, seed):
    with jax.enable_x64(True):
        weights, _, target = batch(network, seed)
        rng = np.random.default_rng(seed)
        state = LayeredState(tuple(jnp.asarray(rng.random((7, n))) for n in network.sizes))
        if clamped:
            state = clamp(state, target)
        step = 0.9 * min(1.0, network.stable_step(weights))
        network = replace(network, num_steps=1, step_size=step)
        energies = path(network, weights, state, clamped)
    rises = np.diff(energies, axis=0)
    assert rises.max() <= 1e-12  # rounding of energies of about 1
    assert (rises[0] < 0).all()


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_units_at_rest_are_the_hard_sigmoid_of_what_they_receive(seed):
    network = LayeredHopfield((6, 5, 4, 3), num_steps=2000)
    with jax.enable_x64(True):
        weights, x, target = batch(network, seed)
        free = network.relax(weights, network.start(weights, x))
        clamped = network.relax(weights, clamp(free.state, target), clamped=True)
    assert np.asarray(free.speed).max() < 1e-12
    W, b = jax.tree.map(np.asarray, weights)
    for found, count in ((free, 3), (clamped, 2)):
        u = [np.asarray(layer) for layer in found.state.layers]
        for layer in range(1, count + 1):
            drive = u[layer - 1] @ W[layer - 1].T + b[layer - 1]
            if layer < 3:
                drive += u[layer + 1] @ W[layer]
            np.testing.assert_allclose(u[layer], np.clip(drive, 0, 1), rtol=0, atol=1e-11)
    assert (np.asarray(clamped.state.layers[-1]) == np.asarray(target)).all()
    assert (np.asarray(clamped.state.layers[0]) == np.asarray(x)).all()


@pytest.mark.slow
@pytest.mark.parametrize("network", NETWORKS[1:], ids=repr)
def test_predictions_of_one_pass_have_no_errors_and_do_not_move(network):
    weights, x, _ = batch(network)
    start = network.start(weights, x)
    found = network.relax(weights, start)
    assert not network.energy(weights, start).any()
    assert not found.speed.any()
    slope = network.slope(weights, start)
    assert not any(part.any() for part in jax.tree.leaves(slope))


def test_linear_hierarchies_rest_at_the_solution_of_linear_equations():
    network = PredictiveHierarchy((2, 3, 2), 2000, 0.3, 0.5, "linear")
    with jax.enable_x64(True):
        weights = network.draw(KEY)
        x, target = jnp.array([[1.0, -2.0]]), jnp.array([[0.5, 3.0]])
        state = clamp(network.start(weights, x), target)
        hidden = network.relax(weights, state, clamped=True).state.layers[1][0]
        (W1, W2), _ = weights
        curvature = np.eye(3) / 0.5 + W2.T @ W2
        solution = np.linalg.solve(curvature, W1 @ x[0] / 0.5 + W2.T @ target[0])
    np.testing.assert_allclose(hidden, solution, rtol=1e-10)


def test_new_weights_have_the_variance_of_their_two_layers():
    W = LayeredHopfield((300, 200, 10)).draw(KEY).W
    assert [part.shape for part in W] == [(200, 300), (10, 200)]
    for part in W:
        variance, bound = 2 / sum(part.shape), (6 / sum(part.shape)) ** 0.5
        assert np.abs(part).max() <= bound
        # The squares of a uniform variable spread by 0.894 of their mean.
        assert np.mean(part**2) == pytest.approx(variance, rel=5 * 0.894 / part.size**0.5)


def test_steps_that_are_too_large_are_told_with_the_size_that_is_stable():
    network = LayeredHopfield((1, 1, 1), step_size=1.0)
    W = jnp.array([[0.0]]), jnp.array([[-3.0]])
    weights = LayeredWeights(W, (jnp.ones(1), jnp.ones(1)))
    start = network.start(weights, jnp.ones((1, 1)))
    start = LayeredState((start.layers[0], jnp.ones((1, 1)), jnp.ones((1, 1))))
    found = network.relax(weights, start)
    assert float(found.speed[0]) == 1  # both units flip at each step
    assert network.stable_step(weights) == pytest.approx(0.5)  # 2/(1 + 3)
    with pytest.warns(CannsWarning, match=r"step_size is below 0\.5; it is 1"):
        network.warn_unsettled(weights, 1.0, "It")
    with pytest.warns(CannsWarning, match="more steps than num_steps=30"):
        replace(network, step_size=0.4).warn_unsettled(weights, 1.0, "It")
    network.warn_unsettled(weights, 0.05, "It")  # says nothing


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"sizes": (3,)}, "sizes"),
        ({"sizes": (3, 0)}, "sizes"),
        ({"sizes": [3, 2]}, "sizes"),
        ({"num_steps": 0}, "num_steps"),
        ({"step_size": 0.0}, "step_size"),
        ({"step_size": 1.5}, "step_size"),
    ],
)
@pytest.mark.parametrize("network", NETWORKS[:2], ids=repr)
def test_bad_hyperparameters_are_refused(network, change, argument):
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        replace(network, **change).validate()


def test_bad_variances_and_activations_are_refused():
    with pytest.raises(ValidationError, match=r"^variance must be"):
        replace(NETWORKS[1], variance=0.0).validate()
    with pytest.raises(ValidationError, match="Did you mean 'tanh'"):
        replace(NETWORKS[1], activation="tahn").validate()


def test_weights_of_other_shapes_are_refused():
    network = LayeredHopfield((3, 2, 1))
    weights = network.draw(KEY)
    network.check_weights(weights)
    with pytest.raises(ValidationError, match=r"\(2, 3\), \(1, 2\), and biases"):
        network.check_weights(weights._replace(W=(weights.W[0].T, weights.W[1])))
