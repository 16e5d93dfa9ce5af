"""The commands of associative memory: rules by name, capacity, phases, published figures."""

import json

import matplotlib.image
import numpy as np
import pytest

from canns.cli._options import RestingRule
from canns.plasticity import STORAGE_RULES
from canns.reproduce import FIGURES, Claim, Findings, PublishedFigure

pytestmark = pytest.mark.slow


def test_the_command_line_knows_every_rule_that_stores_patterns_at_rest():
    at_rest = {name for name, rule in STORAGE_RULES.items() if rule.neuron is None}
    assert set(RestingRule.__args__) == at_rest - {"anti_hebbian"}


@pytest.mark.parametrize("rule", ["storkey", "pseudo_inverse", "adatron", "dreaming", "unlearning"])
def test_recall_by_rule(canns, numbers_of, tmp_path, rule):
    code, _, _ = canns("recall", "--size", 16, "--noise", 0.1, "--rule", rule, "--out", tmp_path)
    report = numbers_of(tmp_path / "recall.json")
    assert code == 0
    assert min(report["overlap of recall"]) > 0.95


def test_an_unknown_rule_is_one_line(canns, tmp_path):
    code, _, err = canns("recall", "--rule", "hebb", "--out", tmp_path)
    assert (code, err.count("\n")) == (2, 1)
    assert "hebbian" in err


def test_capacity_is_drawn_over_theory(canns, numbers_of, tmp_path):
    arguments = ["--neurons", 300, "--points", 4, "--networks", 3, "--probes", 15, "--high", 0.3]
    code, out, _ = canns("capacity", *arguments, "--out", tmp_path)
    report = numbers_of(tmp_path / "capacity.json")
    assert code == 0
    assert report["theory"] == pytest.approx(0.1379, abs=1e-4)
    assert 0.08 < report["capacity"] < 0.2
    assert report["overlap"][0] > 0.99 > 0.8 > report["overlap"][-1]
    assert "0.1379" in out
    assert matplotlib.image.imread(tmp_path / "capacity.png").ndim == 3


def test_capacity_of_a_rule_without_theory(canns, numbers_of, tmp_path):
    arguments = ["--neurons", 100, "--rule", "storkey", "--high", 0.6, "--points", 3]
    code, out, _ = canns("capacity", *arguments, "--networks", 2, "--probes", 8, "--out", tmp_path)
    report = numbers_of(tmp_path / "capacity.json")
    assert (code, report["theory"]) == (0, None)
    assert report["capacity"] > 0.2
    assert "theory" not in out


def test_a_projection_is_drawn_over_the_load_that_it_holds_exactly(canns, numbers_of, tmp_path):
    arguments = ["--neurons", 100, "--rule", "pseudo_inverse", "--high", 1.2, "--points", 3]
    code, out, _ = canns("capacity", *arguments, "--networks", 2, "--probes", 8, "--out", tmp_path)
    report = numbers_of(tmp_path / "capacity.json")
    assert (code, report["theory"]) == (0, 1.0)
    assert 0.8 < report["capacity"] <= 1.0
    assert "theory 1.0000" in out


def test_phase_diagram(canns, numbers_of, tmp_path):
    arguments = ["--neurons", 200, "--loads", 3, "--temperatures", 4, "--sweeps", 20]
    code, _, _ = canns("phase-diagram", *arguments, "--probes", 4, "--out", tmp_path)
    report = numbers_of(tmp_path / "phase_diagram.json")
    grid = np.array(report["overlap"])
    assert code == 0
    assert grid.shape == (3, 4)
    assert grid[0, 0] > 0.95
    assert abs(grid[-1, -1]) < 0.3
    assert matplotlib.image.imread(tmp_path / "phase_diagram.png").ndim == 3


def test_reproduce_lists_one_line_a_figure(canns):
    code, out, _ = canns("reproduce")
    lines = out.splitlines()
    assert code == 0
    assert [line.split()[0] for line in lines[:-2]] == [*FIGURES]
    assert all("about" in line and "(against" in line for line in lines[:-2])
    foreign = sum(figure.foreign for figure in FIGURES.values())
    assert lines[-1].startswith(f"{foreign} figures are compared with a number")


@pytest.mark.parametrize(("measured", "code"), [(1.0, 0), (2.0, 1)])
def test_reproduce_judges_by_its_exit_code(canns, monkeypatch, tmp_path, measured, code):
    def run(seed):
        claims = [Claim.of_value("m", "our theory", 1.0, measured, 0.1, "rounding")]
        return Findings(claims, {}, lambda canvas: canvas.subplots())

    for name in [*FIGURES]:
        monkeypatch.delitem(FIGURES, name)
    toy = PublishedFigure("toy", "A (1900)", "Shows.", ("our theory",), 1, run)
    monkeypatch.setitem(FIGURES, "toy", toy)
    for arguments in (["toy"], ["all"], ["all", "--full"], ["all", "--seeds", "2"]):
        found, out, err = canns("reproduce", *arguments, "--out", tmp_path)
        assert found == code
        assert ("FAIL" in out, "toy" in err) == (bool(code), bool(code))
    for folder in (tmp_path, tmp_path / "seed-0", tmp_path / "seed-1"):
        assert json.loads((folder / "toy.json").read_text())["passed"] is (code == 0)
    assert "2 of 2 figures hold" in out or code


def test_an_unknown_figure_is_one_line(canns, tmp_path):
    code, _, err = canns("reproduce", "nothing", "--out", tmp_path)
    assert (code, err.count("\n")) == (2, 1)
    assert "ags" in err
