"""Small functions for learning rules of the user's own."""

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from canns._explain import explained
from canns._names import renamed
from canns._validation import check_real, check_size
from canns.plasticity import UnitRows
from canns.typing import Array

__all__ = [
    "compute_running_average",
    "initialize_spike_buffer",
    "normalize_weight_rows",
    "stdp_kernel",
    "stdp_kernel_vec",
    "update_spike_buffer",
]


@explained
def compute_running_average(avg: ArrayLike, new: ArrayLike, tau: float) -> Array:
    r"""Return :math:`a + (x - a)/\tau`.

    Args:
        avg: The average so far, a.
        new: The new value, x.
        tau: Time constant in steps, at least 1.

    Raises:
        ValidationError: If tau is out of range.

    Example:
        >>> float(compute_running_average(1.0, 3.0, 4.0))
        1.5
    """
    tau = check_real("tau", tau, low=1)
    return jnp.asarray(avg) + (jnp.asarray(new) - jnp.asarray(avg)) / tau


@explained
@renamed(W="weights")
def normalize_weight_rows(weights: ArrayLike) -> Array:
    """Return the weights with rows of unit norm; a row with a norm below 1e-10 stays as it is.

    Args:
        weights: (out, in).

    Example:
        >>> normalize_weight_rows([[0.0, 2.0], [0.0, 0.0]]).tolist()
        [[0.0, 1.0], [0.0, 0.0]]
    """
    return UnitRows()(jnp.asarray(weights, float))


@renamed(n="num_neurons", size="buffer_size")
def initialize_spike_buffer(num_neurons: int, buffer_size: int) -> Array:
    """Return a buffer for the last spike times of each neuron, filled with -inf.

    Args:
        num_neurons: The number of neurons N.
        buffer_size: Number of spikes to remember for each neuron.

    Returns:
        (N, buffer_size).

    Example:
        >>> initialize_spike_buffer(1, 2).tolist()
        [[-inf, -inf]]
    """
    shape = check_size("num_neurons", num_neurons), check_size("buffer_size", buffer_size)
    return jnp.full(shape, -jnp.inf)


@explained
@renamed(buf="buffer", i="neuron", t="time")
def update_spike_buffer(buffer: ArrayLike, neuron: int | Array, time: ArrayLike) -> Array:
    """Return the buffer with a new spike in place of the neuron's oldest.

    Args:
        buffer: (N, buffer_size), oldest first.
        neuron: Index of the neuron that fired.
        time: Time of the spike.

    Raises:
        ValidationError: If there is no such neuron.

    Example:
        >>> update_spike_buffer(initialize_spike_buffer(1, 2), 0, 5.0).tolist()
        [[-inf, 5.0]]
    """
    times = jnp.asarray(buffer)
    if not isinstance(neuron, jax.core.Tracer):
        check_size("neuron", neuron, low=0, high=len(times) - 1)
    return times.at[neuron].set(jnp.append(times[neuron, 1:], time))


def stdp_kernel(dt: float, tau_plus: float = 20.0, tau_minus: float = 20.0) -> float:
    r"""Return the STDP window at one lag.

    .. math::
        K(\Delta t) = e^{-\Delta t/\tau_+} \text{ for } \Delta t > 0, \quad
        -e^{\Delta t/\tau_-} \text{ for } \Delta t < 0, \quad K(0) = 0

    Args:
        dt: Postsynaptic minus presynaptic spike time, in the unit of the time constants.
        tau_plus: Time constant of potentiation.
        tau_minus: Time constant of depression.

    Raises:
        ValidationError: If an argument is not finite, or a time constant not positive.

    Example:
        >>> stdp_kernel(0.0), round(stdp_kernel(20.0), 6), round(stdp_kernel(-20.0), 6)
        (0.0, 0.367879, -0.367879)
    """
    lag = check_real("dt", dt)
    plus = check_real("tau_plus", tau_plus, low=0, open_low=True)
    minus = check_real("tau_minus", tau_minus, low=0, open_low=True)
    return float(stdp_kernel_vec(lag, plus, minus))


@explained
@jax.jit
def stdp_kernel_vec(
    dt: ArrayLike, tau_plus: ArrayLike = 20.0, tau_minus: ArrayLike = 20.0
) -> Array:
    """Return :func:`stdp_kernel` of each lag; it works inside ``jax.jit``, so it checks nothing.

    Args:
        dt: Lags of any shape.
        tau_plus: Time constant of potentiation.
        tau_minus: Time constant of depression.

    Example:
        >>> stdp_kernel_vec(jnp.array([-1e9, 0.0, 1e9])).tolist()
        [-0.0, 0.0, 0.0]
    """
    lag = jnp.asarray(dt, float)
    tau = jnp.where(lag > 0, tau_plus, tau_minus)
    return jnp.sign(lag) * jnp.exp(-jnp.abs(lag) / tau)
