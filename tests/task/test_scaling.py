"""Standardized and white data, against scikit-learn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.preprocessing import StandardScaler

from canns import task
from canns.errors import ValidationError

RNG = np.random.default_rng(0)
DATA = RNG.normal(size=(200, 5)) @ RNG.normal(size=(5, 5)) + RNG.normal(size=5)
UNITS = RNG.normal(size=(300, 4)) * [120.0, 30.0, 2.0, 0.1] + [5.0, -3.0, 0.0, 1.0]
CONSTANT = np.column_stack([DATA[:, :2], np.full(len(DATA), 0.1), DATA[:, 2:]])
WIDE = RNG.normal(size=(6, 20))
SETS = {"mixed": DATA, "units": UNITS, "constant column": CONSTANT, "wide": WIDE}
each_set = pytest.mark.parametrize("data", SETS.values(), ids=SETS.keys())


@each_set
def test_standardize_is_the_standard_scaler(data):
    # Both read float32, as the library does.
    rows = data.astype(np.float32).astype(float)
    scaling, theirs = task.standardize(data), StandardScaler().fit(rows)
    np.testing.assert_allclose(scaling.mean, theirs.mean_, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(scaling.scale, theirs.scale_, rtol=1e-12)
    applied = scaling.apply(data)
    np.testing.assert_allclose(applied, theirs.transform(rows), atol=1e-5)
    np.testing.assert_allclose(scaling.invert(applied), data, rtol=1e-5, atol=1e-4)


@each_set
def test_whiten_is_pca_with_whitening(data):
    rows = data.astype(np.float32).astype(float)
    count = min(len(rows) - 1, data.shape[1]) - (data is CONSTANT)
    whitening = task.whiten(data, count)
    theirs = PCA(count, whiten=True, svd_solver="full").fit(rows)
    np.testing.assert_allclose(whitening.variances, theirs.explained_variance_, rtol=1e-9)
    signs = np.sign(np.sum(whitening.components * theirs.components_, axis=1))
    np.testing.assert_allclose(whitening.components, signs[:, None] * theirs.components_, atol=1e-9)
    applied = whitening.apply(data)
    np.testing.assert_allclose(applied, signs * theirs.transform(rows), atol=1e-5)
    np.testing.assert_allclose(np.cov(applied.T), np.eye(count), atol=1e-5)
    np.testing.assert_allclose(whitening.invert(applied), data, rtol=1e-5, atol=1e-4)


def test_other_data_are_scaled_by_what_was_found():
    fit = task.whiten(DATA, 2)
    theirs = PCA(2, whiten=True, svd_solver="full").fit(DATA.astype(np.float32).astype(float))
    new = RNG.normal(size=(7, 5))
    inverse = theirs.inverse_transform(theirs.transform(new))
    np.testing.assert_allclose(fit.invert(fit.apply(new)), inverse, atol=1e-5)


def test_nothing_is_scaled_where_there_is_no_variance():
    assert not task.standardize(CONSTANT).apply(CONSTANT)[:, 2].any()
    whitening = task.whiten(CONSTANT)
    applied = whitening.apply(CONSTANT)
    assert applied.shape == (200, 6)
    assert np.abs(applied[:, 5]).max() < 1e-12
    np.testing.assert_allclose(whitening.invert(applied), CONSTANT, rtol=1e-5, atol=1e-5)


def test_what_cannot_be_scaled_is_refused():
    with pytest.raises(ValidationError, match="two samples"):
        task.whiten([[1.0, 2.0]])
    for count in (0, 6, 1.5):
        with pytest.raises(ValidationError, match="num_components"):
            task.whiten(DATA, count)
    for fit in (task.whiten(DATA), task.standardize(DATA)):
        for call in (fit.apply, fit.invert):
            with pytest.raises(ValidationError, match=r"\(rows, 5\)"):
                call(np.ones((2, 4)))
