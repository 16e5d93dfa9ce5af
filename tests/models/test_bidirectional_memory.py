"""The bidirectional memory: pairs by either half, and its overlaps against mean-field theory.

Kosko (1988), IEEE Trans. Syst. Man Cybern. 18:49.
"""

import math

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erf, erfc

from canns.errors import ValidationError
from canns.models.brain_inspired import BidirectionalAssociativeMemory
from canns.task import random_patterns


def pairs_of(count, n, m, seed=0):
    rng = np.random.default_rng(seed)
    return random_patterns(count, n, seed=rng), random_patterns(count, m, seed=rng)


def memory_of(x, y):
    memory = BidirectionalAssociativeMemory(x.shape[1], y.shape[1])
    memory.store(x, y)
    return memory


def test_the_weights_are_the_sum_of_outer_products():
    x, y = pairs_of(3, 5, 4)
    memory = memory_of(x, y)
    np.testing.assert_allclose(memory.W.value, y.T @ x / math.sqrt(20), rtol=1e-5, atol=1e-6)
    other = BidirectionalAssociativeMemory(5, 4)
    other.apply_hebbian_learning(np.concatenate([x, y], axis=1)[:1])
    other.store(x[1:], y[1:])
    np.testing.assert_allclose(other.W.value, memory.W.value, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("size", [(200, 100), (100, 200), (150, 150)])
def test_few_pairs_are_recalled_exactly_from_either_half(size):
    x, y = pairs_of(4, *size)
    memory = memory_of(x, y)
    for cues in (memory.join(inputs=x), memory.join(outputs=y), memory.join(x, y)):
        result = memory.recall(cues)
        found = memory.split(result.states)
        np.testing.assert_array_equal(found.inputs, x)
        np.testing.assert_array_equal(found.outputs, y)
        assert set(result.outcome) == {"converged"}
        np.testing.assert_allclose(result.energies[:, -1], memory.energies(memory.join(x, y)))
    noisy = x * np.where(np.random.default_rng(1).random(x.shape) < 0.15, -1.0, 1.0)
    np.testing.assert_array_equal(
        memory.split(memory.recall(memory.join(inputs=noisy)).states).outputs, y
    )


def test_the_first_answer_errs_as_the_crosstalk_says():
    # From the exact input each output errs with erfc(sqrt(N/2P))/2.
    n, count, networks = 400, 100, 12
    wrong = []
    for seed in range(networks):
        x, y = pairs_of(count, n, n, seed)
        memory = memory_of(x, y)
        first = memory.split(memory.recall(memory.join(inputs=x), num_iter=1).states)
        wrong.append((first.outputs != y).mean())
    theory = erfc(math.sqrt(n / (2 * count))) / 2
    error = np.std(wrong, ddof=1) / math.sqrt(networks)
    assert error < 0.03 * theory
    assert np.mean(wrong) == pytest.approx(theory, abs=4 * error)


def overlap_by_theory(alpha):
    """Replica-symmetric overlap of equal layers at T = 0.

    m = erf(u), u = m/sqrt(2 alpha r), C = 2 u exp(-u^2)/(sqrt(pi) m); what one layer adds to the
    noise goes through the other and back, so that r = (1 + C^2)/(1 - C^2)^2.
    """

    def load(u):
        m = erf(u)
        c = 2 * u * math.exp(-(u**2)) / (math.sqrt(math.pi) * m)
        return (m / u) ** 2 / 2 * (1 - c**2) ** 2 / (1 + c**2)

    if alpha is None:
        grid = np.linspace(0.5, 3, 20001)
        best = max(grid, key=load)
        return load(best), erf(best)
    return erf(brentq(lambda u: load(u) - alpha, 1.2942, 8))


def test_the_theory_has_its_known_capacity():
    capacity, overlap = overlap_by_theory(None)
    assert (capacity, overlap) == (
        pytest.approx(0.19980, abs=1e-5),
        pytest.approx(0.9328, abs=1e-3),
    )


@pytest.mark.parametrize("alpha", [0.12, 0.15])
def test_overlaps_of_both_layers_follow_mean_field_theory(alpha):
    n, networks = 600, 6
    found = []
    for seed in range(networks):
        x, y = pairs_of(round(alpha * n), n, n, seed)
        memory = memory_of(x, y)
        result = memory.recall(memory.join(x, y)[:60], num_iter=200)
        ends = memory.split(result.states)
        found.append([(ends.inputs * x[:60]).mean(), (ends.outputs * y[:60]).mean()])
    mean, error = np.mean(found, axis=0), np.std(found, axis=0, ddof=1) / math.sqrt(networks)
    assert (error < 0.0015).all()
    # Finite networks lie above the limit, by about 1/N.
    theory = overlap_by_theory(alpha)
    assert (mean > theory - 4 * error).all()
    assert (mean < theory + 4 * error + 2 / n).all()


def test_beyond_capacity_nothing_is_left():
    x, y = pairs_of(240, 600, 600)
    memory = memory_of(x, y)
    ends = memory.split(memory.recall(memory.join(x, y)[:60], num_iter=300).states)
    assert abs((ends.inputs * x[:60]).mean()) < 0.6


def test_predict_keeps_both_layers():
    x, y = pairs_of(2, 40, 30)
    memory = memory_of(x, y)
    state = memory.predict(memory.join(outputs=y[1:])[0])
    np.testing.assert_array_equal(state, np.concatenate([x[1], y[1]]))
    np.testing.assert_array_equal(memory.s.value, state)
    assert float(memory.energy) == pytest.approx(
        -y[1] @ np.asarray(memory.W.value) @ x[1], rel=1e-5
    )
    assert memory.update(memory.energy) == 0


def test_join_and_split_are_inverse():
    memory = BidirectionalAssociativeMemory(3, 2)
    x, y = pairs_of(4, 3, 2)
    np.testing.assert_array_equal(memory.split(memory.join(x, y)).inputs, x)
    np.testing.assert_array_equal(memory.split(memory.join(x, y)).outputs, y)
    assert not memory.split(memory.join(inputs=x)).outputs.any()
    assert not memory.split(memory.join(outputs=y)).inputs.any()


X, Y = pairs_of(4, 3, 2)
REFUSED = {
    "no layer": ("inputs", lambda net: net.join()),
    "width of inputs": ("inputs", lambda net: net.join(inputs=Y)),
    "width of outputs": ("outputs", lambda net: net.join(outputs=X)),
    "rows": ("outputs", lambda net: net.join(X, Y[:3])),
    "rows to store": ("outputs", lambda net: net.store(X, Y[:3])),
    "width to store": ("inputs", lambda net: net.store(Y, X)),
    "nan": ("outputs", lambda net: net.store(X, Y * np.nan)),
    "empty": ("inputs", lambda net: net.store(X[:0], Y[:0])),
    "joined width": ("train_data", lambda net: net.apply_hebbian_learning(X)),
    "states": ("states", lambda net: net.split(X)),
    "cues": ("cues", lambda net: net.recall(X)),
    "size": ("num_neurons", lambda net: net.resize(7)),
    "inputs": ("num_inputs", lambda net: BidirectionalAssociativeMemory(0, 2)),
    "outputs": ("num_outputs", lambda net: BidirectionalAssociativeMemory(2, 1.5)),
}


@pytest.mark.parametrize(("argument", "call"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused_and_changes_nothing(argument, call):
    memory = memory_of(X, Y)
    before = np.asarray(memory.W.value)
    with pytest.raises(ValidationError, match=f"^{argument} must be"):
        call(memory)
    np.testing.assert_array_equal(memory.W.value, before)
