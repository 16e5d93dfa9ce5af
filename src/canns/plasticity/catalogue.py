"""Rules by name: how each learns a data set, with hyperparameters from the literature."""

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from canns._explain import explained
from canns._validation import check_choice, refuse_class
from canns.dynamics import Neuron, Successive
from canns.errors import ValidationError
from canns.plasticity.bounds import Bounds
from canns.plasticity.projections import (
    Chain,
    Clipped,
    Identity,
    NonPositive,
    OrthonormalRows,
    Projection,
    StrictlyLower,
    UnitRows,
    ZeroDiagonal,
)
from canns.plasticity.rule import Rule
from canns.plasticity.rules.adatron import AdaTron
from canns.plasticity.rules.bcm import BCM, LawCooperBCM, PowerBCM
from canns.plasticity.rules.competitive import Competitive
from canns.plasticity.rules.composite import PartProjections, Parts
from canns.plasticity.rules.covariance import Covariance
from canns.plasticity.rules.decorrelation import Decorrelation
from canns.plasticity.rules.diederich_opper import DiederichOpper
from canns.plasticity.rules.dreaming import Dreaming
from canns.plasticity.rules.hebbian import AntiHebbian, Hebbian
from canns.plasticity.rules.hebbian_decay import HebbianDecay
from canns.plasticity.rules.ica import NonlinearHebbian
from canns.plasticity.rules.instar import Instar
from canns.plasticity.rules.intrinsic_plasticity import IntrinsicPlasticity
from canns.plasticity.rules.kohonen import Kohonen
from canns.plasticity.rules.krotov_hopfield import KrotovHopfield
from canns.plasticity.rules.minover import MinOver
from canns.plasticity.rules.oja import Oja
from canns.plasticity.rules.pair_stdp import PairSTDP
from canns.plasticity.rules.pseudo_inverse import PseudoInverse
from canns.plasticity.rules.running_covariance import RunningCovariance
from canns.plasticity.rules.sanger import Sanger
from canns.plasticity.rules.soft_hebb import SoftHebb
from canns.plasticity.rules.stdp import STDP
from canns.plasticity.rules.storage import Storage
from canns.plasticity.rules.storkey import Storkey
from canns.plasticity.rules.subspace import OjaSubspace, WeightedSubspace
from canns.plasticity.rules.threshold_adaptation import ThresholdAdaptation
from canns.plasticity.rules.triplet_stdp import TripletSTDP
from canns.plasticity.rules.unlearning import Unlearning
from canns.plasticity.rules.vogels import VogelsSTDP
from canns.typing import AnyArray

__all__ = ["LAYER_RULES", "STORAGE_RULES", "Recipe", "check_rule", "recipe_for"]

Plan = Callable[[AnyArray], tuple[Rule, Projection, AnyArray]]

_ITERATIONS = 100  # epochs, for rules that converge
_PALIMPSEST = 4.1  # epsilon at which the marginalist scheme recalls the most patterns
_BOUND = 0.35  # largest weight, in units of 1/sqrt(N)
_DREAM_RATE = 0.02
_UNLEARNT = 0.5  # num_dreams * rate / P: best for loads P/N from 0.05 to 0.3


class Recipe(NamedTuple):
    """How a data set is learnt.

    Args:
        plan: Maps a data set, (T, in), to the rule, its projection and the inputs.
        neuron: The neuron to learn with; None for the model's own.
        epochs: Passes over the data set that the rule needs.
        reads_all: Whether the plan depends on all samples, such as their mean or number.
    """

    plan: Plan
    neuron: Neuron | None = None
    epochs: int = 1
    reads_all: bool = False


def check_rule(rule: object) -> None:
    """Raise if ``rule`` is neither a rule nor the name of one, for layers or for networks."""
    if isinstance(rule, Rule):
        return
    expected = "a rule of canns.plasticity or its name"
    refuse_class("rule", expected, rule)
    names = {**LAYER_RULES, **STORAGE_RULES}
    check_choice("rule", rule, names, expected=f"{expected}, one of ")


@explained
def recipe_for(name: str, *, recurrent: bool) -> Recipe:
    """Return the recipe of a rule, by its name.

    Args:
        name: A key of :data:`LAYER_RULES` or, for a recurrent network, of :data:`STORAGE_RULES`.
            A name in both means the storage rule.
        recurrent: Whether the recipe is for a recurrent network.

    Raises:
        ValidationError: If no rule for this kind of model has this name.

    Example:
        >>> import numpy as np
        >>> rule, project, _ = recipe_for("dreaming", recurrent=True).plan(np.ones((1, 4)))
        >>> rule, project
        (Dreaming(dream_time=10.0), ZeroDiagonal())
    """
    fitting = {**LAYER_RULES, **STORAGE_RULES} if recurrent else LAYER_RULES
    kind = "recurrent network" if recurrent else "layer"
    expected = f"a rule of canns.plasticity or the name of one for a {kind}, of "
    return fitting[check_choice("rule", name, fitting, expected=expected)]


def _layer(rule: Rule, project: Projection) -> Recipe:
    return Recipe(lambda inputs: (rule, project, inputs))


def _storage(
    rule: Callable[[AnyArray], Rule],
    project: Callable[[AnyArray], Projection] | None = None,
    *,
    neuron: Neuron | None = None,
    epochs: int = 1,
    reads_all: bool = False,
) -> Recipe:
    def plan(patterns: AnyArray) -> tuple[Rule, Projection, AnyArray]:
        hollow = ZeroDiagonal()
        constraint = hollow if project is None else Chain((project(patterns), hollow))
        return rule(patterns), constraint, patterns

    return Recipe(plan, neuron, epochs, reads_all)


