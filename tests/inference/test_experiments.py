"""What cannot be inferred from is refused, with the reason, before anything is computed."""

import dataclasses

import numpy as np
import pytest
from recordings import recordings

from canns.dynamics import (
    LIF,
    AdaptiveSigmoid,
    Linear,
    Logistic,
    Poisson,
    Recorded,
    SoftWinners,
)
from canns.errors import DivergenceError, ValidationError
from canns.inference import Experiment, fit, simulate
from canns.plasticity import BCM, Hebbian, Oja, PairSTDP, Sum, TaylorRule

X = np.random.default_rng(0).normal(size=(10, 3))
Y = np.random.default_rng(1).normal(size=10)
W = np.full((1, 3), 0.2)
SPIKES = (X > 0.5).astype(float)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"activity": Y[:9]}, "of 10 samples, as many as inputs; got 9"),
        ({"weights": np.zeros((11, 1, 3))}, "first of them as start_weights"),
        ({}, "exactly one of weights, activity, spikes, choices"),
        ({"activity": Y, "spikes": SPIKES[:, 0]}, "exactly one of"),
        ({"activity": np.full(10, np.nan)}, "only NaN"),
        ({"activity": np.full(10, np.inf)}, "finite"),
        ({"activity": np.zeros((10, 1, 1))}, r"of shape \(T, out\)"),
        ({"spikes": np.full(10, 20.0)}, "These look like rates or counts: bin"),
        ({"choices": Y}, "whole numbers from 0 on"),
        ({"activity": Y, "rewards": Y[:5]}, "rewards must be 1-D"),
        ({"activity": Y, "dt": 0.0}, "dt must be"),
        ({"activity": ["a"] * 10}, "activity must be"),
        ({"activity": Y, "start_weights": [np.nan] * 3}, "start_weights must be finite"),
    ],
)
def test_arrays_that_do_not_go_together_are_refused(arrays, message):
    with pytest.raises(ValidationError, match=message):
        Experiment(X, **arrays)


def test_inputs_that_are_not_numbers_are_refused_by_the_name_of_the_experiment():
    gaps = np.where(X > 1, np.nan, X)
    with pytest.raises(ValidationError, match="inputs of rat 3 must be finite"):
        Experiment(gaps, activity=Y, name="rat 3")


GIVEN = Experiment(X, activity=Y, start_weights=W)
FIRED = Experiment(SPIKES, spikes=SPIKES[:, 0], start_weights=W)
CHOSE = Experiment(X, choices=np.arange(10) % 2, start_weights=W)
WEIGHED = Experiment(X, weights=np.random.default_rng(2).normal(size=(10, 1, 3)), start_weights=W)


@pytest.mark.parametrize(
    ("neuron", "data", "message"),
    [
        (LIF(), GIVEN, "one of graded activity"),
        (Poisson(), GIVEN, "one of graded activity"),
        (LIF(), WEIGHED, "Recorded neuron with the spikes as inputs"),
        (Linear(), FIRED, "Take Poisson or Logistic"),
        (Linear(), CHOSE, "SoftWinners for more"),
        (AdaptiveSigmoid(), GIVEN, "single matrix"),
        (Recorded(), Experiment(np.c_[X, Y], activity=Y, start_weights=W), "observe weights"),
        (Linear, GIVEN, "neuron must be a neuron"),
        (Linear(), [], "a list of Experiment"),
        (Linear(), [3], "a list of Experiment"),
        (Linear(), [GIVEN, WEIGHED], "with activity observed in all"),
        (Linear(), [GIVEN, dataclasses.replace(GIVEN, rewards=Y)], "rewards in all or in none"),
        (Linear(), [GIVEN, dataclasses.replace(GIVEN, dt=2.0)], "the same in all experiments"),
        (Poisson(dt=1.0), dataclasses.replace(FIRED, dt=2.0), r"Take Poisson\(dt=2\)"),
        (Linear(), [GIVEN, Experiment(X, activity=np.c_[Y, Y])], r"shape \(T, 1\)"),
        (Linear(), dataclasses.replace(GIVEN, start_weights=[[1.0]]), "start_weights must be"),
        (Linear(), Experiment(X, activity=np.ones(10), start_weights=W), "vary"),
        (Logistic(), Experiment(X, choices=np.arange(10) % 3, start_weights=W), "from 0 to 1"),
    ],
)
def test_observations_that_a_neuron_cannot_have_made_are_refused(neuron, data, message):
    with pytest.raises(ValidationError, match=message):
        fit(Hebbian(), neuron, data)


