"""SelfOrganizingMap: its errors, its order, and what it refuses."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from canns.errors import ValidationError
from canns.sklearn import SelfOrganizingMap

pytestmark = pytest.mark.slow  # they learn until they converge

DIGITS = load_digits().data


def test_digits_are_quantized_and_ordered():
    """MiniSom 2.3 of the same size, after ten passes: errors of 23.5 and 0.11."""
    learnt = SelfOrganizingMap(random_state=0).fit(DIGITS)
    assert learnt.quantization_error_ < 21
    assert learnt.topographic_error_ < 0.08
    assert learnt.score(DIGITS) == pytest.approx(-learnt.quantization_error_)
    np.testing.assert_array_equal(learnt.predict(DIGITS), learnt.labels_)


def test_a_square_unfolds_over_a_square():
    """The two coordinates of the grid follow the two of the data, whichever comes first."""
    rows = np.random.default_rng(0).uniform(size=(2000, 2))
    learnt = SelfOrganizingMap((8, 8), random_state=0).fit(rows)
    places = np.stack(np.unravel_index(np.arange(64), (8, 8)), axis=1)
    both = np.abs(np.corrcoef(learnt.weights_.T, places.T))[:2, 2:]
    assert both.max(axis=1).min() > 0.6
    assert learnt.topographic_error_ < 0.05


def test_one_neuron_is_at_the_mean():
    learnt = SelfOrganizingMap((1,), final_learning_rate=1e-3, random_state=0).fit(DIGITS)
    assert learnt.topographic_error_ == 0.0
    assert np.abs(learnt.weights_[0] - DIGITS.mean(axis=0)).max() < 1.0


def test_a_shape_of_three_axes_and_fewer_samples_than_neurons():
    learnt = SelfOrganizingMap((2, 3, 4), max_iter=1, random_state=0).fit(DIGITS[:5])
    assert learnt.weights_.shape == (24, 64)
    assert learnt.transform(DIGITS[:5]).shape == (5, 24)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shape": ()}, "shape"),
        ({"shape": 10}, "shape"),
        ({"shape": (3, 0)}, "shape"),
        ({"learning_rate": 1.5}, "learning_rate"),
        ({"final_learning_rate": 0.9}, "final_learning_rate"),
        ({"width": 0.0}, "width"),
        ({"final_width": 50.0}, "final_width"),
        ({"max_iter": 0}, "max_iter"),
    ],
)
def test_meaningless_arguments(options, message):
    with pytest.raises(ValidationError, match=message):
        SelfOrganizingMap(**options).fit(DIGITS)
