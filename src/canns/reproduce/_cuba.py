"""The benchmark network of simulators: integrate-and-fire neurons with exponential currents."""

from typing import NamedTuple

from canns.dynamics import DualCurrentLIF
from canns.models.brain_inspired import NetworkRun, SpikingNetwork
from canns.typing import AnyArray

__all__ = ["CUBA"]

_SIZES = {"E": 3200, "I": 800}
_SHARE, _EXCITATION, _INHIBITION = 0.02, 1.62, 9.0
_NETWORKS, _DURATION, _SETTLING, _FEWEST = 4, 3000.0, 500.0, 5


class _Seen(NamedTuple):
    """Rates in Hz and irregularity, of each population in each network."""

    rates: AnyArray
    cv: AnyArray


def _run(seed: int) -> NetworkRun:
    """Run one network, with new connections and potentials."""
    network = SpikingNetwork(seed=seed)
    for name, size in _SIZES.items():
        network.add(name, DualCurrentLIF(), size, potentials=(-60.0, -50.0))
    for target in _SIZES:
        network.connect("E", target, _EXCITATION, probability=_SHARE)
        network.connect("I", target, _INHIBITION, probability=_SHARE, kind="inhibitory")
    return network.run(_DURATION)
