"""The STDP window, and a pair of spikes in it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from canns._validation import check_array, check_real
from canns.dynamics import Recorded
from canns.errors import ValidationError
from canns.plasticity import PairSTDP, Setup, learn
from canns.typing import AnyArray

__all__ = ["FARTHEST", "Window", "window_changes", "window_program"]

#: The largest lag in ms; a step is 1 ms.
FARTHEST = 60


@dataclass(frozen=True)
class Window:
    """The amplitudes and the time constants of a window.

    Args:
        A_plus: Potentiation of a pair without delay, as a share of the weight.
        A_minus: Depression of a pair without delay.
        tau_plus: Time constant of potentiation in ms.
        tau_minus: Time constant of depression in ms.
    """

    A_plus: float = 0.777
    A_minus: float = 0.273
    tau_plus: float = 16.8
    tau_minus: float = 33.7

    def __post_init__(self) -> None:
        for name in ("A_plus", "A_minus"):
            check_real(name, getattr(self, name), low=0, high=10)
        for name in ("tau_plus", "tau_minus"):
            check_real(name, getattr(self, name), low=1, high=1000)

    @property
    def rule(self) -> PairSTDP:
        """The rule."""
        return PairSTDP(1.0, self.A_plus, self.A_minus, self.tau_plus, self.tau_minus)


def window_changes(window: Window, lags: ArrayLike) -> AnyArray:
    """Return the change of the weight by one pair of spikes at each lag.

    Each lag has an input of its own, which spikes once; the neuron spikes once.

    Args:
        window: The window.
        lags: Time of the postsynaptic spike less that of the presynaptic one, in whole ms, (L,).

    Example:
        >>> changes = window_changes(Window(A_plus=1.0, tau_plus=10.0), [10, -50])
        >>> [f"{change:+.3f}" for change in changes]
        ['+0.350', '-0.063']
    """
    steps = np.atleast_1d(check_array("lags", lags)).astype(int)
    if np.abs(steps).max() > FARTHEST:
        raise ValidationError("lags", f"from {-FARTHEST} to {FARTHEST} ms", f"{steps.tolist()}")
    spikes = np.zeros((2 * FARTHEST + 1, len(steps) + 1), np.float32)
    spikes[FARTHEST - steps, np.arange(len(steps))] = 1.0
    spikes[FARTHEST, -1] = 1.0
    start = np.zeros((1, len(steps)), np.float32)
    return np.asarray(learn(Setup(window.rule, Recorded()), start, spikes).weights[0])


def window_program(window: Window, lag: int) -> str:
    """Return a script that shows one pair of spikes to the rule, and ends with ``change``."""
    return (
        "import numpy as np\n\n"
        "from canns.dynamics import Recorded\n"
        "from canns.plasticity import PairSTDP, Setup, learn\n\n"
        f"lag = {int(lag)}  # ms from the presynaptic spike to the postsynaptic one\n"
        f"spikes = np.zeros(({2 * FARTHEST + 1}, 2))  # a step of 1 ms a row\n"
        f"spikes[{FARTHEST} - lag, 0] = 1.0  # the input\n"
        f"spikes[{FARTHEST}, 1] = 1.0  # the neuron\n"
        f"rule = PairSTDP(1.0, {window.A_plus!r}, {window.A_minus!r}, "
        f"{window.tau_plus!r}, {window.tau_minus!r})\n"
        "after = learn(Setup(rule, Recorded()), np.zeros((1, 1), np.float32), spikes)\n"
        "change = float(after.weights[0, 0])\n"
        'print(f"change of the weight: {change:+.4f}")\n'
    )
