"""What the modules share: projections, the inverse temperature, and dropout."""

import math

import jax
import jax.numpy as jnp

from canns._brainstate import brainstate
from canns._keys import as_key
from canns._validation import check_flag, check_real, check_size, float_dtype
from canns.errors import ValidationError
from canns.nn.retrieval import hopfield_retrieval
from canns.typing import Array, ArrayLike

__all__ = ["HopfieldModule", "draw_rows"]


class HopfieldModule(brainstate.nn.Module):
    r"""A module that retrieves by :func:`hopfield_retrieval`.

    Args:
        width: Features of queries and keys in the space of association, D.
        num_heads: Number of heads H; divides ``width``.
        num_steps: Updates of the queries.
        beta: Inverse temperature; None for :math:`1/\sqrt{D/H}`.
        learn_beta: Learn a :math:`\beta` of each head, by its logarithm.
        dropout: Share of the associations dropped in training, in [0, 1).
    """

    def __init__(
        self,
        width: int,
        num_heads: int,
        num_steps: int,
        beta: float | None,
        learn_beta: bool,
        dropout: float,
    ) -> None:
        super().__init__()
        self.num_heads = check_size("num_heads", num_heads)
        if width % self.num_heads:
            expected = f"a divisor of the {width} features of association"
            raise ValidationError("num_heads", expected, f"{num_heads}")
        self.num_steps = check_size("num_steps", num_steps)
        self.dropout = check_real("dropout", dropout, low=0, high=1, open_high=True)
        start = (width / self.num_heads) ** -0.5 if beta is None else beta
        self.first_beta = check_real("beta", start, low=0, open_low=True)
        self.log_beta = None
        if check_flag("learn_beta", learn_beta):
            logs = jnp.full(self.num_heads, math.log(self.first_beta), float_dtype())
            self.log_beta = brainstate.ParamState(logs)

    @property
    def beta(self) -> Array:
        """Inverse temperature: one number, or one for each head if it is learnt."""
        if self.log_beta is None:
            return jnp.asarray(self.first_beta, float_dtype())
        return jnp.exp(self.log_beta.value)

    def retrieve(self, queries: Array, keys: Array, values: Array, mask: ArrayLike | None) -> Array:
        """Return what the queries retrieve; there is dropout while ``fit`` is set.

        ``fit`` is that of ``brainstate.environ``, as for ``brainstate.nn.Dropout``.
        """
        fits = self.dropout > 0 and brainstate.environ.get("fit", False)
        return hopfield_retrieval(
            queries,
            keys,
            values,
            self.beta,
            mask,
            self.num_heads,
            self.num_steps,
            dropout=self.dropout if fits else 0.0,
            seed=brainstate.random.split_key() if fits else None,
        )


def draw_rows(seed: int | Array | None, *shapes: tuple[int, int]) -> list[Array]:
    """Return normal weights of each shape, (in, out), of variance 1 / in.

    Args:
        seed: An int or a JAX key; None draws one from ``brainstate.random``.
        *shapes: Their shapes.
    """
    keys = jax.random.split(as_key(seed), len(shapes))
    return [
        jax.random.normal(key, shape, float_dtype()) / math.sqrt(shape[0])
        for key, shape in zip(keys, shapes, strict=True)
    ]
