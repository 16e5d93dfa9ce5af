"""Measurements of what theory predicts: overlaps, capacities, basins, stabilities, attractors."""

from canns.analyzer.metrics._basins import BasinOfAttraction, basin_of_attraction
from canns.analyzer.metrics._capacity import Capacity, capacity
from canns.analyzer.metrics._energy_path import EnergyPath, energy_path
from canns.analyzer.metrics._landscape import EnergyLandscape, energy_landscape
from canns.analyzer.metrics._map import u_matrix
from canns.analyzer.metrics._overlap import overlap, overlap_trajectory
from canns.analyzer.metrics._overlap_curve import OverlapCurve, overlap_curve
from canns.analyzer.metrics._phase_diagram import PhaseDiagram, phase_diagram
from canns.analyzer.metrics._rules import CouplingBuilder, StorageRule
from canns.analyzer.metrics._spectrum import weight_spectrum
from canns.analyzer.metrics._spurious import Attractors, spurious_states
from canns.analyzer.metrics._stabilities import StabilityDistribution, stability_distribution

__all__ = [
    "Attractors",
    "BasinOfAttraction",
    "Capacity",
    "CouplingBuilder",
    "EnergyLandscape",
    "EnergyPath",
    "OverlapCurve",
    "PhaseDiagram",
    "StabilityDistribution",
    "StorageRule",
    "basin_of_attraction",
    "capacity",
    "energy_landscape",
    "energy_path",
    "overlap",
    "overlap_curve",
    "overlap_trajectory",
    "phase_diagram",
    "spurious_states",
    "stability_distribution",
    "u_matrix",
    "weight_spectrum",
]
