"""The nonlinear Hebbian rule against known sources and FastICA, its projection against SciPy."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.linalg import polar
from sklearn.decomposition import FastICA

from canns.dynamics import Linear
from canns.errors import ValidationError
from canns.plasticity import CONTRASTS, Identity, NonlinearHebbian, OrthonormalRows, Setup, learn

SIZE, SAMPLES = 3, 4000


def drawn(kind, seed):
    """Whitened mixtures of independent sources, (T, 3), and the rows that unmix them, (3, 3)."""
    rng = np.random.default_rng(seed)
    size = (SAMPLES, SIZE)
    sources = rng.laplace(size=size) if kind == "super_gaussian" else rng.uniform(-1, 1, size)
    mixed = sources @ rng.normal(size=(SIZE, SIZE)).T
    mixed -= mixed.mean(axis=0)
    values, vectors = np.linalg.eigh(mixed.T @ mixed / SAMPLES)
    white = mixed @ (vectors / np.sqrt(values)) @ vectors.T
    sources = (sources - sources.mean(axis=0)) / sources.std(axis=0)
    return white, sources


def learnt(rule_of, white, seed):
    """Rows after passes at ever smaller rates, from random ones."""
    rng = np.random.default_rng(seed + 100)
    first = OrthonormalRows()(jnp.asarray(rng.normal(size=(SIZE, SIZE))))
    learner = Setup(rule_of(0.1), Linear()).start(first)
    for eta in (0.02, 0.02, 0.01, 0.003, 1e-3, 3e-4, 1e-4):
        learner = learn(Setup(rule_of(eta), Linear(), OrthonormalRows()), learner, white)
    return np.asarray(learner.weights)


def amari(product):
    """Amari, Cichocki & Yang's distance of a matrix from a scaled permutation, in [0, 1]."""
    size = np.abs(product)
    rows = (size.sum(axis=1) / size.max(axis=1) - 1).sum()
    columns = (size.sum(axis=0) / size.max(axis=0) - 1).sum()
    return (rows + columns) / (2 * len(size) * (len(size) - 1))


@pytest.mark.parametrize("kind", ["super_gaussian", "sub_gaussian"])
@pytest.mark.parametrize("contrast", CONTRASTS)
def test_sources_are_unmixed_as_by_fastica(contrast, kind, x64):
    white, sources = drawn(kind, 0)
    rows = learnt(lambda eta: NonlinearHebbian(eta, contrast, kind), white, 0)
    fast = FastICA(whiten=False, fun=contrast, tol=1e-12, max_iter=1000, random_state=0)
    theirs = fast.fit(white).components_
    # Both end where the matrix E[g(y) y'] of these samples is symmetric; online learning goes on
    # to move by about the last rate.
    agreement = np.abs(rows @ theirs.T)
    assert sorted(agreement.argmax(axis=1)) == [0, 1, 2]
    np.testing.assert_allclose(agreement.max(axis=1), 1, rtol=0, atol=2e-4)
    np.testing.assert_allclose(rows @ rows.T, np.eye(SIZE), rtol=0, atol=1e-12)
    answers = white @ rows.T
    ours, fastica = (amari(y.T @ sources / SAMPLES) for y in (answers, white @ theirs.T))
    # What the sample, not the rule, leaves: a few 1/sqrt(T) = 0.016 an entry.
    assert ours < 0.06
    assert ours == pytest.approx(fastica, abs=0.01)
    best = np.abs(np.corrcoef(answers.T, sources.T)[:SIZE, SIZE:]).max(axis=1)
    assert best.min() > 0.995


def test_the_wrong_kind_of_sources_is_not_unmixed(x64):
    white, sources = drawn("super_gaussian", 0)
    rows = learnt(lambda eta: NonlinearHebbian(eta, "cube", "sub_gaussian"), white, 0)
    assert amari(rows @ white.T @ sources / SAMPLES) > 0.2


def test_the_projection_is_the_nearest_orthonormal_matrix(x64):
    rng = np.random.default_rng(0)
    for scale in (1.0, 1e-6, 1e6):
        weights = scale * rng.normal(size=(3, 5))
        found = np.asarray(OrthonormalRows()(jnp.asarray(weights)))
        np.testing.assert_allclose(found, polar(weights)[0], rtol=0, atol=1e-12)
        np.testing.assert_allclose(OrthonormalRows()(found), found, rtol=0, atol=1e-14)
    dependent = np.asarray(OrthonormalRows()(jnp.ones((2, 3))))
    np.testing.assert_allclose(dependent @ dependent.T, np.eye(2), rtol=0, atol=1e-12)


def test_half_precision_is_kept_and_too_many_rows_are_refused():
    project = OrthonormalRows()
    assert project(jnp.eye(2, dtype=jnp.bfloat16)).dtype == jnp.bfloat16
    inputs = np.ones((2, 2), np.float32)
    with pytest.raises(ValidationError, match="at most 2 rows"):
        learn(Setup(NonlinearHebbian(), Linear(), project), jnp.ones((3, 2)), inputs)
    learn(Setup(NonlinearHebbian(), Linear(), Identity()), jnp.ones((3, 2)), inputs)


@pytest.mark.parametrize(
    ("contrast", "function"),
    [("logcosh", np.tanh), ("exp", lambda y: y * np.exp(-(y**2) / 2)), ("cube", lambda y: y**3)],
)
def test_the_change_is_that_of_the_contrast(contrast, function):
    y, x = np.array([0.5, -2.0], np.float32), np.array([1.0, 2.0, 3.0], np.float32)
    activity = Linear().step(None, jnp.outer(y, jnp.array([1.0, 0, 0])), jnp.asarray(x))[1]
    _, delta = NonlinearHebbian(0.1, contrast).step((), None, activity)
    sign = 1 if contrast == "cube" else -1
    np.testing.assert_allclose(delta, sign * 0.1 * np.outer(function(y), x), rtol=1e-5)
