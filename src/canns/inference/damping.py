"""One step of a search: how far to go, and what comes of it, by Marquardt's damping."""

import jax
import jax.numpy as jnp
import numpy as np

from canns.inference.members import Members, Penalty, Search
from canns.typing import Array, BoolArray

__all__ = ["judged", "propose", "settled"]

_LAST_DAMPING = 1e12  # no smaller step would change anything
_SETTLED = 1e-9  # relative decrease of the loss at which a member has settled
_LONGEST = 2.0  # of a step of a number that is kept in range by exp or the logistic function
_TINY = 1e-12
_SPLIT = 1e-4  # below this size the L1 penalty is taken for a parabola
_PATIENCE = 2  # small decreases in a row


def propose(
    search: Search,
    unknown_start: Array,
    penalty: Penalty,
    scale: float,
    bounded: BoolArray,
    free_starts: bool,
) -> tuple[Array, Array, Array]:
    """Return unknowns and start weights after a damped step, and the decrease that it promises."""
    members, size = search.members, search.members.theta.shape[0]
    weights, free = members.weights, members.free
    unit = weights / (scale * jnp.maximum((weights * search.number).sum(), _TINY))
    slope, curvature = search.slope * unit[:, None], search.curvature * unit[:, None, None]
    # |theta| is a parabola that touches it where theta is now (Hunter & Li 2005).
    pull = penalty.l2 + penalty.l1 / jnp.maximum(jnp.abs(members.theta), _SPLIT)
    pull = jnp.where(bounded, 0.0, pull)
    fisher = curvature[:, :size, :size].sum(axis=0) + jnp.diag(pull)
    upward = slope[:, :size].sum(axis=0) - pull * members.theta
    fisher = fisher * free[:, None] * free + jnp.diag(1 - free)
    upward *= free
    damped = fisher + search.damping * _diagonal(fisher)
    if not free_starts:
        step = _clipped(_solve(damped, upward), bounded)
        promised = upward @ step - step @ fisher @ step / 2
        return members.theta + step, members.start, promised
    own = unknown_start
    cross = curvature[:, :size, size:] * free[:, None] * own[:, None, None]
    inner = curvature[:, size:, size:] * own[:, None, None]
    inner = inner + (search.damping * _diagonal(inner) + _ridge(inner))
    pushed = slope[:, size:] * own[:, None]
    # The start weights of an experiment meet only its own observations: eliminate them one by one.
    sides = jnp.concatenate([jnp.swapaxes(cross, 1, 2), pushed[..., None]], axis=-1)
    solved = jnp.linalg.solve(inner, sides)
    left, alone = solved[..., :size], solved[..., size]
    reduced = damped - jnp.einsum("epn,enq->pq", cross, left)
    step = _clipped(_solve(reduced, upward - jnp.einsum("epn,en->p", cross, alone)), bounded)
    starts = alone - left @ step
    promised = (upward @ step + (pushed * starts).sum()) / 2
    return members.theta + step, members.start + starts.reshape(members.start.shape), promised


def _diagonal(matrix: Array) -> Array:
    """Return a diagonal matrix of the diagonal, which is nowhere zero."""
    found = jnp.diagonal(matrix, axis1=-2, axis2=-1)
    floor = _TINY * found.max(axis=-1, keepdims=True) + 1e-30
    kept: Array = jnp.maximum(found, floor)[..., None] * jnp.eye(matrix.shape[-1])
    return kept


def _ridge(matrix: Array) -> Array:
    """Return so small a multiple of the unit matrix that a singular matrix can be inverted."""
    most = jnp.diagonal(matrix, axis1=-2, axis2=-1).max(axis=-1)
    small: Array = (_TINY * most + 1e-30)[..., None, None] * jnp.eye(matrix.shape[-1])
    return small


def _solve(matrix: Array, vector: Array) -> Array:
    """Return the solution of scaled equations; zero if there is none."""
    size = jnp.sqrt(jnp.maximum(jnp.diagonal(matrix), 1e-30))
    found = jnp.linalg.solve(matrix / (size[:, None] * size), vector / size) / size
    kept: Array = jnp.where(jnp.isfinite(found).all(), found, 0.0)
    return kept


def _clipped(step: Array, bounded: BoolArray) -> Array:
    return jnp.where(bounded, jnp.clip(step, -_LONGEST, _LONGEST), step)


def judged(
    search: Search,
    tried: Members,
    loss: Array,
    promised: Array,
    found: tuple[Array, Array, Array, Array],
) -> Search:
    """Return the search with the step, if the loss falls by it, and the damping that is due."""
    better, first = loss < search.loss, ~jnp.isfinite(search.loss)
    gain = (search.loss - loss) / jnp.maximum(promised, 1e-300)
    # Nielsen's rule: the damping falls smoothly the better the quadratic model has foretold.
    lower = jnp.where(first, 1.0, jnp.maximum(1 / 5, 1 - (2 * jnp.minimum(gain, 1.0) - 1) ** 3))
    damping = search.damping * jnp.where(better, lower, search.growth)
    small = jnp.abs(search.loss - loss) <= _SETTLED * jnp.abs(search.loss)
    zero = better & (loss < 1e-25)
    calm = jnp.where(better & ~first, jnp.where(small, search.calm + 1, 0.0), search.calm)
    calm = jnp.where(zero, _PATIENCE, calm)
    taken = Search(tried, loss, *found, damping, jnp.asarray(2.0), calm, search.origin)
    # A run that was in range up to a shorter horizon may explode on the way to this one.
    halfway = jnp.where(first, (tried.theta + search.origin) / 2, search.members.theta)
    members = search.members._replace(theta=halfway)
    growth = jnp.where(first, search.growth, search.growth * 2)
    damping = jnp.where(first, search.damping, damping)
    stays = search._replace(members=members, damping=damping, growth=growth, calm=calm)
    after: Search = jax.tree.map(lambda new, old: jnp.where(better, new, old), taken, stays)
    return after


def settled(search: Search) -> BoolArray:
    """Return whether each member has settled, (M,)."""
    calm: BoolArray = np.asarray(search.calm) >= _PATIENCE
    return calm | (np.asarray(search.damping) > _LAST_DAMPING)
