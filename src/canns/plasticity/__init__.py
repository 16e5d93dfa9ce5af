"""Pure plasticity: one learning rule a file, projections, and the loop that runs them."""

from canns.plasticity._adatron import AdaTron
from canns.plasticity._bcm import BCM, LawCooperBCM, PowerBCM, slide_threshold
from canns.plasticity._clopath import Clopath, Homeostasis
from canns.plasticity._combined import Sum
from canns.plasticity._competitive import Competitive
from canns.plasticity._covariance import Covariance
from canns.plasticity._decay import HebbianDecay
from canns.plasticity._decorrelation import Decorrelation
from canns.plasticity._dependence import (
    Additive,
    Guetig,
    PowerLaw,
    Soft,
    VanRossum,
    WeightDependence,
)
from canns.plasticity._diederich_opper import DiederichOpper
from canns.plasticity._dreaming import Dreaming
from canns.plasticity._hebbian import AntiHebbian, Hebbian
from canns.plasticity._ica import CONTRASTS, Contrast, NonlinearHebbian, Sources
from canns.plasticity._instar import Instar
from canns.plasticity._intrinsic import Intrinsic, IntrinsicPlasticity
from canns.plasticity._kohonen import Kohonen
from canns.plasticity._krotov_hopfield import KrotovHopfield
from canns.plasticity._learn import learn, learn_members
from canns.plasticity._learner import Learner
from canns.plasticity._minover import MinOver
from canns.plasticity._monitor import History, Monitor, Recorder
from canns.plasticity._named import LAYER_RULES, STORAGE_RULES, Recipe, recipe_for
from canns.plasticity._nonpositive import NonPositive
from canns.plasticity._oja import Oja
from canns.plasticity._orthonormal import OrthonormalRows
from canns.plasticity._pair_stdp import PAIRINGS, Pairing, PairSTDP
from canns.plasticity._parts import PartProjections, Parts
from canns.plasticity._projections import (
    Bounds,
    Chain,
    Clipped,
    Identity,
    Projection,
    UnitRows,
    ZeroDiagonal,
)
from canns.plasticity._pseudo_inverse import PseudoInverse
from canns.plasticity._reversed import Reversed
from canns.plasticity._reward_modulated import RewardModulated
from canns.plasticity._rule import Kept, Memory, Rule, contract
from canns.plasticity._running_covariance import RunningCovariance
from canns.plasticity._sanger import Sanger
from canns.plasticity._scaling import SynapticScaling
from canns.plasticity._score import Score
from canns.plasticity._soft_hebb import SoftHebb
from canns.plasticity._stability import stabilities
from canns.plasticity._stdp import COINCIDENCES, STDP, Coincidence
from canns.plasticity._storage import Storage, store_patterns
from canns.plasticity._storkey import Storkey
from canns.plasticity._subspace import OjaSubspace, WeightedSubspace
from canns.plasticity._threshold_adaptation import ThresholdAdaptation
from canns.plasticity._triangular import StrictlyLower
from canns.plasticity._triplet import TRIPLETS, TripletPairing, TripletSTDP
from canns.plasticity._unlearning import Unlearning
from canns.plasticity._vogels import Counting, VogelsSTDP

__all__ = [
    "BCM",
    "COINCIDENCES",
    "CONTRASTS",
    "LAYER_RULES",
    "PAIRINGS",
    "STDP",
    "STORAGE_RULES",
    "TRIPLETS",
    "AdaTron",
    "Additive",
    "AntiHebbian",
    "Bounds",
    "Chain",
    "Clipped",
    "Clopath",
    "Coincidence",
    "Competitive",
    "Contrast",
    "Counting",
    "Covariance",
    "Decorrelation",
    "DiederichOpper",
    "Dreaming",
    "Guetig",
    "Hebbian",
    "HebbianDecay",
    "History",
    "Homeostasis",
    "Identity",
    "Instar",
    "Intrinsic",
    "IntrinsicPlasticity",
    "Kept",
    "Kohonen",
    "KrotovHopfield",
    "LawCooperBCM",
    "Learner",
    "Memory",
    "MinOver",
    "Monitor",
    "NonPositive",
    "NonlinearHebbian",
    "Oja",
    "OjaSubspace",
    "OrthonormalRows",
    "PairSTDP",
    "Pairing",
    "PartProjections",
    "Parts",
    "PowerBCM",
    "PowerLaw",
    "Projection",
    "PseudoInverse",
    "Recipe",
    "Recorder",
    "Reversed",
    "RewardModulated",
    "Rule",
    "RunningCovariance",
    "Sanger",
    "Score",
    "Soft",
    "SoftHebb",
    "Sources",
    "Storage",
    "Storkey",
    "StrictlyLower",
    "Sum",
    "SynapticScaling",
    "ThresholdAdaptation",
    "TripletPairing",
    "TripletSTDP",
    "UnitRows",
    "Unlearning",
    "VanRossum",
    "VogelsSTDP",
    "WeightDependence",
    "WeightedSubspace",
    "ZeroDiagonal",
    "contract",
    "learn",
    "learn_members",
    "recipe_for",
    "slide_threshold",
    "stabilities",
    "store_patterns",
]
