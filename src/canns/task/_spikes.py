"""Spike trains on a grid of time steps."""

import numpy as np

from canns._names import renamed
from canns._validation import check_array, check_real, check_size, float_dtype
from canns.errors import ValidationError
from canns.task._codes import check_intensities, one_spike_each
from canns.task._random import Seed, generator
from canns.task._types import ArrayLike, FloatArray

__all__ = ["latency_spikes", "poisson_spikes", "sequence_spikes"]


@renamed(key="seed")
def poisson_spikes(
    rates: ArrayLike, num_steps: int, *, dt: float = 1.0, seed: Seed = None
) -> FloatArray:
    """Draw independent Poisson spike trains, at most one spike a step.

    A neuron of rate r spikes in a step with probability ``p = 1 - exp(-r * dt / 1000)``, the
    probability that a Poisson process has at least one event in that time, independently of all
    other steps. The mean count over T steps is ``T * p`` and its Fano factor is ``1 - p``; so
    for a rate near 1000 / dt the train is more regular, and slower, than the Poisson process.

    Args:
        rates: Firing rates in Hz, at least 0: a scalar for one neuron, or of shape (N,).
        num_steps: Number of time steps T.
        dt: Length of a step in ms.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Spikes of shape (T, N), entries 0 or 1; N is 1 for a scalar rate.

    Raises:
        ValidationError: A rate is negative, ``rates`` has another rank, ``num_steps`` is not a
            positive integer, or ``dt`` is not positive.

    Example:
        >>> spikes = poisson_spikes([0.0, 20.0], 10_000, seed=0)
        >>> spikes.shape, float(spikes[:, 0].sum())
        ((10000, 2), 0.0)

    References:
        Dayan & Abbott (2001), Theoretical Neuroscience, MIT Press, section 1.4.
    """
    rate = _check_rates(rates)
    steps = check_size("num_steps", num_steps)
    duration = check_real("dt", dt, low=0, open_low=True)
    probability = -np.expm1(-rate.astype(np.float64) * (duration / 1000.0))
    spikes = generator(seed).random((steps, len(rate))) < probability
    return spikes.astype(float_dtype())


def latency_spikes(
    intensities: ArrayLike, num_steps: int, *, latest: int | None = None
) -> FloatArray:
    """Code each intensity by the time of one spike: the stronger, the earlier.

    A neuron of intensity x > 0 spikes once, in step ``round((1 - x) * latest)`` (halves to
    even): x = 1 in step 0, x → 0 in step ``latest``. A neuron of intensity 0 never spikes.

    Args:
        intensities: Intensities in [0, 1], of shape (N,).
        num_steps: Number of time steps T.
        latest: Step of the weakest spike, from 0 to T − 1; None means T − 1.

    Returns:
        Spikes of shape (T, N), entries 0 or 1, at most one in each column.

    Raises:
        ValidationError: An intensity is outside [0, 1], ``num_steps`` is not a positive integer,
            or ``latest`` is not a step of the train.

    Example:
        >>> latency_spikes([1.0, 0.5, 0.0], 5).argmax(axis=0).tolist()
        [0, 2, 0]
        >>> latency_spikes([1.0, 0.5, 0.0], 5).sum(axis=0).tolist()
        [1.0, 1.0, 0.0]

    References:
        Thorpe, Delorme & Van Rullen (2001), Neural Networks 14:715–725.
    """
    strength = check_intensities(intensities)
    steps = check_size("num_steps", num_steps)
    last = steps - 1 if latest is None else check_size("latest", latest, low=0)
    if last >= steps:
        raise ValidationError(
            "latest", f"at most num_steps - 1 = {steps - 1}", str(last), "Raise num_steps."
        )
    spikes = one_spike_each(np.rint((1.0 - strength) * last).astype(np.int64), steps)
    return np.where(strength > 0, spikes, np.zeros_like(spikes))


@renamed(key="seed")
def sequence_spikes(
    num_neurons: int, num_steps: int, *, jitter: float = 0.0, seed: Seed = None
) -> FloatArray:
    """Let the neurons fire one after the other, once each, evenly spread over the run.

    Neuron i spikes in step ``floor(i * T / N)``. With jitter, an independent normal deviate of
    standard deviation ``jitter`` is rounded to whole steps and added; times outside the run are
    moved to its first or last step.

    Args:
        num_neurons: Number of neurons N.
        num_steps: Number of time steps T, at least N, so that the order is visible.
        jitter: Standard deviation of the spike times in steps, at least 0.
        seed: Integer or NumPy Generator; None draws from ``brainstate.random``.

    Returns:
        Spikes of shape (T, N), entries 0 or 1, exactly one in each column.

    Raises:
        ValidationError: A count is not a positive integer, T < N, or ``jitter`` is negative.

    Example:
        >>> sequence_spikes(3, 6).argmax(axis=0).tolist()
        [0, 2, 4]
    """
    neurons = check_size("num_neurons", num_neurons)
    steps = check_size("num_steps", num_steps)
    spread = check_real("jitter", jitter, low=0)
    if steps < neurons:
        raise ValidationError(
            "num_steps",
            f"at least num_neurons = {neurons}",
            str(steps),
            "Raise num_steps: with fewer, neighbours in the sequence would fire together.",
        )
    moved = np.rint(spread * generator(seed).standard_normal(neurons))
    times = np.clip(np.arange(neurons) * steps // neurons + moved, 0, steps - 1)
    return one_spike_each(times.astype(np.int64), steps)


def _check_rates(rates: ArrayLike) -> FloatArray:
    values = check_array("rates", rates)
    if values.ndim > 1:
        raise ValidationError("rates", "a scalar or of shape (N,)", f"shape {values.shape}")
    if (values < 0).any():
        raise ValidationError("rates", "at least 0 Hz", f"{values.min():g}")
    return np.atleast_1d(values)
