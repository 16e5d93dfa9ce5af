"""An experiment: what was shown, what was observed, and whether the two go together."""

from dataclasses import dataclass, fields
from typing import Literal

import numpy as np

from canns._arrays import as_numpy
from canns._validation import check_array, check_matrix, check_real, check_vector
from canns.errors import ValidationError
from canns.typing import AnyArray, ArrayLike, FloatArray

__all__ = ["OBSERVED", "Experiment", "Observed"]

Observed = Literal["weights", "activity", "spikes", "choices"]
OBSERVED: tuple[Observed, ...] = ("weights", "activity", "spikes", "choices")

_RATES = "These look like rates or counts: bin the spikes so finely that no bin holds two."


@dataclass(frozen=True, eq=False)
class Experiment:
    r"""One recording: inputs, and what was observed while the weights changed.

    Exactly one kind of observation is given. It may have gaps: NaN is what was not observed.

    Args:
        inputs: What was shown, one sample a row, (T, in). For spikes, 0 or 1 in each step.
        activity: The output of the neurons at each sample, before it changes the weights, (T, out),
            or (T,) of a single neuron.
        weights: The weights after each sample, (T, out, in), or (T, in) of a single neuron.
        spikes: The spikes of the neurons, 0 or 1 in each step, (T, out) or (T,).
        choices: The alternative that was chosen at each sample, 0, 1, ..., (T,).
        rewards: The reward of each sample, (T,), for rules that read it.
        start_weights: The weights before the first sample, (out, in) or (in,); None if they are
            unknown, so that they have to be inferred too.
        dt: The time from one sample to the next in ms, for rules with time constants in ms; None
            for that of the neuron.
        name: What the experiment is called in messages.

    Raises:
        ValidationError: If the arrays do not go together, or are no numbers.

    Example:
        >>> import numpy as np
        >>> recording = Experiment(np.eye(3), activity=[0.1, np.nan, 0.3], start_weights=[0.1] * 3)
        >>> recording.observed, recording.num_outputs, recording.count
        ('activity', 1, 2)
    """

    inputs: ArrayLike
    activity: ArrayLike | None = None
    weights: ArrayLike | None = None
    spikes: ArrayLike | None = None
    choices: ArrayLike | None = None
    rewards: ArrayLike | None = None
    start_weights: ArrayLike | None = None
    dt: float | None = None
    name: str = ""

    def __post_init__(self) -> None:
        """Check all that is given, and keep it as arrays."""
        check_matrix(self._called("inputs"), self.inputs, remedy=_SHAPE)
        inputs = np.array(self.inputs, float)
        object.__setattr__(self, "inputs", inputs)
        given = [name for name in OBSERVED if getattr(self, name) is not None]
        if len(given) != 1:
            expected = f"exactly one of {', '.join(OBSERVED)}"
            raise ValidationError(self._called("observation"), expected, " and ".join(given) or "-")
        (kind,) = given
        seen = _with_gaps(self._called(kind), getattr(self, kind))
        object.__setattr__(self, kind, self._shaped(kind, seen))
        if self.rewards is not None:
            remedy = "Give the reward of each sample, 0 if there was none."
            called = self._called("rewards")
            check_vector(called, self.rewards, len(inputs), remedy=remedy)
            object.__setattr__(self, "rewards", np.array(self.rewards, float))
        if self.start_weights is not None:
            check_array(self._called("start_weights"), self.start_weights)
            start = np.array(self.start_weights, float)
            object.__setattr__(self, "start_weights", start[None] if start.ndim == 1 else start)
        if self.dt is not None:
            check_real("dt", self.dt, low=0, open_low=True)
        self._check_values(kind)

    @property
    def observed(self) -> Observed:
        """What was observed."""
        return next(kind for kind in OBSERVED if getattr(self, kind) is not None)

    @property
    def observation(self) -> FloatArray:
        """The observation, NaN where there is none: (T, out), (T, out, in), or (T,) of choices."""
        found: FloatArray = np.asarray(getattr(self, self.observed))
        return found

    @property
    def length(self) -> int:
        """T, the number of samples."""
        return len(np.asarray(self.inputs))

    @property
    def num_outputs(self) -> int | None:
        """The number of neurons; None if only choices and no weights tell."""
        if self.start_weights is not None:
            return len(np.asarray(self.start_weights))
        return None if self.observed == "choices" else self.observation.shape[1]

    @property
    def count(self) -> int:
        """How many numbers were observed."""
        return int(np.isfinite(self.observation).sum())

    def _called(self, argument: str) -> str:
        return f"{argument} of {self.name}" if self.name else argument

    def _shaped(self, kind: str, seen: AnyArray) -> AnyArray:
        """Return the observation in its full shape; raise if it is not one for each sample."""
        axes = {"weights": 3, "choices": 1}.get(kind, 2)
        if seen.ndim == axes - 1 > 0:
            seen = seen[:, None]
        if seen.ndim != axes:
            shape = {1: "(T,)", 2: "(T, out)", 3: "(T, out, in)"}[axes]
            raise ValidationError(self._called(kind), f"of shape {shape}", f"shape {seen.shape}")
        length = self.length
        if len(seen) != length:
            expected = f"of {length} samples, as many as inputs"
            remedy = "Give NaN for samples at which nothing was observed."
            if kind == "weights" and len(seen) == length + 1:
                remedy = "Give the first of them as start_weights."
            raise ValidationError(self._called(kind), expected, f"{len(seen)}", remedy)
        return seen

    def _check_values(self, kind: str) -> None:
        """Raise if the observation is not what its kind says, or tells nothing."""
        seen = self.observation
        values = seen[np.isfinite(seen)]
        if values.size == 0:
            raise ValidationError(self._called(kind), "observed at one sample at least", "only NaN")
        if kind == "spikes" and not np.isin(values, (0, 1)).all():
            got = f"numbers from {values.min():g} to {values.max():g}"
            raise ValidationError(self._called(kind), "spikes, 0 or 1 in each step", got, _RATES)
        if kind == "choices" and not ((values >= 0) & (values == np.round(values))).all():
            got = f"numbers from {values.min():g} to {values.max():g}"
            raise ValidationError(self._called(kind), "whole numbers from 0 on", got)

    def __repr__(self) -> str:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        given = [name for name, value in values.items() if value is not None and name != "name"]
        return f"Experiment({self.length} samples; {', '.join(given)})"


_SHAPE = "Give one sample a row, (T, in)."


def _with_gaps(name: str, values: object) -> AnyArray:
    """Return an array of floats in which NaN stands for what is missing; raise if it is none."""
    raw = as_numpy(name, values)
    if raw.dtype.kind != "f":
        check_array(name, raw)
        return raw.astype(float)
    gaps = np.isnan(raw)
    check_array(name, np.where(gaps, 0, raw))
    return np.where(gaps, np.nan, raw).astype(float)
