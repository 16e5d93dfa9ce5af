"""Neurons with lateral connections, against linear equations and the rest of their dynamics."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp

from canns.dynamics import (
    LateralLinear,
    LateralThreshold,
    LateralWeights,
    NoState,
    ThresholdWeights,
)
from canns.errors import DivergenceError, ValidationError
from canns.plasticity import Parts, Setup, ThresholdAdaptation, learn

RNG = np.random.default_rng(0)
OUT, IN = 5, 3
FORWARD = RNG.normal(size=(OUT, IN))
INHIBITION = -np.abs(RNG.normal(size=(OUT, OUT)))
INHIBITION = (INHIBITION + INHIBITION.T) * (1 - np.eye(OUT))
THRESHOLD = RNG.normal(size=OUT)
SAMPLES = RNG.normal(size=(30, IN))


def arrays(weights):
    return jax.tree.map(jnp.asarray, weights)


def respond(neuron, weights):
    step = jax.jit(neuron.step)
    return [step(NoState(), arrays(weights), jnp.asarray(x))[1] for x in SAMPLES]


def test_linear_neurons_rest_where_the_equations_say(x64):
    lateral = 0.2 * RNG.normal(size=(OUT, OUT))
    for x, activity in zip(
        SAMPLES, respond(LateralLinear(), LateralWeights(FORWARD, lateral)), strict=True
    ):
        y = np.asarray(activity.post)
        np.testing.assert_allclose(y, FORWARD @ x + lateral @ y, rtol=0, atol=1e-12)
        forward, sideways = activity.parts
        np.testing.assert_array_equal(forward.pre, x)
        for one in (forward.post, sideways.pre, sideways.post):
            np.testing.assert_array_equal(one, y)


@pytest.mark.parametrize(("largest", "rests"), [(0.99, True), (1.01, False)])
def test_a_network_that_would_not_rest_has_no_answer(largest, rests, x64):
    lateral = INHIBITION * largest / np.linalg.eigvalsh(INHIBITION)[-1]
    answers = respond(LateralLinear(), LateralWeights(FORWARD, lateral))
    assert all(np.isfinite(a.post).all() == rests for a in answers)


def pull(y, x, slope, lateral):
    field = FORWARD @ x + lateral @ y - THRESHOLD
    return 1 / (1 + np.exp(-slope * field)) - y


def settled(x, slope):
    """Y* of the differential equation after a long time."""

    def slopes(_, y):
        return pull(y, x, slope, INHIBITION)

    return solve_ivp(slopes, (0, 60), np.zeros(OUT), rtol=1e-8, atol=1e-8).y[:, -1]


@pytest.mark.parametrize("slope", [3.0, 10.0])
def test_threshold_neurons_answer_as_their_differential_equation_settles(slope, x64):
    rest = np.stack([settled(x, slope) for x in SAMPLES])
    clear = np.abs(rest - 0.5) > 0.05
    assert clear.mean() > 0.9
    # Two may compete to a draw for long: then only short steps stay on the same side of it.
    neuron = LateralThreshold(slope, dt=0.005)
    answers = respond(neuron, ThresholdWeights(FORWARD, INHIBITION, THRESHOLD))
    post = np.stack([a.post for a in answers])
    np.testing.assert_array_equal(post[clear], (rest > 0.5)[clear])
    without = SAMPLES @ FORWARD.T > THRESHOLD
    assert (post != without).any(), "inhibition decided nothing"
    for part, pre in zip(answers[0].parts, (SAMPLES[0], post[0], post[0]), strict=True):
        np.testing.assert_array_equal(part.pre, pre)
        np.testing.assert_array_equal(part.post, post[0])


STRONG = 8 * INHIBITION  # slope times norm / 4 is far above 1: steps of 0.1 would overshoot


@pytest.mark.parametrize("lateral", [INHIBITION, STRONG], ids=["weak", "strong"])
@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-9])
def test_threshold_neurons_are_at_rest_to_the_tolerance(tolerance, lateral, x64):
    neuron = LateralThreshold(tolerance=tolerance)
    drives = jnp.asarray(SAMPLES @ FORWARD.T - THRESHOLD)
    rest = jax.jit(jax.vmap(neuron._settle, (0, None)))(drives, jnp.asarray(lateral))
    for x, y in zip(SAMPLES, np.asarray(rest), strict=True):
        assert np.abs(pull(y, x, neuron.slope, lateral)).max() <= tolerance


def test_threshold_neurons_settle_in_half_precision_and_in_a_batch():
    weights = arrays(ThresholdWeights(FORWARD, STRONG, THRESHOLD))
    step = jax.jit(
        jax.vmap(lambda w, x: LateralThreshold().step(NoState(), w, x)[1].post, (None, 0))
    )
    wide = step(weights, jnp.asarray(SAMPLES))
    half = step(jax.tree.map(jnp.bfloat16, weights), jnp.asarray(SAMPLES, jnp.bfloat16))
    assert half.dtype == jnp.bfloat16
    assert set(np.unique(np.float32(half))) <= {0.0, 1.0}
    singly = np.stack([a.post for a in respond(LateralThreshold(), weights)])
    np.testing.assert_array_equal(wide, singly)


def test_threshold_neurons_that_do_not_rest_have_no_answer():
    """Two pull each other round: about 1/2 Euler multiplies by 1 - h +- i h slope 3/4.

    That is stable below h = 2/(1 + 7.5^2) = 0.036.
    """
    around = np.zeros((OUT, OUT))
    around[0, 1], around[1, 0] = 3.0, -3.0
    weights = ThresholdWeights(np.zeros((OUT, IN)), around, [1.5, -1.5, 0, 0, 0])
    weights = arrays(weights._replace(threshold=np.array(weights.threshold)))

    def answer(**options):
        step = jax.jit(LateralThreshold(**options).step)
        return step(NoState(), weights, jnp.ones(IN))[1].post

    assert np.isfinite(answer(dt=0.03)).all()
    assert np.isnan(answer(dt=0.05)).all()
    assert np.isnan(answer(dt=0.03, relaxation_steps=3)).all()
    setup = Setup(Parts((None, None, ThresholdAdaptation())), LateralThreshold(dt=0.05))
    with pytest.raises(DivergenceError, match="step 0"):
        learn(setup, weights, np.ones((2, IN)))


def test_weights_at_first_and_silence():
    key = jax.random.key(0)
    weights = LateralThreshold().draw(key, IN, OUT)
    assert [part.shape for part in weights] == [(OUT, IN), (OUT, OUT), (OUT,)]
    np.testing.assert_allclose(np.linalg.norm(weights.W, axis=1), 1, rtol=1e-6)
    assert bool((weights.W >= 0).all())
    assert not weights.lateral.any()
    assert not weights.threshold.any()
    for neuron in (LateralThreshold(), LateralLinear()):
        drawn = neuron.draw(key, IN, OUT)
        assert type(drawn) is neuron.Parts
        assert [a.shape for a in neuron.silence(drawn)] == [(IN,), (OUT,)]
        assert neuron.init(drawn) == NoState()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("slope", 0),
        ("dt", 0),
        ("dt", 1.1),
        ("relaxation_steps", 0),
        ("relaxation_steps", 2.5),
        ("tolerance", 0),
    ],
)
def test_what_is_out_of_range_is_refused(field, value):
    with pytest.raises(ValidationError, match=rf"^{field} must be"):
        LateralThreshold(**{field: value}).validate()
