"""HebbianICA beside FastICA, and the closed form of its convergence."""

import numpy as np
import pytest
from sklearn.decomposition import FastICA
from sklearn.exceptions import ConvergenceWarning

from canns.errors import ValidationError
from canns.sklearn import HebbianICA

pytestmark = pytest.mark.slow  # they learn until they converge


def light_tails():
    """Return a sine, a square wave and a saw, (2000, 3), with a little noise."""
    t, random = np.linspace(0, 8, 2000), np.random.default_rng(0)
    waves = np.column_stack([np.sin(2 * t), np.sign(np.sin(3 * t)), 1.3 * t % 1])
    return waves + 0.05 * random.normal(size=waves.shape)


def heavy_tails():
    return np.random.default_rng(0).laplace(size=(5000, 4))


def mixed(sources):
    width = sources.shape[1]
    return sources @ np.random.default_rng(1).normal(size=(width, width)).T


def recovery(found, sources):
    """Return the largest correlation of each source with a component."""
    count = sources.shape[1]
    return np.abs(np.corrcoef(found.T, sources.T))[:count, count:].max(axis=0)


@pytest.mark.parametrize("contrast", ["logcosh", "exp", "cube"])
@pytest.mark.parametrize(
    ("kind", "make"), [("sub_gaussian", light_tails), ("super_gaussian", heavy_tails)]
)
def test_sources_are_recovered_as_by_fast_ica(kind, make, contrast):
    sources = make()
    data = mixed(sources)
    learnt = HebbianICA(contrast=contrast, sources=kind, random_state=0).fit(data)
    fast = FastICA(fun=contrast, whiten="unit-variance", tol=1e-8, max_iter=1000, random_state=0)
    ours, theirs = (
        recovery(learnt.transform(data), sources),
        recovery(fast.fit_transform(data), sources),
    )
    assert (ours > 0.995).all()
    np.testing.assert_allclose(ours, theirs, atol=2e-3)


def test_the_rest_points_are_those_of_fast_ica():
    data = mixed(heavy_tails())
    learnt = HebbianICA(tol=1e-9, max_iter=3000, random_state=0).fit_transform(data)
    fast = FastICA(whiten="unit-variance", tol=1e-13, max_iter=3000, random_state=0)
    both = np.abs(np.corrcoef(learnt.T, fast.fit_transform(data).T))[:4, 4:]
    np.testing.assert_allclose(both.max(axis=1), 1.0, atol=1e-7)


def test_a_deviation_shrinks_by_the_factor_of_theory():
    """(2 + s eta (b_i + b_j)) / (2 + s eta (a_i + a_j)), of the last iterations."""
    data, rate = mixed(heavy_tails()[:, :2]), 0.5
    rest = HebbianICA(tol=1e-12, learning_rate=rate, max_iter=3000, random_state=0).fit(data)
    y = rest.transform(data)
    a = (y * np.tanh(y)).mean(axis=0).sum()
    b = (1 - np.tanh(y) ** 2).mean(axis=0).sum()
    factor = (2 - rate * b) / (2 - rate * a)
    apart = []
    for count in (20, 30):
        with pytest.warns(ConvergenceWarning):
            early = HebbianICA(learning_rate=rate, tol=0.0, max_iter=count, random_state=0).fit(
                data
            )
        apart.append(np.abs(early.components_ - rest.components_).max())
    # In a finite sample E[x_i^2 g'(x_j)] is not quite E[g'(x_j)].
    assert (apart[1] / apart[0]) ** 0.1 == pytest.approx(factor, abs=0.02)


def test_sources_of_variance_1_and_the_way_back():
    data = mixed(heavy_tails()) + 3.0
    learnt = HebbianICA(random_state=0).fit(data)
    codes = learnt.transform(data)
    np.testing.assert_allclose(np.cov(codes.T), np.eye(4), atol=1e-9)
    np.testing.assert_allclose(learnt.inverse_transform(codes), data, atol=1e-9)


def test_constant_features_lower_the_rank():
    data = np.column_stack([mixed(heavy_tails()[:, :2]), np.full(5000, 2.0)])
    assert HebbianICA(random_state=0).fit(data).components_.shape == (2, 3)
    with pytest.raises(ValidationError, match="at most 2, the rank of X"):
        HebbianICA(3).fit(data)
    with pytest.raises(ValidationError, match="samples that differ"):
        HebbianICA().fit(np.ones((10, 3)))


@pytest.mark.parametrize(
    "options",
    [{"contrast": "kurtosis"}, {"sources": "gaussian"}, {"learning_rate": -1.0}, {"tol": "small"}],
)
def test_meaningless_arguments(options):
    with pytest.raises(ValidationError, match=next(iter(options))):
        HebbianICA(**options).fit(np.eye(4))
