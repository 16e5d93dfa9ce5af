"""Storage capacities against the figures of the literature."""

import pytest

from canns._capacity import storage_capacity
from canns.errors import ValidationError


@pytest.mark.parametrize(
    ("criterion", "expected"), [("all_exact", 36.19), ("most_exact", 72.38), ("ags", 137.91)]
)
def test_criteria_at_a_thousand_neurons(criterion, expected):
    assert storage_capacity(1000, criterion) == pytest.approx(expected, abs=0.01)


# Loads at which a neuron is wrong with a given probability: Hertz, Krogh & Palmer (1991).
@pytest.mark.parametrize(
    ("error", "load"),
    [(0.001, 0.1047), (0.0036, 0.1385), (0.01, 0.1848), (0.05, 0.3696), (0.1, 0.6089)],
)
def test_crosstalk(error, load):
    capacity = storage_capacity(10_000, "crosstalk", error_probability=error)
    assert capacity / 10_000 == pytest.approx(load, abs=5e-5)


@pytest.mark.parametrize(
    ("arguments", "options", "name"),
    [
        ((1,), {}, "num_neurons"),
        ((2.5,), {}, "num_neurons"),
        ((100, "0.138"), {}, "criterion"),
        ((100, "crosstalk"), {"error_probability": 0.5}, "error_probability"),
        ((100, "crosstalk"), {"error_probability": 0.0}, "error_probability"),
    ],
)
def test_bad_arguments(arguments, options, name):
    with pytest.raises(ValidationError, match=f"^{name} must be"):
        storage_capacity(*arguments, **options)
