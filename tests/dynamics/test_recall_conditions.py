"""Clamped neurons, annealing schedules, the order of a sweep, and recorded paths."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, recall, relax, trajectory
from canns.errors import ValidationError

N, B = 24, 40
KEY = jax.random.key(1)
DYNAMICS = [
    Hopfield(),
    Hopfield(asynchronous=True),
    Hopfield(asynchronous=True, update_order="cyclic"),
    Hopfield(stochastic=True, temperature=2.0),
    Hopfield(stochastic=True, asynchronous=True, temperature=2.0),
    Hopfield(activation="tanh", temperature=0.5),
]
each = pytest.mark.parametrize("network", DYNAMICS, ids=str)


def problem(seed=0):
    rng = np.random.default_rng(seed)
    upper = np.triu(rng.integers(-3, 4, (N, N)), 1)
    cues = rng.choice([-1.0, 1.0], (B, N))
    return jnp.asarray(upper + upper.T, jnp.float32), jnp.asarray(cues, jnp.float32)


@pytest.mark.slow
@each
def test_clamped_neurons_hold_and_the_others_follow_the_field_that_they_make(network):
    weights, cues = problem()
    clamped = np.random.default_rng(2).random((B, N)) < 0.4
    held = recall(network, weights, cues, key=KEY, num_iter=8, clamped=clamped)
    np.testing.assert_array_equal(np.asarray(held.states)[clamped], np.asarray(cues)[clamped])
    free = recall(network, weights, cues, key=KEY, num_iter=8)
    assert np.any(np.asarray(free.states)[clamped] != np.asarray(cues)[clamped]), "nothing was held"
    if network.settles:
        resting = held.outcome == "converged"
        assert resting.any()
        field = np.asarray(held.states) @ np.asarray(weights)
        want = field > 0 if network.activation == "sign" else np.tanh(field / 0.5)
        own = np.asarray(held.states)
        moving = ~clamped & (field != 0) & resting[:, None]
        got = own > 0 if network.activation == "sign" else own
        np.testing.assert_allclose(got[moving], want[moving], atol=1e-4)


@each
def test_clamping_none_or_all(network):
    weights, cues = problem()
    none = recall(network, weights, cues, key=KEY, clamped=np.zeros((B, N), bool))
    np.testing.assert_array_equal(none.states, recall(network, weights, cues, key=KEY).states)
    every = recall(network, weights, cues, key=KEY, clamped=np.ones((B, N), bool))
    np.testing.assert_array_equal(every.states, cues)


def test_a_cyclic_sweep_goes_from_the_first_neuron_to_the_last():
    weights, cues = problem(3)
    swept = recall(
        Hopfield(asynchronous=True, update_order="cyclic"), weights, cues, key=KEY, num_iter=1
    ).states
    plain, matrix = np.asarray(cues, float).copy(), np.asarray(weights, float)
    for i in range(N):
        field = plain @ matrix[i]
        plain[:, i] = np.where(field == 0, plain[:, i], np.sign(field))
    np.testing.assert_array_equal(swept, plain)


def test_a_cyclic_sweep_draws_nothing():
    assert not Hopfield(asynchronous=True, update_order="cyclic").random
    weights, cues = problem(3)
    network = Hopfield(asynchronous=True, update_order="cyclic")
    one, other = (recall(network, weights, cues, key=jax.random.key(k)).states for k in (0, 1))
    np.testing.assert_array_equal(one, other)


def test_a_constant_schedule_is_that_temperature():
    weights, cues = problem()
    network = Hopfield(stochastic=True, temperature=9.0)
    annealed = recall(network, weights, cues, key=KEY, num_iter=12, temperatures=np.full(3, 2.0))
    plain = recall(Hopfield(stochastic=True, temperature=2.0), weights, cues, key=KEY, num_iter=12)
    np.testing.assert_array_equal(annealed.states, plain.states)


def test_each_update_has_the_temperature_of_its_turn():
    weights, cues = problem()
    states, field = cues, None
    schedule = np.array([40.0, 25.0, 15.0])
    network = Hopfield(activation="tanh")
    for temperature in [*schedule, 15.0]:
        field = states @ weights
        states = jnp.tanh(field / temperature)
    after = recall(network, weights, cues, key=KEY, num_iter=4, temperatures=schedule)
    np.testing.assert_allclose(after.states, states, atol=1e-6)


def test_rest_ends_no_recall_before_its_schedule_does():
    weights, cues = problem()
    calm = Hopfield(activation="tanh")  # one tanh of zero field rests at once
    result = recall(
        calm, 0 * weights, 0 * cues, key=KEY, num_iter=20, temperatures=np.linspace(2, 1, 7)
    )
    assert set(result.outcome) == {"converged"}
    assert set(result.steps.tolist()) == {7}


def test_annealing_finds_lower_energies_than_a_quench():
    # Kirkpatrick, Gelatt & Vecchi (1983): a spin glass is cooled to deeper minima than it falls to.
    weights, _ = problem(5)
    cues = jnp.asarray(np.random.default_rng(5).choice([-1.0, 1.0], (64, N)), jnp.float32)
    quench = recall(Hopfield(asynchronous=True), weights, cues, key=KEY, num_iter=60)
    network = Hopfield(asynchronous=True, stochastic=True)
    cooled = recall(
        network, weights, cues, key=KEY, num_iter=60, temperatures=np.geomspace(20, 0.05, 60)
    )
    low, high = cooled.energies[:, -1], quench.energies[:, -1]
    spread = np.sqrt(low.var() / 64 + high.var() / 64)
    assert low.mean() < high.mean() - 4 * spread


@pytest.mark.parametrize(
    ("network", "schedule", "words"),
    [
        (Hopfield(stochastic=True), [1.0, 0.0], "temperature"),
        (Hopfield(stochastic=True), [1.0, float("nan")], "temperatures"),
        (Hopfield(stochastic=True), [], "temperatures"),
        (Hopfield(stochastic=True), [[1.0]], "temperatures"),
    ],
)
def test_bad_schedules_are_refused(network, schedule, words):
    weights, cues = problem()
    with pytest.raises(ValidationError, match=words):
        recall(network, weights, cues, key=KEY, temperatures=schedule)


@each
def test_a_trajectory_ends_where_the_recall_does_and_passes_every_cut(network):
    weights, cues = problem(6)
    path = trajectory(network, weights, cues, key=KEY, num_iter=6)
    assert path.shape == (7, B, N)
    np.testing.assert_array_equal(path[0], cues)
    for cut in (1, 3, 6):
        end = recall(network, weights, cues, key=KEY, num_iter=cut).states
        np.testing.assert_allclose(path[cut], end, atol=1e-6)


@each
def test_relax_returns_the_last_states_of_recall(network):
    weights, cues = problem(7)
    end = recall(network, weights, cues, key=KEY, num_iter=9).states
    inside = jax.jit(relax)(network, weights, cues, KEY, 9)
    np.testing.assert_allclose(inside, end, atol=1e-6)


def test_other_conditions_compile_nothing(count_compilations):
    weights, cues = problem(8)
    weights, cues = weights[:-1, :-1], cues[:, :-1]  # a size that no other test uses

    def run(start, share):
        network = Hopfield(stochastic=True)
        clamped = np.random.default_rng(0).random(cues.shape) < share
        return recall(
            network,
            weights,
            cues,
            key=KEY,
            clamped=clamped,
            temperatures=np.linspace(start, 0.1, 5),
        )

    first = count_compilations(lambda: run(2.0, 0.5))
    second = count_compilations(lambda: run(3.0, 0.1))
    assert (first > 0, second) == (True, 0)
