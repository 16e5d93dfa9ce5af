"""Amari-Hopfield dynamics: local field, response, energy, and one step of each kind."""

from typing import Literal

import jax
import jax.numpy as jnp

from canns._validation import check_choice, check_flag
from canns.errors import ValidationError
from canns.typing import Array, Parameters, epsilon, param, pytree, static

__all__ = ["ACTIVATIONS", "TIES", "ActivationName", "Hopfield", "TieRule", "activate"]

ActivationName = Literal["sign", "tanh", "sigmoid"]
TieRule = Literal["keep", "plus", "minus"]
ACTIVATIONS: tuple[ActivationName, ...] = ("sign", "tanh", "sigmoid")
TIES: tuple[TieRule, ...] = ("keep", "plus", "minus")


def activate(activation: ActivationName, field: Array, temperature: float | Array) -> Array:
    """Return sign(h), tanh(h/T) or the logistic function of h/T.

    Args:
        activation: "sign", "tanh" or "sigmoid".
        field: Local field minus threshold, any shape.
        temperature: T > 0; without effect on the sign.

    Returns:
        The activity, of the field's shape. The sign of zero is zero, which
        :class:`Hopfield` resolves by its tie rule.

    Example:
        >>> import jax.numpy as jnp
        >>> activate("sigmoid", jnp.array([0.0]), 1.0).tolist()
        [0.5]
    """
    if activation == "sign":
        return jnp.sign(field)
    if activation == "tanh":
        return jnp.tanh(field / temperature)
    if activation == "sigmoid":
        return jax.nn.sigmoid(field / temperature)
    raise ValidationError("activation", f"one of {', '.join(ACTIVATIONS)}", repr(activation))


@pytree
class Hopfield(Parameters):
    r"""The recurrent network with local field :math:`h = W s - \theta`.

    .. math:: E(s) = -\tfrac12 s^T W s + \theta \sum_i s_i

    States carry a leading batch axis, (B, N). Synchronous: :math:`s \leftarrow f(h)`.
    Asynchronous: one sweep, in which every neuron is updated once, in a fresh random order
    that all cues of a batch share (so a cue's path does not depend on its company).
    Stochastic: heat bath (Glauber), :math:`P(s_i = 1) = 1/(1 + e^{-2 h_i/T})`.

    Args:
        threshold: Theta, common to all neurons.
        temperature: T > 0: gain of tanh and sigmoid, noise of the stochastic mode.
        activation: "sign", "tanh" or "sigmoid".
        asynchronous: Sweep neuron by neuron instead of all at once.
        stochastic: Heat-bath updates of +-1 neurons.
        tie: What a sign neuron does at zero field: "keep" its state (a masked one, at 0, goes to
            plus), or go "plus" or "minus".

    Source: Amari (1972), IEEE Trans. Comput. C-21:1197; Hopfield (1982), PNAS 79:2554;
    Glauber (1963), J. Math. Phys. 4:294.
    """

    threshold: float = param(default=0.0)
    temperature: float = param(default=1.0, low=0, open_low=True)
    activation: ActivationName = static(default="sign")
    asynchronous: bool = static(default=False)
    stochastic: bool = static(default=False)
    tie: TieRule = static(default="keep")

    def validate(self) -> None:
        """Check the intervals, the names, and that the stochastic mode has sign neurons."""
        super().validate()
        check_choice("activation", self.activation, ACTIVATIONS)
        check_choice("tie", self.tie, TIES)
        check_flag("asynchronous", self.asynchronous)
        check_flag("stochastic", self.stochastic)
        if self.stochastic and self.activation != "sign":
            raise ValidationError(
                "activation",
                "'sign' in the stochastic mode",
                repr(self.activation),
                "Heat-bath neurons are +-1.",
            )

    @property
    def random(self) -> bool:
        """True where a step draws random numbers: an order, or noise."""
        return self.asynchronous or self.stochastic

    @property
    def may_cycle(self) -> bool:
        """True where the dynamics can alternate between two states for ever."""
        return not self.random

    @property
    def settles(self) -> bool:
        """True where a state that an update left unchanged will stay."""
        return not self.stochastic

    def prepare(self, weights: Array) -> Array:
        r"""Return what counts as zero field, :math:`8 \epsilon \sum_j |W_{ij}|`, (N,).

        Rounding may move the field that far (half of it was seen, in sums that first rise and then
        fall). Without a tolerance the order of a sum, which differs between one cue and a batch and
        between machines, would decide an exact tie.
        """
        return 8 * epsilon(weights.dtype) * jnp.sum(jnp.abs(weights), axis=1)

    def local_field(self, weights: Array, states: Array) -> Array:
        """Return ``W s`` for each row of ``states``, (B, N)."""
        return jnp.einsum("ij,bj->bi", weights, states)

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given its local field ``W s``, (B,)."""
        return -0.5 * jnp.sum(states * field, axis=-1) + self.threshold * jnp.sum(states, axis=-1)

    def step(
        self, weights: Array, tolerance: Array, states: Array, field: Array, key: Array
    ) -> Array:
        """Return the states, (B, N), after one synchronous update or one asynchronous sweep."""
        order_key, noise_key = jax.random.split(key)
        # Each cue has noise of its own: copies of one cue are independent samples.
        noise = (
            jax.random.logistic(noise_key, states.shape, states.dtype)
            if self.stochastic
            else jnp.zeros((1, states.shape[1]), states.dtype)
        )
        if not self.asynchronous:
            return self._respond(states, field, tolerance, noise)

        def visit(k: Array, states: Array) -> Array:
            i = order[k]
            response = self._respond(states[:, i], states @ weights[i], tolerance[i], noise[:, i])
            return states.at[:, i].set(response)

        order = jax.random.permutation(order_key, states.shape[1])
        after: Array = jax.lax.fori_loop(0, states.shape[1], visit, states)
        return after

    def _respond(self, states: Array, field: Array, tolerance: Array, noise: Array) -> Array:
        drive = field - self.threshold
        if self.stochastic:
            return jnp.where(2.0 * drive / self.temperature > noise, 1.0, -1.0).astype(states.dtype)
        if self.activation != "sign":
            return activate(self.activation, drive, self.temperature)
        tied = jnp.abs(drive) <= tolerance
        if self.tie == "keep":
            held = jnp.where(states == 0, 1.0, states)  # a masked neuron has no state to keep
            return jnp.where(tied, held, jnp.sign(drive))
        return jnp.where(tied, 1.0 if self.tie == "plus" else -1.0, jnp.sign(drive))
