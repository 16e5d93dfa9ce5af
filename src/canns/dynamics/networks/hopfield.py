"""Amari-Hopfield dynamics: local field, response, energy, and one step of each kind."""

import dataclasses
from typing import ClassVar, NamedTuple, Self

import jax
import jax.numpy as jnp

from canns._validation import check_choice
from canns.dynamics.code import ANY, SIGNS, TANH, UNIT, Code
from canns.dynamics.couplings.matrix import (
    Coupled,
    Sweep,
    Symmetric,
    field_of,
    rounding_of,
    start_sweep,
)
from canns.dynamics.jump import before_jump
from canns.dynamics.network import Network
from canns.dynamics.networks.activation import (
    ACTIVATIONS,
    Activation,
    ActivationName,
    activate,
)
from canns.dynamics.networks.flips import sweep_by_flips
from canns.dynamics.networks.noise import cue_noise, split_key
from canns.dynamics.networks.order import ORDERS, Order, UpdateOrder, draw_order
from canns.dynamics.networks.tie import TIES, TieRule, sign_of
from canns.errors import ValidationError
from canns.typing import Array, PyTree, param, pytree, static

__all__ = ["Hopfield", "Prepared"]


_CODES: dict[object, Code] = {"sign": SIGNS, "tanh": TANH, "sigmoid": UNIT}


class Prepared(NamedTuple):
    """What a step needs to know of the couplings.

    Args:
        tolerance: Fields within it count as zero, (N,).
        columns: The transposed matrix, whose row j has the couplings from neuron j, if a sweep
            goes from flip to flip and W is not symmetric; else None.
    """

    tolerance: Array
    columns: Array | None = None


