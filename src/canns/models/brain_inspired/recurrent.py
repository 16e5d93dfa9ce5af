"""Recurrent networks: a state box that pure dynamics advance."""

from abc import abstractmethod
from contextlib import nullcontext
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from canns import _forks
from canns._arrays import as_numpy
from canns._brainstate import brainstate
from canns._callbacks import check_callback
from canns._keys import as_key
from canns._memory import check_memory
from canns._names import renamed
from canns._placement import host
from canns._validation import (
    check_flag,
    check_matrix,
    check_real,
    check_size,
    check_vector,
    float_dtype,
)
from canns._warnings import warn
from canns.dynamics import (
    Clamped,
    Network,
    Neuron,
    OnStep,
    RecallResult,
    Successive,
    check_signs,
    network_energies,
    trajectory,
    update_once,
)
from canns.dynamics.recalling import recall_to_last, room_for
from canns.errors import ValidationError
from canns.models.boxes import FastState, Weights, array_in
from canns.models.brain_inspired.learnable import Learnable
from canns.models.brain_inspired.lookup import is_blank, shape_of, unchanged_on_error
from canns.models.brain_inspired.model import BrainInspiredModel
from canns.models.brain_inspired.own_update import energies_by_state, recall_by_update
from canns.models.facts import updates_of
from canns.plasticity.learning import Places, Plan
from canns.typing import AnyArray, Array, BoolArray, PyTree, Row, Rows

__all__ = ["RecurrentNetwork", "check_trace", "key_for"]

_LARGE = 1 << 26  # bytes above which free memory is checked
_MOST = 1 << 30  # updates, which fit an int32
_COPIES = 6  # arrays of the size of the states in a recall: fields, earlier states, and noise


