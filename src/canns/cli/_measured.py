"""What the commands that measure capacities share: what is affordable."""

__all__ = ["MOST", "affordable"]

MOST = 2.0  # no rule stores more than 2 N random patterns exactly

# Rules that iterate: the load that four networks of 1000 neurons learn in a minute or two, and how
# it falls with N. All rounds together take a time of about N^3, times the load or its cube.
_SLOW = {
    "diederich_opper": (0.4, 3),
    "diederich_opper2": (0.4, 3),
    "minover": (0.4, 1),
    "adatron": (1.0, 1),
    "unlearning": (0.4, 3),
}


def affordable(rule: str, neurons: int) -> float:
    """Return the largest load at which the rule learns soon enough."""
    load, power = _SLOW.get(rule, (MOST, 0))
    return min(MOST, load * (1000 / neurons) ** power)
