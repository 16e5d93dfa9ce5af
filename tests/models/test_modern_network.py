"""The modern Hopfield network as a model: what it recalls, takes and refuses."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import ModernHopfield, network_energies
from canns.errors import ValidationError
from canns.models.brain_inspired import ModernHopfieldNetwork

SIZE, COUNT = 40, 100
RNG = np.random.default_rng(0)
PATTERNS = RNG.normal(size=(COUNT, SIZE)).astype(np.float32)
CUES = PATTERNS + 0.3 * RNG.normal(size=(COUNT, SIZE)).astype(np.float32)


def _net(*args, **options):
    net = ModernHopfieldNetwork(SIZE, *args, **options)
    net.store(PATTERNS)
    return net


def test_noisy_patterns_come_back():
    result = _net(2.0).recall(CUES)
    np.testing.assert_allclose(result.states, PATTERNS, atol=1e-3)
    assert set(result.outcome) == {"converged"}
    exact = _net(2.0, retrieval="sparsemax").recall(CUES)
    np.testing.assert_array_equal(exact.states, PATTERNS)
    assert set(exact.steps) == {2}


def test_a_masked_part_is_completed():
    cues = np.where(np.arange(SIZE) < 15, 0.0, PATTERNS)
    np.testing.assert_allclose(_net(2.0).recall(cues).states, PATTERNS, atol=1e-3)


def test_the_default_beta_is_the_scale_of_attention():
    net = _net()
    assert net.beta == pytest.approx(SIZE**-0.5)
    result = net.recall(CUES, num_iter=1)
    heads = (CUES[:, None], PATTERNS[:, None], PATTERNS[:, None])
    attention = jax.nn.dot_product_attention(*map(jnp.asarray, heads))[:, 0]
    np.testing.assert_allclose(result.states, attention, atol=1e-5)


def test_the_model_runs_its_dynamics():
    net = _net(0.5, retrieval="sparsemax")
    assert net.dynamics == ModernHopfield(0.5, "sparsemax")
    assert net.s.value.tolist() == [0.0] * SIZE
    pure = network_energies(net.dynamics, PATTERNS, CUES)
    np.testing.assert_array_equal(net.energies(CUES), pure)
    net.s.value = CUES[3]
    assert float(net.energy) == pytest.approx(float(pure[3]), rel=1e-5, abs=1e-4)
    before = net.energy
    assert float(net.update(before)) == pytest.approx(float(net.energy - before), abs=1e-4)
    path = net.trajectory(CUES[3:4], num_iter=2)
    np.testing.assert_allclose(path[1, 0], net.s.value, atol=1e-5)
    found = net.predict(CUES[3])
    np.testing.assert_array_equal(net.s.value, found)


def test_annealing_from_the_mean_to_one_pattern():
    net = _net()
    start = np.zeros((1, SIZE), np.float32)
    hot = net.recall(start, temperatures=[1e4]).states
    np.testing.assert_allclose(hot[0], PATTERNS.mean(axis=0), atol=1e-2)
    cold = net.recall(start, temperatures=np.geomspace(1e4, 0.1, 30), num_iter=60)
    distances = np.linalg.norm(PATTERNS - np.asarray(cold.states[0]), axis=1)
    assert distances.min() < 1e-3
    assert cold.outcome[0] == "converged"


def test_clamped_neurons_keep_their_cue():
    held = np.arange(SIZE) % 2 == 0
    result = _net(2.0).recall(CUES, clamped=held)
    np.testing.assert_array_equal(np.asarray(result.states)[:, held], CUES[:, held])
    np.testing.assert_allclose(np.asarray(result.states)[:, ~held], PATTERNS[:, ~held], atol=1e-3)


def test_no_seed_is_drawn_and_another_beta_compiles_nothing(count_compilations):
    net = _net(2.0)
    first = np.asarray(net.recall(CUES).states)
    np.testing.assert_array_equal(first, net.recall(CUES, seed=9).states)
    net.beta = 1.5
    assert count_compilations(lambda: net.recall(CUES).states) == 0
    assert not np.array_equal(first, net.recall(CUES).states)


@pytest.mark.parametrize(
    ("argument", "build"),
    [
        ("num_neurons", lambda: ModernHopfieldNetwork(0)),
        ("beta", lambda: ModernHopfieldNetwork(4, 0.0)),
        ("beta", lambda: ModernHopfieldNetwork(4, -1.0)),
        ("beta", lambda: ModernHopfieldNetwork(4, float("inf"))),
        ("retrieval", lambda: ModernHopfieldNetwork(4, retrieval="argmax")),
        ("cues", lambda: _net().recall(CUES[:, 1:])),
    ],
)
def test_invalid_arguments_are_refused_by_name(argument, build):
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        build()


def test_a_beta_set_later_is_checked_when_used():
    net = _net()
    net.beta = -1.0
    with pytest.raises(ValidationError, match="beta"):
        net.update()


def test_config():
    expected = {"num_neurons": SIZE, "beta": 0.25, "retrieval": "sparsemax"}
    assert _net(0.25, retrieval="sparsemax").config() == expected
