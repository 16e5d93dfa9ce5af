"""Storage of patterns that are kept in place of the couplings that they make."""

import math
from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

import jax
from numpy.typing import NDArray

from canns._memory import check_memory, readable
from canns._validation import check_choice, float_dtype
from canns.dynamics import Clamped, NoState, StoredPatterns, no_patterns
from canns.dynamics.couplings import Symmetric, is_two_valued, join_stored, store, to_device
from canns.errors import ValidationError
from canns.models.boxes import in_transformation
from canns.models.brain_inspired.coupling_box import CouplingBox, patterns_in
from canns.models.brain_inspired.lookup import overrides
from canns.models.brain_inspired.method import METHODS, Load, Method, choose_form
from canns.models.brain_inspired.recurrent import RecurrentNetwork
from canns.plasticity import Identity, Learner, Projection, Recorder, Rule, ZeroDiagonal
from canns.plasticity.learning import Places, Plan
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

    _unlisted: ClassVar[tuple[str, ...]] = ("keep", "keeping", "only_patterns")

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

    def _stored(self) -> str:
        stored = self.W.stored
        if stored is None:
            return ""
        return f"{stored.num_patterns} patterns" + (", as bits" if stored.packed else "")

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

    def accept(self, plan: Plan, rewards: Any = None) -> Plan:
        """Return the plan, with how the patterns are kept if they are kept in place of W."""
        how = None
        if plan.may_keep and plan.weight_attr == "W" and isinstance(plan.setup.neuron, Clamped):
            rows = plan.inputs
            if rows.shape[1] == self.num_neurons:
                plan.setup.rule.validate()
                how = self.keeping(plan.setup.rule, plan.setup.project, rows)
        if how is None:
            return super().accept(plan, rewards)
        plan.setup.check_rewarded(rewards is not None)
        start = Learner(self.W.stored, (), NoState(), ((), ()))
        return plan._replace(as_patterns=how, places=Places("W"), start=start)

    def obstacle(self, plan: Plan) -> str | None:
        """Return that it keeps patterns, if it does."""
        if plan.as_patterns is None:
            return None
        return "which keeps patterns, all at once; with method='dense' it takes one"

    def takes_all(self, plan: Plan) -> bool:
        """Whether all patterns have to be there at once."""
        if plan.as_patterns is None:
            return super().takes_all(plan)
        return plan.setup.rule.shown == "whole"

    def at_once(self, plan: Plan) -> bool:
        """Whether all samples are learnt together."""
        return plan.as_patterns is not None or super().at_once(plan)

    def learn(
        self,
        plan: Plan,
        learner: Learner,
        inputs: NDArray[Any],
        *,
        rewards: NDArray[Any] | None = None,
        compiled: bool = True,
        first_step: int = 0,
        recorder: Recorder | None = None,
    ) -> Learner:
        """Return the learner after one pass over ``inputs``, which may be kept as they are."""
        if plan.as_patterns is None:
            return super().learn(
                plan,
                learner,
                inputs,
                rewards=rewards,
                compiled=compiled,
                first_step=first_step,
                recorder=recorder,
            )
        self.refuse_recorder(plan, recorder)
        self.keep(plan.as_patterns, inputs)
        return learner._replace(weights=self.W.stored)

    def write(self, plan: Plan, learner: Learner) -> None:
        """Put what was learnt into the network; patterns that it keeps are there already."""
        if plan.as_patterns is None:
            super().write(plan, learner)

    def measures(self, plan: Plan, learner: Learner) -> dict[str, NDArray[Any]]:
        """Return what a rule of whole data sets has to say; nothing of patterns that are kept."""
        return {} if plan.as_patterns is not None else super().measures(plan, learner)

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
    whole = rule.shown == "whole"
    return overrides(rule, Rule, "as_patterns") and not (whole and stored.num_patterns > 0)


def _with_patterns(stored: StoredPatterns, inputs: NDArray[Any], how: Keeping) -> StoredPatterns:
    """Return ``stored`` with ``inputs``, (P, N), added."""
    check_memory(
        "data",
        inputs.size // (8 if how.packed else 1),
        f"{len(inputs)} patterns",
        "method='packed' keeps patterns of two values in an eighth of a byte a neuron.",
    )
    hollow = isinstance(how.project, ZeroDiagonal)
    kept = how.rule.as_patterns(inputs)
    assert kept is not None, "see _can_keep"
    strengths, centre = kept
    added = store(inputs, strengths, centre, hollow=hollow, packed=how.packed)
    return to_device(join_stored(stored, added, hollow=hollow))
