"""A rule that diverges at large loads: it has lost such a network, and the measures say so."""

import numpy as np
import pytest

from canns.analyzer.metrics import basin_of_attraction, capacity, overlap_curve, phase_diagram
from canns.errors import CannsWarning
from canns.plasticity import Storkey

# Far above its capacity each pattern multiplies the weights of the second-order rule.
HASTY = Storkey(learning_rate=3.0, order=2)
NETWORKS = {"num_networks": 2, "num_probes": 4}


def test_a_network_that_diverges_is_lost():
    with pytest.warns(
        CannsWarning, match=r"diverges on 9 patterns of 30 neurons, at a load of 0\.3"
    ):
        found = capacity(30, rule=HASTY, **NETWORKS)
    assert 0 < found.load < 0.3
    assert found.beyond == 0
    assert np.isnan(found.tried_overlaps[-1]).any()  # at 0.3, where the search begins


def test_a_rule_that_always_diverges_has_no_capacity():
    with pytest.warns(CannsWarning, match="its learning rate is too large"):
        found = capacity(30, rule=Storkey(learning_rate=1e12), **NETWORKS)
    assert found.brackets[:, 0].tolist() == [0.0, 0.0]


@pytest.mark.parametrize(
    "measure",
    [
        lambda: overlap_curve(30, [0.1, 8.0], rule=HASTY, **NETWORKS).mean,
        lambda: phase_diagram(30, [0.1, 8.0], [0.1], rule=HASTY, **NETWORKS).mean[:, 0],
    ],
    ids=["curve", "diagram"],
)
def test_a_network_that_diverges_has_no_overlap(measure):
    with pytest.warns(CannsWarning, match=r"diverges on 240 patterns of 30 neurons"):
        held, lost = measure()
    assert 0 < held <= 1
    assert np.isnan(lost)


def test_a_network_that_diverges_retrieves_nothing():
    with pytest.warns(CannsWarning, match="has no overlaps"):
        basin = basin_of_attraction(30, 8.0, [0.5, 1.0], rule=HASTY, **NETWORKS)
    assert basin.probability.tolist() == [0.0, 0.0]
