"""Retrieval overlaps against theory, and the machinery that all sweeps share."""

import jax.numpy as jnp
import numpy as np
import pytest
from metrics_helpers import ags_overlap, hebb, little_overlap

from canns.analyzer.metrics import _ensemble, _settle, overlap_curve
from canns.errors import ValidationError
from canns.plasticity import STORAGE_RULES, Hebbian, PseudoInverse

pytestmark = pytest.mark.slow


def curve_of(loads, **options):
    """A curve of few small networks, of one shape, so that the tests share compilations."""
    return overlap_curve(100, loads, **{"num_networks": 2, "num_probes": 5} | options)


def test_without_noise_the_overlap_is_that_of_ags():
    size = 4000
    curve = overlap_curve(size, [0.08, 0.1, 0.12], num_networks=4, seed=1)
    assert curve.samples.shape == (3, 4, 50)
    assert curve.num_patterns.tolist() == [320, 400, 480]
    # A pattern does not disturb itself, so it feels the load (P - 1)/N.
    theory = [ags_overlap((count - 1) / size) for count in curve.num_patterns]
    assert (np.abs(curve.mean - theory) < 4 * curve.standard_error).all()
    # So fine that one update, m = erf(1/sqrt(2 alpha)), would fail: .9984 at .1.
    assert (curve.standard_error < [1e-4, 2e-4, 1e-3]).all()


@pytest.mark.parametrize(("load", "temperature"), [(0.05, 0.3), (0.05, 0.5), (0.1, 0.2)])
def test_with_noise_the_overlap_is_that_of_littles_model(load, temperature):
    curve = overlap_curve(2000, load, temperature=temperature, num_networks=6, num_probes=30)
    theory = little_overlap(load, temperature)
    # At finite N a few probes fall out of the state, which near it is no matter of theory.
    inside = np.abs(curve.samples[0] - theory) < 0.1
    assert inside.mean() > 0.95
    by_network = np.array(
        [row[kept].mean() for row, kept in zip(curve.samples[0], inside, strict=True)]
    )
    error = by_network.std(ddof=1) / np.sqrt(6)
    assert error < 1.5e-3
    assert abs(by_network.mean() - theory) < 4 * error


def test_the_oracle_is_known_if_updates_do_not_matter():
    # Without patterns beside the one, all updates give m = tanh(m/T).
    assert little_overlap(1e-9, 0.5) == pytest.approx(0.95750, abs=1e-5)
    # With little noise they hardly differ: the figure is that of asynchronous ones.
    assert little_overlap(0.05, 0.3) == pytest.approx(0.991165, abs=2e-5)


def test_one_update_at_a_time_ends_where_all_at_once_does():
    together = curve_of([0.05, 0.12, 0.2], num_networks=10)
    in_turn = curve_of([0.05, 0.12, 0.2], num_networks=10, asynchronous=True)
    assert not np.array_equal(together.samples, in_turn.samples)
    error = np.hypot(together.standard_error, in_turn.standard_error) + 1 / 100
    assert (np.abs(together.mean - in_turn.mean) < 4 * error).all()


