"""The encoder problem of Ackley, Hinton & Sejnowski: a code for four patterns in two hidden units.

Two groups of four visible units see each other only through two hidden units. In each pattern one
unit of each group is on, the same in both. The machine must find a code of its own, with which the
first group can tell the second which unit to switch on.

The noise of the patterns, the cooling, the steps and the start from zero are those of the paper, in
units of its last temperature. Every machine of the paper found its codes by cycle 1810; of ours
about one in twenty does not.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns.energy import Boltzmann, BoltzmannLearning, BoltzmannState, BoltzmannWeights
from canns.energy.machines import all_states
from canns.typing import AnyArray, Array, PyTree

__all__ = ["CYCLES", "Encoders", "encoders"]

_SIDE, _HIDDEN = 4, 2
_TURNED_OFF, _TURNED_ON = 0.15, 0.05  # how often noise changes a unit of a pattern
_BLOCK, _BLOCKS = 100, 6
CYCLES = _BLOCK * _BLOCKS
_COOLING = np.array([20.0, 20.0, 15.0, 15.0, 12.0, 12.0, 10.0, 10.0, 10.0, 10.0]) / 10


class Encoders(NamedTuple):
    """What became of some machines, which each learnt for :data:`CYCLES` cycles.

    Args:
        found: The first cycle after which the four patterns had codes of their own, (machines,);
            infinite for none.
        example: Weights of the first machine when it had found its codes, (N, N).
    """

    found: AnyArray
    example: AnyArray


def encoders(count: int, key: Array) -> Encoders:
    """Train machines by the paper's rule."""
    network, rule = (
        _network(),
        BoltzmannLearning(0.2, num_sweeps=10, annealing=jnp.asarray(_COOLING), signed=True),
    )
    size = network.num_units
    weights = BoltzmannWeights(jnp.zeros((count, size, size)), jnp.zeros((count, size)))
    parts = []
    for block in range(_BLOCKS):  # pieces that Ctrl-C can end
        keys = jax.random.split(jax.random.fold_in(key, block), count)
        weights, seen = _block(network, rule, weights, keys)
        parts.append(jax.tree.map(np.asarray, seen))
    codes, W = (np.concatenate(each, axis=1) for each in zip(*parts, strict=True))
    whole = codes == _SIDE
    first = np.where(whole.any(axis=1), whole.argmax(axis=1) + 1, np.inf)
    shown = int(np.isfinite(first).argmax())
    moment = CYCLES - 1 if np.isinf(first[shown]) else int(first[shown]) - 1
    return Encoders(first, W[shown, moment])


def _network() -> Boltzmann:
    size = 2 * _SIDE + _HIDDEN
    connected = np.ones((size, size), bool)
    connected[:_SIDE, _SIDE : 2 * _SIDE] = connected[_SIDE : 2 * _SIDE, :_SIDE] = False
    return Boltzmann(2 * _SIDE, _HIDDEN, connections=jnp.asarray(connected))


@jax.jit
def _block(
    network: Boltzmann, rule: BoltzmannLearning, weights: BoltzmannWeights, keys: Array
) -> tuple[BoltzmannWeights, PyTree]:
    """Return the weights of each machine after a block of cycles, and what was seen in each."""
    patterns = jnp.tile(jnp.eye(_SIDE), (2, 2))  # each pattern twice
    chance_on = jnp.where(patterns == 1, 1 - _TURNED_OFF, _TURNED_ON)

    def cycle(weights: BoltzmannWeights, key: Array) -> tuple[BoltzmannWeights, PyTree]:
        of_noise, of_rule = jax.random.split(key)
        x = jax.random.bernoulli(of_noise, chance_on).astype(weights.W.dtype)
        step = rule.step(network, (), weights, x, None, of_rule)
        weights = jax.tree.map(jnp.add, weights, step.change)
        return weights, (_num_codes(network, weights), weights.W)

    def machine(weights: BoltzmannWeights, key: Array) -> tuple[BoltzmannWeights, PyTree]:
        return jax.lax.scan(cycle, weights, jax.random.split(key, _BLOCK))

    done: tuple[BoltzmannWeights, PyTree] = jax.vmap(machine)(weights, keys)
    return done


def _num_codes(network: Boltzmann, weights: BoltzmannWeights) -> Array:
    """Return the number of different codes.

    The code of a pattern is the most probable state of the hidden units if the first group is
    clamped to it.
    """
    states = all_states(network.num_units, weights.W.dtype)
    chance = jax.nn.softmax(-network.energy(weights, BoltzmannState(states)))
    fits = (states[:, None, :_SIDE] == jnp.eye(_SIDE)).all(axis=-1)
    # The hidden units change fastest in the list of states.
    of_code = (fits * chance[:, None]).reshape(-1, 2**_HIDDEN, _SIDE).sum(axis=0)
    return 1 + (jnp.diff(jnp.sort(of_code.argmax(axis=0))) != 0).sum()
