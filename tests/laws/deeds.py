"""All that changes a model: each trainer, model, group and rule, on data of a few numbers.

A rule is here by its row in ``rule_rows``, a trainer by ``CASES`` or ``BY_ENERGY``, and a model by
``BUILDERS``; the methods that a model has are found by name. Tests fail for a public trainer or
model that is in none of them.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, NamedTuple

import numpy as np
from duck_models import InPlace, Layer, OwnRule, Resizable, Spiker
from rule_rows import ROWS, inputs_for, name, rewards_for
from test_model_attributes import BUILDERS
from trainer_helpers import CASES, Rectified

from canns import trainer
from canns._brainstate import brainstate
from canns.dynamics import (
    AdaptiveSigmoid,
    CurrentLIF,
    LagrangianLayer,
    LateralThreshold,
    Logistic,
    Poisson,
    Successive,
)
from canns.models import brain_inspired as models
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    BrainInspiredModelGroup,
    LayerStack,
    LinearLayer,
    NeuronLayer,
    SpikingNetwork,
)
from canns.plasticity import (
    BCM,
    Decorrelation,
    Hebbian,
    Instar,
    IntrinsicPlasticity,
    Monitor,
    Oja,
    PairSTDP,
    Parts,
    RewardModulated,
    RunningCovariance,
    Score,
    Sum,
    SynapticScaling,
    ThresholdAdaptation,
    VogelsSTDP,
)
from canns.trainer import (
    Checkpoint,
    HebbianTrainer,
    RuleTrainer,
    train_ensemble,
)

SIGNS = np.random.default_rng(0).choice([-1.0, 1.0], (3, 4))
BITS = (SIGNS + 1) / 2
REALS = np.random.default_rng(1).normal(size=(6, 4)).astype(np.float32) / 2
RATES = np.abs(REALS)


class Scene(NamedTuple):
    """What is there before a deed, and the deed.

    Args:
        held: Models, trainers and anything else that the deed may change.
        act: The deed.
        keeps: Whether the deed leaves all of them as they are.
    """

    held: tuple[object, ...]
    act: Callable[[], object]
    keeps: bool = False


Build = Callable[[], Scene]


def acted(scene: Scene) -> object:
    """Do the deed, with the same random numbers each time."""
    brainstate.random.seed(7)
    return scene.act()


def built(build: Build) -> Scene:
    """Return a scene, the same each time."""
    brainstate.random.seed(3)
    return build()


class Lesson(NamedTuple):
    """A trainer with its model, and what it is to learn.

    Args:
        made: The trainer.
        data: The samples, and their targets if there are any.
        options: Of ``train``.
    """

    made: Any
    data: tuple[Any, ...]
    options: dict[str, Any]


def _taught(build: Callable[[], Lesson], options: Callable[[], dict[str, Any]] = dict) -> Scene:
    made, data, own = build()
    return Scene((made,), lambda: made.train(*data, **own, **options()))


def _by_plan(key: str) -> Lesson:
    return Lesson(CASES[key].build(), (CASES[key].data(),), {"epochs": 2})


def _predicted(case: Any, method: str) -> Scene:
    made, data = case.build(), case.data()
    given = data[0] if method == "predict" else data
    options = {"show_sample_progress": False} if method == "predict_batch" else {}
    return Scene((made,), lambda: getattr(made, method)(given, **options))


def _silent(progress: object) -> None:
    """Watch a run, which then goes epoch by epoch."""


WATCHED: dict[str, Callable[[], dict[str, Any]]] = {
    "with callbacks": lambda: {"on_epoch": _silent, "on_step": _silent},
    "shuffled": lambda: {"shuffle": True},
    "recorded": lambda: {"monitor": Monitor(("W",))},
    "with a checkpoint": lambda: {"checkpoint": Checkpoint(Path(mkdtemp()) / "run", every=2)},
}


def trainers() -> dict[str, Build]:
    """Each trainer that learns by a plan: training and prediction."""
    deeds: dict[str, Build] = {}
    for key, case in CASES.items():
        deeds[f"{key}: predict"] = partial(_predicted, case, "predict")
        deeds[f"{key}: predict_batch"] = partial(_predicted, case, "predict_batch")
        if not case.forward:
            deeds[f"{key}: recall"] = partial(_predicted, case, "recall")
    for how, options in WATCHED.items():
        deeds[f"oja: train {how}"] = partial(_taught, partial(_by_plan, "oja"), options)
    deeds["oja: train on a stream"] = _streamed
    deeds["hebbian: train and resize"] = _resized_by_training
    deeds["stdp: run by events"] = partial(_by_method, "events")
    return deeds


def _streamed() -> Scene:
    made = CASES["oja"].build()
    return Scene((made,), lambda: made.train(iter([REALS[:2], REALS[2:]] * 200)))


def _resized_by_training() -> Scene:
    made = HebbianTrainer(AmariHopfieldNetwork(3))
    return Scene((made,), lambda: made.train(SIGNS))


def _by_method(method: str) -> Scene:
    made = CASES["stdp"].build(method=method)
    return Scene((made,), lambda: made.train(CASES["stdp"].data()))


def _by_rule(row: Any) -> Lesson:
    inputs = inputs_for(row)
    size = inputs.shape[1]
    rewards = rewards_for(row.rule, inputs)
    if row.neuron.clamped:
        model: Any = AmariHopfieldNetwork(size)
        own = row.neuron if isinstance(row.neuron, Successive) else None
        made = RuleTrainer(model, row.rule, neuron=own)
    else:
        slides = "theta" in row.rule.memory_attrs
        model = LinearLayer(size, size, True) if slides else NeuronLayer(size, size, row.neuron)
        model.W.value = np.random.default_rng(1).uniform(0.1, 0.5, (size, size))
        made = RuleTrainer(model, row.rule)
    return Lesson(made, (inputs,), {} if rewards is None else {"rewards": rewards})


TARGETS = BITS[:, :2]
BY_ENERGY: dict[str, tuple[Callable[[], Any], tuple[Any, ...]]] = {
    "BoltzmannTrainer": (lambda: models.BoltzmannMachine(4, 2, seed=0), (BITS,)),
    "ContrastiveDivergenceTrainer": (
        lambda: models.RestrictedBoltzmannMachine(4, 3, seed=0),
        (BITS,),
    ),
    "ContrastiveHebbianTrainer": (
        lambda: models.LayeredHopfieldNetwork((4, 3, 2), seed=0),
        (BITS, TARGETS),
    ),
    "EquilibriumPropagationTrainer": (
        lambda: models.LayeredHopfieldNetwork((4, 3, 2), seed=0),
        (BITS, TARGETS),
    ),
    "PredictiveCodingTrainer": (
        lambda: models.PredictiveCodingNetwork((4, 3, 2), seed=0),
        (BITS, TARGETS),
    ),
}


def _by_energy(key: str) -> Lesson:
    build, data = BY_ENERGY[key]
    made = getattr(trainer, key)(build())
    return Lesson(made, data, {"epochs": 2, "batch_size": 2, "seed": 0})


def _energy_predicted(key: str) -> Scene:
    build, data = BY_ENERGY[key]
    made = getattr(trainer, key)(build())
    return Scene((made,), lambda: made.predict(data[0][0]), keeps=True)


def by_energy() -> dict[str, Build]:
    """Each trainer that learns by energy."""
    deeds: dict[str, Build] = {
        f"{key}: predict": partial(_energy_predicted, key) for key in BY_ENERGY
    }
    deeds["BoltzmannTrainer: train with a callback"] = partial(
        _taught, partial(_by_energy, "BoltzmannTrainer"), lambda: {"on_epoch": _silent}
    )
    return deeds


# Rules made of others, or for parts of weights, which have no row of their own.
RULES_OF_PARTS: dict[str, tuple[Callable[[], Any], Any, Any]] = {
    "Sum": (lambda: LinearLayer(4, 2), Sum((Hebbian(0.001), SynapticScaling(0.01))), RATES),
    "Score": (lambda: NeuronLayer(4, 2, Logistic()), RewardModulated(Score(0.01)), BITS),
    "IntrinsicPlasticity": (
        lambda: NeuronLayer(4, 2, AdaptiveSigmoid()),
        Parts((Hebbian(0.01), IntrinsicPlasticity("gain"), IntrinsicPlasticity("bias"))),
        RATES,
    ),
    "ThresholdAdaptation": (
        lambda: NeuronLayer(4, 2, LateralThreshold()),
        Parts((Instar(0.01), Decorrelation(0.1, 0.3), ThresholdAdaptation(0.1, 0.3))),
        BITS,
    ),
}


def _by_parts(key: str) -> Lesson:
    build, rule, data = RULES_OF_PARTS[key]
    options = {"rewards": np.linspace(0, 1, len(data))} if "reward" in rule.needs else {}
    return Lesson(RuleTrainer(build(), rule), (data,), options)


def _lessons() -> dict[str, Callable[[], Lesson]]:
    found: dict[str, Callable[[], Lesson]] = {key: partial(_by_plan, key) for key in CASES}
    found |= {key: partial(_by_energy, key) for key in BY_ENERGY}
    for row in ROWS:
        key = f"rule {name(row)}"
        while key in found:
            key += "'"
        found[key] = partial(_by_rule, row)
    for key in RULES_OF_PARTS:
        found[f"rule {key}"] = partial(_by_parts, key)
    return found


#: Each trainer, and each rule with what it adopts.
LESSONS = _lessons()


class OwnUpdate(AmariHopfieldNetwork):
    """A network with an ``update`` of the user's own, which counts."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.updates = 0

    def update(self, prev_energy=None):
        self.updates += 1
        return super().update(prev_energy)


