"""The loop that all rules of learning by energy share."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.energy import (
    ContrastiveDivergence,
    EnergyLearner,
    EnergyNetwork,
    EnergyRule,
    EnergyStep,
    RestrictedBoltzmann,
    contrast,
    descend,
    learn_energy,
)
from canns.errors import DivergenceError, ValidationError
from canns.typing import param, pytree, static


class Slopes(NamedTuple):
    w: jax.Array


class Pair(NamedTuple):
    x: jax.Array
    y: jax.Array


@pytree
class Line(EnergyNetwork):
    """E = (y - w x)^2 / 2, whose mean over clamped pairs is least squares."""

    num_inputs: int = static(default=3)
    num_targets: ClassVar[int] = 1

    def draw(self, key):
        return Slopes(jnp.zeros(self.num_inputs))

    def energy(self, weights, state):
        return 0.5 * (state.y[:, 0] - state.x @ weights.w) ** 2


@pytree
class LeastSquares(EnergyRule):
    learns: ClassVar = (Line,)
    needs_targets: ClassVar[bool] = True
    watches: ClassVar[str] = "energy"
    learning_rate: float = param(default=0.1, low=0)

    def init(self, network, weights, batch_size, key):
        return jnp.zeros(())  # counts the steps

    def step(self, network, memory, weights, x, target, key):
        state = Pair(x, target)
        change = descend(self.learning_rate, contrast(network, weights, state))
        return EnergyStep(memory + 1, change, network.energy(weights, state).mean())


RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3)).astype(np.float32)
Y = X @ np.array([[1.0], [-2.0], [0.5]], np.float32)
LINE, RULE = Line(), LeastSquares(0.1)
START = LINE.draw(jax.random.key(0))
DATA = RNG.integers(0, 2, (30, 6)).astype(float)
MACHINE, CD = RestrictedBoltzmann(6, 4), ContrastiveDivergence(0.1)
WEIGHTS = MACHINE.draw(jax.random.key(0))


def learn(**options):
    given = {"epochs": 3, "batch_size": 4, "seed": 0}
    return learn_energy(LINE, RULE, START, X, Y, **(given | options))


def test_full_batches_without_shuffling_are_gradient_descent():
    learner, history = learn(batch_size=20, shuffle=False)
    w, losses = np.zeros(3), []
    for _ in range(3):
        rest = X @ w - Y[:, 0]
        losses.append((rest**2).mean() / 2)
        w = w - 0.1 * X.T @ rest / 20
    np.testing.assert_allclose(learner.weights.w, w, rtol=1e-5)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-5)


def test_mini_batches_in_order_match_a_loop_in_numpy():
    learner, history = learn(batch_size=6, shuffle=False)  # the fourth is filled up with 0 to 3
    w = np.zeros(3)
    for _ in range(3):
        before = w
        for start in range(0, 20, 6):
            rows = np.arange(start, start + 6) % 20
            w = w - 0.1 * X[rows].T @ (X[rows] @ w - Y[rows, 0]) / 6
    np.testing.assert_allclose(learner.weights.w, w, rtol=1e-5)
    np.testing.assert_allclose(history.weight_norm[-1], np.linalg.norm(w), rtol=1e-5)
    np.testing.assert_allclose(history.weight_change[-1], np.linalg.norm(w - before), rtol=1e-3)
    assert learner.memory == 12


def test_it_finds_the_solution_and_keeps_pairs_together_in_every_order():
    learner, history = learn(epochs=200)
    np.testing.assert_allclose(learner.weights.w, [1, -2, 0.5], atol=1e-4)
    assert history.loss.shape == (200,)
    assert history.loss[-1] < 1e-8


@pytest.mark.slow
def test_each_epoch_visits_every_sample_once():
    seen = []

    class Watching(LeastSquares):
        def step(self, network, memory, weights, x, target, key):
            seen.append(np.asarray(x)[:, 0])
            return LeastSquares.step(self, network, memory, weights, x, target, key)

    learn_energy(LINE, Watching(0.1), START, X, Y, batch_size=5, epochs=2, seed=0, compiled=False)
    epochs = np.concatenate(seen).reshape(2, 20)
    assert (np.sort(epochs, axis=1) == np.sort(X[:, 0])).all()
    assert (epochs[0] != epochs[1]).any()


def test_equal_seeds_give_equal_runs_and_others_do_not():
    first, second, other = (
        learn_energy(MACHINE, CD, WEIGHTS, DATA, epochs=2, seed=seed)[0].weights.W
        for seed in (0, 0, 1)
    )
    assert (first == second).all()
    assert (first != other).any()


@pytest.mark.slow
def test_un_jitted_code_learns_the_same():
    runs = [
        learn_energy(MACHINE, CD, WEIGHTS, DATA, epochs=2, seed=0, compiled=compiled)
        for compiled in (True, False)
    ]
    for one, other in zip(*map(jax.tree.leaves, runs), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_second_call_compiles_nothing(count_compilations):
    learn_energy(MACHINE, CD, WEIGHTS, DATA, epochs=2, seed=0)
    other = ContrastiveDivergence(0.2)
    again = count_compilations(
        lambda: learn_energy(MACHINE, other, WEIGHTS, 1 - DATA, epochs=5, seed=1)[0]
    )
    assert again == 0


@pytest.mark.slow
def test_jit_and_vmap_run_the_same_loop():
    def final(seed, rate):
        rule = ContrastiveDivergence(rate)
        return learn_energy(MACHINE, rule, WEIGHTS, DATA, epochs=2, seed=seed)[0].weights.W

    keys = jax.random.split(jax.random.key(3), 2)
    rates = jnp.array([0.1, 0.3])
    alone = [final(key, rate) for key, rate in zip(keys, rates, strict=True)]
    np.testing.assert_allclose(jax.jit(final)(keys[0], rates[0]), alone[0], atol=1e-5)
    np.testing.assert_allclose(jax.vmap(final)(keys, rates), alone, atol=1e-5)


def test_a_learner_continues_with_its_memory():
    first, _ = learn(batch_size=20, shuffle=False, epochs=2)
    resumed, _ = learn_energy(LINE, RULE, first, X, Y, batch_size=20, shuffle=False, seed=1)
    whole, _ = learn(batch_size=20, shuffle=False, epochs=3)
    assert isinstance(first, EnergyLearner)
    assert resumed.memory == whole.memory == 3
    np.testing.assert_allclose(resumed.weights.w, whole.weights.w, rtol=1e-6)


def test_the_callback_is_told_of_each_epoch_and_may_end_the_run():
    told = []

    def stop_at_two(progress):
        told.append(progress)
        if progress.epoch == 2:
            raise StopIteration

    learner, history = learn(epochs=9, on_epoch=stop_at_two)
    assert [progress.epoch for progress in told] == [1, 2]
    assert history.loss.tolist() == [progress.loss for progress in told]
    assert (learner.weights.w == told[-1].learner.weights.w).all()
    np.testing.assert_array_equal(learn(epochs=2)[0].weights.w, learner.weights.w)


def test_a_divergence_names_the_sample_before_which_the_weights_were_sound():
    with pytest.raises(DivergenceError, match="LeastSquares") as error:
        learn_energy(LINE, LeastSquares(1e9), START, X, Y, batch_size=20, epochs=9, seed=0)
    # After the first step the weights are near 1e9, after the second far beyond the limit.
    assert error.value.step == 20


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"data": X[:, :2]}, r"data must be 2-D of shape \(rows, 3\)"),
        ({"data": np.full((4, 3), np.nan)}, "data must be finite"),
        ({"targets": None}, "targets must be given for LeastSquares"),
        ({"targets": Y[:3]}, "targets must be 20 rows"),
        ({"targets": np.hstack([Y, Y])}, r"targets must be 2-D of shape \(rows, 1\)"),
        ({"network": MACHINE}, "network must be a Line for LeastSquares"),
        ({"rule": LeastSquares(-1.0)}, "learning_rate must be"),
        ({"epochs": 0}, "epochs must be"),
        ({"batch_size": 0}, "batch_size must be"),
        ({"shuffle": 1}, "shuffle must be"),
        ({"compiled": None}, "compiled must be"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_what_does_not_fit_is_refused(options, words):
    given = {"network": LINE, "rule": RULE, "learner": START, "data": X, "targets": Y} | options
    with pytest.raises(ValidationError, match=words):
        learn_energy(**given)


@pytest.mark.parametrize(
    ("data", "targets", "words"),
    [
        (2 * DATA, None, "data must be from 0 to 1"),
        (-DATA, None, "data must be from 0 to 1"),
        (DATA, DATA, "targets must be None for ContrastiveDivergence"),
    ],
)
def test_a_machine_of_units_refuses_other_data_and_targets(data, targets, words):
    with pytest.raises(ValidationError, match=words):
        learn_energy(MACHINE, CD, WEIGHTS, data, targets)


def test_callbacks_are_refused_inside_a_trace():
    def run(seed):
        return learn_energy(LINE, RULE, START, X, Y, seed=seed, on_epoch=print)[0]

    with pytest.raises(ValidationError, match="on_epoch must be None"):
        jax.jit(run)(jax.random.key(0))


def test_constant_columns_are_learnt():
    learner, _ = learn_energy(MACHINE, CD, WEIGHTS, np.ones((30, 6)), epochs=50, seed=0)
    assert (learner.weights.b > 0).all()
