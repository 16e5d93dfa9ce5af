"""Restricted Boltzmann machines against sums over all their states, and scikit-learn's."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats
from sklearn.neural_network import BernoulliRBM

from canns.energy import ContrastiveDivergence, RestrictedState, learn_energy
from canns.energy.machines import annealed_log_partition
from canns.errors import ValidationError
from canns.models.brain_inspired import BoltzmannMachine, RestrictedBoltzmannMachine
from canns.trainer import ContrastiveDivergenceTrainer
from seeds import SEEDS


def machine_of(num_visible, num_hidden, seed=0, scale=1.0):
    """Return a machine whose weights are of order ``scale``."""
    machine = RestrictedBoltzmannMachine(num_visible, num_hidden, seed=0)
    rng = np.random.default_rng(seed)
    machine.W = scale * rng.normal(size=(num_hidden, num_visible))
    machine.b, machine.c = rng.normal(size=num_visible), rng.normal(size=num_hidden)
    return machine


def by_hand(machine):
    """Return all visible states and their unnormalised probabilities, in double precision."""
    W, b, c = (np.asarray(part, float) for part in machine.weights)
    v = np.array([*itertools.product((0, 1), repeat=len(b))])
    h = np.array([*itertools.product((0, 1), repeat=len(c))])
    joint = np.exp(v @ W.T @ h.T + (v @ b)[:, None] + h @ c)
    return v, joint.sum(axis=1)


def twin(machine):
    """Return scikit-learn's machine with the same weights."""
    other = BernoulliRBM(machine.num_hidden)
    W, b, c = (np.asarray(part) for part in machine.weights)
    other.components_, other.intercept_visible_, other.intercept_hidden_ = W, b, c
    return other