class RecurrentNetwork(Learnable, BrainInspiredModel):
    """A network with weights ``W``, a state ``s``, and dynamics that settle.

    A subclass creates the two boxes and defines :attr:`dynamics`.

    Attributes:
        stores_by_hebb: True if this network stores by the centred Hebbian product. If False,
            trainers of that rule call its ``apply_hebbian_learning``.
        couples: True if ``W[i, j]`` couples neuron j to neuron i, so that any rule may train W;
            False if W is something else, such as the patterns themselves.
    """

    stores_by_hebb: ClassVar[bool] = True
    couples: ClassVar[bool] = True

    W: Weights
    s: FastState

    _kept_as: ClassVar[dict[str, str]] = {"num_neurons": "_num_columns"}
    _unlisted: ClassVar[tuple[str, ...]] = (
        "check_states",
        "check_stored",
        "couples",
        "recall_states",
        "recalls_by_library",
        "runs_compiled",
        "stores_by_hebb",
        "valid_dynamics",
        "warn_if_blank",
    )

    @property
    @abstractmethod
    def dynamics(self) -> Network:
        """The pure dynamics with the model's present hyperparameters."""

    def learning_neuron(
        self, chosen: Neuron | None, weight_attr: str, needed_by: str = "Training"
    ) -> Neuron:
        """Return the chosen neuron; the default is one that is held at the samples."""
        shape, size = shape_of(self.locate(weight_attr, needed_by)), len(self.s.value)
        if not self.couples or shape != (size, size):
            raise ValidationError(
                "model",
                "a network whose weights lead from neuron to neuron",
                f"{type(self).__name__} with weights {shape}",
                "Store with its own apply_hebbian_learning, or by HebbianTrainer.",
            )
        return chosen or Clamped()

    def accept(self, plan: Plan, rewards: AnyArray | None = None) -> Plan:
        """Return the plan, or raise if it does not fit, or stores patterns in the wrong code."""
        self.check_stored(plan, plan.inputs if plan.given is None else plan.given, "data")
        return super().accept(plan, rewards)

    def check_samples(self, plan: Plan, samples: AnyArray, name: str) -> None:
        """Raise or warn if later samples of a stream do not fit, or are in the wrong code."""
        self.check_stored(plan, samples, name)
        if plan.as_patterns is None:
            super().check_samples(plan, samples, name)

    def check_stored(self, plan: Plan, patterns: AnyArray, name: str) -> None:
        """Raise if the plan stores ``patterns`` in another code than that of its rule."""
        rule, neuron = plan.setup.rule, plan.setup.neuron
        if isinstance(neuron, Clamped | Successive) and not rule.needs:
            check_signs(name, patterns, centred=plan.given is not None or rule.centres)

    def places(self, weight_attr: str) -> Places:
        """Return the name of the weights box."""
        return Places(weight_attr)

    def width(self, weight_attr: str) -> int | None:
        """Return the number of neurons."""
        return len(self.s.value)

    @property
    def _num_columns(self) -> int:
        """The number of neurons that W couples, even if the state has another size."""
        return shape_of(self.W)[-1]

    def _facts(self) -> dict[str, str]:
        return {
            "neurons": str(shape_of(self.s)[0]),
            "stored": self._stored(),
            "weights": self._weights(self.weight_attr),
            "updates": updates_of(self),
            "settings": self._settings("asynchronous", "update_order"),
        }

    def _stored(self) -> str:
        """Return a line on what is stored, for ``repr``; "" if the network cannot tell."""
        return ""

    @property
    def couplings(self) -> PyTree:
        """What a recall computes its fields from: W, or patterns in place of W."""
        return self.matrix()

    def matrix(self) -> Array:
        """Return W as an array of floats.

        Raises:
            ValidationError: If W and the state are of different sizes.
        """
        weights, size = array_in(self.W), len(self.s.value)
        if self.stores_by_hebb and weights.shape != (size, size):
            raise ValidationError(
                "W",
                f"of shape ({size}, {size}), for a state of {size} neurons",
                f"shape {weights.shape}",
                "Write weights and state of one size, or call resize first.",
            )
        return weights

    @property
    def energy(self) -> Array:
        """The energy of the present state, a scalar."""
        state = self.s.value[None]
        energy: Array = network_energies(self.valid_dynamics(), self.couplings, state)[0]
        return energy

    def energies(self, states: Rows) -> AnyArray:
        """Return the energies, (B,), of states, (B, N), at the present weights.

        Raises:
            ValidationError: If a state has another length or code.
            DivergenceError: If an energy is not finite.
        """
        rows = self.check_states("states", states)
        if type(self).energy is not RecurrentNetwork.energy:
            return energies_by_state(self, self.s, rows)
        return host(network_energies(self.valid_dynamics(), self.couplings, rows))

    @renamed(e_old="prev_energy")
    def update(self, prev_energy: ArrayLike | None = None) -> Array | None:
        """Advance the state by one step: all neurons at once, or one asynchronous sweep.

        Args:
            prev_energy: The energy before the update; give it to get the change.

        Returns:
            The energy now minus ``prev_energy``, or None without it.
        """
        dynamics = self.valid_dynamics()
        before = None if prev_energy is None else _as_energy(prev_energy)
        key = key_for(dynamics, None)
        self.s.value = update_once(dynamics, self.couplings, self.s.value, key)
        return None if before is None else self.energy - before

    def recall(
        self,
        cues: Rows,
        *,
        num_iter: int = 20,
        convergence_threshold: float = 1e-10,
        seed: int | Array | None = None,
        clamped: ArrayLike | None = None,
        temperatures: Array | AnyArray | None = None,
        compiled: bool = True,
        on_step: OnStep | None = None,
    ) -> RecallResult:
        """Recall from each cue, all in one compiled call; the model stays as it is.

        Args:
            cues: One cue per row, (B, N), or an iterable of them.
            num_iter: Maximum number of updates (asynchronous: sweeps) per cue.
            convergence_threshold: A cue has converged if no neuron moves by more in one update.
            seed: Seed of the update order and the noise, an int or a JAX key; None draws one from
                ``brainstate.random``.
            clamped: True for the neurons that stay as in their cue, (N,) or (B, N).
            temperatures: An annealing schedule, one temperature per update. The last one stays for
                the other updates, and no cue stops before it. None for the network's own.
            compiled: False runs the same code un-jitted.
            on_step: Called with a :class:`~canns.dynamics.RecallProgress` after each update. If it
                raises :class:`StopIteration`, the recall ends there.

        Returns:
            States, outcome, steps and energies of each cue.

        Raises:
            ValidationError: If an argument is out of range, or a cue has another length.
        """
        states = self._rows("cues", cues)
        limit = check_size("num_iter", num_iter, low=0)
        threshold = check_real("convergence_threshold", convergence_threshold, low=0)
        if on_step is not None:
            check_callback("on_step", on_step)
        options = seed, clamped, temperatures, check_flag("compiled", compiled), on_step
        return self.recall_states("cues", states, limit, threshold, *options)[0]

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
        """Run :meth:`recall` on checked arguments; also return the final state of the last cue.

        Args:
            name: The argument that the cues came in.
            states: The cues, (B, N), of which only the code is not yet checked.
            num_iter: See :meth:`recall`, also for the other arguments.
            threshold: The convergence threshold.
            seed: See :meth:`recall`.
            clamped: See :meth:`recall`.
            temperatures: See :meth:`recall`.
            compiled: See :meth:`recall`.
            on_step: See :meth:`recall`.
        """
        if states.nbytes > _LARGE:
            remedy = "Recall fewer cues at a time."
            check_memory("cues", _COPIES * states.nbytes, "their recall", remedy)
        # An upper bound, with float64, for the short recalls that need no check.
        if 16 * (num_iter + 64) * len(states) > _LARGE:
            check_trace(num_iter, room_for(num_iter) * len(states))
        dynamics = self.valid_dynamics()
        dynamics.code.check(name, states)
        key = key_for(dynamics, seed)
        if not self.runs_compiled:
            if clamped is not None or temperatures is not None:
                raise ValidationError(
                    "clamped and temperatures",
                    "None for an update() or energy of your own",
                    "a value",
                    f"{type(self).__name__}'s own code decides them.",
                )
            with nullcontext() if seed is None else brainstate.random.seed_context(as_key(seed)):
                result = self._recall_by_update(states, num_iter, threshold, on_step)
            return result, np.asarray(result.states)[-1]
        mask = None if clamped is None else _mask(clamped, states.shape)
        options = num_iter, threshold, mask, temperatures, compiled, on_step
        found = recall_to_last(dynamics, self.couplings, states, key, *options)
        if not found.driven:
            self.warn_if_blank()
        return found.result, found.last

    def warn_if_blank(self) -> None:
        """Warn if all weights are 0, so that no cue can be recalled."""
        if is_blank(self.W):
            name = type(self).__name__
            warn(
                f"{name} has stored nothing: all its weights are 0, so no cue recalls anything.",
                "Store patterns first, such as by HebbianTrainer(network).train(patterns).",
            )

    def trajectory(
        self,
        cues: Rows,
        *,
        num_iter: int = 20,
        seed: int | Array | None = None,
        clamped: ArrayLike | None = None,
        temperatures: Array | AnyArray | None = None,
    ) -> AnyArray:
        """Return the states that :meth:`recall` passes through; the model stays as it is.

        The arguments are those of :meth:`recall`.

        Raises:
            ValidationError: If an argument is out of range, or a subclass has its own ``update`` or
                ``energy``.

        Returns:
            States before the first and after each update, (num_iter + 1, B, N); a cue that has
            converged stays in its final state.
        """
        if not self.runs_compiled:
            expected = "one that updates as the library does"
            remedy = "Call its update and read its state."
            raise ValidationError("model", expected, type(self).__name__, remedy)
        states = self.check_states("cues", cues)
        limit = check_size("num_iter", num_iter, low=0)
        check_trace(limit, 2 * limit * states.size)
        dynamics = self.valid_dynamics()
        history = trajectory(
            dynamics,
            self.couplings,
            states,
            key=key_for(dynamics, seed),
            num_iter=limit,
            clamped=None if clamped is None else _mask(clamped, states.shape),
            temperatures=temperatures,
        )
        return host(history)

    @property
    def runs_compiled(self) -> bool:
        """Whether recall runs the dynamics: no subclass overrides ``update`` or ``energy``."""
        base = RecurrentNetwork
        return type(self).update is base.update and type(self).energy is base.energy

    @property
    def recalls_by_library(self) -> bool:
        """Whether recall runs compiled, and no subclass overrides it."""
        return self.runs_compiled and type(self).recall is RecurrentNetwork.recall

    def _recall_by_update(
        self, cues: AnyArray, num_iter: int, threshold: float, on_step: OnStep | None
    ) -> RecallResult:
        with unchanged_on_error(self):
            before = self.s.value
            result = recall_by_update(
                self,
                self.s,
                cues,
                num_iter=num_iter,
                threshold=threshold,
                on_step=on_step,
                settles=self.dynamics.settles,
            )
            self.s.value = before
        return result

    def predict(
        self, pattern: Row, num_iter: int = 20, *, seed: int | Array | None = None
    ) -> Array:
        """Recall from one cue, (N,), and leave the model in the final state.

        Args:
            pattern: The cue, (N,).
            num_iter: Maximum number of updates.
            seed: See :meth:`recall`.

        Returns:
            The final state, (N,), as a JAX array.
        """
        size = self.s.value.shape[0]
        cue = check_vector("pattern", pattern, size, remedy=f"The network has {size} neurons.")
        limit = check_size("num_iter", num_iter, low=0)
        if self.recalls_by_library:
            state = jnp.asarray(self.recall_states("pattern", cue[None], limit, seed=seed)[1])
            self.s.value = state  # not read again: another thread may have written its own
            return state
        with unchanged_on_error(self):  # code of the user's own may have changed more than s
            if type(self).recall is RecurrentNetwork.recall:
                _, last = self.recall_states("pattern", cue[None], limit, seed=seed)
            else:  # a subclass recalls in its own way
                options: dict[str, Any] = {} if seed is None else {"seed": seed}
                last = jnp.asarray(self.recall(cue[None], num_iter=limit, **options).states)[-1]
            self.s.value = last
            return self.s.value

    def check_states(self, name: str, data: Rows) -> AnyArray:
        """Return ``data`` as states, one per row, or raise if they do not fit the network."""
        return self.dynamics.code.check(name, self._rows(name, data))

    def _rows(self, name: str, data: Rows) -> AnyArray:
        """Return ``data`` as rows of N numbers; their code is not checked."""
        size = self.s.value.shape[0]
        return check_matrix(name, data, size, remedy=f"The network has {size} neurons.")

    def valid_dynamics(self) -> Network:
        """Return :attr:`dynamics`, or raise if a hyperparameter is out of range."""
        if _forks.forked:
            _forks.refuse_fork()
        dynamics = self.dynamics
        dynamics.validate()
        return dynamics


