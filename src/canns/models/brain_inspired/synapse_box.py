"""The box of a layer's synapses, and how they are made from connectivity."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Sharding

from canns._arrays import as_numpy
from canns._memory import check_memory
from canns._validation import check_array, float_dtype
from canns.dynamics import Connections, SparseSynapses
from canns.errors import ValidationError
from canns.models.boxes import Weights
from canns.typing import AnyArray, Array, FloatArray, PyTree

__all__ = ["Copies", "SynapseBox"]

_PAIRS, _WEIGHTS, _DELAYS = (".pre", ".post"), ".weights", ".delays"


@dataclass(frozen=True, eq=False)
class Copies:
    """The copies of inputs that arrive after different delays; see :class:`SynapticDelays`.

    Args:
        sources: The input of each copy, (copies,).
        steps: Its delay in steps, (copies,).
        dt: Length of a step in ms.
    """

    sources: AnyArray
    steps: AnyArray
    dt: float

    @property
    def longest(self) -> int:
        """The longest delay in steps."""
        return int(self.steps.max(initial=0))


class SynapseBox(Weights):
    """The weights of some of the pairs of neurons.

    ``.value`` is :class:`~canns.dynamics.SparseSynapses`; ``.listed`` are the weights as a list.
    The box itself reads as its matrix, (out, in), which takes memory for each pair. Write a list, a
    matrix that is zero where there is no synapse, a SciPy matrix, or synapses between the same
    neurons.

    Args:
        value: The synapses.
        input_size: The number of inputs.
        copies: The copies of inputs, of which the columns of ``value`` are; None if they are the
            inputs themselves.
    """

    _copies: Copies | None
    _input_size: int

    def __init__(
        self, value: SparseSynapses, input_size: int, copies: Copies | None = None
    ) -> None:
        held = vars(self)  # past brainstate, which has not made the state yet
        held["_copies"], held["_input_size"] = copies, input_size
        super().__init__(value)  # type: ignore[arg-type]

    if TYPE_CHECKING:

        @property  # type: ignore[override]
        def value(self) -> SparseSynapses:
            """The synapses."""

        @value.setter
        def value(self, value: PyTree) -> None: ...

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of neurons and of inputs, (out, in)."""
        return self.value.shape[0], self._input_size

    @property
    def copies(self) -> Copies | None:
        """The copies of inputs that arrive late; None for synapses without delays."""
        return self._copies

    @property
    def listed(self) -> Array:
        """The weights as a list, (synapses,), in the order of the layer's ``connectivity``."""
        value = self.value
        return value.listed(value.values)

    @property
    def connections(self) -> Connections:
        """The input and the neuron of each synapse."""
        pre, post, _ = self.value.pairs()
        if self._copies is not None:
            pre = self._copies.sources[pre]
        return Connections(self.shape, pre.astype(np.int32), post.astype(np.int32))

    @property
    def delays(self) -> FloatArray | None:
        """The delay of each synapse in ms, (synapses,); None for synapses without delays."""
        if self._copies is None:
            return None
        column, _, _ = self.value.pairs()
        ms: FloatArray = self._copies.dt * self._copies.steps[column].astype(float)
        return ms

    @property
    def array(self) -> Array:
        """The matrix, (out, in), zero where there is no synapse."""
        out, in_ = self.shape
        needed = 2 * self.dtype.itemsize * out * in_
        check_memory("W", needed, f"a matrix of {out} x {in_}", "Read W.listed, a list.")
        made = self.connections
        matrix: Array = jnp.zeros((out, in_), self.dtype).at[made.post, made.pre].set(self.listed)
        return matrix

    def _write_value(self, v: PyTree) -> None:
        self._hold(self.as_held(v))  # no array is ready to be held

    def as_held(self, value: object) -> PyTree:
        """Return what the box holds if ``value`` is written to it."""
        held: SparseSynapses | None = vars(self).get("_value")
        if isinstance(value, SparseSynapses):
            _check_same(held, value)
            made = value if held is None else held.with_values(value.values)
            return made.with_values(made.values.astype(float_dtype()))
        assert held is not None, "the first value is of synapses"
        return held.with_values(held.from_list(self._list_of(value)))

    def _list_of(self, value: Any) -> Array:
        """Return weights, given as a list or as a matrix, as a list."""
        if isinstance(value, jax.core.Tracer):
            return value
        count = len(vars(self)["_value"].order)
        if hasattr(value, "tocsr") or np.ndim(value) == 2:
            value = self._entries(value)
        given = check_array("W", value)
        if given.shape not in ((), (count,)):
            expected = (
                f"a list of {count} weights, one for each synapse, or a matrix of {self.shape}"
            )
            raise ValidationError("W", expected, f"shape {given.shape}")
        return jnp.broadcast_to(jnp.asarray(given, float_dtype()), (count,))

    def _entries(self, matrix: Any) -> AnyArray:
        """Return the entries of a matrix where there are synapses; raise if there are others."""
        sparse = hasattr(matrix, "tocsr")
        rows: Any = matrix.tocsr() if sparse else as_numpy("W", matrix)
        if rows.shape != self.shape:
            raise ValidationError("W", f"a matrix of {self.shape}", f"shape {rows.shape}")
        made = self.connections
        found = np.asarray(rows[made.post, made.pre]).reshape(-1)
        nonzero = rows.count_nonzero() if sparse else np.count_nonzero(rows)
        if nonzero != np.count_nonzero(found):
            other = int(nonzero - np.count_nonzero(found))
            expected = "0 where the layer has no synapse"
            remedy = "Build another layer for other connectivity."
            raise ValidationError("W", expected, f"{other} other weights", remedy)
        return found

    def place(self, sharding: Sharding) -> None:
        """Raise, because a step visits the synapses of any input, wherever it is."""
        raise self.unplaceable()

    def check_placeable(self, sharding: Sharding) -> None:
        """Raise, because these weights cannot be spread over devices."""
        raise self.unplaceable()

    @staticmethod
    def unplaceable() -> ValidationError:
        """Return the error of a model that is to be spread over devices."""
        expected = "one whose weights are a matrix: a step visits the synapses of any input"
        remedy = "Keep the layer on one device, or build it without connectivity."
        return ValidationError("target", expected, "one with connectivity", remedy)

    def arrays(self) -> dict[str, AnyArray]:
        """Return the arrays to save, by the suffix that each adds to the box's name."""
        made, delays = self.connections, self.delays
        ends = dict(zip(_PAIRS, made[1:], strict=True))
        late = {} if delays is None else {_DELAYS: delays}
        return {**ends, _WEIGHTS: np.asarray(self.listed), **late}

    def restore(self, arrays: dict[str, AnyArray], shape: tuple[int | None, ...]) -> bool:
        """Write what :meth:`arrays` returned; return False if it is of other synapses."""
        own = self.arrays()
        alike = own.keys() == arrays.keys() and own[_WEIGHTS].shape == arrays[_WEIGHTS].shape
        if not alike or any(not np.array_equal(own[end], arrays[end]) for end in _PAIRS):
            return False
        self.value = arrays[_WEIGHTS]
        return True

    def __reduce__(self) -> tuple[object, ...]:
        value: SparseSynapses = self.value
        return _rebuilt, (*value.pairs(), value.shape, self._input_size, self._copies)

    def __pretty_repr_item__(self, k: str, v: object) -> tuple[object, object] | None:
        if k in ("_copies", "_input_size"):
            return None
        item: tuple[object, object] | None = super().__pretty_repr_item__(k, v)  # type: ignore[no-untyped-call]
        return item


def _check_same(held: SparseSynapses | None, value: SparseSynapses) -> None:
    """Raise if synapses are not between the same neurons as those that a box holds."""
    if held is None or held.targets is value.targets:
        return
    alike = held.shape == value.shape and held.targets.shape == value.targets.shape
    traced = isinstance(value.targets, jax.core.Tracer) or isinstance(held.targets, jax.core.Tracer)
    if not alike or not (traced or np.array_equal(held.targets, value.targets)):
        expected = f"{held.count} synapses between the same neurons as before"
        remedy = "Build another layer for other connectivity."
        raise ValidationError("W", expected, f"{value.count} synapses", remedy)


def _rebuilt(
    pre: AnyArray,
    post: AnyArray,
    weights: AnyArray,
    shape: tuple[int, int],
    input_size: int,
    copies: Copies | None,
) -> SynapseBox:
    return SynapseBox(SparseSynapses.from_pairs(shape, pre, post, weights), input_size, copies)
