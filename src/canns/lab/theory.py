"""What theory and measurements say beside the memory page: overlap against load, and phases."""

from functools import cache
from typing import NamedTuple

import numpy as np

from canns._validation import check_choice, check_real, check_size
from canns.analyzer.metrics import overlap_curve
from canns.analyzer.theory import (
    ags_overlap,
    phase_boundaries,
    retrieval_temperature,
    spin_glass_temperature,
    storage_theory,
    transition_temperature,
)
from canns.lab.settings import RULES, Settings, most_patterns
from canns.typing import AnyArray

__all__ = ["Beside", "Line", "Point", "loads_to_measure", "measure", "theory_of"]

_LARGEST = 256  # neurons of a network that is measured with a rule that takes long
_NETWORKS, _PROBES, _POINTS = 3, 20, 12
_HUGE = 10_000  # neurons at which only quick rules are not limited
_LEAST = 0.001  # the least load of the phase diagram


class Line(NamedTuple):
    """A line of a chart: a name and its points."""

    name: str
    x: AnyArray
    y: AnyArray


class Point(NamedTuple):
    """A measured overlap at a load, and its 95 % interval."""

    load: float
    overlap: float
    low: float
    high: float


class Beside(NamedTuple):
    """What theory says beside a network.

    Args:
        top: The largest load of the charts.
        overlap: The overlap against the load, if there is a theory of it.
        phases: Boundaries in the plane of load and temperature.
        words: In which phase the network is, or that there is no theory.
    """

    top: float
    overlap: Line | None
    phases: list[Line]
    words: str


def theory_of(settings: Settings, load: float) -> Beside:
    """Return what theory says of a network at a load."""
    top = float(max(0.2, loads_to_measure(settings.rule)[-1], 1.1 * load))
    phases = phase_lines(settings.rule)
    if settings.rule == "hebbian":
        words = where(load, settings.effective_temperature)
    else:
        words = "" if phases else "The library has no theory of the capacity of this rule."
    return Beside(top, overlap_line(settings, top), phases, words)


def overlap_line(settings: Settings, top: float) -> Line | None:
    """Return the overlap of theory against the load, up to ``top``; None if there is no theory.

    With noise there is a theory of Hebb's rule only, that of Amit, Gutfreund and Sompolinsky.
    """
    high = check_real("top", top, low=0, open_low=True)
    temperature = settings.effective_temperature
    if temperature:
        if settings.rule != "hebbian" or settings.dynamics != "glauber":
            return None
        loads = np.linspace(0.001, high, 100)
        overlaps = np.asarray(ags_overlap(loads, temperature))
        kept = overlaps > 0
        return Line(f"theory at T = {temperature:g}", loads[kept], overlaps[kept])
    theory = storage_theory(settings.rule)
    return None if theory is None else Line("theory", *theory.curve(high))


@cache
def phase_lines(rule: str) -> list[Line]:
    """Return the boundaries in the plane of load and temperature, as far as theory knows them."""
    if rule == "hebbian":
        return [Line(_plain(name), *line) for name, line in phase_boundaries().items()]
    theory = storage_theory(rule)
    if theory is None:
        return []
    edge = np.full(2, theory.critical_load)
    return [Line("patterns are lost at T = 0", edge, np.array([0.0, 0.1]))]


def where(load: float, temperature: float) -> str:
    """Say in words in which phase of Hebbian memories a network is."""
    if temperature < float(np.asarray(transition_temperature(max(load, _LEAST)))):
        return "Retrieval: the patterns have the lowest free energy of all states."
    if temperature < float(np.asarray(retrieval_temperature(max(load, _LEAST)))):
        return "Retrieval: the patterns are stable, but spin-glass states lie deeper."
    if temperature < float(np.asarray(spin_glass_temperature(max(load, _LEAST)))):
        return "Spin glass: the patterns are lost; the network freezes in mixtures of many."
    return "Paramagnet: it is too hot for any order."


def loads_to_measure(rule: str) -> AnyArray:
    """Return the loads at which the page measures the overlap, in rising order."""
    theory = storage_theory(check_choice("rule", rule, RULES))
    middle = 0.14 if theory is None else theory.critical_load
    most = most_patterns(rule, _LARGEST) / _LARGEST
    return np.linspace(0.1, 1.6, _POINTS) * min(middle, most / 1.6)


def measure(num_neurons: int, load: float, settings: Settings, seed: int = 0) -> Point:
    """Measure the overlap of retrieved random patterns at one load.

    Args:
        num_neurons: N; rules that take long are measured with at most 256 neurons.
        load: P / N.
        settings: The rule, the dynamics and the temperature.
        seed: Seed of the patterns and the updates.
    """
    size = check_size("num_neurons", num_neurons)
    slow = most_patterns(settings.rule, _HUGE) < _HUGE // 2
    curve = overlap_curve(
        min(size, _LARGEST) if slow else size,
        [load],
        rule=settings.rule,
        temperature=settings.effective_temperature,
        asynchronous=settings.dynamics in ("asynchronous", "glauber"),
        num_networks=_NETWORKS,
        num_probes=_PROBES,
        num_iter=40,
        seed=seed,
    )
    mean, (down, up) = float(curve.mean[0]), curve.reach[:, 0]
    return Point(float(curve.loads[0]), mean, mean - float(down), mean + float(up))


def _plain(name: str) -> str:
    return name.replace("$", "")
