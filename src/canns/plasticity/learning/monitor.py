"""Monitors: what to record during a run, and how records get from the device to the host."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import jax
import numpy as np

from canns._describe import shown
from canns._placement import host
from canns._validation import check_size
from canns.errors import ValidationError
from canns.plasticity.learning.by_events import readable
from canns.plasticity.learning.setup import Setup
from canns.plasticity.learning.state import Learner
from canns.typing import AnyArray, Array, IntArray, PyTree

__all__ = ["SPIKES", "History", "Monitor", "Recorder", "Segment", "readings"]

SPIKES = "spikes"
_BUDGET = 2**26  # bytes of records that stay on the device before they go to the host


@dataclass(frozen=True)
class Monitor:
    """The quantities to record during a run, and how often.

    Args:
        names: Names of the quantities: "W" or a part of the weights such as "excitatory"; an array
            of the rule's memory; a field of the neuron's state such as "v"; "pre"; "post". In a
            stack of layers the layer's number comes first, as in "0.W". "spikes" records every
            nonzero output, independently of ``every``.
        every: Number of samples from one record to the next.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Linear
        >>> from canns.plasticity import Hebbian, Recorder, Setup, learn
        >>> recorder = Recorder(Monitor(("W",), every=2))
        >>> setup = Setup(Hebbian(1.0), Linear())
        >>> learner = learn(setup, jnp.ones((1, 1)), jnp.ones((5, 1)), recorder=recorder)
        >>> history = recorder.history()
        >>> history.times.tolist(), history.values["W"][:, 0, 0].tolist()
        ([2, 4], [4.0, 16.0])
    """

    names: tuple[str, ...]
    every: int = 1

    def __post_init__(self) -> None:
        check_size("every", self.every)
        several = isinstance(self.names, tuple | list) and len(self.names) > 0
        if not several or not all(isinstance(name, str) for name in self.names):
            raise ValidationError("names", "one name or more, in a tuple", repr(self.names))
        object.__setattr__(self, "names", tuple(dict.fromkeys(self.names)))

    @property
    def spikes(self) -> bool:
        """Whether spikes are recorded."""
        return SPIKES in self.names

    @property
    def snapshots(self) -> tuple[str, ...]:
        """The names that are recorded after every ``every`` samples: all except "spikes"."""
        return tuple(name for name in self.names if name != SPIKES)


@shown
class History(NamedTuple):
    """The records of a monitor.

    Args:
        values: For each name, its records, (records, ...).
        times: Number of samples shown before each record, (records,).
        spikes: The sample number, from 0, and the neuron of each spike, (spikes,) each; None if
            spikes were not recorded.
    """

    values: dict[str, AnyArray]
    times: IntArray
    spikes: tuple[AnyArray, AnyArray] | None


class Segment(NamedTuple):
    """Samples that run in one call: ``blocks`` blocks of ``steps`` samples, from ``start`` on."""

    start: int
    blocks: int
    steps: int
    recorded: bool


class Recorder:
    """Collects the records of a :class:`Monitor` over one run or several successive runs.

    Args:
        monitor: What to record.
    """

    def __init__(self, monitor: Monitor) -> None:
        if not isinstance(monitor, Monitor):
            raise ValidationError("monitor", "a Monitor", repr(monitor))
        self.monitor = monitor
        self._values: dict[str, list[AnyArray]] = {name: [] for name in monitor.snapshots}
        self._times: list[IntArray] = []
        self._spikes: list[tuple[AnyArray, AnyArray]] = []

    def check(self, setup: Setup, learner: Learner) -> None:
        """Raise if the run has no quantity of some name; start with empty records."""
        known = readings(setup, learner)
        for name, kept in self._values.items():
            if name not in known:
                expected = f"of names among {', '.join(map(repr, [*known, SPIKES]))}"
                raise ValidationError("monitor", expected, repr(name))
            if not kept:
                kept.append(np.empty((0, *known[name].shape), known[name].dtype))

    def segments(self, num_samples: int, seen: int, size: int, longest: int) -> Iterator[Segment]:
        """Yield segments, one per call; blocks end at records, and records fit on the device.

        Args:
            num_samples: The number of samples T.
            seen: Number of samples shown before.
            size: Bytes of the records of one block.
            longest: Maximal number of samples per call.
        """
        every = self.monitor.every
        head = min(-seen % every, num_samples)
        yield from _block(0, head, longest, (seen + head) % every == 0)
        whole = (num_samples - head) // every
        most = max(1, min(_BUDGET // max(size, 1), longest // every))
        for first in range(0, whole, most):
            start = head + first * every
            if every > longest:
                yield from _block(start, every, longest, True)
            else:
                yield Segment(start, min(most, whole - first), every, True)
        rest = num_samples - head - whole * every
        yield from _block(num_samples - rest, rest, longest, False)

    def take(
        self, segment: Segment, values: dict[str, Array], active: Array | None, seen: int
    ) -> None:
        """Store a segment's records: values, (blocks, ...), and active neurons, (samples, out)."""
        first = seen + segment.start
        if segment.recorded:
            ends = first + segment.steps * np.arange(1, segment.blocks + 1)
            self._times.append(ends)
            for name, kept in self._values.items():
                kept.append(host(values[name]))
        if self.monitor.spikes:
            when, who = np.nonzero(host(active))
            self._spikes.append((when + first, who))

    def history(self) -> History:
        """Return all records."""
        values = {name: np.concatenate(kept) for name, kept in self._values.items()}
        times = np.concatenate([np.empty(0, int), *self._times])
        spikes = None
        if self.monitor.spikes:
            nothing = np.empty(0, int)
            when, who = zip((nothing, nothing), *self._spikes, strict=True)
            spikes = np.concatenate(when), np.concatenate(who)
        return History(values, times, spikes)


def _block(start: int, steps: int, longest: int, recorded: bool) -> Iterator[Segment]:
    """Yield one block in calls of at most ``longest`` samples; a record follows the last call."""
    for done in range(0, steps, longest):
        length = min(longest, steps - done)
        yield Segment(start + done, 1, length, recorded and done + length == steps)


def readings(setup: Setup, learner: Learner) -> dict[str, Array]:
    """Return everything that can be recorded of a learner, by name."""
    learner = readable(setup, learner)
    pre, post = learner.activity
    named = [
        (setup.neuron.weight_names, learner.weights),
        (setup.rule.memory_attrs, learner.memory),
        (setup.neuron.state_names, learner.state),
        (_numbered("pre", pre), pre),
        (_numbered("post", post), post),
    ]
    found: dict[str, Array] = {}
    for names, values in named:
        for name, value in zip(jax.tree.leaves(names), jax.tree.leaves(values), strict=True):
            found.setdefault(name, value)
    return found


def _numbered(name: str, value: PyTree) -> PyTree:
    """Return ``name``; for a stack of layers, a name per layer, preceded by its number."""
    if not isinstance(value, tuple):
        return name
    return tuple(f"{i}.{name}" for i in range(len(value)))
