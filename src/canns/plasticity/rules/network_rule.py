"""A learning rule with unknown form: a small network from activity to weight change."""

from typing import ClassVar, NamedTuple, Self

import jax
import jax.numpy as jnp
import numpy as np

from canns._validation import check_size, is_traced
from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.plasticity.rule import Memory, Reads, Rule
from canns.typing import Array, FloatArray, param, pytree, static

__all__ = ["MLPRule", "MLPWeights"]


class MLPWeights(NamedTuple):
    """The numbers of the network of :class:`MLPRule`.

    Args:
        hidden: Weights from what is read to the hidden units, (H, n).
        bias: Bias of the hidden units, (H,).
        output: Weights from the hidden units to the change, (H,).
    """

    hidden: Array | FloatArray
    bias: Array | FloatArray
    output: Array | FloatArray


@pytree
class MLPRule(Rule):
    r"""A rule whose change is computed by a small network, the same for every synapse.

    .. math:: \Delta W_{ij} = \eta\, v^T \tanh(U z_{ij} + b), \qquad z_{ij} = (x_j, y_i, W_{ij}, r)

    With enough hidden units it can be any smooth function of what it reads, and so it says how
    well any rule of this kind can explain data. Its numbers have no meaning one by one.
    :func:`canns.inference.fit` finds them from data.

    Args:
        network: U, b and v.
        learning_rate: Eta.
        variables: What the network reads, some of the letters of "xywr": pre, post, weight, reward.

    Raises:
        ValidationError: If the numbers have the wrong shape.

    Example:
        >>> import jax.numpy as jnp
        >>> rule = MLPRule.unknown(num_hidden=3, variables="xy", seed=0)
        >>> activity = Activity(pre=jnp.array([1.0, 0.0]), post=jnp.array([1.0]))
        >>> rule.step((), jnp.ones((1, 2)), activity)[1].tolist()  # nothing is learnt yet
        [[0.0, 0.0]]

    Source: Mehta, Tyulmankov, Rajagopalan, Turner, Fitzgerald & Funke (2024), Adv. Neural Inf.
    Process. Syst. 37.
    """

    network: MLPWeights
    learning_rate: float = param(default=1.0, low=0)
    variables: str = static(default="xyw")

    reads: ClassVar[Reads | None] = "anything"
    unknowns: ClassVar[tuple[str, ...]] = ("network",)

    @classmethod
    def unknown(
        cls,
        num_hidden: int = 10,
        variables: str = "xyw",
        learning_rate: float = 1.0,
        seed: int | Array | None = 0,
    ) -> Self:
        """Return a rule that changes nothing yet: random hidden units, and zeros from them.

        Args:
            num_hidden: H.
            variables: See the class.
            learning_rate: Eta.
            seed: Seed of the hidden units.
        """
        from canns._keys import as_key  # here, because it needs brainstate, and rules do not

        size, (first, second) = check_size("num_hidden", num_hidden), jax.random.split(as_key(seed))
        hidden = jax.random.normal(first, (size, len(variables))) / np.sqrt(len(variables))
        bias = jax.random.normal(second, (size,))
        network = MLPWeights(np.asarray(hidden), np.asarray(bias), np.zeros(size, hidden.dtype))
        return cls(network, learning_rate, variables)

    @property
    def needs(self) -> tuple[str, ...]:  # type: ignore[override]  # depends on the variables
        """The reward, if the network reads it."""
        return ("reward",) if "r" in self.variables else ()

    def validate(self) -> None:
        """Check the variables, and the shapes of the network."""
        super().validate()
        letters = [*self.variables] if isinstance(self.variables, str) else []
        if not letters or len({*letters}) < len(letters) or not {*letters} <= {*"xywr"}:
            expected = "some of the letters x, y, w and r"
            raise ValidationError("variables", expected, repr(self.variables))
        given: object = self.network
        if not isinstance(given, MLPWeights):
            raise ValidationError("network", "MLPWeights", repr(given), "Take MLPRule.unknown().")
        units = np.shape(self.network.output)[-1:]
        wanted = (*units, len(letters)), units, units
        names = MLPWeights._fields
        for name, part, shape in zip(names, self.network, wanted, strict=True):
            if len(units) != 1 or np.shape(part)[-len(shape) :] != shape:
                raise ValidationError(f"network.{name}", f"of shape {shape}", f"{np.shape(part)}")
            if not is_traced(part) and not np.isfinite(part).all():
                raise ValidationError(f"network.{name}", "finite", "numbers that are not")

    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the output of the network at each synapse."""
        reward = jnp.zeros(()) if activity.reward is None else jnp.asarray(activity.reward)
        values = {"x": activity.pre[None, :], "y": activity.post[:, None], "w": weights}
        values["r"] = reward.astype(weights.dtype)
        read = [jnp.broadcast_to(values[name], weights.shape) for name in self.variables]
        hidden, bias, output = (jnp.asarray(part, weights.dtype) for part in self.network)
        units = jnp.tanh(jnp.stack(read, axis=-1) @ hidden.T + bias)
        return memory, self.learning_rate * (units @ output)
