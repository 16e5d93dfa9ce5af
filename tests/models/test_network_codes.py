"""Codes: which patterns and cues each network takes, and that it recalls what it takes."""

from functools import cache

import jax.numpy as jnp
import numpy as np
import pytest

from canns import task
from canns.analyzer.metrics import overlap, overlap_trajectory, stability_distribution
from canns.analyzer.model_specific import HopfieldAnalyzer
from canns.dynamics import DensePolynomial, Hopfield, McCullochPitts, recall
from canns.errors import ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BidirectionalAssociativeMemory,
    BrainInspiredModelGroup,
    ContinuousHopfieldNetwork,
    DenseAssociativeMemory,
    DilutedHopfieldNetwork,
    SequenceNetwork,
    SparseHopfieldNetwork,
    WillshawNetwork,
)
from canns.plasticity import STORAGE_RULES, Covariance, Hebbian, Reversed, ZeroDiagonal
from canns.trainer import AntiHebbianTrainer, HebbianTrainer, RuleTrainer

N, P = 200, 6
SIGNS = task.random_patterns(P, N, seed=0)
BITS = (SIGNS + 1) / 2
CUES = task.flip(SIGNS, 0.1, seed=1)
GREY = np.random.default_rng(0).integers(0, 256, (P, N)).astype(np.uint8)

#: Networks whose W any rule may learn, and what turns +-1 cues into their states.
NETWORKS = {
    "sign": (lambda: AmariHopfieldNetwork(N), lambda x: x),
    "tanh": (lambda: AmariHopfieldNetwork(N, activation="tanh", temperature=0.02), lambda x: x),
    "sigmoid": (
        lambda: AmariHopfieldNetwork(N, activation="sigmoid", temperature=0.01),
        lambda x: (x + 1) / 2,
    ),
    "0/1": (lambda: SparseHopfieldNetwork(N, 0.5, threshold=0.0), lambda x: (x + 1) / 2),
    "potentials": (lambda: ContinuousHopfieldNetwork(N, gain=50.0), lambda x: x),
    "logistic": (
        lambda: ContinuousHopfieldNetwork(N, gain=200.0, activation="sigmoid"),
        lambda x: x,
    ),
}
STORING = [name for name in STORAGE_RULES if name not in ("sequence", "anti_hebbian")]
CENTRED = ("hebbian", "covariance")
each_network = pytest.mark.parametrize("name", NETWORKS)


@cache
def learnt(rule):
    net = AmariHopfieldNetwork(N)
    RuleTrainer(net, rule).train(SIGNS)
    return np.asarray(net.W)


def recalled(net, states):
    """Return the mean overlap of what the network recalls with the patterns."""
    middle = 0.5 if np.min(states(SIGNS)) == 0 else 0.0
    ends = np.asarray(net.recall(states(CUES), num_iter=50).states)
    return np.mean(np.where(ends > middle, 1, -1) * SIGNS)


@each_network
@pytest.mark.parametrize("rule", STORING)
def test_every_rule_stores_signs_in_every_network(name, rule):
    make, states = NETWORKS[name]
    net = make()
    net.W.value = learnt(rule)
    assert recalled(net, states) > 0.95  # 0.8 at the cue


@each_network
@pytest.mark.parametrize("kind", [float, bool, np.uint8])
def test_a_centred_rule_stores_any_two_values(name, kind):
    make, states = NETWORKS[name]
    net = make()
    RuleTrainer(net, "covariance").train(BITS.astype(kind))
    np.testing.assert_allclose(net.W.value, learnt("covariance"), rtol=0, atol=1e-5)
    assert recalled(net, states) > 0.95


@pytest.mark.parametrize("factor", [1, 255], ids=["0/1", "0/255"])
def test_hebb_about_the_mean_stores_any_two_values(factor):
    net = AmariHopfieldNetwork(N)
    HebbianTrainer(net).train(factor * BITS)
    assert recalled(net, lambda x: x) > 0.95
    AntiHebbianTrainer(net).train(factor * BITS)
    assert np.abs(np.asarray(net.W)).max() <= 1e-5 * factor**2
    net.apply_hebbian_learning(factor * BITS)
    assert recalled(net, lambda x: x) > 0.95


