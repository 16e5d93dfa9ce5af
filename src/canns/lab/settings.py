"""What the network of the memory page is made with: rule, dynamics, temperature."""

from dataclasses import dataclass

from canns._validation import check_choice, check_real

__all__ = ["DYNAMICS", "RULES", "SIDES", "Settings", "most_patterns"]

#: The storage rules of which patterns are fixed points, and how the page names them.
RULES = {
    "hebbian": "Hebb",
    "covariance": "Covariance (centred Hebb)",
    "pseudo_inverse": "Pseudo-inverse (projection)",
    "storkey": "Storkey",
    "storkey2": "Storkey, second order",
    "diederich_opper": "Diederich-Opper I",
    "diederich_opper2": "Diederich-Opper II",
    "minover": "Minover",
    "adatron": "AdaTron",
    "dreaming": "Dreaming",
    "unlearning": "Unlearning",
    "palimpsest": "Palimpsest",
    "bounded": "Bounded synapses",
    "clipped": "Clipped synapses",
}
#: The dynamics by name: how the page names them, and the options of the network.
DYNAMICS: dict[str, tuple[str, dict[str, bool | str]]] = {
    "asynchronous": ("Asynchronous, no noise", {"asynchronous": True}),
    "synchronous": ("Synchronous, no noise", {}),
    "glauber": ("Glauber: asynchronous, noisy", {"asynchronous": True, "stochastic": True}),
    "little": ("Little: synchronous, noisy", {"stochastic": True}),
    "graded": ("Graded: tanh, synchronous", {"activation": "tanh"}),
}
#: Sides of the square grid of neurons.
SIDES = (8, 16, 24, 32)

# Rules that repeat their epochs, or invert a matrix: so many patterns a neuron, and in all, as a
# lecture can wait for.
_SHARES = {"pseudo_inverse": 1.2}
_EPOCHS = ("diederich_opper", "diederich_opper2", "minover", "adatron", "unlearning")
_MOST = {"pseudo_inverse": 600, "storkey": 300, "storkey2": 300, **dict.fromkeys(_EPOCHS, 60)}


def most_patterns(rule: str, num_neurons: int) -> int:
    """Return how many patterns the page lets a rule store.

    Example:
        >>> most_patterns("hebbian", 1024), most_patterns("minover", 1024)
        (512, 60)
    """
    check_choice("rule", rule, RULES)
    return min(int(_SHARES.get(rule, 0.5) * num_neurons), _MOST.get(rule, num_neurons))


@dataclass(frozen=True)
class Settings:
    """What a network is made with.

    Args:
        rule: The storage rule, a key of :data:`RULES`.
        dynamics: A key of :data:`DYNAMICS`.
        temperature: T of noisy and graded dynamics; for Hebb's rule that of theory, because its
            couplings are divided by N.
    """

    rule: str = "hebbian"
    dynamics: str = "asynchronous"
    temperature: float = 0.3

    def __post_init__(self) -> None:
        check_choice("rule", self.rule, RULES)
        check_choice("dynamics", self.dynamics, DYNAMICS)
        check_real("temperature", self.temperature, low=0, high=10, open_low=True)

    @property
    def has_temperature(self) -> bool:
        """Whether the dynamics depend on the temperature."""
        return self.dynamics in ("glauber", "little", "graded")

    @property
    def effective_temperature(self) -> float:
        """The temperature, or 0 for dynamics without noise."""
        return self.temperature if self.has_temperature else 0.0

    @property
    def network_options(self) -> dict[str, bool | str | float]:
        """The options of the network, as its constructor takes them."""
        options: dict[str, bool | str | float] = {**DYNAMICS[self.dynamics][1]}
        if self.has_temperature:
            options["temperature"] = self.temperature
        return options
