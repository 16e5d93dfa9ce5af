"""The learning rate "auto", on data of any scale; each case says how many epochs it takes."""

import brainstate
import numpy as np
import pytest

from canns import task
from canns.dynamics import RankedWinners, SoftWinners, WinnerTakeAll
from canns.errors import ValidationError
from canns.models.brain_inspired import BrainInspiredModelGroup, LinearLayer, NeuronLayer
from canns.plasticity import (
    Competitive,
    Hebbian,
    Instar,
    Kohonen,
    KrotovHopfield,
    NonlinearHebbian,
    Oja,
    OrthonormalRows,
    SoftHebb,
)
from canns.trainer import BCMTrainer, OjaTrainer, RuleTrainer, SangerTrainer, train_ensemble
from seeds import SEEDS

pytestmark = pytest.mark.slow

DIGITS, _ = task.digits()
PATCHES = task.natural_patches(4000, 8, seed=0)
UNITS = np.random.default_rng(0).normal(size=(4000, 4)) * [120.0, 30.0, 2.0, 0.1]


def _centred(data):
    return data - data.mean(axis=0)


# Samples, and the epochs after which components are found.
COMPONENTS = {
    "digits": (_centred(DIGITS), 150),
    "digits of 0 to 16": (_centred(16 * DIGITS), 150),
    "raw units": (_centred(UNITS), 5),
    "patches": (_centred(PATCHES), 60),
}
RATES = {
    "digits": DIGITS,
    "digits of 0 to 16": 16 * DIGITS,
    "raw units": np.abs(UNITS),
    "patches": PATCHES,
}
seeds = pytest.mark.parametrize("seed", SEEDS)


def _trained(trainer, data, epochs, seed):
    trainer.train(data, epochs=epochs, shuffle=True, seed=seed)
    return np.asarray(trainer.model.W.value, float)


@seeds
@pytest.mark.parametrize("name", COMPONENTS)
def test_components_are_found(name, seed):
    data, epochs = COMPONENTS[name]
    components = np.linalg.svd(data, full_matrices=False)[2]
    brainstate.random.seed(seed)
    count = min(3, data.shape[1])
    layers = [LinearLayer(data.shape[1], size) for size in (1, count)]
    oja = _trained(OjaTrainer(layers[0], "auto"), data, epochs, seed)
    assert abs(oja[0] @ components[0]) > 0.99 * np.linalg.norm(oja)
    sanger = _trained(SangerTrainer(layers[1], "auto"), data, epochs, seed)
    assert abs(sanger[0] @ components[0]) > 0.99 * np.linalg.norm(sanger[0])


@seeds
@pytest.mark.parametrize("name", ["digits of 0 to 16", "raw units"])
def test_named_rules_take_it_too(name, seed):
    data, epochs = COMPONENTS[name]
    components = np.linalg.svd(data, full_matrices=False)[2]
    brainstate.random.seed(seed)
    layer = LinearLayer(data.shape[1], 2)
    rows = _trained(RuleTrainer(layer, "oja_subspace", learning_rate="auto"), data, epochs, seed)
    basis = np.linalg.svd(rows, full_matrices=False)[2]
    assert np.linalg.norm(basis @ components[:2].T) ** 2 / 2 > 0.99


@seeds
@pytest.mark.parametrize("name", RATES)
def test_bcm_reaches_its_fixed_point(name, seed):
    # At a fixed point theta = E y^2 and E y^3 = theta E y^2; 300 epochs leave swings of a share.
    data = RATES[name]
    brainstate.random.seed(seed)
    layer = LinearLayer(data.shape[1], 2, use_bcm_threshold=True, threshold_tau=100.0)
    layer.W.value = np.abs(np.asarray(layer.W))
    y = data @ _trained(BCMTrainer(layer, "auto"), data, 300, seed).T
    square, cube = (y**2).mean(axis=0), (y**3).mean(axis=0)
    assert (square > 1).all()
    np.testing.assert_allclose(cube / square, square, rtol=0.25)


