"""What holds for all tests and doctests."""

import sys
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def _alike() -> Iterator[None]:
    """Start each test from one seed, and close the figures that it has opened."""
    brainstate = sys.modules.get("brainstate")
    if brainstate is not None:
        brainstate.random.seed(0)
    yield
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is not None:
        pyplot.close("all")
