"""Lagrangians: activities are their gradients, slopes have the bound that they say."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import (
    Absolute,
    Lagrangian,
    LagrangianLayer,
    LayerNorm,
    LogCosh,
    LogSumExp,
    Power,
    Quadratic,
    Softplus,
    Sparsemax,
    Spherical,
)
from canns.errors import ValidationError
from canns.typing import pytree

pytestmark = pytest.mark.usefixtures("x64")

SMOOTH = {
    "quadratic": Quadratic(),
    "rectified": Power(2),
    "cubic": Power(3),
    "quartic": Power(4, rectified=False),
    "tanh": LogCosh(1.7),
    "sigmoid": Softplus(2.3),
    "softmax": LogSumExp(1.4),
    "groups": LogSumExp(1.4, num_groups=2),
    "sparsemax": Sparsemax(0.6),
    "sphere": Spherical(1.3, 0.2),
    "layer norm": LayerNorm(1.3, 0.2),
}


def potentials(seed=0, rows=40, size=6):
    return jnp.asarray(np.random.default_rng(seed).normal(scale=1.5, size=(rows, size)))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*SMOOTH, "sign"])
def test_activities_are_the_gradient(name):
    lagrangian, x = (SMOOTH | {"sign": Absolute()})[name], potentials()
    base = Lagrangian.activity(lagrangian, x) if name != "sparsemax" else None
    step = 1e-6
    for i in range(x.shape[1]):
        shift = step * jnp.eye(x.shape[1])[i]
        slope = (lagrangian.value(x + shift) - lagrangian.value(x - shift)) / (2 * step)
        np.testing.assert_allclose(lagrangian.activity(x)[:, i], slope, atol=1e-6)
    if base is not None:
        np.testing.assert_allclose(lagrangian.activity(x), base, atol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("name", SMOOTH)
def test_each_is_convex_and_no_steeper_than_it_says(name):
    lagrangian = SMOOTH[name]
    for x in potentials(1):
        hessian = np.asarray(jax.jacfwd(lagrangian.activity)(x))
        np.testing.assert_allclose(hessian, hessian.T, atol=1e-10)
        slopes = np.linalg.eigvalsh(hessian)
        assert slopes[0] >= -1e-10
        assert slopes[-1] <= lagrangian.largest_slope * (1 + 1e-10)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("lagrangian", "x"),
    [
        (LogCosh(1.7), np.zeros(2)),
        (Softplus(2.3), np.zeros(2)),
        (LogSumExp(1.4), np.zeros(2)),
        (Sparsemax(0.6), np.zeros(3)),
        (Spherical(1.3, 0.2), np.zeros(2)),
        (LayerNorm(1.3, 0.2), np.zeros(2)),
    ],
)
def test_the_largest_slope_is_reached(lagrangian, x):
    steepest = np.linalg.eigvalsh(np.asarray(jax.jacfwd(lagrangian.activity)(jnp.asarray(x))))[-1]
    assert steepest == pytest.approx(lagrangian.largest_slope, rel=1e-9)


@pytest.mark.parametrize("size", [300.0, -300.0])
def test_large_potentials_overflow_nothing(size):
    x = jnp.full((1, 4), size).at[0, 0].set(0.0)
    for lagrangian in (LogCosh(4.0), Softplus(4.0), LogSumExp(4.0)):
        assert np.isfinite(lagrangian.value(x)).all()
        assert np.isfinite(lagrangian.activity(x)).all()


@pytree
class Root(Lagrangian):
    """A Lagrangian that gives NaN for negative potentials."""

    def value(self, x):
        return jnp.sum(jnp.sqrt(x), axis=-1)


@pytree
class PerNeuron(Lagrangian):
    """A Lagrangian that forgets its sum."""

    def value(self, x):
        return x**2


@pytree
class Quartic(Lagrangian):
    """A sound Lagrangian of a user."""

    scale: float = 1.0

    def value(self, x):
        return self.scale * jnp.sum(x**4, axis=-1) / 4


def test_a_users_own_is_tried():
    LagrangianLayer("v", 4, Quartic(2.0)).validate()
    assert Quartic(2.0).activity(jnp.array([2.0])).tolist() == [16.0]
    with pytest.raises(ValidationError, match=r"Lagrangian of the layer 'v'.*finite.*Mend Root"):
        LagrangianLayer("v", 4, Root()).validate()
    with pytest.raises(ValidationError, match=r"Lagrangian of the layer 'v'.*shape"):
        LagrangianLayer("v", 4, PerNeuron()).validate()


@pytest.mark.parametrize(
    ("fields", "match"),
    [
        ({"name": "two words"}, "Python identifier"),
        ({"size": -1}, "size of the layer 'v'"),
        ({"size": 2.5}, "size of the layer 'v'"),
        ({"tau": 0.0}, "tau must be above 0.*None"),
        ({"lagrangian": "tanh"}, "lagrangian"),
        ({"lagrangian": LogCosh(-1.0)}, "gain"),
        ({"lagrangian": Power(1)}, "order"),
        ({"current": np.ones(3)}, "current"),
    ],
)
def test_meaningless_layers_are_refused(fields, match):
    with pytest.raises(ValidationError, match=match):
        LagrangianLayer(**({"name": "v", "size": 4} | fields)).validate()
