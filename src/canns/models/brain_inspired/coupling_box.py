"""The box of a coupling matrix that is built only if somebody reads it."""

from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
from jax.sharding import Sharding
from numpy.typing import NDArray

from canns._brainstate import brainstate
from canns._memory import check_memory
from canns._placement import check_divides
from canns._validation import float_dtype
from canns.dynamics import StoredPatterns, no_patterns
from canns.dynamics.couplings import WORD, in_numpy, to_device, without_padding
from canns.errors import ValidationError
from canns.models.boxes import Weights, fits, in_transformation
from canns.typing import Array

__all__ = ["CouplingBox", "patterns_in"]

_IN_FILES = StoredPatterns._fields[:6]  # all but the count, for no padding is written
_NOT_BUILT = 0.0  # in place of a matrix that is written over and never was read


class CouplingBox(Weights):
    """Weights W, (N, N), held as a matrix, or as the patterns that they are made of.

    ``.value`` reads as the matrix, which is then built, and takes one. What a recall runs on is
    :attr:`stored`, as long as nothing but patterns made the weights.

    The matrix is built outside of all tracing, so that it is an array that may be kept. While
    brainstate traces, it puts a tracer in the matrix's place and the array back afterwards; so
    the patterns count while the matrix that is held is the one that they made, and no longer.

    Args:
        value: The matrix, or the patterns.
    """

    _patterns: StoredPatterns | None
    _built: Array | None  # the matrix that the patterns made

    def __init__(self, value: Any) -> None:
        kept = value if isinstance(value, StoredPatterns) else None
        super().__init__(_NOT_BUILT if kept is not None else value)
        self._built = None
        # A state of its own, by which brainstate tracks a recall that reads only the patterns.
        self._tracked: Any = brainstate.State(kept)
        self._patterns = kept
        if kept is not None:
            self.stored = kept

    # brainstate reads and replaces `_value` itself, when it traces a state for the first time.
    if not TYPE_CHECKING:

        @property
        def _value(self) -> Any:
            held = vars(self)["_value"]
            return self._build() if held is None else held

        @_value.setter
        def _value(self, value: Any) -> None:
            vars(self)["_value"] = value

    @property
    def is_built(self) -> bool:
        """Whether the matrix is there, and does not have to be built."""
        return vars(self)["_value"] is not None

    @property
    def stored(self) -> StoredPatterns | None:
        """The couplings as patterns, or None if a matrix was written."""
        held = vars(self)["_value"]
        return self._patterns if held is None or held is self._built else None

    @stored.setter
    def stored(self, stored: StoredPatterns) -> None:
        vars(self)["_value"] = self._built = None
        self._patterns = self._tracked.value = stored

    def read_stored(self) -> StoredPatterns:
        """Return :attr:`stored` so that a brainstate transformation knows that it was read."""
        patterns: StoredPatterns = self._tracked.value
        return patterns

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the matrix, without building it."""
        if self._patterns is not None and not self.is_built:
            return self._patterns.shape
        return super().shape

    @property
    def dtype(self) -> Any:
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
        vars(self)["_value"] = self._built = built
        return built

    if not TYPE_CHECKING:

        @property
        def value(self) -> Array:
            """W, (N, N)."""
            return super().value

        @value.setter
        def value(self, value: Any) -> None:
            # Who writes asks for the old value first, which need not be built for that; but
            # brainstate has to see it, to know what it traces.
            unread = not self.is_built and not in_transformation()
            if unread:
                vars(self)["_value"] = _NOT_BUILT
            try:
                Weights.value.fset(self, value)
            except BaseException:
                if unread:
                    vars(self)["_value"] = None
                raise

    def _write_value(self, v: Any) -> None:
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
        """Put the matrix where ``sharding`` says; zeros are made there, part by part."""
        check_divides(self.shape, sharding)
        stored = self.stored
        if stored is not None and stored.num_patterns == 0:
            self.value = jnp.zeros(self.shape, float_dtype(), device=sharding)
        super().place(sharding)

    def snapshot(self) -> Any:
        """Return what :meth:`rewind` puts back."""
        return vars(self)["_value"], self._built, self._patterns

    def rewind(self, snapshot: Any) -> None:
        """Put back what was here when the snapshot was taken."""
        vars(self)["_value"], self._built, self._patterns = snapshot
        self._tracked.value = self._patterns

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return what a file holds of it, by what its name ends on."""
        stored = self.stored
        if stored is None:
            return super().arrays()
        plain = without_padding(stored)
        return {f".{name}": getattr(plain, name) for name in _IN_FILES}

    def restore(self, arrays: dict[str, NDArray[Any]], shape: tuple[int | None, ...]) -> bool:
        """Take what :meth:`arrays` returned, if it is of ``shape``."""
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
        """Return another box of the same weights."""
        other: CouplingBox = super().copy()  # type: ignore[assignment]  # of its own class
        other._tracked = self._tracked.copy()
        return other

    def to_state_ref(self) -> Any:
        """Return what brainstate copies the box by: patterns go along without their matrix."""
        if self.stored is None:
            return super().to_state_ref()
        held, self._built, vars(self)["_value"] = vars(self)["_value"], None, _NOT_BUILT
        try:
            reference = super().to_state_ref()
        finally:
            vars(self)["_value"] = self._built = held
        vars(reference)["value"] = None
        return reference

    def __pretty_repr_item__(self, k: str, v: Any) -> Any:
        if k in ("_patterns", "_built", "_tracked"):
            return None
        if k == "_value" and v is None:
            return "value", jax.ShapeDtypeStruct(self.shape, self.dtype)  # type: ignore[no-untyped-call]
        return super().__pretty_repr_item__(k, v)  # type: ignore[no-untyped-call]

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuilt, (self.arrays(), self.shape)


def patterns_in(box: Any) -> StoredPatterns | None:
    """Return the patterns that a box of weights keeps, or None if it holds a matrix.

    Args:
        box: A :class:`CouplingBox`, or any other state, which holds a matrix.
    """
    return box.stored if isinstance(box, CouplingBox) else None


def _consistent(stored: StoredPatterns) -> bool:
    """Whether the arrays of a file belong together."""
    count, size = len(stored.patterns), stored.shape[0]
    width = -(-size // WORD) if stored.packed else size
    return (
        stored.patterns.shape == (count, width)
        and stored.centres().shape == (count,)
        and stored.strengths.shape in ((count,), (count, count))
        and stored.self_couplings().shape == stored.norms_of_rows().shape == (size,)
    )


def _rebuilt(arrays: dict[str, NDArray[Any]], shape: tuple[int, ...]) -> CouplingBox:
    box = CouplingBox(no_patterns(shape[0], float_dtype()))
    box.restore(arrays, shape)
    return box
