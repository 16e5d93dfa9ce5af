"""``discover``: the rule that makes a network do what an objective asks for."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike
from tqdm.auto import tqdm

from canns._validation import check_array, check_choice, check_flag, check_real, check_size
from canns._warnings import warn
from canns.dynamics import Neuron, RandomSpikes, Spiking
from canns.errors import ValidationError
from canns.inference.descent_steps import (
    default_optimizer,
)
from canns.inference.discovered_rule import DiscoveredRule
from canns.inference.outcomes import Objective, Tasks, losses
from canns.inference.rule_search import Job, by_cma, by_gradient, each_loss
from canns.inference.unknowns import Unknown, find_unknowns, labels_of, put, start_of, to_values
from canns.plasticity import Identity, Projection, Rule, Setup
from canns.plasticity.learning import Fixed
from canns.typing import FloatArray, PyTree

if TYPE_CHECKING:
    import optax

__all__ = ["SearchMethod", "discover"]

SearchMethod = Literal["auto", "gradient", "cma"]
_METHODS: tuple[SearchMethod, ...] = ("auto", "gradient", "cma")
_HELD_OUT = 0.25  # share of the tasks
_RATE = 0.05  # of Adam


def discover(
    rule: Rule,
    neuron: Neuron,
    objective: Objective,
    tasks: ArrayLike,
    *,
    fit: str | Sequence[str] | None = None,
    start_weights: PyTree = None,
    num_outputs: int = 1,
    project: Projection | None = None,
    method: SearchMethod = "auto",
    optimizer: "optax.GradientTransformation | None" = None,
    spread: float = 0.3,
    population: int | None = None,
    l1: float = 0.0,
    max_steps: int = 300,
    seed: int = 0,
    show_progress: bool = False,
) -> DiscoveredRule:
    r"""Find the numbers of a rule by which networks come to do something.

    .. math::
        \hat\theta = \arg\min_\theta \frac{1}{E} \sum_e L\big(W_T^{(e)}, y_{1..T}^{(e)}\big)
        + \lambda |\theta|_1, \qquad W_{t+1}^{(e)} = W_t^{(e)} + \Delta W_\theta

    A network learns each task by the rule, and the objective judges what comes out: the final
    weights, or what the neurons did on the way. The objective does not say how to learn.

    By gradient, the loss is differentiated through whole runs, first short and then longer ones. By
    CMA-ES, candidate rules are drawn, and the distribution moves towards the better ones; neurons
    may then spike, or the objective jump. A quarter of the tasks is held out.

    Args:
        rule: The rule; its numbers are where the search starts.
        neuron: The neuron model.
        objective: A function of an :class:`~canns.inference.Outcome` to a number, in ``jax.numpy``:
            the smaller, the better.
        tasks: Inputs of each task, (E, T, in).
        fit: Names of the numbers to find; None for the coefficients that the rule declares as
            unknown, else for all hyperparameters.
        start_weights: The weights before, (out, in) for all tasks, or (E, out, in), or a tuple of
            such parts; None to draw them for each task.
        num_outputs: Number of neurons, if weights are drawn.
        project: The constraint on the weights; None for none.
        method: "gradient", "cma", or "auto": by gradient, unless the neuron spikes.
        optimizer: An optimiser of optax for the gradient; None for Adam with clipped gradients.
        spread: Standard deviation of the first candidates of CMA-ES.
        population: Candidates in a step of CMA-ES; None for the usual number, 4 + 3 log P.
        l1: Lambda, strength of a penalty on the absolute coefficients, by which few remain.
        max_steps: Number of steps.
        seed: Seed of start weights, noise and candidates.
        show_progress: Whether to show a bar.

    Returns:
        The rule, with its loss on the tasks of the search and on those held out.

    Raises:
        ValidationError: If rule, neuron and tasks do not fit each other, or an argument is out of
            range.
        MissingExtraError: If optax or cma is needed and not installed.

    Example:
        >>> import jax.numpy as jnp
        >>> from canns.dynamics import Linear
        >>> from canns.plasticity import TaylorRule
        >>> x = np.random.default_rng(0).normal(size=(8, 40, 3))
        >>> def of_length_two(outcome):  # weights of norm 2, in whatever direction
        ...     return (jnp.linalg.norm(outcome.weights) - 2.0) ** 2
        >>> rule = TaylorRule.unknown(("x y", "y^2 w"), learning_rate=0.1)
        >>> found = discover(rule, Linear(), of_length_two, x, max_steps=200)
        >>> [bool(value > 0) for value in found.coefficients]  # Hebb's term, and a decay
        [True, False]
        >>> [round(float(each.mean()), 1) for each in (found.no_plasticity, found.held_out)]
        [3.4, 0.0]

    Source: Confavreux, Zenke, Agnes, Lillicrap & Vogels (2020), Adv. Neural Inf. Process. Syst. 33;
    CMA-ES: Hansen & Ostermeier (2001), Evol. Comput. 9:159.
    """
    chosen = _method(method, neuron, optimizer, population)
    check_real("spread", spread, low=0, open_low=True)
    penalty = check_real("l1", l1, low=0)
    for name, size, low in (("max_steps", max_steps, 1), ("seed", seed, 0)):
        check_size(name, size, low=low)
    if population is not None:
        check_size("population", population, low=4)
    if not isinstance(rule, Rule):
        raise ValidationError("rule", "a rule of canns.plasticity", repr(rule))
    given: object = objective
    if not callable(given):
        remedy = "It takes an Outcome and returns a number."
        raise ValidationError("objective", "a function", repr(given), remedy)
    setup = Setup(rule, neuron, Identity() if project is None else project)
    unknowns = find_unknowns(rule, fit)
    if penalty and all(unknown.bounded for unknown in unknowns):
        raise ValidationError("l1", "0 for hyperparameters, which are not taken out", f"{l1:g}")
    all_tasks = _tasks(setup, tasks, start_weights, num_outputs, seed)
    _check_objective(setup, unknowns, all_tasks, objective)
    seen, held = _halves(all_tasks)
    job = Job(setup, unknowns, seen, objective, penalty)
    first = start_of(rule, unknowns)
    with _bar(check_flag("show_progress", show_progress), max_steps) as tell:
        if chosen == "gradient":
            own = optimizer or default_optimizer(_RATE)
            theta, curve = by_gradient(job, first, own, max_steps, tell)
        else:
            theta, curve = by_cma(job, first, spread, population, max_steps, seed, tell)
    return _result(job, held, theta, curve, chosen)


def _method(
    method: SearchMethod, neuron: Neuron, optimizer: object, population: int | None
) -> SearchMethod:
    check_choice("method", method, _METHODS)
    if not isinstance(neuron, Neuron):
        raise ValidationError("neuron", "a neuron of canns.dynamics", repr(neuron))
    jumps = isinstance(neuron, Spiking | RandomSpikes)
    chosen: SearchMethod = method
    if method == "auto":
        chosen = "cma" if jumps else "gradient"
    if chosen == "gradient" and jumps:
        expected = f"'cma' for {type(neuron).__name__}, whose spikes have no gradient"
        raise ValidationError("method", expected, repr(method))
    for name, given, needed in (
        ("optimizer", optimizer, "gradient"),
        ("population", population, "cma"),
    ):
        if given is not None and chosen != needed:
            raise ValidationError(name, f"None for method={chosen!r}", repr(given))
    return chosen


def _tasks(
    setup: Setup, tasks: ArrayLike, start_weights: PyTree, num_outputs: int, seed: int
) -> Tasks:
    """Return the checked tasks, with start weights for each."""
    inputs = check_array("tasks", tasks)
    if inputs.ndim != 3 or len(inputs) < 2:
        raise ValidationError("tasks", "of shape (2 or more, T, in)", f"shape {inputs.shape}")
    key = jax.random.key(seed)
    count, width = len(inputs), inputs.shape[2]
    if start_weights is None:
        size = check_size("num_outputs", num_outputs)
        drawn = [setup.neuron.draw(k, width, size) for k in jax.random.split(key, count)]
        start = jax.tree.map(lambda *leaves: np.stack(leaves), *drawn)
    else:
        start = jax.tree.map(partial(_for_each, count), start_weights)
    one = jax.tree.map(lambda leaf: jnp.asarray(leaf[0]), start)
    setup.check(one, inputs=inputs[0])
    return Tasks(jnp.asarray(inputs, float), jax.tree.map(jnp.asarray, start), key)


def _for_each(count: int, part: Any) -> FloatArray:
    values = check_array("start_weights", part)
    if (values.ndim == 3 and len(values) != count) or values.ndim not in (2, 3):
        expected = f"of shape (out, in) or ({count}, out, in)"
        raise ValidationError("start_weights", expected, f"shape {values.shape}")
    each: FloatArray = values if values.ndim == 3 else np.repeat(values[None], count, axis=0)
    return each


def _check_objective(
    setup: Setup, unknowns: tuple[Unknown, ...], tasks: Tasks, objective: Objective
) -> None:
    """Raise if the objective does not return one number."""
    theta = start_of(setup.rule, unknowns)
    one = jnp.asarray(1)
    run = partial(losses, setup, unknowns, tasks=tasks, length=one, objective=objective)
    shape = jax.eval_shape(run, theta)[0].shape
    if len(shape) != 1:
        raise ValidationError("objective", "to return one number", f"one of shape {shape[1:]}")


def _halves(tasks: Tasks) -> tuple[Tasks, Tasks]:
    """Return the tasks of the search, and those held out."""
    count = len(tasks.inputs)
    kept = count - max(1, round(_HELD_OUT * count))

    def part(which: slice, fold: int) -> Tasks:
        start = jax.tree.map(lambda leaf: leaf[which], tasks.start)
        return Tasks(tasks.inputs[which], start, jax.random.fold_in(tasks.key, fold))

    return part(slice(0, kept), 0), part(slice(kept, None), 1)


@contextmanager
def _bar(shown: bool, max_steps: int) -> Iterator[Any]:
    """Give a function that is told the least loss after some steps."""
    with tqdm(desc="Discover", total=max_steps, unit=" steps", disable=not shown) as bar:

        def tell(steps: int, loss: float) -> None:
            bar.set_postfix_str(f"least loss {loss:.4g}", refresh=False)
            bar.update(steps)

        yield tell


def _result(
    job: Job, held: Tasks, theta: FloatArray, curve: list[float], method: SearchMethod
) -> DiscoveredRule:
    own, new = (each_loss(job, tasks, theta[None])[0] for tasks in (job.tasks, held))
    idle = job._replace(setup=Setup(Fixed(), job.setup.neuron), unknowns=())
    values = np.asarray(to_values(job.unknowns, jnp.asarray(theta)))
    if not np.isfinite(own).all():
        warn(
            "The search found no rule under which the weights stay in range in all tasks.",
            "Start from smaller coefficients or a smaller learning rate, or take more max_steps.",
        )
    return DiscoveredRule(
        rule=put(job.setup.rule, job.unknowns, values),
        labels=labels_of(job.setup.rule, job.unknowns),
        coefficients=values,
        losses=np.asarray(curve),
        loss=float(own.mean()),
        held_out=new,
        no_plasticity=each_loss(idle, held, theta[None])[0],
        conditions={
            "method": method,
            "neuron": type(job.setup.neuron).__name__,
            "tasks": len(job.tasks.inputs) + len(held.inputs),
        },
    )
