"""Which rules change only synapses that are active, and which neurons take synapses."""

from canns.dynamics import Neuron
from canns.plasticity.rule import Rule, Side

__all__ = ["obstacle_to_synapses", "says", "sides_of"]


def sides_of(rule: Rule) -> tuple[Side, ...] | None:
    """Return what each array of the rule's memory belongs to; None for a rule that is not local.

    A subclass that has a step of its own is local only if it says so, because its step may change
    silent synapses.
    """
    return rule.local if says(rule, "local") else None


def says(part: Rule | Neuron, name: str) -> bool:
    """Whether a rule or a neuron says something of its own step, not of one that it overrides."""
    classes = type(part).__mro__
    stepping = next(cls for cls in classes if "step" in vars(cls))
    saying = next(cls for cls in classes if name in vars(cls))
    return issubclass(saying, stepping)


def obstacle_to_synapses(neuron: Neuron) -> str | None:
    """Return why synapses cannot be in place of the weight matrix, as a clause; None if they can.

    Example:
        >>> from canns.dynamics import CurrentLIF, WinnerTakeAll
        >>> obstacle_to_synapses(CurrentLIF()) is None
        True
        >>> obstacle_to_synapses(WinnerTakeAll())
        'WinnerTakeAll reads its weights otherwise than as weights @ x'
    """
    drives = neuron.drives_only and says(neuron, "drives_only")
    if not drives or neuron.Parts is not None:
        return f"{type(neuron).__name__} reads its weights otherwise than as weights @ x"
    inner = vars(neuron).get("neuron")
    return obstacle_to_synapses(inner) if isinstance(inner, Neuron) else None
