"""The recall driver: each outcome built exactly, what it counts, and what a callback sees."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import OUTCOMES, Hopfield, recall, recall_members

KEY = jax.random.key(0)
# Two neurons that forbid each other to agree: (1, 1) -> (-1, -1) -> (1, 1), and (1, -1) rests.
RIVALS = jnp.array([[0.0, -1.0], [-1.0, 0.0]])
CUES = jnp.array([[1.0, 1.0], [1.0, -1.0], [-1.0, -1.0]])
# A ring 0 -> 1 -> 2 -> 0, which a state goes round in three steps.
RING = jnp.array([[0.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def assert_same(a, b):
    for left, right in zip(a, b, strict=True):
        np.testing.assert_array_equal(left, right)


def network_of(size, seed=0):
    half = np.random.default_rng(seed).normal(size=(size, size))
    weights = half + half.T
    np.fill_diagonal(weights, 0)
    return jnp.asarray(weights, jnp.float32)


def cues_of(size, batch, seed=1):
    return jnp.asarray(np.random.default_rng(seed).choice([-1.0, 1.0], (batch, size)), jnp.float32)


def cues_for(network):
    cues = cues_of(6, 3)
    return (cues + 1) / 2 if network.activation == "sigmoid" else cues


def rounding_of(weights):
    """What summing N^2 terms in another order can change of an energy."""
    return 2 * len(weights) * np.finfo(np.float32).eps * float(jnp.abs(weights).sum())


def test_a_cycle_and_a_rest_side_by_side():
    result = recall(Hopfield(), RIVALS, CUES, key=KEY)
    assert result.outcome.tolist() == ["cycle", "converged", "cycle"]
    # The cycle shows when the cue is back after two updates, the rest when one changed nothing.
    assert result.steps.tolist() == [2, 1, 2]
    np.testing.assert_array_equal(result.states, CUES)
    # E = -s W s / 2 = s0 s1; the middle cue's is held after its first update.
    assert result.energies.tolist() == [[1, 1, 1], [-1, -1, -1], [1, 1, 1]]


def test_an_update_too_few_is_a_budget():
    result = recall(Hopfield(), RIVALS, CUES, key=KEY, num_iter=1)
    assert result.outcome.tolist() == ["budget", "converged", "budget"]
    assert result.steps.tolist() == [1, 1, 1]
    np.testing.assert_array_equal(result.states, [[-1, -1], [1, -1], [1, 1]])
    assert result.energies.shape == (3, 2)


def test_a_cycle_of_three_is_neither_of_the_two():
    cue = jnp.array([[1.0, -1.0, -1.0]])
    for num_iter in (3, 8):
        result = recall(Hopfield(), RING, cue, key=KEY, num_iter=num_iter)
        assert (result.outcome.tolist(), result.steps.tolist()) == (["budget"], [num_iter])
        np.testing.assert_array_equal(result.states, np.roll(cue, num_iter, axis=1))


def test_the_asynchronous_network_escapes_the_cycle():
    result = recall(Hopfield(asynchronous=True), RIVALS, CUES, key=KEY)
    assert result.outcome.tolist() == ["converged"] * 3
    assert result.steps.tolist() == [2, 1, 2]
    assert (np.prod(result.states, axis=1) == -1).all()
    assert result.energies.tolist() == [[1, -1, -1], [-1, -1, -1], [1, -1, -1]]


def test_noise_never_converges_nor_cycles():
    frozen = Hopfield(stochastic=True, temperature=1e-3)
    result = recall(frozen, RIVALS, CUES, key=KEY, num_iter=5)
    assert (result.outcome.tolist(), result.steps.tolist()) == (["budget"] * 3, [5, 5, 5])
    # At T = 1e-3 the noise is still: P(flip) = exp(-2000).
    np.testing.assert_array_equal(result.states, [[-1, -1], [1, -1], [1, 1]])


def by_hand(weights, states, updates):
    """Synchronous sign updates in float64: energies, and steps until rest or a 2-cycle."""
    weights, states = np.asarray(weights, np.float64), np.asarray(states, np.float64)
    energies, steps, finals, outcomes = [], [], [], []
    for s in states:
        path = [s]
        for _ in range(updates):
            path.append(np.where(weights @ path[-1] == 0, path[-1], np.sign(weights @ path[-1])))
            if (path[-1] == path[-2]).all() or (len(path) > 2 and (path[-1] == path[-3]).all()):
                break
        rest, cycle = (path[-1] == path[-2]).all(), len(path) > 2 and (path[-1] == path[-3]).all()
        outcomes.append("converged" if rest else "cycle" if cycle else "budget")
        steps.append(len(path) - 1)
        if cycle and not rest and (updates - steps[-1]) % 2 == 1:
            path[-1] = path[-2]  # so many updates end in the other state of the two
        finals.append(path[-1])
        energies.append([-0.5 * p @ weights @ p for p in path])
    longest = max(steps)
    padded = [e + [e[-1]] * (longest + 1 - len(e)) for e in energies]
    return np.array(finals), outcomes, steps, np.array(padded)


@pytest.mark.parametrize("num_iter", [2, 20])
def test_a_batch_follows_the_paths_computed_by_hand(num_iter):
    weights, cues = network_of(20), cues_of(20, 40)
    result = recall(Hopfield(), weights, cues, key=KEY, num_iter=num_iter)
    finals, outcomes, steps, energies = by_hand(weights, cues, num_iter)
    np.testing.assert_array_equal(result.states, finals)
    assert result.outcome.tolist() == outcomes
    assert result.steps.tolist() == steps
    assert result.energies.shape == energies.shape
    np.testing.assert_allclose(result.energies, energies, rtol=0, atol=rounding_of(weights))
    assert num_iter < 20 or set(outcomes) == {"converged", "cycle"}


@pytest.mark.parametrize("asynchronous", [False, True], ids=["at-once", "in-turn"])
def test_a_row_of_a_batch_is_its_recall_alone(asynchronous):
    weights, cues = network_of(20), cues_of(20, 40)
    network = Hopfield(asynchronous=asynchronous, threshold=0.3)
    together = recall(network, weights, cues, key=KEY)
    for row in range(40):
        alone = recall(network, weights, cues[row : row + 1], key=KEY)
        np.testing.assert_array_equal(alone.states[0], together.states[row])
        assert alone.outcome[0] == together.outcome[row]
        assert alone.steps[0] == together.steps[row]
        length = alone.energies.shape[1]
        np.testing.assert_allclose(
            alone.energies[0], together.energies[row, :length], rtol=0, atol=rounding_of(weights)
        )


KINDS = {
    "sign": Hopfield(threshold=0.2),
    "in-turn": Hopfield(asynchronous=True),
    "heat-bath": Hopfield(stochastic=True, asynchronous=True, temperature=3.0),
    "tanh": Hopfield(activation="tanh", temperature=20.0),
    "sigmoid": Hopfield(activation="sigmoid", temperature=5.0, asynchronous=True),
}
each_kind = pytest.mark.parametrize("network", KINDS.values(), ids=KINDS.keys())


@each_kind
def test_compiled_is_uncompiled(network):
    weights, cues = network_of(6), cues_for(network)
    compiled, plain = (
        recall(network, weights, cues, key=KEY, num_iter=9, compiled=flag) for flag in (True, False)
    )
    assert compiled.outcome.tolist() == plain.outcome.tolist()
    assert compiled.steps.tolist() == plain.steps.tolist()
    np.testing.assert_allclose(compiled.states, plain.states, rtol=0, atol=1e-6)
    np.testing.assert_allclose(compiled.energies, plain.energies, rtol=0, atol=rounding_of(weights))


@each_kind
def test_a_callback_changes_nothing_and_sees_every_update(network):
    weights, cues = network_of(6), cues_for(network)
    seen = []
    watched = recall(network, weights, cues, key=KEY, num_iter=9, on_step=seen.append)
    assert_same(watched, recall(network, weights, cues, key=KEY, num_iter=9))
    assert [progress.step for progress in seen] == list(range(1, watched.steps.max() + 1))
    energies = watched.energies
    for t, progress in enumerate(seen, 1):
        np.testing.assert_array_equal(progress.energies, energies[:, t])
        np.testing.assert_array_equal(progress.energy_changes, energies[:, t] - energies[:, t - 1])
        settled = (watched.steps <= t) & (watched.outcome != "budget")
        np.testing.assert_array_equal(progress.running, ~settled)
        assert (progress.energy_changes[watched.steps < t] == 0).all()


def test_rest_is_a_move_of_at_most_the_threshold():
    # s <- tanh(s/2) from 1: .4621, .2270, .1130, ...: the moves are .538, .235, .114, .057.
    network = Hopfield(activation="tanh", temperature=2.0)
    for threshold, steps in [(0.54, 1), (0.24, 2), (0.1, 4)]:
        result = recall(network, jnp.eye(1), jnp.ones((1, 1)), key=KEY, threshold=threshold)
        assert (result.outcome.tolist(), result.steps.tolist()) == (["converged"], [steps])


def test_other_numbers_compile_nothing(count_compilations):
    weights, cues = network_of(7), cues_of(7, 3)

    def run(**changes):
        network = Hopfield(**{"threshold": 0.1, "temperature": 1.0, **changes})
        return recall(network, weights, cues, key=KEY, num_iter=10, threshold=0.0).states

    assert count_compilations(run) > 0
    assert count_compilations(lambda: run(threshold=0.7, temperature=0.3)) == 0


def test_members_recall_what_each_recalls_alone():
    networks = [Hopfield(threshold=t, asynchronous=True) for t in (0.0, 0.5, -1.0)]
    weights = jnp.stack([network_of(6, seed) for seed in range(3)])
    cues = jnp.stack([cues_of(6, 3, seed) for seed in range(3)])
    keys = jax.random.split(KEY, 3)
    stacked = jax.tree.map(lambda *leaves: jnp.asarray(leaves), *networks)
    together = recall_members(stacked, weights, cues, keys=keys, num_iter=9, threshold=0.0)
    for m, result in enumerate(together):
        alone = recall(networks[m], weights[m], cues[m], key=keys[m], num_iter=9)
        np.testing.assert_array_equal(result.states, alone.states)
        assert result.outcome.tolist() == alone.outcome.tolist()
        assert result.steps.tolist() == alone.steps.tolist()
        np.testing.assert_allclose(
            result.energies, alone.energies, rtol=0, atol=rounding_of(weights[m])
        )
        assert result.energies.shape == alone.energies.shape


def test_the_outcomes_have_names():
    assert OUTCOMES == ("budget", "converged", "cycle")