def _networks(kind: type = AmariHopfieldNetwork) -> list[Any]:
    made = [kind(4) for _ in range(3)]
    for i, net in enumerate(made):
        net.apply_hebbian_learning(SIGNS[: i + 1])
    return made


def _group(*members: Any) -> BrainInspiredModelGroup:
    return BrainInspiredModelGroup(*members)


def _group_trains(build: Callable[[], list[Any]], data: Any, rule: Any) -> Scene:
    group = _group(*build())
    return Scene((group,), lambda: group.train(data, rule=rule))


def _group_recalls(build: Callable[[], list[Any]], method: str) -> Scene:
    group = _group(*build())
    if method == "update":
        return Scene((group,), group.update)
    return Scene((group,), lambda: group.recall(SIGNS, num_iter=3))


def _stack() -> LayerStack:
    return LayerStack(LinearLayer(4, 3), LinearLayer(3, 2))


def _stack_does(act: Callable[[LayerStack], object]) -> Scene:
    stack = _stack()
    return Scene((stack,), lambda: act(stack))


def _ensemble(rule: Any, layer: Callable[[], Any], data: Any) -> Scene:
    model = layer()
    return Scene((model,), lambda: train_ensemble(model, rule, data, seeds=range(3)), keeps=True)


def together() -> dict[str, Build]:
    """Groups, stacks and ensembles."""
    layers = lambda: [LinearLayer(4, 2) for _ in range(3)]  # noqa: E731
    mixed = lambda: [AmariHopfieldNetwork(4), OwnUpdate(4), AmariHopfieldNetwork(4)]  # noqa: E731
    covariance = RunningCovariance(0.01, 5.0)
    both = Parts((covariance, Oja(0.01)))
    return {
        "group: train": partial(_group_trains, _networks, SIGNS, "hebbian"),
        "group: train each": partial(_group_trains, _networks, [SIGNS, -SIGNS, SIGNS], "storkey"),
        "group: train own": partial(_group_trains, mixed, SIGNS, Hebbian(0.1)),
        "group: train and adopt": partial(_group_trains, layers, REALS, covariance),
        "group: train with own forward": partial(
            _group_trains, lambda: [LinearLayer(4, 2), Rectified(4, 2)], REALS, Oja(0.01)
        ),
        "group: recall": partial(_group_recalls, _networks, "recall"),
        "group: recall own": partial(_group_recalls, lambda: _networks(OwnUpdate), "recall"),
        "group: update": partial(_group_recalls, _networks, "update"),
        "stack: train and adopt": partial(
            _stack_does, lambda stack: RuleTrainer(stack, both).train(REALS)
        ),
        "stack: forward": partial(_stack_does, lambda stack: stack.forward(REALS[0])),
        "stack: run": partial(_stack_does, lambda stack: stack.run(REALS)),
        "stack: reset": partial(_stack_does, lambda stack: stack.reset_state()),
        "ensemble": partial(_ensemble, covariance, lambda: LinearLayer(4, 2), REALS),
        "ensemble of noise": partial(
            _ensemble, PairSTDP(0.1), lambda: NeuronLayer(4, 2, Poisson()), BITS
        ),
    }