@pytree
class Hopfield(Network):
    r"""The recurrent network with local field :math:`h = W s - \theta`.

    .. math:: E(s) = -\tfrac12 s^T W s + \theta \sum_i s_i

    States carry a leading batch axis, (B, N). Synchronous: :math:`s \leftarrow f(h)`.
    Asynchronous: one sweep, in which every neuron is updated once, from first to last or in a
    fresh random order that all cues of a batch share (so a cue's path does not depend on the other
    cues).
    Stochastic: heat bath (Glauber), :math:`P(s_i = 1) = 1/(1 + e^{-2 h_i/T})`.

    Args:
        threshold: Theta, common to all neurons.
        temperature: T > 0: gain of tanh and sigmoid, noise of the stochastic mode.
        activation: "sign", "tanh" or "sigmoid"; or a function of the field minus the threshold, to
            which the temperature means nothing. Each new function is compiled anew.
        asynchronous: Sweep neuron by neuron instead of all at once.
        stochastic: Heat-bath updates of +-1 neurons.
        tie: What a sign neuron does at zero field: "keep" its state (a masked neuron, at 0, goes
            to plus), or go "plus" or "minus".
        update_order: Of an asynchronous sweep, "random" or "cyclic"; ``order=`` is an alias.

    Attributes:
        graded: The activations that have a derivative; any other one jumps.

    Source: Amari (1972), IEEE Trans. Comput. C-21:1197; Hopfield (1982), PNAS 79:2554;
    Glauber (1963), J. Math. Phys. 4:294.
    """

    threshold: float = param(default=0.0)
    temperature: float = param(default=1.0, low=0, open_low=True)
    activation: ActivationName | Activation = static(default="sign")
    asynchronous: bool = static(default=False)
    stochastic: bool = static(default=False)
    tie: TieRule = static(default="keep", choices=TIES)
    update_order: UpdateOrder = static(default="random", choices=ORDERS)

    _aliases: ClassVar[dict[str, str]] = {"order": "update_order"}
    graded: ClassVar[tuple[ActivationName, ...]] = ("tanh", "sigmoid")

    def validate(self) -> None:
        """Check the intervals, the names, and that the stochastic mode has sign neurons."""
        super().validate()
        if not callable(self.activation):
            expected = "a function, or one of "
            check_choice("activation", self.activation, ACTIVATIONS, expected=expected)
        if self.stochastic and self.activation != "sign":
            raise ValidationError(
                "activation",
                "'sign' in the stochastic mode",
                repr(self.activation),
                "Heat-bath neurons are +-1.",
            )

    @property
    def code(self) -> Code:
        """The code of the activation; a function may take any values."""
        return _CODES.get(self.activation, ANY)

    @property
    def random(self) -> bool:
        """True if a step draws random numbers: an order, or noise."""
        return self.stochastic or (self.asynchronous and self.update_order == "random")

    @property
    def splits_by_cue(self) -> bool:
        """True: order and noise of a cue do not depend on the others."""
        return True

    @property
    def may_cycle(self) -> bool:
        """True if the dynamics can alternate between two states for ever."""
        return not self.random

    @property
    def settles(self) -> bool:
        """True if a state that one update leaves unchanged never changes again."""
        return not self.stochastic

    def at_temperature(self, temperature: float | Array) -> Self:
        """Return the same network at another temperature."""
        hot: PyTree = temperature  # declared as a float, and traced like all hyperparameters
        return dataclasses.replace(self, temperature=hot)

    def flips(self, weights: PyTree) -> bool:
        """Whether a sweep goes from flip to flip: if neurons have two states and W is a matrix."""
        two_states = self.stochastic or self.activation == "sign"
        return self.asynchronous and two_states and isinstance(weights, jax.Array | Symmetric)

    def prepare(self, weights: Coupled) -> Prepared:
        """Return the zero-field tolerance, and the columns of W if a sweep needs them.

        Without a tolerance an exact tie would be decided by the order of a sum, which differs
        between one cue and a batch, and between machines.
        """
        tolerance = rounding_of(weights)
        if isinstance(weights, jax.Array) and self.flips(weights):
            return Prepared(tolerance, weights.T)
        return Prepared(tolerance)

    def local_field(self, weights: Coupled, states: Array) -> Array:
        """Return ``W s`` for each row of ``states``, (B, N)."""
        return field_of(weights, states)

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given its local field ``W s``, (B,)."""
        return -0.5 * jnp.sum(states * field, axis=-1) + self.threshold * jnp.sum(states, axis=-1)

    def advance(
        self,
        weights: Coupled,
        prepared: Prepared,
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None,
        stays: Array,
    ) -> tuple[Array, Array]:
        """Return the states after one update, and their field; see :class:`Network`."""
        columns = weights.matrix if isinstance(weights, Symmetric) else prepared.columns
        if columns is None or not self.flips(weights):
            return super().advance(weights, prepared, states, field, key, clamped, stays)
        order, noise = self._draw(key, states)
        return sweep_by_flips(
            self._respond, columns, order, states, field, prepared.tolerance, noise, stays
        )

    def step(
        self,
        weights: Coupled,
        prepared: Prepared,
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None = None,
    ) -> Array:
        """Return the states, (B, N), after one synchronous update or one asynchronous sweep."""
        order, noise = self._draw(key, states)
        tolerance = prepared.tolerance
        if not self.asynchronous:
            return self._respond(states, field, tolerance, noise)

        sequence = order.in_turn()
        own_noise = jnp.broadcast_to(noise, (len(noise), states.shape[1]))

        def visit(k: Array, carry: tuple[Array, Sweep]) -> tuple[Array, Sweep]:
            states, sweep = carry
            i = sequence[k]
            own = states[:, i]
            response = self._respond(own, sweep.field(states, i), tolerance[i], own_noise[:, i])
            if clamped is not None:
                response = jnp.where(clamped[:, i], own, response)
            return states.at[:, i].set(response), sweep.after(i, response - own)

        start = states, start_sweep(weights, states)
        after, _ = jax.lax.fori_loop(0, states.shape[1], visit, start)
        moved: Array = after
        return moved

    def _draw(self, key: Array, states: Array) -> tuple[Order, Array]:
        """Return the order of this update, and its noise, (B, N), or a zero, (1, 1)."""
        order_key, noise_key = split_key(key) if self.random else (key, key)
        kind = self.update_order if self.asynchronous else "cyclic"
        order = draw_order(kind, order_key, states.shape[1])
        # Each cue has noise of its own: copies of one cue are independent samples.
        if self.stochastic:
            return order, cue_noise(noise_key, states)
        return order, jnp.zeros((1, 1), states.dtype)

    def _respond(self, states: Array, field: Array, tolerance: Array, noise: Array) -> Array:
        drive = field - self.threshold
        if self.stochastic:
            odds = self._before_jump(2.0 * drive / self.temperature)
            return jnp.where(odds > noise, 1.0, -1.0).astype(states.dtype)
        if not isinstance(self.activation, str):
            return self.activation(drive).astype(states.dtype)
        if self.activation != "sign":
            return activate(self.activation, drive, self.temperature)
        return sign_of(self._before_jump(drive), states, tolerance, self.tie)

    def _before_jump(self, drive: Array) -> Array:
        graded = " or ".join(f"activation={name!r}" for name in self.graded)
        kind = "stochastic=True" if self.stochastic else f"activation={self.activation!r}"
        what = f"{type(self).__name__}({kind})"
        return before_jump(drive, what, f"For a derivative take {graded}, not stochastic.")
