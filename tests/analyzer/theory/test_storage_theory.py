"""The theory of each storage rule."""

import numpy as np
import pytest

from canns.analyzer.metrics import overlap_curve
from canns.analyzer.theory import ags_critical_load, phase_boundaries, storage_theory
from canns.errors import ValidationError
from canns.plasticity import STORAGE_RULES

RESTING = [name for name, rule in STORAGE_RULES.items() if rule.neuron is None]


@pytest.mark.parametrize("rule", RESTING)
def test_every_rule_of_fixed_points_is_known(rule):
    theory = storage_theory(rule)
    if theory is not None:
        loads, overlaps = theory.curve(1.0)
        assert loads.max() <= theory.critical_load
        assert np.all((overlaps > 0.9) & (overlaps <= 1))


def test_other_names_are_refused():
    with pytest.raises(ValidationError, match=r"did you mean|storkey"):
        storage_theory("storky")


def test_an_exact_rule_holds_its_patterns_below_its_limit_only():
    limit = storage_theory("pseudo_inverse").critical_load
    curve = overlap_curve(
        100, [0.5 * limit, 1.2 * limit], rule="pseudo_inverse", num_networks=2, num_probes=10
    )
    assert curve.mean[0] == 1
    assert curve.mean[1] < 1


def test_boundaries_end_where_theory_says():
    lines = phase_boundaries(0.16)
    held = next(line for name, line in lines.items() if "retrieval ends" in name)
    critical = float(np.asarray(ags_critical_load().alpha))
    assert critical - 0.16 / 39 < held[0][-1] < critical
    assert [len(loads) == len(heat) for loads, heat in lines.values()] == [True] * 3