OWN_RECALLS = ("recall", "predict", "trainer", "energies")


def _own_recall(method: str) -> Scene:
    net = OwnUpdate(4)
    net.apply_hebbian_learning(SIGNS)
    net.s.value = SIGNS[2]
    act = {
        "recall": lambda: net.recall(SIGNS, num_iter=3),
        "predict": lambda: net.predict(SIGNS[0], 3),
        "trainer": lambda: HebbianTrainer(net).recall(SIGNS, 3),
        "energies": lambda: net.energies(SIGNS),
    }[method]
    return Scene((net,), act)


def _duck(build: Callable[[], Any], act: Callable[[Any], object]) -> Scene:
    model = build()
    return Scene((model,), lambda: act(model))


def of_the_users_own() -> dict[str, Build]:
    """Models that the user writes: with an update, a forward or a rule of their own."""
    weights = np.full((2, 4), 0.3, np.float32)
    return {
        **{
            f"own update: {method}": partial(_own_recall, method)
            for method in ("recall", "predict", "trainer")
        },
        "duck: recall in place": partial(
            _duck, lambda: _ducked(InPlace(4)), lambda m: HebbianTrainer(m).recall(SIGNS, 3)
        ),
        "duck: train": partial(_duck, lambda: InPlace(4), lambda m: HebbianTrainer(m).train(SIGNS)),
        "duck: own rule": partial(
            _duck, lambda: OwnRule(4), lambda m: HebbianTrainer(m).train(SIGNS)
        ),
        "duck: resized": partial(
            _duck, lambda: Resizable(3), lambda m: HebbianTrainer(m).train(SIGNS)
        ),
        "duck: own forward": partial(
            _duck,
            lambda: Layer(weights.copy()),
            lambda m: RuleTrainer(m, BCM(0.01, 5.0)).train(RATES),
        ),
        "duck: spikes": partial(
            _duck, lambda: Spiker(weights.copy()), lambda m: trainer.STDPTrainer(m).train(BITS)
        ),
    }


