"""Scale data: columns of mean 0 and variance 1, and white data."""

from dataclasses import dataclass

import numpy as np

from canns._validation import check_matrix, check_size, float_dtype
from canns.errors import ValidationError
from canns.task._types import ArrayLike, FloatArray

__all__ = ["Standardization", "Whitening", "standardize", "whiten"]


@dataclass(frozen=True)
class Standardization:
    """The mean and the scale of each column of a data set.

    Args:
        mean: Means, (N,).
        scale: Standard deviations, (N,); 1 for a constant column.
    """

    mean: FloatArray
    scale: FloatArray

    def apply(self, data: ArrayLike) -> FloatArray:
        """Return ``(data - mean) / scale``, (T, N)."""
        rows = _rows(data, len(self.mean))
        return _cast((rows - self.mean) / self.scale)

    def invert(self, data: ArrayLike) -> FloatArray:
        """Return the data, (T, N), of which :meth:`apply` gives ``data``."""
        return _cast(_rows(data, len(self.mean)) * self.scale + self.mean)


@dataclass(frozen=True)
class Whitening:
    """The principal components of a data set, to make data uncorrelated and of variance 1.

    Args:
        mean: Means of the columns, (N,).
        components: The principal components, orthonormal, (K, N), by falling variance.
        variances: The variances along them, (K,), of a sample: the sum of squares over T - 1.
        scale: What they are divided by, (K,): the standard deviations; 1 if there is no variance.
    """

    mean: FloatArray
    components: FloatArray
    variances: FloatArray
    scale: FloatArray

    def apply(self, data: ArrayLike) -> FloatArray:
        """Return the data along the components, each scaled to variance 1, (T, K)."""
        rows = _rows(data, len(self.mean))
        return _cast((rows - self.mean) @ self.components.T / self.scale)

    def invert(self, data: ArrayLike) -> FloatArray:
        """Return the data, (T, N), of which :meth:`apply` gives ``data``, (T, K).

        With fewer components than columns, what lies beside the components is at its mean.
        """
        return _cast(_rows(data, len(self.scale)) * self.scale @ self.components + self.mean)


def standardize(data: ArrayLike) -> Standardization:
    """Find the mean and the standard deviation of each column, as ``StandardScaler`` does.

    The standard deviation is that of the data themselves: the sum of squares is divided by T.

    Args:
        data: One sample per row, (T, N).

    Returns:
        The scaling, whose ``apply`` and ``invert`` take any data of N columns.

    Raises:
        ValidationError: The data are not a matrix of finite numbers.

    Example:
        >>> scaling = standardize([[1.0, 5.0], [3.0, 5.0]])
        >>> scaling.apply([[1.0, 5.0], [5.0, 6.0]]).tolist()
        [[-1.0, 0.0], [3.0, 1.0]]
    """
    rows = _rows(data)
    mean = rows.mean(axis=0)
    variance = rows.var(axis=0)
    # Rounding leaves a constant column some variance; scikit-learn's bound on it.
    eps = np.finfo(np.float64).eps
    rounding = len(rows) * eps * variance + (len(rows) * mean * eps) ** 2
    scale = np.sqrt(np.where(variance <= rounding, 1.0, variance))
    return Standardization(mean, scale)


def whiten(data: ArrayLike, num_components: int | None = None) -> Whitening:
    """Find the principal components that make data white, as ``PCA(whiten=True)`` does.

    White data have mean 0, variance 1 and no correlations, as rules for independent components
    need them. Give ``num_components`` if the data have fewer dimensions than columns, for example
    because columns are constant: along the rest there is nothing to scale, and it stays 0.

    Args:
        data: One sample per row, (T, N).
        num_components: K, at most min(T, N); None for min(T, N).

    Returns:
        The whitening, whose ``apply`` and ``invert`` take any data of their width. The largest
        entry of a component is positive.

    Raises:
        ValidationError: The data are not a matrix of finite numbers of two samples or more, or
            ``num_components`` is out of range.

    Example:
        >>> whitening = whiten([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
        >>> whitening.components.tolist(), whitening.variances.round(3).tolist()
        ([[1.0, 0.0], [0.0, 1.0]], [2.667, 0.667])
        >>> [round(float(x), 3) for x in whitening.apply([[2.0, 0.0]])[0]]
        [1.225, 0.0]

    References:
        Hyvärinen & Oja (2000), Neural Networks 13:411–430.
    """
    rows = _rows(data)
    if len(rows) < 2:
        raise ValidationError("data", "of two samples or more to have variances", f"{len(rows)}")
    most = min(rows.shape)
    count = most if num_components is None else num_components
    count = check_size("num_components", count, high=most)
    mean = rows.mean(axis=0)
    _, sizes, components = np.linalg.svd(rows - mean, full_matrices=False)
    largest = np.abs(components).argmax(axis=1)
    signs = np.sign(components[np.arange(len(components)), largest])
    components = (signs[:, None] * components + 0.0)[:count]
    variances = (sizes**2 / (len(rows) - 1))[:count]
    rounding = variances[0] * (max(rows.shape) * np.finfo(np.float64).eps) ** 2
    scale = np.sqrt(np.where(variances <= rounding, 1.0, variances))
    return Whitening(mean, components, variances, scale)


def _rows(data: ArrayLike, width: int | None = None) -> FloatArray:
    """Return checked rows in double precision."""
    rows: FloatArray = check_matrix("data", data, width).astype(np.float64)
    return rows


def _cast(values: FloatArray) -> FloatArray:
    return values.astype(float_dtype())
