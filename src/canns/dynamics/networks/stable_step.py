"""The largest step at which a hierarchical memory never raises its energy."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jax.typing import ArrayLike
from numpy.typing import NDArray

from canns.dynamics.lagrangians.layer import LagrangianLayer
from canns.dynamics.networks.joined_layers import check_weights

__all__ = ["largest_step", "may_rise"]

_JUST_BELOW = 1 - 1e-6  # so that the largest step itself, as it was found, is one


def largest_step(
    layers: Sequence[LagrangianLayer],
    synapses: Sequence[tuple[str, str]],
    weights: Sequence[ArrayLike],
) -> float:
    r"""Return the largest dt at which :math:`W + diag(coth(dt / 2 tau) / a) \succeq 0`.

    An update is a step of mirror descent on E in the activities, whose mirror map is the sum of
    the Legendre transforms of the L. With the share eta = 1 - exp(-dt/tau) of a layer, and D and D'
    the Bregman divergences of both directions between its activities before and after, which are
    each at least :math:`|\Delta g|^2 / 2a`, the energy changes by

    .. math::
        \sum_A \bigl[(1 - 1/\eta_A) D_A - D'_A/\eta_A\bigr] - \tfrac12 \Delta g^T W \Delta g \le
        -\tfrac12 \sum_A (2/\eta_A - 1) |\Delta g_A|^2 / a_A - \tfrac12 \Delta g^T W \Delta g

    and 2/eta - 1 = coth(dt / 2 tau). What instant layers of convex L add to E is concave in the
    activities of the others, and so below its tangent.
    """
    check_weights(layers, synapses, weights)
    problem = _problem(layers, synapses, weights)
    if problem is None:
        return math.inf
    whole, taus, floors = problem
    if not floors.all():
        return 0.0
    if _is_stable(problem, math.inf):
        return math.inf

    def least(dt: float) -> float:
        return _least(problem, dt)

    from scipy.optimize import brentq  # here, because few calls need SciPy

    # At this low end the diagonal outweighs each row of W, so the sum is positive definite.
    bend = float(np.abs(whole).sum(axis=1).max())
    low = 2 * taus.min() * math.atanh(min(0.5, floors.min() / bend))
    high = low
    while least(high) >= 0:
        high *= 2
    found: float = brentq(least, low, high, xtol=1e-12, rtol=1e-9)
    return found


def may_rise(
    layers: Sequence[LagrangianLayer],
    synapses: Sequence[tuple[str, str]],
    weights: Sequence[ArrayLike],
    dt: float,
) -> bool:
    """Whether dt is above :func:`largest_step`, where that is known."""
    problem = _problem(layers, synapses, weights)
    return (
        problem is not None
        and bool(problem.floors.all())
        and not _is_stable(problem, dt * _JUST_BELOW)
    )


class _Problem(NamedTuple):
    """W of the slow layers that are joined to each other, and tau and 1/a of each neuron."""

    whole: NDArray[np.float64]
    taus: NDArray[np.float64]
    floors: NDArray[np.float64]


def _problem(
    layers: Sequence[LagrangianLayer],
    synapses: Sequence[tuple[str, str]],
    weights: Sequence[ArrayLike],
) -> _Problem | None:
    """Return what the condition is about; None if no slow layers are joined to each other."""
    slow = [layer for layer in layers if not layer.is_instant]
    names = {layer.name for layer in slow}
    joined = [
        (pair, np.asarray(matrix, np.float64))
        for pair, matrix in zip(synapses, weights, strict=True)
        if names.issuperset(pair)
    ]
    slow = [layer for layer in slow if any(layer.name in pair for pair, _ in joined)]
    if not slow:
        return None
    return _Problem(
        _whole(slow, joined),
        _per_neuron(slow, [layer.tau or 0.0 for layer in slow]),
        _per_neuron(slow, [1 / layer.lagrangian.largest_slope for layer in slow]),
    )


def _least(problem: _Problem, dt: float) -> float:
    """Return the least eigenvalue of W + diag(coth(dt / 2 tau) / a)."""
    diagonal = problem.floors / np.tanh(dt / (2 * problem.taus))
    return float(np.linalg.eigvalsh(problem.whole + np.diag(diagonal))[0])


def _is_stable(problem: _Problem, dt: float) -> bool:
    rows = np.abs(problem.whole).sum(axis=1)
    diagonal = problem.floors / np.tanh(dt / (2 * problem.taus))
    if bool((rows <= diagonal).all()):  # by Gershgorin's circles, without eigenvalues
        return True
    rounding = 8 * np.finfo(float).eps * (rows.max() + problem.floors.max())
    return bool(_least(problem, dt) >= -rounding)


def _whole(
    layers: Sequence[LagrangianLayer], joined: Sequence[tuple[tuple[str, str], NDArray[np.float64]]]
) -> NDArray[np.float64]:
    """Return the symmetric matrix of all synapses among these layers."""
    ends = np.cumsum([layer.size for layer in layers])
    places = {
        layer.name: slice(end - layer.size, end) for layer, end in zip(layers, ends, strict=True)
    }
    whole = np.zeros((ends[-1], ends[-1]))
    for (first, second), matrix in joined:
        a, b = places[first], places[second]
        whole[a, b], whole[b, a] = matrix, matrix.T
    return whole


def _per_neuron(layers: Sequence[LagrangianLayer], values: Sequence[float]) -> NDArray[np.float64]:
    """Return the value of each layer, once for each of its neurons."""
    return np.repeat(np.asarray(values, float), [layer.size for layer in layers])
