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


def test_rules_that_iterate_have_an_affordable_load():
    assert affordable("unlearning", 1000) == 0.4
    assert affordable("unlearning", 2000) == 0.05  # an eighth: the time is that of N cubed
    assert affordable("hebbian", 20_000) == 2.0


@pytest.mark.slow
def test_a_rule_is_drawn_up_to_its_affordable_load(canns, numbers_of, monkeypatch, tmp_path):
    bounds = {"hebbian": 2.0, "diederich_opper": 0.2}
    monkeypatch.setattr("canns.cli.compare.affordable", lambda rule, neurons: bounds[rule])
    canns("compare", *bounds, *SMALL, "--out", tmp_path)
    found = numbers_of(tmp_path / "compare.json")
    assert found["hebbian"]["overlap against load"]["load"][-1] == 1.0
    assert found["diederich_opper"]["overlap against load"]["load"][-1] == pytest.approx(0.2)


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
