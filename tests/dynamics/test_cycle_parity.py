"""A recall that closes a 2-cycle ends in the state that its number of updates leads to."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import (
    DensePolynomial,
    Hopfield,
    KWinners,
    Potts,
    Willshaw,
    network_energies,
    recall,
    recall_members,
    trajectory,
    update_once,
)
from canns.dynamics.recalling import load_of
from canns.dynamics.recalling.long_recall import settle_in_pieces
from canns.dynamics.recalling.loop import Conditions, room_for
from canns.models.brain_inspired import AmariHopfieldNetwork

KEY = jax.random.key(0)
SWAP = jnp.array([[0.0, 1.0], [1.0, 0.0]])
#: Dynamics, weights, and a state whose successor leads back to it.
CYCLES = {
    "sign": (Hopfield(), SWAP, [1.0, -1.0]),
    # s <- tanh(20 s') from (1, -1) is exactly (-1, 1) in float32.
    "tanh": (Hopfield(activation="tanh", temperature=0.05), SWAP, [1.0, -1.0]),
    "dense": (DensePolynomial(order=2), jnp.array([[1.0, 1.0]]), [1.0, -1.0]),
    "potts": (Potts(2), jnp.array([[0.0, 0.0]]), [0.0, 1.0]),
    "willshaw": (Willshaw(), SWAP, [1.0, 0.0]),
    "winners": (KWinners(1), SWAP, [1.0, 0.0]),
}
each_cycle = pytest.mark.parametrize("name", CYCLES)


def path(network, weights, start, updates):
    """Return the states, one update after another."""
    states = [jnp.asarray(start)]
    for _ in range(updates):
        states.append(update_once(network, weights, states[-1], KEY))
    return np.stack(states)


@each_cycle
def test_k_updates_end_in_the_state_of_update_k(name):
    network, weights, start = CYCLES[name]
    states = path(network, weights, start, 6)
    np.testing.assert_array_equal(states[2], states[0])
    assert (states[1] != states[0]).any()
    for k in range(1, 7):
        result = recall(network, weights, jnp.asarray([start]), key=KEY, num_iter=k)
        np.testing.assert_array_equal(result.states[0], states[k])
        assert result.outcome.tolist() == ["cycle" if k > 1 else "budget"]
        energy = network_energies(network, weights, result.states)
        np.testing.assert_array_equal(result.energies[:, -1], energy)


@each_cycle
def test_a_trajectory_goes_on_around_the_cycle(name):
    network, weights, start = CYCLES[name]
    cues = jnp.asarray([start])
    for k in (5, 6):
        found = trajectory(network, weights, cues, key=KEY, num_iter=k)[:, 0]
        np.testing.assert_array_equal(found, path(network, weights, start, k))


@pytest.mark.slow
@pytest.mark.parametrize("k", [5, 6])
def test_a_recall_in_pieces_and_of_many_networks_ends_alike(k):
    network, weights, start = CYCLES["sign"]
    cues = np.asarray([start, [1.0, 1.0]], np.float32)
    wanted = recall(network, weights, cues, key=KEY, num_iter=k).states
    conditions, load = Conditions(), load_of(network, weights, 2)
    pieces = settle_in_pieces(
        network, weights, None, cues, KEY, conditions, k, room_for(k), load, lambda progress: None
    )
    np.testing.assert_array_equal(np.asarray(pieces.states)[:2], wanted)
    stacked = jax.tree.map(lambda leaf: jnp.asarray([leaf]), (network, weights))
    run = {"keys": KEY[None], "num_iter": k, "threshold": 0.0}
    np.testing.assert_array_equal(recall_members(*stacked, cues[None], **run)[0].states, wanted)


class OwnUpdate(AmariHopfieldNetwork):
    """A network whose update is written by its user."""

    def update(self, prev_energy=None):
        self.s.value = jnp.sign(self.W.value @ self.s.value)


@pytest.mark.parametrize("kind", [AmariHopfieldNetwork, OwnUpdate])
@pytest.mark.parametrize("k", [1, 2, 3, 4, 5])
def test_models_end_in_the_state_of_update_k(kind, k):
    net = kind(2)
    net.W.value = SWAP
    wanted = [1.0, -1.0] if k % 2 == 0 else [-1.0, 1.0]
    assert net.predict([1.0, -1.0], k).tolist() == wanted
    assert net.recall([[1.0, -1.0]], num_iter=k).states.tolist() == [wanted]
    assert np.asarray(net.s).tolist() == wanted
