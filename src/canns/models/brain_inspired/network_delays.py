"""Pathways whose synapses have delays of their own: made, and read as the user declared them."""

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from canns._memory import check_memory
from canns._validation import check_array
from canns.dynamics import Connections, SparseSynapses, Synapses, steps_of_delays
from canns.errors import ValidationError
from canns.models.brain_inspired.network_arguments import check_pair
from canns.plasticity import Pathway
from canns.typing import AnyArray, Array, FloatArray, IntArray

__all__ = ["delays_of", "places_in", "read_delays", "read_steps", "synapses_in", "with_delays"]

_MOST = 2**31 - 1  # steps that are counted
_REMEDY = "Take shorter delays, or a larger dt."


def read_delays(
    delay: object, count: int, pairs: Connections | None, dt: float, key: Array
) -> AnyArray:
    """Return the delays of a pathway in steps: one number, or one for each synapse, (synapses,).

    Args:
        delay: As given to ``SpikingNetwork.connect``.
        count: Number of synapses.
        pairs: The pairs of neurons, in whose order delays are given; None for that of the synapses.
        dt: Length of a step in ms.
        key: From which delays are drawn.
    """
    if isinstance(delay, tuple) and len(delay) == 2:
        both = np.array(check_pair("delay", delay, low=0))
        low, high = read_steps("delay", both, dt)
        drawn: AnyArray = np.asarray(jax.random.randint(key, (count,), int(low), int(high) + 1))
        return drawn
    given = np.asarray(check_array("delay", delay), float)
    if given.ndim == 0:
        return read_steps("delay", given, dt)
    if given.shape != (count,):
        expected = f"a number, a pair (lowest, highest), or {count}, one for each synapse"
        remedy = "To give each its own, make connections= first, or a matrix."
        raise ValidationError("delay", expected, f"shape {given.shape}", remedy)
    steps = read_steps("delay", given, dt)
    return steps if pairs is None else steps[np.lexsort((pairs.post, pairs.pre))]


def read_steps(name: str, given: FloatArray, dt: float) -> IntArray:
    """Return times in steps, or raise if they are not whole, or more than can be counted."""
    if given.size and given.max() / dt >= _MOST:
        raise ValidationError(name, f"below {_MOST * dt:g} ms", f"{given.max():g}")
    try:
        return steps_of_delays(np.atleast_1d(given), dt).reshape(given.shape)
    except ValidationError as error:
        raise error.about(name) from None


def with_delays(pathway: Pathway, steps: AnyArray) -> Pathway:
    """Return a pathway with these delays, of all its synapses or of each."""
    shape = pathway.synapses.shape
    values = np.unique(steps)
    longest = int(values.max(initial=0))
    copies = len(values) if pathway.rule is not None else 1
    waiting = shape[1] if pathway.rule is not None or len(values) < 2 else shape[0]
    needed = 4 * (longest + 1) * waiting + 24 * copies * shape[1] * (copies > 1)
    check_memory("delay", needed, "what waits for the delays", _REMEDY)
    if len(values) < 2:
        return replace(pathway, delay=longest)
    synapses = _sparse(pathway.synapses)
    if pathway.rule is None:
        lags = np.zeros(synapses.values.size, np.int32)
        lags[np.asarray(synapses.order)] = steps
        laid = jnp.asarray(lags.reshape(synapses.values.shape))
        return replace(pathway, synapses=synapses, lags=laid, delay=longest)
    pre, post, weights = synapses.pairs()
    column = np.searchsorted(values, steps) * shape[1] + pre
    wide = SparseSynapses.from_pairs((shape[0], copies * shape[1]), column, post, weights)
    return replace(pathway, synapses=wide, delay=tuple(int(value) for value in values))


def _sparse(synapses: Synapses) -> SparseSynapses:
    if isinstance(synapses, SparseSynapses):
        return synapses
    post, pre = (ends.ravel() for ends in np.indices(synapses.shape))
    weights = np.asarray(synapses.to_matrix(synapses.values)).ravel()
    return SparseSynapses.from_pairs(synapses.shape, pre, post, weights)


def synapses_in(pathway: Pathway, values: Array | None) -> Synapses:
    """Return the synapses, (target, source), with their present strengths.

    Args:
        pathway: The pathway.
        values: The strengths in its layout; None for those at first.
    """
    found = pathway.synapses if values is None else pathway.synapses.with_values(values)
    if len(pathway.delays) == 1 or not isinstance(found, SparseSynapses):
        return found
    pre, post, weights = found.pairs()
    out, in_ = found.shape
    size = in_ // len(pathway.delays)
    return SparseSynapses.from_pairs((out, size), pre % size, post, weights)


def delays_of(pathway: Pathway) -> IntArray:
    """Return the delay of each synapse in steps, in the order of :func:`synapses_in`."""
    synapses = pathway.synapses
    if pathway.lags is not None:
        return np.asarray(synapses.listed(pathway.lags))
    if len(pathway.delays) == 1 or not isinstance(synapses, SparseSynapses):
        return np.full(synapses.count, pathway.longest)
    pre, _, _ = synapses.pairs()
    size = synapses.shape[1] // len(pathway.delays)
    return np.asarray(pathway.delays)[pre // size][_order(pathway, synapses)]


def places_in(pathway: Pathway) -> IntArray:
    """Return where each synapse is in the values of a pathway, in the same order."""
    synapses = pathway.synapses
    if not isinstance(synapses, SparseSynapses):
        return np.arange(synapses.count)
    return np.asarray(synapses.order)[_order(pathway, synapses)]


def _order(pathway: Pathway, synapses: SparseSynapses) -> IntArray:
    """Return the order of the synapses by their real sources."""
    pre, post, _ = synapses.pairs()
    return np.lexsort((post, pre % (synapses.shape[1] // len(pathway.delays))))
