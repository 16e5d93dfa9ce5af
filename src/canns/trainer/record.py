"""The report of a training run."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import ModuleType
from typing import Any, ClassVar, Self

import jax
import jax.numpy as jnp
import numpy as np

from canns._describe import lines_of, span
from canns._placement import host
from canns._results import Result
from canns.dynamics import StoredPatterns, Synapses
from canns.dynamics.couplings import norms_after
from canns.models.training import Silence
from canns.plasticity import History
from canns.plasticity.learning import norms_of_change
from canns.typing import AnyArray, Array, PyTree

__all__ = ["TrainingRecord", "measure_change"]

_LINES = 64  # the most curves of one record that are drawn


@dataclass(frozen=True, eq=False, repr=False)
class TrainingRecord(Result):
    """What changed in a training run, epoch by epoch.

    Args:
        rule: Name of the rule.
        num_samples: Number of samples in an epoch.
        weight_change: Frobenius norm of the change of W in each epoch, (epochs,).
        weight_norm: Frobenius norm of W after each epoch, (epochs,).
        changed: Names of the states that were written.
        measures: The rule's measures of the final weights by name, such as "kappa", the stability
            of each neuron.
        history: The values that a monitor recorded, (records, ...), by name.
        times: Number of samples, of all epochs, shown before each record, (records,).
        spikes: The sample, from 0, and the neuron of each spike, (spikes,) each; None if the
            monitor did not record them.
        warnings: What the run warned of, one sentence or two each.
        silence: How many ``samples`` and ``neurons`` of a layer were silent, if the run has changed
            no weight; else None each.
        stopped_at: Number of samples, of all epochs, after which a callback ended the run; None if
            none did.
    """

    rule: str
    num_samples: int
    weight_change: AnyArray
    weight_norm: AnyArray
    changed: tuple[str, ...]
    measures: dict[str, AnyArray] = field(default_factory=dict)
    history: dict[str, AnyArray] = field(default_factory=dict)
    times: AnyArray = field(default_factory=partial(np.empty, 0, int))
    spikes: tuple[AnyArray, AnyArray] | None = None
    warnings: tuple[str, ...] = ()
    silence: Silence = Silence()  # noqa: RUF009  # a tuple, which nothing can change
    stopped_at: int | None = None

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "weight_change": ("epoch",),
        "weight_norm": ("epoch",),
    }
    rows: ClassVar[tuple[str, ...]] = ("epoch",)

    def with_history(self, history: History) -> "TrainingRecord":
        """Return the record with the history of a monitor."""
        values, times, spikes = history
        return replace(self, history=values, times=times, spikes=spikes)

    @property
    def num_epochs(self) -> int:
        """Number of passes over the data."""
        return len(self.weight_change)

    def __repr__(self) -> str:
        try:
            facts = self._facts()
        except Exception:  # a user may build a record of other parts
            facts = {}
        return lines_of(f"{type(self).__name__} of {self.rule}", facts)

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the learning curve.

        With a monitor's records of small arrays, such as a threshold, these over the samples; else
        the change and the norm of W over the epochs.
        """
        small = {name: v for name, v in self.history.items() if v.ndim < 3 and v.size}
        kept = {name: v for name, v in small.items() if v.ndim == 1 or v.shape[1] <= _LINES}
        norms = {r"$|\Delta W|$": self.weight_change, "$|W|$": self.weight_norm}
        curves, x = (kept, self.times) if kept else (norms, None)
        config = config or pictures.PlotConfig(title=f"Learning by {self.rule}")
        return pictures.learning_curves(curves, x, config, ax=ax)

    def summary(self) -> str:
        """Return the run in one line: epochs, samples, changes, and what was written."""
        return str(self)

    def to_xarray(self) -> Any:
        """Return the changes by epoch, and the monitor's records by sample."""
        dataset = super().to_xarray().assign_coords(epoch=np.arange(1, self.num_epochs + 1))
        if self.history:
            dataset = dataset.assign_coords(sample=self.times)
        for name, values in (self.history | self.measures).items():
            lead = ("sample",) if name in self.history else ()
            own = tuple(f"{name}_axis_{k}" for k in range(values.ndim - len(lead)))
            dataset[name] = (lead + own, values)
        if self.spikes is not None:
            steps, neurons = self.spikes
            dataset["spike_sample"] = ("spike", steps)
            dataset["spike_neuron"] = ("spike", neurons)
        return dataset

    @classmethod
    def _unpacked(cls, values: dict[str, Any], tensors: dict[str, AnyArray]) -> Self:
        found = super()._unpacked(values, tensors)
        return replace(found, silence=Silence(*found.silence))

    def _facts(self) -> dict[str, str]:
        """Return the lines of ``repr`` by title."""
        first, last = self.weight_change[0], self.weight_change[-1]
        many = self.num_epochs > 1
        spikes = None if self.spikes is None else len(self.spikes[0])
        return {
            "shown": f"{self.num_samples} samples" + f" x {self.num_epochs} epochs" * many,
            "last |dW|": f"{last:.3g}" + f", from {first:.3g} in the first epoch" * many,
            "|W|": f"{self.weight_norm[-1]:.4g}",
            "stopped": "" if self.stopped_at is None else f"after {self.stopped_at} samples",
            "written": ", ".join(self.changed),
            **{name: span(values) for name, values in self.measures.items()},
            "recorded": ", ".join(f"{name} ({span(v)})" for name, v in self.history.items()),
            "spikes": "" if spikes is None else str(spikes),
            "silent": ""
            if self.silence.samples is None
            else f"{self.silence.samples} samples, {self.silence.neurons} neurons",
            "warnings": f"{len(self.warnings)}, in .warnings" if self.warnings else "",
        }

    def __str__(self) -> str:
        changes = ", ".join(f"{change:.3g}" for change in self.weight_change[-5:])
        spans = (
            f"; {name} from {values.min():.3g} to {values.max():.3g}"
            for name, values in self.measures.items()
        )
        return (
            f"{self.rule}: {self.num_epochs} epoch(s) of {self.num_samples} sample(s); "
            f"|dW| of the last: {changes}; |W| = {self.weight_norm[-1]:.4g}; "
            f"written: {', '.join(self.changed)}"
            f"{''.join(spans)}"
        )


_norms = jax.jit(norms_of_change)


def measure_change(before: PyTree, after: PyTree) -> AnyArray:
    """Return the norms of the change and of the weights after it, over all parts, (2,).

    New weights count as zero before, as in a network that appends patterns. NaN for patterns in
    place of weights if the norms would take long to compute.
    """
    if isinstance(after, StoredPatterns):
        return np.array(norms_after(before, after))
    if not isinstance(after, Synapses):  # whose number of neurons stays
        before = jax.tree.map(_as_large, before, after)
    return host(_norms(before, after))


def _as_large(before: Array, after: Array) -> Array:
    if before.shape == after.shape:
        return before
    kept = tuple(slice(min(a, b)) for a, b in zip(before.shape, after.shape, strict=True))
    return jnp.zeros_like(after).at[kept].set(before[kept])
