"""``canns capacity``: any storage rule, any bracket, and no work before a refusal."""

import math
from typing import get_args

import numpy as np
import pytest

from canns.analyzer.metrics import capacity
from canns.cli._options import RestingRule
from canns.plasticity import STORAGE_RULES

pytestmark = pytest.mark.slow

SMALL = ("--neurons", 40, "--networks", 2, "--probes", 4, "--points", 2)


@pytest.mark.parametrize("rule", ["storkey", "pseudo_inverse", "bounded", "clipped"])
def test_a_rule_is_measured_wherever_its_capacity_lies(canns, numbers_of, rule, tmp_path):
    code, out, _ = canns("capacity", *SMALL, "--rule", rule, "--high", 0.1, "--out", tmp_path)
    report = numbers_of(tmp_path / "capacity.json")
    assert code == 0
    assert report["capacity"] > 0
    assert "Capacity: " in out
    assert max(report["loads"]) >= min(report["capacity"], 0.1) - 0.03
    assert (tmp_path / "capacity.png").exists()


def test_a_slow_rule_draws_the_loads_of_its_search_unless_it_is_asked_for_more(
    canns, numbers_of, tmp_path
):
    run = (*SMALL[:-2], "--neurons", 500, "--rule", "minover", "--most", 0.1, "--high", 0.1)
    reports = []
    for points in [(), ("--points", 3)]:
        assert canns("capacity", *run, *points, "--out", tmp_path)[0] == 0
        reports.append(numbers_of(tmp_path / "capacity.json"))
    searched, asked = reports
    assert set(searched["loads"]) <= {0.02, 0.1}
    assert asked["loads"] == [0.02, 0.06, 0.1]
    assert searched["capacity"] == asked["capacity"]


REFUSED = {
    "bracket": ("--low", 0.2, "--high", 0.1),
    "rule": ("--rule", "storky"),
    "points": ("--points", 1),
    "seed": ("--seed", -1),
}


@pytest.mark.parametrize("options", REFUSED.values(), ids=REFUSED)
def test_nothing_is_measured_before_a_refusal(canns, options, tmp_path, monkeypatch):
    def fail(*args, **kwargs):
        pytest.fail("it has measured before it refused")

    monkeypatch.setattr("canns.analyzer.metrics.overlap_curve", fail)
    monkeypatch.setattr("canns.analyzer.metrics._ensemble.Ensemble.store", fail)
    code, _, err = canns("capacity", *SMALL, "--out", tmp_path, *options)
    assert code == 2
    assert err


def test_a_folder_that_is_a_file_is_refused_first(canns, tmp_path, monkeypatch):

    def fail(*args, **kwargs):
        pytest.fail("it has measured before it refused")

    monkeypatch.setattr("canns.analyzer.metrics.capacity", fail)
    (tmp_path / "file").write_text("")
    code, _, err = canns("capacity", *SMALL, "--out", tmp_path / "file")
    assert code == 2
    assert "--out must be a folder" in err


def _keeps(patterns):
    return np.eye(patterns.shape[1], dtype=np.float32)  # every state is a fixed point


def _loses(patterns):
    return 1 - np.eye(patterns.shape[1], dtype=np.float32)  # all neurons become equal


def test_a_network_that_loses_nothing_is_beyond_every_load():
    found = capacity(20, low=0.05, rule=_keeps, num_networks=3, num_probes=4)
    assert (found.load, found.beyond) == (2.0, 3)
    assert found.interval[1] == math.inf


def test_a_network_that_holds_nothing_is_below_one_pattern():
    found = capacity(20, low=0.05, rule=_loses, num_networks=3, num_probes=4)
    np.testing.assert_array_equal(found.brackets, [[0.0, 1 / 20]] * 3)
    # h = 1/40 on both sides, and the spread of a uniform number: t(2, .975) h / sqrt(3 * 3)
    reach = 1 / 40 + 4.302653 / 40 / 3
    assert found.interval == pytest.approx((0.0, 1 / 40 + reach), rel=1e-5)


def test_the_interval_has_a_width_even_if_all_networks_agree():
    found = capacity(20, low=0.05, rule=_loses, num_networks=2, num_probes=4)
    assert found.standard_error == 0
    assert found.interval[0] < found.load < found.interval[1]


def test_every_resting_rule_can_be_named():
    resting = {name for name, recipe in STORAGE_RULES.items() if recipe.neuron is None}
    assert set(get_args(RestingRule)) == resting - {"anti_hebbian"}
