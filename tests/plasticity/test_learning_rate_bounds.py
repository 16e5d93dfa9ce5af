"""The learning rate against the bound that theory gives at the data, under any constraint."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns import task
from canns.dynamics import (
    Clamped,
    HierarchicalLinear,
    HierarchicalWeights,
    LateralLinear,
    LateralWeights,
    Linear,
    RankedWinners,
    SoftWinners,
    Stack,
    WinnerTakeAll,
)
from canns.errors import CannsWarning, ValidationError
from canns.plasticity import (
    BCM,
    AntiHebbian,
    Bounds,
    DiederichOpper,
    Hebbian,
    Identity,
    Instar,
    KrotovHopfield,
    LawCooperBCM,
    NonlinearHebbian,
    Oja,
    OjaSubspace,
    OrthonormalRows,
    Parts,
    PowerBCM,
    Sanger,
    Setup,
    SoftHebb,
    Sum,
    SynapticScaling,
    UnitRows,
    WeightedSubspace,
    learn,
)
from canns.plasticity.rules.principal import expected_alignment, spectrum

RNG = np.random.default_rng(0)
VARIANCES = np.array([4.0, 1.0, 0.5, 0.25])
DATA = (RNG.normal(size=(4000, 4)) * np.sqrt(VARIANCES)).astype(np.float32)
DATA -= DATA.mean(axis=0)
LARGEST = float(np.linalg.norm(DATA.astype(float), 2) ** 2 / len(DATA))
ONES = np.ones((30, 2), np.float32)  # one pattern, |x|^2 = 2
WEIGHTS = jnp.full((2, 4), 0.3)


def check(rule, data, neuron=None, project=None, weights=None):
    """Check a rule at the data, without a run."""
    out = 2 if data.shape[1] < 4 else WEIGHTS.shape[0]
    weights = jnp.full((out, data.shape[1]), 0.3) if weights is None else weights
    Setup(rule, neuron or Linear(), project or Identity()).check(weights, inputs=data)


# The rule, its neuron, its data, and the bound.
BOUNDED = {
    "oja": (Oja, Linear(), DATA, 1 / LARGEST),
    "subspace": (OjaSubspace, Linear(), DATA, 1 / LARGEST),
    "sanger": (Sanger, Linear(), DATA, 1 / LARGEST),
    "weighted": (WeightedSubspace, Linear(), DATA, 2 / (1.2 + 1 / 1.2) / LARGEST),
    "anti": (AntiHebbian, Linear(), DATA, 2 / LARGEST),
    "bcm": (lambda eta: BCM(eta, 9.0), Linear(), ONES, 1 / 20),
    "law cooper": (lambda eta: LawCooperBCM(eta, 9.0), Linear(), ONES, 1 / 20),
    "power": (lambda eta: PowerBCM(eta, 9.0, 1.0, 0.5), Linear(), ONES, 1 / 10),
    "overwriting": (lambda eta: BCM(eta, 1.0), Linear(), DATA, 1 / float((DATA**2).sum(1).mean())),
    "instar": (Instar, WinnerTakeAll(), DATA, 2.0),
    "krotov": (KrotovHopfield, RankedWinners(), ONES, 1 / np.sqrt(2)),
    "soft": (SoftHebb, SoftWinners(), ONES, 1 / np.sqrt(2)),
    "diederich": (lambda eta: DiederichOpper("I", eta), Clamped(), 2 * ONES, 2 * 2 / 8),
    "scaling": (lambda eta: SynapticScaling(eta, 2.0, 5.0), Linear(), DATA, 9.0),
}


@pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")
@pytest.mark.parametrize("project", [Identity(), UnitRows(), Bounds(-1.0, 1.0)])
@pytest.mark.parametrize("name", BOUNDED)
def test_a_rate_beyond_the_bound_is_refused_under_any_constraint(name, project):
    make, neuron, data, bound = BOUNDED[name]
    size = data.shape[1]
    weights = jnp.full((size if neuron == Clamped() else 2, size), 0.3)
    assert make(0.5 * bound).largest_rate(data) >= bound * (1 - 1e-4)
    check(make(0.999 * bound), data, neuron, project, weights)
    with pytest.raises(ValidationError, match=f"^learning_rate must be below {bound:.3g}, the b"):
        check(make(1.001 * bound), data, neuron, project, weights)


def test_ica_is_bounded_by_the_moment_of_its_nonlinearity():
    white = task.whiten(DATA).apply(DATA)
    bound = len(white) / float((white * np.tanh(white)).sum())
    check(NonlinearHebbian(0.05 * bound), white, project=OrthonormalRows())
    with pytest.warns(CannsWarning, match="stay inexact"):
        check(NonlinearHebbian(0.6 * bound), white, project=OrthonormalRows())
    with pytest.raises(ValidationError, match=f"below {bound:.3g}"):
        check(NonlinearHebbian(1.01 * bound), white, project=OrthonormalRows())
    with pytest.warns(CannsWarning, match=r"not white.*task\.whiten"):
        check(NonlinearHebbian(0.01), DATA, project=OrthonormalRows())
    with pytest.warns(CannsWarning, match=r"not centred"):
        check(NonlinearHebbian(0.01), white + 2, project=OrthonormalRows())


def test_the_rule_inside_others_is_asked():
    zeros = jnp.zeros((2, 2))
    hierarchical, lateral = HierarchicalWeights(WEIGHTS, zeros), LateralWeights(WEIGHTS, zeros)
    neurons = [
        (Parts((Oja(0.5), Oja(0.5))), HierarchicalLinear(), hierarchical),
        (Parts((Oja(0.5), AntiHebbian(0.1))), LateralLinear(), lateral),
        (Parts((Oja(0.5), None)), Stack((Linear(), Linear())), (WEIGHTS, jnp.ones((1, 2)))),
        (Sum((Hebbian(0.001), Oja(0.5))), Linear(), WEIGHTS),
    ]
    for rule, neuron, weights in neurons:
        with pytest.raises(ValidationError, match=f"below {1 / LARGEST:.3g}"):
            Setup(rule, neuron).check(weights, inputs=DATA)


def test_rules_without_a_bound_take_any_rate():
    check(Hebbian(100.0), DATA)
    check(DiederichOpper("II", 100.0), ONES, Clamped(), weights=jnp.zeros((2, 2)))
    check(Oja(0.5), DATA, WinnerTakeAll())  # not a linear neuron


def test_traced_rates_and_data_pass():
    def end(rate, data):
        return learn(Setup(Oja(rate), Linear(), UnitRows()), WEIGHTS, data).weights

    assert np.isfinite(jax.jit(end)(50.0, DATA[:50])).all()
    assert np.isfinite(jax.jit(lambda data: end(50.0, data))(DATA[:50])).all()
    assert np.isfinite(jax.vmap(end, (0, None))(jnp.array([0.1, 50.0]), DATA[:50])).all()


@pytest.mark.parametrize("rule", [Oja, Sanger, OjaSubspace])
def test_from_a_tenth_of_the_bound_on_the_angle_is_said(rule):
    check(rule(0.09 / LARGEST), DATA)
    rate = 0.12 / LARGEST
    angle = np.degrees(np.arccos(np.sqrt(expected_alignment(rate, spectrum(DATA)))))
    with pytest.warns(CannsWarning, match=f"about {angle:.0f} degrees to the first .*auto"):
        check(rule(rate), DATA)


def orders_of_the_sine(rate, variances):
    """The squared sine of the angle in the stationary state: terms of first and second order.

    For the ratios a_j = w_j/w_1, a step adds eta (x_1 + sum_k a_k x_k)(x_j - a_j x_1), and
    eta^2 x_1^2 x_j^2 a_j. With the moments of Gaussian inputs, m_j = E a_j^2 stays the same for
    2 (l_1 - l_j) m_j = eta (l_1 l_j + (3 l_1^2 + 3 l_j^2 - 2 l_1 l_j) m_j + l_j sum_k l_k m_k),
    k not 1 or j; the squared sine is S/(1 + S), S = sum_j a_j^2.
    """
    largest, rest = variances[0], variances[1:]
    first = rate * largest * rest / (2 * (largest - rest))
    own = (3 * largest**2 + 3 * rest**2 - 2 * largest * rest) * first
    others = rest * ((rest * first).sum() - rest * first)
    second = rate * (own + others) / (2 * (largest - rest))
    return first.sum(), second.sum() - first.sum() ** 2 - 2 * (first**2).sum()


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("rate", [0.002, 0.01, 0.03])
def test_the_angle_is_that_of_a_simulation(seed, rate):
    rng = np.random.default_rng(seed)
    # Independent neurons, each on samples of its own, in float64: the mean over 2000 of them.
    weights = np.eye(4)[np.zeros(2000, int)]
    for _ in range(int(3 / rate)):
        x = rng.normal(size=weights.shape) * np.sqrt(VARIANCES)
        y = (weights * x).sum(axis=1, keepdims=True)
        weights += rate * y * (x - y * weights)
        weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    off = 1 - (weights[:, 0] ** 2)
    error = 3 * off.std() / np.sqrt(len(off))
    first, second = orders_of_the_sine(rate, VARIANCES)
    assert abs(off.mean() - first - second) < error + second**2 / first  # the third order
    # What is taken apart, w'Cw and w_j^2, has the covariance -2 (l_1 - l_j) m_j^2 at a small rate:
    # of the term 2 (l_1 - l_j) m_j that is the share 2 m_j, below 2 S.
    expected = 1 - expected_alignment(rate, VARIANCES)
    assert abs(off.mean() - expected) < error + 2 * first * expected + second**2 / first
    assert abs(first + second - expected) < 2 * first * expected + second**2 / first


def test_the_angle_grows_with_the_rate_to_that_of_the_samples():
    spectra = [VARIANCES, np.array([1.0, 0.9, 0.1]), np.ones(5), np.array([1.0, 1e-9, 0.0])]
    for values in spectra:
        rates = np.linspace(1e-4, 1.0, 50) / values[0]
        found = [expected_alignment(rate, values) for rate in rates]
        assert (np.diff(found) < 1e-6).all()
        assert values[0] / values.sum() - 1e-9 <= found[-1]
        assert found[0] <= 1


@pytest.mark.filterwarnings("ignore::canns.errors.CannsWarning")
def test_components_of_equal_variance_are_a_plane_and_no_rate_helps():
    white = task.whiten(DATA).apply(DATA)
    data = (white * np.sqrt([4.0, 4.0, 0.5, 0.25])).astype(np.float32)
    with pytest.warns(CannsWarning) as seen:
        check(Oja(0.02), data)
    said = " ".join(str(one.message) for one in seen)
    assert "The first 2 principal components of these data have the same variance" in said
    assert "OjaSubspace with 2 neurons" in said
    assert "learning_rate" not in said  # the plane itself is found well enough
    with pytest.warns(CannsWarning) as seen:
        check(Oja(0.08), data)
    angle = np.degrees(np.arccos(np.sqrt(expected_alignment(0.08, spectrum(data), 2))))
    said = " ".join(str(one.message) for one in seen)
    assert f"about {angle:.0f} degrees to the space of the first 2" in said
    # What is said is so: weights wander in the plane, and stay near it.
    weights = learn(Setup(Oja(0.02), Linear(), UnitRows()), jnp.eye(1, 4), data)
    ends = []
    for _ in range(5):
        weights = learn(Setup(Oja(0.02), Linear(), UnitRows()), weights, data)
        ends.append(np.asarray(weights.weights)[0])
    assert min(np.hypot(*end[:2]) for end in ends) > 0.9


def test_the_angle_at_a_small_rate_is_the_closed_form():
    first, rest = VARIANCES[0], VARIANCES[1:]
    closed = 1e-5 * first / 2 * (rest / (first - rest)).sum()
    assert 1 - expected_alignment(1e-5, VARIANCES) == pytest.approx(closed, rel=1e-3)


def test_digits_of_0_to_16_are_refused_at_the_usual_rate():
    digits, _ = task.digits()
    centred = 16 * (digits - digits.mean(axis=0))
    with pytest.raises(ValidationError, match=r"below 0\.00559, .*got 0\.01"):
        check(Oja(), centred, project=UnitRows(), weights=jnp.full((1, 64), 0.1))
    check(Oja(), centred / 16, project=UnitRows(), weights=jnp.full((1, 64), 0.1))
    with pytest.warns(CannsWarning, match="43 degrees"):
        check(Oja(0.1), centred / 16, project=UnitRows(), weights=jnp.full((1, 64), 0.1))
    with pytest.raises(ValidationError, match="learning_rate must be below"):
        learn(Setup(BCM(), Linear(), Bounds(-1.0, 1.0)), jnp.full((4, 64), 0.1), 16 * digits)


def test_data_that_do_not_suit_components_are_warned_of():
    low = (DATA @ RNG.normal(size=(4, 8))).astype(np.float32)
    for rule in (Sanger(1e-4), OjaSubspace(1e-4), WeightedSubspace(1e-4)):
        check(rule, low, weights=jnp.full((4, 8), 0.1))
        with pytest.warns(CannsWarning, match="5 neurons .* but the data have 4"):
            check(rule, low, weights=jnp.full((5, 8), 0.1))
        with pytest.warns(CannsWarning, match=r"not centred: .* data\.mean"):
            check(rule, DATA + 3)
    check(Oja(1e-4), low, weights=jnp.full((5, 8), 0.1))  # all its neurons find the first
    check(Sanger(1e-4), DATA * np.float32([1, 1, 1, 1e-3]), weights=jnp.full((4, 4), 0.1))


def test_a_single_sample_says_nothing_of_components():
    check(Sanger(0.02), DATA[:1] + 3)
    check(NonlinearHebbian(0.001), DATA[:1])
    check(Oja(0.5), np.zeros((5, 4), np.float32))


def test_a_winner_that_jumps_past_its_sample_is_warned_of():
    check(Instar(1.0), DATA, WinnerTakeAll())
    with pytest.warns(CannsWarning, match="jumps past"):
        check(Instar(1.5), DATA, WinnerTakeAll())


def test_bcm_warns_if_only_short_patterns_have_stable_responses():
    patterns = np.tile(np.diag([1.0, 2.0]).astype(np.float32), (9, 1))
    check(BCM(0.02, 9.0), patterns)
    with pytest.warns(CannsWarning, match=r"settle below 0\.025, and may swing"):
        check(BCM(0.05, 9.0), patterns)
    with pytest.raises(ValidationError, match=r"below 0\.1,"):
        check(BCM(0.2, 9.0), patterns)
