"""A bad argument, the last one too, is refused before anything is measured."""

import inspect

import numpy as np
import pytest

from canns.analyzer import metrics
from canns.analyzer.metrics import _ensemble, _spurious
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork

ON_LOADS = {
    "capacity": (40,),
    "overlap_curve": (40, [0.1]),
    "phase_diagram": (40, [0.1], [0.5]),
    "basin_of_attraction": (40, 0.1, [0.5]),
}
BAD = {
    "rule": "storky",
    "min_overlap": 2.0,
    "min_share": 2.0,
    "low": -1.0,
    "high": "much",
    "tolerance": 0.0,
    "confidence": 1.0,
    "initial_overlap": 2.0,
    "temperature": -1.0,
    "asynchronous": "yes",
    "num_probes": 0,
    "num_networks": 0,
    "num_iter": 0,
    "seed": "one",
    "show_progress": "no",
    "mesh": 3,
}
CASES = [
    (name, argument)
    for name in ON_LOADS
    for argument in inspect.signature(getattr(metrics, name)).parameters
    if argument in BAD
]


@pytest.fixture
def no_work(monkeypatch):
    """Make everything that measures fail the test."""

    def fail(*args, **kwargs):
        pytest.fail("it has measured before it refused")

    monkeypatch.setattr(_ensemble.Ensemble, "store", fail)
    monkeypatch.setattr(_ensemble.Ensemble, "probe", fail)
    monkeypatch.setattr(_spurious, "recall", fail)
    monkeypatch.setattr(_spurious, "random_patterns", fail)


@pytest.mark.parametrize(("name", "argument"), CASES)
def test_nothing_is_measured_before_a_refusal(name, argument, no_work):
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        getattr(metrics, name)(*ON_LOADS[name], **{argument: BAD[argument]})


@pytest.mark.parametrize(
    ("argument", "value"), [("num_iter", 0), ("seed", "one"), ("num_probes", 0)]
)
def test_nor_before_that_of_spurious_states(argument, value, no_work):
    network, patterns = AmariHopfieldNetwork(8), np.ones((1, 8))
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        metrics.spurious_states(network, patterns, **{argument: value})
