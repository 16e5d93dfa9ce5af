"""Unlearning: Hebb's rule, followed by dreams that remove spurious states."""

from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from canns._names import renamed
from canns._validation import check_size, is_traced
from canns.dynamics import Activity, Hopfield, before_jump, relax
from canns.plasticity.iterated import Iterated
from canns.plasticity.projections import ZeroDiagonal
from canns.plasticity.rule import Target, contract, widen
from canns.plasticity.rules.hebbian import UNBOUNDED
from canns.typing import Array, FloatArray, PyTree, param, pytree

__all__ = ["Unlearning"]

_NETWORK = Hopfield(asynchronous=True)
_SWEEPS = 100  # far more than a state needs to settle
_SEEDS = 2**24  # a seed is traced as a float32, which is exact for integers up to here


_NO_DERIVATIVE = "Dreams end in states of +-1. For a derivative take Dreaming."


class _Fixed(NamedTuple):
    before: Array
    prepared: PyTree  # what a dream needs to know of the weights; their transpose is in the state


class _State(NamedTuple):
    dream: Array
    learnt: Array
    columns: Array  # the transpose, which takes longer to make than to keep up to date


@pytree
class Unlearning(Iterated):
    r"""Store by Hebb's rule, then unlearn what the network dreams of.

    .. math::
        W \leftarrow W + \frac{1}{N} X^T X, \qquad \text{then, in each dream,} \quad
        W \leftarrow W - \frac{\epsilon}{N} s s^T, \qquad W_{ii} = 0

    with the patterns in the rows of X, and s the fixed point that asynchronous updates reach from a
    random state. Dreams end in spurious states more often than in patterns. So a moderate number of
    dreams increases the number of patterns that are recalled, and too many destroy all memories.
    About :math:`P/(2 \epsilon)` dreams suit P random patterns at loads P/N from 0.05 to 0.3.

    Args:
        learning_rate: Epsilon.
        num_dreams: Number of dreams.
        seed: Seed of the random states and update orders: an integer below 2^24 or a JAX key.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Clamped
        >>> from canns.plasticity import learn, Setup
        >>> patterns = jnp.array([[1.0, -1.0]])
        >>> after = learn(Setup(Unlearning(0.25, 1), Clamped()), jnp.zeros((2, 2)), patterns)
        >>> after.weights.tolist()
        [[0.0, -0.375], [-0.375, 0.0]]

    Source: Hopfield, Feinstein & Palmer (1983), Nature 304:158.
    """

    learning_rate: float = param(default=0.01, low=0)
    num_dreams: int = param(default=100, low=0)
    seed: int | Array = 0

    target: ClassVar[Target] = "self"

    def validate(self) -> None:
        """Check the interval, the count and the seed."""
        super().validate()
        if not is_traced(self.num_dreams):
            check_size("num_dreams", self.num_dreams, low=0)
        if not (_is_key(self.seed) or is_traced(self.seed)):
            check_size("seed", self.seed, low=0, high=_SEEDS - 1)

    def load(self, num_patterns: int, size: int) -> tuple[int, int]:
        """Return the number of dreams, and how many numbers one dream reads in its sweeps."""
        return int(self.num_dreams), 10 * size * size

    def begin(self, weights: Array, activity: Activity) -> tuple[_Fixed, _State]:
        """Return the weights before learning, and the weights after Hebb's rule."""
        x, before = widen(activity.post), widen(weights)
        stored = ZeroDiagonal()(before + contract(x, x) / x.shape[1])
        # Dreams change the weights little, so the rounding of their fields stays as it is.
        prepared = _NETWORK.prepare(stored)
        assert prepared.columns is not None, "its sweeps are of single flips of a matrix"
        fixed = _Fixed(before, prepared._replace(columns=None))
        return fixed, _State(jnp.int32(0), stored, prepared.columns)

    def unfinished(self, state: _State) -> Array:
        """Whether there is a dream left."""
        more: Array = state.dream < jnp.int32(self.num_dreams)
        return more

    def round(self, fixed: _Fixed, state: _State) -> _State:
        """Dream, and unlearn the dream."""
        size = len(fixed.before)
        start_key, order_key = jax.random.split(jax.random.fold_in(self._key(), state.dream))
        start = jax.random.rademacher(start_key, (1, size), state.learnt.dtype)
        kept = self.learning_rate, state.learnt, state.columns
        rate, learnt, columns = before_jump(kept, "Unlearning", _NO_DERIVATIVE)
        prepared = fixed.prepared._replace(columns=columns)
        dream = relax(_NETWORK, learnt, start, order_key, _SWEEPS, prepared=prepared)[0]
        change, hollow = rate / size * contract(dream, dream), ZeroDiagonal()
        return _State(state.dream + 1, hollow(learnt - change), hollow(columns - change))

    def finish(self, fixed: _Fixed, state: _State, weights: Array) -> Array:
        """Return the total change: what Hebb's rule adds and the dreams remove."""
        return (state.learnt - fixed.before).astype(weights.dtype)

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return the message of all product rules: there is no bound."""
        return UNBOUNDED

    def _key(self) -> Array:
        if _is_key(self.seed):
            return jnp.asarray(self.seed)
        return jax.random.key(jnp.asarray(self.seed).astype(jnp.uint32))


# ``rate`` was the first name of the field, and is still accepted.
Unlearning.__init__ = renamed(rate="learning_rate")(Unlearning.__init__)  # type: ignore[method-assign]


def _is_key(seed: object) -> bool:
    return isinstance(seed, jax.Array) and jnp.issubdtype(seed.dtype, jax.dtypes.prng_key)
