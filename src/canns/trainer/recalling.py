"""The base class of trainers that predict: networks recall, layers compute one step."""

from collections.abc import Callable
from functools import partial
from inspect import signature
from typing import Any, TypedDict

import jax.numpy as jnp
from tqdm.auto import tqdm

from canns._callbacks import check_callback
from canns._placement import host, on_device, replicated
from canns._validation import check_flag, check_matrix, check_real, check_size, check_vector
from canns.dynamics import OnStep, RecallResult
from canns.errors import ValidationError
from canns.models.training import (
    FeedForwardLayer,
    is_layer,
    overrides,
    recall_with,
    state_box,
    unchanged_on_error,
)
from canns.trainer._base import Trainer, check_model
from canns.trainer.progress import ProgressCallback, told_in_numbers, watch_recall
from canns.typing import AnyArray, Array, Row, Rows, StateBox

__all__ = ["RecallOptions", "RecallingTrainer"]


class RecallOptions(TypedDict, total=False):
    """The keyword options of :class:`RecallingTrainer`."""

    state_attr: str | None
    show_iteration_progress: bool
    compiled_prediction: bool


class RecallingTrainer(Trainer):
    """A trainer that predicts with recurrent networks and with feed-forward layers.

    Args:
        model: The model.
        state_attr: Name of the state box to recall with; None for the model's own
            ``predict_state_attr``.
        show_iteration_progress: Show a progress bar while training or recalling.
        compiled_prediction: Recall in compiled code; False runs the same code un-jitted.
    """

    def __init__(
        self,
        model: object,
        *,
        state_attr: str | None = None,
        show_iteration_progress: bool = False,
        compiled_prediction: bool = True,
    ) -> None:
        super().__init__(
            model,
            show_iteration_progress=show_iteration_progress,
            compiled_prediction=compiled_prediction,
        )
        self.state_attr = state_attr

    def predict(
        self,
        pattern: Row,
        num_iter: int = 20,
        compiled: bool | None = None,
        show_progress: bool | None = None,
        convergence_threshold: float = 1e-10,
        progress_callback: ProgressCallback | None = None,
    ) -> Array:
        """Return the model's prediction for one pattern.

        A recurrent network recalls until it settles, and keeps the final state. A feed-forward
        layer computes one step, so the options of the recall have no effect on it; its weights,
        thresholds, potentials and traces stay as they are. A user's ``forward`` runs as it is
        written.

        Args:
            pattern: The cue or input, (N,).
            num_iter: Maximum number of updates of a recall; 0 only writes the cue to the state.
            compiled: Recall in compiled code; None follows ``compiled_prediction``. A user's
                ``update`` runs as it is written.
            show_progress: Show a progress bar; None follows ``show_iteration_progress``.
            convergence_threshold: A cue has converged if no neuron moves by more in one update.
            progress_callback: Called with (iteration, energy, converged, energy change)
                after each update. If it raises :class:`StopIteration`, the recall ends there.

        Returns:
            The final state, or the output, (N,), as a JAX array.
        """
        box = self._recalling_box()
        if box is None:
            checked = check_vector("pattern", pattern, self._input_size())
            with unchanged_on_error(self.model):
                return self._answer(checked)
        pattern = check_vector("pattern", pattern)
        on_step = None
        if progress_callback is not None:
            check_callback("progress_callback", progress_callback)
            on_step = told_in_numbers(progress_callback)
        options = num_iter, compiled, show_progress, convergence_threshold, on_step
        state = self._recall("pattern", box, pattern[None], *options)[1]
        return state if state.is_fully_addressable else replicated(state)

    def predict_batch(
        self,
        patterns: Rows,
        num_iter: int = 20,
        compiled: bool | None = None,
        show_sample_progress: bool = True,
        show_iteration_progress: bool | None = None,
        convergence_threshold: float = 1e-10,
    ) -> list[Array]:
        """Return the model's prediction for each pattern; a recurrent network recalls all at once.

        A subclass that defines its own :meth:`predict` gets one call of it for each pattern, with
        the options that differ from their defaults.

        Args:
            patterns: One pattern per row, (B, N), or an iterable of them.
            num_iter: See :meth:`predict`.
            compiled: See :meth:`predict`.
            show_sample_progress: Show a bar over the samples of a feed-forward layer, which takes
                them one by one.
            show_iteration_progress: Show a bar over the updates of the recall; None follows
                the trainer's setting.
            convergence_threshold: See :meth:`predict`.

        Returns:
            One final state, or output, for each pattern.
        """
        own = type(self).predict is not RecallingTrainer.predict
        box = None if own else self._recalling_box()
        rows = check_matrix("patterns", patterns, self._input_size() if box is None else None)
        if box is None:
            answer: Callable[[AnyArray], Array] = self._answer
            if own:
                options = num_iter, compiled, show_iteration_progress, convergence_threshold
                answer = partial(self.predict, **_changed(*options))
            shown = tqdm(rows, desc="Predicting", disable=not show_sample_progress)
            with unchanged_on_error(self.model):
                return [answer(row) for row in shown]
        run = num_iter, compiled, show_iteration_progress, convergence_threshold
        result, _ = self._recall("patterns", box, rows, *run)
        states: list[Array] = on_device(list(host(result.states)))
        return states

    def recall(
        self,
        patterns: Rows,
        num_iter: int = 20,
        *,
        compiled: bool | None = None,
        show_progress: bool | None = None,
        convergence_threshold: float = 1e-10,
        seed: int | Array | None = None,
        on_step: OnStep | None = None,
    ) -> RecallResult:
        """Recall from each pattern and report how each ended.

        Args:
            patterns: One cue per row, (B, N), or an iterable of them.
            num_iter: Maximum number of updates per cue.
            compiled: See :meth:`predict`.
            show_progress: Show a bar over the updates; None follows the trainer's setting.
            convergence_threshold: See :meth:`predict`.
            seed: Seed of the update order and the noise, an int or a JAX key; None draws one from
                ``brainstate.random``.
            on_step: Called with a :class:`~canns.dynamics.RecallProgress` after each update. If it
                raises :class:`StopIteration`, the recall ends there.

        Returns:
            States (B, N), outcome, steps and energies of each cue. The model is left in the
            final state of the last one.
        """
        box = state_box(self.model, self.state_attr, type(self).__name__)
        cues = check_matrix("patterns", patterns)
        if on_step is not None:
            check_callback("on_step", on_step)
        options = num_iter, compiled, show_progress, convergence_threshold, on_step, seed
        return self._recall("patterns", box, cues, *options)[0]

    def _recall(
        self,
        name: str,
        box: StateBox,
        patterns: AnyArray,
        num_iter: int,
        compiled: bool | None = None,
        show_progress: bool | None = None,
        convergence_threshold: float = 1e-10,
        on_step: OnStep | None = None,
        seed: int | Array | None = None,
    ) -> tuple[RecallResult, Array]:
        """Return the result, and the final state of the last cue, in which the model is left."""
        limit = check_size("num_iter", num_iter, low=0)
        threshold = check_real("convergence_threshold", convergence_threshold, low=0)
        compile_it, shown = self.compiled_prediction, self.show_iteration_progress
        if compiled is not None:
            compile_it = check_flag("compiled", compiled)
        if show_progress is not None:
            shown = check_flag("show_progress", show_progress)
        if patterns.shape[1] != box.value.shape[0]:
            with unchanged_on_error(self.model):
                box = self._fit_cues(name, box, patterns.shape)
                own = limit, compiled, show_progress, threshold, on_step, seed
                return self._recall(name, box, patterns, *own)
        run = self.model, box, patterns, limit, threshold, seed, compile_it
        if not shown:
            return recall_with(*run, on_step)
        with watch_recall(limit, on_step) as watched:
            return recall_with(*run, watched)

    def _fit_cues(self, name: str, box: StateBox, shape: tuple[int, ...]) -> StateBox:
        """Return the state box for cues of this shape, whose length the state does not have."""
        size = box.value.shape[0]
        expected, got = f"2-D of shape (rows, {size})", shape
        if name == "pattern":
            expected, got = f"1-D of shape ({size},)", shape[1:]
        remedy = f"The network has {size} neurons."
        raise ValidationError(name, expected, f"shape {got}", remedy)

    def _answers_in_one_call(self) -> bool:
        """Whether the model predicts by :meth:`_answer` instead of a recall."""
        return is_layer(self.model)

    def _recalling_box(self) -> StateBox | None:
        """Return the state box to recall with, or None if the model does not recall."""
        if self.model is None:
            check_model(None)
        if self._answers_in_one_call():
            return None
        return state_box(self.model, self.state_attr, type(self).__name__)

    def _input_size(self) -> int | None:
        """Return the length of the input of a library layer; None for other models."""
        return self.model.input_size if isinstance(self.model, FeedForwardLayer) else None

    def _answer(self, pattern: AnyArray) -> Array:
        """Return the output for one pattern, (N,)."""
        layer = isinstance(self.model, FeedForwardLayer)
        if layer and not overrides(self.model, FeedForwardLayer, "forward"):
            return jnp.asarray(self.model.predict(pattern))
        return jnp.asarray(self.model.forward(pattern))


def _changed(
    num_iter: int,
    compiled: bool | None,
    show_progress: bool | None,
    convergence_threshold: float,
) -> dict[str, Any]:
    """Return the options of ``predict`` that are not the defaults."""
    given = dict(locals())
    known = signature(RecallingTrainer.predict).parameters
    return {name: value for name, value in given.items() if value != known[name].default}
