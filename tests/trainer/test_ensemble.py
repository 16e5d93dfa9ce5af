"""Many trainings in one call: each member is what it would be alone."""

from typing import ClassVar

import jax
import numpy as np
import pytest

import canns
from canns.dynamics import LIF, Poisson
from canns.errors import CannsWarning, MissingStateError, ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    LayerStack,
    LinearLayer,
    NeuronLayer,
    SpikingLayer,
)
from canns.plasticity import (
    STDP,
    AdaTron,
    Bounds,
    Hebbian,
    Identity,
    Oja,
    PairSTDP,
    PartProjections,
    Parts,
    Rule,
    Sum,
    Unlearning,
    contract,
)
from canns.trainer import Ensemble, RuleTrainer, train_ensemble
from canns.typing import param, pytree

DATA = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
SPIKES = (np.random.default_rng(1).random((40, 3)) < 0.5).astype(np.float32)


@pytree
class Rewarded(Rule):
    """eta r y x'."""

    learning_rate: float = param(default=0.1, low=0)

    needs: ClassVar[tuple[str, ...]] = ("reward",)

    def step(self, memory, weights, activity):
        return memory, self.learning_rate * activity.reward * contract(activity.post, activity.pre)


def coords_of(array):
    """The values of each coordinate of an array, in the order of its axes."""
    return {dim: tuple(array.coords[dim].values.tolist()) for dim in array.coords}


def alone(layer, seed, rule, data, project=None, **options):
    """A layer of the same kind with the weights of a seed, trained by itself."""
    single = type(layer)(3, 2)
    single.W.value = layer.draw(jax.random.key(seed))
    RuleTrainer(single, rule, project).train(data, **options)
    return single


def test_each_member_is_what_it_would_be_alone():
    layer = LinearLayer(3, 2)
    kept = np.asarray(layer.W.value)
    scan = {"learning_rate": [0.01, 0.02]}
    runs = train_ensemble(layer, Oja(), DATA, seeds=[3, 5], scan=scan, epochs=2)
    assert runs.sound.dims == ("learning_rate", "seed")
    assert coords_of(runs.weights) == {"learning_rate": (0.01, 0.02), "seed": (3, 5)}
    for rate in scan["learning_rate"]:
        for seed in (3, 5):
            single = alone(layer, seed, Oja(rate), DATA, epochs=2)
            own = runs.weights.sel(learning_rate=rate, seed=seed)
            np.testing.assert_allclose(own.values, single.W.value, atol=1e-6)
            np.testing.assert_array_equal(
                runs.member(learning_rate=rate, seed=seed).W.value, own.values
            )
    np.testing.assert_array_equal(layer.W.value, kept)


def test_neuron_and_projection_are_scanned_by_their_names():
    layer = SpikingLayer(3, 2, threshold=0.3)
    layer.W.value = np.full((2, 3), 0.2)
    scan = {"neuron.leak": [0.2, 0.9], "project.w_max": [0.21, 0.25]}
    runs = train_ensemble(layer, STDP(0.5), SPIKES, Bounds(), scan=scan)
    assert runs.sound.dims == ("neuron.leak", "project.w_max")
    for leak in scan["neuron.leak"]:
        for w_max in scan["project.w_max"]:
            single = NeuronLayer(3, 2, LIF(threshold=0.3, leak=leak))
            single.W.value = np.full((2, 3), 0.2)
            RuleTrainer(single, STDP(0.5), Bounds(0.0, w_max)).train(SPIKES)
            choice = {"neuron.leak": leak, "project.w_max": w_max}
            np.testing.assert_allclose(runs.weights.sel(**choice).values, single.W.value, atol=1e-7)
            np.testing.assert_allclose(runs.member(**choice).v.value, single.v.value, atol=1e-7)
    assert np.unique(runs.weights.values).size > 3, "nothing to compare"


def test_inner_rules_are_scanned_by_position_and_keep_their_memory():
    layer = LayerStack(LinearLayer(3, 2), LinearLayer(2, 1))
    rule = Parts((Sum((Oja(0.01), Oja(0.01))), None))
    scan = {"rules.0.rules.1.learning_rate": [0.0, 0.01]}
    runs = train_ensemble(
        layer, rule, DATA, PartProjections((Bounds(-9, 9), Identity())), scan=scan
    )
    first, second = runs.weights
    assert (first.shape, second.shape) == ((2, 2, 3), (2, 1, 2))
    single = LinearLayer(3, 2)
    for rate, expected in zip((0.01, 0.02), first.values, strict=True):
        single.W.value = layer[0].W.value
        RuleTrainer(single, Oja(rate)).train(DATA)
        np.testing.assert_allclose(expected, single.W.value, atol=1e-6)


