"""The pseudo-inverse (projection) rule."""

from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import Activity
from canns.plasticity.rule import Kept, Memory, Rule, Shown, Target, widen
from canns.typing import AnyArray, Array, FloatArray, epsilon, pytree

__all__ = ["PseudoInverse"]


_Pair = tuple[Array, Array]  # of the patterns and the weights


@pytree
class PseudoInverse(Rule):
    r"""The projection rule: weights whose field at every pattern is the pattern itself.

    .. math:: \Delta W = R^T (X R^T)^+ R, \qquad R = X - X W^T

    with the patterns in the rows of X, (P, N). Starting from W = 0, the result is the projector
    onto their span, :math:`X^T (X X^T)^+ X`. Starting from a projector, the result is the
    projector onto old and new patterns, so patterns may be learnt one at a time or all at once.
    A pattern already in the span changes nothing: after scaling the patterns to unit length, which
    does not affect the result, residuals shorter than :math:`(100 + \max(P, N))\, \epsilon` are
    taken for rounding errors. The relative error is epsilon over the shortest residual if all
    patterns are learnt at once, and epsilon over its square if they are learnt in parts.

    Self-couplings make the basins small. To remove them, use the projection ``ZeroDiagonal`` and
    store all patterns at once: weights without a diagonal do not determine the span, so later
    patterns are stored exactly, but older ones are disturbed.

    Raises:
        DivergenceError: In a run, if no symmetric change of the weights stores the patterns.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Clamped
        >>> from canns.plasticity import learn, Setup
        >>> patterns = jnp.array([[1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, -1.0]])
        >>> weights = learn(Setup(PseudoInverse(), Clamped()), jnp.zeros((4, 4)), patterns).weights
        >>> bool(jnp.allclose(patterns @ weights, patterns, atol=1e-6))
        True

    Source: Personnaz, Guyon & Dreyfus (1985), J. Physique Lett. 46:L359; Kanter & Sompolinsky
    (1987), Phys. Rev. A 35:380.
    """

    shown: ClassVar[Shown] = "whole"
    padding_value: ClassVar[float] = 0.0
    target: ClassVar[Target] = "self"
    corrects: ClassVar[bool] = True

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the change for all patterns."""
        delta = _change(_unit_rows(widen(activity.post)), widen(weights))
        # If no symmetric change exists, rounding makes the result huge instead of infinite.
        delta = jnp.where(jnp.abs(delta).max() < epsilon(delta.dtype) ** -0.5, delta, jnp.nan)
        return memory, delta.astype(weights.dtype)

    def as_patterns(self, patterns: AnyArray) -> Kept:
        """Return the pseudo-inverse of the Gram matrix of the patterns.

        Computed in double precision, because the condition number of the Gram matrix is that of
        the patterns squared: single precision could not tell residuals that :meth:`step` takes for
        new ones from those that it takes for rounding errors.
        """
        rows = np.asarray(patterns, np.float64)
        lengths = np.linalg.norm(rows, axis=1)
        scale = 1 / np.where(lengths > 0, lengths, 1.0)
        products = scale[:, None] * (rows @ rows.T) * scale
        shortest = (100 + max(rows.shape)) * epsilon(patterns.dtype)
        values, axes = np.linalg.eigh(products)
        inverse = np.where(values > shortest**2, 1 / np.where(values > 0, values, 1.0), 0.0)
        return Kept(scale[:, None] * ((axes * inverse) @ axes.T) * scale)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the message that no symmetric change stores the patterns."""
        return (
            "No symmetric change of these weights stores the patterns: for one of them x'Wx = x'x, "
            "yet Wx is not x. Start from weights of zero."
        )


@jax.custom_jvp
def _change(x: Array, w: Array) -> Array:
    r"""Return :math:`\Delta = (R^T (X R^T)^+ R)^T` for patterns of unit length.

    With :math:`R = U S V^T` it is :math:`(V B^{-1} V^T)^T`, where
    :math:`B = S^{-1} U^T X V = 1 + S^{-1} U^T X W^T V` is 1 for a projector W. This avoids
    inverting a Gram matrix, whose condition number is that of the patterns squared.
    """
    axes, _, mixing = _residuals(x, w)
    change: Array = (axes.T @ jnp.linalg.solve(mixing, axes)).T
    return change


def _residuals(x: Array, w: Array) -> tuple[Array, Array, Array]:
    """Return V' and U'/S of the residuals that are new, with zeros for the others, and B."""
    stored = x @ w.T
    rest = x - stored
    u, s, axes = jnp.linalg.svd(rest, full_matrices=False)
    new = s > (100 + max(x.shape)) * epsilon(x.dtype)
    # A neuron with zero residuals gets exactly 0 in each axis, not a rounding error.
    axes = jnp.where(new[:, None] & (rest != 0).any(axis=0), axes, 0.0)
    shares = jnp.where(new[:, None], u.T, 0.0) / jnp.where(new, s, 1.0)[:, None]
    return axes, shares, jnp.eye(len(s), dtype=x.dtype) + shares @ stored @ axes.T


@_change.defjvp
def _change_slope(primals: _Pair, tangents: _Pair) -> tuple[Array, Array]:
    r"""Return the change :math:`\Delta` and its slope at a fixed number of new patterns.

    .. math:: d\Delta^T = dR^T G + H^T dR - H^T\, d(X R^T)\, G, \qquad
        G = (X R^T)^+ R, \quad H = (R X^T)^+ R

    JAX would differentiate the singular vectors, whose slope is infinite for orthogonal patterns.
    """
    (x, w), (dx, dw) = primals, tangents
    axes, shares, mixing = _residuals(x, w)
    rest = x - x @ w.T
    solved = jnp.linalg.solve(mixing, axes)
    g = shares.T @ solved
    h = shares.T @ jnp.linalg.solve(mixing.T, axes)
    d_rest = dx - dx @ w.T - x @ dw.T
    slope = d_rest.T @ g + h.T @ d_rest - h.T @ (dx @ rest.T + x @ d_rest.T) @ g
    return (axes.T @ solved).T, slope.T


def _unit_rows(x: Array) -> Array:
    """Return the rows of ``x`` scaled to length 1; rows of zeros stay zero."""
    # Divided by the largest entry first, so that no square overflows. The result does not depend on
    # this factor, so its gradient is stopped.
    x = _per_row(x, jax.lax.stop_gradient(jnp.abs(x).max(axis=1)))
    # The slope of a norm at zero is infinite, so rows of zeros are replaced under the norm.
    none = (x == 0).all(axis=1)
    lengths: Array = jnp.linalg.norm(jnp.where(none[:, None], 1.0, x), axis=1)
    return x / lengths[:, None]


def _per_row(x: Array, sizes: Array) -> Array:
    return x / jnp.where(sizes > 0, sizes, 1.0)[:, None]
