"""The declared table of rules, neurons, samples and networks is what ``Setup.check`` does."""

import contextlib
import warnings
from itertools import product

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import compatibility as table
import compatibility_page
from canns import task
from canns.dynamics import LagrangianLayer
from canns.errors import ValidationError
from canns.models.training import adapt, plan_rule
from canns.plasticity import STORAGE_RULES, Rule, Setup, learn
from canns.plasticity.learning import Samples, advance
from canns.plasticity.learning.fit import stores_signs
from canns.plasticity.learning.time_step import given_steps
from compatibility import (
    DATA,
    NEURONS,
    REFUSED,
    RIGHT,
    RULES,
    expected,
    label,
    outcome,
    own_step,
    placed,
    samples_for,
    weights_for,
    with_dt,
)
from numpy_steps import NEURON_STEPS, RULE_STEPS

RNG = np.random.default_rng(0)
SAMPLES = 12


def name(part):
    return label(part)


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_each_rule_says_what_it_reads(rule):
    own = {attribute for cls in type(rule).__mro__ if cls is not Rule for attribute in vars(cls)}
    assert "reads" in own or rule.target is not None or rule.shown == "whole"


@pytest.mark.parametrize("neuron", NEURONS, ids=name)
def test_each_neuron_says_what_it_emits(neuron):
    assert neuron.emits is not None
    shown = neuron.signals(weights_for(neuron))
    for own, has_potential in _parts(shown, neuron):
        assert own.post is not None
        assert not has_potential or own.potential is not None


def _parts(shown, neuron):
    """Each part of what a neuron shows, and whether it comes with a potential."""
    if not shown.parts:
        return [(shown, "potential" in neuron.provides)]
    return [(own, f"{i}.potential" in neuron.provides) for i, own in enumerate(shown.parts)]


@pytest.mark.parametrize("neuron", NEURONS, ids=name)
def test_a_setup_is_right_refused_or_warned_of_as_declared(neuron):
    weights = weights_for(neuron)
    for rule, dt, data in product(RULES, (0.1, 1.0), DATA):
        rule, timed = with_dt(rule, dt), with_dt(neuron, dt)
        part_rule, own, prefix = placed(rule, timed, weights)
        wanted, _ = expected(rule, timed, own, prefix, data)
        found, message = outcome(part_rule, timed, weights, samples_for(timed, weights, data))
        assert found == wanted, (label(rule), data, dt, message)
        assert (message == "") == (found == RIGHT)


@pytest.mark.parametrize("neuron", NEURONS, ids=name)
def test_time_steps_that_differ_are_refused_for_every_pair(neuron):
    timed = with_dt(neuron, 1.0)
    weights = weights_for(timed)
    for rule in RULES:
        part_rule, own, prefix = placed(with_dt(rule, 0.5), timed, weights)
        found, message = outcome(part_rule, timed, weights, samples_for(timed, weights, "spikes"))
        steps = {step for _, step in given_steps(timed, part_rule)}
        if steps == {0.5, 1.0}:
            assert found == REFUSED
            assert message.startswith("dt must be the same everywhere: 1 ms in ")
        else:
            wanted, _ = expected(rule, timed, own, prefix)
            assert found == wanted, (label(rule), message)
    differ = own_step(timed) or (hasattr(timed, "neuron") and own_step(timed.neuron))
    found = {step for _, step in given_steps(timed)}
    assert found == ({1.0} if differ else set())


def test_the_page_says_so():
    assert table.PAGE.read_text(encoding="utf-8") == compatibility_page.page()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(16, 4), (1, 5)], ids=str)
def test_shapes_that_do_not_fit_are_refused_by_name_before_a_run(size):
    """What passes the check makes a step; what does not is refused by name."""
    for i, (neuron, rule) in enumerate(product(NEURONS, RULES)):
        if size[0] < getattr(neuron, "inhibitory", 0):
            continue
        weights = weights_for(neuron, size)
        part_rule, own, prefix = placed(rule, neuron, weights)
        found, _ = outcome(part_rule, neuron, weights, samples_for(neuron, weights, "spikes"))
        if expected(rule, neuron, own, prefix)[0] == REFUSED or _needs_square(rule, neuron):
            assert found == REFUSED, (label(rule), label(neuron))
        elif found != REFUSED:
            if (
                i % 5 == sum(size) % 5
            ):  # each step is traced, so some will do: all neurons and rules
                _step_shapes(part_rule, neuron, weights)
        else:
            assert len(jax.tree.leaves(weights)[0]) == 1, (label(rule), label(neuron))


def _needs_square(rule, neuron):
    square = ("AdaTron", "Decorrelation", "MinOver")
    lateral = len(neuron.signals(weights_for(neuron)).parts) > 0 and not neuron.clamped
    return neuron.square or (type(rule).__name__ in square and not lateral)


def _step_shapes(rule, neuron, weights):
    """Make a step, of shapes only."""
    setup = Setup(rule, neuron)
    x = np.zeros(neuron.sample_size(weights), np.float32)
    x = np.stack([x] * 2) if rule.shown == "whole" else x
    reward = np.float32(1.0) if "reward" in rule.needs else None

    def step(weights):
        return advance(setup, setup.start(weights), Samples(x, reward)).weights

    with contextlib.suppress(ValidationError):  # more ranks than neurons
        after = jax.eval_shape(step, weights)
        assert jax.tree.map(jnp.shape, after) == jax.tree.map(jnp.shape, weights)


