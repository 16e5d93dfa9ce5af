"""The checks of scikit-learn itself, and what pipelines and searches do with estimators."""

import pickle
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn import get_config
from sklearn.base import clone
from sklearn.datasets import load_digits, make_blobs
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import canns
from canns.sklearn import (
    BCMFeatures,
    CompetitiveLearning,
    HebbianICA,
    HebbianPCA,
    HopfieldMemory,
    SelfOrganizingMap,
)

ESTIMATORS = [
    HebbianPCA(),
    HebbianICA(),
    BCMFeatures(),
    CompetitiveLearning(),
    SelfOrganizingMap(),
    HopfieldMemory(),
]
OTHER_RULES = [
    HebbianPCA(rule="subspace"),
    HebbianPCA(rule="oja"),
    BCMFeatures(rule="bcm"),
    CompetitiveLearning(rule="krotov_hopfield"),
    HopfieldMemory(network="hopfield"),
    HopfieldMemory(network="hopfield", rule="pseudo_inverse"),
]
QUICK = [
    HebbianPCA(2, max_iter=3, random_state=0),
    HebbianICA(2, max_iter=3, random_state=0),
    BCMFeatures(2, max_iter=3, random_state=0),
    CompetitiveLearning(3, max_iter=3, random_state=0),
    CompetitiveLearning(3, rule="krotov_hopfield", max_iter=3, random_state=0),
    SelfOrganizingMap((2, 3), max_iter=1, random_state=0),
    HopfieldMemory(),
    HopfieldMemory(network="hopfield", rule="pseudo_inverse"),
]
SEEDED = [estimator for estimator in QUICK if "random_state" in estimator.get_params()]
LEARNERS = QUICK[:6]

# Three iterations are too few on purpose, and data of the checks have fewer dimensions than asked.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
    pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning"),
]


def name_of(estimator):
    return str(estimator).replace("\n", "")


def blobs(dtype=np.float64):
    rows, labels = make_blobs(60, 4, centers=3, random_state=0)
    return rows.astype(dtype), labels


@parametrize_with_checks(ESTIMATORS)
def test_scikit_learn_finds_no_fault(estimator, check):
    check(estimator)


@pytest.mark.long
@parametrize_with_checks(OTHER_RULES)
def test_scikit_learn_finds_no_fault_with_other_rules(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", QUICK, ids=name_of)
def test_a_clone_and_a_pickle_give_the_same_numbers(estimator):
    rows, _ = blobs()
    first = clone(estimator).fit(rows)
    again = clone(first).fit(rows)
    loaded = pickle.loads(pickle.dumps(first))
    np.testing.assert_array_equal(first.transform(rows), again.transform(rows))
    np.testing.assert_array_equal(first.transform(rows), loaded.transform(rows))


@pytest.mark.parametrize("estimator", SEEDED, ids=name_of)
def test_a_seed_a_random_state_and_none(estimator):
    rows, _ = blobs()

    def codes(state):
        return clone(estimator).set_params(random_state=state).fit(rows).transform(rows)

    np.testing.assert_array_equal(codes(5), codes(np.random.RandomState(5)))
    assert not np.array_equal(codes(5), codes(6))
    assert not np.array_equal(codes(None), codes(None))


@pytest.mark.parametrize("estimator", QUICK, ids=name_of)
def test_names_of_features_go_in_and_come_out(estimator):
    rows, _ = blobs()
    table = pd.DataFrame(rows, columns=list("abcd"))
    fitted = clone(estimator).set_output(transform="pandas").fit(table)
    out = fitted.transform(table)
    assert fitted.n_features_in_ == 4
    assert fitted.feature_names_in_.tolist() == list("abcd")
    assert out.columns.tolist() == fitted.get_feature_names_out().tolist()
    prefix = type(fitted).__name__.lower()
    expected = list("abcd") if isinstance(estimator, HopfieldMemory) else None
    expected = expected or [f"{prefix}{i}" for i in range(out.shape[1])]
    assert out.columns.tolist() == expected


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("estimator", QUICK, ids=name_of)
def test_the_type_of_the_samples_is_kept(estimator, dtype):
    rows, _ = blobs(dtype)
    assert clone(estimator).fit(rows).transform(rows).dtype == dtype


@pytest.mark.parametrize("estimator", LEARNERS, ids=name_of)
def test_float32_learns_what_float64_does(estimator):
    rows = blobs(np.float32)[0]
    single = clone(estimator).fit(rows).transform(rows)
    double = clone(estimator).fit(rows.astype(np.float64)).transform(rows.astype(np.float64))
    np.testing.assert_allclose(single, double, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("estimator", LEARNERS, ids=name_of)
def test_a_search_over_a_pipeline(estimator):
    rows, labels = blobs()
    width = next(
        name for name in ("n_components", "n_clusters", "shape") if name in estimator.get_params()
    )
    values = [(2, 2), (3, 2)] if width == "shape" else [2, 3]
    step = type(estimator).__name__.lower()
    steps = make_pipeline(StandardScaler(), clone(estimator), LogisticRegression())
    search = GridSearchCV(steps, {f"{step}__{width}": values}, cv=2).fit(rows, labels)
    assert search.best_params_[f"{step}__{width}"] in values
    assert search.score(rows, labels) > 0.6


def test_a_search_for_the_temperature_of_a_memory():
    rows, labels = load_digits(return_X_y=True)
    search = GridSearchCV(HopfieldMemory(), {"beta": [1e-4, 0.1]}, cv=2)
    search.fit(rows[:300], labels[:300])
    assert search.best_params_ == {"beta": 0.1}
    assert search.best_score_ > 0.9


MISSING = """
import sys
sys.modules["sklearn"] = None
import canns, canns.task
try:
    canns.sklearn
except canns.errors.MissingExtraError as error:
    print(error)
"""


def test_without_scikit_learn_the_error_names_the_extra():
    done = subprocess.run([sys.executable, "-c", MISSING], capture_output=True, text=True)
    assert "pip install 'canns[sklearn]'" in done.stdout, done.stderr


def test_the_estimators_are_found_from_the_package_alone():
    assert canns.sklearn.HebbianPCA is HebbianPCA
    assert get_config()["transform_output"] == "default"
