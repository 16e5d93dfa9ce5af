"""The benchmark decorator."""

import re

import jax.numpy as jnp
import pytest

from canns.errors import ValidationError
from canns.utils import benchmark


def test_it_runs_prints_and_returns(capsys):
    calls = []

    @benchmark(runs=3)
    def double(x, *, by=2):
        """Return a multiple."""
        calls.append(x)
        return jnp.asarray(x) * by

    assert float(double(1.5, by=4)) == 6.0
    assert calls == [1.5] * 4  # one that compiles, and three that are timed
    number = r"[0-9.e+-]+"
    printed = rf"double: {number} s \(from {number} to {number} s, 3 runs\)\n"
    assert re.fullmatch(printed, capsys.readouterr().out)
    assert (double.__name__, double.__doc__) == ("double", "Return a multiple.")


@pytest.mark.parametrize("runs", [0, 2.5, None, print])
def test_the_number_of_runs_is_checked(runs):
    with pytest.raises(ValidationError, match=r"^runs must be an integer >= 1"):
        benchmark(runs)
