"""What the inputs say of a rule with a sliding threshold: its bound, and a good rate."""

import math

import numpy as np

from canns._warnings import warn
from canns.plasticity.rule import refuse_rate
from canns.plasticity.rules.principal import spectrum
from canns.typing import AnyArray

__all__ = ["check_selection", "largest_selective_rate", "pattern_rates", "selective_rate"]

_SHARE = 0.25  # of the bound, at which responses settle without overshooting much
_FAR = 4.0  # inputs without repetition: times the bound along the largest variance


def pattern_rates(inputs: AnyArray, slowness: float) -> tuple[float, float]:
    r"""Return the bounds for the shortest and the longest pattern x that is not zero.

    The response to it is stable if and only if :math:`\eta s |x|^2 < 1`, with s the slowness.

    Example:
        >>> pattern_rates(np.array([[1.0, 0.0], [0.0, 2.0]]), 5.0)
        (0.2, 0.05)
    """
    squares = np.einsum("ij,ij->i", inputs, inputs)
    squares = squares[squares > 0]
    if not squares.size:
        return math.inf, math.inf
    shortest, longest = float(squares.min()), float(squares.max())
    return 1 / (slowness * shortest), 1 / (slowness * longest)


def largest_selective_rate(inputs: AnyArray, slowness: float, scale: float) -> float:
    """Return the rate above which the responses cannot be stable.

    For a few patterns that are shown again and again this is the bound for the shortest. Of inputs
    without repetition, a neuron averages many; there the rate is excluded at which one sample
    overwrites the weights, ``eta y0 E|x|^2 = 1``.

    Args:
        inputs: The samples, (T, in).
        slowness: s.
        scale: y0, the response to a single pattern.
    """
    if _repeats(inputs):
        return pattern_rates(inputs, slowness)[0]
    flat = inputs.ravel()
    power = float(flat @ flat) / len(inputs)
    return 1 / (scale * power) if power > 0 else math.inf


def selective_rate(inputs: AnyArray, slowness: float) -> float:
    """Return a quarter of the bound for the longest sample, at which any response is stable.

    A neuron of weights w that answers to many samples is stable for ``eta s theta^2/|w|^2 < 1``
    (see :func:`_mean_rate`), and its threshold ``theta = E y^3/E y^2`` is at most ``|w| max|x|``.
    """
    return _SHARE * min(pattern_rates(inputs, slowness))


def check_selection(
    name: str, learning_rate: float, inputs: AnyArray, slowness: float, scale: float
) -> None:
    """Raise if no response can be stable at this rate; warn if some of them cannot."""
    remedy = (
        f"Take one such as {selective_rate(inputs, slowness):.2g}, which "
        'learning_rate="auto" of a trainer finds, or a faster threshold.'
    )
    bound = largest_selective_rate(inputs, slowness, scale)
    refuse_rate(name, learning_rate, bound, remedy)
    steady = swings = min(pattern_rates(inputs, slowness))
    if not _repeats(inputs):
        steady = _mean_rate(inputs, slowness)
        swings = _FAR * steady
    if learning_rate >= swings:
        warn(
            f"A learning_rate of {learning_rate:g} is large for {name} at these data: all "
            f"responses settle below {steady:.3g}, and may swing above it.",
            remedy,
        )


def _repeats(inputs: AnyArray) -> bool:
    """Whether the samples are few patterns, at most as many as they have entries."""
    width = inputs.shape[1]
    return bool(len(np.unique(inputs[: 2 * width + 2], axis=0)) <= width)


def _mean_rate(inputs: AnyArray, slowness: float) -> float:
    """Return the rate at which a neuron that follows the largest variance begins to swing.

    Let the weights keep the direction w of the fixed point, where the threshold is theta, and
    change by the factor a. Then ``da/dt = eta v (theta a^2 - t a)`` and ``tau dt/dt = theta a^2 -
    t``, with v the variance along w and t the threshold: a Hopf bifurcation at ``eta v theta tau =
    1``. Theta is at least 1, because ``E y^2 = theta`` and ``E y^3 = theta^2``.
    """
    largest = float(spectrum(inputs)[0])
    return 1 / (slowness * largest) if largest > 0 else math.inf