@each_network
@pytest.mark.parametrize("rule", [name for name in STORAGE_RULES if name not in CENTRED])
def test_other_rules_refuse_zeros_and_ones(name, rule):
    net = NETWORKS[name][0]()
    if rule == "anti_hebbian":
        rule = Hebbian()
    for bits in (BITS, BITS.astype(bool), BITS.astype(np.uint8)):
        with pytest.raises(ValidationError, match=r"0 and 1 only.*2 \* x - 1.*'covariance'"):
            RuleTrainer(net, rule).train(bits)
    assert not np.any(net.W.value)


@each_network
def test_grey_pictures_are_refused_by_every_rule(name):
    net = NETWORKS[name][0]()
    for rule in (Hebbian(), "storkey", "covariance", *["hebbian"] * (name == "sign")):
        with pytest.raises(ValidationError, match=r"grey values from 0 to 255.*task\.binarize"):
            RuleTrainer(net, rule).train(GREY)


def pairs(x):
    return BidirectionalAssociativeMemory(N, N).store(x, SIGNS)


@pytest.mark.parametrize(
    "store",
    [
        HebbianTrainer(AmariHopfieldNetwork(N), subtract_mean=False).train,
        AntiHebbianTrainer(AmariHopfieldNetwork(N), subtract_mean=False).train,
        RuleTrainer(AmariHopfieldNetwork(N), Reversed(Hebbian()), ZeroDiagonal()).train,
        lambda x: BrainInspiredModelGroup(AmariHopfieldNetwork(N)).train(x, rule="storkey"),
        HebbianTrainer(ContinuousHopfieldNetwork(N)).train,
        ContinuousHopfieldNetwork(N).apply_hebbian_learning,
        SequenceNetwork(N).store,
        DilutedHopfieldNetwork(N, 50, seed=0).apply_hebbian_learning,
        DenseAssociativeMemory(N).store,
        pairs,
        lambda x: BidirectionalAssociativeMemory(N, N).store(SIGNS, x),
        lambda x: stability_distribution(np.eye(N), x),
        lambda x: overlap(SIGNS, x),
        lambda x: overlap(x, SIGNS),
        HopfieldAnalyzer(AmariHopfieldNetwork(N)).set_patterns,
    ],
)
def test_every_way_to_store_signs_refuses_zeros_and_ones(store):
    with pytest.raises(ValidationError, match=r"2 \* x - 1"):
        store(BITS)
    store(SIGNS)


def test_methods_that_keep_patterns_refuse_them_as_well():
    for method in ("packed", "factored"):
        trainer = HebbianTrainer(AmariHopfieldNetwork(N, method=method), subtract_mean=False)
        with pytest.raises(ValidationError, match=r"2 \* x - 1"):
            trainer.train(BITS)
        assert trainer.model.W.stored.num_patterns == 0


def test_rules_that_subtract_the_mean_say_so():
    assert Covariance().centres
    assert Reversed(Covariance()).centres
    assert not Reversed(Hebbian()).centres


SIGNED = {
    "sign": lambda: AmariHopfieldNetwork(N),
    "tanh": lambda: AmariHopfieldNetwork(N, activation="tanh", temperature=0.5),
    "heat bath": lambda: AmariHopfieldNetwork(N, stochastic=True),
    "sequence": lambda: SequenceNetwork(N),
    "diluted": lambda: DilutedHopfieldNetwork(N, 50, seed=0),
    "potentials": lambda: ContinuousHopfieldNetwork(N),
    "dense": lambda: DenseAssociativeMemory(N),
}
BINARY = {
    "sigmoid": lambda: AmariHopfieldNetwork(N, activation="sigmoid"),
    "threshold": lambda: SparseHopfieldNetwork(N, 0.5, threshold=0.0),
    "winners": lambda: SparseHopfieldNetwork(N, 0.5),
    "willshaw": lambda: WillshawNetwork(N),
}


