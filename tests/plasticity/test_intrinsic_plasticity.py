"""Intrinsic plasticity against inputs for which the exponential output is exact, and quadrature."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import root
from scipy.special import expit, logit
from scipy.stats import kstest, norm

from canns.dynamics import AdaptiveSigmoid, SigmoidWeights
from canns.errors import ValidationError
from canns.models.brain_inspired import NeuronLayer
from canns.plasticity import (
    HebbianDecay,
    IntrinsicPlasticity,
    Parts,
    Setup,
    Sum,
    SynapticScaling,
    learn,
)
from canns.trainer import RuleTrainer

MEAN = 0.1
RATES = (0.02, 0.005, 1e-3, 2e-4)
SAMPLES = 60_000


def rules(eta, mean=MEAN):
    gain, bias = (IntrinsicPlasticity(part, eta, mean) for part in ("gain", "bias"))
    return Parts((None, gain, bias))


def adapted(inputs, gain, bias):
    """The weights after passes at ever smaller rates, from these gains and biases."""
    ones = jnp.ones((len(gain), 1))
    weights = SigmoidWeights(ones, jnp.asarray(gain), jnp.asarray(bias))
    learner = Setup(rules(0.1), AdaptiveSigmoid()).start(weights)
    for eta in RATES:
        learner = learn(Setup(rules(eta), AdaptiveSigmoid()), learner, inputs)
    return learner.weights


def exponential(rng, size):
    """An exponential distribution of the mean, cut at 1, by its quantiles."""
    u = rng.random(size)
    return -MEAN * np.log1p(-u * -np.expm1(-1 / MEAN))


def test_an_exponential_output_is_reached_if_possible(x64):
    # Inputs whose sigmoid at gain 2 and bias -3 is exponential: any start must find these two.
    rng = np.random.default_rng(0)
    inputs = (logit(exponential(rng, (SAMPLES, 1))) + 3) / 2
    weights = adapted(inputs, [1.0, 3.0, 0.5], [0.0, -5.0, -2.0])
    # The last rate leaves a noise of a few 1e-3, the finite sample 1/sqrt(60 000) = 4e-3.
    np.testing.assert_allclose(weights.gain, 2, rtol=0, atol=0.04)
    np.testing.assert_allclose(weights.bias, -3, rtol=0, atol=0.06)
    fresh = (logit(exponential(rng, 20_000)) + 3) / 2
    for gain, bias in zip(weights.gain, weights.bias, strict=True):
        y = expit(float(gain) * fresh + float(bias))
        assert y.mean() == pytest.approx(MEAN, rel=0.03)

        def cut(values):
            return np.expm1(-values / MEAN) / np.expm1(-1 / MEAN)

        # Below the 1 % quantile for 20 000 values, and what 1 % of gain and bias makes.
        assert kstest(y, cut).statistic < 1.63 / np.sqrt(20_000) + 0.01


def expectations(gain, bias):
    """E[change] of gain and bias for standard normal inputs, by quadrature."""

    def change(h):
        y = expit(gain * h + bias)
        return 1 - (2 + 1 / MEAN) * y + y**2 / MEAN

    of_bias = quad(lambda h: norm.pdf(h) * change(h), -9, 9)[0]
    of_gain = 1 / gain + quad(lambda h: norm.pdf(h) * h * change(h), -9, 9)[0]
    return [of_gain, of_bias]


def test_gaussian_inputs_end_where_the_divergence_is_least(x64):
    gain, bias = root(lambda p: expectations(*p), [1.0, -2.0]).x
    np.testing.assert_allclose(expectations(gain, bias), 0, atol=1e-8)
    inputs = np.random.default_rng(1).normal(size=(SAMPLES, 1))
    weights = adapted(inputs, [1.0, 2.0, 0.3], [0.0, -5.0, 1.0])
    np.testing.assert_allclose(weights.gain, gain, rtol=0.02)
    np.testing.assert_allclose(weights.bias, bias, rtol=0.02)
    # Two numbers cannot make a Gaussian exponential, but the mean comes out.
    answers = expit(gain * inputs + bias)
    assert answers.mean() == pytest.approx(MEAN, rel=0.06)
    assert kstest(answers[:, 0], "expon", args=(0, MEAN)).statistic < 0.1


def test_weights_and_sigmoid_learn_together_in_a_layer():
    layer = NeuronLayer(3, 2, AdaptiveSigmoid())
    hebb = Sum((HebbianDecay(0.01, 0.01), SynapticScaling(0.01, MEAN)))
    rule = Parts((hebb, *rules(0.01).rules[1:]))
    inputs = np.random.default_rng(2).normal(size=(4000, 3))
    RuleTrainer(layer, rule).train(inputs)
    answers = [float(layer.predict(x).mean()) for x in inputs[:300]]
    assert np.mean(answers) == pytest.approx(MEAN, rel=0.3)
    assert layer.gain.value.shape == layer.bias.value.shape == (2,)


def test_a_decaying_hebbian_layer_settles_where_growth_and_decay_balance(x64):
    # w = (eta/decay) y x at y = sigmoid(w x - 4): bistable, with a low and a high answer.
    rule = Parts((HebbianDecay(0.1, 0.1), None, None))
    weights = SigmoidWeights(jnp.array([[0.0], [4.0]]), jnp.ones(2), jnp.full(2, -4.0))
    end = learn(Setup(rule, AdaptiveSigmoid()), weights, np.full((3000, 1), 3.0)).weights
    for w in np.asarray(end.W)[:, 0]:
        assert w == pytest.approx(3 * expit(3 * w - 4), abs=1e-12)
    assert end.W[1, 0] > 2.9 > 0.1 > end.W[0, 0]


@pytest.mark.parametrize("name", ["threshold", None])
def test_other_parameters_are_refused(name):
    with pytest.raises(ValidationError, match="parameter"):
        IntrinsicPlasticity(name).validate()


def test_it_is_refused_for_a_matrix_and_beyond_its_intervals():
    weights = AdaptiveSigmoid().draw(jnp.zeros(2, jnp.uint32), 3, 2)
    inputs = np.ones((2, 3), np.float32)
    wrong = Parts((IntrinsicPlasticity("gain"), None, None))
    with pytest.raises(ValidationError, match=r"one number a neuron; got shape \(2, 3\)"):
        learn(Setup(wrong, AdaptiveSigmoid()), weights, inputs)
    for mean in (0.0, 1.0, float("nan")):
        with pytest.raises(ValidationError, match="mean"):
            learn(Setup(rules(0.1, mean), AdaptiveSigmoid()), weights, inputs)
