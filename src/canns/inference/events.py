"""The change of a weight by a protocol: the rule's own step, from one spike to the next."""

import dataclasses
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns._buckets import bucket
from canns._validation import check_real
from canns.dynamics import Activity
from canns.errors import ValidationError
from canns.inference.protocols import Protocol
from canns.plasticity import Additive, BasisSTDP, PairSTDP, Rule, TripletSTDP
from canns.typing import Array, FloatArray

__all__ = [
    "Events",
    "SpikeRule",
    "changes_by",
    "checked_start",
    "events_of",
    "timed",
    "weight_changes",
]

SpikeRule = PairSTDP | TripletSTDP | BasisSTDP
_KINDS = (PairSTDP, TripletSTDP, BasisSTDP)


class Events(NamedTuple):
    """The spikes of protocols, in order; a protocol with fewer ends in events without a spike.

    Args:
        interval: Time since the event before in ms, (P, K).
        pre: 1 if the presynaptic neuron spikes, else 0, (P, K).
        post: The same of the postsynaptic neuron, (P, K).
    """

    interval: Any
    pre: Any
    post: Any


def weight_changes(
    rule: SpikeRule, protocols: Sequence[Protocol], *, start_weight: float | None = None
) -> FloatArray:
    """Return the change of a weight by each protocol, as a share of the weight before.

    Spikes are at their very times: the rule takes a step from one spike to the next, in which its
    traces decay by the time between them.

    Args:
        rule: A rule that reads spikes through traces. A pair at a lag of 0 counts as its
            ``coincidence`` says; "mid", which is for spikes somewhere within a step, as "ltp".
        protocols: The protocols.
        start_weight: The weight before, in units of the rule; None if the rule's change does not
            depend on it.

    Returns:
        The changes, (P,).

    Raises:
        ValidationError: If the rule is of another kind, or an argument is out of range.

    Example:
        >>> from canns.plasticity import TRIPLETS
        >>> lags = [Protocol.pair(10.0), Protocol.pair(-10.0)]
        >>> weight_changes(TRIPLETS["hippocampus"], lags).round(4).tolist()
        [0.2018, -0.1037]
    """
    checked, events = timed(rule), events_of(protocols)
    start = checked_start(checked, start_weight)
    with jax.enable_x64(True):
        return np.asarray(_run(checked, events, start))


def checked_start(rule: SpikeRule, start_weight: float | None) -> float:
    """Return the weight before a protocol; raise if the rule depends on it and it is not given."""
    if start_weight is None:
        if isinstance(rule, PairSTDP) and not isinstance(rule.dependence, Additive):
            name = type(rule.dependence).__name__
            expected = f"given for {name}, by which the change depends on the weight"
            raise ValidationError("start_weight", expected, "None")
        return 1.0
    start = check_real("start_weight", start_weight, low=0, open_low=True)
    rule.check_weights(np.full((1, 1), start))
    return start


def timed(rule: SpikeRule) -> SpikeRule:
    """Return the rule for spikes at exact times, or raise if it cannot take such."""
    given: object = rule
    if not isinstance(given, _KINDS):
        kinds = ", ".join(kind.__name__ for kind in _KINDS)
        name = type(given).__name__ if isinstance(given, Rule) else repr(given)
        raise ValidationError("rule", f"a rule of spikes through traces, one of {kinds}", name)
    rule.validate()
    if rule.dt is not None:
        remedy = "The rule's steps go from spike to spike."
        raise ValidationError("rule.dt", "None for a protocol", f"{rule.dt:g}", remedy)
    if rule.coincidence != "mid":
        return rule
    found: SpikeRule = dataclasses.replace(rule, coincidence="ltp")
    return found


def events_of(protocols: Sequence[Protocol]) -> Events:
    """Return the events of the protocols."""
    listed = [*protocols] if isinstance(protocols, Sequence) else []
    if not listed or not all(isinstance(each, Protocol) for each in listed):
        raise ValidationError("protocols", "a list of one Protocol or more", repr(protocols)[:60])
    each = [_merged(protocol) for protocol in listed]
    room = bucket(max(len(rows[0]) for rows in each))
    padded = [np.pad(rows, ((0, 0), (0, room - rows.shape[1]))) for rows in each]
    interval, pre, post = np.stack(padded, axis=1)
    return Events(interval, pre, post)


def _merged(protocol: Protocol) -> FloatArray:
    """Return intervals and spikes of a protocol, (3, K)."""
    pre, post = protocol.trains
    times = np.unique(np.concatenate([pre, post]))
    spikes = [np.isin(times, train).astype(float) for train in (pre, post)]
    return np.stack([np.diff(times, prepend=times[0]), *spikes])


def changes_by(rule: Any, events: Events, start_weight: Array | float) -> Array:
    """Return the changes by all protocols, (P,); pure, for rules with traced hyperparameters."""
    start = jnp.full((1, 1), start_weight, float)

    def event(carry: Any, now: Events) -> tuple[Any, None]:
        memory, weights = carry
        step = dataclasses.replace(rule, dt=now.interval).step
        memory, delta = step(memory, weights, Activity(now.pre[None], now.post[None]))
        return (memory, weights + delta), None

    def protocol(own: Events) -> Array:
        (_, weights), _ = jax.lax.scan(event, (rule.init(start), start), own)
        return (weights - start)[0, 0] / start_weight

    changes: Array = jax.vmap(protocol)(Events(*map(jnp.asarray, events)))
    return changes


_run = jax.jit(changes_by)