def test_each_seed_may_have_its_own_data_and_all_share_the_rewards():
    sets, rewards = np.stack([DATA, 2 * DATA]), np.linspace(-0.1, 0.1, 40)
    layer = LinearLayer(3, 2)
    runs = train_ensemble(layer, Rewarded(), sets, seeds=[0, 1], rewards=rewards)
    for seed in (0, 1):
        single = alone(layer, seed, Rewarded(), sets[seed], rewards=rewards)
        np.testing.assert_allclose(runs.weights.sel(seed=seed), single.W.value, atol=1e-6)


@pytest.mark.slow
def test_seeds_decide_what_is_random_in_a_neuron_too():
    neuron = Poisson(rate=500.0, width=100.0, escape="exponential")
    layer = NeuronLayer(3, 2, neuron)
    runs = train_ensemble(layer, Hebbian(1.0), SPIKES, seeds=[0, 1])
    for seed in (0, 1):
        key, single = jax.random.key(seed), NeuronLayer(3, 2, neuron)
        single.W.value = layer.draw(key)
        state = neuron.seeded(neuron.init(single.W.value), jax.random.fold_in(key, 1))
        single.seed.value = state.seed
        RuleTrainer(single, Hebbian(1.0)).train(SPIKES)
        np.testing.assert_allclose(runs.weights.sel(seed=seed).values, single.W.value, rtol=1e-6)
        assert np.ptp(single.W.value) > 1, "no spikes"


def test_networks_store_a_data_set_each():
    patterns = np.random.default_rng(2).choice([-1.0, 1.0], (3, 2, 6))
    runs = train_ensemble(AmariHopfieldNetwork(6), "pseudo_inverse", patterns)
    assert coords_of(runs.weights) == {"data_set": (0, 1, 2)}
    for i, rows in enumerate(patterns):
        network = AmariHopfieldNetwork(6)
        RuleTrainer(network, "pseudo_inverse").train(rows)
        np.testing.assert_allclose(runs.weights.sel(data_set=i), network.W.value, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["minover", "adatron", "unlearning"])
def test_rules_that_count_store_a_data_set_each(name):
    patterns = np.random.default_rng(2).choice([-1.0, 1.0], (2, 2, 6))
    runs = train_ensemble(AmariHopfieldNetwork(6), name, patterns)
    # AdaTron stops at a sweep that depends on rounding; its tolerance is of fields of N weights.
    atol = AdaTron().tolerance if name == "adatron" else 1e-6
    for i, rows in enumerate(patterns):
        network = AmariHopfieldNetwork(6)
        RuleTrainer(network, name).train(rows)
        np.testing.assert_allclose(runs.weights.sel(data_set=i), network.W.value, atol=atol)


def test_counts_are_scanned():
    patterns = np.random.default_rng(2).choice([-1.0, 1.0], (2, 6))
    network = AmariHopfieldNetwork(6)
    runs = train_ensemble(network, Unlearning(0.1), patterns, scan={"num_dreams": [0, 7]})
    assert coords_of(runs.weights) == {"num_dreams": (0, 7)}
    for count in (0, 7):
        RuleTrainer(network, Unlearning(0.1, count)).train(patterns)
        np.testing.assert_allclose(runs.weights.sel(num_dreams=count), network.W.value, atol=1e-6)
        network.W.value = np.zeros((6, 6))
    with pytest.raises(ValidationError, match="num_dreams"):
        train_ensemble(network, Unlearning(0.1), patterns, scan={"num_dreams": [1.5]})


def test_a_run_that_diverges_does_not_stop_the_others():
    scan = {"learning_rate": [0.01, 50.0]}
    with pytest.warns(CannsWarning, match=r"a learning_rate from 50 on are beyond the bound"):
        runs = train_ensemble(LinearLayer(3, 2), Oja(), DATA, scan=scan)
    assert runs.sound.values.tolist() == [True, False]
    assert np.isnan(runs.weights.values[1]).all()
    assert np.isfinite(runs.weights.values[0]).all()


