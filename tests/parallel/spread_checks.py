"""Run by test_sharding.py with four devices on the host; prints what each check found, as JSON."""

import json
import sys
import traceback

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import NamedSharding

from canns.analyzer.metrics import _ensemble, capacity, overlap_curve
from canns.dynamics import Clamped, Hopfield, Linear, LowRank, NoState, StoredPatterns, recall
from canns.dynamics.recalling.loop import Conditions, advance, begin
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, DenseAssociativeMemory, LinearLayer
from canns.parallel import make_mesh, shard
from canns.plasticity import Hebbian, Learner, Oja, Setup, ZeroDiagonal
from canns.plasticity.learning.loop import Samples
from canns.plasticity.learning.members import _run_blocks, run_members
from canns.plasticity.learning.passes import run_pass
from canns.trainer import HebbianTrainer, train_ensemble
from canns.trainer import train_members as trained

N, P = 64, 4
COMPILATION = "/jax/core/compile/backend_compile_duration"
MESH = make_mesh()
RNG = np.random.default_rng(0)
PATTERNS = np.sign(RNG.normal(size=(P, N))).astype(np.float32)
CUES = PATTERNS.copy()
CUES[:, :9] *= -1


def rows_of(array):
    return {part.data.shape for part in array.addressable_shards}


def same(ours, theirs):
    assert (ours.states == theirs.states).all()
    assert (ours.outcome == theirs.outcome).all()
    assert (ours.steps == theirs.steps).all()


def training_and_recall_equal_those_of_one_device():
    alone, spread = AmariHopfieldNetwork(N), shard(AmariHopfieldNetwork(N), MESH)
    for net in (alone, spread):
        HebbianTrainer(net).train(PATTERNS)
    assert (np.asarray(alone.W.value) == np.asarray(spread.W.value)).all()
    same(spread.recall(CUES), alone.recall(CUES))
    assert (spread.predict(CUES[0]) == alone.predict(CUES[0])).all()


