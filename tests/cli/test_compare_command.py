"""``canns compare``: what it draws is what the library measures, and it never takes for ever."""

import matplotlib.image
import numpy as np
import pytest

from canns.analyzer.metrics import basin_of_attraction, overlap_curve
from canns.cli._measured import affordable
from canns.cli.compare import _crossing

SMALL = ("--neurons", 40, "--points", 4, "--networks", 2, "--probes", 4)


@pytest.mark.slow
def test_rules_are_compared_on_the_same_patterns(canns, numbers_of, tmp_path):
    code, out, _ = canns("compare", "hebbian", "pseudo_inverse", *SMALL, "--out", tmp_path)
    found = numbers_of(tmp_path / "compare.json")
    assert code == 0
    assert list(found) == ["hebbian", "pseudo_inverse"]
    options = {"rule": "hebbian", "num_networks": 2, "num_probes": 4, "seed": 0}
    curve = overlap_curve(40, np.linspace(0.02, 1.0, 4), **options)
    drawn = found["hebbian"]["overlap against load"]
    np.testing.assert_allclose(drawn["overlap"], curve.mean, rtol=1e-6)
    np.testing.assert_allclose(drawn["95 % interval up"], curve.reach[1], atol=1e-6)
    basin = basin_of_attraction(40, 0.1, np.linspace(0.05, 1, 4), **options)
    drawn = found["hebbian"]["basin of attraction"]
    np.testing.assert_allclose(drawn["probability"], basin.probability)
    assert found["pseudo_inverse"]["critical load of theory"] == 1.0
    assert found["hebbian"]["load at overlap 0.9"] < found["pseudo_inverse"]["load at overlap 0.9"]
    assert "pseudo_inverse" in out
    assert matplotlib.image.imread(tmp_path / "compare.png").ndim == 3


@pytest.mark.slow
def test_rules_that_take_long_are_drawn_up_to_what_is_affordable(canns, numbers_of, tmp_path):
    top = affordable("unlearning", 1000)
    assert top == 0.4
    few = ("--neurons", 1000, "--points", 2, "--networks", 2, "--probes", 2, "--basin-load", 0.01)
    canns("compare", "hebbian", "diederich_opper", *few, "--out", tmp_path)
    found = numbers_of(tmp_path / "compare.json")
    assert found["hebbian"]["overlap against load"]["load"][-1] == 1.0
    assert found["diederich_opper"]["overlap against load"]["load"][-1] == pytest.approx(top)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hebbian"], "2 to 7 rules; got 1. For one rule, use canns capacity"),
        (["hebbian", "hebbian"], "different; got hebbian twice"),
        (["hebbian", "storky"], "Did you mean 'storkey'?"),
        ([], "Missing argument"),
    ],
)
def test_rules_that_cannot_be_compared_are_refused(canns, words, said, tmp_path):
    code, out, err = canns("compare", *words, "--out", tmp_path / "out")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert said in err
    assert not (tmp_path / "out").exists()


def test_a_crossing_is_interpolated():
    x = np.array([0.0, 1.0, 2.0])
    assert _crossing(x, np.array([0.0, 0.5, 1.0]), 0.75) == pytest.approx(1.5)
    assert _crossing(x, np.array([0.8, 0.5, 1.0]), 0.75) == 0.0
    assert _crossing(x, np.array([0.0, 0.1, 0.2]), 0.75) is None
