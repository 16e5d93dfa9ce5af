"""Storage of patterns that are kept in place of the couplings that they make."""

import math
from abc import abstractmethod
from typing import Any, NamedTuple

import jax
from numpy.typing import NDArray

from canns._memory import check_memory, readable
from canns._validation import check_choice, float_dtype
from canns.dynamics import StoredPatterns, no_patterns
from canns.dynamics.couplings.host_patterns import is_two_valued, join_stored, store, to_device
from canns.dynamics.couplings.matrix import Symmetric
from canns.errors import ValidationError
from canns.models.boxes import in_transformation
from canns.models.brain_inspired.coupling_box import CouplingBox, patterns_in
from canns.models.brain_inspired.method import METHODS, Load, Method, choose_form
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.plasticity import Identity, Projection, Rule, ZeroDiagonal
from canns.typing import Array

__all__ = ["Keeping", "KeepsPatterns"]

_SMALL = 1 << 26  # bytes of a matrix that a transformation computes from, whatever the method


class Keeping(NamedTuple):
    """How patterns are kept: by which rule and constraint, and whether as bits."""

    rule: Rule
    project: Projection
    packed: bool


class KeepsPatterns(RecurrentNetwork):
    """A network that may keep the patterns that its weights are made of in place of them."""

    W: CouplingBox
    num_neurons: int
    _method: Method

    @abstractmethod
    def _load(self, num_patterns: int, two_valued: bool) -> Load:
        """Return what the network holds with so many patterns, for the choice of a form."""

    @property
    def method(self) -> Method:
        """What a recall computes its fields from, as it was chosen."""
        return self._method

    @property
    def only_patterns(self) -> bool:
        """Whether the method that was chosen never builds W."""
        return self._method in ("factored", "packed")

    @property
    def couplings(self) -> Array | StoredPatterns | Symmetric:
        """W, the patterns that stand for it, or both, as the method has it."""
        stored = patterns_in(self.W)
        if stored is None:
            matrix = self.matrix()
            if self.only_patterns and not isinstance(matrix, jax.core.Tracer):
                raise self._keeps_patterns("weights that were written as a matrix")
            return matrix
        if in_transformation():
            # There the matrix is what a loop may write to, or what a gradient is taken for.
            small = math.prod(stored.shape) * float_dtype().itemsize <= _SMALL
            return self.W.read_stored() if self.only_patterns and not small else self.matrix()
        form = choose_form(self._method, self._load(stored.num_patterns, stored.packed))
        if form in ("factored", "packed"):
            return stored
        built = self.matrix()
        return Symmetric(built, stored) if form == "mixed" else built

    def _keeps_patterns(self, got: str) -> ValidationError:
        return ValidationError(
            "W",
            f"made of patterns for method={self._method!r}",
            got,
            "Store by Hebb's or the covariance rule, or, at first, the pseudo-inverse rule, with "
            "ZeroDiagonal() or no projection; or take method='dense'.",
        )

    def _hold_nothing(self, size: int, method: Method) -> None:
        """Make the box of the weights of ``size`` neurons, of which there are none yet."""
        self._method = check_choice("method", method, METHODS)
        if method == "dense":
            self._check_dense(size)
        self.W = CouplingBox(no_patterns(size, float_dtype()))

    def _check_dense(self, size: int) -> None:
        check_memory(
            "num_neurons",
            float_dtype().itemsize * size**2,
            "W",
            f"method='factored' keeps the patterns, {readable(size)} each if they are "
            f"+-1, and method='packed' an eighth of that.",
        )

    def keeping(self, rule: Rule, project: Projection, inputs: NDArray[Any]) -> Keeping | None:
        """Return how ``inputs`` are to be kept in place of W, or None where W learns them.

        Args:
            rule: The rule.
            project: The constraint on the weights.
            inputs: The patterns as the rule takes them, (P, N).

        Raises:
            ValidationError: Where the method asks for patterns that cannot be kept.
        """
        stored = patterns_in(self.W)
        if stored is None or not _can_keep(rule, project, stored):
            if self.only_patterns:
                raise self._keeps_patterns(f"{type(rule).__name__} with {type(project).__name__}")
            return None
        two_valued = stored.packed and is_two_valued(inputs)
        load = self._load(stored.num_patterns + len(inputs), two_valued)
        form = choose_form(self._method, load)
        as_bits = form == "packed" or (form == "mixed" and two_valued)
        return None if form == "dense" else Keeping(rule, project, as_bits)

    def keep(self, how: Keeping, inputs: NDArray[Any]) -> None:
        """Add ``inputs``, (P, N), to the patterns, as :meth:`keeping` has found."""
        assert self.W.stored is not None, "see keeping"
        self.W.stored = _with_patterns(self.W.stored, inputs, how)


def _can_keep(rule: Rule, project: Projection, stored: StoredPatterns | None) -> bool:
    """Whether what ``rule`` learns can be kept as patterns.

    Args:
        rule: The rule.
        project: The constraint, of which only an empty diagonal can be kept.
        stored: What the network holds as patterns, or None where it holds a matrix.
    """
    if stored is None or not isinstance(project, Identity | ZeroDiagonal):
        return False
    # A rule of whole sets does not simply add to what is there.
    return rule.keeps and not (rule.whole and stored.num_patterns > 0)


def _with_patterns(stored: StoredPatterns, inputs: NDArray[Any], how: Keeping) -> StoredPatterns:
    """Return ``stored`` with ``inputs``, (P, N), added."""
    check_memory(
        "data",
        inputs.size // (8 if how.packed else 1),
        f"{len(inputs)} patterns",
        "method='packed' keeps patterns of two values in an eighth of a byte a neuron.",
    )
    hollow = isinstance(how.project, ZeroDiagonal)
    strengths, centre = how.rule.kept(inputs)
    added = store(inputs, strengths, centre, hollow=hollow, packed=how.packed)
    return to_device(join_stored(stored, added, hollow=hollow))
