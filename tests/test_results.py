"""What holds for every result: a picture, tables, a summary, and a file."""

import json
from dataclasses import dataclass, fields, is_dataclass
from typing import ClassVar

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import canns
from canns import task
from canns._results import Result, _subclasses
from canns._tensors import write_tensors
from canns.analyzer import metrics
from canns.analyzer.metrics._statistics import interval_reach
from canns.dynamics import Linear, RecallResult
from canns.errors import ValidationError
from canns.inference import (
    Protocol,
    TaylorRule,
    compare,
    compare_pairing,
    discover,
    fit,
    fit_pairing,
    simulate,
    weight_changes,
)
from canns.inference.rule_files import RuleResult
from canns.models.brain_inspired import AmariHopfieldNetwork, BrainInspiredModelGroup, LinearLayer
from canns.plasticity import BCM, Monitor, Oja, PairSTDP
from canns.trainer import Checkpoint, HebbianTrainer, OjaTrainer, RuleTrainer, train_ensemble

PATTERNS = task.random_patterns(4, 40, seed=0)
DATA = np.random.default_rng(0).normal(size=(60, 3)) * [2.0, 1.0, 1.0]


def _network():
    network = AmariHopfieldNetwork(40)
    HebbianTrainer(network).train(PATTERNS)
    return network


def _watched():
    layer = LinearLayer(3, 2, use_bcm_threshold=True)
    return RuleTrainer(layer, BCM(1e-4)).train(DATA, monitor=Monitor(("theta", "W"), every=10))


def _recordings():
    inputs = np.random.default_rng(0).normal(size=(4, 12, 2))
    return simulate(Oja(0.1), Linear(), inputs, [[0.5, 0.3]], noise=0.1)


def _pairing():
    pairs = [Protocol.pair(lag) for lag in (-20.0, -5.0, 5.0, 10.0, 20.0)]
    changes = weight_changes(PairSTDP(), pairs)
    return fit_pairing(PairSTDP(), pairs, changes, np.full(5, 0.02), fit="A_plus", num_starts=1)


def _length(outcome):
    return (outcome.weights**2).sum()


SMALL = {"num_probes": 4, "num_networks": 2}
BUILD = {
    "recall": lambda: _network().recall(task.flip(PATTERNS, 0.2, seed=1)),
    "record": lambda: OjaTrainer(LinearLayer(3, 2), 1e-3).train(DATA, epochs=3),
    "watched record": _watched,
    "record with measures": lambda: RuleTrainer(AmariHopfieldNetwork(40), "adatron").train(
        PATTERNS
    ),
    "ensemble": lambda: train_ensemble(
        LinearLayer(3, 2), "oja", DATA, seeds=(0, 1), scan={"learning_rate": [1e-3, 1e-2]}
    ),
    "curve": lambda: metrics.overlap_curve(60, [0.05, 0.3], **SMALL),
    "curve of one network": lambda: metrics.overlap_curve(60, [0.05], num_networks=1),
    "diagram": lambda: metrics.phase_diagram(60, [0.05, 0.1], [0.1, 0.9], **SMALL),
    "basin": lambda: metrics.basin_of_attraction(60, 0.05, [0.0, 0.5], **SMALL),
    "capacity": lambda: metrics.capacity(60, tolerance=0.05, **SMALL),
    "path": lambda: metrics.energy_path(_network(), PATTERNS[0], PATTERNS[1], num_paths=3),
    "landscape": lambda: metrics.energy_landscape(_network(), PATTERNS, num_points=5),
    "stabilities": lambda: metrics.stability_distribution(_network().W.value, PATTERNS),
    "fitted rule": lambda: fit(
        TaylorRule.unknown(("x y", "y^2 w"), 0.1), Linear(), _recordings(), sparse=True
    ),
    "comparison of rules": lambda: compare(Linear(), _recordings(), ["oja", "anti_hebbian"]),
    "fitted pairing": _pairing,
    "comparison of pairings": lambda: compare_pairing({"pairs": _pairing()}),
    "discovered rule": lambda: discover(
        Oja(0.01), Linear(), _length, DATA[:36].reshape(4, 9, 3), max_steps=20
    ),
    "attractors": lambda: metrics.spurious_states(_network(), PATTERNS, num_probes=20),
}
each = pytest.mark.parametrize("name", BUILD)


@pytest.fixture(scope="module")
def results():
    """Build each result once."""
    built = {}

    def result(name):
        if name not in built:
            built[name] = BUILD[name]()
        return built[name]

    return result


def _arrays(result):
    """Return the numeric fields of a result by name."""
    names = [f.name for f in fields(result)] if is_dataclass(result) else result._fields
    found = {name: getattr(result, name) for name in names}
    return {n: np.asarray(v) for n, v in found.items() if getattr(v, "ndim", 0)}


