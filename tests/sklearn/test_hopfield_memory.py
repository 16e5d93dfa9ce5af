"""HopfieldMemory: recall, labels, and what it refuses."""

import numpy as np
import pytest
from scipy import sparse
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

from canns.errors import CannsWarning, ValidationError
from canns.sklearn import HopfieldMemory

pytestmark = pytest.mark.slow  # they learn until they converge

RULES = ["hebbian", "pseudo_inverse", "storkey", "adatron", "diederich_opper"]


def signs(count=12, size=120, seed=0):
    return np.random.default_rng(seed).choice([-1.0, 1.0], (count, size))


def corrupted(patterns, share=0.1):
    random = np.random.default_rng(1)
    return np.where(random.uniform(size=patterns.shape) < share, -patterns, patterns)


@pytest.mark.parametrize("rule", RULES)
def test_stored_patterns_are_recalled_from_corrupted_ones(rule):
    patterns = signs(8)
    names = np.array([f"pattern {i}" for i in range(8)])
    memory = HopfieldMemory(network="hopfield", rule=rule).fit(patterns, names)
    assert memory.predict(corrupted(patterns)).tolist() == names.tolist()
    assert memory.score(corrupted(patterns), names) == 1.0
    recalled = memory.transform(corrupted(patterns))
    assert (recalled == patterns).mean() > 0.99


def test_the_pseudo_inverse_stores_exactly():
    patterns = signs(30)
    memory = HopfieldMemory(network="hopfield", rule="pseudo_inverse").fit(patterns)
    assert (memory.transform(patterns) == patterns).all()
    assert memory.predict(patterns).tolist() == list(range(30))
    norm = np.linalg.pinv(patterns) @ patterns
    np.fill_diagonal(norm, 0.0)
    np.testing.assert_allclose(memory.weights_, norm, atol=1e-9)


def test_a_threshold_makes_grey_values_signs():
    grey = np.where(signs() > 0, 200.0, 50.0)
    memory = HopfieldMemory(network="hopfield", threshold=128.0).fit(grey)
    assert (memory.patterns_ == signs()).all()


def test_stored_numbers_are_recalled_whatever_their_length():
    """Matched by products, the longest pattern would win; e^-4/P bounds the weight of others."""
    random = np.random.default_rng(0)
    patterns = random.normal(size=(20, 30)) * random.uniform(1, 2, size=(20, 1)) + 5.0
    memory = HopfieldMemory().fit(patterns)
    cues = patterns + 0.3 * random.normal(size=patterns.shape)
    assert memory.predict(cues).tolist() == list(range(20))
    np.testing.assert_allclose(memory.transform(cues), patterns, atol=0.05)


def test_beta_follows_from_the_distances():
    memory = HopfieldMemory().fit([[0.0], [2.0], [4.0], [6.0]])
    assert memory.beta_ == pytest.approx((8 + 4 * np.log(4)) / 4)
    far = HopfieldMemory(beta=1e-6).fit([[0.0], [2.0], [4.0], [6.0]])
    np.testing.assert_allclose(far.transform([[0.0]]), [[3.0]], atol=1e-3)


def test_digits_are_classified_as_by_the_nearest_neighbour():
    rows, labels = load_digits(return_X_y=True)
    train, test, known, wanted = train_test_split(rows, labels, random_state=0)
    memory = HopfieldMemory().fit(train, known)
    nearest = KNeighborsClassifier(1).fit(train, known)
    assert memory.score(test, wanted) >= nearest.score(test, wanted) - 0.01


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_the_unit_of_the_patterns_does_not_matter(scale):
    patterns = np.random.default_rng(0).normal(size=(5, 4))
    memory = HopfieldMemory().fit(patterns * scale)
    np.testing.assert_allclose(memory.transform(patterns * scale), patterns * scale, rtol=0.2)


def test_one_pattern_and_equal_patterns():
    assert HopfieldMemory().fit([[1.0, 2.0]]).transform([[9.0, 9.0]]).tolist() == [[1.0, 2.0]]
    same = HopfieldMemory().fit(np.ones((3, 2)), ["a", "b", "c"])
    assert same.predict([[0.0, 0.0]]).tolist() == ["a"]


def test_labels_that_were_not_stored_count_as_wrong():
    memory = HopfieldMemory().fit([[0.0], [1.0]], ["a", "b"])
    assert memory.score([[0.1], [0.9]], ["a", "z"]) == 0.5


def test_samples_that_no_estimator_takes():
    memory = HopfieldMemory()
    with pytest.raises(TypeError, match="parse"):
        memory.fit(sparse.csr_matrix(np.eye(3)))
    with pytest.raises(ValueError, match="NaN"):
        memory.fit([[np.nan, 1.0]])
    with pytest.raises(ValueError, match="3 features"):
        memory.fit(np.eye(2)).predict(np.eye(3))
    with pytest.raises(ValueError, match="Unknown label type"):
        memory.fit(np.eye(2), [0.5, 1.7])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"network": "potts"}, "network"),
        ({"beta": 0.0}, "beta"),
        ({"rule": "hebbian"}, "rule"),
        ({"threshold": 0.5}, "threshold"),
        ({"network": "hopfield", "beta": 1.0}, "beta"),
        ({"network": "hopfield", "rule": "sequence"}, "rule"),
        ({"num_iter": -1}, "num_iter"),
    ],
)
def test_meaningless_arguments(options, message):
    with pytest.raises(ValidationError, match=message):
        HopfieldMemory(**options).fit(np.eye(3))


def test_data_on_one_side_of_the_threshold_are_warned_of():
    rows = np.array([[0.2, 0.9, 0.4], [0.7, 0.1, 0.8]])
    with pytest.warns(CannsWarning, match="on one side of threshold"):
        HopfieldMemory(network="hopfield").fit(rows)
    memory = HopfieldMemory(network="hopfield", threshold=0.5).fit(rows)
    assert memory.predict(rows).tolist() == [0, 1]
