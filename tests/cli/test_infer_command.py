"""``canns infer``: a file of recordings, a table of rules, a formula; and files that are none."""

import json
from pathlib import Path

import numpy as np
import pytest

import canns as package
from canns.inference import FittedRule, RuleComparison

RECORDINGS = Path(__file__).with_name("recordings.npz")  # by Oja's rule at a rate of 0.1


@pytest.mark.slow
def test_it_names_the_rule_and_its_formula(canns, numbers_of, tmp_path):
    given = ["--rule", "oja", "--rule", "anti_hebbian", "--terms", "x y, y^2 w, x"]
    options = ["--learning-rate", 0.1, "--out", tmp_path]
    code, said, _ = canns("infer", "--data", RECORDINGS, *given, *options)
    assert code == 0
    assert "Best: oja." in said
    numbers = numbers_of(tmp_path / "infer.json")
    assert numbers["best"] == "oja"
    kept = dict(zip(*(numbers["rule of terms"][k] for k in ("term", "coefficient")), strict=True))
    assert kept == pytest.approx({"x y": 1.0, "y^2 w": -1.0, "x": 0.0}, abs=0.1)
    assert isinstance(package.load(tmp_path / "comparison.safetensors"), RuleComparison)
    assert isinstance(package.load(tmp_path / "rule.safetensors"), FittedRule)
    figures = json.loads((tmp_path / "infer.json").read_text())["figures"]
    assert {figure["file"] for figure in figures} == {"rules.png", "terms.png"}


@pytest.fixture
def arrays():
    with np.load(RECORDINGS) as file:
        return dict(file)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": None}, "a file with 'inputs'"),
        ({"rates": np.ones(3)}, "of the arrays inputs"),
        ({"lengths": np.array([99])}, "lengths must be from 1 to"),
        ({"activity": np.ones((2, 4))}, "for 6 recordings"),
        ({"spikes": np.ones((6, 20, 1))}, "exactly one of"),
        ({"inputs": np.ones((6, 20, 4))}, "start_weights must be"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(canns, arrays, tmp_path, change, message):
    path = tmp_path / "given.npz"
    np.savez(path, **{k: v for k, v in {**arrays, **change}.items() if v is not None})
    code, _, said = canns("infer", "--data", path, "--out", tmp_path / "out")
    assert code == 2
    assert message in said
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--learning-rate", 0.1], "--learning-rate must be left out without --terms"),
        (["--terms", "q"], "--terms must be a product"),
        (["--rule", "ojja"], "Did you mean 'oja'"),
        (["--neuron", "poisson"], "one of graded activity"),
    ],
)
def test_options_that_do_not_fit_are_refused(canns, tmp_path, options, message):
    code, _, said = canns("infer", "--data", RECORDINGS, *options, "--out", tmp_path / "out")
    assert code == 2
    assert message in said
    assert not (tmp_path / "out").exists()