@pytest.mark.slow
def test_every_kind_of_result_is_here():
    kinds = {type(build()) for name, build in BUILD.items()}
    ours = {kind for kind in _subclasses(Result) if kind.__module__.startswith("canns.")}
    assert ours - {RuleResult} <= kinds


@pytest.mark.slow
@each
def test_a_result_draws_itself(name, results):
    figure, axes = results(name).plot()
    assert isinstance(figure, Figure)
    assert all(isinstance(panel, Axes) for panel in np.atleast_1d(axes).flat)
    assert all(panel.has_data() for panel in np.atleast_1d(axes).flat)


@pytest.mark.slow
@each
def test_its_arrays_are_labelled(name, results):
    result = results(name)
    whole = result.to_xarray()
    for field, values in _arrays(result).items():
        if field in whole:
            np.testing.assert_array_equal(whole[field].values, values)
    assert len(whole.data_vars) > 0


@each
def test_its_table_has_a_row_for_each_thing_measured(name, results):
    result = results(name)
    table = result.to_dataframe()
    assert len(table) > 0
    assert len(table.columns) > 0
    sizes = result.to_xarray().sizes
    if result.rows:
        assert len(table) == np.prod([sizes[dim] for dim in result.rows])


@each
def test_its_summary_is_a_few_lines(name, results):
    text = results(name).summary()
    assert 1 <= len(text.split("\n")) <= 12
    assert "array(" not in text


@each
def test_what_is_saved_is_loaded(name, results, tmp_path):
    result = results(name)
    result.save(tmp_path / "result.safetensors")
    again = canns.load(tmp_path / "result.safetensors")
    assert type(again) is type(result)
    assert repr(again) == repr(result)
    assert again.summary() == result.summary()
    for field, values in _arrays(result).items():
        np.testing.assert_array_equal(np.asarray(getattr(again, field)), values)
    assert again.to_xarray().identical(result.to_xarray())


@each
def test_a_file_of_xarray_holds_it_too(name, results):
    """Attributes and names are those that netCDF knows."""
    attributes = results(name).to_xarray().attrs
    assert all(isinstance(value, str | int | float) for value in attributes.values())
    assert not any(isinstance(value, bool) for value in attributes.values())


def test_a_recall_is_still_a_named_tuple(results):
    states, outcome, steps, energies = results("recall")
    assert states.shape == (4, 40)
    assert len(outcome) == len(steps) == len(energies) == 4
    changed = results("recall")._replace(steps=steps + 1)
    assert isinstance(changed, RecallResult)


def test_a_recall_has_a_row_for_each_cue(results):
    result = results("recall")
    table = result.to_dataframe()
    assert table.columns.tolist() == ["outcome", "steps", "first_energy", "last_energy"]
    np.testing.assert_array_equal(table["last_energy"], np.asarray(result.energies)[:, -1])


def test_records_of_a_monitor_are_by_sample(results):
    record = results("watched record")
    whole = record.to_xarray()
    assert whole["theta"].dims == ("sample", "theta_axis_0")
    assert whole.coords["sample"].values.tolist() == [10, 20, 30, 40, 50, 60]
    np.testing.assert_array_equal(whole["W"].values, record.history["W"])
    _, axes = record.plot()
    assert [panel.get_ylabel() for panel in axes] == ["theta"]


def test_spikes_are_in_the_dataset():
    from canns.models.brain_inspired import SpikingLayer
    from canns.trainer import STDPTrainer

    layer = SpikingLayer(3, 2, threshold=0.2)
    layer.W.value = np.full((2, 3), 0.5)
    spikes = (np.random.default_rng(0).random((20, 3)) < 0.5).astype(np.float32)
    record = STDPTrainer(layer).train(spikes, monitor=Monitor(("spikes",)))
    whole = record.to_xarray()
    np.testing.assert_array_equal(whole["spike_sample"].values, record.spikes[0])
    assert len(record.spikes[0]) > 0


def test_a_function_of_the_users_own_has_no_theory_whatever_it_is_called():
    def hebbian(patterns):
        return patterns.T @ patterns / 60

    curve = metrics.overlap_curve(60, [0.05], rule=hebbian, **SMALL)
    assert curve.conditions["rule"] == "function hebbian"
    _, axes = curve.plot()
    assert "theory" not in str(axes.get_legend_handles_labels()[1])


def test_intervals_of_a_curve_are_students():
    curve = metrics.overlap_curve(60, [0.3], num_networks=4, num_probes=5)
    means = curve.samples[0].mean(axis=1)
    half = 3.1824463 * means.std(ddof=1) / 2  # Student's quantile of three degrees of freedom
    np.testing.assert_allclose(curve.reach[:, 0], [half, min(half, 1 - means.mean())], rtol=1e-6)


