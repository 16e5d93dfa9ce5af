"""What goes with what: which rules learn from which neurons, by what their classes declare.

``expected`` says what ought to come of a rule and a neuron, and ``outcome`` what ``Setup.check``
makes of them. ``python tests/compatibility.py`` writes docs/what-goes-with-what.md anew.
"""

import dataclasses
import inspect
import warnings
from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np

from canns import dynamics, plasticity
from canns.dynamics import Clamped, CurrentLIF, Delayed, FirstSpikeWins, LateralInhibition, Neuron
from canns.errors import CannsWarning, ValidationError
from canns.plasticity import (
    Hebbian,
    Oja,
    PairSTDP,
    Parts,
    Reversed,
    RewardModulated,
    Rule,
    Setup,
    Sum,
    SynapticScaling,
)

RIGHT, WARNED, REFUSED = "right", "warned", "refused"
SIZE, SAMPLES = 6, 4

# What a rule reads as post, and what neurons emit. All that is not listed is right.
UNANSWERED = "Neurons that are held at a pattern answer with the pattern, whatever the weights."
NEGATIVE = "If activity is negative, the weights flee from the input and grow without bound."
ALIKE = "Without competition all neurons learn the same."
NO_COMPETITION = "Neurons that are held at a pattern do not compete."
BY_PRODUCT = (
    "The largest product with the input is not the nearest neuron: long weights win too often, and "
    "the map folds."
)
NO_WINNER = "The activity does not say which neuron is nearest to the input."
NO_SPIKES = "Numbers other than 0 and 1 would count as so many spikes."
OTHER_CHANCE = "The neurons fire by chance, but not with the probability that the rule assumes."
NO_CHANCE = "The rule follows from spikes that are drawn at random; these neurons draw none."
# Rules that go on until patterns of any values are fixed points.
CORRECTING = {"AdaTron", "DiederichOpper", "MinOver", "PseudoInverse"}
BITS = "The rule stores patterns of -1 and 1; these are of 0 and 1."
UNDRAWN = ["graded", "rates", "shares", "ranked", "winners", "nearest", "binary", "spikes", "held"]
POST = {
    ("responses", "held"): (REFUSED, UNANSWERED),
    ("rates", "graded"): (WARNED, NEGATIVE),
    ("rates", "ranked"): (WARNED, NEGATIVE),
    ("competition", "graded"): (WARNED, ALIKE),
    ("competition", "rates"): (WARNED, ALIKE),
    ("competition", "held"): (REFUSED, NO_COMPETITION),
    **{("nearest", kind): (WARNED, BY_PRODUCT) for kind in ("winners", "shares", "ranked")},
    **{
        ("nearest", kind): (REFUSED, NO_WINNER)
        for kind in ("graded", "rates", "binary", "spikes", "random", "logistic", "held")
    },
    **{("spikes", kind): (REFUSED, NO_SPIKES) for kind in ("graded", "rates", "shares", "ranked")},
    ("chance", "random"): (WARNED, OTHER_CHANCE),
    **{("chance", kind): (REFUSED, NO_CHANCE) for kind in UNDRAWN},
}
# What a rule takes the potential for, and what it is.
NO_FIELD = "The potential is that of a membrane, but the rule reads the field W x."
NO_VOLTAGE = "The rule reads the potential of a membrane, which these neurons do not have."
AT_REST = (
    "The potential rests at 0, above the thresholds in mV, so every spike potentiates; `u_rest=0` "
    "with thresholds to match is right."
)
NO_WIDTH = (
    "The spikes have no width, so potentiation, which needs a potential above theta_plus, is lost "
    "or too small. `ClopathAdEx`, and `AdEx` with a t_spike of 2 ms, are right."
)
NO_LENGTH = (
    "The potential is less than the field, so the length of the weights does not settle at 1."
)
POTENTIAL = {
    ("field", "membrane"): (REFUSED, NO_FIELD),
    ("field", "subthreshold"): (REFUSED, NO_FIELD),
    ("field", "above_rest"): (REFUSED, NO_FIELD),
    ("field", "match"): (WARNED, NO_LENGTH),
    ("membrane", "field"): (REFUSED, NO_VOLTAGE),
    ("membrane", "match"): (REFUSED, NO_VOLTAGE),
    ("membrane", "above_rest"): (WARNED, AT_REST),
    ("membrane", "subthreshold"): (WARNED, NO_WIDTH),
}
MISSING = {
    "potential": "The neurons have no potential, which the rule reads.",
    "trace_pre": "The neurons keep no traces of spikes; `PairSTDP` keeps its own.",
}
ROLES = {
    "lateral": "The rule is for connections among the neurons of a layer.",
    "gain": "The rule is for the gain or the bias of `AdaptiveSigmoid`.",
    "bias": "The rule is for the gain or the bias of `AdaptiveSigmoid`.",
    "threshold": "The rule is for the thresholds of `LateralThreshold`.",
}
ITSELF = "The rule stores patterns, so each neuron must be held at the pattern: `Clamped`."
HELD = "The rule reads the right answer as activity, so the neurons must be held at it."
DATA = {
    "spikes": lambda shape: RNG.integers(0, 2, shape),
    "counts": lambda shape: RNG.permuted(np.resize(np.arange(6), shape)),
    "rates": lambda shape: RNG.random(shape),
    "signs": lambda shape: np.resize([1, -1], shape),
}
RNG = np.random.default_rng(0)
# Classes that need an argument. Stack, Parts and SynapticDelays have tests of
# their own.
MADE = {
    "BasisSTDP": [plasticity.BasisSTDP.unknown()],
    "SplineSTDP": [plasticity.SplineSTDP.unknown()],
    "MLPRule": [plasticity.MLPRule.unknown()],
    "TaylorRule": [plasticity.TaylorRule.unknown()],
    "Delayed": [Delayed(CurrentLIF(), 1, 1, 2), Delayed(dynamics.Linear(), 1, 1, 2)],
    "FirstSpikeWins": [FirstSpikeWins(CurrentLIF())],
    "LateralInhibition": [LateralInhibition(CurrentLIF())],
    "Parts": [],
    "Recorded": [dynamics.Recorded(), dynamics.Recorded(potential=True)],
    "Reversed": [Reversed(Hebbian())],
    "RewardModulated": [RewardModulated(rule) for rule in (Hebbian(), Oja(), PairSTDP())],
    "Stack": [],
    "SynapticDelays": [],
    "Sum": [Sum((Hebbian(), SynapticScaling())), Sum((PairSTDP(), SynapticScaling()))],
    "ConductanceLIF": [dynamics.ConductanceLIF(inhibitory=2)],
    "DualCurrentLIF": [dynamics.DualCurrentLIF(inhibitory=2)],
    "IntrinsicPlasticity": [plasticity.IntrinsicPlasticity(kind) for kind in ("gain", "bias")],
    "WinnerTakeAll": [
        dynamics.WinnerTakeAll(),
        dynamics.WinnerTakeAll(match="distance"),
        dynamics.WinnerTakeAll(2, match="distance"),
    ],
}


