"""The rule of Krotov and Hopfield against its fixed points and the closed form of its norms."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from plasticity_helpers import learn_unchecked, mean_and_error, repeat
from scipy.optimize import brentq

from canns.dynamics import Linear, NoState, RankedWinners
from canns.errors import DivergenceError, ValidationError
from canns.plasticity import Identity, KrotovHopfield, Setup, learn, learn_members


def norms(weights, p):
    return (np.abs(np.asarray(weights, np.float64)) ** p).sum(axis=1) ** (1 / p)


@pytest.mark.parametrize("p", [1.5, 2.0, 3.0])
def test_the_winner_of_one_input_comes_to_it_at_unit_norm(p, x64):
    x = np.array([0.5, -1.0, 2.0])
    neuron = RankedWinners(delta=0.0, p=p)
    weights = neuron.draw(jax.random.key(1), 3, 4)
    before = np.asarray(neuron.step(NoState(), weights, x)[1].post)
    after = learn(Setup(KrotovHopfield(0.02), neuron), weights, np.tile(x, (4000, 1)))
    winner = int(before.argmax())
    expected = x / (np.abs(x) ** p).sum() ** (1 / p)
    np.testing.assert_allclose(after.weights[winner], expected, rtol=0, atol=1e-10)
    others = np.arange(4) != winner
    np.testing.assert_array_equal(np.asarray(after.weights)[others], np.asarray(weights)[others])


def test_norms_follow_the_closed_form(x64):
    # For p = 2 a step makes of n = |w|^2, exactly: n + 2 eta g I (1 - n) + eta^2 g^2 |x - I w|^2.
    rng = np.random.default_rng(0)
    eta, delta = 0.03, 0.4
    neuron, rule = RankedWinners(3, delta), KrotovHopfield(eta)
    weights = rng.normal(size=(5, 4))
    for x in rng.normal(size=(20, 4)):
        current = weights @ x
        place = (-current).argsort().argsort()
        g = (place == 0) - delta * (place == 2)
        squares = (weights**2).sum(axis=1)
        step = ((x - current[:, None] * weights) ** 2).sum(axis=1)
        expected = squares + 2 * eta * g * current * (1 - squares) + (eta * g) ** 2 * step
        weights = np.asarray(learn(Setup(rule, neuron), jnp.asarray(weights), x[None]).weights)
        np.testing.assert_allclose((weights**2).sum(axis=1), expected, rtol=1e-12)
        assert (np.abs(expected - squares) > 1e-9).sum() == 2, "one winner, one of rank 3"


@pytest.mark.parametrize("p", [2.0, 3.0])
def test_for_any_exponent_small_steps_change_the_norm_as_the_differential_equation(p, x64):
    rng = np.random.default_rng(2)
    weights, x, eta = rng.normal(size=(5, 4)), rng.normal(size=4), 1e-7
    neuron = RankedWinners(delta=0.7, p=p)
    _, activity = neuron.step(NoState(), jnp.asarray(weights), jnp.asarray(x))
    after = learn(Setup(KrotovHopfield(eta), neuron), jnp.asarray(weights), x[None]).weights
    totals = norms(weights, p) ** p
    change = (norms(after, p) ** p - totals) / eta
    expected = p * np.asarray(activity.post * activity.potential) * (1 - totals)
    assert (np.abs(expected) > 0.01).sum() == 2
    np.testing.assert_allclose(change, expected, rtol=1e-4, atol=1e-6)


def test_a_repelled_neuron_rests_where_repulsion_and_attraction_cancel(x64):
    # Two inputs at right angles: each neuron wins one and is second, of two, for the other.
    delta = 0.3
    inputs = np.tile(np.eye(2), (6000, 1))
    neuron = RankedWinners(2, delta)
    weights = jnp.array([[0.9, 0.1], [0.1, 0.9]])
    eta = 0.002
    after = learn(Setup(KrotovHopfield(eta), neuron), weights, inputs).weights
    # (1, 0) - a w - delta ((0, 1) - b w) = 0 for w = (a, b): with s = a - delta b, 1 = s a and
    # -delta = s b, so b = -delta a and s = a (1 + delta^2). Each step leaves this by up to eta.
    a = 1 / np.sqrt(1 + delta**2)
    expected = np.array([[a, -delta * a], [-delta * a, a]])
    np.testing.assert_allclose(after, expected, rtol=0, atol=2 * eta)
    np.testing.assert_allclose(norms(after, 2.0), 1, rtol=0, atol=2 * eta)


def test_winners_of_a_mixture_are_its_means_at_unit_norm():
    rng = np.random.default_rng(3)
    centres = np.array([[2.0, 0.2, 0.0, 0.3], [0.0, 1.5, 1.0, 0.0], [0.2, 0.0, 0.0, 1.8]])
    data = centres.repeat(300, axis=0) + 0.2 * rng.normal(size=(900, 4))
    means = data.reshape(3, 300, 4).mean(axis=1)
    eta, members = 0.005, 128
    rule, neuron = KrotovHopfield(eta), RankedWinners(delta=0.0)
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)
    parts = [repeat(part, members) for part in (rule, neuron, Identity())]
    learner = repeat(Setup(rule, neuron).start(jnp.asarray(expected, jnp.float32)), members)
    snapshots = []
    for block in range(7):
        index = jax.random.randint(jax.random.key(block), (members, 600), 0, 900)
        inputs = jnp.asarray(data, jnp.float32)[index]
        learner = learn_members(Setup(*parts), learner, inputs, shared=False)
        if block:
            snapshots.append(np.asarray(learner.weights, np.float64))
    rows = np.stack(snapshots)
    # At rest |w|^2 - 1 = eta E|x - I w|^2 / (2 E[I]) on average, and w points at the mean.
    own = data.reshape(3, 300, 4)
    current = np.einsum("cnj,cj->cn", own, expected)
    residual = ((own - current[..., None] * expected[:, None]) ** 2).sum(-1).mean(-1)
    longer = eta * residual / (2 * current.mean(-1))
    measured, error = mean_and_error((rows**2).sum(-1) - 1)
    assert (np.abs(measured - longer) < 4 * error + 5 * eta * longer).all()
    assert (longer > 10 * error).all()
    direction, error = mean_and_error(rows / np.linalg.norm(rows, axis=-1, keepdims=True))
    # A direction that fluctuates by an angle is shorter on average by half its square.
    assert (np.abs(direction - expected) < 4 * error + 2 * longer[:, None]).all()


def test_beyond_the_bound_the_norm_alternates(x64):
    # Along x, with |x| = 1 and p = 2: w <- w + eta (1 - w^2), of slope 1 - 2 eta at w = 1.
    inputs = np.ones((3000, 1))
    neuron, weights = RankedWinners(delta=0.0), jnp.array([[0.9], [0.1]])

    def length(eta, samples):
        setup = Setup(KrotovHopfield(eta), neuron)
        return float(learn_unchecked(setup, weights, inputs[:samples]).weights[0, 0])

    assert length(0.95, 3000) == pytest.approx(1, abs=1e-12)
    pair = sorted(length(1.1, samples) for samples in (2999, 3000))

    def twice(w):
        v = w + 1.1 * (1 - w**2)
        return v + 1.1 * (1 - v**2) - w

    assert pair[0] == pytest.approx(brentq(twice, 0.1, 0.95), abs=1e-9)
    assert "learning_rate < 1/max|x| = 1," in KrotovHopfield().stability_bound(inputs)
    with pytest.raises(DivergenceError, match=r"1/max\|x\| = 1,"):
        length(2.5, 3000)


def test_a_neuron_without_potentials_is_refused():
    with pytest.raises(ValidationError, match=r"potential for KrotovHopfield; got Linear"):
        learn(Setup(KrotovHopfield(), Linear()), jnp.ones((2, 2)), np.ones((1, 2)))
