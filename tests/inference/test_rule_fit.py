"""Rules found again from what they did, on small problems; large ones are among the oracles."""

import dataclasses

import jax
import numpy as np
import pytest
from recordings import recordings, true_values

import canns
from canns.dynamics import Linear, Logistic, Poisson, Recorded, SoftWinners
from canns.errors import CannsWarning
from canns.inference import Experiment, fit, simulate
from canns.plasticity import (
    BCM,
    BasisSTDP,
    Bounds,
    Hebbian,
    MLPRule,
    Oja,
    PairSTDP,
    RewardModulated,
    Score,
    SplineSTDP,
    TaylorRule,
    taylor_terms,
)
from seeds import SEEDS

TERMS = (*taylor_terms("xyw", 1), "y^2 w")
SMALL = {"count": 6, "length": 24, "size": 3}
UNKNOWN = TaylorRule.unknown(TERMS, 0.1)


@pytest.fixture(scope="module")
def noisy():
    return fit(UNKNOWN, Linear(), recordings(Oja(0.1), **SMALL, noise=0.1))


def test_without_noise_the_coefficients_are_exact():
    found = fit(UNKNOWN, Linear(), recordings(Oja(0.1), **SMALL))
    wanted = true_values(found.labels, x_y=1.0, **{"y^2_w": -1.0})
    np.testing.assert_allclose(found.coefficients, wanted, rtol=0, atol=1e-6)
    assert found.nearest == "oja"
    assert found.converged
    assert found.r2 > 0.999999


def test_with_noise_they_are_within_five_errors(noisy):
    wanted = true_values(noisy.labels, x_y=1.0, **{"y^2_w": -1.0})
    assert (np.abs(noisy.coefficients - wanted) < 5 * noisy.standard_error).all()
    assert (noisy.interval[:, 0] < noisy.coefficients).all()
    assert noisy.held_out.mean() > noisy.no_plasticity.mean() + 0.1
    assert noisy.no_plasticity.shape == noisy.random.shape == (6,)


@pytest.mark.slow
def test_the_selection_leaves_the_terms_of_the_rule():
    data = recordings(Oja(0.1), **{**SMALL, "count": 12}, noise=0.1)
    found = fit(UNKNOWN, Linear(), data, sparse=True)
    assert {t for t, kept in zip(found.labels, found.kept, strict=True) if kept} == {"x y", "y^2 w"}
    assert (found.coefficients[found.kept == 0] == 0).all()
    assert found.path_sizes[0] == len(TERMS)
    assert found.path_scores.shape == (len(TERMS) + 1, 12)


def test_one_step_regression_starts_from_observed_weights():
    data = recordings(Oja(0.1), **SMALL, noise=0.02, observed="weights")
    found = fit(UNKNOWN, Linear(), data)
    wanted = true_values(found.labels, x_y=1.0, **{"y^2_w": -1.0})
    assert (np.abs(found.coefficients - wanted) < 5 * found.standard_error).all()
    # The first step alone is on the answer, because from weight to weight the rule is linear.
    assert found.losses[1] < 0.05 * found.losses[0]


@pytest.mark.slow
def test_hyperparameters_stay_in_their_interval():
    data = recordings(BCM(0.01, 5.0), count=8, length=40, size=3, spread=1.5)
    found = fit(BCM(0.02, 20.0), Linear(), data)
    assert found.labels == ("learning_rate", "threshold_tau")
    np.testing.assert_allclose(found.coefficients, [0.01, 5.0], rtol=1e-4)
    one = fit(BCM(0.02, 5.0), Linear(), data, fit="learning_rate")
    np.testing.assert_allclose(one.rule.learning_rate, 0.01, rtol=1e-4)
    assert one.rule.threshold_tau == 5.0
    # Without plasticity the rate falls towards the edge, and its interval stays above it.
    still = recordings(TaylorRule(("x",), (0.0,)), **SMALL, noise=0.1)
    edge = fit(Hebbian(0.01), Linear(), still)
    assert 0 <= edge.interval[0, 0] <= edge.coefficients[0] < 1e-3


def test_unknown_start_weights_are_found_too():
    known = recordings(Oja(0.1), **{**SMALL, "length": 40}, noise=0.01)
    data = [dataclasses.replace(each, start_weights=None) for each in known]
    found = fit(Oja(0.05), Linear(), data)
    assert abs(found.coefficients[0] - 0.1) < 5 * found.standard_error[0]
    start = np.stack([each.start_weights for each in known])
    np.testing.assert_allclose(found.start_weights, start, atol=0.1)


