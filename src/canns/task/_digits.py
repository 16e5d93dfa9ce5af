"""The 8 × 8 handwritten digits that scikit-learn ships."""

import numpy as np

from canns._extras import require
from canns._validation import check_flag, float_dtype
from canns.task._types import FloatArray, IntArray

__all__ = ["digit_prototypes", "digits"]

_WHITE = 16.0  # The brightest value in the data: a count of set pixels in a 4 × 4 block.


def digits(*, binary: bool = False) -> tuple[FloatArray, IntArray]:
    """Load 1797 handwritten digits of 8 × 8 pixels.

    A pixel is the number of inked pixels in a 4 × 4 block of the scanned form, divided by 16. With
    ``binary=True`` it is +1 if that share is more than 1/2, else −1.

    Args:
        binary: Whether to give ±1 in place of grey values.

    Returns:
        Digits of shape (1797, 64), in [0, 1] or ±1, with ink high; and their labels, 0 to 9, of
        shape (1797,).

    Raises:
        ValidationError: ``binary`` is not True or False.
        MissingExtraError: scikit-learn is not installed.

    Example:
        >>> X, labels = digits()
        >>> X.shape, float(X.max()), labels[:4].tolist()
        ((1797, 64), 1.0, [0, 1, 2, 3])

    References:
        Alpaydin & Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine Learning
        Repository.
    """
    binary = check_flag("binary", binary)
    data, labels = require("sklearn.datasets", "data").load_digits(return_X_y=True)
    grey = data / _WHITE
    values = np.where(grey > 0.5, 1.0, -1.0) if binary else grey
    return values.astype(float_dtype()), labels.astype(np.int64)


def digit_prototypes() -> tuple[FloatArray, IntArray]:
    """Make one ±1 pattern for each digit class, by majority vote of its members.

    A prototype's pixel is +1 if the mean of the class's ±1 digits is positive (more than half of
    the members have ink there), else −1.

    Returns:
        Prototypes of shape (10, 64), entries ±1; and their labels, 0 to 9, of shape (10,).

    Raises:
        MissingExtraError: scikit-learn is not installed.

    Example:
        >>> prototypes, labels = digit_prototypes()
        >>> prototypes.shape, labels.tolist()
        ((10, 64), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    members, label = digits(binary=True)
    classes = np.arange(10, dtype=np.int64)
    votes = np.stack([members[label == digit].mean(axis=0) for digit in classes])
    return np.where(votes > 0, 1.0, -1.0).astype(float_dtype()), classes