@seeds
@pytest.mark.parametrize("scale", [1.0, 16.0, 1e-3])
def test_sources_are_found(scale, seed):
    rng = np.random.default_rng(seed)
    sources = rng.laplace(size=(5000, 4))
    mixed = scale * sources @ rng.normal(size=(4, 4)).T
    white = task.whiten(mixed).apply(mixed)
    brainstate.random.seed(seed)
    trainer = RuleTrainer(
        LinearLayer(4, 4), NonlinearHebbian(), OrthonormalRows(), learning_rate="auto"
    )
    found = white @ _trained(trainer, white, 20, seed).T
    cosines = np.abs(np.corrcoef(found.T, sources.T)[:4, 4:])
    assert (cosines.max(axis=1) > 0.99).all()


@seeds
@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("rule", [Instar(), Kohonen(width=0.0), Competitive()], ids=repr)
def test_winners_are_means(rule, name, seed):
    data = RATES[name].astype(np.float32)
    if isinstance(rule, Competitive):
        data = np.abs(data)
    rng = np.random.default_rng(seed)
    layer = NeuronLayer(data.shape[1], 3, WinnerTakeAll(match="distance"))
    scale = np.abs(data).sum(axis=1, keepdims=True) if isinstance(rule, Competitive) else 1.0
    layer.W.value = (data / scale)[rng.choice(len(data), 3, replace=False)]
    rows = _trained(RuleTrainer(layer, rule, learning_rate="auto"), data, 10, seed)
    distance = ((data[:, None] - rows) ** 2).sum(axis=2)
    winner = distance.argmin(axis=1)
    for number in np.unique(winner):
        own = (data / scale)[winner == number]
        if len(own) < 100:  # an average over the last 100 samples
            continue
        mean = own.mean(axis=0)
        # The variance of the average about the mean, and that of the border between two rows.
        noise = own.var(axis=0).sum() / 199
        assert ((rows[number] - mean) ** 2).sum() < 16 * noise


@seeds
@pytest.mark.parametrize("name", RATES)
@pytest.mark.parametrize("rule", [KrotovHopfield(), SoftHebb()], ids=repr)
def test_rows_reach_their_norm(rule, name, seed):
    data = np.abs(RATES[name])
    neuron = RankedWinners() if isinstance(rule, KrotovHopfield) else SoftWinners()
    layer = NeuronLayer(data.shape[1], 3, neuron)
    chosen = data[np.random.default_rng(seed).choice(len(data), 3, replace=False)]
    layer.W.value = 0.5 * chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
    rows = _trained(RuleTrainer(layer, rule, learning_rate="auto"), data, 10, seed)
    assert np.linalg.norm(rows, axis=1).max() == pytest.approx(1, abs=0.05)


def test_the_plan_holds_a_number_that_follows_the_scale():
    data, _ = COMPONENTS["digits"]
    trainer = OjaTrainer(LinearLayer(64, 1), "auto")
    rates = []
    for scale in (1.0, 16.0):
        model = trainer._adapted()
        rates.append(model.accept(trainer._plan(model, scale * data)).setup.rule.learning_rate)
    assert rates[0] == pytest.approx(256 * rates[1], rel=1e-3)
    assert trainer.learning_rate == "auto"


def test_every_way_to_train_resolves_it():
    data = _centred(UNITS)
    RuleTrainer(LinearLayer(4, 1), Oja("auto")).train(data)
    RuleTrainer(LinearLayer(4, 1), Oja(), learning_rate=1e-6).train(data)
    BrainInspiredModelGroup(LinearLayer(4, 1), LinearLayer(4, 2)).train(data, Oja("auto"))
    assert train_ensemble(LinearLayer(4, 1), Oja("auto"), data, seeds=range(2)).sound.values.all()


def test_what_has_no_automatic_rate_is_refused():
    layer = LinearLayer(4, 1)
    before = np.array(layer.W.value)
    for trainer in (
        RuleTrainer(layer, Hebbian(), learning_rate="auto"),
        RuleTrainer(layer, Hebbian(), learning_rate="fast"),
        RuleTrainer(layer, "oja", learning_rate=-1.0),
        RuleTrainer(layer, "anti_hebbian", learning_rate="auto"),
    ):
        with pytest.raises(ValidationError, match=r"^learning_rate must be"):
            trainer.train(_centred(UNITS))
    with pytest.raises(ValidationError, match="data of zeros"):
        OjaTrainer(layer, "auto").train(np.zeros((5, 4)))
    with pytest.raises(ValidationError, match=r"^learning_rate"):
        OjaTrainer(layer, "quick")
    np.testing.assert_array_equal(layer.W.value, before)
