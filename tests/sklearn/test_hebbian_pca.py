"""HebbianPCA beside scikit-learn's PCA and IncrementalPCA."""

import pickle

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA, IncrementalPCA
from sklearn.exceptions import ConvergenceWarning

from canns.errors import ValidationError
from canns.sklearn import HebbianPCA

pytestmark = pytest.mark.slow  # they learn until they converge

DIGITS = load_digits().data


def error_of(estimator, rows):
    return ((rows - estimator.inverse_transform(estimator.transform(rows))) ** 2).sum()


@pytest.mark.parametrize("rule", ["sanger", "subspace"])
@pytest.mark.parametrize("count", [3, 10])
def test_digits_are_reconstructed_as_well_as_by_pca(rule, count):
    pca = PCA(count).fit(DIGITS)
    learnt = HebbianPCA(count, rule=rule, random_state=0).fit(DIGITS)
    assert 1 - 1e-9 <= error_of(learnt, DIGITS) / error_of(pca, DIGITS) <= 1.001
    assert learnt.n_iter_ < learnt.max_iter
    share = pca.explained_variance_ratio_.sum()
    assert learnt.explained_variance_ratio_.sum() == pytest.approx(share, rel=1e-3)
    np.testing.assert_allclose(learnt.components_ @ learnt.components_.T, np.eye(count), atol=1e-12)
    np.testing.assert_allclose(learnt.mean_, pca.mean_)


def test_sanger_finds_the_components_in_order():
    pca, learnt = PCA(6).fit(DIGITS), HebbianPCA(6, random_state=0).fit(DIGITS)
    cosines = np.abs((pca.components_ * learnt.components_).sum(axis=1))
    assert (cosines > 0.999).all()
    np.testing.assert_allclose(learnt.explained_variance_, pca.explained_variance_, rtol=1e-3)
    ratio = pca.explained_variance_ratio_
    np.testing.assert_allclose(learnt.explained_variance_ratio_, ratio, rtol=1e-3)
    assert learnt.score(DIGITS) == pytest.approx(ratio.sum(), rel=1e-3)


def test_oja_finds_the_first_component():
    pca, learnt = PCA(1).fit(DIGITS), HebbianPCA(rule="oja", random_state=0).fit(DIGITS)
    assert np.abs(pca.components_ @ learnt.components_.T).item() > 0.9999


@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_units_of_the_samples_do_not_matter(scale):
    one = HebbianPCA(3, max_iter=2, tol=1.0, random_state=0).fit(DIGITS)
    other = HebbianPCA(3, max_iter=2, tol=1.0, random_state=0).fit(DIGITS * scale + scale)
    np.testing.assert_allclose(one.components_, other.components_, atol=1e-6)
    np.testing.assert_allclose(one.explained_variance_, other.explained_variance_ / scale**2)


def test_a_rate_in_units_of_the_data():
    power = ((DIGITS - DIGITS.mean(axis=0)) ** 2).sum(axis=1).mean()
    options = {"max_iter": 2, "tol": 1.0, "random_state": 0}
    longest = ((DIGITS - DIGITS.mean(axis=0)) ** 2).sum(axis=1).max()
    rate = min(0.05 / power, 0.5 / longest)
    auto = HebbianPCA(3, **options).fit(DIGITS)
    given = HebbianPCA(3, learning_rate=rate, **options).fit(DIGITS)
    np.testing.assert_allclose(auto.components_, given.components_, atol=1e-9)
    with pytest.raises(ValidationError, match="bound of stability"):
        HebbianPCA(3, learning_rate=1.0).fit(DIGITS)


def test_batches_are_learnt_about_as_well_as_by_incremental_pca():
    rows = DIGITS[np.random.default_rng(0).permutation(len(DIGITS))]
    learnt, exact = HebbianPCA(10, random_state=0), IncrementalPCA(10)
    for _ in range(10):
        for batch in np.array_split(rows, 9):
            learnt.partial_fit(batch)
            exact.partial_fit(batch)
    assert learnt.n_samples_seen_ == 10 * len(rows)
    np.testing.assert_allclose(learnt.mean_, exact.mean_)
    assert error_of(learnt, rows) / error_of(exact, rows) < 1.01


def test_a_pickle_learns_on_in_the_same_way():
    learnt = HebbianPCA(3, random_state=0).partial_fit(DIGITS[:500])
    loaded = pickle.loads(pickle.dumps(learnt))
    ours, theirs = learnt.partial_fit(DIGITS[500:]), loaded.partial_fit(DIGITS[500:])
    np.testing.assert_array_equal(ours.components_, theirs.components_)


def test_a_refused_batch_changes_nothing():
    learnt = HebbianPCA(3, random_state=0).partial_fit(DIGITS[:500])
    seen, mean = learnt.n_samples_seen_, learnt.mean_.copy()
    with pytest.raises(ValidationError, match="learning_rate"):
        learnt.set_params(learning_rate=10.0).partial_fit(DIGITS[500:])
    learnt.set_params(learning_rate="auto").partial_fit(DIGITS[500:])
    assert learnt.n_samples_seen_ == seen + len(DIGITS[500:])
    assert not np.array_equal(learnt.mean_, mean)
    np.testing.assert_allclose(learnt.mean_, DIGITS.mean(axis=0))


def test_a_batch_of_one_sample_and_of_another_width():
    learnt = HebbianPCA(1, random_state=0).partial_fit(DIGITS[:1])
    assert np.isfinite(learnt.partial_fit(DIGITS[1:40]).components_).all()
    with pytest.raises(ValueError, match="63 features"):
        learnt.partial_fit(DIGITS[:, :63])


def test_constant_features_and_constant_samples():
    rows = DIGITS[:200].copy()
    rows[:, :32] = 7.0
    learnt = HebbianPCA(3, random_state=0).fit(rows)
    assert np.abs(learnt.components_[:, :32]).max() < 1e-2
    still = HebbianPCA(3, random_state=0).fit(np.full((50, 8), 0.1))
    assert still.n_iter_ == 0
    assert (still.explained_variance_ratio_ == 0).all()
    np.testing.assert_allclose(still.components_ @ still.components_.T, np.eye(3), atol=1e-12)


def test_too_few_iterations_warn():
    with pytest.warns(ConvergenceWarning, match="max_iter=1"):
        HebbianPCA(5, max_iter=1, random_state=0).fit(DIGITS)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_components": 65}, "n_components"),
        ({"n_components": 0}, "n_components"),
        ({"n_components": 2, "rule": "oja"}, "rule='oja'"),
        ({"rule": "apex"}, "rule"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"learning_rate": "fast"}, "learning_rate"),
        ({"max_iter": 0}, "max_iter"),
        ({"tol": -1.0}, "tol"),
    ],
)
def test_meaningless_arguments(options, message):
    with pytest.raises(ValidationError, match=message):
        HebbianPCA(**options).fit(DIGITS)


def test_samples_that_no_estimator_takes():
    with pytest.raises(TypeError, match="parse"):
        HebbianPCA(2).fit(sparse.csr_matrix(DIGITS))
    holed = DIGITS.copy()
    holed[3, 5] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        HebbianPCA(2).fit(holed)
    with pytest.raises(ValueError, match="minimum of 2"):
        HebbianPCA(1).fit(DIGITS[:1])
