"""Pure dynamics: neurons, networks, and the recall loop."""

from canns.dynamics.code import BITS, ONLY_SIGNS, SIGNS, UNIT, Code, check_signs
from canns.dynamics.connections import (
    Connections,
    connect_by_distance,
    connect_by_in_degree,
    connect_by_probability,
    connections_of,
    steps_of_delays,
)
from canns.dynamics.couplings.host_patterns import no_patterns
from canns.dynamics.couplings.matrix import Couplings, LowRank, Sparse, StoredPatterns
from canns.dynamics.jump import before_jump
from canns.dynamics.lagrangians.lagrangian import Lagrangian
from canns.dynamics.lagrangians.layer import LagrangianLayer
from canns.dynamics.lagrangians.neuron_by_neuron import (
    Absolute,
    LogCosh,
    Power,
    Quadratic,
    Softplus,
)
from canns.dynamics.lagrangians.whole_layer import LayerNorm, LogSumExp, Sparsemax, Spherical
from canns.dynamics.largest_eigenvalue import largest_eigenvalue
from canns.dynamics.network import Network
from canns.dynamics.networks.activation import (
    ACTIVATIONS,
    Activation,
    ActivationName,
    activate,
)
from canns.dynamics.networks.bidirectional import Bidirectional, Paired
from canns.dynamics.networks.continuous import GRADED, ContinuousHopfield, GradedName
from canns.dynamics.networks.dense_exponential import DenseExponential
from canns.dynamics.networks.dense_polynomial import DensePolynomial
from canns.dynamics.networks.diluted import (
    DilutedHopfield,
    random_connections,
    symmetric_connections,
)
from canns.dynamics.networks.hierarchical import HierarchicalMemory
from canns.dynamics.networks.hopfield import Hopfield
from canns.dynamics.networks.mcculloch_pitts import McCullochPitts
from canns.dynamics.networks.modern import RETRIEVALS, ModernHopfield, Retrieval, sparsemax
from canns.dynamics.networks.order import ORDERS, UpdateOrder
from canns.dynamics.networks.potts import Potts
from canns.dynamics.networks.replay import Replay
from canns.dynamics.networks.tie import TIES, TieRule
from canns.dynamics.networks.willshaw import Willshaw
from canns.dynamics.neuron import Activity, Clamped, Linear, Neuron, NoState
from canns.dynamics.neurons.adaptive_lif import AdaptiveLIF, AdaptiveLIFState
from canns.dynamics.neurons.adaptive_sigmoid import AdaptiveSigmoid, SigmoidWeights
from canns.dynamics.neurons.adex import ADEX_PATTERNS, AdEx, AdExState
from canns.dynamics.neurons.clopath_adex import ClopathAdEx, ClopathAdExState
from canns.dynamics.neurons.conductance_lif import ConductanceLIF, ConductanceLIFState
from canns.dynamics.neurons.current_lif import CurrentLIF, CurrentLIFState
from canns.dynamics.neurons.delayed import Delayed, DelayedState
from canns.dynamics.neurons.delta_lif import DeltaLIF, DeltaLIFState
from canns.dynamics.neurons.dual_current_lif import DualCurrentLIF, DualCurrentLIFState
from canns.dynamics.neurons.first_spike_wins import FirstSpikeWins
from canns.dynamics.neurons.hierarchical_linear import HierarchicalLinear, HierarchicalWeights
from canns.dynamics.neurons.k_winners import KWinners
from canns.dynamics.neurons.lateral_inhibition import (
    LateralInhibition,
    LateralInhibitionState,
)
from canns.dynamics.neurons.lateral_linear import LateralLinear, LateralWeights
from canns.dynamics.neurons.lateral_threshold import LateralThreshold, ThresholdWeights
from canns.dynamics.neurons.lif import LIF, LIFState
from canns.dynamics.neurons.logistic import Logistic
from canns.dynamics.neurons.poisson import ESCAPES, Escape, Poisson, PoissonState
from canns.dynamics.neurons.random_spikes import RandomSpikes, RandomSpikesState
from canns.dynamics.neurons.ranked_winners import RankedWinners, rectified_power
from canns.dynamics.neurons.recorded import Recorded
from canns.dynamics.neurons.soft_winners import SoftWinners
from canns.dynamics.neurons.spiking import Spiking
from canns.dynamics.neurons.srm import SRM, SRMState
from canns.dynamics.neurons.stack import Stack
from canns.dynamics.neurons.successive import Successive, SuccessiveState
from canns.dynamics.neurons.synaptic_delays import SynapticDelays, SynapticDelaysState
from canns.dynamics.neurons.two_kinds import ExcitatoryInhibitory
from canns.dynamics.neurons.winner_take_all import MATCHES, Match, WinnerTakeAll
from canns.dynamics.recalling.recall import recall, relax
from canns.dynamics.recalling.recall_members import recall_members
from canns.dynamics.recalling.result import OUTCOMES, OnStep, RecallProgress, RecallResult
from canns.dynamics.recalling.single_steps import network_energies, neuron_step, update_once
from canns.dynamics.recalling.trajectory import trajectory
from canns.dynamics.signal import PotentialKind, Role, Signal, Signals
from canns.dynamics.synapses import (
    Active,
    EventMatrix,
    Fan,
    SparseSynapses,
    Synapses,
    active,
    each_active,
)

