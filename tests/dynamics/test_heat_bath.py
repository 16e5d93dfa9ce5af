"""The heat bath samples the distributions that theory gives, for networks small enough to sum over.

In turn: Boltzmann, exp(-E/T)/Z (Glauber 1963, J. Math. Phys. 4:294). All at once, for symmetric
weights: exp(-theta sum s/T) prod 2 cosh(h_i/T) (Peretto 1984, Biol. Cybern. 50:51).
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import Hopfield, recall

SAMPLES = 20_000
N = 4
STATES = np.array(list(itertools.product([-1.0, 1.0], repeat=N)))
# Chi-square quantiles at 1 - 1e-6, for a test that fails by chance once in a million seeds.
CHI_SQUARE = {15: 56.5}


def couplings(seed):
    half = np.random.default_rng(seed).normal(size=(N, N)) / 2
    weights = half + half.T
    np.fill_diagonal(weights, 0.0)
    return weights


def counts_after(network, weights, updates, seed=0):
    """How many of the independent copies of one cue are in each state."""
    cues = jnp.ones((SAMPLES, N))
    result = recall(
        network, jnp.asarray(weights, jnp.float32), cues, key=jax.random.key(seed), num_iter=updates
    )
    assert (result.outcome == "budget").all()
    index = (np.asarray(result.states) > 0) @ (1 << np.arange(N)[::-1])
    return np.bincount(index, minlength=len(STATES))


def chi_square(counts, logarithms):
    probability = np.exp(logarithms - logarithms.max())
    expected = SAMPLES * probability / probability.sum()
    assert expected.min() > 5, "too few samples for the chi-square approximation"
    return ((counts - expected) ** 2 / expected).sum()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("temperature", "threshold"), [(1.0, 0.0), (2.0, 0.3), (1.5, -0.5)])
def test_in_turn_the_network_is_boltzmann_distributed(seed, temperature, threshold):
    weights = couplings(seed)
    network = Hopfield(
        threshold=threshold, temperature=temperature, stochastic=True, asynchronous=True
    )
    energies = -0.5 * np.einsum("si,ij,sj->s", STATES, weights, STATES) + threshold * STATES.sum(1)
    # Every order of a sweep leaves the distribution as it is, so 40 sweeps forget the cue.
    counts = counts_after(network, weights, updates=40)
    assert chi_square(counts, -energies / temperature) < CHI_SQUARE[15]


@pytest.mark.parametrize("seed", range(3))
def test_all_at_once_the_network_is_perettos(seed):
    weights, temperature, threshold = couplings(seed), 1.5, 0.3
    network = Hopfield(threshold=threshold, temperature=temperature, stochastic=True)
    drives = (STATES @ weights - threshold) / temperature
    logarithms = np.log(2 * np.cosh(drives)).sum(1) - threshold * STATES.sum(1) / temperature
    counts = counts_after(network, weights, updates=40)
    assert chi_square(counts, logarithms) < CHI_SQUARE[15]
    # The two distributions differ by far more than that, so the test can tell them apart.
    boltzmann = 0.5 * np.einsum("si,ij,sj->s", STATES, weights, STATES) - threshold * STATES.sum(1)
    assert chi_square(counts, boltzmann / temperature) > 10 * CHI_SQUARE[15]


@pytest.mark.parametrize("asynchronous", [False, True], ids=["at-once", "in-turn"])
@pytest.mark.parametrize(
    ("field", "temperature"), [(0.5, 1.0), (-1.0, 0.7), (0.3, 3.0), (0.0, 1.0)]
)
def test_one_update_magnetises_a_free_neuron_by_tanh_of_the_field(asynchronous, field, temperature):
    # Without couplings all neurons of all copies are independent, and one update is stationary.
    network = Hopfield(
        threshold=-field, temperature=temperature, stochastic=True, asynchronous=asynchronous
    )
    cues = -jnp.ones((SAMPLES, N))
    states = recall(network, jnp.zeros((N, N)), cues, key=jax.random.key(1), num_iter=1).states
    assert set(np.unique(states)) == {-1.0, 1.0}
    theory = np.tanh(field / temperature)
    error = np.sqrt((1 - theory**2) / states.size)
    assert abs(np.asarray(states, np.float64).mean() - theory) < 4.5 * error
    correlation = np.cov(np.asarray(states, np.float64).T) / (1 - theory**2)
    # Neurons of one copy draw different noise: N (N - 1)/2 correlations of error 1/sqrt(samples).
    assert np.abs(correlation - np.eye(N)).max() < 6 / np.sqrt(SAMPLES)


def test_other_keys_are_other_samples_and_the_same_key_is_the_same():
    network = Hopfield(stochastic=True, asynchronous=True)
    first, again, other = (counts_after(network, couplings(0), 5, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
