"""The neuron protocol: one pure step that turns an input into activity."""

from abc import abstractmethod
from typing import ClassVar, NamedTuple

import jax
import numpy as np

from canns.dynamics.signal import PotentialKind, Signal, Signals
from canns.dynamics.synapses import Synapses
from canns.errors import ValidationError
from canns.typing import Array, Parameters, PyTree, pytree

__all__ = ["Activity", "Clamped", "Linear", "Neuron", "NoState"]


class Activity(NamedTuple):
    """What one step of a neuron shows to a learning rule.

    Args:
        pre: Presynaptic activity, (in,); a tuple for a stack of layers.
        post: Postsynaptic activity, (out,); a tuple for a stack of layers.
        trace_pre: Presynaptic trace of the earlier steps, decayed to this one, (in,).
        trace_post: Postsynaptic trace of the earlier steps, decayed to this one, (out,).
        potential: Membrane potential of this step, before a reset, (out,).
        reward: The reward of this step, a scalar, which the trainer supplies.
        parts: For weights in several parts, the activity before and behind each part.
        output: What the neurons send on, if their synapses see it only later; None for post.
        decay_pre: Share of the presynaptic traces that is left after a step.
        decay_post: Share of the postsynaptic traces that is left after a step.
    """

    pre: Array
    post: Array
    trace_pre: Array | None = None
    trace_post: Array | None = None
    potential: Array | None = None
    reward: Array | None = None
    parts: tuple["Activity", ...] | None = None
    output: Array | None = None
    decay_pre: float | Array | None = None
    decay_post: float | Array | None = None

    @property
    def answer(self) -> Array:
        """What the neurons send on, (out,)."""
        return self.post if self.output is None else self.output


class NoState(NamedTuple):
    """The state of a neuron that remembers nothing."""


