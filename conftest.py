"""What holds for all tests and doctests."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

# The pages of the lab need NiceGUI, which only `make test-lab` installs; they have no examples.
collect_ignore_glob = [] if find_spec("nicegui") else ["src/canns/lab/pages/*"]


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