def public(package, base):
    """Objects of each public class of ``package`` that is a ``base``."""
    for name in package.__all__:
        cls = getattr(package, name)
        if inspect.isclass(cls) and issubclass(cls, base) and dataclasses.is_dataclass(cls):
            yield from MADE[name] if name in MADE else [cls()]


def label(part):
    """The name of a rule or neuron, with what tells it from others of its class."""
    name = type(part).__name__
    told = [getattr(part, field, None) for field in ("match", "parameter")]
    told += ["potential"] if getattr(part, "potential", None) is True else []
    inner = getattr(part, "rule", None) or getattr(part, "neuron", None)
    inner = [inner] if inner is not None else getattr(part, "rules", ())
    told += [type(own).__name__ for own in inner]
    if getattr(part, "winners", 1) != 1:
        told.append(f"{part.winners} winners")
    told = [word for word in told if isinstance(word, str) and word != "product"]
    return f"{name}({', '.join(told)})" if told else name


def weights_for(neuron, size=(SIZE, SIZE)):
    """Weights of 0.1, (in, out) in number."""
    drawn = jax.eval_shape(lambda key: neuron.draw(key, *size), jax.random.key(0))
    return jax.tree.map(lambda part: jnp.full(part.shape, 0.1, part.dtype), drawn)


