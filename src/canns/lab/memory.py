"""A session of the memory page: patterns, a rule, dynamics, and a state that is recalled."""

from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

from canns import task
from canns._validation import check_choice, check_size
from canns._warnings import collected_warnings
from canns.analyzer.metrics import overlap
from canns.errors import ValidationError
from canns.lab.settings import SIDES, Settings, most_patterns
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import HebbianTrainer, RuleTrainer
from canns.typing import AnyArray, BoolArray

__all__ = ["Frame", "MemorySession", "picture_names"]

_PHOTOGRAPHS = ("camera", "astronaut", "coffee", "horse")


def picture_names() -> list[str]:
    """Return the names of the pictures that a session can draw from.

    The photographs come with scikit-image, which ``pip install 'canns[data]'`` adds.
    """
    photographs = _PHOTOGRAPHS if find_spec("skimage") else ()
    return ["random", *photographs, *(f"digit {k}" for k in range(10))]


class Frame(NamedTuple):
    """What the page shows of one moment.

    Args:
        step: Number of updates (sweeps) since the cue.
        state: The state, (N,).
        energy: Its energy.
        overlaps: Its overlap with each pattern, (P,).
        flipped: Which neurons changed their sign in the last update, (N,).
        ended: "converged", "cycle", or nothing.
    """

    step: int
    state: AnyArray
    energy: float
    overlaps: AnyArray
    flipped: BoolArray
    ended: str


