"""The page of the documentation that says what goes with what, made from the declared table."""

from canns.models import brain_inspired
from canns.models.brain_inspired import RecurrentNetwork
from canns.plasticity import STORAGE_RULES
from compatibility import (
    NEURONS,
    REFUSED,
    RIGHT,
    RULES,
    WARNED,
    expected,
    label,
    own_step,
    placed,
    weights_for,
)

SIGNS = {RIGHT: "✓", WARNED: "!", REFUSED: "–"}
OWN_WAY = "The network stores in a way of its own: call its `apply_hebbian_learning`."
NO_COUPLINGS = (
    "Its weights do not lead from neuron to neuron: call its `apply_hebbian_learning`, or take "
    "`HebbianTrainer`."
)
HEAD = """# What goes with what

<!-- `python tests/compatibility.py` writes this page; a test fails if it differs. -->

A rule of spikes needs neurons that fire, a map needs neurons that match by distance, and a rule
that stores patterns needs neurons that are held at them. Rules say what they read and neurons what
they emit, and `Setup.check` compares the two before a run begins, in every trainer and in `learn`.

✓ is right. "!" runs with a `CannsWarning`, because it is legal but seldom meant. "–" is refused
with a `ValidationError`. The numbers lead to the reasons below each table. If the weights of a
neuron have several parts, the table is about the part that the rule is for, or the first; `Parts`
places it there. `Delayed(neuron)`, `SynapticDelays(neuron, ...)` and `FirstSpikeWins(neuron)`
answer as the neuron inside, and `Sum`, `Reversed`, `RewardModulated` and `Parts` as each rule
inside. A layer of a `Stack` reads what the one before emits.

## Rules and neurons
"""
SAMPLES = """
## Rules and samples

- `STDP`, `PairSTDP`, `TripletSTDP`, `VogelsSTDP` and `Clopath` read spikes. Samples other than 0
  and 1 are refused if they are these spikes: 255 would count as 255 spikes.
- Under any other rule a spiking neuron takes any sample, as a current.
- `Instar` warns of negative samples if neurons pass them on.
- `Hebbian`, `AntiHebbian`, `HebbianDecay` and the rules that store patterns warn of patterns of 0
  and 1 at `Clamped`, `Paired` and `Successive` neurons: they store patterns of -1 and 1. A network
  of the library refuses them. `Covariance`, and rules on centred patterns, take any two values.

Samples are read once, before the run; of a stream, each chunk before it is learnt. Inside `jax.jit`
they have no values yet, and pass.

## Rules and time steps

Rules with time constants in ms take the time step of the neuron. If a rule is given another `dt`
than the neuron has, the pair is refused, whatever the table says:

- rules: {rules}, and what wraps them;
- neurons: {neurons}, and what wraps them.

Other neurons have no time step, and take that of the rule.

## Rules and shapes

`Clamped` and `Successive` neurons are inputs and outputs at once, so their weights are square; so
are those of `AdaTron` and `MinOver`, which leave out self-couplings. `Decorrelation` learns the
lateral weights of a layer, (out, out). A sample has one number for each input. Anything else is
refused.

## Constraints and start weights

`Bounds`, `NonPositive`, `StrictlyLower`, and weight dependences such as `Soft` warn of start
weights outside their range. The first step would clip them: a weight of 30 mV would become 1 under
`Bounds(0, 1)`. `UnitRows`, `OrthonormalRows`, `ZeroDiagonal` and `Clipped` are meant for weights of
any size, and stay silent.

## Storage rules and networks
"""
TAIL = """
The rules of layers in the first table learn in a network as with `Clamped` neurons.

## Rules and neurons of your own

A neuron of your own that declares nothing is taken as it is. To let it be checked, set `emits`, and
`potential_kind` if it has a potential; the words are in `canns.dynamics.signal`. A rule of your own
reads anything, unless it sets `reads`, `reads_pre`, `reads_potential` or `role`. A model with a
`forward` of its own may emit anything; only its samples are checked.
"""


def page():
    """Return the page, in Markdown."""
    neurons = [neuron for neuron in NEURONS if not hasattr(neuron, "neuron")]
    rules = [rule for rule in RULES if rule.reads is not None]
    found = table([(label(rule), [cell(rule, neuron) for neuron in neurons]) for rule in rules])
    tables = [HEAD, written(found, [label(neuron) for neuron in neurons], "rule")]
    networks = [*public_networks()]
    found = table([(name, [stored(name, kind) for kind in networks]) for name in STORAGE_RULES])
    names = [kind.__name__.removesuffix("Network") for kind in networks]
    timed = [{label(part) for part in parts if own_step(part)} for parts in (rules, neurons)]
    samples = SAMPLES.format(rules=named(sorted(timed[0])), neurons=named(sorted(timed[1])))
    return "\n".join([*tables, samples, written(found, names, "rule by name"), TAIL]).replace(
        "\n\n\n", "\n\n"
    )


def cell(rule, neuron):
    """The verdict on samples that the rule reads, or else on samples of either sign."""
    _, own, prefix = placed(rule, neuron, weights_for(neuron))
    data = "spikes" if rule.reads_pre == "spikes" else "signs"
    return expected(rule, neuron, own, prefix, data)


def public_networks():
    """The public classes of networks, base classes left out."""
    for name in brain_inspired.__all__:
        kind = getattr(brain_inspired, name)
        if issubclass(kind, RecurrentNetwork) and not kind.__abstractmethods__:
            yield kind


def stored(name, network):
    """What ought to come of a storage rule, by its name, and a class of networks."""
    if not network.couples:
        return REFUSED, NO_COUPLINGS
    if name in ("hebbian", "anti_hebbian") and not network.stores_by_hebb:
        return REFUSED, OWN_WAY
    return RIGHT, ""


def table(rows):
    """Return equal rows as one, and then equal columns: labels, columns' places, verdicts."""
    merged = {}
    for name, verdicts in rows:
        merged.setdefault(tuple(verdicts), []).append(name)
    places = {}
    for place, column in enumerate(zip(*merged, strict=True)):
        places.setdefault(column, []).append(place)
    return merged, [*places.values()]


def written(found, heads, corner):
    """Return a table in Markdown, and the reasons below it."""
    merged, places = found
    reasons = {}
    lines = [f"| {corner} | " + " | ".join(named(heads[i] for i in at) for at in places) + " |"]
    lines.append("|---" * (len(places) + 1) + "|")
    for verdicts, names in merged.items():
        marks = []
        for at in places:
            outcome, reason = verdicts[at[0]]
            number = reasons.setdefault(reason, len(reasons) + 1) if reason else ""
            # A space at which the line does not break, for columns are narrow.
            marks.append(f"{SIGNS[outcome]}\N{NO-BREAK SPACE}{number}".rstrip())
        lines.append(f"| {named(names)} | " + " | ".join(marks) + " |")
    lines += ["", *(f"{number}. {reason}" for reason, number in reasons.items())]
    return "\n".join(lines)


def named(names):
    return ", ".join(f"`{name}`" for name in names)
