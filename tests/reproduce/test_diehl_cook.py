"""Spiking neurons learn digits without labels: a small version, at three seeds."""

import numpy as np
import pytest

from canns import task
from canns.reproduce._diehl_cook import _diehl_cook, _Task
from seeds import SEEDS


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_neurons_that_were_told_no_labels_read_digits(seed):
    """After 400 images 64 neurons read far more than chance; normalised rows keep their sum."""
    findings = _diehl_cook(seed, _Task(64, (20, 400)))
    first, last = findings.data["share right"]
    low, high = findings.data["99.9 % interval"][-1]
    assert first < low < last < high
    assert low > 0.5
    rows = np.asarray(findings.data["weights"], np.float64).sum(axis=1)
    np.testing.assert_allclose(rows, rows[0], rtol=1e-5)
    confusion = np.asarray(findings.data["confusion"])
    assert confusion.sum() == 597
    assert confusion.trace() == pytest.approx(597 * last)
    assert len(task.digits()[0]) - 597 == 1200
