"""``fit``: the numbers of a rule that explain experiments."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import jax
import numpy as np
from tqdm.auto import tqdm

from canns._load import load
from canns._tensors import PathLike
from canns._validation import check_flag, check_real
from canns.dynamics import Neuron
from canns.errors import ValidationError
from canns.inference.data import Problem, check_problem, problem_of
from canns.inference.experiment import Experiment
from canns.inference.fit_result import result_of
from canns.inference.fitted_rule import FittedRule
from canns.inference.folds import assign_folds
from canns.inference.members import Clock, Fitting, Penalty, Search
from canns.inference.options import Method, Options, check_options, check_selection
from canns.inference.search import bootstrap, search_for
from canns.inference.unknowns import Unknown, find_unknowns, labels_of, put, start_of, to_values
from canns.plasticity import Projection, Rule

if TYPE_CHECKING:
    import optax

__all__ = ["fit"]


def fit(
    rule: Rule,
    neuron: Neuron,
    experiments: Sequence[Experiment] | Experiment,
    *,
    fit: str | Sequence[str] | None = None,  # what is fitted
    project: Projection | None = None,
    sparse: bool = False,
    l1: float = 0.0,
    l2: float = 0.0,
    num_folds: int = 5,
    num_bootstrap: int = 0,
    num_restarts: int = 1,
    method: Method = "auto",
    optimizer: "optax.GradientTransformation | None" = None,
    max_steps: int = 100,
    max_seconds: float | None = None,
    confidence: float = 0.95,
    resume: FittedRule | PathLike | None = None,
    seed: int = 0,
    show_progress: bool = False,
) -> FittedRule:
    r"""Find the numbers of a rule under which a neuron behaves as it was observed to.

    .. math::
        \hat\theta = \arg\max_\theta \sum_t \log p(o_t \mid W_t, x_t), \qquad
        W_{t+1} = \mathrm{project}(W_t + \Delta W_\theta)

    The rule runs along each experiment, and the gradient goes through the whole run. Observed
    weights and activity are Gaussian about what the run predicts, with an unknown variance. Spikes
    of a :class:`~canns.dynamics.Poisson` or :class:`~canns.dynamics.Logistic` neuron, and choices,
    have the neuron's own likelihood; the rule then reads what was observed.

    Up to 200 numbers are found by Gauss-Newton steps with Marquardt's damping, first on the
    beginning of each experiment, and then on more and more of it, because the run of a wrong rule
    may explode. If weights were observed, the first fit is from each observed weight to the next.
    More numbers, or any if an ``optimizer`` is given, are found by gradient descent with optax.
    Hyperparameters stay within their intervals, by a logarithm or a logit.

    Experiments are held out in turn to measure how well the rule predicts what it has not seen.
    Computations are in double precision.

    Args:
        rule: The rule: one with unknown coefficients, such as
            :class:`~canns.plasticity.TaylorRule`, or any other. Its numbers are the first guess.
        neuron: The neuron model.
        experiments: The experiments, all of one kind of observation.
        fit: Names of the hyperparameters to fit, such as ``("A_plus", "tau_plus")``, or
            "rule.A_plus" of a rule inside. None for the coefficients that the rule declares as
            unknown, else for all hyperparameters, save a learning rate beside amplitudes.
        project: The constraint on the weights; None for none.
        sparse: Whether to take out coefficients, the weakest first, up to the best held-out
            log-likelihood, and then those that do not differ from zero. The intervals are those of
            the terms that are left, and do not know of the selection.
        l1: Strength of a penalty on the absolute coefficients, in log-likelihood per observation.
        l2: Strength of a penalty on half their squares.
        num_folds: Number of parts in which experiments are held out; 0 for no held-out scores.
        num_bootstrap: Resamples of the experiments for errors and intervals; 0 to take them from
            the curvature of the likelihood.
        num_restarts: Number of starts; those after the first are random.
        method: "gauss_newton", "descent", or "auto".
        optimizer: An optimiser of optax for the descent; None for Adam with clipped gradients.
        max_steps: The most steps of the search at full length.
        max_seconds: Time after which the best so far is returned, with a warning.
        confidence: Confidence of the intervals.
        resume: A result, or the file that one was saved to, at whose numbers to go on.
        seed: Seed of folds, restarts and resamples.
        show_progress: Whether to show a bar.

    Returns:
        The rule, with errors and scores.

    Raises:
        ValidationError: If rule, neuron and experiments do not fit each other, nothing can be
            inferred from them, or an argument is out of range.
        MissingExtraError: If optax is needed and not installed.

    Example:
        >>> import numpy as np
        >>> from canns.dynamics import Linear
        >>> from canns.plasticity import TaylorRule
        >>> rng, experiments = np.random.default_rng(0), []
        >>> for _ in range(4):  # Oja's rule at a rate of 0.1
        ...     x, w, y = rng.normal(size=(20, 3)), np.array([0.4, 0.2, -0.3]), []
        ...     start = w
        ...     for row in x:
        ...         y.append(w @ row)
        ...         w = w + 0.1 * (y[-1] * row - y[-1] ** 2 * w)
        ...     experiments.append(Experiment(x, activity=y, start_weights=start))
        >>> rule = TaylorRule.unknown(("x y", "x^2", "y^2 w"), learning_rate=0.1)
        >>> found = fit(rule, Linear(), experiments)
        >>> bool(np.abs(found.coefficients - [1, 0, -1]).max() < 1e-4)
        True
        >>> found.nearest
        'oja'

    Source: Confavreux, Zenke, Agnes, Lillicrap & Vogels (2020), Adv. Neural Inf. Process. Syst. 33;
    Mehta, Tyulmankov, Rajagopalan, Turner, Fitzgerald & Funke (2024), Adv. Neural Inf. Process.
    Syst. 37; Ashwood, Roy, Bak & Pillow (2020), Adv. Neural Inf. Process. Syst. 33; damping:
    Marquardt (1963), J. Soc. Ind. Appl. Math. 11:431.
    """
    options = Options(
        method, optimizer, num_folds, num_bootstrap, num_restarts, max_steps, sparse, seed
    )
    check_options(options)
    penalty = Penalty(check_real("l1", l1, low=0), check_real("l2", l2, low=0))
    check_real("confidence", confidence, low=0, high=1, open_low=True, open_high=True)
    check_flag("show_progress", show_progress)
    if max_seconds is not None:
        check_real("max_seconds", max_seconds, low=0, open_low=True)
    problem = problem_of(neuron, experiments, project)
    if not isinstance(rule, Rule):
        raise ValidationError("rule", "a rule of canns.plasticity", repr(rule))
    unknowns = find_unknowns(rule, fit)
    labels = labels_of(rule, unknowns)
    check_problem(problem, rule, len(labels))
    check_selection(problem, unknowns, options, penalty)
    rule, problem = _resumed(rule, problem, labels, unknowns, resume)
    folds = assign_folds(problem.num_experiments, num_folds, options.seed)
    with _bar(show_progress, max_seconds) as clock, jax.enable_x64(True):
        fitting = Fitting(problem, rule, unknowns, clock, penalty)
        found = search_for(fitting, start_of(rule, unknowns), folds, options)
        _check_range(rule, found.search)
        resamples = np.empty((0, len(labels)))
        if num_bootstrap and not clock.timed_out:
            drawn = bootstrap(fitting, found.search, options)
            resamples = np.stack([np.asarray(to_values(unknowns, each)) for each in drawn])
        return result_of(fitting, labels, folds, found, resamples, confidence)


def _check_range(rule: Rule, search: Search) -> None:
    """Raise if the weights leave all range wherever the search started."""
    if not np.isfinite(np.asarray(search.loss)[0]):
        name = type(rule).__name__
        expected = f"a {name} whose first guess keeps the weights in range over these experiments"
        remedy = "Begin with a smaller learning rate, or with coefficients of zero."
        raise ValidationError("rule", expected, "one that explodes", remedy)


def _resumed(
    rule: Rule,
    problem: Problem,
    labels: tuple[str, ...],
    unknowns: Sequence[Unknown],
    resume: FittedRule | PathLike | None,
) -> tuple[Rule, Problem]:
    """Return rule and start weights of an earlier result, to go on from."""
    if resume is None:
        return rule, problem
    earlier = resume if isinstance(resume, FittedRule) else load(resume)
    if not isinstance(earlier, FittedRule) or earlier.labels != labels:
        expected = f"a result of the same unknowns: {', '.join(labels)}"
        got = ", ".join(getattr(earlier, "labels", ())) or type(earlier).__name__
        raise ValidationError("resume", expected, got)
    rule = put(rule, unknowns, np.asarray(earlier.coefficients))
    start, count = np.array(problem.data.start), problem.num_experiments
    if earlier.start_weights.shape == start[:count].shape:
        unknown = problem.data.unknown_start[:count] > 0
        start[:count][unknown] = earlier.start_weights[unknown]
    return rule, problem._replace(data=problem.data._replace(start=start))


@contextmanager
def _bar(shown: bool, max_seconds: float | None) -> Iterator[Clock]:
    """Give a clock that shows each step."""
    with tqdm(desc="Fit", unit=" steps", disable=not shown, file=sys.stderr) as bar:

        def tell(loss: float) -> None:
            bar.set_postfix_str(f"loss {loss:.4g}", refresh=False)
            bar.update()

        yield Clock(max_seconds, tell)