@pytest.mark.parametrize(
    ("rule", "data", "options", "message"),
    [
        (Hebbian(), GIVEN, {"fit": "learning_rat"}, "Did you mean 'learning_rate'"),
        (Hebbian(), GIVEN, {"fit": ()}, "names of hyperparameters"),
        (Hebbian(), GIVEN, {"fit": ("learning_rate",) * 2}, "each once"),
        (Hebbian, GIVEN, {}, "rule must be"),
        (PairSTDP(), GIVEN, {}, "for PairSTDP"),
        (TaylorRule.unknown(("r x",)), GIVEN, {}, "a reward for each sample"),
        (TaylorRule.unknown(), GIVEN, {}, "27 observations at least"),
        (Oja(), GIVEN, {"sparse": True}, "left out for hyperparameters"),
        (Oja(), GIVEN, {"l1": 0.1}, "left out for hyperparameters"),
        (TaylorRule.unknown(("x",)), GIVEN, {"sparse": True}, "experiments to hold out"),
        (Oja(), GIVEN, {"num_folds": 1}, "0, or 2 and more"),
        (Oja(), GIVEN, {"num_folds": -1}, "num_folds must be"),
        (Oja(), GIVEN, {"max_steps": 0}, "max_steps must be"),
        (Oja(), GIVEN, {"confidence": 1.0}, "confidence must be"),
        (Oja(), GIVEN, {"max_seconds": 0}, "max_seconds must be"),
        (Oja(), GIVEN, {"method": "guess"}, "method must be"),
        (Oja(), GIVEN, {"optimizer": 3}, "an optimiser of optax"),
        (Oja(), GIVEN, {"show_progress": 1}, "show_progress must be"),
        (Oja(), GIVEN, {"seed": -1}, "seed must be"),
        (Oja(1e3), recordings(Oja(0.1), count=3, length=30, size=3), {}, "first guess keeps"),
    ],
)
def test_rules_and_options_that_do_not_fit_are_refused(rule, data, options, message):
    with pytest.raises(ValidationError, match=message):
        fit(rule, Linear(), data, **options)


@pytest.mark.slow
def test_numbers_of_rules_inside_are_named_by_their_path():
    data = recordings(Oja(0.1), count=3, length=30, size=3)
    rule = Sum((Hebbian(0.01), Oja(0.05)))
    found = fit(rule, Linear(), data, fit="rules.1.learning_rate", num_folds=0)
    assert found.labels == ("rules.1.learning_rate",)
    assert found.rule.rules[0] == Hebbian(0.01)
    both = fit(rule, Linear(), data, num_folds=0)
    assert both.labels == ("rules.0.learning_rate", "rules.1.learning_rate")
    np.testing.assert_allclose(both.coefficients, [0.0, 0.1], atol=1e-3)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"inputs": X}, r"of shape \(E, T, in\)"),
        ({"start_weights": np.zeros((2, 1, 3))}, r"or \(1, out, in\)"),
        ({"rewards": Y}, r"of shape \(1, 10\)"),
        ({"observed": "potential"}, "observed must be"),
        ({"noise": -1}, "noise must be"),
        ({"observed": "choices"}, "one that chooses at random"),
        ({"observed": "choices", "noise": 0.1}, "0 for spikes and choices"),
    ],
)
def test_simulations_that_make_no_sense_are_refused(change, message):
    given = {"inputs": X[None], "start_weights": W} | change
    with pytest.raises(ValidationError, match=message):
        simulate(Oja(), Linear(), **given)


def test_a_simulation_that_explodes_says_when():
    inputs = 5 * np.random.default_rng(0).normal(size=(2, 50, 3))
    with pytest.raises(DivergenceError, match="weights of experiment"):
        simulate(BCM(1.0, 10.0), Linear(), inputs, W)


def test_a_simulation_is_repeatable_and_of_its_kind():
    inputs = np.random.default_rng(0).normal(size=(2, 40, 3))
    first, again, other = (
        simulate(TaylorRule(("x",), (0.0,)), Logistic(), inputs, W, observed="spikes", seed=s)
        for s in (0, 0, 1)
    )
    np.testing.assert_array_equal(first[1].spikes, again[1].spikes)
    assert (first[0].spikes != other[0].spikes).any()
    chosen = simulate(Hebbian(), SoftWinners(), inputs, np.ones((4, 3)), observed="choices")
    assert chosen[0].observed == "choices"
    assert chosen[0].num_outputs == 4
