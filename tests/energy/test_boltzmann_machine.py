"""Boltzmann machines against the sum over all their states."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from canns.energy import BoltzmannWeights
from canns.energy.machines import all_states, index_of
from canns.errors import DivergenceError, ValidationError
from canns.models.brain_inspired import BoltzmannMachine, LinearLayer
from canns.trainer import BoltzmannTrainer
from seeds import SEEDS

NAN = float("nan")


def machine_of(num_visible, num_hidden=0, seed=0, temperature=1.0):
    """Return a machine whose weights are of order 1."""
    machine = BoltzmannMachine(num_visible, num_hidden, temperature, seed=0)
    rng = np.random.default_rng(seed)
    n = num_visible + num_hidden
    upper = np.triu(rng.normal(size=(n, n)), 1)
    machine.W, machine.b = upper + upper.T, rng.normal(size=n)
    return machine


def by_hand(machine):
    """Return all states and their probabilities, in double precision."""
    W, b = (np.asarray(box.value, float) for box in (machine.W, machine.b))
    states = np.array([*itertools.product((0, 1), repeat=len(b))])
    energy = [-0.5 * s @ W @ s - b @ s for s in states]
    weight = np.exp(-np.array(energy) / machine.temperature)
    return states, weight / weight.sum(), np.array(energy)


def data_of(num_visible, count=50, seed=0):
    return np.random.default_rng(seed).integers(0, 2, (count, num_visible))


def test_states_are_listed_in_binary_and_found_again():
    states = all_states(3, jnp.float32)
    assert states.tolist() == [list(bits) for bits in itertools.product((0, 1), repeat=3)]
    assert index_of(states).tolist() == [*range(8)]


def test_energies_and_probabilities_are_the_sums_over_all_states():
    machine = machine_of(3, 2, temperature=1.7)
    states, probability, energy = by_hand(machine)
    np.testing.assert_allclose(machine.energies(states), energy, atol=1e-5)
    visible = probability.reshape(8, 4).sum(axis=1)
    np.testing.assert_allclose(machine.probabilities(), visible, rtol=1e-5)
    found = machine.log_likelihood(states[::4, :3])
    np.testing.assert_allclose(found, np.log(visible), rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("num_hidden", [0, 3])
def test_the_gradient_is_the_derivative_of_the_exact_log_likelihood(num_hidden):
    machine = machine_of(4, num_hidden, temperature=1.3)
    data, n = data_of(4), 4 + num_hidden
    pairs = np.triu_indices(n, 1)

    def log_likelihood(upper, b):
        # Written anew, from the definition of the machine.
        W = jnp.zeros((n, n)).at[pairs].set(upper)
        states = all_states(n, jnp.float32)
        log_weight = (0.5 * ((states @ (W + W.T)) * states).sum(1) + states @ b) / 1.3
        visible = jax.nn.logsumexp(log_weight.reshape(16, -1), axis=1)
        return (visible - jax.nn.logsumexp(visible))[index_of(jnp.asarray(data))].mean()

    upper, b = machine.W.value[pairs], machine.b.value
    of_W, of_b = jax.grad(log_likelihood, argnums=(0, 1))(upper, b)
    gradient = machine.gradient(data)
    np.testing.assert_allclose(gradient.W[pairs], of_W, atol=2e-6)
    np.testing.assert_allclose(gradient.b, of_b, atol=2e-6)
    assert (gradient.W == gradient.W.T).all()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_sampled_moments_are_the_exact_ones(seed):
    machine = machine_of(12, seed=seed)
    count = 4000
    drawn = np.asarray(machine.sample(count, 200, seed=seed))
    states, probability, _ = by_hand(machine)
    first = probability @ states
    second = states.T @ (states * probability[:, None])
    # Chains are independent, and 200 sweeps forget the start: exact binomial intervals, shared out
    # over the 12 + 66 moments so that all hold together with 99.9 %.
    tail = 0.001 / 2 / 78
    pairs = np.triu_indices(12, 1)
    expected = np.concatenate([first, second[pairs]])
    hits = np.concatenate([drawn.sum(0), (drawn.T @ drawn)[pairs]])
    low, high = stats.binom.ppf(tail, count, expected), stats.binom.isf(tail, count, expected)
    assert (low <= hits).all()
    assert (hits <= high).all()


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_sampled_gradient_is_the_exact_one(seed):
    machine = machine_of(6, 2, seed=seed)
    data = data_of(6, seed=seed)
    exact = machine.gradient(data)
    parts = [machine.gradient(data, num_sweeps=50, seed=100 * seed + i) for i in range(12)]
    pairs = np.triu_indices(8, 1)
    samples = np.array([np.concatenate([p.W[pairs], p.b]) for p in parts])
    truth = np.concatenate([exact.W[pairs], exact.b])
    # Twelve independent estimates: t intervals, shared out over the 36 parts, plus rounding.
    reach = stats.t.isf(0.001 / 2 / 36, 11) * stats.sem(samples)
    assert (np.abs(samples.mean(0) - truth) <= reach + 1e-5).all()


def test_clamped_units_keep_their_state_and_the_others_follow_the_conditional():
    machine = machine_of(4)
    clamped = np.array([True, False, True, False])
    start, count = [1, 0, 0, 0], 4000
    drawn = np.asarray(machine.sample(count, 50, start=start, clamped=clamped, seed=0))
    assert (drawn[:, clamped] == [1, 0]).all()
    states, probability, _ = by_hand(machine)
    fits = (states[:, clamped] == [1, 0]).all(axis=1)
    share = probability[fits] / probability[fits].sum()
    hits = [(drawn == state).all(axis=1).sum() for state in states[fits]]
    assert stats.chisquare(hits, count * share).pvalue > 0.001


def test_cold_sweeps_find_the_state_of_least_energy():
    machine = machine_of(8, seed=3)
    schedule = np.geomspace(3, 0.02, 200)
    found = machine.sample(20, 200, temperatures=schedule, seed=0)
    lowest = machine.energies(found).min()
    np.testing.assert_allclose(lowest, by_hand(machine)[2].min(), rtol=1e-5)


def test_predictions_are_conditional_probabilities():
    machine = machine_of(4, 2)
    states, probability, _ = by_hand(machine)
    visible, joint = states[::4, :4], probability.reshape(16, 4).sum(axis=1)
    fits = (visible[:, 0] == 1) & (visible[:, 2] == 0)
    expected = joint[fits] @ visible[fits] / joint[fits].sum()
    np.testing.assert_allclose(machine.predict([1, NAN, 0, NAN]), expected, rtol=1e-5)
    assert machine.predict([1, 0, 0, 1]).tolist() == [1, 0, 0, 1]


@pytest.mark.slow
def test_exact_learning_climbs_to_the_distribution_of_the_data():
    target = machine_of(5, seed=1)
    data = np.asarray(target.sample(2000, 100, seed=2), int)
    machine = BoltzmannMachine(5, seed=0)
    trainer = BoltzmannTrainer(machine, 0.5, exact=True)
    record = trainer.train(data, epochs=3000, batch_size=2000, seed=0)
    losses = record.history["negative_log_likelihood"]
    # Full batches: each step raises the likelihood, to the rounding of sums over 2000 samples.
    rounding = np.sqrt(2000) * np.finfo(np.float32).eps * losses[0]
    assert (np.diff(losses) <= rounding).all()
    # At the maximum the moments of the machine are those of the data.
    gradient = machine.gradient(data)
    assert np.abs(gradient.W).max() < 1e-3
    assert record.measures == {}
    assert record.changed == ("W", "b")


def test_sampled_learning_reaches_a_likelihood_near_the_best():
    target = machine_of(4, seed=1)
    data = np.asarray(target.sample(1000, 100, seed=2), int)
    best, sampled = BoltzmannMachine(4, seed=0), BoltzmannMachine(4, seed=0)
    BoltzmannTrainer(best, 0.5, exact=True).train(data, epochs=500, batch_size=1000, seed=0)
    trainer = BoltzmannTrainer(sampled, 0.1, num_sweeps=5, persistent=True)
    trainer.train(data, epochs=100, batch_size=100, seed=0)
    lost = best.log_likelihood(data).mean() - sampled.log_likelihood(data).mean()
    # The exact optimum is a bound; the noise of the last steps, of rate 0.1, costs about
    # rate * (number of weights) / (2 * batch size) = 0.1 * 10 / 200 nats.
    assert -1e-4 <= lost <= 0.02


def encoder(seed):
    """Return a machine whose two halves see each other only through two hidden units."""
    connected = np.ones((10, 10), bool)
    connected[:4, 4:8] = connected[4:8, :4] = False
    return BoltzmannMachine(8, 2, connections=connected, seed=seed)


@pytest.mark.long
def test_the_encoder_finds_a_code_through_two_hidden_units():
    data = np.hstack([np.eye(4), np.eye(4)])
    divergences = []
    for seed in range(8):
        machine = encoder(seed)
        BoltzmannTrainer(machine, 1.0, exact=True).train(data, epochs=3000, batch_size=4, seed=0)
        divergences.append(float(-machine.log_likelihood(data).mean() - np.log(4)))
        assert not machine.W.value[:4, 4:8].any()
        if divergences[-1] < 0.05:
            for k in range(4):
                answer = machine.predict([*np.eye(4)[k], NAN, NAN, NAN, NAN])[4:]
                assert answer.argmax() == k
    # Gradient ascent may end where two patterns share a code; the others come close to the data.
    assert min(divergences) < 0.02


def test_a_machine_is_saved_with_its_connections(tmp_path):
    machine = encoder(3)
    machine.temperature = 2.0
    machine.save(tmp_path / "machine.safetensors")
    again = BoltzmannMachine.load(tmp_path / "machine.safetensors")
    assert (again.W.value == machine.W.value).all()
    assert (again.connections == machine.connections).all()
    assert again.temperature == 2.0
    np.testing.assert_array_equal(again.probabilities(), machine.probabilities())


def test_equal_seeds_draw_equal_machines_and_samples():
    one, other = BoltzmannMachine(5, 2, seed=4), BoltzmannMachine(5, 2, seed=4)
    assert (one.W.value == other.W.value).all()
    assert (one.sample(9, seed=1) == other.sample(9, seed=1)).all()
    assert (one.sample(9, seed=1) != other.sample(9, seed=2)).any()


def test_a_failed_run_leaves_the_machine_as_it_was():
    machine = machine_of(3)
    before = machine.weights
    with pytest.raises(DivergenceError, match="unchanged"):
        BoltzmannTrainer(machine, 1e30, exact=True).train(data_of(3), epochs=3)
    assert isinstance(machine.weights, BoltzmannWeights)
    assert (machine.W.value == before.W).all()


REFUSED = {
    "no units": (lambda: BoltzmannMachine(0), "num_visible must be"),
    "cold": (lambda: BoltzmannMachine(2, temperature=0), "temperature must be"),
    "mask of another size": (lambda: BoltzmannMachine(2, connections=np.eye(3)), "connections"),
    "mask in one direction": (
        lambda: BoltzmannMachine(2, connections=[[0, 1], [0, 0]]),
        "connections must be symmetric",
    ),
    "signs as data": (
        lambda: BoltzmannTrainer(machine_of(3)).train([[1, -1, 1]]),
        "train_data must be 0 or 1 everywhere; got -1",
    ),
    "grey data": (lambda: machine_of(3).log_likelihood([[0.5, 0, 1]]), "data must be 0 or 1"),
    "wrong width": (
        lambda: BoltzmannTrainer(machine_of(3)).train([[0, 1]]),
        "train_data must be 2-D of shape",
    ),
    "targets": (
        lambda: BoltzmannTrainer(machine_of(2)).train([[0, 1]], [[1]]),
        "targets must be None for BoltzmannLearning",
    ),
    "many units": (
        lambda: BoltzmannMachine(21).log_likelihood(np.zeros((1, 21))),
        "at most 20 units, whose states can be listed; got 21. Take fewer units, or sample",
    ),
    "gradient of many": (
        lambda: BoltzmannMachine(21).gradient(np.zeros((1, 21))),
        "Give num_sweeps, to sample",
    ),
    "exact training of many": (
        lambda: BoltzmannTrainer(BoltzmannMachine(21), exact=True).train(np.zeros((1, 21))),
        "Learn by sampling",
    ),
    "exact and signed": (
        lambda: BoltzmannTrainer(machine_of(2), exact=True, signed=True),
        "exact must be False",
    ),
    "no sweeps": (lambda: BoltzmannTrainer(machine_of(2), num_sweeps=0), "num_sweeps must be"),
    "frozen annealing": (
        lambda: BoltzmannTrainer(machine_of(2), annealing=[1.0, 0.0]),
        "annealing must be above 0",
    ),
    "frozen schedule": (
        lambda: machine_of(2).sample(1, 2, temperatures=[1, -1]),
        "temperatures must be above 0",
    ),
    "short schedule": (
        lambda: machine_of(2).sample(1, 3, temperatures=[1, 1]),
        "temperatures must be 1-D of shape",
    ),
    "mask of numbers": (
        lambda: machine_of(2).sample(1, start=[0, 1], clamped=[0, 1]),
        "clamped must be bool",
    ),
    "clamped to nothing": (
        lambda: machine_of(2).sample(1, clamped=[True, False]),
        "start must be given",
    ),
    "two starts for three": (
        lambda: machine_of(2).sample(3, start=[[0, 1]] * 2),
        "start must be one state, or 3",
    ),
    "unknown pattern": (lambda: machine_of(2).predict([2, NAN]), "pattern must be 0, 1 or NaN"),
    "long pattern": (lambda: machine_of(2).predict([1, 1, 1]), "pattern must be of shape"),
    "another model": (
        lambda: BoltzmannTrainer(LinearLayer(2, 2)).train([[0, 1]]),
        "model must be one with an energy",
    ),
    "an array for a model": (lambda: BoltzmannTrainer(np.eye(2)), "model must be"),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_refused_with_the_remedy(call):
    attempt, words = call
    with pytest.raises(ValidationError, match=words):
        attempt()


@pytest.mark.parametrize("W", [[[0, 1], [2, 0]], [[1, 0], [0, 0]]])
def test_weights_without_an_energy_are_refused(W):
    machine = machine_of(2)
    machine.W = W
    calls = (
        machine.probabilities,
        lambda: machine.sample(1),
        lambda: BoltzmannTrainer(machine).train([[0, 1]]),
    )
    for call in calls:
        with pytest.raises(ValidationError, match="W must be"):
            call()
