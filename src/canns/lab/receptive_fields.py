"""Receptive fields that grow on patches of photographs, some hundred patches at a time."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from canns import task
from canns._validation import check_choice, check_size
from canns.dynamics import WinnerTakeAll
from canns.models.brain_inspired import LinearLayer, NeuronLayer
from canns.trainer import BCMTrainer, OjaTrainer, RuleTrainer, SangerTrainer
from canns.typing import AnyArray

__all__ = ["FIELD_RULES", "FieldRule", "FieldSession", "Growth", "field_program"]

_PATCHES, _SIDE = 20_000, 12


class FieldRule(NamedTuple):
    """A rule, how the page names it, and what it shows.

    Args:
        words: Its name on the page.
        neurons: How many neurons it is shown with.
        batch: Patches between two pictures of the fields; BCM is slow.
        says: What its fields become.
        program: Python that makes patches, a layer with its first weights, and a trainer.
    """

    words: str
    neurons: int
    batch: int
    says: str
    program: str


_NATURAL = (
    "patches = task.natural_patches(20_000, 12, whiten=False, seed={seed})\n"
    "layer = LinearLayer(144, {neurons})\n"
    "layer.W.value = 0.1 * np.random.default_rng({seed}).normal(size=({neurons}, 144))\n"
)
_RETINAL = "patches = task.retinal_patches(20_000, 12, seed={seed})\n"
#: The rules of the page.
FIELD_RULES = {
    "oja": FieldRule(
        "Oja",
        4,
        250,
        "Every neuron finds the same field, up to its sign: the first principal component.",
        _NATURAL + "trainer = OjaTrainer(layer, learning_rate=0.0005)\n",
    ),
    "sanger": FieldRule(
        "Sanger",
        16,
        250,
        "The neurons find the principal components, one after another: first gradients of "
        "brightness, then finer and finer gratings.",
        _NATURAL + "trainer = SangerTrainer(layer, learning_rate=0.0005)\n",
    ),
    "bcm": FieldRule(
        "BCM",
        16,
        5000,
        "Each neuron becomes selective for contours of one orientation, because its threshold "
        "slides with its own activity.",
        _RETINAL
        + "layer = LinearLayer(144, {neurons}, use_bcm_threshold=True, threshold_tau=1000.0)\n"
        "first = 0.03 * np.random.default_rng({seed}).normal(size=({neurons}, 144))\n"
        "layer.W.value = first * patches.any(axis=0)  # patches are round\n"
        "trainer = BCMTrainer(layer, 2e-4)\n",
    ),
    "competitive": FieldRule(
        "Competitive",
        16,
        250,
        "The winner of each patch moves towards it, so that each field becomes the mean of a "
        "cluster of patches.",
        _RETINAL + "patches /= np.abs(patches).sum(axis=1, keepdims=True)\n"
        'layer = NeuronLayer(144, {neurons}, WinnerTakeAll(match="distance"))\n'
        "layer.W.value = patches[:{neurons}]\n"
        'trainer = RuleTrainer(layer, "competitive", learning_rate=0.02)\n',
    ),
}


class Growth(NamedTuple):
    """What the page shows of one moment.

    Args:
        num_patches: Number of patches shown so far.
        fields: The weights, (neurons, height, width).
        change: Norm of the change of the weights by the last patches.
    """

    num_patches: int
    fields: AnyArray
    change: float


class FieldSession:
    """A layer that learns on patches, batch after batch.

    Args:
        rule: A key of :data:`FIELD_RULES`.
        seed: Seed of the patches and of the first weights.
    """

    def __init__(self, rule: str = "sanger", seed: int = 0) -> None:
        self.rule = check_choice("rule", rule, FIELD_RULES)
        self.seed = check_size("seed", seed, low=0)
        self.num_patches = 0
        self._patches, self._layer, self._trainer = _MAKERS[rule](seed)

    def grow(self) -> Growth:
        """Show the next patches, and return the fields."""
        start, batch = self.num_patches % _PATCHES, FIELD_RULES[self.rule].batch
        record = self._trainer.train(self._patches[start : start + batch])
        self.num_patches += batch
        return Growth(self.num_patches, self.fields, float(record.weight_change[-1]))

    @property
    def fields(self) -> AnyArray:
        """The weights as pictures, (neurons, height, width)."""
        return np.asarray(self._layer.W.value).reshape(-1, _SIDE, _SIDE)


Trainer = RuleTrainer | BCMTrainer | OjaTrainer | SangerTrainer
Parts = tuple[AnyArray, LinearLayer | NeuronLayer, Trainer]


def _components(kind: type[OjaTrainer] | type[SangerTrainer], neurons: int, seed: int) -> Parts:
    patches = task.natural_patches(_PATCHES, _SIDE, whiten=False, seed=seed)
    layer = LinearLayer(_SIDE**2, neurons)
    layer.W.value = _first_weights(neurons, seed)
    return patches, layer, kind(layer, learning_rate=0.0005)


def _bcm(seed: int) -> Parts:
    patches = task.retinal_patches(_PATCHES, _SIDE, seed=seed)
    layer = LinearLayer(
        _SIDE**2, FIELD_RULES["bcm"].neurons, use_bcm_threshold=True, threshold_tau=1000.0
    )
    # Weights of pixels outside the round patches would stay as they were drawn.
    layer.W.value = 0.3 * _first_weights(FIELD_RULES["bcm"].neurons, seed) * patches.any(axis=0)
    return patches, layer, BCMTrainer(layer, 2e-4)


def _competitive(seed: int) -> Parts:
    patches = task.retinal_patches(_PATCHES, _SIDE, seed=seed)
    patches /= np.abs(patches).sum(axis=1, keepdims=True)
    neurons = FIELD_RULES["competitive"].neurons
    layer = NeuronLayer(_SIDE**2, neurons, WinnerTakeAll(match="distance"))
    layer.W.value = patches[:neurons]
    return patches, layer, RuleTrainer(layer, "competitive", learning_rate=0.02)


def _first_weights(neurons: int, seed: int) -> AnyArray:
    return 0.1 * np.random.default_rng(seed).normal(size=(neurons, _SIDE**2))


_MAKERS: dict[str, Callable[[int], Parts]] = {
    "oja": lambda seed: _components(OjaTrainer, FIELD_RULES["oja"].neurons, seed),
    "sanger": lambda seed: _components(SangerTrainer, FIELD_RULES["sanger"].neurons, seed),
    "bcm": _bcm,
    "competitive": _competitive,
}


def field_program(session: FieldSession) -> str:
    """Return a script that learns on the patches that the session has shown.

    It ends with ``layer.W.value``, the fields that the page shows, one a row.
    """
    rule = FIELD_RULES[session.rule]
    made = rule.program.format(neurons=rule.neurons, seed=session.seed)
    return (
        "import numpy as np\n\n"
        "from canns import task\n"
        "from canns.dynamics import WinnerTakeAll\n"
        "from canns.models.brain_inspired import LinearLayer, NeuronLayer\n"
        "from canns.trainer import BCMTrainer, OjaTrainer, RuleTrainer, SangerTrainer\n\n"
        f"{made}"
        f"for start in range(0, {session.num_patches}, {rule.batch}):\n"
        f"    k = start % {_PATCHES}\n"
        f"    record = trainer.train(patches[k : k + {rule.batch}])\n"
    )