def test_the_free_energy_and_the_likelihood_are_sums_over_the_hidden_units():
    machine = machine_of(5, 3)
    v, weight = by_hand(machine)
    np.testing.assert_allclose(machine.free_energy(v), -np.log(weight), rtol=1e-5, atol=1e-5)
    found = machine.log_partition()
    assert found.standard_error == 0
    assert found.value == pytest.approx(np.log(weight.sum()), rel=1e-5)
    likelihood = np.log(weight / weight.sum())
    np.testing.assert_allclose(machine.log_likelihood(v), likelihood, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("sizes", [(4, 15), (15, 4), (14, 14)])
def test_the_partition_function_sums_over_the_smaller_layer_in_blocks(sizes):
    machine = machine_of(*sizes, scale=0.5)
    W, b, c = (np.asarray(part, float) for part in machine.weights)
    if sizes[0] < sizes[1]:
        W, b, c = W.T, c, b
    states = np.array([*itertools.product((0, 1), repeat=len(c))])
    terms = states @ c + np.logaddexp(0, states @ W + b).sum(axis=1)
    assert machine.log_partition().value == pytest.approx(np.logaddexp.reduce(terms), rel=1e-6)


def test_the_pseudo_likelihood_is_the_sum_of_all_conditionals():
    machine = machine_of(5, 3)
    v, weight = by_hand(machine)
    expected = np.zeros(len(v))
    for i, k in itertools.product(range(len(v)), range(5)):
        flipped = v[i].copy()
        flipped[k] = 1 - flipped[k]
        other = weight[(v == flipped).all(axis=1)].item()
        expected[i] += np.log(weight[i] / (weight[i] + other))
    np.testing.assert_allclose(machine.pseudo_likelihood(v), expected, rtol=1e-5, atol=1e-5)


def test_it_computes_what_scikit_learn_does():
    machine = machine_of(6, 4)
    v = np.random.default_rng(0).random((10, 6))
    other = twin(machine)
    np.testing.assert_allclose(machine.transform(v), other.transform(v), rtol=1e-5)
    np.testing.assert_allclose(machine.free_energy(v), other._free_energy(v), rtol=1e-5)
    # Its score draws one unit for each row; the mean of many rows estimates ours.
    row = np.tile(v[:1], (4000, 1))
    scores = other.score_samples(row)
    reach = stats.t.isf(0.0005, 3999) * stats.sem(scores)
    assert abs(scores.mean() - float(machine.pseudo_likelihood(v[:1])[0])) <= reach


@pytest.mark.parametrize("seed", SEEDS)
def test_samples_follow_the_distribution_of_the_machine(seed):
    machine = machine_of(4, 3, seed)
    drawn = np.asarray(machine.sample(4000, 100, seed=seed))
    v, weight = by_hand(machine)
    share = weight / weight.sum()
    hits = np.array([(drawn == row).all(axis=1).sum() for row in v])
    rare = 4000 * share < 5  # pooled, as the test needs counts of five and more
    pooled = [np.append(x[~rare], x[rare].sum()) for x in (hits, 4000 * share)]
    kept = pooled[1] > 0
    assert stats.chisquare(pooled[0][kept], pooled[1][kept]).pvalue > 0.001


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("with_data", [False, True])
def test_annealing_estimates_the_exact_partition_function(seed, with_data):
    machine = machine_of(8, 6, seed)
    exact = machine.log_partition().value
    base = machine.b.value
    if with_data:
        mean = np.asarray(machine.sample(500, 100, seed=seed)).mean(axis=0) * 0.98 + 0.01
        base = np.log(mean / (1 - mean))
    key = jax.random.key(seed)
    found = annealed_log_partition(machine.network, machine.weights, base, key, 400, 500)
    # The estimate of Z is the mean of 400 independent weights: a t interval of it, and rounding.
    reach = stats.t.isf(0.0005, 399) * found.standard_error
    assert abs(np.expm1(found.value - exact)) <= reach + 1e-3
    assert found.standard_error < 0.1


def test_a_large_machine_is_annealed():
    machine = machine_of(25, 22, scale=0.0)
    # Without connections the layers are free, and the sum is known.
    b, c = (np.asarray(part, float) for part in (machine.b.value, machine.c.value))
    exact = np.logaddexp(0, b).sum() + np.logaddexp(0, c).sum()
    plain = machine.log_partition(num_steps=200, seed=0)
    of_data = machine.log_partition(num_steps=200, seed=0, data=machine.sample(200, 2, seed=0))
    for found in (plain, of_data):
        assert 0 < found.standard_error < 0.2
        assert abs(np.expm1(found.value - exact)) <= 4 * found.standard_error + 1e-3


def test_long_chains_of_contrastive_divergence_follow_the_gradient_of_the_likelihood():
    machine = machine_of(4, 3, scale=0.5)
    data = np.random.default_rng(0).integers(0, 2, (50, 4)).astype(np.float32)

    def log_likelihood(weights):
        v, _ = by_hand(machine)
        network = machine.network
        free = [-network.free_energy(weights, jnp.asarray(x, jnp.float32)) for x in (data, v)]
        return free[0].mean() - jax.nn.logsumexp(free[1])

    truth = jax.grad(log_likelihood)(machine.weights)
    rule = ContrastiveDivergence(1.0, k=100)
    network, weights = machine.network, machine.weights
    memory = rule.init(network, weights, 2000, jax.random.key(0))
    x = jnp.tile(jnp.asarray(data), (40, 1))
    step = jax.jit(lambda key: rule.step(network, memory, weights, x, None, key).change)
    parts = [step(jax.random.key(i)) for i in range(12)]
    samples = np.array([np.concatenate([leaf.ravel() for leaf in part]) for part in parts])
    expected = np.concatenate([leaf.ravel() for leaf in truth])
    # A hundred steps forget the data. Twelve estimates: t intervals, shared out over 19 parts.
    reach = stats.t.isf(0.001 / 2 / 19, 11) * stats.sem(samples)
    assert (np.abs(samples.mean(0) - expected) <= reach + 1e-5).all()


def test_momentum_and_weight_decay_add_to_the_change():
    machine = machine_of(4, 3)
    network, weights = machine.network, machine.weights
    x, key = jnp.ones((5, 4)), jax.random.key(0)
    plain, full = ContrastiveDivergence(0.1), ContrastiveDivergence(0.1, 1, False, 0.2, 0.5)
    memory = plain.init(network, weights, 5, key)._replace(
        velocity=jax.tree.map(jnp.ones_like, weights)
    )
    base = plain.step(network, memory, weights, x, None, key).change
    step = full.step(network, memory, weights, x, None, key)
    np.testing.assert_allclose(
        step.change.W, base.W - 0.1 * 0.2 * weights.W + 0.5, rtol=1e-5, atol=1e-6
    )
    np.testing.assert_allclose(step.change.b, base.b + 0.5, rtol=1e-5)
    assert (step.memory.velocity.W == step.change.W).all()


def test_persistent_chains_go_on_and_others_do_not():
    machine = machine_of(4, 3)
    data = np.eye(4)
    for persistent, shape in ((True, (2, 3)), (False, None)):
        rule = ContrastiveDivergence(0.1, persistent=persistent)
        learner, _ = learn_energy(
            machine.network, rule, machine.weights, data, batch_size=2, seed=0
        )
        chains = learner.memory.chains
        assert chains.shape == shape if persistent else chains == ()


@pytest.mark.parametrize("persistent", [False, True])
def test_training_learns_the_distribution_of_the_data(persistent):
    data = np.repeat(np.eye(4)[[0, 1, 2]], 20, axis=0)
    data = np.hstack([data, data])  # three patterns of eight units
    machine = RestrictedBoltzmannMachine(8, 6, seed=0)
    trainer = ContrastiveDivergenceTrainer(machine, 5, persistent, 0.05)
    trainer.train(data, epochs=400, seed=0)
    # ln 3 is the entropy of the data, which no machine can beat, and 8 ln 2 that of no knowledge.
    lost = -float(machine.log_likelihood(data[::20]).mean()) - np.log(3)
    assert -1e-3 <= lost <= 0.5
    assert np.abs(machine.reconstruct(data) - data).max() < 0.5


def test_the_two_machines_agree_on_what_a_restricted_one_is():
    machine = machine_of(3, 2)
    other = BoltzmannMachine(3, 2, seed=0)
    W = np.zeros((5, 5))
    W[3:, :3] = machine.W.value
    other.W, other.b = W + W.T, np.concatenate([machine.b.value, machine.c.value])
    v, _ = by_hand(machine)
    np.testing.assert_allclose(other.log_likelihood(v), machine.log_likelihood(v), atol=1e-5)
    h = np.ones((len(v), 2))
    energy = machine.network.energy(machine.weights, RestrictedState(jnp.asarray(v), h))
    np.testing.assert_allclose(other.energies(np.hstack([v, h])), energy, atol=1e-5)


def test_a_machine_is_saved_and_loaded(tmp_path):
    machine = machine_of(4, 3)
    machine.save(tmp_path / "machine.safetensors")
    again = RestrictedBoltzmannMachine.load(tmp_path / "machine.safetensors")
    assert jax.tree.all(jax.tree.map(lambda x, y: bool((x == y).all()), *_both(machine, again)))


def _both(one, other):
    return one.weights, other.weights


def test_the_record_lists_what_was_written_and_the_reconstruction_error():
    machine = machine_of(4, 3)
    trainer = ContrastiveDivergenceTrainer(machine)
    told = []
    record = trainer.train(np.eye(4), epochs=3, batch_size=2, seed=0, on_epoch=told.append)
    assert record.changed == ("W", "b", "c")
    assert record.history["reconstruction_error"].shape == (3,)
    assert record.times.tolist() == [4, 8, 12]
    assert [progress.num_samples for progress in told] == [4, 8, 12]
    assert (trainer.predict([1, 0, 0, 0]) == machine.predict([1, 0, 0, 0])).all()


def test_a_callback_ends_a_run_and_keeps_what_was_learnt():
    def stop(progress):
        raise StopIteration

    machine, other = machine_of(4, 3), machine_of(4, 3)
    record = ContrastiveDivergenceTrainer(machine).train(np.eye(4), epochs=9, seed=0, on_epoch=stop)
    ContrastiveDivergenceTrainer(other).train(np.eye(4), epochs=1, seed=0)
    assert (record.num_epochs, record.stopped_at) == (1, 4)
    assert (machine.W.value == other.W.value).all()


@pytest.mark.slow
def test_the_bar_and_uncompiled_code_change_nothing(capsys):
    machines = [machine_of(4, 3) for _ in range(2)]
    shown = ContrastiveDivergenceTrainer(machines[0], show_iteration_progress=True)
    plain = ContrastiveDivergenceTrainer(machines[1], compiled=False, compiled_prediction=False)
    for trainer in (shown, plain):
        trainer.train(np.eye(4), epochs=2, seed=0)
    assert "2/2" in capsys.readouterr().err
    np.testing.assert_allclose(machines[0].W.value, machines[1].W.value, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(
        shown.predict([1, 0, 0, 0]), plain.predict([1, 0, 0, 0]), rtol=1e-5, atol=1e-6
    )


M = machine_of(4, 3)
REFUSED = {
    "no hidden units": (lambda: RestrictedBoltzmannMachine(3, 0), "num_hidden must be"),
    "no steps": (lambda: ContrastiveDivergenceTrainer(M, k=0), "k must be"),
    "momentum of one": (
        lambda: ContrastiveDivergenceTrainer(M, momentum=1.0),
        r"momentum must be a finite number in \[0, 1\)",
    ),
    "no flag": (lambda: ContrastiveDivergenceTrainer(M, persistent=1), "persistent must be"),
    "negative decay": (
        lambda: ContrastiveDivergenceTrainer(M, weight_decay=-1.0),
        "weight_decay must be",
    ),
    "unscaled data": (
        lambda: ContrastiveDivergenceTrainer(M).train(16 * np.eye(4)),
        "train_data must be from 0 to 1; got 0 to 16. Scale",
    ),
    "nan": (
        lambda: ContrastiveDivergenceTrainer(M).train(np.full((2, 4), np.nan)),
        "train_data must be finite",
    ),
    "targets": (
        lambda: ContrastiveDivergenceTrainer(M).train(np.eye(4), np.eye(4)),
        "targets must be None",
    ),
    "the other machine": (
        lambda: ContrastiveDivergenceTrainer(BoltzmannMachine(4)).train(np.eye(4)),
        "network must be a RestrictedBoltzmann for ContrastiveDivergence",
    ),
    "wrong width": (lambda: M.transform(np.eye(3)), "v must be 2-D of shape"),
    "a row for rows": (lambda: M.transform([1, 0, 0, 1]), "v must be 2-D"),
    "large values": (lambda: M.free_energy(2 * np.eye(4)), "v must be from 0 to 1"),
    "few starts": (lambda: M.sample(3, start=np.eye(4)), "start must be 3 rows"),
    "no samples": (lambda: M.sample(0), "num_samples must be"),
    "one run": (lambda: M.log_partition(num_runs=1), "num_runs must be"),
    "no annealing": (lambda: M.log_partition(num_steps=0), "num_steps must be"),
    "data of another width": (lambda: M.log_partition(data=np.eye(3)), "data must be 2-D"),
    "long pattern": (lambda: M.predict(np.ones(5)), "pattern must be 1-D"),
    "pattern out of range": (lambda: M.predict([2, 0, 0, 0]), "pattern must be from 0 to 1"),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_what_does_not_fit_is_refused_with_the_remedy(call):
    attempt, words = call
    with pytest.raises(ValidationError, match=words):
        attempt()