def test_a_rules_memory_is_labelled_too():
    layer = LinearLayer(3, 2, use_bcm_threshold=True, threshold_tau=7.0)
    runs = train_ensemble(layer, "bcm", DATA, seeds=range(3), scan={"learning_rate": [0.0]})
    y = DATA @ np.swapaxes(np.asarray(runs.weights.values[0]), -1, -2)  # (seed, T, out)
    theta = np.full((3, 2), 0.1)
    for t in range(len(DATA)):
        theta = theta + (y[:, t] ** 2 - theta) / 7
    np.testing.assert_allclose(runs.memory["theta"].values[0], theta, rtol=1e-4)


def test_other_values_compile_nothing(count_compilations):
    def run(rates, seeds):
        layer = LinearLayer(3, 5)
        scan = {"learning_rate": rates}
        return train_ensemble(layer, Oja(), DATA[:37], seeds=seeds, scan=scan)

    def learners(*args):
        return run(*args).learnt

    assert count_compilations(lambda: learners([0.01, 0.03], [1, 2])) > 0
    assert count_compilations(lambda: learners([0.02, 0.04], [3, 4])) == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scan": {"rate": [0.1]}}, r"scan must be .*learning_rate.* got 'rate'"),
        ({"scan": {"learning_rate": []}}, "learning_rate must be one value or more"),
        ({"scan": {"learning_rate": 0.1}}, "learning_rate must be one value or more, in a list"),
        ({"scan": {"learning_rate": [-1.0]}}, "learning_rate"),
        ({"scan": {"learning_rate": [np.nan]}}, "learning_rate"),
        ({"seeds": []}, "seeds must be one or more"),
        ({"seeds": [1, 1]}, "seeds must be one or more, all different"),
        ({"seeds": [-1]}, "seeds must be an integer"),
        ({"data": DATA[:, :2]}, "data must be 2-D"),
        ({"data": np.stack([DATA] * 3), "seeds": [0, 1]}, "data must be 2 data sets"),
        ({"data": [DATA, DATA[:-1]], "seeds": [0, 1]}, "data must be rows of one length"),
        ({"rewards": np.ones(40)}, "rewards must be None for Oja"),
        ({"project": PartProjections((Bounds(),))}, "projections must be 1"),
        ({"epochs": 0}, "epochs"),
        ({"rule": STDP()}, "trace_pre"),
        ({"model": AmariHopfieldNetwork(3), "rule": Hebbian(), "seeds": [0]}, "seeds must be None"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    arguments = {"model": LinearLayer(3, 2), "rule": Oja(), "data": DATA} | change
    with pytest.raises((ValidationError, MissingStateError), match=message):
        train_ensemble(**arguments)


def test_a_model_with_a_forward_of_its_own_is_refused():
    class Own(LinearLayer):
        def forward(self, x):
            return super().forward(x)

    with pytest.raises(ValidationError, match=r"own scan; got Own, which runs code"):
        train_ensemble(Own(3, 2), Oja(), DATA)


RATES = {"learning_rate": [0.1 * 0.3, 0.05]}


def scanned(seeds=(4, 5, 6)):
    return train_ensemble(LinearLayer(3, 2), Oja(), DATA, seeds=seeds, scan=RATES)


def test_weights_are_labelled_by_member_and_neuron():
    runs = scanned()
    assert runs.weights.dims == ("learning_rate", "seed", "post", "pre")
    assert runs.sound.dims == ("learning_rate", "seed")
    values = runs.weights.values
    np.testing.assert_array_equal(runs.weights.sel(seed=6).values, values[:, 2])
    np.testing.assert_array_equal(runs.weights.mean("seed").values, values.mean(axis=1))
    whole = runs.to_xarray()
    np.testing.assert_array_equal(whole["weights"].values, values)
    assert whole.attrs == {"rule": "Oja"}


def test_a_member_is_found_within_a_rounding_error():
    runs = scanned()
    np.testing.assert_array_equal(
        runs.member(learning_rate=0.03, seed=5).W.value, runs.weights.values[0, 1]
    )
    with pytest.raises(ValidationError, match=r"learning_rate must be one of .* got 0\.2"):
        runs.member(learning_rate=0.2, seed=5)
    with pytest.raises(ValidationError, match="dim must be one of learning_rate, seed"):
        runs.member(time=1)
    with pytest.raises(ValidationError, match="choices must be a value for seed too"):
        runs.member(learning_rate=0.05)


def test_the_table_has_a_row_for_each_member():
    runs = scanned()
    table = runs.to_dataframe()
    assert table.index.names == ["learning_rate", "seed"]
    norms = np.linalg.norm(runs.weights.values, axis=(-2, -1))
    np.testing.assert_allclose(table["weight_norm"].to_numpy(), norms.ravel(), rtol=1e-6)
    assert len(train_ensemble(LinearLayer(3, 2), Oja(), DATA).to_dataframe()) == 1


def test_the_picture_has_the_means_of_the_seeds_and_their_intervals():
    runs = scanned(seeds=(4, 5))
    _, axes = runs.plot()
    norms = np.linalg.norm(runs.weights.values, axis=(-2, -1))
    (container,) = axes.containers
    points, _, (bars,) = container
    np.testing.assert_allclose(points.get_ydata(), norms.mean(axis=1), rtol=1e-6)
    # With two seeds Student's quantile is 12.706, and the standard error half their distance.
    reach = 12.7062 * np.abs(np.diff(norms)[:, 0]) / 2
    lengths = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
    np.testing.assert_allclose(lengths, 2 * reach, rtol=1e-4)


@pytest.mark.parametrize("rule", ["bcm", "oja"])
def test_a_saved_ensemble_is_the_same_one(rule, tmp_path):
    layer = LinearLayer(3, 2, use_bcm_threshold=True)
    runs = train_ensemble(layer, rule, DATA, seeds=(1, 2), scan={"learning_rate": [1e-4, 1e-3]})
    runs.save(tmp_path / "runs.safetensors")
    again = canns.load(tmp_path / "runs.safetensors")
    assert isinstance(again, Ensemble)
    assert repr(again) == repr(runs)
    assert again.to_xarray().identical(runs.to_xarray())
    choice = {"learning_rate": 1e-3, "seed": 2}
    for name, box in runs.member(**choice).boxes().items():
        np.testing.assert_array_equal(again.member(**choice).boxes()[name].value, box.value)


def test_an_ensemble_of_parts_is_saved_and_labelled(tmp_path):
    stack = LayerStack(LinearLayer(3, 4), LinearLayer(4, 2))
    runs = train_ensemble(stack, Parts((Oja(), Oja())), DATA, seeds=(1, 2))
    runs.save(tmp_path / "runs.safetensors")
    again = canns.load(tmp_path / "runs.safetensors")
    assert again.to_xarray().sizes == {"seed": 2, "post_0": 4, "pre_0": 3, "post_1": 2, "pre_1": 4}
    np.testing.assert_array_equal(again.weight_norms.values, runs.weight_norms.values)


def test_members_in_blocks_are_those_of_all_together(monkeypatch):
    layer, rates = LinearLayer(3, 2), [0.001 * k for k in range(1, 8)]
    together = train_ensemble(layer, Oja(), DATA, scan={"learning_rate": rates})
    # Two members a block, two blocks a core: three cores have room for more than there are.
    monkeypatch.setattr("canns.plasticity.learning.members._CACHE", 2 * 24)
    monkeypatch.setattr("canns.plasticity.learning.members._cores", lambda: 3)
    blocks = train_ensemble(layer, Oja(), DATA, scan={"learning_rate": rates})
    np.testing.assert_allclose(blocks.weights.values, together.weights.values, rtol=1e-6)


def test_data_sets_have_noise_of_their_own():
    layer = NeuronLayer(20, 3, Poisson(50.0, width=1.0, escape="exponential"))
    layer.W.value = np.full((3, 20), 1.0)
    spikes = (np.random.default_rng(0).random((400, 20)) < 0.03).astype(np.float32)
    runs = train_ensemble(layer, PairSTDP(1e-3), np.stack([spikes, spikes]), project=Bounds(0, 5))
    # The field is the number of spikes, 0.6 on average: E exp(u - 1) = exp(0.6 (e - 1) - 1) = 1.03.
    # So the three neurons fire at about 50 Hz, some 60 times in 0.4 s.
    assert all((weights != 1.0).any() for weights in runs.weights.values)
    assert not np.array_equal(*runs.weights.values)
