"""Inputs of a circuit: populations that spike at random, or as given trains say."""

from abc import abstractmethod
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import float_dtype
from canns.errors import ValidationError
from canns.typing import AnyArray, Array, Parameters, param, pytree

__all__ = ["Inputs", "PoissonInputs", "ReplayedInputs", "VaryingInputs"]


class Inputs(Parameters):
    """A population that no spikes reach."""

    @abstractmethod
    def spikes(self, key: Array, step: Array, size: int, dt: float) -> Array:
        """Return the spikes of a step, (size,), 0 or 1.

        Args:
            key: A JAX key of this step.
            step: Number of the step.
            size: Number of inputs.
            dt: Length of a step in ms.
        """

    @abstractmethod
    def check(self, dt: float) -> None:
        """Raise if the inputs do not fit steps of ``dt`` ms."""

    def from_step(self, step: int) -> "Inputs":
        """Return the same inputs, whose time begins at this step."""
        return self


@pytree
class PoissonInputs(Inputs):
    r"""Inputs that spike at random, independently in each step.

    .. math:: P(s = 1) = r\, dt

    Args:
        rate: r in Hz, one number for all inputs or one for each, (n,).

    Example:
        >>> PoissonInputs(20.0).chance(0.1)
        0.002
    """

    rate: float | Array

    def check(self, dt: float) -> None:
        """Raise if a rate is negative, or above one spike a step."""
        _check_rates(np.asarray(self.rate, float), dt)

    def chance(self, dt: float | Array) -> float | Array:
        """Return the probability of a spike in a step of ``dt`` ms."""
        return self.rate * dt / 1000.0

    def spikes(self, key: Array, step: Array, size: int, dt: float) -> Array:
        """Return the spikes of a step, (size,), 0 or 1."""
        return _drawn(key, self.chance(dt), size)


@pytree
class VaryingInputs(Inputs):
    r"""Inputs that spike at random, at rates that vary over time; at their end, the last ones stay.

    .. math:: P(s(t) = 1) = r_{\lfloor t / T \rfloor}\, dt

    Args:
        rates: r in Hz, (times, n), or (times, 1) for all inputs.
        every: T, how long each row holds, in ms, a multiple of dt.
        start: The step in which the first row begins.

    Example:
        >>> inputs = VaryingInputs(jnp.array([[0.0], [1000.0]]), every=2.0, start=jnp.int32(0))
        >>> key = jax.random.key(0)
        >>> [inputs.spikes(key, jnp.int32(t), 1, dt=1.0).tolist() for t in range(4)]
        [[0.0], [0.0], [1.0], [1.0]]
    """

    rates: Array
    every: float = param(low=0, open_low=True)
    start: Array = param()

    def check(self, dt: float) -> None:
        """Raise if a rate is negative or above one spike a step, or a row holds for part of one."""
        _check_rates(np.asarray(self.rates, float), dt)
        steps = self.every / dt
        if round(steps) < 1 or abs(steps - round(steps)) > 1e-6 * steps:
            expected = f"a multiple of the time step, {dt:g} ms"
            raise ValidationError("rate_dt", expected, f"{self.every:g}")

    def spikes(self, key: Array, step: Array, size: int, dt: float) -> Array:
        """Return the spikes of a step, (size,), 0 or 1."""
        each = jnp.rint(self.every / dt).astype(jnp.int32)
        row = jnp.clip((step - self.start) // each, 0, len(self.rates) - 1)
        rates = jax.lax.dynamic_index_in_dim(self.rates, row, 0, keepdims=False)
        return _drawn(key, rates * dt / 1000.0, size)

    def from_step(self, step: int) -> "VaryingInputs":
        """Return the same inputs, whose time begins at this step."""
        return replace(self, start=jnp.int32(step))


@pytree
class ReplayedInputs(Inputs):
    """Inputs that spike as given; after the end, they are silent.

    Args:
        first: Where the spikes of each step begin in ``trains``, (steps + 1,).
        trains: The input of each spike, step by step, (spikes,); there may be unused ones behind.
        dt: Length of a step in ms.
        start: The step in which the first one begins.

    Example:
        >>> inputs = ReplayedInputs(jnp.array([0, 1, 1]), jnp.array([2]), 1.0, jnp.int32(0))
        >>> key = jax.random.key(0)
        >>> [inputs.spikes(key, jnp.int32(t), 3, dt=1.0).tolist() for t in range(2)]
        [[0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]
    """

    first: Array
    trains: Array
    dt: float = param(low=0, open_low=True)
    start: Array = param()

    def check(self, dt: float) -> None:
        """Raise if the trains have another time step."""
        if not np.isclose(self.dt, dt, rtol=1e-6, atol=0):
            expected = f"of the network's time step, {dt:g} ms"
            remedy = f"Make them by SpikeTrains(..., dt={dt:g})."
            raise ValidationError("trains", expected, f"{self.dt:g} ms", remedy)

    def spikes(self, key: Array, step: Array, size: int, dt: float) -> Array:
        """Return the spikes of a step, (size,), 0 or 1."""
        # Before the first step and behind the last one, both ends are the same.
        at, last = step - self.start, len(self.first) - 1
        begin, end = (self.first[jnp.clip(k, 0, last)] for k in (at, at + 1))

        def put(k: Array, spikes: Array) -> Array:
            return spikes.at[self.trains[k]].set(1)

        silent = jnp.zeros(size, float_dtype())
        shown: Array = jax.lax.fori_loop(begin, jnp.where(at < 0, begin, end), put, silent)
        return shown

    def from_step(self, step: int) -> "ReplayedInputs":
        """Return the same inputs, whose time begins at this step."""
        return replace(self, start=jnp.int32(step))


def _drawn(key: Array, chance: float | Array, size: int) -> Array:
    drawn = jax.random.uniform(key, (size,), float_dtype())
    return (drawn < chance).astype(drawn.dtype)


def _check_rates(rates: AnyArray, dt: float) -> None:
    if not (np.isfinite(rates).all() and rates.min() >= 0):
        raise ValidationError("rate", "finite and at least 0 Hz", f"{rates.min():g}")
    if rates.max() * dt > 1000:
        expected = f"at most {1000 / dt:g} Hz, one spike in each step of {dt:g} ms"
        remedy = "Take a smaller dt, or more inputs; add_background counts several in a step."
        raise ValidationError("rate", expected, f"{rates.max():g} Hz", remedy)
