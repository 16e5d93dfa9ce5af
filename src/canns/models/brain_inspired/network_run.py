"""What a run of a spiking network has shown: spikes, rates, and how irregular they are."""

from typing import NamedTuple

import numpy as np

from canns._describe import shown
from canns._results import Picture, load_pictures
from canns._validation import check_choice, check_real, check_size
from canns.errors import ValidationError
from canns.typing import FloatArray, IntArray

__all__ = ["NetworkRun", "NetworkSamples", "NetworkSpikes", "irregularity"]

_MOST_BINS = 10**7


@shown
class NetworkSpikes(NamedTuple):
    """The spikes of a population.

    Args:
        times: When each spike fell, in ms since the network was built or reset, in order,
            (spikes,).
        neurons: The neuron that fired it, (spikes,).
    """

    times: FloatArray
    neurons: IntArray


@shown
class NetworkSamples(NamedTuple):
    """States of neurons, and strengths of synapses that learn, over time.

    Args:
        times: When each sample was taken, in ms since the network was built or reset, (samples,).
        states: By population and by field, such as "v", (samples, neurons).
        weights: By pathway: the mean strength, (samples,), or those of some synapses, (samples,
            synapses).
    """

    times: FloatArray
    states: dict[str, dict[str, FloatArray]]
    weights: dict[str, FloatArray]


@shown
class NetworkRun(NamedTuple):
    """A run of a :class:`~canns.models.brain_inspired.SpikingNetwork`.

    Args:
        start: When the run began, in ms.
        duration: How long it was, in ms.
        sizes: The number of neurons of each recorded population, by name.
        spikes: Their spikes, by name.
        dt: Length of a step in ms.
        samples: What else was recorded.

    Example:
        >>> from canns.dynamics import CurrentLIF
        >>> from canns.models.brain_inspired import SpikingNetwork
        >>> network = SpikingNetwork(seed=0)
        >>> network.add("E", CurrentLIF(drive=20.0), 2)
        >>> run = network.run(200.0)
        >>> run.spikes["E"].times[:4].tolist(), run.rates("E").tolist(), run.cv("E").tolist()
        ([33.0, 33.0, 52.0, 52.0], [45.0, 45.0], [0.0, 0.0])
    """

    start: float
    duration: float
    sizes: dict[str, int]
    spikes: dict[str, NetworkSpikes]
    dt: float
    samples: NetworkSamples

    def rates(self, name: str, since: float = 0.0) -> FloatArray:
        """Return the rate of each neuron in Hz, (size,).

        Args:
            name: The population.
            since: From how many ms after the start on.
        """
        seconds = (self.duration - self._settled(since)) / 1000.0
        found = self._later(name, since)
        return np.bincount(found.neurons, minlength=self.sizes[name]) / seconds

    def cv(self, name: str, since: float = 0.0, fewest: int = 2) -> FloatArray:
        r"""Return the coefficient of variation of the intervals between spikes, (size,).

        .. math:: CV = \sigma_{ISI} / \mu_{ISI}

        It is 0 for a clock and 1 for a Poisson process; NaN for a neuron with fewer intervals than
        ``fewest``.

        Args:
            name: The population.
            since: From how many ms after the start on.
            fewest: Fewest intervals.
        """
        self._settled(since)
        return irregularity(*self._later(name, since), self.sizes[name], fewest)

    def population_rate(self, name: str, bin_ms: float = 1.0) -> tuple[FloatArray, FloatArray]:
        """Return the mid times of bins in ms, and the mean rate over neurons in each, in Hz.

        Args:
            name: The population.
            bin_ms: Length of a bin, at most the run, and at least a ten millionth of it; a rest at
                the end is left out.
        """
        least = self.duration / _MOST_BINS
        width = check_real("bin_ms", bin_ms, low=least, high=self.duration)
        bins = int(self.duration / width + 1e-6)
        edges = self.start + width * np.arange(bins + 1)
        # A spike falls on the end of its step, so that end belongs to the bin.
        at = np.searchsorted(edges, self._of(name).times - 1e-6 * width, side="right") - 1
        counts = np.bincount(at[at < bins], minlength=bins)
        return edges[:-1] + width / 2, 1000.0 * counts / (width * self.sizes[name])

    def plot(
        self,
        name: str,
        config: object = None,
        *,
        bin_width: float | None = None,
        ax: object = None,
    ) -> Picture:
        """Draw the spikes of a population over the time of the run, and their rate below.

        Args:
            name: The population.
            config: Settings, a :class:`~canns.analyzer.visualization.PlotConfig`, or None.
            bin_width: Width of the bins of the rate in ms, at least dt; None for a hundredth of the
                run.
            ax: Axes of matplotlib that give their place to the panels; None for a new figure.

        Returns:
            The figure and its axes, (2,).

        Raises:
            MissingExtraError: If matplotlib is not installed.
        """
        times, neurons = self._of(name)
        if bin_width is not None:
            check_real("bin_width", bin_width, low=self.dt, high=self.duration)
        picture: Picture = load_pictures().spike_raster(
            np.rint((times - self.start) / self.dt).astype(int) - 1,
            neurons,
            config,
            num_steps=round(self.duration / self.dt),
            num_neurons=self.sizes[name],
            dt=self.dt,
            bin_width=bin_width,
            ax=ax,
        )
        return picture

    def _of(self, name: str) -> NetworkSpikes:
        return self.spikes[check_choice("name", name, self.spikes)]

    def _later(self, name: str, since: float) -> NetworkSpikes:
        found = self._of(name)
        later = found.times > self.start + since
        return NetworkSpikes(found.times[later], found.neurons[later])

    def _settled(self, since: float) -> float:
        settled = check_real("since", since, low=0)
        if settled >= self.duration:
            expected = f"below the duration of the run, {self.duration:g} ms"
            raise ValidationError("since", expected, f"{settled:g}", "Run for longer.")
        return settled


def irregularity(times: FloatArray, neurons: IntArray, size: int, fewest: int = 2) -> FloatArray:
    """Return the coefficient of variation of the intervals of each neuron, (size,).

    Args:
        times: When each spike fell, in order, (spikes,).
        neurons: The neuron that fired it, (spikes,).
        size: Number of neurons.
        fewest: Fewest intervals; neurons with fewer get NaN.

    Example:
        >>> irregularity(np.array([0.0, 1.0, 4.0]), np.array([0, 0, 0]), 2).tolist()
        [0.5, nan]
    """
    least = check_size("fewest", fewest, low=2)
    order = np.lexsort((times, neurons))
    whose, sorted_ = neurons[order], times[order]
    gaps = np.diff(sorted_)[whose[1:] == whose[:-1]]
    owner = whose[1:][whose[1:] == whose[:-1]]
    count = np.bincount(owner, minlength=size)
    some = np.maximum(count, 1)
    mean = np.bincount(owner, gaps, size) / some
    spread = np.bincount(owner, (gaps - mean[owner]) ** 2, size) / some
    enough = count >= least
    ratio = np.sqrt(spread) / np.where(mean > 0, mean, 1.0)
    return np.where(enough, ratio, np.nan)
