"""Training over many seeds and hyperparameters in one compiled call."""

import copy
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import jax
import numpy as np
from jax.sharding import Mesh
from numpy.typing import ArrayLike, DTypeLike

from canns._brainstate import brainstate
from canns._explain import explained
from canns._placement import host
from canns._validation import check_matrix, check_size, check_vector, rank
from canns.dynamics import Synapses
from canns.errors import ValidationError
from canns.models.training import (
    Fault,
    Learnable,
    NeuronModel,
    adapt,
    fault_of,
    plan_rule,
    repeat,
    stack,
    warn_of_members,
    weight_name,
)
from canns.parallel import shard
from canns.plasticity import Bounds, Learner, Projection, Rule
from canns.plasticity.learning import Plan, Samples, dtype_of, run_members
from canns.trainer.combinations import combine
from canns.trainer.ensemble import Ensemble
from canns.trainer.members import axes_of, label
from canns.typing import AnyArray, Array, PyTree, Row

if TYPE_CHECKING:
    from xarray import DataArray

__all__ = ["train_ensemble"]


@explained
def train_ensemble(
    model: object,
    rule: Rule | str,
    data: Iterable[ArrayLike],
    project: Projection | None = None,
    *,
    seeds: Iterable[int] | None = None,
    scan: Mapping[str, Sequence[float]] | None = None,
    epochs: int | None = None,
    rewards: Row | None = None,
    mesh: Mesh | None = None,
) -> Ensemble:
    """Train copies of a model together, one for each seed and choice of hyperparameters.

    The model itself stays as it is. A member that diverges does not stop the others.

    Args:
        model: A layer, stack or recurrent network of the library, in the state to start from.
        rule: The rule, or its name; see :class:`~canns.trainer.RuleTrainer`.
        data: One sample per row, (T, in); or a data set for each seed, (seeds, T, in).
        project: Constraint on the weights after each change.
        seeds: Seeds for the first weights of a layer and everything else that is random, one per
            member; None starts from the model's own weights.
        scan: Values to try by the name of a hyperparameter of the rule, such as
            ``"learning_rate"``, of the neuron (``"neuron.leak"``) or of the projection
            (``"project.w_max"``); for a rule made of others ``"rules.0.learning_rate"``. Every
            combination of values is trained.
        epochs: Passes over the data; None for as many as a named rule needs, or 1.
        rewards: The reward of each sample, (T,), for a rule that needs one.
        mesh: The devices to spread the members over evenly; None for one device.

    Returns:
        The trained members, labelled by hyperparameters and seed.

    Raises:
        ValidationError: If an argument is out of range.
        MissingStateError: If the model lacks a state that the rule needs.

    Example:
        >>> import numpy as np
        >>> from canns.models.brain_inspired import LinearLayer
        >>> from canns.plasticity import Oja
        >>> data = np.random.default_rng(0).normal(size=(2000, 3)) * [3.0, 1.0, 1.0]
        >>> rates = {"learning_rate": [0.001, 0.003]}
        >>> runs = train_ensemble(LinearLayer(3, 1), Oja(), data, seeds=range(4), scan=rates)
        >>> runs.weights.dims, runs.weights.shape
        (('learning_rate', 'seed', 'post', 'pre'), (2, 4, 1, 3))
        >>> bool((abs(runs.weights.values[..., 0]) > 0.98).all())
        True
        >>> runs.member(learning_rate=0.003, seed=2).W.value.shape
        (1, 3)
    """
    own = adapt(copy.deepcopy(model))
    names = None if seeds is None else tuple(check_size("seeds", seed, low=0) for seed in seeds)
    sets = _data_sets(data, names)
    given = None if rewards is None else check_vector("rewards", rewards, len(sets[0]))
    swept = bool(scan)
    plans = [_plan(own, rule, project, rows, given, swept) for rows in sets]
    first, alike = plans[0], len(plans) == 1
    starts = _starts(own, first, len(sets), names)
    count = len(sets) if names is None else len(names)
    members = [(plan.setup, plan.inputs) for plan in plans] * (count // len(plans))
    setups, coords = combine(members, scan or {})
    combinations = math.prod(map(len, coords.values()))
    learners = repeat(starts, combinations)
    samples = _samples([plan.inputs for plan in plans], given, combinations, dtype_of(starts[0]))
    if mesh is not None:
        setups, learners = shard((setups, learners), mesh, axis=0)
        samples = samples if alike else shard(samples, mesh, axis=0)
    sound = np.ones(combinations * count, bool)
    for _ in range(first.epochs if epochs is None else check_size("epochs", epochs)):
        learners, fine = run_members(setups, learners, samples, shared=alike)
        sound &= fine
    if names is not None or not alike:
        coords |= {"seed": names} if names is not None else {"data_set": tuple(range(len(sets)))}
    ends = jax.tree.map(host, learners)
    _warn_of_faults(own, plans, (setups, starts, ends), sound, coords)
    return _collected(own, first, ends, sound, coords)


def _warn_of_faults(
    model: Learnable,
    plans: list[Plan],
    members: tuple[PyTree, Learner, Learner],
    sound: AnyArray,
    coords: dict[str, tuple[float, ...]],
) -> None:
    """Warn of members that have learnt nothing; those that diverged are marked as such."""
    setups, starts, ends = jax.tree.map(host, members)
    seeds = len(jax.tree.leaves(starts)[0])  # the same starts for each combination
    suspects = sound if isinstance(setups.project, Bounds) else sound & ~_moved(starts, ends)
    if not suspects.any():
        return
    faults: list[Fault | None] = [None] * len(sound)
    for m in np.flatnonzero(suspects):
        setup, end = jax.tree.map(lambda leaf, m=m: leaf[m], (setups, ends))
        start = jax.tree.map(lambda leaf, m=m: leaf[m % seeds], starts)
        plan = plans[m % len(plans)]._replace(setup=setup, start=start)
        faults[m] = fault_of(model, plan, end.weights)
    warn_of_members([_place(m, coords) for m in range(len(sound))], faults)


def _moved(starts: Learner, ends: Learner) -> AnyArray:
    """Return whether any weight of each member has changed, (members,)."""
    pairs = zip(jax.tree.leaves(starts.weights), jax.tree.leaves(ends.weights), strict=True)
    found: AnyArray = np.any(
        [
            (after.reshape(-1, *before.shape) != before).reshape(len(after), -1).any(axis=1)
            for before, after in pairs
        ],
        axis=0,
    )
    return found


def _place(member: int, coords: dict[str, tuple[float, ...]]) -> str:
    """Return the coordinates of a member in words, such as "seed 3"."""
    index = np.unravel_index(member, tuple(map(len, coords.values())))
    words = [f"{name} {held[i]:g}" for (name, held), i in zip(coords.items(), index, strict=True)]
    return " and ".join(words) or "the only one"


def _data_sets(data: Iterable[ArrayLike], seeds: tuple[int, ...] | None) -> list[AnyArray]:
    """Return one data set for all members, or one for each seed."""
    if seeds is not None and (not seeds or len(set(seeds)) < len(seeds)):
        raise ValidationError("seeds", "one or more, all different", f"{list(seeds)}")
    if rank("data", data) != 3:
        return [check_matrix("data", data)]
    sets = [check_matrix("data", rows) for rows in data]
    if not sets or (seeds is not None and len(sets) != len(seeds)):
        count = "one or more" if seeds is None else len(seeds)
        raise ValidationError("data", f"{count} data sets, one for each seed", f"{len(sets)}")
    return sets


def _plan(
    model: Learnable,
    rule: Rule | str,
    project: Projection | None,
    rows: AnyArray,
    rewards: AnyArray | None,
    swept: bool,
) -> Plan:
    """Return the plan for one data set, or raise if the library's scan cannot run it."""
    weight_attr = weight_name(model.subject, None)
    plan = plan_rule(
        model, rule, rows, project=project, weight_attr=weight_attr, needed_by="train_ensemble"
    )
    obstacle = model.obstacle(plan)
    if obstacle is not None or model.only_patterns:
        why = obstacle or "which keeps patterns only"
        expected = "one whose weights are learnt by the library's own scan"
        raise ValidationError("model", expected, f"{type(model.subject).__name__}, {why}")
    accepted = model.accept(plan._replace(may_keep=False, bounded=not swept), rewards)
    if isinstance(accepted.start.weights, Synapses):
        expected = "one whose weights are a matrix, because members learn in one call"
        remedy = "Train the members one by one, or build the layer without connectivity."
        got = f"{type(model.subject).__name__} with connectivity"
        raise ValidationError("model", expected, got, remedy)
    return accepted


def _starts(model: Learnable, plan: Plan, copies: int, seeds: tuple[int, ...] | None) -> Learner:
    """Return the stacked learners at the start: the model's own, or at rest with drawn weights."""
    neuron = plan.setup.neuron
    if seeds is None:
        start = plan.start
        if copies == 1 or not neuron.stochastic:
            alike: Learner = stack([start] * copies)
            return alike
        keys = brainstate.random.split_key(copies)  # each data set has noise of its own
        each: Learner = stack([start._replace(state=neuron.seeded(start.state, k)) for k in keys])
        return each
    if not isinstance(model, NeuronModel):
        kind = type(model.subject).__name__
        raise ValidationError("seeds", f"None for {kind}, which draws no weights", "some")

    def drawn(key: Array) -> Learner:
        learner = plan.setup.start(model.draw(key))
        return learner._replace(state=neuron.seeded(learner.state, jax.random.fold_in(key, 1)))

    members: Learner = jax.vmap(drawn)(stack([jax.random.key(seed) for seed in seeds]))
    return members


def _samples(
    sets: list[AnyArray], rewards: AnyArray | None, combinations: int, dtype: DTypeLike
) -> Samples:
    given = None if rewards is None else np.asarray(rewards, dtype)
    if len(sets) == 1:
        return Samples(np.asarray(sets[0], dtype), given)
    each = Samples(
        np.stack(sets).astype(dtype), None if given is None else np.tile(given, (len(sets), 1))
    )
    samples: Samples = jax.tree.map(lambda rows: np.concatenate([rows] * combinations), each)
    return samples


def _collected(
    model: Learnable,
    plan: Plan,
    learners: Learner,
    sound: AnyArray,
    coords: dict[str, tuple[float, ...]],
) -> Ensemble:
    def hidden(leaf: Array | AnyArray, axes: tuple[str, ...]) -> "DataArray":
        """Label the values of the members, with NaN for those that diverged."""
        values = np.array(leaf)
        values[~sound] = np.nan
        return label(values, coords, axes)

    parts = jax.tree.leaves(learners.weights)
    whole = parts[0].shape[1:] if len(parts) == 1 else ()
    weights = jax.tree.map(lambda part: hidden(part, ("post", "pre")), learners.weights)
    names = plan.setup.rule.memory_attrs
    memory = {
        name: hidden(leaf, axes_of(name, leaf.shape[1:], whole))
        for name, leaf in zip(names, learners.memory, strict=True)
    }
    places = plan.places
    kept = slice(None) if places.activity else slice(2)
    pairs = zip(jax.tree.leaves(places[kept]), jax.tree.leaves(learners[kept]), strict=True)
    learnt = {name: host(leaf) for name, leaf in pairs}
    own, boxes = type(plan.setup.rule).__name__, tuple(jax.tree.leaves(places.weights))
    return Ensemble(weights, memory, label(sound, coords), model, own, learnt, boxes)
