"""The digits are scikit-learn's, in a documented scale."""

import numpy as np
from sklearn.datasets import load_digits

from canns.task import digit_prototypes, digits


def test_digits_are_scaled_to_the_unit_interval():
    X, labels = digits()
    source = load_digits()
    assert X.dtype == np.float32
    assert labels.dtype == np.int64
    np.testing.assert_array_equal(X * 16, source.data)
    np.testing.assert_array_equal(labels, source.target)


def test_binary_digits_have_ink_above_one_half():
    grey, _ = digits()
    binary, labels = digits(binary=True)
    np.testing.assert_array_equal(binary, np.where(grey > 0.5, 1, -1))
    assert len(labels) == len(binary) == 1797


def test_prototypes_are_the_majority_and_recognise_their_class():
    prototypes, classes = digit_prototypes()
    binary, labels = digits(binary=True)
    assert classes.tolist() == list(range(10))
    assert prototypes.shape == (10, 64)
    for prototype, digit in zip(prototypes, classes, strict=True):
        ink = (binary[labels == digit] > 0).mean(axis=0)
        np.testing.assert_array_equal(prototype, np.where(ink > 0.5, 1, -1))
    nearest = (binary @ prototypes.T).argmax(axis=1)
    # Chance is 0.1.
    assert (nearest == labels).mean() > 0.75
