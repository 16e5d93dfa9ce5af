"""The box of a coupling matrix that is built when it is first read."""

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Sharding
from numpy.typing import ArrayLike

from canns._brainstate import brainstate
from canns._memory import check_memory
from canns._placement import check_divides
from canns._validation import float_dtype
from canns.dynamics import StoredPatterns, no_patterns
from canns.dynamics.couplings import WORD, in_numpy, to_device, without_padding
from canns.errors import ValidationError
from canns.models.boxes import Weights, fits, in_transformation
from canns.typing import AnyArray, Array, PyTree

__all__ = ["CouplingBox", "patterns_in"]

_IN_FILES = StoredPatterns._fields[:6]  # not the count: files hold no padding, so it is the length
_NOT_BUILT = 0.0  # stands for a matrix that is overwritten before anyone reads it


class CouplingBox(Weights):
    """Weights W, (N, N), held as a matrix or as the patterns that they are made of.

    Reading ``.value`` builds the matrix; writing to it replaces the patterns. Recall uses
    :attr:`stored` as long as the weights are made of patterns only.

    The matrix is built outside of all tracing, so it is a concrete array, which the box can keep.
    While brainstate traces, it replaces the matrix with a tracer, and afterwards puts the array
    back. So the patterns are valid exactly while the box holds the very matrix that they made.

    Args:
        value: The matrix, or the patterns.
    """

    _patterns: StoredPatterns | None
    _built: Array | None  # the matrix made of the patterns

    def __init__(self, value: ArrayLike | StoredPatterns) -> None:
        kept = value if isinstance(value, StoredPatterns) else None
        super().__init__(_NOT_BUILT if isinstance(value, StoredPatterns) else value)
        self._built = None
        # A second state, by which brainstate tracks a recall that reads only the patterns.
        self._tracked: brainstate.State[PyTree] = brainstate.State(kept)
        self._patterns = kept
        if kept is not None:
            self.stored = kept

    # brainstate itself reads and replaces `_value` when it first traces a state.
    if not TYPE_CHECKING:

        @property
        def _value(self) -> PyTree:
            held = vars(self)["_value"]
            return self._build() if held is None else held

        @_value.setter
        def _value(self, value: PyTree) -> None:
            vars(self)["_value"] = value

    @property
    def is_built(self) -> bool:
        """Whether the matrix is built."""
        return vars(self)["_value"] is not None

    @property
    def stored(self) -> StoredPatterns | None:
        """The patterns that the weights are made of, or None if a matrix was written."""
        held = vars(self)["_value"]
        return self._patterns if held is None or held is self._built else None

    @stored.setter
    def stored(self, stored: StoredPatterns) -> None:
        before = self.snapshot()
        try:
            self._tracked.value = stored
            vars(self)["_value"], self._built, self._patterns = None, None, stored
        except BaseException:
            self.rewind(before)
            raise

    def read_stored(self) -> StoredPatterns:
        """Return :attr:`stored`, and let a brainstate transformation record that it was read."""
        patterns: StoredPatterns = self._tracked.value
        return patterns

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the matrix, without building it."""
        if self._patterns is not None and not self.is_built:
            return self._patterns.shape
        return super().shape

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """The type of the entries, without building the matrix."""
        return super().dtype if self.is_built else float_dtype()

    def _build(self) -> Array:
        assert self._patterns is not None, "neither a matrix nor patterns"
        size = len(self._patterns.diagonal)
        check_memory(
            "W",
            2 * float_dtype().itemsize * size**2,
            f"a matrix of {size} x {size}",
            "Recall without it: method='factored' or 'packed' keeps the patterns.",
        )
        with jax.ensure_compile_time_eval():
            built = self._placed(self._patterns.matrix())
        # In this order: a thread between the two finds the patterns, as before.
        self._built = vars(self)["_value"] = built
        return built

    if not TYPE_CHECKING:

        @property
        def value(self) -> Array:
            """W, (N, N)."""
            return super().value

        @value.setter
        def value(self, value: ArrayLike) -> None:
            # brainstate's setter reads the old value. Outside of a transformation a placeholder
            # saves building it; inside, brainstate must see the real value to trace it.
            unread = not self.is_built and not in_transformation()
            before = self.snapshot()
            try:
                if unread:
                    vars(self)["_value"] = _NOT_BUILT
                Weights.value.fset(self, value)
            except BaseException:
                if unread:
                    self.rewind(before)
                raise

    def _write_value(self, v: ArrayLike) -> None:
        if in_transformation():
            if any(isinstance(x, jax.core.Tracer) for x in jax.tree.leaves(self._tracked._value)):
                raise ValidationError(
                    "W",
                    "read or written in one transformation, not recalled from and then written,",
                    "both",
                    "Recall with method='dense', or train outside of the transformation.",
                )
            super()._write_value(v)
            return
        super()._write_value(v)
        self._patterns = self._tracked.value = self._built = None

    def place(self, sharding: Sharding) -> None:
        """Move the matrix to the devices of ``sharding``; zeros are created there, part by part."""
        check_divides(self.shape, sharding)
        stored = self.stored
        if stored is not None and stored.num_patterns == 0:
            self.value = jnp.zeros(self.shape, float_dtype(), device=sharding)
        super().place(sharding)

    def snapshot(self) -> PyTree:
        """Return the matrix and the patterns, for :meth:`rewind`."""
        return vars(self)["_value"], self._built, self._patterns

    def rewind(self, snapshot: PyTree) -> None:
        """Restore what :meth:`snapshot` returned."""
        vars(self)["_value"], self._built, self._patterns = snapshot
        self._tracked.value = self._patterns

    def arrays(self) -> dict[str, AnyArray]:
        """Return the arrays to save, by the suffix that each adds to the box's name."""
        stored = self.stored
        if stored is None:
            return super().arrays()
        plain = without_padding(stored)
        return {f".{name}": getattr(plain, name) for name in _IN_FILES}

    def restore(self, arrays: dict[str, AnyArray], shape: tuple[int | None, ...]) -> bool:
        """Write what :meth:`arrays` returned; return False if it is not of ``shape``."""
        if "" in arrays:
            return super().restore(arrays, shape)
        names = [f".{name}" for name in _IN_FILES]
        if sorted(arrays) != sorted(names):
            return False
        stored = to_device(in_numpy(*map(arrays.__getitem__, names)))
        if not fits(stored.shape, shape) or not _consistent(stored):
            return False
        self.stored = stored
        return True

    def copy(self) -> "CouplingBox":
        """Return a new box of the same weights."""
        other: CouplingBox = super().copy()  # type: ignore[assignment]  # of its own class
        other._tracked = self._tracked.copy()
        return other

    def to_state_ref(self) -> brainstate.TreefyState[PyTree]:
        """Return brainstate's reference for copies, with the patterns but without their matrix."""
        if self.stored is None:
            return super().to_state_ref()
        held = vars(self)["_value"]
        try:
            self._built, vars(self)["_value"] = None, _NOT_BUILT
            reference = super().to_state_ref()
        finally:
            vars(self)["_value"] = self._built = held
        vars(reference)["value"] = None
        return reference

    def __pretty_repr_item__(self, k: str, v: object) -> tuple[object, object] | None:
        if k in ("_patterns", "_built", "_tracked"):
            return None
        if k == "_value" and v is None:
            return "value", jax.ShapeDtypeStruct(self.shape, self.dtype)  # type: ignore[no-untyped-call]
        item: tuple[object, object] | None = super().__pretty_repr_item__(k, v)  # type: ignore[no-untyped-call]
        return item

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuilt, (self.arrays(), self.shape)


def patterns_in(box: object) -> StoredPatterns | None:
    """Return the patterns in a weights box, or None if it holds a matrix.

    Args:
        box: A :class:`CouplingBox`, or any other state, which holds a matrix.
    """
    return box.stored if isinstance(box, CouplingBox) else None


def _consistent(stored: StoredPatterns) -> bool:
    """Whether the shapes of the arrays in a file fit each other."""
    count, size = len(stored.patterns), stored.shape[0]
    width = -(-size // WORD) if stored.packed else size
    return (
        stored.patterns.shape == (count, width)
        and stored.centres().shape == (count,)
        and stored.strengths.shape in ((count,), (count, count))
        and stored.self_couplings().shape == stored.norms_of_rows().shape == (size,)
    )


def _rebuilt(arrays: dict[str, AnyArray], shape: tuple[int, ...]) -> CouplingBox:
    box = CouplingBox(no_patterns(shape[0], float_dtype()))
    box.restore(arrays, shape)
    return box
