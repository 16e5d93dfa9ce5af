"""The partition function of restricted Boltzmann machines: exact, or by annealing."""

from typing import NamedTuple

import jax
import jax.numpy as jnp

from canns._describe import shown
from canns._pieces import pieces, wait
from canns._precision import full_precision
from canns.energy.machines.exact import all_states
from canns.energy.networks.restricted import RestrictedBoltzmann, RestrictedWeights, drawn
from canns.typing import AnyArray, Array

__all__ = ["LogPartition", "annealed_log_partition", "exact_log_partition"]

_BLOCK = 12  # units whose states are summed at once


@shown
class LogPartition(NamedTuple):
    """The logarithm of a partition function.

    Args:
        value: ln Z in nats.
        standard_error: Its standard error; 0 if it is exact.
    """

    value: float
    standard_error: float


@jax.jit
@full_precision
def exact_log_partition(weights: RestrictedWeights) -> Array:
    """Return ln Z, summed over all states of the smaller layer; the other is summed in closed form.

    Args:
        weights: Weights of a machine with a layer of at most 20 units.
    """
    W, b, c = weights
    if len(c) > len(b):
        W, b, c = W.T, c, b
    block = min(len(c), _BLOCK)
    low, high = all_states(block, W.dtype), all_states(len(c) - block, W.dtype)

    def of_block(above: Array) -> Array:
        h = jnp.concatenate([jnp.broadcast_to(above, (len(low), len(above))), low], axis=1)
        return jax.nn.logsumexp(h @ c + jax.nn.softplus(h @ W + b).sum(axis=1))

    return jax.nn.logsumexp(jax.lax.map(of_block, high))


class _Annealed(NamedTuple):
    """Where an annealing is: hidden units, (runs, hidden), and the logarithms of the weights."""

    h: Array
    log_weight: Array


def annealed_log_partition(
    network: RestrictedBoltzmann,
    weights: RestrictedWeights,
    base: Array | AnyArray,
    key: Array,
    num_runs: int,
    num_steps: int,
) -> LogPartition:
    r"""Return an estimate of ln Z by annealed importance sampling, and its standard error.

    .. math:: \frac{Z}{Z_0} = \Big\langle \prod_k
        \frac{p^*_{k+1}(v_k)}{p^*_k(v_k)} \Big\rangle

    Chains start in a machine without connections, and go through machines whose connections and
    biases grow evenly to those asked for.

    Args:
        network: The machine.
        weights: Its weights.
        base: Visible biases of the machine at the start, (visible,).
        key: Random key.
        num_runs: Number of chains.
        num_steps: Number of machines on the way.

    Source: Salakhutdinov & Murray (2008), ICML; Neal (2001), Stat. Comput. 11:125.
    """
    first, rest = jax.random.split(key)
    base = jnp.asarray(base, weights.b.dtype)
    at_random = jnp.full((num_runs, network.num_hidden), 0.5, weights.b.dtype)
    state = _Annealed(drawn(first, at_random), jnp.zeros(num_runs, weights.b.dtype))
    for start, end in pieces(num_steps, 8):
        state = _anneal(network, weights, base, rest, state, num_steps, start, end)
        wait(state.log_weight)
    log_weight = state.log_weight
    known = network.num_hidden * jnp.log(2.0) + jax.nn.softplus(base).sum()
    top = log_weight.max()
    shares = jnp.exp(log_weight - top)
    mean = shares.mean()
    error = shares.std(ddof=1) / (mean * num_runs**0.5)
    return LogPartition(float(known + top + jnp.log(mean)), float(error))


@jax.jit
def _anneal(
    network: RestrictedBoltzmann,
    weights: RestrictedWeights,
    base: Array,
    key: Array,
    state: _Annealed,
    num_steps: int | Array,
    start: int | Array,
    end: int | Array,
) -> _Annealed:
    """Return the chains after the steps from ``start`` to ``end``."""

    def machine(beta: Array) -> RestrictedWeights:
        W, b, c = weights
        return RestrictedWeights(beta * W, (1 - beta) * base + beta * b, beta * c)

    def step(k: Array, state: _Annealed) -> _Annealed:
        before, after = (machine((k + j) / num_steps) for j in (0, 1))
        of_visible, of_hidden = jax.random.split(jax.random.fold_in(key, k))
        v = drawn(of_visible, network.visible(before, state.h))
        gain = network.free_energy(before, v) - network.free_energy(after, v)
        h = drawn(of_hidden, network.hidden(after, v))
        return _Annealed(h, state.log_weight + gain)

    done: _Annealed = jax.lax.fori_loop(start, end, step, state)
    return done
