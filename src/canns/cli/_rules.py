"""What each rule of the catalogue is trained with: a model, data in a suitable form, a measure."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from canns._validation import AnyArray, check_choice, did_you_mean
from canns.errors import ValidationError

if TYPE_CHECKING:
    from canns.models.brain_inspired import BrainInspiredModel
    from canns.plasticity import Rule
    from canns.trainer import RuleTrainer

__all__ = ["Form", "Suit", "measured", "rules", "suit_of", "trainer_of"]

#: What is done to data before a rule sees them.
Form = Literal[
    "as they are",
    "of -1 and 1",
    "centred",
    "standardized",
    "white",
    "scaled to a sum of 1",
    "spikes",
]


class Suit(NamedTuple):
    """What a rule is trained with.

    Args:
        model: Name of the class of models.
        neuron: Name of the neuron and its options, for a NeuronLayer.
        form: What is done to the data.
        measure: What is measured after each pass.
        rate: Learning rate by default; "auto" is that of theory, None the rule's own.
        epochs: Passes over the data by default; None for a rule that stores in one pass.
        from_samples: Whether the weights start as samples; a neuron that begins far from all of
            them would never win.
    """

    model: str
    form: Form
    measure: str
    neuron: tuple[str, dict[str, Any]] | None = None
    rate: float | str | None = None
    epochs: int | None = 100
    from_samples: bool = False

    @property
    def stores(self) -> bool:
        """Whether the rule stores patterns in a network."""
        return self.model == "AmariHopfieldNetwork"

    @property
    def repeats(self) -> bool:
        """Whether the rule passes over the data more than once."""
        return self.epochs is not None

    @property
    def says(self) -> str:
        """The model, the neurons and the form of the data, in a few words."""
        neuron = "" if self.neuron is None else f" of {self.neuron[0]}"
        often = "" if self.repeats else ", in one pass"
        return f"{self.model}{neuron}, data {self.form}{often}"

    def build(self, rows: AnyArray, outputs: int, seed: int) -> "BrainInspiredModel":
        """Return a new model for samples, (T, in)."""
        model: Any = self._new(rows.shape[1], outputs)
        if self.from_samples:
            rng = np.random.default_rng(seed)
            model.W.value = rng.choice(rows, outputs, replace=len(rows) < outputs)
        return model  # type: ignore[no-any-return]

    def _new(self, inputs: int, outputs: int) -> "BrainInspiredModel":
        from canns import dynamics
        from canns.models import brain_inspired

        kind: Any = getattr(brain_inspired, self.model)
        if self.stores:
            return kind(inputs)  # type: ignore[no-any-return]
        if self.neuron is not None:
            name, options = self.neuron
            return kind(inputs, outputs, getattr(dynamics, name)(**options))  # type: ignore[no-any-return]
        options = {"use_bcm_threshold": True} if self.measure == "mean threshold" else {}
        return kind(inputs, outputs, **options)  # type: ignore[no-any-return]


def _linear(form: Form, measure: str = "") -> Suit:
    return Suit("LinearLayer", form, measure, None, "auto")


def _neurons(
    name: str,
    measure: str = "",
    form: Form = "as they are",
    rate: str | None = None,
    epochs: int = 100,
    **options: Any,
) -> Suit:
    return Suit("NeuronLayer", form, measure, (name, options), rate, epochs)


_COMPONENTS, _THRESHOLD = "explained variance", "mean threshold"
_ERROR, _KAPPA = "quantization error", "smallest kappa"
_NEAREST = _neurons("WinnerTakeAll", _ERROR, match="distance")._replace(from_samples=True)
_LAYERS: Mapping[str, Suit] = {
    "oja": _linear("centred", _COMPONENTS),
    "sanger": _linear("centred", _COMPONENTS),
    "oja_subspace": _linear("centred", _COMPONENTS),
    "weighted_subspace": _linear("centred", _COMPONENTS),
    "apex": _neurons("HierarchicalLinear", _COMPONENTS, "centred"),
    "ica": _linear("white"),
    # It has no stable point, and grows with every sample.
    "running_covariance": _linear("as they are")._replace(rate=0.001, epochs=1),
    "bcm": _linear("as they are", _THRESHOLD),
    "bcm_law_cooper": _linear("as they are", _THRESHOLD),
    "bcm_power": _linear("as they are"),
    "intrinsic_plasticity": _neurons("AdaptiveSigmoid", "", "standardized"),
    "competitive": _NEAREST._replace(rate="auto", form="scaled to a sum of 1"),
    "kohonen": _NEAREST,
    "krotov_hopfield": _neurons("RankedWinners", rate="auto"),
    "soft_hebb": _neurons("SoftWinners", rate="auto"),
    "foldiak": _neurons("LateralThreshold", epochs=30),
    **dict.fromkeys(
        ("stdp", "pair_stdp", "triplet", "vogels"), Suit("SpikingLayer", "spikes", "", epochs=10)
    ),
}
_CORRECTING = ("diederich_opper", "diederich_opper2")  # go on, pass by pass, until all is stable
_NO_MEMORY = ("anti_hebbian", "sequence")  # whose patterns are not to be fixed points
_STORE = Suit("AmariHopfieldNetwork", "of -1 and 1", _KAPPA, epochs=None)


def rules() -> dict[str, Suit]:
    """Return all rules of the catalogue by name; one of both kinds stores patterns."""
    from canns.plasticity import LAYER_RULES, STORAGE_RULES

    storing = {
        name: _STORE._replace(
            epochs=100 if name in _CORRECTING else None,
            measure="" if name in _NO_MEMORY else _KAPPA,
        )
        for name in STORAGE_RULES
    }
    return {**storing, **{name: _LAYERS[name] for name in LAYER_RULES if name not in storing}}


def suit_of(rule: str) -> Suit:
    """Return what a rule is trained with, or raise if there is no such rule."""
    known = rules()
    return known[check_choice("RULE", rule, known)]


def measured(name: str, model: "BrainInspiredModel", data: AnyArray) -> float:
    """Return the measure of a model at the prepared data; NaN if the rule has none."""
    boxes: Any = model
    if name == _THRESHOLD:
        return float(np.mean(boxes.theta.value))
    if not name:
        return float("nan")
    weights = np.asarray(boxes.W.value)
    if name == _COMPONENTS:
        axes, _ = np.linalg.qr(weights.T)
        return float(((data @ axes) ** 2).sum() / (data**2).sum())
    if name == _KAPPA:
        from canns.plasticity import stabilities

        return float(np.min(stabilities(weights, data)))
    squares = (weights**2).sum(axis=1) - 2 * data @ weights.T
    return float(np.sqrt(np.maximum(squares.min(axis=1) + (data**2).sum(axis=1), 0)).mean())


def trainer_of(
    name: str,
    model: "BrainInspiredModel",
    data: AnyArray,
    learning_rate: float | str | None,
    changes: Sequence[str],
) -> tuple["RuleTrainer", "Rule", AnyArray]:
    """Return the trainer of a rule, the rule with its numbers, and the data as it takes them.

    Args:
        name: Name of the rule.
        model: The model.
        data: The samples, prepared.
        learning_rate: The rate, "auto", or None for the rule's own.
        changes: Hyperparameters as NAME=VALUE.
    """
    from canns.plasticity import LAYER_RULES, STORAGE_RULES
    from canns.trainer import RuleTrainer

    suit = suit_of(name)
    recipe = (STORAGE_RULES if suit.stores else LAYER_RULES)[name]
    rule, project, inputs = recipe.plan(data)
    if learning_rate == "auto" and hasattr(rule, "learning_rate"):
        learning_rate = float(rule.automatic_rate(inputs, _outputs(model)))
    if learning_rate is not None:
        if not hasattr(rule, "learning_rate"):
            parts = [i for i, member in enumerate(getattr(rule, "rules", ())) if member is not None]
            remedy = f"Use --set {parts[0]}.learning_rate={learning_rate}." if parts else ""
            expected = f"left out for {name}, which has none of its own"
            raise ValidationError("--learning-rate", expected, f"{learning_rate}", remedy)
        rule = _changed(rule, "learning_rate", learning_rate, "--learning-rate")
    for change in changes:
        rule = _set(rule, change)
    if learning_rate is None and not changes:
        return RuleTrainer(model, name), rule, data  # keeps patterns in place of W, if it can
    return RuleTrainer(model, rule, project, neuron=recipe.neuron), rule, inputs


def _outputs(model: "BrainInspiredModel") -> int:
    anything: Any = model
    return len(anything.W.value)


def _set(rule: "Rule", change: str) -> "Rule":
    """Return the rule with one hyperparameter changed, as NAME=VALUE or NUMBER.NAME=VALUE."""
    name, equals, text = change.partition("=")
    if not equals or not text:
        raise ValidationError("--set", "NAME=VALUE", repr(change))
    number, _, own = name.rpartition(".")
    members = getattr(rule, "rules", None)
    if members is None or not number:
        if name == "learning_rate":
            raise ValidationError("--set", "another hyperparameter", name, "Use --learning-rate.")
        return _changed(rule, name, _value(text), "--set")
    if number not in map(str, range(len(members))) or members[int(number)] is None:
        learnt = [str(i) for i, member in enumerate(members) if member is not None]
        raise ValidationError("--set", f"of part {' or '.join(learnt)}", repr(change))
    parts = [*members]
    parts[int(number)] = _changed(parts[int(number)], own, _value(text), "--set")
    whole: Any = rule
    return dataclasses.replace(whole, rules=tuple(parts))  # type: ignore[no-any-return]


def _changed(rule: "Rule", name: str, value: object, option: str) -> "Rule":
    whole: Any = rule
    known = [field.name for field in dataclasses.fields(whole) if field.name != "rules"]
    if name not in known:
        members = getattr(rule, "rules", ())
        parts = [
            f"{i}.{field.name}"
            for i, member in enumerate(members)
            if member is not None
            for field in dataclasses.fields(member)
        ]
        kind = type(rule).__name__
        expected = (
            f"a hyperparameter of {kind}, of {', '.join([*known, *parts]) or 'which it has none'}"
        )
        raise ValidationError(option, expected, repr(name), did_you_mean(name, [*known, *parts]))
    changed: Rule = dataclasses.replace(whole, **{name: value})
    changed.validate()
    return changed


def _value(text: str) -> object:
    """Return a number, a shape such as 4x4, or the text itself."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    if re.fullmatch(r"\d+(x\d+)+", text):
        return tuple(map(int, text.split("x")))
    return text
