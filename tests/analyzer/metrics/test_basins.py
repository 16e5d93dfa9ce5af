"""Basins of attraction against independent simulations."""

import numpy as np
import pytest

from canns.analyzer.metrics import basin_of_attraction, overlap_curve
from canns.errors import ValidationError


@pytest.mark.slow
def test_basins_begin_where_simulations_found_them():
    # Of some hundred cues each at N = 4000, all neurons at once.
    expected, cues = np.array([0.0, 0.93, 1.0]), 100
    basin = basin_of_attraction(4000, 0.08, [0.2, 0.3, 0.4], num_networks=2, num_iter=60)
    error = np.sqrt(expected * (1 - expected) * (2 / cues)) + 1 / cues
    assert (np.abs(basin.probability - expected) < 3 * error).all()


def test_the_probability_is_that_of_the_samples():
    options = {"num_networks": 3, "num_probes": 5, "seed": 4}
    basin = basin_of_attraction(100, 0.2, [0.2, 0.5], min_overlap=0.8, **options)
    retrieved = basin.samples > 0.8
    np.testing.assert_allclose(basin.probability, retrieved.mean(axis=(1, 2)))
    between = retrieved.mean(axis=2).std(axis=1, ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(basin.standard_error, between)
    for row, initial in enumerate((0.2, 0.5)):
        curve = overlap_curve(100, 0.2, initial_overlap=initial, **options)
        np.testing.assert_array_equal(basin.samples[row], curve.samples[0])


@pytest.mark.parametrize(
    ("arguments", "options", "name"),
    [
        ((100, [0.1], [0.5]), {}, "load"),
        ((100, 0.001, [0.5]), {}, "load"),
        ((100, 0.1, [1.5]), {}, "initial_overlap"),
        ((100, 0.1, []), {}, "initial_overlaps"),
        ((100, 0.1, [0.5]), {"min_overlap": 1.0}, "min_overlap"),
    ],
)
def test_bad_arguments(arguments, options, name):
    with pytest.raises(ValidationError, match=f"^{name} must be"):
        basin_of_attraction(*arguments, **options)