def check_trace(num_iter: int, numbers: int) -> None:
    """Raise if the record of ``num_iter`` updates does not fit the memory.

    Args:
        num_iter: Number of updates.
        numbers: How many numbers the record holds.
    """
    if num_iter >= _MOST:
        raise ValidationError("num_iter", f"below {_MOST}", repr(num_iter))
    needed = numbers * float_dtype().itemsize
    if needed > _LARGE:
        check_memory("num_iter", needed, "a record of each update", "Take fewer updates, or cues.")


def _as_energy(value: ArrayLike) -> Array:
    try:
        return jnp.asarray(value, float)
    except (TypeError, ValueError) as error:
        raise ValidationError("prev_energy", "a number or None", repr(value)) from error


def _mask(clamped: ArrayLike, shape: tuple[int, ...]) -> BoolArray:
    """Return the mask of the neurons that stay as in their cue, (B, N)."""
    mask = as_numpy("clamped", clamped)
    if mask.dtype != bool or mask.shape not in (shape, shape[1:]):
        got = f"{mask.dtype} of shape {mask.shape}"
        raise ValidationError("clamped", f"bool of shape {shape[1:]} or {shape}", got)
    return np.broadcast_to(mask, shape)


def key_for(network: Network, seed: int | Array | None) -> Array:
    """Return the key for a run of ``network``; no key is drawn for a network without randomness."""
    if network.random:
        return as_key(seed)
    if seed is not None and not isinstance(seed, jax.Array):
        check_size("seed", seed, low=0)
    return None  # type: ignore[return-value]  # a network without randomness ignores it