def _ducked(model: Any) -> Any:
    HebbianTrainer(model).train(SIGNS)
    return model


# What a model holds before its methods are called, and the arguments of those that need others.
def _spiking() -> SpikingNetwork:
    network = SpikingNetwork(seed=0)
    network.add("a", CurrentLIF(drive=20.0, dt=0.5), 4, potentials=(-70.0, -56.0))
    network.connect(
        "a", "a", 0.5, probability=0.5, rule=VogelsSTDP(0.1), bounds=(0.0, 1.0), kind="inhibitory"
    )
    return network


def _hierarchy() -> Any:
    layers = [LagrangianLayer("v", 4), LagrangianLayer("m", 0, tau=None)]
    return models.HierarchicalAssociativeMemory(layers, [("m", "v")])


class Own(NamedTuple):
    """How the tests build a model, and the data that it takes."""

    build: Callable[[], Any]
    data: Any = SIGNS


MODELS: dict[str, Own] = {
    **{key: Own(build) for key, build in BUILDERS.items()},
    "BidirectionalAssociativeMemory": Own(lambda: models.BidirectionalAssociativeMemory(2, 2)),
    "BoltzmannMachine": Own(lambda: models.BoltzmannMachine(4, 2, seed=0), BITS),
    "ContinuousHopfieldNetwork": Own(lambda: models.ContinuousHopfieldNetwork(4)),
    "HierarchicalAssociativeMemory": Own(_hierarchy),
    "LayerStack": Own(_stack, REALS),
    "LayeredHopfieldNetwork": Own(lambda: models.LayeredHopfieldNetwork((4, 3, 2), seed=0), BITS),
    "LinearLayer": Own(lambda: LinearLayer(4, 2, True), REALS),
    "NeuronLayer": Own(lambda: NeuronLayer(4, 2, Poisson()), BITS),
    "PottsNetwork": Own(lambda: models.PottsNetwork(4, 3), np.array([[0, 1, 2, 1], [2, 2, 0, 1]])),
    "PredictiveCodingNetwork": Own(lambda: models.PredictiveCodingNetwork((4, 3, 2), seed=0), BITS),
    "RestrictedBoltzmannMachine": Own(
        lambda: models.RestrictedBoltzmannMachine(4, 3, seed=0), BITS
    ),
    "SparseHopfieldNetwork": Own(lambda: models.SparseHopfieldNetwork(4, 0.5), BITS),
    "SpikingLayer": Own(lambda: models.SpikingLayer(4, 2), BITS),
    "SpikingNetwork": Own(_spiking),
    "WillshawNetwork": Own(lambda: models.WillshawNetwork(4), BITS),
    "layer with delays": Own(
        lambda: models.SpikingLayer(4, 2, connectivity=np.eye(2, 4), delays=1.0), BITS
    ),
}
KEEPS = ("recall", "energies", "trajectory")


