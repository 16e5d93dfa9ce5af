"""BCMFeatures: the rest points of theory, and what it refuses."""

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning

from canns.errors import ValidationError
from canns.sklearn import BCMFeatures

SAMPLES = np.array([[1.0, 0.2, 0.1], [0.2, 1.0, 0.1], [0.1, 0.3, 1.0]])

RULES, SCALES = ("bcm", "law_cooper"), (1e-6, 1.0, 1e6)


@pytest.mark.parametrize(("rule", "scale"), [(rule, scale) for rule in RULES for scale in SCALES])
def test_a_neuron_answers_to_one_of_k_samples_with_k(rule, scale):
    """y = theta = K for one of K linearly independent samples, whatever their unit."""
    learnt = BCMFeatures(4, rule=rule, max_iter=400, tol=2e-4, random_state=1)
    responses = learnt.fit_transform(scale * SAMPLES)
    np.testing.assert_allclose(np.sort(responses, axis=0), [[0] * 4, [0] * 4, [3] * 4], atol=0.1)
    np.testing.assert_allclose(learnt.thresholds_, 3, atol=0.5)
    np.testing.assert_allclose(learnt.selectivity_, 1 - 1 / 3, atol=0.03)


def test_a_given_rate_is_in_units_of_the_data():
    auto = BCMFeatures(2, threshold_tau=50.0, random_state=0).fit(10 * SAMPLES)
    longest = (100 * SAMPLES**2).sum(axis=1).max()
    rate = 1 / (4 * 51 * longest)
    given = BCMFeatures(2, threshold_tau=50.0, learning_rate=rate, random_state=0)
    np.testing.assert_allclose(auto.components_, given.fit(10 * SAMPLES).components_, rtol=1e-9)
    with pytest.raises(ValidationError, match="learning_rate"):
        BCMFeatures(learning_rate=10.0).fit(SAMPLES)


def test_samples_of_zeros_teach_nothing():
    learnt = BCMFeatures(2, random_state=0).fit(np.zeros((5, 3)))
    assert learnt.n_iter_ == 1
    assert (learnt.selectivity_ == 1).all()


def test_too_few_iterations_warn():
    with pytest.warns(ConvergenceWarning):
        BCMFeatures(2, max_iter=1, random_state=0).fit(SAMPLES)


@pytest.mark.parametrize(
    "options", [{"rule": "power"}, {"threshold_tau": 0.5}, {"n_components": 0}, {"tol": -1}]
)
def test_meaningless_arguments(options):
    with pytest.raises(ValidationError, match=next(iter(options))):
        BCMFeatures(**options).fit(SAMPLES)
