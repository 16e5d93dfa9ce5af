"""Delays: which spikes arrive in a step, and sums that wait for the step in which they arrive.

Synapses that learn must see each spike as it arrives. Fixed ones need not: a spike is visited once,
whatever the number of delays, and each synapse adds to the sum of the step in which it arrives.
"""

import jax
import jax.numpy as jnp

from canns._kernel import barrier
from canns.dynamics import Synapses, active, each_active
from canns.typing import Array

__all__ = ["arrived", "delayed", "put_off"]


def delayed(recent: Array, step: Array, delays: tuple[int, ...]) -> Array:
    """Return the spikes of the source that arrive in a step, once for each delay, (K size,).

    Args:
        recent: The last spikes of the source, (longest delay + 1, size).
        step: Number of the step.
        delays: In steps.
    """
    parts = [
        jax.lax.dynamic_index_in_dim(recent, (step - 1 - d) % len(recent), 0, keepdims=False)
        for d in delays
    ]
    # Without the barrier XLA would put the parts together anew for each use of them.
    return parts[0] if len(parts) == 1 else barrier(jnp.concatenate(parts))


def put_off(synapses: Synapses, lags: Array, pending: Array, x: Array, step: Array) -> Array:
    """Return the sums that wait, with what the spikes ``x`` of the last step add to each.

    Args:
        synapses: Synapses of fixed strengths, (out, in).
        lags: The delay of each in steps, in the layout of their values.
        pending: The sums, (longest delay + 1, out).
        x: The spikes, (in,).
        step: Number of the step, the first in which they may arrive.
    """
    depth, out = pending.shape
    # The row of the last step is done with. It is blanked now, and not when it is read, because XLA
    # then need not copy all rows.
    blank, flat = jnp.zeros(out, pending.dtype), pending.reshape(-1)
    flat = jax.lax.dynamic_update_slice(flat, blank, ((step - 1) % depth * out,))

    def add(j: Array, flat: Array) -> Array:
        fan = synapses.fan_out((synapses.values, lags), j)
        values, late = fan.blocks
        others = jnp.arange(out) if isinstance(fan.others, slice) else fan.others
        at = jnp.where(fan.valid, (step + late) % depth * out + others, depth * out)
        return flat.at[at].add(x[j] * values, mode="drop")

    summed: Array = each_active(active(x), add, flat)
    return summed.reshape(depth, out)


def arrived(pending: Array, step: Array) -> Array:
    """Return the sums of a step, (out,)."""
    found: Array = jax.lax.dynamic_index_in_dim(pending, step % len(pending), 0, keepdims=False)
    return found
