"""Retrieval from stored keys by the modern Hopfield network, as a pure function."""

import jax
import jax.numpy as jnp
import numpy as np

from canns._explain import explained
from canns._precision import full_precision
from canns._validation import check_array, check_real, check_size, is_traced
from canns.errors import ValidationError
from canns.typing import Array, ArrayLike

__all__ = ["hopfield_retrieval"]


@explained
def hopfield_retrieval(
    queries: ArrayLike,
    keys: ArrayLike,
    values: ArrayLike | None = None,
    beta: ArrayLike | None = None,
    mask: ArrayLike | None = None,
    num_heads: int = 1,
    num_steps: int = 1,
    *,
    dropout: float = 0.0,
    seed: Array | None = None,
) -> Array:
    r"""Retrieve values by the keys that queries settle on.

    .. math::
        q \leftarrow K^T \mathrm{softmax}(\beta K q) \quad (n - 1 \text{ times}), \qquad
        z = V^T \mathrm{softmax}(\beta K q)

    That is the update of the modern Hopfield network over the keys. One step is the attention of
    transformers; more steps, or a larger :math:`\beta`, come closer to a fixed point: a stored key,
    or a mean of keys that are alike. Each head does this with a part of the features of its own.

    Args:
        queries: States to start from, (..., T, D).
        keys: Stored patterns, (..., S, D). Leading axes are broadcast.
        values: What to retrieve, (..., S, E); None for the keys.
        beta: Inverse temperature, one number or one for each head, (num_heads,); None for
            :math:`1/\sqrt{D/H}`.
        mask: Which keys each query may see, (..., T, S) or what broadcasts to it; None for all. A
            query that may see none retrieves 0.
        num_heads: H; divides D and E.
        num_steps: n.
        dropout: Share of the associations of the last step that is dropped, in [0, 1); the others
            are scaled up.
        seed: JAX key of the dropout, which needs one.

    Returns:
        Retrieved values, (..., T, E).

    Raises:
        ValidationError: If shapes do not agree, or an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> keys = jnp.array([[1.0, 1.0, -1.0, -1.0], [1.0, -1.0, 1.0, -1.0]])
        >>> query = jnp.array([[1.0, 0.6, -0.2, -1.0]])
        >>> hopfield_retrieval(query, keys, beta=4.0, num_steps=3).round(3).tolist()
        [[1.0, 1.0, -1.0, -1.0]]

    Source: Ramsauer et al. (2021), ICLR, arXiv:2008.02217; attention: Vaswani et al. (2017),
    NeurIPS 30.
    """
    q, k = _rows("queries", queries), _rows("keys", keys)
    v = k if values is None else _rows("values", values)
    heads, steps = check_size("num_heads", num_heads), check_size("num_steps", num_steps)
    _check_shapes(q, k, v, heads)
    share = check_real("dropout", dropout, low=0, high=1, open_high=True)
    if share and seed is None:
        raise ValidationError("seed", "a JAX key if there is dropout", "None")
    seen = None if mask is None else _check_mask(mask, q, k)
    scale = _check_beta(beta, q.shape[-1] // heads, heads)
    return _retrieve(q, k, v, scale, seen, heads, steps, share, seed)


@full_precision
def _retrieve(
    queries: Array,
    keys: Array,
    values: Array,
    beta: Array,
    mask: Array | None,
    heads: int,
    steps: int,
    dropout: float,
    seed: Array | None,
) -> Array:
    q, k, v = (_split(rows, heads) for rows in (queries, keys, values))
    scale = beta.reshape(-1, 1, 1)

    def associations(states: Array) -> Array:
        scores = scale * (states @ jnp.swapaxes(k, -1, -2))
        if mask is None:
            return jax.nn.softmax(scores, axis=-1)
        # A number that is finite, so that a row of hidden keys has no NaN, nor has its derivative.
        lowest = 0.7 * float(np.finfo(scores.dtype).min)
        hidden = jnp.where(mask, scores, lowest)
        return jnp.where(mask, jax.nn.softmax(hidden, axis=-1), 0.0)

    if steps > 1:
        lead = jnp.broadcast_shapes(q.shape[:-2], k.shape[:-2])
        q = jnp.broadcast_to(q, (*lead, *q.shape[-2:]))
        q, _ = jax.lax.scan(lambda s, _: (associations(s) @ k, None), q, length=steps - 1)
    weights = associations(q)
    if dropout:
        assert seed is not None
        kept = jax.random.bernoulli(seed, 1 - dropout, weights.shape)
        weights = jnp.where(kept, weights / (1 - dropout), 0.0)
    return _join(weights @ v)


def _split(rows: Array, heads: int) -> Array:
    """Return the features of each head, (..., H, T, D / H)."""
    parts = rows.reshape(*rows.shape[:-1], heads, -1)
    return jnp.swapaxes(parts, -2, -3)


def _join(parts: Array) -> Array:
    """Return the features of all heads side by side, (..., T, E)."""
    rows = jnp.swapaxes(parts, -2, -3)
    return rows.reshape(*rows.shape[:-2], -1)


def _rows(name: str, given: ArrayLike) -> Array:
    """Return an array of two axes or more; concrete numbers must be finite."""
    if not is_traced(given):
        check_array(name, given)
    rows = jnp.asarray(given)
    if not jnp.issubdtype(rows.dtype, jnp.floating):
        rows = rows.astype(jnp.result_type(float))
    if rows.ndim < 2:
        raise ValidationError(name, "of shape (..., rows, features)", f"shape {rows.shape}")
    return rows


def _check_shapes(q: Array, k: Array, v: Array, heads: int) -> None:
    if k.shape[-1] != q.shape[-1]:
        raise ValidationError("keys", f"of {q.shape[-1]} features, as queries", f"{k.shape[-1]}")
    if v.shape[-2] != k.shape[-2]:
        raise ValidationError("values", f"of {k.shape[-2]} rows, as keys", f"{v.shape[-2]}")
    if k.shape[-2] == 0:
        raise ValidationError("keys", "one row or more", "none")
    for name, width in (("queries", q.shape[-1]), ("values", v.shape[-1])):
        if width % heads:
            expected = f"a divisor of the {width} features of {name}"
            raise ValidationError("num_heads", expected, f"{heads}")
    try:
        jnp.broadcast_shapes(q.shape[:-2], k.shape[:-2], v.shape[:-2])
    except ValueError:
        shapes = f"{q.shape[:-2]}, {k.shape[:-2]} and {v.shape[:-2]}"
        expected = "of leading axes that broadcast with those of queries and values"
        raise ValidationError("keys", expected, shapes) from None


def _check_mask(mask: ArrayLike, q: Array, k: Array) -> Array:
    """Return the mask with an axis for the heads."""
    seen = jnp.asarray(mask)
    if seen.dtype != bool:
        raise ValidationError("mask", "of True and False", f"{seen.dtype}")
    whole = (*jnp.broadcast_shapes(q.shape[:-2], k.shape[:-2]), q.shape[-2], k.shape[-2])
    try:
        fits = jnp.broadcast_shapes(seen.shape, whole) == whole
    except ValueError:
        fits = False
    if not fits:
        raise ValidationError("mask", f"of shape {whole} or what broadcasts to it", f"{seen.shape}")
    return jnp.expand_dims(jnp.broadcast_to(seen, whole), -3)


def _check_beta(beta: ArrayLike | None, width: int, heads: int) -> Array:
    """Return one number, (1,), or one for each head, (H,)."""
    if beta is None:
        return jnp.full(1, width**-0.5)
    if not is_traced(beta):
        values = check_array("beta", beta)
        if values.size and values.min() <= 0:
            raise ValidationError("beta", "above 0", f"{values.min():g}")
    given = jnp.asarray(beta)
    if given.shape not in {(), (1,), (heads,)}:
        raise ValidationError("beta", f"a number, or {heads} numbers", f"shape {given.shape}")
    return given.reshape(-1)
