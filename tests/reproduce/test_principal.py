"""Theory behind the figures of Oja's and Sanger's rules."""

import numpy as np

from canns.reproduce._oja import _EIGENVALUES, _path
from canns.reproduce._sanger import _tilt


def test_the_path_solves_ojas_equation():
    times, step = np.array([0.1, 0.5, 1.0]), 1e-5
    w = _path(times)
    slope = (_path(times + step) - _path(times - step)) / (2 * step)
    power = (_EIGENVALUES * w**2).sum(axis=1, keepdims=True)
    # A central difference is off by step^2 / 6 times the third derivative, of order 4^3.
    np.testing.assert_allclose(slope, _EIGENVALUES * w - power * w, atol=64 * step**2 + 1e-9)


def test_one_row_tilts_as_in_ojas_rule():
    variances = np.array([4.0, 1.0, 0.5])
    expected = (4 * variances[1:] / (2 * (4 - variances[1:]))).sum()
    np.testing.assert_allclose(_tilt(variances, np.outer(variances, variances), 1), [expected])


def test_a_later_row_inherits_the_tilt_of_the_rows_before_it():
    """The linear equations of the two angles, solved for their stationary covariance."""
    from scipy.linalg import solve_continuous_lyapunov

    first, second = 4.0, 1.5
    # Row 1 along component 2, driven by noise, and row 2 along component 1, driven by row 1.
    drift = np.array([[second - first, 0.0], [-second, -second]])
    noise = np.diag([first * second, 0.0])
    covariance = solve_continuous_lyapunov(drift, -noise)
    variances = np.array([first, second])
    np.testing.assert_allclose(
        _tilt(variances, np.outer(variances, variances), 2), np.diag(covariance)
    )
