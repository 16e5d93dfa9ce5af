"""Pure plasticity: learning rules, one per file, projections, and the loop that runs them."""

from canns.plasticity.bounds import Bounds
from canns.plasticity.catalogue import (
    LAYER_RULES,
    STORAGE_RULES,
    Recipe,
    check_rule,
    recipe_for,
)
from canns.plasticity.circuits import (
    Background,
    Circuit,
    CircuitState,
    Pathway,
    PoissonInputs,
    Population,
    run_circuit,
)
from canns.plasticity.dependence import (
    Additive,
    Guetig,
    PowerLaw,
    Soft,
    VanRossum,
    WeightDependence,
)
from canns.plasticity.learning import Learner, Setup, learn, learn_members, respond
from canns.plasticity.learning.monitor import History, Monitor, Recorder
from canns.plasticity.projections import (
    Chain,
    Clipped,
    Identity,
    NonPositive,
    OrthonormalRows,
    Projection,
    RowSums,
    StrictlyLower,
    UnitRows,
    ZeroDiagonal,
)
from canns.plasticity.rule import Kept, Memory, Rule, contract
from canns.plasticity.rules.adatron import AdaTron
from canns.plasticity.rules.basis_stdp import BasisSTDP
from canns.plasticity.rules.bcm import BCM, LawCooperBCM, PowerBCM, slide_threshold
from canns.plasticity.rules.clopath import Clopath, Homeostasis
from canns.plasticity.rules.competitive import Competitive
from canns.plasticity.rules.composite import PartProjections, Parts, Sum
from canns.plasticity.rules.covariance import Covariance
from canns.plasticity.rules.decorrelation import Decorrelation
from canns.plasticity.rules.diederich_opper import DiederichOpper
from canns.plasticity.rules.dreaming import Dreaming
from canns.plasticity.rules.hebbian import AntiHebbian, Hebbian
from canns.plasticity.rules.hebbian_decay import HebbianDecay
from canns.plasticity.rules.ica import CONTRASTS, Contrast, NonlinearHebbian, Sources
from canns.plasticity.rules.instar import Instar
from canns.plasticity.rules.intrinsic_plasticity import Intrinsic, IntrinsicPlasticity
from canns.plasticity.rules.kohonen import Kohonen
from canns.plasticity.rules.krotov_hopfield import KrotovHopfield
from canns.plasticity.rules.minover import MinOver
from canns.plasticity.rules.network_rule import MLPRule, MLPWeights
from canns.plasticity.rules.oja import Oja
from canns.plasticity.rules.pair_stdp import PAIRINGS, Pairing, PairSTDP
from canns.plasticity.rules.pseudo_inverse import PseudoInverse
from canns.plasticity.rules.reversed import Reversed
from canns.plasticity.rules.reward_modulated import RewardModulated
from canns.plasticity.rules.running_covariance import RunningCovariance
from canns.plasticity.rules.sanger import Sanger
from canns.plasticity.rules.score import Score
from canns.plasticity.rules.soft_hebb import SoftHebb
from canns.plasticity.rules.spline_stdp import SplineSTDP
from canns.plasticity.rules.stabilities import stabilities
from canns.plasticity.rules.stdp import COINCIDENCES, STDP, Coincidence
from canns.plasticity.rules.storage import Storage, store_patterns
from canns.plasticity.rules.storkey import Storkey
from canns.plasticity.rules.subspace import OjaSubspace, WeightedSubspace
from canns.plasticity.rules.synaptic_scaling import SynapticScaling
from canns.plasticity.rules.target_trace import TRACE_PAIRINGS, TargetTraceSTDP, TracePairing
from canns.plasticity.rules.taylor import TaylorRule, taylor_terms
from canns.plasticity.rules.threshold_adaptation import ThresholdAdaptation
from canns.plasticity.rules.triplet_stdp import TRIPLETS, TripletPairing, TripletSTDP
from canns.plasticity.rules.unlearning import Unlearning
from canns.plasticity.rules.vogels import Counting, VogelsSTDP

__all__ = [
    "BCM",
    "COINCIDENCES",
    "CONTRASTS",
    "LAYER_RULES",
    "PAIRINGS",
    "STDP",
    "STORAGE_RULES",
    "TRACE_PAIRINGS",
    "TRIPLETS",
    "AdaTron",
    "Additive",
    "AntiHebbian",
    "Background",
    "BasisSTDP",
    "Bounds",
    "Chain",
    "Circuit",
    "CircuitState",
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
    "MLPRule",
    "MLPWeights",
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
    "Pathway",
    "PoissonInputs",
    "Population",
    "PowerBCM",
    "PowerLaw",
    "Projection",
    "PseudoInverse",
    "Recipe",
    "Recorder",
    "Reversed",
    "RewardModulated",
    "RowSums",
    "Rule",
    "RunningCovariance",
    "Sanger",
    "Score",
    "Setup",
    "Soft",
    "SoftHebb",
    "Sources",
    "SplineSTDP",
    "Storage",
    "Storkey",
    "StrictlyLower",
    "Sum",
    "SynapticScaling",
    "TargetTraceSTDP",
    "TaylorRule",
    "ThresholdAdaptation",
    "TracePairing",
    "TripletPairing",
    "TripletSTDP",
    "UnitRows",
    "Unlearning",
    "VanRossum",
    "VogelsSTDP",
    "WeightDependence",
    "WeightedSubspace",
    "ZeroDiagonal",
    "check_rule",
    "contract",
    "learn",
    "learn_members",
    "recipe_for",
    "respond",
    "run_circuit",
    "slide_threshold",
    "stabilities",
    "store_patterns",
    "taylor_terms",
]
