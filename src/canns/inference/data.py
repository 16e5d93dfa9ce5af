"""Experiments as arrays of one shape, and checks that rule, neuron and experiments fit."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from canns._buckets import bucket
from canns._memory import check_memory
from canns._validation import refuse_class
from canns.dynamics import Neuron, RandomSpikes, SoftWinners
from canns.errors import ValidationError
from canns.inference.experiment import Experiment, Observed
from canns.plasticity import Identity, Projection, Rule, Setup
from canns.plasticity.learning import with_step
from canns.typing import FloatArray, PyTree

__all__ = ["Data", "Problem", "check_problem", "observed_variance", "problem_of"]

_STEPPED = {"spikes", "binary", "winners", "ranked", "nearest", "random", "logistic"}
_LEAST = 8  # samples in the shortest padded experiment
_MEAN_RATE = 10.0  # Hz, where the data tell nothing


class Data(NamedTuple):
    """Experiments padded to one length; of padding nothing was observed.

    Args:
        x: Inputs, (E, T, in).
        reward: Rewards, (E, T), or None.
        seen: What was observed, NaN where nothing was, (E, T, ...).
        start: Start weights, (E, out, in); a first guess if they are unknown.
        unknown_start: 1 for experiments whose start weights are unknown, else 0, (E,).
        length: Number of samples, (E,).
    """

    x: PyTree  # NumPy's arrays on the host, JAX's in a compiled program
    reward: PyTree
    seen: PyTree
    start: PyTree
    unknown_start: PyTree
    length: PyTree


class Problem(NamedTuple):
    """What all fits to some experiments share.

    Args:
        neuron: The neuron.
        project: The constraint on the weights.
        kind: What was observed.
        data: The experiments.
        num_experiments: How many there are, without padding.
        dt: The time step that the experiments give, or None.
    """

    neuron: Neuron
    project: Projection
    kind: Observed
    data: Data
    num_experiments: int
    dt: float | None

    def setup(self, rule: Rule) -> Setup:
        """Return the setup of a rule."""
        timed = rule if self.dt is None else with_step(rule, self.dt)
        return Setup(timed, self.neuron, self.project)

    @property
    def free_starts(self) -> bool:
        """Whether start weights have to be inferred."""
        return bool(self.data.unknown_start.any())

    @property
    def num_observations(self) -> int:
        """How many numbers were observed."""
        per_choice = self.data.seen.shape[-1] if self.kind == "choices" else 1
        return int(np.isfinite(self.data.seen).sum()) // per_choice


def problem_of(
    neuron: Neuron,
    experiments: Sequence[Experiment] | Experiment,
    project: Projection | None = None,
) -> Problem:
    """Return the experiments as one problem, once they are checked.

    Raises:
        ValidationError: If the neuron cannot have made these observations, or the experiments do
            not go together.
    """
    listed = _listed(experiments)
    kind = listed[0].observed
    _check_kind("neuron", neuron, Neuron)
    neuron.validate()
    _check_alike(listed)
    _check_neuron(neuron, kind)
    dt = _time_step(neuron, listed)
    out = _outputs(neuron, listed)
    inputs = np.asarray(listed[0].inputs)
    in_ = inputs.shape[1] - (out if neuron.emits == "recorded" else 0)
    for each in listed:
        _check_shapes(each, out, in_)
    data = _padded(listed, neuron, kind, out, in_)
    _check_information(listed, kind)
    constraint = Identity() if project is None else project
    return Problem(neuron, constraint, kind, data, len(listed), dt)


def _check_kind(name: str, given: object, kind: type) -> None:
    if not isinstance(given, kind):
        refuse_class(name, f"a {name}", given)
        raise ValidationError(name, f"a {name} of the library, or of your own", repr(given))


def _listed(experiments: Sequence[Experiment] | Experiment) -> list[Experiment]:
    if isinstance(experiments, Experiment):
        return [experiments]
    listed = [*experiments] if isinstance(experiments, Sequence) else []
    if not listed or not all(isinstance(each, Experiment) for each in listed):
        got = repr(type(experiments).__name__) if not listed else "other things among them"
        raise ValidationError("experiments", "a list of Experiment", got)
    return listed


def _check_alike(listed: list[Experiment]) -> None:
    first = listed[0]
    for i, each in enumerate(listed):
        if each.observed != first.observed:
            expected = f"with {first.observed} observed in all, as in the first"
            remedy = "Fit those of one kind at a time."
            got = f"{each.observed} in number {i}"
            raise ValidationError("experiments", expected, got, remedy)
        if (each.rewards is None) != (first.rewards is None):
            expected = "with rewards in all or in none"
            raise ValidationError("experiments", expected, f"others in number {i}")


def _check_neuron(neuron: Neuron, kind: Observed) -> None:
    """Raise if there is no likelihood of such observations of such a neuron."""
    name = type(neuron).__name__
    if neuron.Parts is not None:
        raise ValidationError("neuron", "one with a single matrix of weights", name)
    if kind == "spikes" and not isinstance(neuron, RandomSpikes):
        remedy = "Take Poisson or Logistic: only of spikes drawn at random is there a likelihood."
        raise ValidationError("neuron", "one that fires at random, for spikes", name, remedy)
    if kind == "choices" and not isinstance(neuron, RandomSpikes | SoftWinners):
        remedy = "Take Logistic for two alternatives, SoftWinners for more."
        raise ValidationError("neuron", "one that chooses at random", name, remedy)
    if kind == "activity" and neuron.clamped:
        remedy = "Its activity is given, and so tells nothing of the rule: observe weights."
        raise ValidationError("neuron", "one that computes its activity", name, remedy)
    if kind in ("activity", "weights") and neuron.emits in _STEPPED:
        remedy = (
            "Spikes jump as weights change. Give spikes= and a Poisson or Logistic neuron; or, if "
            "weights were observed, the Recorded neuron with the spikes as inputs."
        )
        raise ValidationError("neuron", f"one of graded activity, for {kind}", name, remedy)


def _time_step(neuron: Neuron, listed: list[Experiment]) -> float | None:
    given = {each.dt for each in listed}
    if len(given) > 1:
        remedy = "Bin all recordings alike."
        raise ValidationError(
            "dt", "the same in all experiments", ", ".join(sorted(map(str, given))), remedy
        )
    (dt,) = given
    own = neuron.time_step
    if dt is not None and own is not None and not np.isclose(dt, own, rtol=1e-6):
        remedy = f"Take {type(neuron).__name__}(dt={dt:g})."
        raise ValidationError("dt", f"{own:g} ms, as of the neuron", f"{dt:g}", remedy)
    return None if own is not None else dt


def _outputs(neuron: Neuron, listed: list[Experiment]) -> int:
    """Return the number of neurons."""
    known = [each.num_outputs for each in listed if each.num_outputs is not None]
    if known:
        return known[0]
    most = max(int(np.nanmax(each.observation)) for each in listed)
    return most + 1 if isinstance(neuron, SoftWinners) else 1


def _check_shapes(each: Experiment, out: int, in_: int) -> None:
    name, width = each.name or "an experiment", np.asarray(each.inputs).shape[1]
    observed = each.observation.shape[1:]
    wanted = {"weights": (out, in_), "choices": ()}.get(each.observed, (out,))
    if observed != wanted:
        expected = f"of shape (T, {', '.join(map(str, wanted))}) in all experiments"
        got = f"(T, {', '.join(map(str, observed))}) in {name}, with inputs of {width} columns"
        raise ValidationError(each.observed, expected, got)
    if each.start_weights is not None:
        shape = np.shape(each.start_weights)
        if shape != (out, in_):
            raise ValidationError("start_weights", f"of shape {(out, in_)}", f"{shape} in {name}")
    if each.observed == "choices":
        most = np.nanmax(each.observation)
        if most >= max(out, 2):
            expected = f"from 0 to {max(out, 2) - 1}, for {out} neurons"
            raise ValidationError("choices", expected, f"{most:g} in {name}")


def _check_information(listed: list[Experiment], kind: Observed) -> None:
    seen = np.concatenate([each.observation.ravel() for each in listed])
    seen = seen[np.isfinite(seen)]
    if np.ptp(seen) == 0:
        expected = "observations that vary: from constant ones nothing can be inferred"
        raise ValidationError(kind, expected, f"{seen[0]:g} throughout")


def _padded(listed: list[Experiment], neuron: Neuron, kind: Observed, out: int, in_: int) -> Data:
    """Return the experiments padded to one of a few lengths, and to one of a few numbers."""
    count, longest = bucket(len(listed)), bucket(max(each.length for each in listed), _LEAST)
    width = np.asarray(listed[0].inputs).shape[1]
    shape = {"weights": (out, in_)}.get(kind, (out,))
    size = 8 * count * longest * (width + int(np.prod(shape)))
    check_memory("experiments", 4 * size, "their arrays", "Give fewer or shorter experiments.")
    x, seen = np.zeros((count, longest, width)), np.full((count, longest, *shape), np.nan)
    rewards = None if listed[0].rewards is None else np.zeros((count, longest))
    start, unknown, length = np.zeros((count, out, in_)), np.zeros(count), np.zeros(count)
    guess = _first_guess(listed, neuron, kind)
    for i, each in enumerate(listed):
        inputs, steps = np.asarray(each.inputs), each.length
        if inputs.shape[1] != width:
            expected = f"of {width} columns in all experiments"
            raise ValidationError("inputs", expected, f"{inputs.shape[1]} in number {i}")
        x[i, :steps], seen[i, :steps], length[i] = inputs, _as_seen(each, kind, out), steps
        if rewards is not None:
            rewards[i, :steps] = each.rewards
        unknown[i] = each.start_weights is None
        start[i] = guess if each.start_weights is None else each.start_weights
    return Data(x, rewards, seen, start, unknown, length)


def _as_seen(each: Experiment, kind: Observed, out: int) -> FloatArray:
    """Return the observation; choices among several as 1 for the one taken, else 0."""
    seen = each.observation
    if kind != "choices":
        return seen
    if out == 1:
        return seen[:, None]
    taken = np.where(np.isnan(seen), 0, seen).astype(int)
    return np.where(np.isnan(seen)[:, None], np.nan, np.eye(out)[taken])


def _first_guess(listed: list[Experiment], neuron: Neuron, kind: Observed) -> float:
    """Return a weight for the start if it is unknown: zero, unless no neuron would ever fire."""
    if kind != "spikes" or getattr(neuron, "escape", "") != "linear":
        return 0.0
    step = neuron.time_step or 1.0
    mean = np.mean([np.nanmean(each.observation) for each in listed])
    drive = np.mean([np.asarray(each.inputs).sum(axis=1).mean() for each in listed])
    rate = -np.log1p(-min(mean, 0.99)) * 1000 / step or _MEAN_RATE
    return float(rate / drive) if drive > 0 else 0.0


def observed_variance(problem: Problem) -> float:
    """Return the variance of all that was observed; 1 for spikes and choices."""
    if problem.kind in ("spikes", "choices"):
        return 1.0
    return float(np.nanvar(problem.data.seen))


def check_problem(problem: Problem, rule: Rule, num_unknowns: int) -> None:
    """Raise if a rule does not fit the experiments, or they are too few for its numbers.

    Args:
        problem: The experiments.
        rule: The rule.
        num_unknowns: How many numbers of it are to be found.
    """
    _check_kind("rule", rule, Rule)
    setup, data = problem.setup(rule), problem.data
    # A rule that reads no reward takes no notice of one.
    rewards = data.reward[0] if data.reward is not None and "reward" in rule.needs else None
    setup.check(data.start[0], rewards, bounded=False)
    for i in range(problem.num_experiments):
        setup.check_samples(data.start[i], data.x[i, : int(data.length[i])])
    if rule.shown == "whole" or rule.target is not None:
        expected = "one that learns from the neurons' outputs, sample by sample"
        raise ValidationError("rule", expected, type(rule).__name__)
    starts = int(data.unknown_start.sum()) * data.start[0].size
    if problem.num_observations < num_unknowns + starts:
        expected = (
            f"with {num_unknowns + starts} observations at least, one for each unknown number"
        )
        remedy = "Take fewer terms, give start_weights, or more data."
        raise ValidationError("experiments", expected, f"{problem.num_observations}", remedy)
