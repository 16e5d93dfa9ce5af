"""Runs of a pure neuron, and an independent integration of its equation."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.integrate import solve_ivp

from canns._validation import float_dtype


@jax.jit
def _scan(neuron, weights, state, inputs):
    def body(state, x):
        state, activity = neuron.step(state, weights, x)
        return state, (activity.post, activity.potential, state)

    return jax.lax.scan(body, state, inputs)


def simulate(neuron, weights, inputs, state=None):
    """Return spikes, potentials and states of each step, and the state at the end."""
    dtype = float_dtype()
    weights = np.asarray(weights) if isinstance(weights, list) else weights
    weights = jax.tree.map(lambda part: jnp.asarray(part, dtype), weights)
    state = neuron.init(weights) if state is None else state
    end, (post, potential, states) = _scan(neuron, weights, state, jnp.asarray(inputs, dtype))
    return np.asarray(post), np.asarray(potential), states, end


def silence(num_steps, size=1):
    """Return inputs without a spike."""
    return np.zeros((num_steps, size))


def one_spike(num_steps, size=1):
    """Return inputs with a spike of each in the first step."""
    inputs = silence(num_steps, size)
    inputs[0] = 1
    return inputs


def integrate(slope, start, times, crosses=None):
    """Return the solution at ``times``, and when ``crosses`` first rises through zero."""
    options = {"rtol": 1e-11, "atol": 1e-11, "method": "LSODA"}
    if crosses is not None:
        crosses.terminal, crosses.direction = True, 1
        options["events"] = crosses
    found = solve_ivp(slope, (0, times[-1]), start, t_eval=times, **options)
    first = found.t_events[0][0] if crosses is not None and len(found.t_events[0]) else None
    return found.y, first
