"""Inputs of a spiking network, made of the arguments of its methods."""

import jax.numpy as jnp
import numpy as np

from canns._buckets import bucket
from canns._spike_trains import SpikeTrains
from canns._validation import check_array, check_real
from canns.errors import ValidationError
from canns.plasticity import PoissonInputs, ReplayedInputs, VaryingInputs
from canns.plasticity.circuits import Inputs
from canns.typing import AnyArray, Rows

__all__ = ["random_inputs", "replayed_inputs", "trains_of"]

_SHORTEST = 1e-9  # ms: with such steps no rate is too high; run() knows the real time step


def random_inputs(size: int, rate: object, rate_dt: float | None, start: int) -> Inputs:
    """Return inputs that spike at random.

    Args:
        size: Number of inputs.
        rate: As given to ``SpikingNetwork.add_inputs``, as the next one is.
        rate_dt: How long each row of rates holds, in ms.
        start: The step in which the first row begins.
    """
    rates = check_array("rate", rate)
    if rate_dt is None:
        if rates.shape not in ((), (size,)):
            expected = f"a number, or {size}, one for each input"
            remedy = "For rates that vary over time give rate_dt=, how long each row holds."
            raise ValidationError("rate", expected, f"shape {rates.shape}", remedy)
        inputs = PoissonInputs(float(rates) if rates.ndim == 0 else jnp.asarray(rates))
        inputs.check(_SHORTEST)
        return inputs
    every = check_real("rate_dt", rate_dt, low=0, open_low=True)
    if rates.ndim not in (1, 2) or rates.shape[1:] not in ((), (size,)):
        expected = f"of shape (times,) or (times, {size}) with rate_dt"
        raise ValidationError("rate", expected, f"shape {rates.shape}")
    rows = rates.reshape(len(rates), -1)
    # The last rates stay, so more copies of them change nothing, and few lengths are compiled.
    padded = _filled(rows, bucket(len(rows)))
    varying = VaryingInputs(jnp.asarray(padded), every, jnp.int32(start))
    VaryingInputs(varying.rates, _SHORTEST, varying.start).check(_SHORTEST)
    return varying


def trains_of(trains: Rows | SpikeTrains, dt: float) -> SpikeTrains:
    """Return trains as they are, or of an array of 0 and 1, (steps, inputs)."""
    return trains if isinstance(trains, SpikeTrains) else SpikeTrains.from_array(trains, dt=dt)


def replayed_inputs(trains: SpikeTrains, start: int) -> Inputs:
    """Return inputs that spike as the trains say, from the step ``start`` on."""
    times = trains.times
    which = np.repeat(np.arange(len(times)), [len(each) for each in times])
    steps = np.rint(np.concatenate(times) / trains.dt).astype(np.int64)
    order = np.argsort(steps, kind="stable")
    first = np.searchsorted(steps[order], np.arange(len(trains) + 1))
    # Steps behind the last one have no spikes, and spikes behind all steps are never read.
    return ReplayedInputs(
        jnp.asarray(_filled(first, bucket(len(first))), jnp.int32),
        jnp.asarray(_filled(which[order], bucket(len(which) + 1)), jnp.int32),
        trains.dt,
        jnp.int32(start),
    )


def _filled(rows: AnyArray, length: int) -> AnyArray:
    """Return rows with copies of the last one behind them, or zeros if there are none."""
    last = rows[-1:] if len(rows) else np.zeros((1, *rows.shape[1:]), rows.dtype)
    return np.concatenate([rows, np.repeat(last, length - len(rows), axis=0)])