# Rules with an oracle of their own: what a step does follows from more than its sample.
ELSEWHERE = {
    "AdaTron": "stability_rules",
    "Clopath": "clopath_rule",
    "Dreaming": "dreaming_rule",
    "MinOver": "stability_rules",
    "BasisSTDP": "basis_stdp_rule",
    "MLPRule": "network_rule",
    "PairSTDP": "pair_stdp_rule",
    "PseudoInverse": "pseudo_inverse_rule",
    "RewardModulated": "reward_modulated_rule",
    "STDP": "stdp_rule",
    "SplineSTDP": "spline_stdp_rule",
    "Sum": "combined_rules",
    "TargetTraceSTDP": "target_trace_rule",
    "TaylorRule": "taylor_rule",
    "TripletSTDP": "triplet_rule",
    "Unlearning": "unlearning_rule",
    "VogelsSTDP": "vogels_rule",
}
# So that neurons fire in a few steps: weights of these times those that are drawn.
STRONG = {
    "AdEx": 500,
    "AdaptiveLIF": 100,
    "ClopathAdEx": 500,
    "ConductanceLIF": 50,
    "CurrentLIF": 100,
    "Delayed": 100,
    "DeltaLIF": 100,
    "DualCurrentLIF": 100,
    "FirstSpikeWins": 100,
    "LateralInhibition": 100,
    "LIF": 5,
    "Poisson": 5000,
    "SRM": 500,
}


def test_each_rule_has_an_oracle():
    folder = table.PAGE.parents[1] / "tests" / "plasticity"
    for rule in map(type, RULES):
        file = ELSEWHERE.get(rule.__name__)
        assert rule.__name__ in RULE_STEPS or (folder / f"test_{file}.py").exists()


def pairs():
    """Each rule with a neuron that is right for it, and each neuron with Hebb's rule."""
    for rule in RULES:
        if type(rule).__name__ in RULE_STEPS:
            calm = sorted(NEURONS, key=lambda neuron: type(neuron).__name__ in STRONG)
            yield rule, next(neuron for neuron in calm if _is_right(rule, neuron))
    yield from ((RULES_BY_NAME["Hebbian"], neuron) for neuron in NEURONS)


def _is_right(rule, neuron):
    _, own, prefix = placed(rule, neuron, weights_for(neuron))
    return expected(rule, neuron, own, prefix, "signs")[0] == RIGHT


RULES_BY_NAME = {type(rule).__name__: rule for rule in RULES}


@pytest.mark.parametrize(("rule", "neuron"), [*pairs()], ids=name)
def test_the_compiled_loop_takes_the_steps_of_the_equations(rule, neuron):
    drawn = neuron.draw(jax.random.key(0), table.SIZE, table.SIZE)
    strong = STRONG.get(type(neuron).__name__, 1)
    weights = jax.tree.map(lambda part: strong * part, drawn)
    inputs = np.float32(RNG.integers(0, 2, (SAMPLES, neuron.sample_size(weights))))
    if neuron.clamped and stores_signs(rule):
        inputs = 2 * inputs - 1
    part_rule, _, prefix = placed(rule, neuron, weights)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = learn(Setup(part_rule, neuron), weights, inputs).weights
    wanted, fired = in_numpy(rule, neuron, weights, inputs, int(prefix[:-1] or 0))
    assert fired
    for ours, theirs in zip(jax.tree.leaves(found), wanted, strict=True):
        # Each step makes a few rounding errors, of the size of the largest number that there is.
        scale = max(1.0, np.abs(theirs).max())
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=SAMPLES * 10 * 1.2e-7 * scale)


def in_numpy(rule, neuron, weights, inputs, at):
    """The weights after the samples, as a list of parts, and whether any neuron was active."""
    parts = [np.asarray(part, np.float64) for part in jax.tree.leaves(weights)]
    memory = tuple(np.asarray(box, np.float64) for box in rule.init(jax.tree.leaves(weights)[at]))
    state, active, advanced = neuron.init(weights), False, jax.jit(neuron.step)
    for x in inputs:
        now = jax.tree.unflatten(jax.tree.structure(weights), parts)
        if (step := NEURON_STEPS.get(type(neuron).__name__)) is not None:
            activity = step(neuron, now, np.float64(x))
        else:
            narrow = jax.tree.map(jnp.float32, now)
            state, activity = advanced(state, narrow, jnp.asarray(x))
        active |= bool(np.any(activity.post))
        seen = activity if activity.parts is None else activity.parts[at]
        seen = jax.tree.map(lambda leaf: np.asarray(leaf, np.float64), seen)
        memory, delta = RULE_STEPS[type(rule).__name__](rule, memory, parts[at], seen)
        parts[at] = parts[at] + delta
    return parts, active


NETWORKS = [*compatibility_page.public_networks()]
MADE_NETWORKS = {
    "HierarchicalAssociativeMemory": ([LagrangianLayer("v", 12)], [("v", "v")]),
    "DilutedHopfieldNetwork": (12, 4),
    "BidirectionalAssociativeMemory": (8, 4),
    "PottsNetwork": (12, 3),
    "SparseHopfieldNetwork": (12, 0.25),
}


@pytest.mark.parametrize("network", NETWORKS, ids=lambda kind: kind.__name__)
def test_a_network_takes_or_refuses_a_storage_rule_as_declared(network):
    made = network(*MADE_NETWORKS.get(network.__name__, (12,)))
    patterns = task.random_patterns(3, 12, seed=0)
    for rule in STORAGE_RULES:
        wanted, _ = compatibility_page.stored(rule, network)
        model = adapt(made)
        try:
            model.accept(plan_rule(model, rule, patterns))
            found = RIGHT
        except ValidationError:
            found = REFUSED
        assert found == wanted, rule
