"""What a comparison of rules finds: scores, differences, and a verdict that may be none."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from scipy.special import stdtrit

from canns.inference.rule_files import RuleResult
from canns.plasticity import Rule
from canns.typing import AnyArray, FloatArray

if TYPE_CHECKING:
    import pandas

__all__ = ["RuleComparison"]

_SHOWN = 6  # rules in the summary
_LONG = 60  # characters of a title
_ALIKE = 1e-5  # difference per observation below which two rules predict the same


@dataclass(frozen=True, eq=False, repr=False)
class RuleComparison(RuleResult):
    """Which of several rules predicts experiments best that it has not seen.

    Args:
        names: The rules, best first.
        rules: The rules, with the numbers fitted to all experiments.
        held_out: Log-likelihood per observation of each experiment by the rule fitted to the
            others, (R, E).
        no_plasticity: The same without learning, (E,).
        random: The same of neurons that ignore the input, (E,).
        num_unknowns: How many numbers of each rule were fitted, (R,).
        excluded: Rules that these neurons and data cannot learn by, with the reason.
        conditions: What the comparison was made with, by name.

    Example:
        >>> import numpy as np
        >>> from canns.dynamics import Linear
        >>> from canns.inference import compare, simulate
        >>> from canns.plasticity import Oja
        >>> inputs = np.random.default_rng(0).normal(size=(6, 30, 4))
        >>> seen = simulate(Oja(0.1), Linear(), inputs, [[0.4, 0.1, 0.2, 0.3]], noise=0.1)
        >>> compare(Linear(), seen, ["oja", "anti_hebbian"]).best
        'oja'
    """

    names: tuple[str, ...]
    rules: tuple[Rule, ...]
    held_out: AnyArray
    no_plasticity: AnyArray
    random: AnyArray
    num_unknowns: AnyArray
    excluded: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str | float | bool] = field(default_factory=dict)

    packed: ClassVar[tuple[str, ...]] = ("rules",)
    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "held_out": ("rule", "experiment"),
        "no_plasticity": ("experiment",),
        "random": ("experiment",),
        "num_unknowns": ("rule",),
    }
    coords: ClassVar[Mapping[str, str]] = {"rule": "names"}
    rows: ClassVar[tuple[str, ...]] = ("rule",)

    @property
    def best(self) -> str:
        """The rule that wins; empty if the data cannot tell."""
        return self.candidates[0] if len(self.distinct(self.candidates)) == 1 else ""

    @property
    def candidates(self) -> tuple[str, ...]:
        """The best rule, and those that it does not beat; none if it does not beat no plasticity.

        The first is beaten if Student's interval of the mean difference over experiments is above
        zero; for the comparison with no plasticity, at a level divided by the number of rules.
        """
        gain, _, low = self.gain(self.no_plasticity, len(self.distinct(self.names)))
        if not (low[0] > 0 and gain[0] > 0):
            return ()
        beaten = self._differences(0)
        return tuple(n for n, gone in zip(self.names, beaten, strict=True) if not gone)

    def alike(self, name: str) -> tuple[str, ...]:
        """Return the rules that predict these data as the rule ``name`` does, itself included."""
        own = self.held_out[self.names.index(name)]
        near = np.abs(self.held_out - own).max(axis=1) < _ALIKE
        return tuple(each for each, same in zip(self.names, near, strict=True) if same)

    def distinct(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """Return the first of each group of rules that predict alike, of those named."""
        found: list[str] = []
        for name in names:
            if not any(name in self.alike(other) for other in found):
                found.append(name)
        return tuple(found)

    def gain(self, base: AnyArray, num_tests: int = 1) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return how much better each rule predicts than a base, (R,).

        Args:
            base: The scores of the base, (E,).
            num_tests: What the level is divided by.

        Returns:
            The mean difference over experiments, how far its interval reaches, and its lower end.
        """
        off = np.asarray(self.held_out) - np.asarray(base)
        count = off.shape[1]
        level = 1 - (1 - float(self.conditions["confidence"])) / (2 * max(num_tests, 1))
        reach = stdtrit(count - 1, level) * off.std(axis=1, ddof=1) / np.sqrt(count)
        return off.mean(axis=1), reach, off.mean(axis=1) - reach

    def _differences(self, first: int) -> AnyArray:
        """Return which rules one of them beats, (R,)."""
        mean, reach, _ = self.gain(np.asarray(self.held_out)[first])
        beaten: AnyArray = mean + reach < 0
        return beaten

    def to_dataframe(self) -> "pandas.DataFrame":
        """Return a table: score, gain over no plasticity with its interval, loss to the best."""
        import pandas

        gain, reach, _ = self.gain(self.no_plasticity)
        lost, error, _ = self.gain(np.asarray(self.held_out)[0])
        columns = {
            "log_likelihood": np.asarray(self.held_out).mean(axis=1),
            "above_no_plasticity": gain,
            "reach": reach,
            "below_best": -lost,
            "reach_below_best": error,
            "num_unknowns": self.num_unknowns,
        }
        return pandas.DataFrame(columns, pandas.Index(self.names, name="rule"))

    def verdict(self) -> str:
        """Return in a sentence which rule it is, or that the data cannot tell."""
        if not self.candidates:
            return "Cannot tell: no rule predicts better than no plasticity."
        if not self.best:
            others = ", ".join(self.distinct(self.candidates))
            return f"Cannot tell these apart: {others}."
        same = [name for name in self.alike(self.best) if name != self.best]
        also = f" (on these data the same as {', '.join(same)})" if same else ""
        return f"Best: {self.best}{also}."

    def summary(self) -> str:
        """Return the verdict, and the gain of the best few rules over no plasticity."""
        gain, reach, _ = self.gain(self.no_plasticity)
        lines, shown = [self.verdict()], self.distinct(self.names)
        for name in shown[:_SHOWN]:
            k = self.names.index(name)
            said = self._with_alike(name)
            lines.append(f"  {said}: {gain[k]:.3f} +- {reach[k]:.2g} above no plasticity")
        if len(shown) > _SHOWN:
            lines.append(f"  and {len(shown) - _SHOWN} further rules")
        return "\n".join(lines)

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the gain of each rule over no plasticity, with its interval."""
        gain, reach, _ = self.gain(self.no_plasticity)
        confidence = 100 * float(self.conditions["confidence"])
        best = self.verdict() if not self.best else f"Best: {self.best}"
        config = config or pictures.PlotConfig(
            title=best.split(":")[0] if len(best) > _LONG else best,
            xlabel=f"Log-likelihood gain per observation ({confidence:g} % intervals)",
        )
        shown = [self.names.index(name) for name in self.distinct(self.names)]
        labels = [self._with_alike(self.names[k]) for k in shown]
        both = np.array([reach[shown], reach[shown]])
        return pictures.named_values(labels, gain[shown], both, config, bars=True, ax=ax)

    def _with_alike(self, name: str) -> str:
        others = len(self.alike(name)) - 1
        return f"{name} (and {others} alike)" if others else name