class MemorySession:
    """Patterns that are stored, and a state that is recalled.

    A change of the patterns, the settings or the state makes the present state the cue of a new
    recall, so that :attr:`cue`, the settings and :attr:`step_count` say how the state came about.

    Args:
        side: Side of the square grid; N = side * side.
        seed: Seed of random patterns, of the corruption, and of the updates.
    """

    def __init__(self, side: int = 16, seed: int = 0) -> None:
        self.side = check_size("side", side, low=2, high=max(SIDES))
        self.seed = check_size("seed", seed, low=0)
        self.settings = Settings()
        self.notes: list[str] = []
        self.target = 0
        self.num_random = 0
        self._drawn: list[AnyArray] = []
        self._network: AmariHopfieldNetwork | None = None
        self._patterns: AnyArray | None = None
        self._draws = 0
        self._previous: AnyArray | None = None
        self._flipped: BoolArray = np.zeros(self.num_neurons, bool)
        self._restart(np.full(self.num_neurons, -1.0))

    @property
    def num_neurons(self) -> int:
        """N."""
        return self.side**2

    @property
    def drawn(self) -> list[AnyArray]:
        """The patterns that were drawn or chosen, before the random ones."""
        return [*self._drawn]

    @property
    def patterns(self) -> AnyArray:
        """All patterns, (P, N): those that were drawn, then random ones."""
        if self._patterns is None:
            rows = [*self._drawn]
            if self.num_random:
                rows += [*task.random_patterns(self.num_random, self.num_neurons, seed=self.seed)]
            self._patterns = np.array(rows).reshape(-1, self.num_neurons)
        return self._patterns

    @property
    def num_patterns(self) -> int:
        """P."""
        return len(self._drawn) + self.num_random

    @property
    def load(self) -> float:
        """P / N."""
        return self.num_patterns / self.num_neurons

    def picture(self, name: str) -> AnyArray:
        """Return one of the pictures, (N,): a photograph, a digit, or a random pattern.

        Raises:
            ValidationError: If there is no such picture, or a digit does not fit the grid.
        """
        check_choice("name", name, picture_names())
        if name == "random":
            self._draws += 1
            seed = np.random.default_rng([self.seed, self._draws])
            drawn: AnyArray = task.random_patterns(1, self.num_neurons, seed=seed)[0]
            return drawn
        if name in _PHOTOGRAPHS:
            image = task.bundled_images(self.side)[name]
            return task.image_patterns([image]).ravel()
        if self.side % 8:
            raise ValidationError("side", "a multiple of 8 for digits", f"{self.side}")
        digit = task.digit_prototypes()[0][int(name.split()[1])].reshape(8, 8)
        return np.kron(digit, np.ones((self.side // 8,) * 2)).ravel()

    def store(self, pattern: AnyArray) -> None:
        """Store one more pattern; it becomes the one that is looked for.

        Raises:
            ValidationError: If it is stored already, or every neuron has one value.
        """
        signs = np.where(np.asarray(pattern) >= 0, 1.0, -1.0)
        if np.ptp(signs) == 0:
            remedy = "Draw something first."
            raise ValidationError("pattern", "of two values", "one value everywhere", remedy)
        if any(abs(signs @ other) == self.num_neurons for other in self._drawn):
            raise ValidationError("pattern", "a new one", "one that is stored already")
        most = self._most_patterns()
        if self.num_patterns >= most:
            raise ValidationError("pattern", f"one of at most {most}", "one more", "Remove some.")
        self._drawn.append(signs)
        self.target = len(self._drawn) - 1
        self._changed()

    def remove(self, index: int) -> None:
        """Remove one of the drawn patterns."""
        last = len(self._drawn) - 1
        del self._drawn[check_size("index", index, low=0, high=max(last, 0))]
        self.target = max(0, min(self.target, last - 1))
        self._changed()

    def fill(self, num_patterns: int) -> None:
        """Add random patterns until there are so many in all, or take some away again."""
        most = self._most_patterns()
        count = check_size("num_patterns", num_patterns, low=0, high=most)
        self.num_random = max(0, count - len(self._drawn))
        self.target = max(0, min(self.target, self.num_patterns - 1))
        self._changed()

    def clear(self) -> None:
        """Forget all patterns, and switch all neurons off."""
        self._drawn, self.num_random, self.target = [], 0, 0
        self.state = np.full(self.num_neurons, -1.0)
        self._changed()

    def configure(self, settings: Settings) -> None:
        """Change the rule, the dynamics or the temperature.

        Raises:
            ValidationError: If more patterns are stored than the rule can take.
        """
        most = most_patterns(settings.rule, self.num_neurons)
        if self.num_patterns > most:
            expected = f"one for {self.num_patterns} patterns"
            got = f"{settings.rule!r}, which would take too long for more than {most}"
            raise ValidationError("rule", expected, got, "Store fewer patterns first.")
        self.settings = settings
        self._changed()

    def aim(self, index: int) -> None:
        """Look for another pattern."""
        self.target = check_size("index", index, low=0, high=max(self.num_patterns - 1, 0))

    def corrupt(self, share: float) -> None:
        """Start from the pattern that is looked for, with a share of its neurons flipped.

        Raises:
            ValidationError: If nothing is stored.
        """
        patterns = self._stored()
        self._draws += 1
        seed = np.random.default_rng([self.seed, self._draws])
        self._restart(task.flip(patterns[self.target], share, seed=seed))

    def paint(self, cells: list[int], value: bool) -> None:
        """Switch some neurons on or off."""
        chosen = [check_size("cells", k, low=0, high=self.num_neurons - 1) for k in cells]
        state = _signs(self.state)
        state[chosen] = 1.0 if value else -1.0
        self._restart(state)

    def begin(self, state: AnyArray) -> None:
        """Start from a state."""
        self._restart(_signs(state))

    def step(self) -> Frame:
        """Update the state once: all neurons at once, or one after another in a sweep.

        Raises:
            ValidationError: If nothing is stored.
            DivergenceError: If the rule diverges.
        """
        network = self.network()
        seed = self.seed + self.step_count
        result = network.recall(self.state[None], num_iter=1, seed=seed)
        after, before = np.asarray(result.states[0], dtype=np.float64), self.state
        noisy = self.settings.dynamics in ("glauber", "little")
        if not noisy and result.outcome[0] == "converged":
            self.ended = "converged"
        elif not noisy and self._previous is not None and (after == self._previous).all():
            self.ended = "cycle"
        self._previous, self.state = before, after
        self._flipped = (after >= 0) != (before >= 0)
        self.step_count += 1
        return self.frame()

    def frame(self) -> Frame:
        """Return what there is to show of the present state.

        Raises:
            ValidationError: If nothing is stored.
        """
        energy = float(np.asarray(self.network().energies(self.state[None]))[0])
        overlaps = overlap(self.state, self.patterns)
        return Frame(self.step_count, self.state, energy, overlaps, self._flipped, self.ended)

    def network(self) -> AmariHopfieldNetwork:
        """Return the network that has stored the patterns.

        Raises:
            ValidationError: If nothing is stored.
            DivergenceError: If the rule diverges.
        """
        if self._network is None:
            self._network = self._trained(self._stored())
        return self._network

    def _trained(self, patterns: AnyArray) -> AmariHopfieldNetwork:
        size, rule = self.num_neurons, self.settings.rule
        network = AmariHopfieldNetwork(size, **self.settings.network_options)  # type: ignore[arg-type]
        with collected_warnings() as self.notes:
            if rule == "hebbian":
                # The couplings of theory, so that T and the energy are in its units.
                HebbianTrainer(
                    network,
                    subtract_mean=False,
                    normalize_by_patterns=False,
                    learning_rate=1 / size,
                ).train(patterns)
            else:
                RuleTrainer(network, rule).train(patterns)
        return network

    def _stored(self) -> AnyArray:
        if not self.num_patterns:
            raise ValidationError("patterns", "at least one", "none", "Store a pattern first.")
        return self.patterns

    def _most_patterns(self) -> int:
        return most_patterns(self.settings.rule, self.num_neurons)

    def _changed(self) -> None:
        self._network = self._patterns = None
        self._restart(_signs(self.state))

    def _restart(self, cue: AnyArray) -> None:
        """Make a state the cue of a new recall."""
        self.cue = self.state = np.asarray(cue, dtype=np.float64)
        self.step_count, self.ended = 0, ""
        self._previous, self._flipped = None, np.zeros(self.num_neurons, bool)


def _signs(state: AnyArray) -> AnyArray:
    signs: AnyArray = np.where(np.asarray(state) >= 0, 1.0, -1.0)
    return signs