def test_gaps_and_lengths_may_differ_and_compile_nothing_new(count_compilations):
    data = recordings(Oja(0.1), **SMALL)
    cut = [
        Experiment(
            each.inputs[:n],
            activity=np.where(np.arange(n) % 3 == 1, np.nan, each.activity[:n, 0]),
            start_weights=each.start_weights,
        )
        for each, n in zip(data, (24, 20, 17, 24, 21, 18), strict=True)
    ]
    rule = TaylorRule.unknown(("x y", "y^2 w", "x"), 0.1)
    found = fit(rule, Linear(), data)
    gappy = []
    assert count_compilations(lambda: gappy.append(fit(rule, Linear(), cut))) == 0
    np.testing.assert_allclose(found.coefficients, [1, -1, 0], atol=1e-6)
    np.testing.assert_allclose(gappy[0].coefficients, [1, -1, 0], atol=1e-6)
    assert gappy[0].conditions["observations"] < found.conditions["observations"]


@pytest.mark.slow
def test_penalties_shrink():
    data = recordings(Oja(0.1), **SMALL, noise=0.1)
    free = fit(UNKNOWN, Linear(), data, num_folds=0)
    ridge = fit(UNKNOWN, Linear(), data, num_folds=0, l2=0.1)
    lasso = fit(UNKNOWN, Linear(), data, num_folds=0, l1=0.02)
    size = np.linalg.norm
    assert size(ridge.coefficients) < 0.9 * size(free.coefficients)
    assert np.abs(lasso.coefficients).sum() < 0.95 * np.abs(free.coefficients).sum()
    assert (np.abs(lasso.coefficients) < 1e-3).sum() >= 4


@pytest.mark.slow
def test_descent_with_an_optimiser_comes_to_the_same():
    import optax

    data = recordings(Oja(0.1), count=4, length=16, size=3)
    rule = TaylorRule.unknown(("x y", "y^2 w"), 0.1)
    with pytest.warns(CannsWarning, match="not settled"):
        found = fit(
            rule,
            Linear(),
            data,
            method="descent",
            optimizer=optax.chain(optax.clip_by_global_norm(1.0), optax.adam(0.05)),
            max_steps=300,
            num_folds=0,
        )
    np.testing.assert_allclose(found.coefficients, [1, -1], atol=0.05)


@pytest.mark.slow
def test_a_network_learns_the_direction_of_the_change():
    data = recordings(Oja(0.1), **{**SMALL, "count": 20}, noise=0.1)
    found = fit(MLPRule.unknown(5, learning_rate=0.1), Linear(), data, l2=1e-4, max_steps=200)
    assert found.held_out.mean() > found.no_plasticity.mean()
    assert found.nearest == "oja"
    assert found.distances["oja"] < 0.5  # less than half of the change is not Oja's


@pytest.mark.slow
def test_choices_of_an_animal_that_follows_the_gradient_of_reward():
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(12, 100, 2))
    rewards = rng.choice([-1.0, 1.0], size=(12, 100))
    true = RewardModulated(Score(0.3), 1.5)
    made = simulate(
        true, Logistic(), inputs, [[0.3, -0.3]], observed="choices", rewards=rewards, seed=1
    )
    found = fit(
        RewardModulated(Score(0.1), 1.5), Logistic(), made, fit="rule.learning_rate", num_folds=3
    )
    assert abs(np.log(found.coefficients[0] / 0.3)) < 5 * found.standard_error[0] / 0.3
    assert found.held_out.mean() > found.no_plasticity.mean()
    assert np.isnan(found.noise)


@pytest.mark.slow
def test_choices_among_three():
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(12, 80, 3))
    true = TaylorRule(("x y",), (1.0,), 0.02)
    made = simulate(true, SoftWinners(), inputs, np.zeros((3, 3)), observed="choices", seed=2)
    assert {*np.unique(made[0].choices)} <= {0, 1, 2}
    found = fit(TaylorRule.unknown(("x y", "w"), 0.02), SoftWinners(), made, num_folds=3)
    wanted = true_values(found.labels, x_y=1.0)
    assert (np.abs(found.coefficients - wanted) < 5 * found.standard_error).all()


def spike_trains(true, seed=0, project=Bounds(0.0, 400.0)):  # noqa: B008
    rng = np.random.default_rng(seed)
    inputs = (rng.random((24, 500, 20)) < 0.05).astype(float)
    start = rng.uniform(50, 250, (24, 1, 20))
    made = {"observed": "spikes", "project": project, "seed": seed}
    return simulate(true, Poisson(dt=2.0), inputs, start, **made)


@pytest.mark.slow
def test_spikes_give_amplitudes_of_the_window():
    data = spike_trains(PairSTDP(1.0, 20.0, 10.0, 17.0, 34.0))
    given = {"fit": ("A_plus", "A_minus"), "project": Bounds(0.0, 400.0), "num_folds": 0}
    found = fit(PairSTDP(1.0, 5.0, 5.0, 17.0, 34.0), Poisson(dt=2.0), data, **given)
    relative = found.standard_error / found.coefficients
    assert (np.abs(np.log(found.coefficients / [20.0, 10.0])) < 5 * relative).all()
    assert (relative < 0.2).all()


