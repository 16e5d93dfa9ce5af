"""What a fit to pairing data finds: the rule, how sure its numbers are, and how well it fits."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from scipy.special import chdtri, fdtri

from canns._validation import check_choice, check_size
from canns.inference.events import SpikeRule, weight_changes
from canns.inference.protocols import Protocol
from canns.inference.rule_files import RuleResult
from canns.typing import AnyArray, FloatArray

if TYPE_CHECKING:
    import pandas

__all__ = ["FittedPairing"]

_POINTS = 121  # of a curve


@dataclass(frozen=True, eq=False, repr=False)
class FittedPairing(RuleResult):
    """A rule of spikes that was fitted to the changes by pairing protocols.

    Args:
        rule: The rule, ready to train with; amplitudes are for one pair or triplet.
        labels: Names of the numbers that were fitted, (P,).
        values: The numbers, (P,).
        interval: Their intervals by profile likelihood, (P, 2): a number may be moved so far, all
            others following, before the fit is worse than chance allows. 0 or infinite if the data
            set no limit.
        positive: 1 for a number that cannot be negative, which is fitted in its logarithm, (P,).
        covariance: Covariance by the curvature at the fit, (P, P), of the logarithms of positive
            numbers and of the others themselves.
        alternatives: Sets of numbers that fit about as well, (K, P): all that the profiles passed.
        protocols: The protocols, (N,).
        changes: What was measured, (N,).
        errors: Standard errors, (N,): those given, or the one estimated from the residuals.
        predicted: The changes by the fitted rule, (N,).
        chi_square: Sum of the squared deviations in standard errors; NaN without errors.
        p_value: The probability of so large a chi square if the rule is right; NaN without errors.
        conditions: What the fit was made with, by name.
    """

    rule: SpikeRule
    labels: tuple[str, ...]
    values: AnyArray
    interval: AnyArray
    positive: AnyArray
    covariance: AnyArray
    alternatives: AnyArray
    protocols: tuple[Protocol, ...]
    changes: AnyArray
    errors: AnyArray
    predicted: AnyArray
    chi_square: float
    p_value: float
    conditions: Mapping[str, str | float | bool]

    packed: ClassVar[tuple[str, ...]] = ("rule", "protocols")
    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "values": ("number",),
        "interval": ("number", "end"),
        "positive": ("number",),
        "covariance": ("number", "other_number"),
        "alternatives": ("set", "number"),
        "changes": ("protocol",),
        "errors": ("protocol",),
        "predicted": ("protocol",),
    }
    coords: ClassVar[Mapping[str, str]] = {"number": "labels", "protocol": "protocol_labels"}
    rows: ClassVar[tuple[str, ...]] = ("number",)

    @property
    def protocol_labels(self) -> tuple[str, ...]:
        """The labels of the protocols, (N,)."""
        return tuple(protocol.label for protocol in self.protocols)

    @property
    def error(self) -> float:
        """E, the mean squared deviation in standard errors, as Pfister & Gerstner define it."""
        return self.chi_square / len(self.changes)

    @property
    def known_errors(self) -> bool:
        """Whether the errors were given."""
        return not np.isnan(self.chi_square)

    def region(self, first: str, second: str, num_points: int = 100) -> FloatArray:
        """Return the border of the joint confidence region of two numbers, (num_points, 2).

        An ellipse in the logarithms of the numbers, by the curvature at the fit.

        Args:
            first: Name of the one number.
            second: Name of the other.
            num_points: Number of points.
        """
        place = [self.labels.index(check_choice("number", n, self.labels)) for n in (first, second)]
        count, held = len(self.changes) - len(self.values), float(self.conditions["confidence"])
        level = chdtri(2, 1 - held) if self.known_errors else 2 * fdtri(2, count, held)
        angle = np.linspace(0, 2 * np.pi, check_size("num_points", num_points))
        circle = np.stack([np.cos(angle), np.sin(angle)])
        own = np.asarray(self.covariance)[np.ix_(place, place)]
        root = np.linalg.cholesky(own + 1e-12 * np.trace(own) * np.eye(2))
        around: FloatArray = (np.sqrt(level) * root @ circle).T
        middle = np.asarray(self.values)[place]
        positive = np.asarray(self.positive)[place] > 0
        return np.where(positive, middle * np.exp(around), middle + around)

    def to_dataframe(self) -> "pandas.DataFrame":
        """Return a table of the numbers: value, and ends of the interval."""
        import pandas

        low, high = np.asarray(self.interval).T
        index = pandas.Index(self.labels, name="number")
        return pandas.DataFrame({"value": self.values, "low": low, "high": high}, index)

    def summary(self) -> str:
        """Return the rule, its numbers with their intervals, and how well it fits."""
        held = 100 * float(self.conditions["confidence"])
        lines = [f"{type(self.rule).__name__}, {len(self.changes)} protocols"]
        for label, value, (low, high) in zip(self.labels, self.values, self.interval, strict=True):
            lines.append(f"  {label}: {value:.4g} ({held:g} %: {low:.4g} to {high:.4g})")
        if not self.known_errors:
            lines.append(f"standard error of a change, by the residuals: {self.errors[0]:.3g}")
        else:
            fit = f"chi square {self.chi_square:.3g}, p = {self.p_value:.2g}"
            lines.append(f"E = {self.error:.3g} ({fit})")
        return "\n".join(lines)

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the changes with their errors, and the rule's: by lag, by frequency, or in order."""
        pairs = [each for each in self.protocols if len(each.pre) == len(each.post) == 1]
        if len(pairs) < len(self.protocols):
            return self._draw_in_order(pictures, config, ax)
        if len({(each.period, each.repeats) for each in pairs}) == 1:
            return self._draw_by_lag(pictures, config, ax)
        return self._draw_by_frequency(pictures, config, ax)

    def _changes(self, protocols: list[Protocol]) -> FloatArray:
        """Return the changes that the rule makes from the weight that it was fitted at."""
        start = float(self.conditions["start_weight"])
        return weight_changes(self.rule, protocols, start_weight=start)

    def _draw_by_lag(self, pictures: ModuleType, config: object, ax: object) -> object:
        lags = np.array([each.post[0] - each.pre[0] for each in self.protocols])
        reach = 1.05 * np.abs(lags).max()
        line = np.linspace(-reach, reach, _POINTS)
        one = self.protocols[0]
        options: dict[str, Any] = {"frequency": 1000 / one.period, "repeats": one.repeats}
        curve = self._changes([Protocol.pair(lag, **options) for lag in line])
        curve = np.where(line == 0, np.nan, curve)  # the window jumps at a lag of 0
        points = {"data": pictures.Series(lags, self.changes, self.errors, bars="s.e.")}
        words = {"title": "Fitted window", "xlabel": "Post minus pre spike time (ms)"}
        config = config or pictures.PlotConfig(ylabel="Weight change (share)", **words)
        lines = {f"{type(self.rule).__name__}": pictures.Series(line, curve)}
        return pictures.measured_over_theory(points, lines, config, ax=ax)

    def _draw_by_frequency(self, pictures: ModuleType, config: object, ax: object) -> object:
        lags = np.array([each.post[0] - each.pre[0] for each in self.protocols])
        rates = np.array([1000 / each.period for each in self.protocols])
        points, lines = {}, {}
        for lag in dict.fromkeys(lags.tolist()):
            own = np.flatnonzero(lags == lag)
            own = own[np.argsort(rates[own])]
            name = f"{lag:+g} ms"
            series = rates[own], self.changes[own], self.errors[own]
            points[name] = pictures.Series(*series, bars="s.e.")
            grid = np.geomspace(rates[own].min(), rates[own].max(), _POINTS)
            options = {"repeats": self.protocols[own[0]].repeats}
            pairs = [Protocol.pair(lag, frequency=rate, **options) for rate in grid]
            lines[name] = pictures.Series(grid, self._changes(pairs))
        words = {"title": f"{type(self.rule).__name__} fitted", "xlabel": "Frequency of pairs (Hz)"}
        config = config or pictures.PlotConfig(ylabel="Weight change (share)", **words)
        return pictures.measured_over_theory(points, lines, config, ax=ax)

    def _draw_in_order(self, pictures: ModuleType, config: object, ax: object) -> object:
        places = np.arange(1.0, len(self.changes) + 1)
        points = {
            "data": pictures.Series(places, self.changes, self.errors, bars="s.e."),
            f"{type(self.rule).__name__}, fitted": pictures.Series(places, self.predicted),
        }
        words = {"title": f"{type(self.rule).__name__} fitted", "xlabel": ""}
        config = config or pictures.PlotConfig(ylabel="Weight change (share)", **words)
        figure, axes = pictures.measured_over_theory(points, {}, config, ax=ax)
        axes.set_xticks(places, self.protocol_labels, rotation=40, ha="right", fontsize="x-small")
        return figure, axes
