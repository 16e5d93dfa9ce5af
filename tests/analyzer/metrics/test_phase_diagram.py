"""The grid of loads and temperatures against the overlaps of single curves and the phase line."""

import numpy as np
import pytest

from canns.analyzer.metrics import overlap_curve, phase_diagram
from canns.errors import ValidationError


def test_a_grid_is_made_of_curves():
    loads, temperatures = [0.1, 0.2], [0.0, 0.2, 0.6]
    options = {"num_probes": 5, "num_networks": 2, "seed": 2}
    diagram = phase_diagram(100, loads, temperatures, **options)
    assert diagram.samples.shape == (2, 3, 2, 5)
    for column, temperature in enumerate(temperatures):
        curve = overlap_curve(100, loads, temperature=temperature, **options)
        np.testing.assert_array_equal(diagram.samples[:, column], curve.samples)
        np.testing.assert_array_equal(diagram.mean[:, column], curve.mean)
        np.testing.assert_array_equal(diagram.standard_error[:, column], curve.standard_error)


def test_retrieval_ends_at_the_line_of_theory():
    # Retrieval states vanish at T_M = .650 for a load of .03, at .405 for .08 (Amit, Gutfreund &
    # Sompolinsky 1987).
    diagram = phase_diagram(1500, [0.03, 0.08], [0.25, 0.5, 0.65, 0.9], num_probes=10, num_iter=150)
    retrieved = diagram.median > 0.7
    assert retrieved[0].tolist()[:2] == [True, True]
    assert retrieved[1].tolist()[:1] == [True]
    assert (diagram.median[[0, 1, 1], [3, 2, 3]] < 0.35).all()


def test_with_few_patterns_the_overlap_is_that_of_a_ferromagnet():
    # m = tanh(m/T): .95750 at T = .5, .71041 at .8, 0 above 1. One pattern of N = 3000.
    diagram = phase_diagram(3000, [1 / 3000], [0.5, 0.8, 1.5], num_probes=20, num_networks=2)
    error = 4 / np.sqrt(3000)  # of a sum of independent spins, less for a mean over updates
    np.testing.assert_allclose(diagram.mean[0], [0.95750, 0.71041, 0.0], atol=error)
    spread = diagram.samples.std(axis=(2, 3))[0]
    np.testing.assert_allclose(
        diagram.mean[0, :2], [0.95750, 0.71041], atol=4 * spread[:2].max() / np.sqrt(40) + 1e-3
    )


@pytest.mark.parametrize("bad", [[], [-0.1], [[0.1]], [np.inf]])
def test_bad_temperatures(bad):
    with pytest.raises(ValidationError, match=r"^temperatures? must be"):
        phase_diagram(100, [0.1], bad)
