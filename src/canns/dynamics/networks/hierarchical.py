"""Hierarchical associative memory: layers defined by Lagrangians, joined by symmetric synapses."""

import math

import jax.numpy as jnp

from canns._precision import product
from canns._validation import check_real
from canns.dynamics.lagrangians.layer import LagrangianLayer
from canns.dynamics.network import Network
from canns.dynamics.networks.joined_layers import check_layers, check_synapses, check_weights
from canns.dynamics.networks.stable_step import largest_step, may_rise
from canns.errors import ValidationError
from canns.typing import Array, ArrayLike, pytree, static

__all__ = ["HierarchicalMemory"]


@pytree
class HierarchicalMemory(Network):
    r"""Layers A, B, ... with potentials x and activities g, joined by symmetric synapses.

    .. math::
        E = \sum_A \bigl[(x_A - I_A) \cdot g_A - L_A(x_A)\bigr] -
        \sum_{A < B} g_A^T W_{AB}\, g_B - \tfrac12 \sum_A g_A^T W_{AA}\, g_A,
        \qquad g_A = \frac{\partial L_A}{\partial x_A}

    .. math::
        \tau_A \frac{dx_A}{dt} = -\frac{\partial E}{\partial g_A} =
        I_A + \sum_B W_{AB}\, g_B - x_A

    Along the flow
    :math:`dE/dt = -\sum_A \tau_A\, \dot x_A^T (\partial^2 L_A / \partial x_A^2)\, \dot x_A`, which
    is never positive if every L is convex. Instant layers, of ``tau=None``, are at
    :math:`x_A = I_A + \sum_B W_{AB}\, g_B` and leave an energy of the others alone. They may be
    joined to others only.

    States, (B, N), hold the potentials of the layers that are not instant, side by side. Weights
    are a tuple of one matrix per synapse, of shape (size of the first layer, size of the second);
    that of a layer with itself is symmetric. One update is an exponential Euler step of every
    layer at once, :math:`x \leftarrow e^{-dt/\tau} x + (1 - e^{-dt/\tau}) (I + \sum W g)`. It never
    raises E if dt is at most :meth:`largest_dt`.

    Known networks are special cases, here with one layer v and, at most, an instant layer h of
    memories, whose weights are the patterns, one in a row:

    - :class:`ContinuousHopfield` of symmetric W: v joined to itself by W, with :class:`LogCosh`
      or :class:`Softplus`. Same updates and energies at the same dt, tau, gain and current.
    - :class:`Hopfield` of symmetric W, all neurons at once: v joined to itself by W, with
      :class:`Absolute` and an infinite dt. Its states are the signs of the potentials, the energies
      are the same, and the updates are the same unless a local field is exactly 0.
    - :class:`ModernHopfield`: v with :class:`Quadratic`, h with :class:`LogSumExp` or
      :class:`Sparsemax`, and an infinite dt. Same updates; its energy is this one plus
      :math:`\ln P/\beta + \tfrac12 M^2`, for sparsemax :math:`(1 - 1/P)/(2\beta) + \tfrac12 M^2`.
    - :class:`DensePolynomial`: v with :class:`Absolute`, h with ``Power(n, rectified=False)``. Its
      energy is this one times :math:`n N^{1-n}`. Its updates compare the energies of both states of
      a neuron; these follow the derivative instead, which also counts the neuron's own state. For
      n = 2 they are the same if v is also joined to itself by :math:`-P` times the identity.

    Args:
        layers: The layers.
        synapses: Pairs of names of layers that are joined.
        dt: Length of a step, in the unit of tau; infinite for whole steps.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import LagrangianLayer, LogSumExp, recall
        >>> x = jnp.array([[0.5, -1.0, 2.0], [1.0, 2.0, 0.0]])
        >>> layers = (
        ...     LagrangianLayer("pixels", 3),
        ...     LagrangianLayer("memories", 2, LogSumExp(beta=4.0), tau=None),
        ... )
        >>> network = HierarchicalMemory(layers, (("memories", "pixels"),), dt=1.0)
        >>> cue = jnp.array([[0.5, 0.0, 1.5]])
        >>> found = recall(network, (x,), cue, key=jax.random.key(0), num_iter=99)
        >>> found.states.round(3).tolist()
        [[0.5, -1.0, 2.0]]

    The weights can be learnt by gradient descent through the recall:

        >>> def error(w, wanted):
        ...     end = recall(network, (w,), cue, key=None, num_iter=5, differentiable=True)
        ...     return jnp.sum((end.states - wanted) ** 2)
        >>> jax.grad(error)(x, jnp.zeros(3)).shape
        (2, 3)

    Source: Krotov & Hopfield (2021), ICLR, arXiv:2008.06996; Krotov (2021), arXiv:2107.06446;
    Hoover, Chau, Strobelt & Krotov (2022), arXiv:2210.17419.
    """

    layers: tuple[LagrangianLayer, ...]
    synapses: tuple[tuple[str, str], ...] = static()
    dt: float = 1.0

    def validate(self) -> None:
        """Raise if a layer or dt is out of range, or a synapse joins what cannot be joined."""
        check_layers(self.layers)
        for layer in self.layers:
            layer.validate()
        check_synapses(self.layers, self.synapses)
        if not (isinstance(self.dt, float) and self.dt == math.inf):
            check_real("dt", self.dt, low=0, open_low=True)

    @property
    def may_cycle(self) -> bool:
        """True: with too large a dt an update can alternate between two states."""
        return True

    @property
    def slow(self) -> tuple[LagrangianLayer, ...]:
        """The layers whose potentials are the states, in their order."""
        return tuple(layer for layer in self.layers if not layer.is_instant)

    @property
    def num_neurons(self) -> int:
        """N, the neurons of all layers that are not instant."""
        return sum(layer.size for layer in self.slow)

    def split(self, states: Array) -> dict[str, Array]:
        """Return the part of each slow layer in ``states``, (..., N), by name."""
        if states.shape[-1] != self.num_neurons:
            parts = ", ".join(f"{layer.name} {layer.size}" for layer in self.slow)
            expected = f"of {self.num_neurons} neurons: {parts}"
            raise ValidationError("states", expected, f"{states.shape[-1]}")
        return _cut(states, self.slow)

    def potentials(self, weights: tuple[Array, ...], states: Array) -> dict[str, Array]:
        """Return the potentials of each layer, also of the instant ones, by name."""
        return self._potentials(states, self.local_field(weights, states))

    def activities(self, weights: tuple[Array, ...], states: Array) -> dict[str, Array]:
        """Return the activities of each layer, also of the instant ones, by name."""
        potentials = self.potentials(weights, states)
        return {one.name: one.lagrangian.activity(potentials[one.name]) for one in self.layers}

    def local_field(self, weights: tuple[Array, ...], states: Array) -> Array:
        """Return I + sum of W g for all layers in their order, those of instant ones included."""
        check_weights(self.layers, self.synapses, weights)
        own = self.split(states)
        shapes = {layer.name: (*states.shape[:-1], layer.size) for layer in self.layers}
        inputs = {
            layer.name: jnp.broadcast_to(jnp.asarray(layer.current, states.dtype), shape)
            for layer, shape in zip(self.layers, shapes.values(), strict=True)
        }
        # First what the slow layers send, then what the instant ones, which they drive, send back.
        for source in (*self.slow, *(one for one in self.layers if one.is_instant)):
            x = inputs[source.name] if source.is_instant else own[source.name]
            g = source.lagrangian.activity(x)
            for (first, second), w in zip(self.synapses, weights, strict=True):
                if source.name == second:
                    inputs[first] = inputs[first] + product(g, w.T)
                elif source.name == first:
                    inputs[second] = inputs[second] + product(g, w)
        return jnp.concatenate([inputs[layer.name] for layer in self.layers], axis=-1)

    def energy(self, states: Array, field: Array) -> Array:
        """Return E of each row of ``states``, given its field, (B,)."""
        potentials, inputs = self._potentials(states, field), _cut(field, self.layers)
        total = jnp.zeros(states.shape[:-1], states.dtype)
        for layer in self.layers:
            x, current = potentials[layer.name], jnp.asarray(layer.current, states.dtype)
            g = layer.lagrangian.activity(x)
            # A synapse adds g W g to the inputs of both its layers, so each has half of its energy.
            from_synapses = -0.5 * (inputs[layer.name] - current)
            own = jnp.sum(g * (x - current + from_synapses), axis=-1)
            total = total + own - layer.lagrangian.value(x)
        return total

    def step(
        self,
        weights: tuple[Array, ...],
        prepared: tuple[()],
        states: Array,
        field: Array,
        key: Array,
        clamped: Array | None = None,
    ) -> Array:
        """Return the potentials, (B, N), after the time dt."""
        own, inputs = self.split(states), _cut(field, self.layers)
        moved = []
        for layer in self.slow:
            assert layer.tau is not None, "see slow"
            time = jnp.asarray(self.dt, states.dtype) / layer.tau
            stays, goes = jnp.exp(-time), -jnp.expm1(-time)
            moved.append(stays * own[layer.name] + goes * inputs[layer.name])
        return jnp.concatenate(moved, axis=-1)

    def largest_dt(self, weights: tuple[ArrayLike, ...]) -> float:
        r"""Return the largest dt at which no update raises E; infinite if none ever does.

        Let W be the matrix of all synapses between slow layers, and a the largest slope of each
        layer's activities. The condition is that

        .. math:: W + \mathrm{diag}\bigl(\coth(dt / 2\tau) / a\bigr)

        is positive semidefinite. Instant layers do not matter if their L is convex. It is 0 if a
        layer of unbounded slopes is joined to a slow layer; then it is unknown whether an update
        raises E. For one layer it is that of :meth:`ContinuousHopfield.largest_dt`, and the proof
        is the same.

        Args:
            weights: One matrix per synapse, as for the network.

        Example:
            >>> from canns.dynamics import LagrangianLayer
            >>> layers = LagrangianLayer("a", 1), LagrangianLayer("b", 1, tau=2.0)
            >>> network = HierarchicalMemory(layers, (("a", "b"),))
            >>> network.largest_dt(([[0.9]],))
            inf
            >>> round(network.largest_dt(([[1.5]],)), 3)
            2.386
        """
        self.validate()
        return largest_step(self.layers, self.synapses, weights)

    def may_rise(self, weights: tuple[ArrayLike, ...]) -> bool:
        """Return whether dt is above :meth:`largest_dt`, so that an update may raise E."""
        return may_rise(self.layers, self.synapses, weights, self.dt)

    def _potentials(self, states: Array, field: Array) -> dict[str, Array]:
        """Return the potentials of each layer; those of an instant one are its inputs."""
        own, inputs = self.split(states), _cut(field, self.layers)
        return {one.name: own.get(one.name, inputs[one.name]) for one in self.layers}


def _cut(rows: Array, layers: tuple[LagrangianLayer, ...]) -> dict[str, Array]:
    """Return the part of each layer in rows that hold them side by side."""
    start, parts = 0, {}
    for layer in layers:
        parts[layer.name] = rows[..., start : start + layer.size]
        start += layer.size
    return parts