__all__ = [
    "ACTIVATIONS",
    "ADEX_PATTERNS",
    "BITS",
    "ESCAPES",
    "GRADED",
    "LIF",
    "MATCHES",
    "ONLY_SIGNS",
    "ORDERS",
    "OUTCOMES",
    "RETRIEVALS",
    "SIGNS",
    "SRM",
    "TIES",
    "UNIT",
    "Absolute",
    "Activation",
    "ActivationName",
    "Active",
    "Activity",
    "AdEx",
    "AdExState",
    "AdaptiveLIF",
    "AdaptiveLIFState",
    "AdaptiveSigmoid",
    "Bidirectional",
    "Clamped",
    "ClopathAdEx",
    "ClopathAdExState",
    "Code",
    "ConductanceLIF",
    "ConductanceLIFState",
    "Connections",
    "ContinuousHopfield",
    "Couplings",
    "CurrentLIF",
    "CurrentLIFState",
    "Delayed",
    "DelayedState",
    "DeltaLIF",
    "DeltaLIFState",
    "DenseExponential",
    "DensePolynomial",
    "DilutedHopfield",
    "DualCurrentLIF",
    "DualCurrentLIFState",
    "Escape",
    "EventMatrix",
    "ExcitatoryInhibitory",
    "Fan",
    "FirstSpikeWins",
    "GradedName",
    "HierarchicalLinear",
    "HierarchicalMemory",
    "HierarchicalWeights",
    "Hopfield",
    "KWinners",
    "LIFState",
    "Lagrangian",
    "LagrangianLayer",
    "LateralInhibition",
    "LateralInhibitionState",
    "LateralLinear",
    "LateralThreshold",
    "LateralWeights",
    "LayerNorm",
    "Linear",
    "LogCosh",
    "LogSumExp",
    "Logistic",
    "LowRank",
    "Match",
    "McCullochPitts",
    "ModernHopfield",
    "Network",
    "Neuron",
    "NoState",
    "OnStep",
    "Paired",
    "Poisson",
    "PoissonState",
    "PotentialKind",
    "Potts",
    "Power",
    "Quadratic",
    "RandomSpikes",
    "RandomSpikesState",
    "RankedWinners",
    "RecallProgress",
    "RecallResult",
    "Recorded",
    "Replay",
    "Retrieval",
    "Role",
    "SRMState",
    "SigmoidWeights",
    "Signal",
    "Signals",
    "SoftWinners",
    "Softplus",
    "Sparse",
    "SparseSynapses",
    "Sparsemax",
    "Spherical",
    "Spiking",
    "Stack",
    "StoredPatterns",
    "Successive",
    "SuccessiveState",
    "Synapses",
    "SynapticDelays",
    "SynapticDelaysState",
    "ThresholdWeights",
    "TieRule",
    "UpdateOrder",
    "Willshaw",
    "WinnerTakeAll",
    "activate",
    "active",
    "before_jump",
    "check_signs",
    "connect_by_distance",
    "connect_by_in_degree",
    "connect_by_probability",
    "connections_of",
    "each_active",
    "largest_eigenvalue",
    "network_energies",
    "neuron_step",
    "no_patterns",
    "random_connections",
    "recall",
    "recall_members",
    "rectified_power",
    "relax",
    "sparsemax",
    "steps_of_delays",
    "symmetric_connections",
    "trajectory",
    "update_once",
]