@pytest.mark.slow
def test_a_window_of_exponentials_from_weights_and_spikes():
    rng = np.random.default_rng(0)
    spikes = (rng.random((4, 200, 4)) < 0.2).astype(float)
    true = PairSTDP(1.0, 0.5, 0.3, 20.0, 20.0)
    made = simulate(true, Recorded(), spikes, np.zeros((1, 3)), observed="weights", noise=0.01)
    found = fit(BasisSTDP.unknown(taus=(5.0, 20.0)), Recorded(), made, num_folds=0)
    wanted = [0.0, 0.5, 0.0, -0.3]
    assert (np.abs(found.coefficients - wanted) < 5 * found.standard_error).all()
    assert found.labels == ("plus[0]", "plus[1]", "minus[0]", "minus[1]")


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_window_of_splines_from_weights_and_spikes(seed):
    rng = np.random.default_rng(seed)
    spikes = (rng.random((4, 200, 4)) < 0.2).astype(float)
    true = SplineSTDP((-0.3, 0.6, 0.4, 0.0), (0.2, -0.5, -0.3, 0.1), num_steps=20)
    options = {"observed": "weights", "noise": 0.01, "seed": seed}
    made = simulate(true, Recorded(), spikes, np.zeros((1, 3)), **options)
    found = fit(SplineSTDP.unknown(4, num_steps=20), Recorded(), made, num_folds=0)
    assert (np.abs(found.coefficients - [*true.plus, *true.minus]) < 5 * found.standard_error).all()
    assert found.standard_error.max() < 0.05


@pytest.mark.slow
def test_resamples_agree_with_the_curvature():
    data = recordings(Oja(0.1), **{**SMALL, "count": 24}, noise=0.1)
    rule = TaylorRule.unknown(("x y", "y^2 w"), 0.1)
    curved = fit(rule, Linear(), data, num_folds=2)
    drawn = fit(rule, Linear(), data, num_folds=2, num_bootstrap=60)
    assert drawn.resamples.shape == (60, 2)
    ratio = drawn.standard_error / curved.standard_error
    assert ((ratio > 0.4) & (ratio < 2.5)).all()


def test_it_goes_on_where_it_stopped(tmp_path):
    data = recordings(Oja(0.1), **SMALL)
    with pytest.warns(CannsWarning, match="not settled"):
        first = fit(UNKNOWN, Linear(), data, max_steps=1, num_folds=0)
    assert not first.converged
    first.save(tmp_path / "first.safetensors")
    again = fit(UNKNOWN, Linear(), data, resume=tmp_path / "first.safetensors", num_folds=0)
    assert again.converged
    assert again.losses[-1] < first.losses[-1]
    with pytest.warns(CannsWarning, match="time was used up"):
        fit(UNKNOWN, Linear(), data, max_seconds=1e-6)


@pytest.mark.slow
def test_restarts_find_at_least_as_good_an_answer():
    data = recordings(BCM(0.01, 5.0), count=6, length=30, size=3, noise=0.1, spread=1.5)
    once = fit(BCM(0.02, 50.0), Linear(), data)
    often = fit(BCM(0.02, 50.0), Linear(), data, num_restarts=6)
    assert often.log_likelihood >= once.log_likelihood - 1e-6


def test_a_result_is_drawn_tabulated_and_loaded(noisy, tmp_path):
    _, axes = noisy.plot()
    assert len(axes.get_yticks()) == len(TERMS)
    assert [*noisy.to_dataframe().index] == [*TERMS]
    noisy.save(tmp_path / "rule.safetensors")
    again = canns.load(tmp_path / "rule.safetensors")
    assert again.rule.terms == noisy.rule.terms
    np.testing.assert_array_equal(again.rule.coefficients, noisy.coefficients)
    assert again.summary() == noisy.summary()


@pytest.mark.slow
def test_what_the_data_leave_open_is_said():
    data = recordings(Oja(0.1), **SMALL)
    rule = TaylorRule.unknown(("r x", "x y", "y^2 w"), 0.1)
    silent = [
        Experiment(
            e.inputs, activity=e.activity, rewards=np.zeros(24), start_weights=e.start_weights
        )
        for e in data
    ]
    with pytest.warns(CannsWarning, match="do not determine r x"):
        found = fit(rule, Linear(), silent)
    assert np.isinf(found.standard_error[0])
    np.testing.assert_allclose(found.coefficients[1:], [1, -1], atol=1e-6)


def test_the_rule_found_learns_inside_other_transformations(noisy):
    from canns.plasticity import Setup, learn

    def norm(rule):
        after = learn(Setup(rule, Linear()), jax.numpy.ones((1, 3)) / 2, np.eye(3))
        return (after.weights**2).sum()

    slope = jax.grad(norm)(noisy.rule)
    assert np.isfinite(slope.coefficients).all()
