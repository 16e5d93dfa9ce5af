"""The rule protocol: one pure step that turns activity into a weight change."""

import math
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar, Literal, NamedTuple

import jax.numpy as jnp
import numpy as np

from canns._explain import explained
from canns._validation import is_traced
from canns.dynamics import Activity, Neuron, Role
from canns.errors import ValidationError
from canns.typing import AnyArray, Array, FloatArray, Parameters, PyTree

__all__ = [
    "Kept",
    "Memory",
    "PotentialRead",
    "Reads",
    "Rule",
    "Shown",
    "Side",
    "Target",
    "answers_to_samples",
    "contract",
    "each_by",
    "refuse_rate",
    "shape_of",
    "step_length",
    "targets",
    "widen",
]

Memory = tuple[Array, ...]
Shown = Literal["one_by_one", "summed", "whole"]
Target = Literal["given", "self"] | None
#: What a rule reads as postsynaptic activity. "responses": what the weights make of the input;
#: "rates": nothing negative; "competition": winners, or shares of a win; "nearest": the neuron
#: nearest to the input; "spikes": 0 or 1; "chance": spikes drawn at random.
Reads = Literal["anything", "responses", "rates", "competition", "nearest", "spikes", "chance"]
#: What one entry of a rule's memory belongs to: an input, a neuron, or a synapse.
Side = Literal["pre", "post", "pair"]
#: What a rule takes the potential to be; see :data:`~canns.dynamics.PotentialKind`.
PotentialRead = Literal["field", "membrane", "above_rest"]


class Kept(NamedTuple):
    r"""A weight change written as a product of patterns, :math:`(X - \rho)^T K (X - \rho)`.

    Args:
        strengths: K, (P, P), or its diagonal, (P,).
        centre: Rho, subtracted from every entry of the patterns.
    """

    strengths: FloatArray
    centre: float = 0.0


