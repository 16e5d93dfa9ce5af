"""What a fit finds: the rule, how sure its numbers are, and how well it predicts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from canns.inference.rule_files import RuleResult
from canns.plasticity import Rule, TaylorRule
from canns.typing import AnyArray

if TYPE_CHECKING:
    import pandas

__all__ = ["FittedRule"]

_SHOWN = 6  # coefficients in the summary
_NEAR = 3  # named rules in the summary


@dataclass(frozen=True, eq=False, repr=False)
class FittedRule(RuleResult):
    """A learning rule found from experiments.

    Args:
        rule: The rule, ready to train with.
        labels: What each of its numbers is: a term, or the name of a hyperparameter.
        coefficients: The numbers, (P,).
        standard_error: Their standard errors, (P,): 0 for those that were held at zero, infinite
            for those that the data leave open.
        interval: Their confidence intervals, (P, 2).
        kept: 1 for the numbers that were fitted, 0 for terms that the selection took out, (P,).
        log_likelihood: Log-likelihood per observation of the fit to all experiments.
        held_out: That of each experiment by the rule fitted to the others, (E,); of the fit to all
            if there is one experiment only.
        no_plasticity: The same without learning: the weights stay as they start.
        random: The same of neurons that ignore the input: activity drawn at random, with the mean
            and variance of the other experiments.
        r2: The share of the variance that is predicted in experiments held out; for spikes and
            choices, the share of the log-likelihood that a constant chance leaves out.
        noise: Standard deviation of the residuals; NaN for spikes and choices.
        start_weights: The weights before the first sample, given or inferred, (E, out, in).
        losses: The loss after each step of the search, (S,).
        resamples: The numbers in each resample of a bootstrap, (B, P).
        path_sizes: Numbers of terms that the selection tried, (L,).
        path_scores: Held-out log-likelihood per observation of each, (L, E).
        distances: Named rules, nearest first, with their distances: 0 if the weights change alike
            up to the rate, 1 if the changes have nothing in common.
        conditions: What the fit was made with, by name.

    Example:
        >>> import numpy as np
        >>> from canns.dynamics import Linear
        >>> from canns.inference import Experiment, fit
        >>> from canns.plasticity import Hebbian
        >>> x = np.random.default_rng(0).normal(size=(30, 2))
        >>> w, y = np.array([[0.5, 0.2]]), []
        >>> for row in x:  # Hebb's rule at a rate of 0.02
        ...     y.append(w @ row)
        ...     w = w + 0.02 * np.outer(y[-1], row)
        >>> recorded = Experiment(x, activity=y, start_weights=[0.5, 0.2])
        >>> found = fit(Hebbian(0.1), Linear(), recorded)
        >>> round(found.rule.learning_rate, 6), found.labels
        (0.02, ('learning_rate',))
    """

    rule: Rule
    labels: tuple[str, ...]
    coefficients: AnyArray
    standard_error: AnyArray
    interval: AnyArray
    kept: AnyArray
    log_likelihood: float
    held_out: AnyArray
    no_plasticity: AnyArray
    random: AnyArray
    r2: float
    noise: float
    start_weights: AnyArray
    losses: AnyArray
    resamples: AnyArray = field(default_factory=partial(np.empty, (0, 0)))
    path_sizes: AnyArray = field(default_factory=partial(np.empty, 0))
    path_scores: AnyArray = field(default_factory=partial(np.empty, (0, 0)))
    distances: Mapping[str, float] = field(default_factory=dict)
    conditions: Mapping[str, str | float | bool] = field(default_factory=dict)

    dims: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "coefficients": ("coefficient",),
        "standard_error": ("coefficient",),
        "interval": ("coefficient", "end"),
        "kept": ("coefficient",),
        "held_out": ("experiment",),
        "no_plasticity": ("experiment",),
        "random": ("experiment",),
        "start_weights": ("experiment", "post", "pre"),
        "losses": ("step",),
    }
    coords: ClassVar[Mapping[str, str]] = {"coefficient": "labels"}
    rows: ClassVar[tuple[str, ...]] = ("coefficient",)

    @property
    def converged(self) -> bool:
        """Whether the search settled before its steps or its time were used up."""
        return bool(self.conditions["converged"])

    @property
    def nearest(self) -> str:
        """The named rule that changes the weights most alike; empty if none fits these data."""
        return next(iter(self.distances), "")

    def to_dataframe(self) -> "pandas.DataFrame":
        """Return a table of the numbers: value, error, ends of the interval, and if kept."""
        import pandas

        columns = {
            "value": self.coefficients,
            "standard_error": self.standard_error,
            "low": self.interval[:, 0],
            "high": self.interval[:, 1],
            "kept": np.asarray(self.kept) > 0,
        }
        return pandas.DataFrame(columns, pandas.Index(self.labels, name="coefficient"))

    def summary(self) -> str:
        """Return the rule, its largest numbers, its scores, and the nearest named rules."""
        formula = getattr(self.rule, "formula", None)
        lines = [formula() if formula is not None else repr(self.rule)]
        order = np.argsort(-np.abs(self.coefficients) * self.kept)[:_SHOWN]
        for k in order[np.asarray(self.kept)[order] > 0]:
            low, high = self.interval[k]
            lines.append(
                f"  {self.labels[k]}: {self.coefficients[k]:.4g} ({low:.4g} to {high:.4g})"
            )
        what = "held out" if self.conditions["folds"] else "in the fit"
        gain = self.held_out.mean() - self.no_plasticity.mean()
        score = f"Log-likelihood per observation {what}: {self.held_out.mean():.4g}"
        lines.append(f"{score}, {gain:.3g} above no plasticity; R2 {self.r2:.4f}")
        near = [f"{name} ({far:.3f})" for name, far in [*self.distances.items()][:_NEAR]]
        if near:
            lines.append(f"Nearest named rules, by distance: {', '.join(near)}")
        if not self.converged:
            lines.append("The search has not settled: go on with resume=.")
        return "\n".join(lines)

    def _draw(self, pictures: ModuleType, config: object, ax: object) -> object:
        """Draw the coefficients that were kept, with their intervals."""
        kept = np.flatnonzero(self.kept)
        values, ends = self.coefficients[kept], np.asarray(self.interval)[kept]
        reach = np.abs(ends.T - values)
        known = np.isfinite(reach).all(axis=0)
        confidence = float(self.conditions["confidence"])
        config = config or pictures.PlotConfig(
            title=f"Rule inferred from {self.conditions['experiments']:g} experiments",
            xlabel=f"Value (bars: {100 * confidence:g} % interval)",
        )
        terms = isinstance(self.rule, TaylorRule)
        names = [_as_formula(self.labels[k]) if terms else self.labels[k] for k in kept]
        names = [
            name if sure else f"{name} (open)" for name, sure in zip(names, known, strict=True)
        ]
        return pictures.named_values(names, values, np.where(known, reach, 0.0), config, ax=ax)


def _as_formula(term: str) -> str:
    """Return a term as a formula of matplotlib."""
    return "$" + term.replace("<", r"\langle ").replace(">", r"\rangle ").replace(" ", r"\,") + "$"