def test_a_probability_of_zero_has_the_exact_interval():
    basin = metrics.basin_of_attraction(60, 0.05, [0.0], num_networks=2, num_probes=10)
    assert basin.probability[0] == 0
    # Clopper and Pearson (1934) of 0 in 20: 1 - 0.025 ** (1 / 20).
    np.testing.assert_allclose(basin.reach[:, 0], [0, 1 - 0.025 ** (1 / 20)], rtol=1e-9)


def test_the_landscape_of_states_is_their_energy(results):
    landscape = results("landscape")
    network = _network()
    np.testing.assert_allclose(landscape.point_energies, network.energies(PATTERNS), rtol=1e-6)
    on_plane = landscape.centre + landscape.points @ landscape.axes
    np.testing.assert_allclose(landscape.project(on_plane), landscape.points, atol=1e-5)
    with pytest.raises(ValidationError, match="states must be three or more that lie not on a"):
        metrics.energy_landscape(network, np.array([PATTERNS[0], -PATTERNS[0], 0 * PATTERNS[0]]))


def test_the_middle_of_a_landscape_is_the_mean_energy_of_independent_neurons():
    """Without self-couplings E is linear in each neuron, so the mean over states is E of means."""
    weights = np.array([[0.0, 1.0, -0.5], [1.0, 0.0, 0.3], [-0.5, 0.3, 0.0]])
    states = np.array([[1.0, 1, 1], [-1, 1, 1], [1, -1, 1], [-1, -1, 1]])
    landscape = metrics.energy_landscape(weights, states, num_points=3, margin=0.0)
    # The mean state is (0, 0, 1): neurons 0 and 1 are +-1 with equal probability.
    energies = -0.5 * np.einsum("bi,ij,bj->b", states, weights, states)
    np.testing.assert_allclose(landscape.energies[1, 1], energies.mean(), atol=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        lambda: AmariHopfieldNetwork(5),
        lambda: BrainInspiredModelGroup(LinearLayer(3, 2), LinearLayer(2, 1)),
    ],
)
def test_load_reads_models(model, tmp_path):
    built = model()
    built.save(tmp_path / "model")
    again = canns.load(tmp_path / "model")
    assert type(again) is type(built)
    assert repr(again) == repr(built)


def test_load_shows_a_checkpoint(tmp_path):
    layer = LinearLayer(3, 2)
    path = tmp_path / "run.safetensors"
    OjaTrainer(layer, 1e-3).train(DATA, epochs=2, checkpoint=Checkpoint(path))
    saved = canns.load(path)
    assert saved.seen == 120
    np.testing.assert_array_equal(saved.arrays["learner.weights"], layer.W.value)


def test_load_refuses_what_the_library_did_not_write(tmp_path):
    with pytest.raises(ValidationError, match="path must be an existing file"):
        canns.load(tmp_path / "nothing")
    with pytest.raises(ValidationError, match="path must be a path"):
        canns.load(3)
    other = tmp_path / "other.safetensors"
    write_tensors(other, {"a": np.ones(2)}, {})
    with pytest.raises(ValidationError, match="path must be a file that canns saved"):
        canns.load(other)
    (tmp_path / "text").write_text("hello")
    with pytest.raises(ValidationError, match="path must be a safetensors file"):
        canns.load(tmp_path / "text")
    unknown = {"format": "canns-result-1", "class": "Nothing", "fields": "{}"}
    write_tensors(other, {}, unknown)
    with pytest.raises(ValidationError, match="path must be a saved result of a known class"):
        canns.load(other)


def test_a_field_that_cannot_be_written_is_refused_before_the_file(tmp_path):
    @dataclass(frozen=True, eq=False, repr=False)
    class Own(Result):
        what: object

        rows: ClassVar[tuple[str, ...]] = ()

    with pytest.raises(ValidationError, match="what must be numbers, words"):
        Own(object()).save(tmp_path / "own")
    assert not [*tmp_path.iterdir()]


def test_infinite_numbers_survive(tmp_path):
    found = metrics.Capacity(
        0.1, 0.01, (0.08, np.inf), np.full(2, 0.1), np.array([[0.09, np.inf]] * 2), 2
    )
    found.save(tmp_path / "capacity")
    again = canns.load(tmp_path / "capacity")
    assert again.interval == (0.08, np.inf)
    assert json.dumps(again.beyond) == "2"


def test_an_interval_ends_at_what_is_possible_and_one_value_has_none():
    # Student's quantile: t(3, .975) = 3.182446
    mean, error = np.array([0.5, 0.99, 0.5]), np.array([0.01, 0.01, np.nan])
    down, up = interval_reach(mean, error, np.array([4, 4, 1]), -1, 1)
    np.testing.assert_allclose(down, [0.03182446, 0.03182446, 0.0], rtol=1e-5)
    np.testing.assert_allclose(up, [0.03182446, 0.01, 0.0], rtol=1e-5)
