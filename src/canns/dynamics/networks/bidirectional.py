"""Two layers that recall each other in turn."""

from typing import ClassVar

import jax.numpy as jnp

from canns.dynamics.code import SIGNS, Code
from canns.dynamics.couplings.matrix import field_of, rounding_of
from canns.dynamics.jump import before_jump
from canns.dynamics.network import Network
from canns.dynamics.neuron import Activity, Neuron, NoState
from canns.dynamics.signal import Signal, Signals
from canns.typing import Array, PyTree, pytree

__all__ = ["Bidirectional", "Paired"]


@pytree
class Bidirectional(Network):
    r"""A layer x of N neurons and a layer y of M, of states +-1, that update each other in turn.

    .. math::
        y \leftarrow \mathrm{sign}(W x), \qquad x \leftarrow \mathrm{sign}(W^T y), \qquad
        E(x, y) = -y^T W x

    Weights are (M, N); states hold both layers, x first, (B, N + M). One update is one of y and
    then one of x. A neuron with zero field keeps its state. Neither half raises E, so every recall
    ends in a state in which no flip of a single neuron lowers E.

    A state of zero is unknown: it drives nothing. A neuron at zero takes a state as soon as the
    other layer has a known state (+1 if its field is zero). So a layer of zeros, either of the two,
    is recalled from the other.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import recall
        >>> x, y = jnp.array([1.0, -1.0, 1.0]), jnp.array([-1.0, 1.0])
        >>> cue = jnp.concatenate([jnp.zeros(3), y])[None]
        >>> found = recall(Bidirectional(), jnp.outer(y, x), cue, key=jax.random.key(0))
        >>> found.states[0].tolist(), found.energies[0, 1:].tolist()
        ([1.0, -1.0, 1.0, -1.0, 1.0], [-6.0, -6.0])

    Source: Kosko (1988), IEEE Trans. Syst. Man Cybern. 18:49.
    """

    @property
    def code(self) -> Code:
        """-1 and 1, and 0 for unknown."""
        return SIGNS

    def prepare(self, weights: Array) -> tuple[Array, Array]:
        """Return the zero-field tolerances of the outputs, (M,), and of the inputs, (N,)."""
        return rounding_of(weights), rounding_of(weights.T)

    def local_field(self, weights: Array, states: Array) -> Array:
        """Return the field of the outputs, ``W x``, (B, M)."""
        return field_of(weights, states[:, : weights.shape[1]])

    def energy(self, states: Array, field: Array) -> Array:
        """Return ``-y' W x`` of each row of ``states``, given ``W x``, (B,)."""
        return -jnp.sum(states[:, -field.shape[1] :] * field, axis=-1)

    def step(
        self,
        weights: Array,
        prepared: tuple[Array, Array],
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None,
    ) -> Array:
        """Return the states after an update of the outputs and one of the inputs."""
        size = weights.shape[1]
        inputs, outputs = states[:, :size], states[:, size:]
        answer = _respond(outputs, field, prepared[0], inputs)
        if clamped is not None:
            answer = jnp.where(clamped[:, size:], outputs, answer)
        back = _respond(inputs, field_of(weights.T, answer), prepared[1], answer)
        return jnp.concatenate([back, answer], axis=1)


def _respond(states: Array, field: Array, tolerance: Array, drivers: Array) -> Array:
    driven = jnp.any(drivers != 0, axis=-1, keepdims=True)
    held = jnp.where((states == 0) & driven, 1.0, states)
    instead = "For a derivative take Hopfield(activation='tanh') with both layers as one."
    field = before_jump(field, "Bidirectional", instead)
    return jnp.where(jnp.abs(field) <= tolerance, held, jnp.sign(field))


@pytree
class Paired(Neuron):
    """Two layers held at a pair of patterns in one row: first pre, (in,), then post, (out,).

    Example:
        >>> import jax.numpy as jnp
        >>> _, activity = Paired().step(NoState(), jnp.zeros((1, 2)), jnp.array([1.0, -1.0, 5.0]))
        >>> activity.pre.tolist(), activity.post.tolist()
        ([1.0, -1.0], [5.0])
    """

    clamped: ClassVar[bool] = True
    emits: ClassVar[Signal | None] = "held"

    def signals(self, weights: PyTree) -> Signals:
        """Return that both layers are held at the samples."""
        return Signals("held", "held")

    def sample_size(self, weights: PyTree) -> int:
        """Return the number of inputs and outputs."""
        out, in_ = weights.shape
        return int(in_ + out)

    def init(self, weights: Array) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: Array, x: Array) -> tuple[NoState, Activity]:
        """Return the two parts of ``x``, (in + out,); ``x`` may have leading axes."""
        size = weights.shape[1]
        return state, Activity(pre=x[..., :size], post=x[..., size:])
