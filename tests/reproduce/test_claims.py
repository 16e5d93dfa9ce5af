"""A claim holds within its tolerance, on the side that it names."""

import math

import pytest

from canns.reproduce import Claim


@pytest.mark.parametrize(
    ("sense", "measured", "passed"),
    [
        ("near", 1.0, True),
        ("near", 1.1, True),
        ("near", 0.9, True),
        ("near", 1.11, False),
        ("near", 0.89, False),
        ("at least", 5.0, True),
        ("at least", 0.9, True),
        ("at least", 0.89, False),
        ("at most", -5.0, True),
        ("at most", 1.1, True),
        ("at most", 1.11, False),
        ("near", math.nan, False),
        ("at least", math.nan, False),
        ("at most", math.nan, False),
    ],
)
def test_a_claim_passes_within_its_tolerance(sense, measured, passed):
    assert Claim("x", 1.0, measured, 0.1 + 1e-12, "statistics", sense).passed is passed
