"""Readouts of spike trains: counts, rates, first spikes, ranks."""

import numpy as np

from canns._validation import check_matrix, check_real
from canns.errors import ValidationError
from canns.task._types import ArrayLike, FloatArray, IntArray

__all__ = [
    "check_spikes",
    "first_spikes",
    "first_to_spike",
    "rank_order_readout",
    "spike_counts",
    "spike_ranks",
    "spike_rates",
]


def spike_counts(spikes: ArrayLike) -> IntArray:
    """Count the spikes of each neuron.

    Args:
        spikes: Entries 0 or 1, of shape (T, N).

    Returns:
        Counts of shape (N,).

    Raises:
        ValidationError: An entry is neither 0 nor 1.

    Example:
        >>> spike_counts([[1, 0], [1, 0], [0, 0]]).tolist()
        [2, 0]
    """
    counts: IntArray = check_spikes(spikes).sum(axis=0)
    return counts


def spike_rates(spikes: ArrayLike, *, dt: float = 1.0) -> FloatArray:
    """Estimate the rate of each neuron from the share of steps with a spike.

    With n spikes in T steps the estimate is ``-1000 / dt * log(1 - n / T)`` Hz, the most likely
    rate of a train of :func:`~canns.task.poisson_spikes`; it is about n / (T dt) if spikes are
    rare. A neuron that spikes in every step has an infinite rate.

    Args:
        spikes: Entries 0 or 1, of shape (T, N).
        dt: Length of a step in ms.

    Returns:
        Rates in Hz, of shape (N,).

    Raises:
        ValidationError: An entry is neither 0 nor 1, or ``dt`` is not positive.

    Example:
        >>> spike_rates([[1, 0], [0, 0]]).round(1).tolist()
        [693.1, 0.0]
    """
    train = check_spikes(spikes)
    duration = check_real("dt", dt, low=0, open_low=True)
    with np.errstate(divide="ignore"):
        rates: FloatArray = -1000.0 / duration * np.log1p(-train.mean(axis=0))
    return rates + 0.0  # no negative zero


def first_spikes(spikes: ArrayLike) -> IntArray:
    """Return the step of each neuron's first spike, or T if it has none.

    Args:
        spikes: Entries 0 or 1, of shape (T, N).

    Returns:
        Steps from 0, of shape (N,).

    Raises:
        ValidationError: An entry is neither 0 nor 1.

    Example:
        >>> first_spikes([[0, 1, 0], [1, 1, 0]]).tolist()
        [1, 0, 2]
    """
    train = check_spikes(spikes)
    return np.where(train.any(axis=0), train.argmax(axis=0), len(train))


def first_to_spike(spikes: ArrayLike) -> tuple[int, int]:
    """Return the neuron that spikes first, and the step of that spike.

    If several neurons spike in the same step, the one of lowest index wins. Without any spike the
    winner is -1, at step T.

    Args:
        spikes: Entries 0 or 1, of shape (T, N).

    Returns:
        The winner and its latency.

    Raises:
        ValidationError: An entry is neither 0 nor 1.

    Example:
        >>> first_to_spike([[0, 0, 0], [0, 1, 1]]), first_to_spike([[0, 0]])
        ((1, 1), (-1, 1))
    """
    train = check_spikes(spikes)
    steps, num_steps = first_spikes(train), len(train)
    winner = int(steps.argmin())
    latency = int(steps[winner])
    return (-1 if latency == num_steps else winner), latency


def spike_ranks(spikes: ArrayLike) -> IntArray:
    """Return the rank of each neuron by its first spike: 0 for the first, -1 for a silent one.

    Neurons whose first spikes are in the same step share a rank, and no rank is left out.

    Args:
        spikes: Entries 0 or 1, of shape (T, N).

    Returns:
        Ranks of shape (N,).

    Raises:
        ValidationError: An entry is neither 0 nor 1.

    Example:
        >>> spike_ranks([[0, 1, 0, 0], [0, 0, 0, 0], [1, 1, 0, 1]]).tolist()
        [1, 0, -1, 1]
    """
    train = check_spikes(spikes)
    steps, num_steps = first_spikes(train), len(train)
    spiking = steps < num_steps
    return np.where(spiking, np.searchsorted(np.unique(steps[spiking]), steps), -1)


def rank_order_readout(
    spikes: ArrayLike, weights: ArrayLike, *, modulation: float = 0.9
) -> FloatArray:
    """Return the activation of neurons that each spike desensitizes.

    A neuron of weights w is activated by ``sum_j modulation ** rank_j * w_j`` over the neurons j
    that spike. For given weights it is largest if the inputs spike in the order of their weights.

    Args:
        spikes: Entries 0 or 1, of shape (T, N).
        weights: Weights of shape (M, N).
        modulation: Factor by which each rank reduces the sensitivity, in (0, 1).

    Returns:
        Activations of shape (M,).

    Raises:
        ValidationError: An entry is neither 0 nor 1, the shapes do not fit, or the modulation is
            out of range.

    Example:
        >>> rank_order_readout([[1, 0], [0, 1]], [[2.0, 1.0], [1.0, 2.0]], modulation=0.5).tolist()
        [2.5, 2.0]

    References:
        Thorpe & Gautrais (1998), in Computational Neuroscience: Trends in Research, 113–118.
    """
    ranks = spike_ranks(spikes)
    rows = check_matrix("weights", weights, len(ranks), remedy="Give a weight for each input.")
    kept = check_real("modulation", modulation, low=0, high=1, open_low=True, open_high=True)
    activation: FloatArray = rows @ np.where(ranks >= 0, kept ** ranks.clip(0), 0.0)
    return activation


def check_spikes(spikes: ArrayLike) -> IntArray:
    """Return trains, (T, N), if all entries are 0 or 1."""
    train = check_matrix("spikes", spikes, remedy="Give one step a row.")
    wrong = train[(train != 0) & (train != 1)]
    if wrong.size:
        raise ValidationError("spikes", "0 or 1", f"{wrong[0]:g}")
    return train.astype(np.int64)