def placed(rule, neuron, weights):
    """Return the rule for these weights, and the signals of the part that it learns.

    Of several parts that is the one whose role the rule names, or else the first.
    """
    shown = neuron.signals(weights)
    if not shown.parts:
        return rule, shown, ""
    roles = [own.role for own in shown.parts]
    at = roles.index(rule.role) if rule.role in roles else 0
    rules = [None] * len(roles)
    rules[at] = rule
    return Parts(tuple(rules)), shown.parts[at], f"{at}."


def expected(rule, neuron, own, prefix="", data="spikes"):
    """Return what ought to come of a rule, a neuron and a kind of samples, and the reason."""
    found = [*_of_whole(rule, neuron, prefix)]
    for _, reader in rule.readers():
        found += _of_reader(reader, own, data, alone=not prefix)
    for outcome in (REFUSED, WARNED):
        for verdict in found:
            if verdict[0] == outcome:
                return verdict
    return RIGHT, ""


def _of_whole(rule, neuron, prefix):
    if rule.target == "self" and not isinstance(neuron, Clamped):
        yield REFUSED, ITSELF
    if (rule.target == "given" or rule.shown == "whole") and not neuron.clamped:
        yield REFUSED, HELD
    for name in rule.needs:
        if name != "reward" and prefix + name not in neuron.provides:
            yield REFUSED, MISSING.get(name, MISSING["trace_pre"])


def _of_reader(reader, own, data, *, alone):
    free = ("forward", "lateral", None) if reader.role is None else (reader.role,)
    if reader.role == "lateral":
        free = ("lateral", None)
    if own.role not in free:
        yield REFUSED, ROLES[reader.role or own.role]
    # The weights are positive, so linear neurons emit negative numbers only for negative samples.
    positive = reader.reads == "rates" and alone and data != "signs"
    if (reader.reads, own.post) in POST and not (positive and own.post == "graded"):
        yield POST[reader.reads, own.post]
    if (reader.reads_potential, own.potential) in POTENTIAL:
        yield POTENTIAL[reader.reads_potential, own.potential]
    if reader.reads_pre == "spikes" and data != "spikes":
        yield REFUSED, NO_SPIKES  # here all that is before a synapse is in the samples
    if reader.reads == "rates" and own.post in ("held", "recorded") and data == "signs":
        yield WARNED, NEGATIVE
    stores = reader.reads == "anything" and reader.role is None and not reader.centres
    stores = stores and type(reader).__name__ not in CORRECTING
    if stores and own.post == "held" and data == "spikes":
        yield WARNED, BITS


def outcome(rule, neuron, weights, inputs):
    """Return what comes of checking a setup, and the message if there is one."""
    rewards = np.ones(len(inputs), np.float32) if "reward" in rule.needs else None
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", CannsWarning)
        try:
            # Whether a rate is too large is a matter of numbers, not of kinds.
            Setup(rule, neuron).check(weights, rewards, inputs=inputs, bounded=False)
        except ValidationError as error:
            return REFUSED, str(error)
    return (WARNED, str(caught[0].message)) if caught else (RIGHT, "")


def samples_for(neuron, weights, data):
    """Return samples of a kind, (T, in)."""
    return np.float32(DATA[data]((SAMPLES, neuron.sample_size(weights))))


def own_step(part):
    """Whether a rule or neuron has a time step of its own, in the unit of its time constants."""
    if isinstance(part, Neuron):
        return part.time_step is not None
    return any(field.name == "dt" for field in dataclasses.fields(part))


def with_dt(part, dt):
    """Return a rule or neuron with this time step, if it has one, and so its inner one."""
    fields = {field.name for field in dataclasses.fields(part)}
    changes = (
        {"dt": dt} if "dt" in fields and not isinstance(part, dynamics.LateralThreshold) else {}
    )
    for name in fields & {"rule", "neuron"}:
        changes[name] = with_dt(getattr(part, name), dt)
    if "rules" in fields:
        changes["rules"] = tuple(with_dt(own, dt) for own in part.rules)
    return dataclasses.replace(part, **changes)


RULES = [*public(plasticity, Rule)]
NEURONS = [*public(dynamics, Neuron)]
PAGE = Path(__file__).parents[1] / "docs" / "what-goes-with-what.md"

if __name__ == "__main__":
    from compatibility_page import page

    PAGE.write_text(page(), encoding="utf-8")