class Rule(Parameters):
    """A learning rule: hyperparameters and one pure step.

    A subclass is a frozen dataclass (:func:`~canns.typing.pytree`) that defines :meth:`step`.

    Attributes:
        needs: The optional fields of :class:`~canns.dynamics.Activity` that the step reads.
        shown: How the rule is shown a data set. "one_by_one": each sample sees the weights that
            the previous sample left. "summed": at given activity the change does not depend on the
            weights, so the change of a data set is the sum over its samples, and neurons held at
            their samples learn it in one matrix product. "whole": one step takes the whole data
            set, and the fields of the activity have a leading sample axis; the neuron must be held
            at its samples.
        target: None if post is the neuron's own output. "given" if post is a target, so the
            neuron must be held at it. "self" if each pattern is its own target, so the neuron
            must be :class:`~canns.dynamics.Clamped`.
        padding_value: Input with no effect, used to pad batches so that data sets of similar size
            share one compiled program; None if there is no such input.
        reads: What the rule reads as post; None for a rule made of others, which say it themselves
            (see :meth:`readers`).
        reads_pre: What it reads as pre.
        reads_potential: What it takes the potential to be; None if it reads none.
        role: What its part of the weights must do; None for connections of any kind.
        memory_attrs: Names of the model's state boxes that hold the rule's memory.
        own_memory: True if a layer of the library adds these boxes when it lacks them.
        traces: The names in ``memory_attrs`` that ``reset_state`` resets.
        centres: True if the rule subtracts the mean of its inputs, so that it stores patterns of
            any two values alike. Other rules that store patterns need -1 and 1.
        corrects: True if the rule goes on until patterns are fixed points, whatever their values.
        remedy: A sentence for error messages: how to get a model that has the states the rule
            needs.
        unknowns: The fields that data decide, such as the coefficients of a
            :class:`~canns.plasticity.TaylorRule`; :func:`canns.inference.fit` finds them.
        local: None for a rule that must see every synapse in every step. Else the rule changes a
            synapse only in steps in which its input or its neuron is active, by what the two show
            and remember, so that it can learn by events; it then says whether each array of its
            memory is of the inputs, "pre", of the neurons, "post", or of the synapses, "pair". What
            is remembered of a synapse decays by a constant factor while both are silent. A class
            with a step of its own has to say it anew.
        bounded_for: The neurons for which :meth:`largest_rate` holds, so that :meth:`check_data`
            is asked before a run.

    A rule with time constants in ms has a field ``dt`` that is None by default: a
    :class:`~canns.plasticity.Setup` fills in the time step of the neuron.
    """

    needs: ClassVar[tuple[str, ...]] = ()
    shown: ClassVar[Shown] = "one_by_one"
    target: ClassVar[Target] = None
    padding_value: ClassVar[Any] = None
    reads: ClassVar[Reads | None] = "anything"
    reads_pre: ClassVar[Reads] = "anything"
    reads_potential: ClassVar[PotentialRead | None] = None
    role: ClassVar[Role | None] = None
    memory_attrs: ClassVar[tuple[str, ...]] = ()
    own_memory: ClassVar[bool] = False
    traces: ClassVar[tuple[str, ...]] = ()
    centres: ClassVar[bool] = False
    corrects: ClassVar[bool] = False
    remedy: ClassVar[str] = ""
    unknowns: ClassVar[tuple[str, ...]] = ()
    local: ClassVar[tuple[Side, ...] | None] = None
    bounded_for: ClassVar[tuple[type[Neuron], ...]] = ()

    def readers(self) -> "Iterable[tuple[tuple[int, ...], Rule]]":
        """Return the rules that read activity, each with the position of its part, if any."""
        return (((), self),)

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the rule cannot learn weights of this structure."""
        if isinstance(weights, tuple):
            name, parts = type(self).__name__, len(weights)
            others = ", ".join(["None"] * (parts - 1))
            remedy = f"Say which part learns by it: Parts(({name}(), {others}))."
            raise ValidationError("rule", f"one for each of {parts} parts", name, remedy)

    def init(self, weights: Array) -> Memory:
        """Return the initial memory, one array for each name in ``memory_attrs``."""
        return ()

    @abstractmethod
    def step(self, memory: Memory, weights: Array, activity: Activity) -> tuple[Memory, Array]:
        """Return the new memory and the weight change, (out, in).

        Args:
            memory: What the rule remembers.
            weights: W, (out, in).
            activity: The activity at one sample. If ``shown`` is "summed", its fields may have a
                leading sample axis; if ``shown`` is "whole", they always do.
        """

    def as_patterns(self, patterns: AnyArray) -> "Kept | None":
        """Return the weight change for ``patterns``, (P, N), as a product of them.

        A network may then keep the patterns instead of the weights. None if the change is not such
        a product.
        """
        return None

    def measures(self, weights: Array, activity: Activity) -> dict[str, FloatArray]:
        """Return measurements of the learnt weights for the training record, by name.

        Only for rules that are shown the whole data set.

        Args:
            weights: W after learning, (out, in).
            activity: The activity at all samples, with a leading axis.
        """
        return {}

    def largest_rate(self, inputs: AnyArray) -> float:
        """Return the learning rate up to which the rule is stable on ``inputs``, (T, in)."""
        return math.inf

    def check_data(self, weights: PyTree, inputs: AnyArray, neuron: Neuron, power: float) -> None:
        """Raise if the learning rate is beyond :meth:`largest_rate`; warn of unfit data.

        Only for hyperparameters that have values, and for neurons of ``bounded_for``.

        Args:
            weights: W, (out, in), or a tuple of parts.
            inputs: The samples, (T, in), or the first chunk of them.
            neuron: The neuron.
            power: E|x|^2 of the samples, above zero and finite.
        """
        rate = getattr(self, "learning_rate", 0.0)
        refuse_rate(type(self).__name__, rate, self.largest_rate(inputs))

    def automatic_rate(self, inputs: AnyArray, outputs: int) -> float:
        """Return the learning rate that "auto" stands for, on ``inputs``, (T, in)."""
        name = type(self).__name__
        expected = f"a number for {name}, for which theory gives no rate"
        raise ValidationError("learning_rate", expected, "'auto'")

    def stability_bound(self, inputs: FloatArray) -> str:
        """Return a sentence that says what keeps this rule stable on ``inputs``, (T, in)."""
        return "Use a smaller learning rate."


def refuse_rate(name: str, learning_rate: float, bound: float, remedy: str = "") -> None:
    """Raise if a learning rate is not below the bound of stability of the rule of this name."""
    if learning_rate >= bound:
        expected = f"below {bound:.3g}, the bound of stability of {name} at these data"
        got, remedy = f"{learning_rate:g}", remedy or "Take a smaller one, or scale the data down."
        raise ValidationError("learning_rate", expected, got, remedy)


@explained
def contract(post: Array, pre: Array) -> Array:
    """Return the outer product of ``post`` and ``pre``, summed over the leading axis if any.

    Example:
        >>> import jax.numpy as jnp
        >>> contract(jnp.array([1.0, 2.0]), jnp.array([3.0])).tolist()
        [[3.0], [6.0]]
    """
    return post.T @ pre if post.ndim == 2 else post[:, None] * pre


def widen(array: Array) -> Array:
    """Return ``array`` in at least float32, because equations are not solved in half precision.

    Example:
        >>> import jax.numpy as jnp
        >>> widen(jnp.ones(2, jnp.bfloat16)).dtype.name
        'float32'
    """
    return array.astype(jnp.promote_types(array.dtype, jnp.float32))


def each_by(strength: float, patterns: AnyArray) -> FloatArray:
    """Return the diagonal of K, (P,), for a rule that adds every pattern with the same strength.

    Example:
        >>> each_by(0.5, np.ones((2, 3))).tolist()
        [0.5, 0.5]
    """
    return np.full(len(patterns), float(strength))


def shape_of(values: Any) -> tuple[int, ...]:
    """Return the shape of numbers in an array or a tuple, which JAX may be tracing; or ().

    Example:
        >>> shape_of((1.0, 2.0))
        (2,)
    """
    try:
        found: tuple[int, ...] = (
            jnp.asarray(values).shape if is_traced(values) else np.shape(values)
        )
    except ValueError:  # rows of different lengths
        return ()
    return found


def step_length(dt: float | None) -> float:
    """Return the length of a step in ms: 1 if neither a rule nor its neuron has one.

    Example:
        >>> step_length(None), step_length(0.5)
        (1.0, 0.5)
    """
    return 1.0 if dt is None else dt


def targets(post: Array) -> Array:
    """Return the target of each neuron: +1 for a positive entry, -1 for any other.

    Example:
        >>> import jax.numpy as jnp
        >>> targets(jnp.array([1.0, 0.0, -1.0])).tolist()
        [1.0, -1.0, -1.0]
    """
    return jnp.where(post > 0, 1.0, -1.0).astype(post.dtype)


def answers_to_samples(rule: Rule) -> bool:
    """Whether ``rule`` learns from the neurons' own outputs, one sample after the other."""
    return rule.shown != "whole" and rule.target is None