@pytest.mark.parametrize("name", [*SIGNED, *BINARY])
def test_cues_in_another_code_are_refused(name):
    net = {**SIGNED, **BINARY}[name]()
    own, other, remedy = SIGNS, BITS, r"2 \* x - 1"
    if name in BINARY:
        own, other, remedy = BITS, SIGNS, r"\(x \+ 1\) / 2"
    net.apply_hebbian_learning(own)
    before = np.asarray(net.s).copy()
    trainer, group = HebbianTrainer(net), BrainInspiredModelGroup(net)
    for call in (
        net.recall,
        net.trajectory,
        net.energies,
        trainer.recall,
        trainer.predict_batch,
        group.recall,
        lambda x: net.predict(x[0]),
        lambda x: trainer.predict(x[0]),
        lambda x: overlap_trajectory(net, SIGNS, x),
    ):
        with pytest.raises(ValidationError, match=remedy):
            call(other)
        with pytest.raises(ValidationError, match=remedy):
            call(other.astype(np.int8))
        np.testing.assert_array_equal(net.s, before)
    net.recall(own, num_iter=1)


def test_bare_dynamics_refuse_cues_in_another_code():
    weights, key = learnt("covariance"), None
    for network, cues in ((Hopfield(), BITS), (McCullochPitts(), SIGNS)):
        with pytest.raises(ValidationError, match="cues must be"):
            recall(network, weights, jnp.asarray(cues), key=key)
    with pytest.raises(ValidationError, match=r"0.5 at index \(0, 0\)"):
        recall(DensePolynomial(), SIGNS, np.full((1, N), 0.5), key=key)


def test_grey_cues_are_refused():
    net = AmariHopfieldNetwork(N)
    net.W.value = learnt("covariance")
    with pytest.raises(ValidationError, match=r"patterns must be of -1 and 1; got grey.*binarize"):
        HebbianTrainer(net).recall(GREY)


@pytest.mark.parametrize("fill", [1.0, -1.0, 0.0], ids=["all 1", "all -1", "nothing known"])
def test_one_value_everywhere_is_a_cue_and_a_pattern(fill):
    net = AmariHopfieldNetwork(4)
    net.W.value = np.ones((4, 4)) - np.eye(4)
    wanted = np.where(fill == 0, 1.0, np.full(4, fill))  # a masked neuron goes to plus
    assert net.predict(np.full(4, fill)).tolist() == wanted.tolist()
    if fill != 0:
        trainer = HebbianTrainer(AmariHopfieldNetwork(4), subtract_mean=False)
        trainer.train(np.full((1, 4), fill))
        assert trainer.predict(np.full(4, fill)).tolist() == wanted.tolist()


def test_silent_neurons_beside_both_signs_are_of_the_code():
    patterns = np.where(np.arange(N) % 10 == 0, 0.0, SIGNS)
    net = AmariHopfieldNetwork(N)
    RuleTrainer(net, "storkey").train(patterns)
    cues = task.mask(SIGNS, 0.3, seed=2)
    ends = np.asarray(net.recall(cues).states)
    known = patterns[0] != 0
    assert np.mean(ends[:, known] * SIGNS[:, known]) > 0.95


def test_states_of_graded_neurons_come_back_as_cues():
    for net in (
        AmariHopfieldNetwork(3, activation="tanh"),
        AmariHopfieldNetwork(3, activation="sigmoid"),
        ContinuousHopfieldNetwork(3),
    ):
        net.W.value = 2.0 * (np.ones((3, 3)) - np.eye(3))
        group = BrainInspiredModelGroup(net)
        net.predict([1.0, 1.0, 1.0], 1)
        for _ in range(3):
            group.update()
        assert (np.asarray(net.s) > 0.5).all()


def test_a_willshaw_network_is_trained_by_its_own_rule_only():
    net = WillshawNetwork(N)
    with pytest.raises(ValidationError, match="apply_hebbian_learning"):
        RuleTrainer(net, "covariance").train(BITS)
    HebbianTrainer(net).train(BITS)
    assert net.fill > 0