def each_device_holds_its_rows_after_all_that_writes():
    net = shard(AmariHopfieldNetwork(N), MESH)
    expected = {(N // 4, N)}
    assert rows_of(net.W.value) == expected
    HebbianTrainer(net).train(PATTERNS)
    assert rows_of(net.W.value) == expected
    net.update()
    net.W.value = np.ones((N, N))
    assert rows_of(net.W.value) == expected
    assert rows_of(net.s.value) == {(N,)}
    net.resize(2 * N)
    assert rows_of(net.W.value) == {(N // 2, 2 * N)}


def a_second_call_compiles_nothing():
    net = shard(AmariHopfieldNetwork(N), MESH)
    trainer, compiled = HebbianTrainer(net), []

    def use():
        trainer.train(PATTERNS)
        trainer.predict_batch(CUES)
        net.recall(CUES)
        net.energies(CUES)

    use()
    jax.monitoring.register_event_duration_secs_listener(
        lambda name, *_, **__: compiled.append(name)
    )
    use()
    assert COMPILATION not in compiled
    trainer.train(np.tile(PATTERNS, (3, 1)))
    assert COMPILATION in compiled


def no_device_ever_sees_the_whole_matrix():
    net = shard(AmariHopfieldNetwork(N), MESH)
    rest = Learner(net.W.value, (), NoState(), (jnp.zeros(N), jnp.zeros(N)))
    learnt = jax.jit(run_pass).lower(
        Setup(Hebbian(0.25), Clamped(), ZeroDiagonal()), rest, Samples(PATTERNS), len(PATTERNS)
    )
    carry = begin(Hopfield(), net.W.value, CUES, len(CUES), 128)
    prepared = jax.jit(Hopfield.prepare)(Hopfield(), net.W.value)
    key, conditions = jax.random.key(0), Conditions()
    recalled = advance.lower(Hopfield(), net.W.value, prepared, carry, key, conditions, 20)
    for lowered in (learnt, recalled):
        code = lowered.compile().as_text()
        assert f"[{N // 4},{N}]" in code
        assert f"[{N},{N}]" not in code


def patterns_spread_either_way_recall_the_same():
    alone = LowRank.hebbian(jnp.asarray(PATTERNS), 1 / N)
    key = jax.random.key(0)
    expected = recall(Hopfield(), alone, CUES, key=key)
    for axis, part in ((-1, (P, N // 4)), (-2, (P // 4, N))):
        spread = shard(alone, MESH, axis)
        assert rows_of(spread.patterns) == {part}
        assert spread.post is None  # the same patterns, held once
        same(recall(Hopfield(), spread, CUES, key=key), expected)
    same(recall(Hopfield(), alone, shard(CUES, MESH, 0), key=key), expected)


def a_pattern_memory_stays_spread_when_it_stores():
    memory = shard(DenseAssociativeMemory(N), MESH, axis=-1)
    memory.store(PATTERNS)
    assert rows_of(memory.W.value) == {(P, N // 4)}
    assert (memory.recall(CUES).states == PATTERNS).all()
    assert (memory.patterns == PATTERNS).all()


def sweeps_equal_those_of_one_device():
    few, held = {"num_probes": 4, "num_networks": 2}, set()

    def watched(network, weights, *others):
        held.update(rows_of(weights.patterns if isinstance(weights, StoredPatterns) else weights))
        return run(network, weights, *others)

    warm = {"rule": "pseudo_inverse", "temperature": 0.3, "num_iter": 20, **few}
    cold = {"high": 0.5, "tolerance": 0.05, **few}
    dense, loads = overlap_curve(N, 0.1, **warm), capacity(N, **cold)
    with pytest.MonkeyPatch.context() as patch:
        run = _ensemble._averaged
        patch.setattr(_ensemble, "_averaged", watched)
        assert (overlap_curve(N, 0.1, mesh=MESH, **warm).samples == dense.samples).all()
        assert held == {(N // 4, N)}
        run = _ensemble.settle
        patch.setattr(_ensemble, "settle", watched)
        assert (capacity(N, mesh=MESH, **cold).samples == loads.samples).all()
        assert {width for _, width in held} == {N, N // 4}


def members_of_an_ensemble_are_trained_apart():
    data = RNG.normal(size=(50, 3))
    how = {"seeds": range(4), "scan": {"learning_rate": [0.01, 0.02]}}
    alone = train_ensemble(LinearLayer(3, 1), Oja(), data, **how)
    held = set()

    def watched(setups, learners, samples, shared):
        held.update(rows_of(learners.weights) | rows_of(setups.rule.learning_rate))
        return run_members(setups, learners, samples, shared=shared)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trained, "run_members", watched)
        spread = train_ensemble(LinearLayer(3, 1), Oja(), data, mesh=MESH, **how)
    assert held == {(2, 1, 3), (2,)}
    np.testing.assert_allclose(spread.weights.values, alone.weights.values, rtol=1e-6)
    chosen = {"learning_rate": 0.02, "seed": 3}
    found = spread.member(**chosen).W.value
    np.testing.assert_allclose(found, alone.weights.sel(**chosen).values, rtol=1e-6)


def members_of_an_ensemble_tell_each_other_nothing():
    each = Learner(jnp.zeros((1, 3)), (), NoState(), (jnp.zeros(3), jnp.zeros(1)))
    member = Setup(Oja(), Linear()), each
    spread = shard(jax.tree.map(lambda *leaves: jnp.stack(leaves), *[member] * 8), MESH, axis=0)
    samples = Samples(jnp.ones((5, 3)))
    run = jax.jit(_run_blocks, static_argnames=("shared", "block"))
    code = run.lower(*spread, samples, 5, shared=True, block=None).compile().as_text()
    assert "f32[2,1,3]" in code
    assert not any(word in code for word in ("all-reduce", "all-gather", "collective-permute"))


def an_axis_that_does_not_divide_is_refused_and_nothing_moves():
    small = AmariHopfieldNetwork(6)
    net = shard(AmariHopfieldNetwork(N), MESH)
    net.apply_hebbian_learning(PATTERNS)
    before = np.asarray(net.W.value)
    for call in (lambda: shard(small, MESH), lambda: net.resize(66)):
        with pytest.raises(ValidationError, match="divides by 4 devices"):
            call()
    assert not isinstance(small.W.value.sharding, NamedSharding)
    assert net.num_neurons == N
    assert (net.W.value == before).all()


CHECKS = [
    training_and_recall_equal_those_of_one_device,
    each_device_holds_its_rows_after_all_that_writes,
    a_second_call_compiles_nothing,
    no_device_ever_sees_the_whole_matrix,
    patterns_spread_either_way_recall_the_same,
    a_pattern_memory_stays_spread_when_it_stores,
    sweeps_equal_those_of_one_device,
    members_of_an_ensemble_are_trained_apart,
    members_of_an_ensemble_tell_each_other_nothing,
    an_axis_that_does_not_divide_is_refused_and_nothing_moves,
]


def run(check):
    try:
        check()
    except (Exception, pytest.fail.Exception):
        return traceback.format_exc()
    return "held"


if __name__ == "__main__":
    assert MESH.size == 4
    json.dump({check.__name__: run(check) for check in CHECKS}, sys.stdout)
