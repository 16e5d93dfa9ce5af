"""Pairing protocols of slice experiments: spike times that are repeated, and published changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np

from canns._validation import as_numpy, check_real, check_size, check_vector
from canns.errors import ValidationError
from canns.typing import FloatArray

__all__ = ["SJOSTROM_2001", "PairingData", "Protocol"]


@dataclass(frozen=True)
class Protocol:
    """Spikes of a synapse's two neurons in a block that is repeated at a fixed period.

    Args:
        pre: Times of the presynaptic spikes in a block in ms.
        post: Times of the postsynaptic spikes in a block in ms.
        repeats: Number of blocks.
        period: Time from one block to the next in ms.
        label: A name for tables and pictures; "" for one made of the times.

    Raises:
        ValidationError: If there is no spike, two spikes of a neuron coincide, or an argument is
            out of range.

    Example:
        >>> Protocol.pair(10.0, frequency=20.0)
        Protocol(pre=(0.0,), post=(10.0,), repeats=60, period=50.0, label='+10 ms, 20 Hz')
        >>> Protocol.pre_post_pre(5.0, 15.0).pre
        (-5.0, 15.0)
    """

    pre: tuple[float, ...]
    post: tuple[float, ...]
    repeats: int = 60
    period: float = 1000.0
    label: str = ""

    def __post_init__(self) -> None:
        check_size("repeats", self.repeats)
        check_real("period", self.period, low=0, open_low=True)
        for name in ("pre", "post"):
            times = as_numpy(name, getattr(self, name))
            found = tuple(check_vector(name, times).tolist()) if times.size else ()
            object.__setattr__(self, name, tuple(sorted(found)))
            train = self._train(found)
            if (np.diff(np.sort(train)) <= 0).any():
                expected = "of times that differ, also between blocks"
                raise ValidationError(name, expected, f"{found} every {self.period:g} ms")
        if not self.pre and not self.post:
            raise ValidationError("pre and post", "one spike or more", "none")
        if not self.label:
            object.__setattr__(self, "label", self._described())

    @classmethod
    def pair(cls, lag: float, *, frequency: float = 1.0, repeats: int = 60) -> Self:
        """Return pairs of spikes.

        Args:
            lag: Time of the postsynaptic spike after the presynaptic one in ms.
            frequency: Pairs a second, in Hz.
            repeats: Number of pairs.
        """
        label = f"{check_real('lag', lag):+g} ms, {frequency:g} Hz"
        return cls((0.0,), (float(lag),), repeats, _period(frequency), label)

    @classmethod
    def pre_post_pre(
        cls, before: float, after: float, *, frequency: float = 1.0, repeats: int = 60
    ) -> Self:
        """Return triplets of a presynaptic, a postsynaptic and a presynaptic spike.

        Args:
            before: Time from the first presynaptic spike to the postsynaptic one in ms.
            after: Time from there to the second presynaptic spike in ms.
            frequency: Triplets a second, in Hz.
            repeats: Number of triplets.
        """
        _check_gaps(before=before, after=after)
        label = f"pre {before:g} post {after:g} pre"
        return cls((-before, after), (0.0,), repeats, _period(frequency), label)

    @classmethod
    def post_pre_post(
        cls, before: float, after: float, *, frequency: float = 1.0, repeats: int = 60
    ) -> Self:
        """Return triplets of a postsynaptic, a presynaptic and a postsynaptic spike.

        Args:
            before: Time from the first postsynaptic spike to the presynaptic one in ms.
            after: Time from there to the second postsynaptic spike in ms.
            frequency: Triplets a second, in Hz.
            repeats: Number of triplets.
        """
        _check_gaps(before=before, after=after)
        label = f"post {before:g} pre {after:g} post"
        return cls((0.0,), (-before, after), repeats, _period(frequency), label)

    @classmethod
    def quadruplet(
        cls, first_lag: float, second_lag: float, interval: float, **repeated: float
    ) -> Self:
        """Return quadruplets: two pairs, their middles ``interval`` ms apart.

        Args:
            first_lag: Time of the postsynaptic spike after the presynaptic one in the first pair
                in ms.
            second_lag: The same in the second pair.
            interval: Time from the middle of the first pair to that of the second in ms, above 0.
            **repeated: ``frequency`` and ``repeats``, as in :meth:`pair`.
        """
        _check_gaps(interval=interval)
        lags = (check_real("first_lag", first_lag), check_real("second_lag", second_lag))
        middles = (0.0, interval)
        pre = tuple(middle - lag / 2 for middle, lag in zip(middles, lags, strict=True))
        post = tuple(middle + lag / 2 for middle, lag in zip(middles, lags, strict=True))
        label = f"{first_lag:+g} and {second_lag:+g} ms, {interval:g} ms apart"
        period = _period(repeated.get("frequency", 1.0))
        return cls(pre, post, int(repeated.get("repeats", 60)), period, label)

    @property
    def trains(self) -> tuple[FloatArray, FloatArray]:
        """All presynaptic and all postsynaptic spike times in ms, in order."""
        return np.sort(self._train(self.pre)), np.sort(self._train(self.post))

    def _train(self, times: Sequence[float]) -> FloatArray:
        blocks = self.period * np.arange(self.repeats)
        train: FloatArray = (blocks[:, None] + np.asarray(times, float)).ravel()
        return train

    def _described(self) -> str:
        pre, post = (", ".join(f"{time:g}" for time in times) for times in (self.pre, self.post))
        return f"pre {pre or 'none'}; post {post or 'none'}"


def _period(frequency: float) -> float:
    return 1000.0 / check_real("frequency", frequency, low=0, open_low=True)


def _check_gaps(**gaps: float) -> None:
    for name, gap in gaps.items():
        check_real(name, gap, low=0, open_low=True)


class PairingData(NamedTuple):
    """The outcome of a pairing experiment.

    Args:
        protocols: The protocols.
        changes: The change of the weight by each, as a share of the weight before, (P,).
        errors: Standard errors of the changes, (P,).
        source: The publication.
    """

    protocols: tuple[Protocol, ...]
    changes: FloatArray
    errors: FloatArray
    source: str


def _by_frequency(
    lag: float, frequencies: Sequence[float], repeats: int = 60
) -> tuple[Protocol, ...]:
    return tuple(Protocol.pair(lag, frequency=each, repeats=repeats) for each in frequencies)


_FREQUENCIES = (0.1, 10.0, 20.0, 40.0, 50.0)

#: Pairs at lags of +10 and -10 ms, at frequencies from 0.1 to 50 Hz, in layer 5 of rat visual
#: cortex. The experiment had 15 bursts of 5 pairs, and 50 pairs at 0.1 Hz; models take 60 pairs in
#: a row for them, as Pfister & Gerstner (2006) do, who quote the numbers.
SJOSTROM_2001 = PairingData(
    _by_frequency(10.0, _FREQUENCIES) + _by_frequency(-10.0, _FREQUENCIES),
    np.array([-0.04, 0.14, 0.29, 0.53, 0.56, -0.29, -0.41, -0.34, 0.56, 0.75]),
    np.array([0.05, 0.10, 0.14, 0.11, 0.26, 0.08, 0.11, 0.10, 0.32, 0.19]),
    "Sjöström, Turrigiano & Nelson (2001), Neuron 32:1149",
)
