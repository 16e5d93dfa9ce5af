"""The recurrent network of Vogels et al. (2011), whose inhibition learns, at its full size.

Neurons and synapses are those that the authors published: 8000 excitatory and 2000 inhibitory
neurons, of which a fiftieth of all pairs are connected. Inhibition learns faster than theirs, to be
at rest within seconds.
"""

from typing import NamedTuple

import numpy as np

from canns.dynamics import ConductanceLIF, Connections, SparseSynapses, Synapses
from canns.models.brain_inspired import NetworkRun, NetworkSpikes, SpikingNetwork
from canns.plasticity import VogelsSTDP
from canns.typing import AnyArray

__all__ = [
    "NUM_EXCITATORY",
    "SHARE",
    "STRENGTH",
    "Balanced",
    "balanced",
    "inhibited_network",
    "inhibition",
]

NUM_EXCITATORY = 8000
_INHIBITORY, SHARE = 2000, 0.02
# In units of the leak conductance.
STRENGTH = 0.03  # of excitatory synapses
_AMONG_INHIBITORY, _MOST, _RATE = 0.3, 10.0, 0.06
_DT, _SECONDS, _LAST = 0.5, 9, 4
_COUNTED = 500  # excitatory neurons of which pairs of spikes are counted
_NEURON = ConductanceLIF(
    tau_e=5.0,
    tau_i=10.0,
    E_L=-60.0,
    E_i=-80.0,
    V_th=-50.0,
    V_reset=-60.0,
    t_ref=5.0,
    drive=20.0,
    dt=_DT,
)


class Balanced(NamedTuple):
    """What became of a network.

    Args:
        rates: Mean rate of the excitatory neurons in Hz, in each second.
        settled: Their rate over the last seconds.
        explained: The rate at which pairs and lone spikes are in balance, given the correlations.
        cv: Mean coefficient of variation of their intervals.
        early: Spikes of the first half second.
        late: Spikes of the last half second.
    """

    rates: AnyArray
    settled: float
    explained: float
    cv: float
    early: NetworkSpikes
    late: NetworkSpikes


def inhibited_network(
    seed: int,
    start: float | Synapses,
    rule: VogelsSTDP | None,
    excitatory: tuple[Connections, AnyArray] | None = None,
) -> SpikingNetwork:
    """Return the network.

    Args:
        seed: Seed of its connections and of its potentials at first.
        start: Strengths of inhibition onto excitatory neurons, at first, or all of its synapses.
        rule: How these learn; None for strengths that stay.
        excitatory: Other synapses among excitatory neurons, and their strengths.
    """
    network = SpikingNetwork(seed=seed)
    for name, size in {"E": NUM_EXCITATORY, "I": _INHIBITORY}.items():
        network.add(name, _NEURON, size, potentials=(-60.0, -50.0))
    if excitatory is None:
        network.connect("E", "E", STRENGTH, probability=SHARE)
    else:
        network.connect("E", "E", excitatory[1], connections=excitatory[0])
    network.connect("E", "I", STRENGTH, probability=SHARE)
    network.connect("I", "I", _AMONG_INHIBITORY, probability=SHARE, kind="inhibitory")
    network.connect(
        "I",
        "E",
        start,
        probability=None if isinstance(start, Synapses) else SHARE,
        kind="inhibitory",
        rule=rule,
        bounds=None if rule is None else (0.0, _MOST),
    )
    return network


def inhibition(target: float, tau: float) -> VogelsSTDP:
    """Return the rule by which inhibition learns."""
    return VogelsSTDP(_RATE, target, tau, dt=_DT)


def balanced(target: float, tau: float, start: float, seed: int) -> Balanced:
    """Run a network until its inhibition is at rest.

    Args:
        target: Rate that the rule aims at, in Hz.
        tau: Time constant of its window in ms.
        start: Weights that learn, at first.
        seed: Seed of connections and of the potentials at first.
    """
    rule = inhibition(target, tau)
    network = inhibited_network(seed, start, rule)
    first = network.run(1000.0 * (_SECONDS - _LAST))
    last = network.run(1000.0 * _LAST)
    synapses = network.synapses("I", "E")
    assert isinstance(synapses, SparseSynapses), "a fiftieth of the pairs"
    rates = [run.population_rate("E", 1000.0)[1] for run in (first, last)]
    return Balanced(
        np.concatenate(rates),
        float(rates[1].mean()),
        _explained(*_counted(last, synapses), rule),
        float(np.nanmean(last.cv("E", fewest=5))),
        _within(first, 0.0, 500.0),
        _within(last, 1000.0 * _SECONDS - 500.0, 1000.0 * _SECONDS),
    )


def _within(run: NetworkRun, start: float, end: float) -> NetworkSpikes:
    times, neurons = run.spikes["E"]
    some = (times > start) & (times <= end)
    return NetworkSpikes(times[some], neurons[some])


def _counted(run: NetworkRun, synapses: SparseSynapses) -> tuple[AnyArray, AnyArray, AnyArray]:
    """Return the trains of the inhibitory and of some excitatory neurons, and who is connected."""
    pre, post, _ = synapses.pairs()
    learns = np.zeros((_COUNTED, _INHIBITORY), bool)
    learns[post[post < _COUNTED], pre[post < _COUNTED]] = True
    # An input acts, and is seen by the rule, a step after its spike.
    return np.roll(_trains(run, "I", _INHIBITORY), 1, axis=0), _trains(run, "E", _COUNTED), learns


def _trains(run: NetworkRun, name: str, size: int) -> AnyArray:
    """Return the spikes of the first neurons of a population, (steps, size), as 0 and 1."""
    times, neurons = run.spikes[name]
    steps = np.round((times - run.start) / _DT).astype(int) - 1
    trains = np.zeros((round(run.duration / _DT), size), np.float32)
    some = neurons < size
    trains[steps[some], neurons[some]] = 1
    return trains


def _explained(pre: AnyArray, post: AnyArray, learns: AnyArray, rule: VogelsSTDP) -> float:
    """Return the rate in Hz at which the synapses of these trains are in balance."""
    from scipy.signal import lfilter

    left = np.exp(-_DT / rule.tau)
    x, s = pre.astype(np.float32), post.astype(np.float32)
    before, after = (
        lfilter(np.ones(1, np.float32), np.array([1, -left], np.float32), train, axis=0)
        for train in (x, s)
    )
    # An input of the same step comes half a step before the spike.
    half = np.sqrt(left)
    pairs = (s.T @ before * half + (after - s).T @ x / half) / len(s)
    window = 1 / np.sinh(0.5 * _DT / rule.tau)
    missing = window * np.outer(s.mean(axis=0), x.mean(axis=0)) - pairs
    alone = np.broadcast_to(x.mean(axis=0), missing.shape)
    held = (rule.alpha + missing[learns].mean() / alone[learns].mean()) / window
    return float(1000.0 / _DT * held)