def _hebbian(patterns: AnyArray) -> Rule:
    return Hebbian(1 / patterns.shape[1])


def _hebbian_to_clip(patterns: AnyArray) -> Rule:
    # The power of 4 nearest to 1/N, because its square root is exact. If patterns of +-1 tie at a
    # weight, the sum is then exactly 0, so rounding does not decide the sign of the weight.
    return Hebbian(0.25 ** round(math.log(patterns.shape[1], 4)))


def _covariance(patterns: AnyArray) -> Rule:
    level = float(patterns.mean(dtype=np.float64))
    spread = float(patterns.var(dtype=np.float64))  # f (1 - f) for entries of 0 and 1
    if spread == 0:
        raise ValidationError("data", "of more than one value", f"{level:g} everywhere")
    return Covariance(1 / (patterns.shape[1] * spread), level)


def _palimpsest(patterns: AnyArray) -> Rule:
    size = patterns.shape[1]
    return HebbianDecay(_PALIMPSEST / size, min(1.0, _PALIMPSEST**2 / (2 * size)))


def _bounds(patterns: AnyArray) -> Projection:
    bound = _BOUND / math.sqrt(patterns.shape[1])
    return Bounds(-bound, bound)


def _clipped(patterns: AnyArray) -> Projection:
    num_patterns, size = patterns.shape
    return Clipped(math.sqrt(num_patterns) / size)


def _minover(patterns: AnyArray) -> Rule:
    return MinOver(max_steps=50 * patterns.shape[1])


def _unlearning(patterns: AnyArray) -> Rule:
    return Unlearning(_DREAM_RATE, round(_UNLEARNT * len(patterns) / _DREAM_RATE))


_FREE = Identity()
_APEX = Parts((Oja(), Oja())), PartProjections((_FREE, StrictlyLower()))
_INTRINSIC = Parts((None, IntrinsicPlasticity("gain"), IntrinsicPlasticity("bias")))

_FOLDIAK = Parts((Instar(), Decorrelation(), ThresholdAdaptation()))
_INHIBITING = PartProjections((_FREE, Chain((NonPositive(), ZeroDiagonal())), _FREE))

#: Rules for any model, each with the constraint that its trainer uses by default or that its theory
#: requires. Some need a layer of one kind of neuron, because their weights are in parts: "apex"
#: needs HierarchicalLinear, "foldiak" LateralThreshold, "intrinsic_plasticity" AdaptiveSigmoid.
#: "ica" needs white inputs. The competitive rules need a layer of WinnerTakeAll, RankedWinners or
#: SoftWinners.
LAYER_RULES: Mapping[str, Recipe] = MappingProxyType(
    {
        "hebbian": _layer(Hebbian(), _FREE),
        "anti_hebbian": _layer(AntiHebbian(), _FREE),
        "oja": _layer(Oja(), UnitRows()),
        "sanger": _layer(Sanger(), UnitRows()),
        "oja_subspace": _layer(OjaSubspace(), _FREE),
        "weighted_subspace": _layer(WeightedSubspace(), _FREE),
        "apex": _layer(*_APEX),
        "ica": _layer(NonlinearHebbian(), OrthonormalRows()),
        "running_covariance": _layer(RunningCovariance(), _FREE),
        "bcm": _layer(BCM(), _FREE),
        "bcm_law_cooper": _layer(LawCooperBCM(), _FREE),
        "bcm_power": _layer(PowerBCM(), _FREE),
        "intrinsic_plasticity": _layer(_INTRINSIC, PartProjections((_FREE,) * 3)),
        "stdp": _layer(STDP(), Bounds()),
        "competitive": _layer(Competitive(), _FREE),
        "kohonen": _layer(Kohonen(), _FREE),
        "krotov_hopfield": _layer(KrotovHopfield(), _FREE),
        "soft_hebb": _layer(SoftHebb(), _FREE),
        "foldiak": _layer(_FOLDIAK, _INHIBITING),
        "pair_stdp": _layer(PairSTDP(), Bounds()),
        "triplet": _layer(TripletSTDP(), Bounds()),
        "vogels": _layer(VogelsSTDP(), Bounds()),
    }
)

#: Rules that store patterns in a recurrent network, all without self-couplings. The first two
#: subtract the mean and divide by the number of patterns, as their trainers do; the others scale
#: with 1/N, N the number of neurons.
STORAGE_RULES: Mapping[str, Recipe] = MappingProxyType(
    {
        "hebbian": Recipe(Storage(Hebbian).plan, reads_all=True),
        "anti_hebbian": Recipe(Storage(AntiHebbian).plan, reads_all=True),
        "covariance": _storage(_covariance, reads_all=True),
        "storkey": _storage(lambda patterns: Storkey()),
        "storkey2": _storage(lambda patterns: Storkey(order=2)),
        "pseudo_inverse": _storage(lambda patterns: PseudoInverse()),
        "diederich_opper": _storage(lambda patterns: DiederichOpper("I"), epochs=_ITERATIONS),
        "diederich_opper2": _storage(lambda patterns: DiederichOpper("II"), epochs=_ITERATIONS),
        "minover": _storage(_minover),
        "adatron": _storage(lambda patterns: AdaTron()),
        "dreaming": _storage(lambda patterns: Dreaming()),
        "unlearning": _storage(_unlearning, reads_all=True),
        "palimpsest": _storage(_palimpsest),
        "bounded": _storage(_hebbian, _bounds),
        "clipped": _storage(_hebbian_to_clip, _clipped, reads_all=True),
        "sequence": _storage(_hebbian, neuron=Successive()),
    }
)