def test_the_statistics_are_those_of_the_samples():
    curve = curve_of([0.1, 0.2], num_networks=3)
    np.testing.assert_allclose(curve.mean, curve.samples.reshape(2, 15).mean(1))
    np.testing.assert_allclose(curve.median, np.median(curve.samples.reshape(2, 15), axis=1))
    between = curve.samples.mean(2).std(1, ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(curve.standard_error, between)
    alone = curve_of(0.2, num_networks=1)
    within = alone.samples[0, 0].std(ddof=1) / np.sqrt(5)
    assert within > 0
    np.testing.assert_allclose(alone.standard_error, [within])


def test_a_seed_is_a_result_and_a_load_does_not_depend_on_the_others():
    first, again, other = (
        curve_of([0.1, 0.2], initial_overlap=0.5, seed=seed).samples for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(again, first)
    assert not np.array_equal(other, first)
    np.testing.assert_array_equal(curve_of(0.1, initial_overlap=0.5, seed=3).samples[0], first[0])


def test_cues_have_the_overlap_that_was_asked_for():
    # Couplings of zero leave every cue as it is.
    for initial in (-1.0, -0.5, 0.0, 0.3, 1.0):
        curve = curve_of(0.2, rule=lambda x: jnp.zeros((100, 100)), initial_overlap=initial)
        np.testing.assert_allclose(curve.samples, initial, atol=1e-6)


@pytest.mark.parametrize(
    "options", [{}, {"asynchronous": True}, {"temperature": 0.2}], ids=["all", "in-turn", "noise"]
)
def test_patterns_in_place_of_a_matrix_change_nothing(options):
    def build(patterns):
        assert patterns.shape == (20, 100)
        return jnp.asarray(hebb(np.asarray(patterns)), jnp.float32)

    kept = curve_of(0.2, initial_overlap=0.6, **options).samples
    built = curve_of(0.2, initial_overlap=0.6, rule=build, **options).samples
    np.testing.assert_array_equal(built, kept)


def test_named_rules_and_rules_store_as_they_should():
    hebbian = curve_of(0.2, num_networks=4)
    by_rule = curve_of(0.2, num_networks=4, rule=Hebbian(1 / 100))
    # Rounding of the rule's own rate may decide a tie.
    assert np.abs(by_rule.mean - hebbian.mean).max() < 0.05
    assert hebbian.mean[0] < 0.97
    # The second needs its many epochs to be exact.
    assert STORAGE_RULES["diederich_opper"].epochs > 1
    for rule in ("pseudo_inverse", "diederich_opper", PseudoInverse()):
        np.testing.assert_allclose(curve_of(0.2, rule=rule).samples, 1)


def test_the_probes_are_stored_at_any_time():
    def second_half(patterns):
        kept = np.asarray(patterns)[len(patterns) // 2 :]
        return jnp.asarray(np.linalg.pinv(kept) @ kept)

    exact = curve_of(0.2, rule=second_half, num_networks=20).samples > 0.99
    # The 5 of a network's 20: hypergeometric, of variance 5/4 (1 - 4/19).
    error = np.sqrt(5 / 4 * (1 - 4 / 19) / 20) / 5
    assert abs(exact.mean() - 0.5) < 3 * error


def test_stages_and_shorter_arrays_change_nothing(monkeypatch):
    # Not if probes end in 2-cycles, because a stage may stop them in the other of the two states.
    plain = curve_of([0.05, 0.2], initial_overlap=0.5, seed=1).samples
    monkeypatch.setattr(_settle, "COMPILE_WORTH", 0)
    monkeypatch.setattr(_settle, "_STAGE", 4)
    monkeypatch.setattr(_ensemble, "COMPILE_WORTH", 0)
    staged = curve_of([0.05, 0.2], initial_overlap=0.5, seed=1).samples
    np.testing.assert_array_equal(staged, plain)


def test_a_curve_is_compiled_once(count_compilations):
    def curve(loads, temperature, seed):
        return overlap_curve(
            90, loads, temperature=temperature, num_networks=2, num_probes=7, seed=seed
        ).samples

    for temperature, other in ((0.0, 0.0), (0.3, 0.4)):
        assert count_compilations(lambda t=temperature: curve([0.1], t, 0)) > 0
        again = count_compilations(lambda t=other: curve([0.03, 0.05, 0.07, 0.1], t, 1))
        assert again == 0


def test_progress_is_shown_when_asked_for(capsys):
    curve_of(0.2, show_progress=True)
    assert "Probing" in capsys.readouterr().err
    curve_of(0.2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "options", "name"),
    [
        ((1, 0.1), {}, "num_neurons"),
        ((100, []), {}, "loads"),
        ((100, [0.1, np.nan]), {}, "loads"),
        ((100, [0.0]), {}, "loads"),
        ((100, 0.004), {}, "loads"),
        ((100, 0.1), {"temperature": -0.1}, "temperature"),
        ((100, 0.1), {"initial_overlap": 1.1}, "initial_overlap"),
        ((100, 0.1), {"asynchronous": 1}, "asynchronous"),
        ((100, 0.1), {"num_probes": 0}, "num_probes"),
        ((100, 0.1), {"num_networks": 0}, "num_networks"),
        ((100, 0.1), {"num_networks": 1, "num_probes": 1}, "num_networks"),
        ((100, 0.1), {"num_iter": 0}, "num_iter"),
        ((100, 0.1), {"seed": -1}, "seed"),
        ((100, 0.1), {"show_progress": "yes"}, "show_progress"),
        ((100, 0.1), {"rule": "oja"}, "rule"),
        ((100, 0.1), {"rule": "sequence"}, "rule"),
        ((100, 0.1), {"rule": 3}, "rule"),
        ((100, 0.1), {"rule": Hebbian(-1.0)}, "learning_rate"),
        ((100, 0.1), {"rule": lambda x: jnp.zeros((99, 99))}, "rule"),
    ],
)
def test_bad_arguments(arguments, options, name):
    with pytest.raises(ValidationError, match=f"^{name} must be"):
        overlap_curve(*arguments, **options)
