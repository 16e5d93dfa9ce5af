"""Rates of integrate-and-fire neurons: of one in noise, and of a network that is its own noise."""

import numpy as np

from canns.analyzer.theory._scipy import integral, root, special
from canns.analyzer.theory._values import ArrayLike, Floats, Reals, counts, each, reals
from canns.errors import ValidationError

__all__ = ["brunel_rate", "lif_rate"]

_SILENT = 25.0  # potentials below the threshold, in units of the noise, at which e^(u^2) overflows
_GRID = 600  # rates at which the network's answer is compared with what it was given


def lif_rate(
    drive: ArrayLike,
    noise: ArrayLike,
    *,
    tau_m: ArrayLike = 20.0,
    V_th: ArrayLike = 20.0,
    V_reset: ArrayLike = 10.0,
    t_ref: ArrayLike = 2.0,
) -> Reals:
    r"""Return the rate of a leaky integrate-and-fire neuron that is driven by white noise.

    .. math::
        \frac{1}{\nu} = t_{ref} + \tau_m \sqrt\pi
        \int_{(V_{reset} - \mu)/\sigma}^{(V_{th} - \mu)/\sigma} e^{u^2} (1 + \mathrm{erf}\, u)\, du

    for :math:`\tau_m \dot v = -v + \mu + \sigma \sqrt{\tau_m}\, \xi(t)`. Poisson spikes of weight w
    (mV) at r per ms give :math:`\mu = w r \tau_m` and :math:`\sigma^2 = w^2 r \tau_m`, up to the
    size of w.

    Args:
        drive: The mean input mu in mV: the mean potential of a neuron that does not fire.
        noise: sigma in mV, at least 0; the potential of a neuron that does not fire varies with the
            standard deviation :math:`\sigma/\sqrt 2`.
        tau_m: Time constant of the membrane in ms.
        V_th: Potential in mV at which a neuron fires.
        V_reset: Potential in mV after a spike, below ``V_th``.
        t_ref: Refractory period in ms.

    Returns:
        The rate in Hz, of the broadcast shape.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> lif_rate([15.0, 20.0, 25.0], 5.0).round(2).tolist()
        [9.46, 27.34, 47.22]

    Source: Siegert (1951), Phys. Rev. 81:617; Brunel (2000), J. Comput. Neurosci. 8:183,
    equation 21.
    """
    numbers = reals("drive", drive), reals("noise", noise, low=0)
    return each(_rate, *numbers, *_neuron(tau_m, V_th, V_reset, t_ref))


def brunel_rate(
    g: ArrayLike,
    eta: ArrayLike,
    *,
    J: ArrayLike = 0.1,
    num_excitatory: ArrayLike = 1000,
    num_inhibitory: ArrayLike = 250,
    tau_m: ArrayLike = 20.0,
    V_th: ArrayLike = 20.0,
    V_reset: ArrayLike = 10.0,
    t_ref: ArrayLike = 2.0,
) -> Reals:
    r"""Return the stationary rate of a sparse network of excitatory and inhibitory neurons.

    .. math::
        \mu = \tau_m J \big(C_E (\nu_{ext} + \nu) - g C_I \nu\big), \qquad
        \sigma^2 = \tau_m J^2 \big(C_E (\nu_{ext} + \nu) + g^2 C_I \nu\big), \qquad
        \nu_{ext} = \eta \frac{V_{th}}{C_E J \tau_m}

    where :math:`\nu` is the :func:`lif_rate` of this mean and this noise. All neurons receive as
    many synapses, and the inputs of one are independent, as in a large and sparse network. The rate
    need not be stable. If there are several, it is the highest: with weak inhibition the neurons
    drive each other.

    Args:
        g: Strength of an inhibitory synapse over that of an excitatory one.
        eta: Rate of the outside input over that which brings the mean to the threshold by itself.
        J: Strength of an excitatory synapse in mV.
        num_excitatory: Excitatory synapses onto each neuron C_E, and as many from outside.
        num_inhibitory: Inhibitory synapses onto each neuron C_I.
        tau_m: Time constant of the membrane in ms.
        V_th: Potential in mV at which a neuron fires, above 0, the potential at rest.
        V_reset: Potential in mV after a spike, below ``V_th``.
        t_ref: Refractory period in ms, above 0, which bounds the rate.

    Returns:
        The rate in Hz, of the broadcast shape.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> brunel_rate([3.0, 6.0, 5.0, 4.5], [2.0, 4.0, 2.0, 0.9]).round(1).tolist()
        [327.0, 55.8, 37.9, 6.5]

    Source: Brunel (2000), J. Comput. Neurosci. 8:183, equations 5 and 22; the
    example is its figure 8.
    """
    own = (
        reals("g", g, low=0),
        reals("eta", eta, low=0),
        reals("J", J, low=0, open_low=True),
        counts("num_excitatory", num_excitatory),
        counts("num_inhibitory", num_inhibitory, low=0),
    )
    reals("V_th", V_th, low=0, open_low=True)
    reals("t_ref", t_ref, low=0, open_low=True)
    return each(_stationary, *own, *_neuron(tau_m, V_th, V_reset, t_ref))


def _neuron(
    tau_m: ArrayLike, V_th: ArrayLike, V_reset: ArrayLike, t_ref: ArrayLike
) -> list[Floats]:
    """Return the checked hyperparameters of a neuron."""
    taken = reals("V_th", V_th), reals("V_reset", V_reset)
    if np.any(np.subtract(*taken) <= 0):
        expected = f"below V_th = {np.min(taken[0]):g}"
        raise ValidationError("V_reset", expected, f"{np.max(taken[1]):g}")
    return [reals("tau_m", tau_m, low=0, open_low=True), *taken, reals("t_ref", t_ref, low=0)]


def _rate(
    drive: float, noise: float, tau_m: float, threshold: float, reset: float, t_ref: float
) -> float:
    """Return the rate in Hz."""
    if noise == 0:
        if drive <= threshold:
            return 0.0
        rising = np.log((drive - reset) / (drive - threshold))
        return float(1000.0 / (t_ref + tau_m * rising))
    low, high = (reset - drive) / noise, (threshold - drive) / noise
    if high > _SILENT:
        return 0.0
    # erfcx(-u) is e^(u^2) (1 + erf u), and does not overflow for low u.
    passage = integral(lambda u: special.erfcx(-u), low, high)
    return float(1000.0 / (t_ref + tau_m * np.sqrt(np.pi) * passage))


def _stationary(
    g: float,
    eta: float,
    J: float,
    excitatory: float,
    inhibitory: float,
    tau_m: float,
    threshold: float,
    reset: float,
    t_ref: float,
) -> float:
    """Return the highest rate in Hz that the network answers to itself."""
    outside = eta * threshold / (J * tau_m)  # spikes per ms from all synapses from outside

    def gained(rate: float) -> float:
        """Return how far the answer to a rate in Hz is above that rate."""
        excited, inhibited = outside + excitatory * rate / 1000, inhibitory * rate / 1000
        mean = tau_m * J * (excited - g * inhibited)
        variance = tau_m * J**2 * (excited + g**2 * inhibited)
        return _rate(mean, np.sqrt(variance), tau_m, threshold, reset, t_ref) - rate

    # From the highest rate down: the first one that the answer exceeds is below the highest zero.
    high = 1000.0 / t_ref
    for low in high * np.linspace(1, 0, _GRID)[1:] ** 2:
        if gained(low) > 0:
            return root(gained, float(low), float(high))
        high = low
    return 0.0