def _called(method: str, model: Any, data: Any) -> Callable[[], object] | None:
    """Return a call of a method, with data of the model's code."""
    size, by_energy = data.shape[1], isinstance(model, models.EnergyModel)
    single = {
        "predict": lambda: model.predict(data[0]),
        "forward": lambda: model.forward(data if by_energy else data[0]),
    }
    rows = ("apply_hebbian_learning", "recall", "energies", "run")
    if method in single:
        return single[method]
    if method == "energies" and isinstance(model, models.BoltzmannMachine):
        return lambda: model.energies(np.ones((2, 6)))
    if method in rows and not isinstance(model, SpikingNetwork):
        return lambda: getattr(model, method)(data)
    own: dict[str, Callable[[], object]] = {
        "run": lambda: model.run(20.0),
        "store": lambda: model.store(*(_pairs(model, data))),
        "remove": lambda: model.remove(data[0]),
        "resize": lambda: model.resize(size - 1),
        "draw": lambda: model.draw(0),
        "update": lambda: model.update(),
        "update_threshold": lambda: model.update_threshold(),
        "reset_state": lambda: model.reset_state(),
        "reset": lambda: model.reset(),
    }
    return own.get(method)


def _pairs(model: Any, data: Any) -> tuple[Any, ...]:
    if isinstance(model, models.BidirectionalAssociativeMemory):
        return data[:, :2], data[:, 2:]
    return (data,)


METHODS = (
    "apply_hebbian_learning",
    "energies",
    "forward",
    "predict",
    "recall",
    "remove",
    "reset",
    "reset_state",
    "resize",
    "run",
    "store",
    "update",
    "update_threshold",
)
# Methods that these models have by a base class and refuse, or that ask for other data.
WITHOUT = {
    ("BidirectionalAssociativeMemory", "resize"),
    ("DilutedHopfieldNetwork", "resize"),
    ("HierarchicalAssociativeMemory", "resize"),
    ("LayeredHopfieldNetwork", "energies"),
    ("PredictiveCodingNetwork", "energies"),
    ("SpikingNetwork", "apply_hebbian_learning"),
    ("SpikingNetwork", "predict"),
    ("SpikingNetwork", "resize"),
    ("layer with delays", "resize"),
}


def _method(key: str, method: str) -> Scene:
    build, data = MODELS[key]
    model = build()
    if method not in ("apply_hebbian_learning", "store") and isinstance(
        model, models.RecurrentNetwork
    ):
        model.apply_hebbian_learning(data)
    if method in ("reset", "reset_state") and hasattr(model, "run"):
        model.run(20.0 if isinstance(model, SpikingNetwork) else data)
    call = _called(method, model, data)
    assert call is not None, (key, method)
    return Scene((model,), call, keeps=method in KEEPS)


def of_models() -> dict[str, Build]:
    """Each model, and each of its methods that may change it."""
    deeds: dict[str, Build] = {}
    for key in MODELS:
        if key in ("group", "LayerStack"):
            continue
        kind = type(MODELS[key].build())
        for method in METHODS:
            own = getattr(kind, method, None)
            base = getattr(models.BrainInspiredModel, method, None)
            if own is not base and (key, method) not in WITHOUT:
                deeds[f"{key}: {method}"] = partial(_method, key, method)
    deeds["HierarchicalAssociativeMemory: draw"] = partial(
        _method, "HierarchicalAssociativeMemory", "draw"
    )
    return deeds


DEEDS: dict[str, Build] = {
    **trainers(),
    **by_energy(),
    **together(),
    **of_the_users_own(),
    **of_models(),
    **{f"{key}: train": partial(_taught, build) for key, build in LESSONS.items()},
}