class Neuron(Parameters):
    """A neuron model: hyperparameters and one pure step.

    The weights are a matrix, (out, in), or a tuple of parts, such as excitatory and inhibitory
    weights. With parts, ``Activity.parts`` holds the activity of each.

    Attributes:
        provides: The optional fields of :class:`Activity` that the step fills; for weights in
            parts, "parts" and the fields of each part, such as "0.trace_pre".
        clamped: True if activity does not depend on the weights, so that a whole
            data set can be shown at once.
        square: True if there must be as many neurons as inputs.
        emits: What numbers post is, in the words of :data:`~canns.dynamics.Signal`; None if that is
            not declared, as for a neuron of your own.
        potential_kind: What the potential is, in the words of
            :data:`~canns.dynamics.PotentialKind`; None if that is not declared.
        drives_only: True if the step reads the weights only as ``weights @ x``, and their shape and
            type, so that :class:`~canns.dynamics.Synapses` can be in place of the matrix.
        stochastic: True if the state holds a random seed, which :meth:`seeded` sets.
        State: The named tuple class of the neuron's state.
        Parts: The named tuple class of its weights; None for a single matrix.
    """

    State: ClassVar[type[PyTree]] = NoState
    Parts: ClassVar[type[PyTree] | None] = None
    provides: ClassVar[tuple[str, ...]] = ()
    clamped: ClassVar[bool] = False
    square: ClassVar[bool] = False
    drives_only: ClassVar[bool] = False
    emits: ClassVar[Signal | None] = None
    potential_kind: ClassVar[PotentialKind | None] = None
    stochastic: ClassVar[bool] = False

    @property
    def time_step(self) -> float | None:
        """The time from one sample to the next, ``dt``, in ms; None if the neuron has none.

        A learning rule with time constants takes it over.
        """
        return getattr(self, "dt", None)

    @property
    def state_names(self) -> PyTree:
        """The names of the state's fields, in the structure of the state."""
        return self.State(*self.State._fields)

    @property
    def weight_names(self) -> PyTree:
        """The names of the weights, in their structure: "W", or one for each part."""
        return "W" if self.Parts is None else self.Parts(*self.Parts._fields)

    def silence(self, weights: PyTree) -> tuple[PyTree, PyTree]:
        """Return the activity (pre, post) of a neuron without input: zeros."""
        (out, in_), dtype = weights.shape, weights.dtype
        # NumPy's zeros need no compilation, and no device before a program takes them there.
        return np.zeros(in_, dtype), np.zeros(out, dtype)

    def signals(self, weights: PyTree) -> Signals:
        """Return what numbers :meth:`step` shows to a rule, in the structure of its activity."""
        return Signals("input" if self.emits else None, self.emits, self.potential_kind)

    def check_weights(self, weights: PyTree) -> None:
        """Raise if the neuron does not take weights of this structure and these shapes."""
        if self.emits is None:
            return  # a neuron of the user's own, which takes what it takes
        kind, parts = type(self).__name__, self.Parts
        if parts is None:
            shape = None if isinstance(weights, tuple) else weights.shape
            if shape is None or len(shape) != 2:
                got = f"{len(weights)} parts" if shape is None else f"shape {shape}"
                raise ValidationError("weights", f"one matrix, (out, in), for {kind}", got)
            if self.square and shape[0] != shape[1]:
                expected = f"of shape (N, N) for {kind}, whose neurons are inputs and outputs"
                remedy = "For inputs and outputs that differ, take Recorded."
                raise ValidationError("weights", expected, f"shape {shape}", remedy)
        elif not isinstance(weights, parts):
            expected = f"{parts.__name__}({', '.join(parts._fields)}) for {kind}"
            raise ValidationError("weights", expected, type(weights).__name__)
        else:
            self._check_parts(weights)

    def _check_parts(self, weights: PyTree) -> None:
        """Raise if the parts are not for equally many neurons, or one has another shape."""
        out = len(weights[0])
        for name, part, own in zip(
            weights._fields, weights, self.signals(weights).parts, strict=True
        ):
            shapes = {"forward": (out, *part.shape[1:2]), "lateral": (out, out)}
            wanted = shapes.get(own.role or "forward", (out,))
            if part.shape != wanted or (own.role == "forward" and part.ndim != 2):
                expected = f"for {out} neurons, as {weights._fields[0]} is"
                raise ValidationError(name, expected, f"shape {part.shape}")

    def sample_size(self, weights: PyTree) -> int | None:
        """Return the length of a sample for these weights; None if that is not known."""
        if self.emits is None:
            return None
        one = isinstance(weights, Synapses)
        first: PyTree = weights if one else jax.tree.leaves(weights)[0]
        width: int = first.shape[1]
        return width

    def draw(self, key: Array, input_size: int, output_size: int) -> PyTree:
        """Return initial weights: Gaussian, of standard deviation 0.1."""
        return 0.1 * jax.random.normal(key, (output_size, input_size))

    @abstractmethod
    def init(self, weights: PyTree) -> PyTree:
        """Return the state at rest, a named tuple, for ``weights`` of shape (out, in)."""

    def seeded(self, state: PyTree, key: Array) -> PyTree:
        """Return ``state`` with its random seed set from a JAX key, if it has a seed."""
        return state

    def show(self, pre: Array, post: Array, potential: Array | None = None) -> Activity:
        """Return the :class:`Activity` of these arrays, (in,), (out,) and (out,)."""
        return Activity(pre, post, potential=potential)

    @abstractmethod
    def step(self, state: PyTree, weights: PyTree, x: Array) -> tuple[PyTree, Activity]:
        """Advance one step on the input ``x`` of shape (in,)."""


@pytree
class Linear(Neuron):
    r"""The linear neuron, :math:`y = W x`.

    Example:
        >>> import jax.numpy as jnp
        >>> _, activity = Linear().step(NoState(), jnp.array([[1.0, 2.0]]), jnp.array([3.0, 4.0]))
        >>> float(activity.post[0])
        11.0
    """

    drives_only: ClassVar[bool] = True
    emits: ClassVar[Signal | None] = "graded"

    def init(self, weights: Array) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: Array, x: Array) -> tuple[NoState, Activity]:
        """Return ``y = W x``."""
        return state, Activity(pre=x, post=weights @ x)


@pytree
class Clamped(Neuron):
    """Neurons held at the pattern to store: pre- and postsynaptic activity are the input.

    Example:
        >>> import jax.numpy as jnp
        >>> _, activity = Clamped().step(NoState(), jnp.zeros((2, 2)), jnp.array([1.0, -1.0]))
        >>> bool((activity.pre == activity.post).all())
        True
    """

    clamped: ClassVar[bool] = True
    square: ClassVar[bool] = True
    emits: ClassVar[Signal | None] = "held"

    def signals(self, weights: PyTree) -> Signals:
        """Return that the weights lead from neuron to neuron, all held at the samples."""
        return Signals("held", "held", role="lateral")

    def init(self, weights: Array) -> NoState:
        """Return the empty state."""
        return NoState()

    def step(self, state: NoState, weights: Array, x: Array) -> tuple[NoState, Activity]:
        """Return the input as both activities; ``x`` may have leading axes."""
        return state, Activity(pre=x, post=x)
