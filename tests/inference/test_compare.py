"""Which rule: it is named when the data tell, and only then."""

import numpy as np
import pytest
from recordings import recordings

import canns
from canns.dynamics import Linear
from canns.errors import ValidationError
from canns.inference import Experiment, compare
from canns.plasticity import BCM, LawCooperBCM, Oja, TaylorRule

SMALL = {"count": 6, "length": 30, "size": 3}


@pytest.fixture(scope="module")
def told():
    return compare(Linear(), recordings(Oja(0.1), **SMALL, noise=0.1), ["anti_hebbian", "oja"])


def test_the_rule_that_made_the_data_wins(told):
    assert told.best == told.names[0] == "oja"
    assert told.verdict() == "Best: oja."
    assert abs(told.rules[0].learning_rate - 0.1) < 0.02


def test_without_plasticity_it_cannot_tell():
    still = recordings(TaylorRule(("x",), (0.0,)), **SMALL, noise=0.1)
    found = compare(Linear(), still, ["anti_hebbian", "oja"])
    assert found.best == ""
    assert found.candidates == ()
    assert found.verdict().startswith("Cannot tell: no rule")


@pytest.mark.slow
def test_rules_that_predict_alike_count_as_one():
    data = recordings(Oja(0.1), **SMALL, noise=0.1)
    found = compare(Linear(), data, ["sanger", "oja", "oja_subspace", "hebbian"])
    assert {*found.alike(found.best)} == {"oja", "sanger", "oja_subspace"}
    assert "the same as" in found.verdict()
    named = compare(Linear(), data, {"slow": Oja(1e-3), "fast": Oja(0.2)})
    assert named.alike("slow") == named.names


def test_it_is_drawn_tabulated_and_loaded(told, tmp_path):
    _, axes = told.plot()
    assert [label.get_text() for label in axes.get_yticklabels()] == [*told.names]
    table = told.to_dataframe()
    assert [*table.index] == [*told.names]
    assert table.below_best.iloc[0] == 0
    told.save(tmp_path / "comparison.safetensors")
    again = canns.load(tmp_path / "comparison.safetensors")
    assert again.verdict() == told.verdict()
    assert again.rules == told.rules


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("oja", "a list"),
        ([], "a list"),
        (["oja", "oja"], "oja twice"),
        (["ojja"], "Did you mean 'oja'"),
        (["pair_stdp"], "0 or 1, for PairSTDP"),
        ([3], "rules of canns.plasticity"),
    ],
)
def test_rules_that_cannot_be_compared_are_refused(rules, message):
    with pytest.raises(ValidationError, match=message):
        compare(Linear(), recordings(Oja(0.1), **SMALL), rules)


def test_two_experiments_are_too_few():
    with pytest.raises(ValidationError, match="3 or more"):
        compare(Linear(), recordings(Oja(0.1), **{**SMALL, "count": 2}), ["oja"])


DISTINCT = ["hebbian", "anti_hebbian", "oja", "bcm", "bcm_law_cooper"]
TRUE = [
    ("oja", Oja(0.1)),
    ("bcm", BCM(0.005, 10.0)),
    ("bcm_law_cooper", LawCooperBCM(0.005, 10.0)),
    ("oja", Oja(0.05)),
]


@pytest.mark.long
def test_the_right_rule_wins_in_19_of_20_data_sets():
    right = 0
    for seed in range(20):
        name, rule = TRUE[seed % 4]
        data = recordings(rule, size=8, noise=0.1, seed=seed, spread=1.5)
        right += compare(Linear(), data, DISTINCT, seed=seed).best == name
    assert right >= 19


@pytest.mark.long
def test_noise_is_not_taken_for_a_rule_in_19_of_20_data_sets():
    silent = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        if seed % 2:
            data = recordings(TaylorRule(("x",), (0.0,)), size=8, noise=0.1, seed=seed)
        else:
            shape = {"inputs": (60, 8), "activity": 60, "start_weights": 8}
            data = [
                Experiment(**{k: rng.normal(size=n) for k, n in shape.items()}) for _ in range(20)
            ]
        silent += compare(Linear(), data, DISTINCT, seed=seed).best == ""
    assert silent >= 19
