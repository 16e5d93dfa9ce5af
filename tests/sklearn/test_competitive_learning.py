"""CompetitiveLearning beside KMeans."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.datasets import load_digits, make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score

from canns.errors import ValidationError
from canns.sklearn import CompetitiveLearning

pytestmark = pytest.mark.slow  # they learn until they converge

DIGITS = load_digits().data


@pytest.mark.parametrize("tol", [1e-2, 1e-4])
def test_separate_clusters_have_the_inertia_of_kmeans_to_the_tolerance(tol):
    """At one minimum the inertia exceeds that of k-means by eta/(2 - eta), at last at most tol.

    A row is an average of its last samples, so this share scatters by chance by a factor
    1 + sqrt(2/(k d)), with k d the number of its independent parts: below 3 for 5 x 4.
    """
    rows, labels = make_blobs(1000, 4, centers=5, cluster_std=0.5, random_state=3)
    learnt = CompetitiveLearning(5, tol=tol, random_state=0).fit(rows)
    exact = KMeans(5, n_init=10, random_state=0).fit(rows)
    assert adjusted_rand_score(labels, learnt.labels_) == 1.0
    assert 1 - 1e-12 <= learnt.inertia_ / exact.inertia_ <= 1 + 3 * tol
    assert learnt.score(rows) == -learnt.inertia_


def test_a_constant_rate_leaves_the_excess_of_theory():
    """One neuron: the mean of d (T - 1) sigma^2 eta/(2 - eta) over seeds, to its standard error."""
    rows, rate = np.random.default_rng(0).normal(size=(1000, 8)), 0.1
    least = ((rows - rows.mean(axis=0)) ** 2).sum()
    excess = []
    for seed in range(40):
        with pytest.warns(ConvergenceWarning):
            learnt = CompetitiveLearning(
                1, learning_rate=rate, tol=0.0, max_iter=1, random_state=seed
            ).fit(rows)
        excess.append(learnt.inertia_ / least - 1)
    error = np.std(excess) / np.sqrt(len(excess))
    assert np.mean(excess) == pytest.approx(rate / (2 - rate), abs=4 * error)
    assert error < 0.1 * rate / (2 - rate)


@pytest.mark.parametrize("count", [10, 50])
def test_the_inertia_of_digits_is_near_that_of_kmeans(count):
    """The minimum depends on the start: k-means itself differs by 3 % between these seeds."""
    learnt = [CompetitiveLearning(count, random_state=s).fit(DIGITS).inertia_ for s in range(3)]
    exact = [KMeans(count, n_init=1, random_state=s).fit(DIGITS).inertia_ for s in range(3)]
    assert np.median(learnt) / np.median(exact) < 1.02
    assert min(learnt) / min(exact) < 1.02


def test_prediction_and_distances():
    learnt = CompetitiveLearning(10, random_state=0).fit(DIGITS)
    np.testing.assert_array_equal(learnt.predict(DIGITS), learnt.labels_)
    np.testing.assert_array_equal(learnt.transform(DIGITS).argmin(axis=1), learnt.labels_)
    inertia = (learnt.transform(DIGITS).min(axis=1) ** 2).sum()
    assert inertia == pytest.approx(learnt.inertia_, rel=1e-9)


def test_all_neurons_win_together():
    """With k winners of k neurons, every row is the mean of all samples."""
    learnt = CompetitiveLearning(3, winners=3, tol=1e-4, random_state=0).fit(DIGITS)
    spread = DIGITS.std(axis=0).max()
    np.testing.assert_allclose(learnt.cluster_centers_, [DIGITS.mean(axis=0)] * 3, atol=spread / 20)


def test_krotov_hopfield_finds_directions_of_norm_1():
    random = np.random.default_rng(0)
    axes = np.eye(3)[random.integers(3, size=600)]
    rows = axes * random.uniform(1, 3, size=(600, 1))
    learnt = CompetitiveLearning(3, rule="krotov_hopfield", random_state=0).fit(rows)
    np.testing.assert_allclose(np.linalg.norm(learnt.cluster_centers_, axis=1), 1, atol=0.05)
    assert adjusted_rand_score(axes.argmax(axis=1), learnt.labels_) == 1.0
    assert learnt.score(rows) > 0.95  # repelled from each other, rows are a little beside the axes
    assert (learnt.transform(rows) >= 0).all()


def test_far_from_the_origin_and_in_other_units():
    rows, _ = make_blobs(300, 3, centers=3, random_state=0)
    near = CompetitiveLearning(3, random_state=0).fit(rows)
    far = CompetitiveLearning(3, random_state=0).fit(1e-3 * rows + 1e4)
    assert adjusted_rand_score(near.labels_, far.labels_) == 1.0


def test_equal_samples():
    learnt = CompetitiveLearning(2, random_state=0).fit(np.full((10, 3), 0.1))
    assert learnt.inertia_ == pytest.approx(0.0, abs=1e-20)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"n_clusters": 2000}, "n_samples=1797"),
        ({"rule": "kmeans"}, "rule"),
        ({"winners": 9}, "winners"),
        ({"delta": 0.2}, "delta"),
        ({"rule": "krotov_hopfield", "winners": 1}, "winners"),
        ({"rule": "krotov_hopfield", "learning_rate": 1.0}, "learning_rate"),
        ({"learning_rate": 1.5}, "learning_rate"),
    ],
)
def test_meaningless_arguments(options, message):
    with pytest.raises(ValidationError, match=message):
        CompetitiveLearning(**options).fit(DIGITS)
