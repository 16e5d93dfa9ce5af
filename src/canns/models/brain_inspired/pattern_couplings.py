"""Networks that can store patterns as they are, in place of the couplings that they make."""

import math
from abc import abstractmethod
from typing import ClassVar

import jax

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
from canns.plasticity import Identity, Learner, Recorder, Rule, Setup, ZeroDiagonal
from canns.plasticity.learning import PatternForm, Places, Plan, divergence
from canns.typing import AnyArray, Array

__all__ = ["PatternCoupledNetwork"]

_LARGEST = 1e8  # of an entry: products of two beyond 1e16 are no weights of any use
_SMALL = 1 << 26  # bytes up to which a transformation computes from the matrix with any method


class PatternCoupledNetwork(RecurrentNetwork):
    """A network that can hold the patterns that its weights are made of, in place of the weights.

    :attr:`method` and the memory decide whether it does.
    """

    W: CouplingBox
    num_neurons: int
    _method: Method

    _unlisted: ClassVar[tuple[str, ...]] = (
        "only_patterns",
        "plan_storage",
        "store_as_patterns",
    )

    @abstractmethod
    def _load(self, num_patterns: int, two_valued: bool) -> Load:
        """Return the load of ``num_patterns`` patterns in all, for :func:`choose_form`."""

    @property
    def method(self) -> Method:
        """The ``method`` that the constructor was given: from what a recall computes its fields."""
        return self._method

    @property
    def only_patterns(self) -> bool:
        """Whether :attr:`method` never builds W."""
        return self._method in ("factored", "packed")

    @property
    def couplings(self) -> Array | StoredPatterns | Symmetric:
        """What a recall computes its fields from: W, its patterns, or both, as the method says."""
        stored = patterns_in(self.W)
        if stored is None:
            matrix = self.matrix()
            if self._method in ("factored", "packed") and not isinstance(matrix, jax.core.Tracer):
                raise self._keeps_patterns("weights that were written as a matrix")
            return matrix
        if in_transformation():
            # Inside a transformation a loop may write to the matrix, or a gradient may be taken
            # with respect to it, so recall reads the matrix unless that would be large.
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

    def _create_weights(self, size: int, method: Method) -> None:
        """Create the weights box of ``size`` neurons, with nothing stored yet."""
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
            now=False,
        )

    def accept(self, plan: Plan, rewards: AnyArray | None = None) -> Plan:
        """Return the plan; ``as_patterns`` is set if the network stores patterns in place of W."""
        form = None
        if plan.may_keep and plan.weight_attr == "W" and isinstance(plan.setup.neuron, Clamped):
            rows = plan.inputs
            if rows.shape[1] == self.num_neurons:
                plan.setup.rule.validate()
                form = self.plan_storage(plan.setup, rows)
        if form is None:
            return super().accept(plan, rewards)
        self.check_stored(plan, plan.inputs if plan.given is None else plan.given, "data")
        plan.setup.check_rewarded(rewards is not None)
        start = Learner(self.W.stored, (), NoState(), ((), ()))
        return plan._replace(as_patterns=form, places=Places("W"), start=start)

    def obstacle(self, plan: Plan) -> str | None:
        """Return that the network stores patterns, if the plan says so."""
        if plan.as_patterns is None:
            return None
        return "which keeps patterns, all at once; with method='dense' it takes one"

    def takes_all(self, plan: Plan) -> bool:
        """Whether all patterns have to be in memory."""
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
        inputs: AnyArray,
        *,
        rewards: AnyArray | None = None,
        compiled: bool = True,
        first_step: int = 0,
        recorder: Recorder | None = None,
    ) -> Learner:
        """Return the learner after one pass over ``inputs``, or store them as the plan says."""
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
        largest = float(max(inputs.max(), -inputs.min()))
        if largest > _LARGEST:
            raise divergence(plan.setup.rule, first_step, inputs)
        self.store_as_patterns(plan.setup, inputs, plan.as_patterns)
        return learner._replace(weights=self.W.stored)

    def write(self, plan: Plan, learner: Learner) -> None:
        """Put what was learnt into the network; stored patterns are there already."""
        if plan.as_patterns is None:
            super().write(plan, learner)

    def measures(self, plan: Plan, learner: Learner) -> dict[str, AnyArray]:
        """Return the measures of the rule; there are none of stored patterns."""
        return {} if plan.as_patterns is not None else super().measures(plan, learner)

    def plan_storage(self, setup: Setup, inputs: AnyArray) -> PatternForm | None:
        """Return the form in which to store ``inputs`` in place of W; None if W is to learn them.

        Args:
            setup: The rule and the constraint.
            inputs: The patterns as the rule takes them, (P, N).

        Raises:
            ValidationError: If the method needs patterns, but W would not be made of them.
        """
        stored = patterns_in(self.W)
        if stored is None or not _makes_patterns(setup, stored):
            if self.only_patterns:
                got = f"{type(setup.rule).__name__} with {type(setup.project).__name__}"
                raise self._keeps_patterns(got)
            return None
        two_valued = stored.packed and is_two_valued(inputs)
        load = self._load(stored.num_patterns + len(inputs), two_valued)
        form = choose_form(self._method, load)
        if form == "mixed":  # a matrix beside the patterns, which have a form of their own
            return "packed" if two_valued else "factored"
        return None if form == "dense" else form

    def store_as_patterns(self, setup: Setup, inputs: AnyArray, form: PatternForm) -> None:
        """Add ``inputs``, (P, N), to the stored patterns.

        Args:
            setup: The rule and the constraint.
            inputs: The patterns as the rule takes them.
            form: What :meth:`plan_storage` returned.
        """
        assert self.W.stored is not None, "see plan_storage"
        self.W.stored = _with_patterns(self.W.stored, setup, inputs, packed=form == "packed")


def _makes_patterns(setup: Setup, stored: StoredPatterns) -> bool:
    """Whether what ``setup`` learns is made of its samples, so that they can stand for W.

    Args:
        setup: The rule and the constraint. Of the constraints only an empty diagonal can be told
            from the patterns.
        stored: The patterns that the network holds already.
    """
    if not isinstance(setup.project, Identity | ZeroDiagonal):
        return False
    # A rule of whole data sets does not simply add to earlier patterns.
    replaces = setup.rule.shown == "whole" and stored.num_patterns > 0
    return overrides(setup.rule, Rule, "as_patterns") and not replaces


def _with_patterns(
    stored: StoredPatterns, setup: Setup, inputs: AnyArray, *, packed: bool
) -> StoredPatterns:
    """Return ``stored`` with ``inputs``, (P, N), added."""
    check_memory(
        "data",
        inputs.size // (8 if packed else 1),
        f"{len(inputs)} patterns",
        "method='packed' keeps patterns of two values in an eighth of a byte a neuron.",
    )
    hollow = isinstance(setup.project, ZeroDiagonal)
    kept = setup.rule.as_patterns(inputs)
    assert kept is not None, "see _makes_patterns"
    strengths, centre = kept
    added = store(inputs, strengths, centre, hollow=hollow, packed=packed)
    return to_device(join_stored(stored, added, hollow=hollow))
