"""The hierarchical associative memory: layers declared by their Lagrangians."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from canns._keys import as_key
from canns._placement import host
from canns._validation import check_choice, check_matrix, check_size
from canns._warnings import warn
from canns.dynamics import HierarchicalMemory, LagrangianLayer, OnStep, RecallResult
from canns.errors import ValidationError
from canns.models.boxes import FastState, Weights, array_in
from canns.models.brain_inspired.lookup import all_or_nothing
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.typing import AnyArray, Array, ArrayLike, BoolArray, Rows

__all__ = ["HierarchicalAssociativeMemory"]


class HierarchicalAssociativeMemory(RecurrentNetwork):
    r"""Layers of neurons, each with a Lagrangian, joined by symmetric synapses.

    .. math::
        \tau_A \frac{dx_A}{dt} = I_A + \sum_B W_{AB}\, g_B - x_A, \qquad
        g_A = \frac{\partial L_A}{\partial x_A}

    The energy

    .. math::
        E = \sum_A \bigl[(x_A - I_A) \cdot g_A - L_A(x_A)\bigr] - \sum_{A < B} g_A^T W_{AB}\, g_B

    never rises along the flow if each L is convex; see
    :class:`~canns.dynamics.HierarchicalMemory`, which also names the networks that are special
    cases: the classical, the dense and the modern Hopfield network.

    The state ``s`` holds the potentials of all layers that have a time constant, side by side;
    :meth:`join` makes states and :meth:`split` cuts them. The weights of the synapse ("a", "b") are
    in the box ``W_a_b``, (size of a, size of b), zeros at first. Write them, :meth:`draw` them at
    random to learn them by gradient descent (through :func:`canns.dynamics.recall` with the pure
    :attr:`dynamics`), or :meth:`store` patterns in a layer of memories.

    Args:
        layers: The layers; one that is to hold memories has ``tau=None`` and a size of 0 at first.
        synapses: Pairs of names of layers that are joined, memories first.
        dt: Duration of an update, in the unit of tau.
        name: Name of the model.

    Raises:
        ValidationError: If an argument is out of range, or names a layer that does not exist.

    Example:
        >>> from canns.dynamics import LogSumExp
        >>> net = HierarchicalAssociativeMemory(
        ...     [LagrangianLayer("v", 3), LagrangianLayer("h", 0, LogSumExp(beta=4.0), tau=None)],
        ...     [("h", "v")],
        ... )
        >>> net.store([[0.5, -1.0, 2.0], [1.0, 2.0, 0.0]])
        >>> net.predict([0.5, 0.0, 1.5], num_iter=50).round(3).tolist()
        [0.5, -1.0, 2.0]

    Source: Krotov (2021), arXiv:2107.06446; Krotov & Hopfield (2021), ICLR, arXiv:2008.06996;
    Hoover, Chau, Strobelt & Krotov (2022), arXiv:2210.17419.
    """

    stores_by_hebb: ClassVar[bool] = False
    couples: ClassVar[bool] = False
    _kept_as: ClassVar[dict[str, str]] = {}

    def __init__(
        self,
        layers: Sequence[LagrangianLayer],
        synapses: Sequence[tuple[str, str]],
        dt: float = 1.0,
        *,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.layers = _listed("layers", layers)
        pairs = _listed("synapses", synapses)
        self.synapses = tuple(tuple(pair) if isinstance(pair, list) else pair for pair in pairs)
        self.dt = dt
        self.dynamics.validate()
        sizes = {layer.name: layer.size for layer in self.layers}
        for first, second in self.synapses:
            box = Weights(jnp.zeros((sizes[first], sizes[second])))
            setattr(self, _box_name(first, second), box)
        self.s = FastState(jnp.zeros(self.dynamics.num_neurons))

    @property
    def dynamics(self) -> HierarchicalMemory:
        """The pure dynamics with the present layers."""
        return HierarchicalMemory(self.layers, self.synapses, dt=self.dt)

    @property
    def num_neurons(self) -> int:
        """Number of neurons of all layers that have a time constant."""
        return self.dynamics.num_neurons

    @property
    def W(self) -> Weights:  # type: ignore[override]
        """The box of the first synapse."""
        return self._box(self.synapses[0])

    @property
    def couplings(self) -> tuple[Array, ...]:
        """The weights of each synapse, in their order."""
        return tuple(array_in(self._box(pair)) for pair in self.synapses)

    @all_or_nothing
    def draw(self, seed: int | Array | None = None) -> None:
        r"""Draw all weights from a Gaussian of variance :math:`1/(N_A + N_B)`.

        Args:
            seed: An int or a JAX key; None draws one from ``brainstate.random``.
        """
        keys = jax.random.split(as_key(seed), len(self.synapses))
        for pair, key in zip(self.synapses, keys, strict=True):
            box = self._box(pair)
            shape = box.value.shape
            drawn = jax.random.normal(key, shape) / np.sqrt(sum(shape) or 1)
            box.value = (drawn + drawn.T) / np.sqrt(2) if pair[0] == pair[1] else drawn

    def join(self, **potentials: Rows) -> AnyArray:
        """Return states, (B, N), from the potentials of some layers; the others are 0.

        Args:
            **potentials: Potentials, (B, size), by the name of their layer.

        Raises:
            ValidationError: If a name is none of a layer with a time constant, or numbers of rows
                differ.
        """
        slow = {layer.name: layer.size for layer in self.dynamics.slow}
        if not potentials:
            raise ValidationError("potentials", f"of one of {', '.join(slow)}", "none")
        rows = {
            check_choice("the layer", name, slow): check_matrix(name, given, slow[name])
            for name, given in potentials.items()
        }
        counts = {name: len(given) for name, given in rows.items()}
        if len({*counts.values()}) > 1:
            raise ValidationError("potentials", "of equally many rows", f"{counts}")
        count = next(iter(counts.values()))
        parts = [rows.get(name, np.zeros((count, size))) for name, size in slow.items()]
        joined: AnyArray = np.concatenate(parts, axis=1)
        return joined

    def split(self, states: Rows) -> dict[str, AnyArray]:
        """Return the potentials of each layer in ``states``, (B, N), by name."""
        rows = jnp.asarray(self._rows("states", states))
        return {name: host(part) for name, part in self.dynamics.split(rows).items()}

    def activities(self, states: Rows) -> dict[str, AnyArray]:
        """Return the activities of each layer, instant ones included, at ``states``, (B, N)."""
        rows = jnp.asarray(self._rows("states", states))
        self.dynamics.validate()
        found = self.dynamics.activities(self.couplings, rows)
        return {name: host(part) for name, part in found.items()}

    def mask(self, *names: str) -> BoolArray:
        """Return True for the neurons of these layers, (N,): what :meth:`recall` can clamp.

        Args:
            *names: Names of layers that have a time constant.
        """
        slow = {layer.name: layer.size for layer in self.dynamics.slow}
        for name in names:
            check_choice("the layer", name, slow)
        parts = [np.full(size, name in names) for name, size in slow.items()]
        joined: BoolArray = np.concatenate(parts)
        return joined

    @all_or_nothing
    def store(self, patterns: Rows, layer: str | None = None) -> None:
        """Store patterns in a layer of memories, one neuron for each.

        Args:
            patterns: One pattern a row, (P, size of the layer that the memories are joined to).
            layer: The layer of memories; None if there is only one.

        Raises:
            ValidationError: If there is no such layer, or the patterns do not fit.
        """
        pair = self._memories(layer)
        box = self._box(pair)
        before = host(box.value)
        if before.size and not before.any():
            raise ValidationError(
                f"the layer {pair[0]!r}",
                "of size 0 at first, to grow by what is stored",
                f"{len(before)} neurons of weight 0",
                "Write its weights, or declare it with a size of 0.",
            )
        rows = check_matrix("patterns", patterns, before.shape[1])
        size = len(before) + len(rows)
        self.layers = tuple(
            dataclasses.replace(one, size=size) if one.name == pair[0] else one
            for one in self.layers
        )
        box.value = np.concatenate([before, rows.astype(before.dtype)])

    def apply_hebbian_learning(self, train_data: Rows) -> None:
        """Store patterns, as :meth:`store` does.

        Args:
            train_data: One pattern a row.
        """
        self.store(train_data)

    def recall_states(
        self,
        name: str,
        states: AnyArray,
        num_iter: int,
        threshold: float = 1e-10,
        seed: int | Array | None = None,
        clamped: ArrayLike | None = None,
        temperatures: Array | AnyArray | None = None,
        compiled: bool = True,
        on_step: OnStep | None = None,
    ) -> tuple[RecallResult, Array | AnyArray]:
        """Run :meth:`recall` on checked arguments; warn if an update may raise the energy."""
        network = self.dynamics
        network.validate()
        if network.may_rise(self.couplings):
            warn(
                f"Updates of dt = {self.dt:g} may raise the energy, and need not come to rest.",
                f"Take a dt of at most {network.largest_dt(self.couplings):.3g}.",
            )
        options = seed, clamped, temperatures, compiled, on_step
        return super().recall_states(name, states, num_iter, threshold, *options)

    def warn_if_blank(self) -> None:
        """Warn if all weights are 0, so that no cue can be recalled."""
        if not any(np.asarray(weights).any() for weights in self.couplings):
            warn(
                f"{type(self).__name__}: all its weights are 0, so no cue recalls anything.",
                "Call store(patterns) or draw(), or write the weights.",
            )

    def resize(self, num_neurons: int, preserve_submatrix: bool = True) -> None:
        """Raise for any number but N, which would not say which layer is to change."""
        if check_size("num_neurons", num_neurons) != self.num_neurons:
            expected = f"{self.num_neurons}, the sum over layers"
            raise ValidationError("num_neurons", expected, f"{num_neurons}", "Make a new network.")

    def _box(self, pair: tuple[str, str]) -> Weights:
        box: Weights = getattr(self, _box_name(*pair))
        return box

    def _memories(self, layer: str | None) -> tuple[str, str]:
        """Return the only synapse of a layer of memories, which is instant and stands first."""
        instant = {one.name for one in self.layers if one.is_instant}
        ends = [name for pair in self.synapses for name in pair]
        found = {
            pair[0]: pair
            for pair in self.synapses
            if pair[0] in instant and ends.count(pair[0]) == 1
        }
        if layer is not None:
            return found[check_choice("layer", layer, found)]
        if len(found) != 1:
            raise ValidationError(
                "layer",
                "a layer of memories: of tau=None, and the first of one synapse",
                f"None, for {', '.join(found) or 'no such layer'}",
            )
        return next(iter(found.values()))


def _box_name(first: str, second: str) -> str:
    return f"W_{first}_{second}"


def _listed(name: str, values: object) -> tuple:  # type: ignore[type-arg]  # checked by the dynamics
    if isinstance(values, str) or not isinstance(values, Iterable):
        raise ValidationError(name, "a sequence", repr(values))
    return tuple(values)
