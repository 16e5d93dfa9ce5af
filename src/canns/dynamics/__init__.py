"""Pure dynamics: neurons, networks, and the driver that recalls."""

from canns.dynamics._activation import ACTIVATIONS, ActivationName, activate
from canns.dynamics._adaptive_lif import AdaptiveLIF, AdaptiveLIFState
from canns.dynamics._adaptive_sigmoid import AdaptiveSigmoid, SigmoidWeights
from canns.dynamics._adex import ADEX_PATTERNS, AdEx, AdExState
from canns.dynamics._bidirectional import Bidirectional, Paired
from canns.dynamics._conductance_lif import (
    ConductanceLIF,
    ConductanceLIFState,
    ExcitatoryInhibitory,
)
from canns.dynamics._continuous import GRADED, ContinuousHopfield, GradedName
from canns.dynamics._couplings import Couplings, LowRank, Sparse, StoredPatterns
from canns.dynamics._current_lif import CurrentLIF, CurrentLIFState
from canns.dynamics._delayed import Delayed, DelayedState
from canns.dynamics._dense_exponential import DenseExponential
from canns.dynamics._dense_polynomial import DensePolynomial
from canns.dynamics._diluted import DilutedHopfield, random_connections, symmetric_connections
from canns.dynamics._first_spike_wins import FirstSpikeWins
from canns.dynamics._hierarchical_linear import HierarchicalLinear, HierarchicalWeights
from canns.dynamics._hopfield import Hopfield
from canns.dynamics._lateral_linear import LateralLinear, LateralWeights
from canns.dynamics._lateral_threshold import LateralThreshold, ThresholdWeights
from canns.dynamics._lif import LIF, LIFState
from canns.dynamics._modern import RETRIEVALS, ModernHopfield, Retrieval, sparsemax
from canns.dynamics._network import Network
from canns.dynamics._neuron import Activity, Clamped, Linear, Neuron, NoState
from canns.dynamics._order import ORDERS, UpdateOrder
from canns.dynamics._poisson import ESCAPES, Escape, Poisson, PoissonState
from canns.dynamics._potts import Potts
from canns.dynamics._ranked_winners import RankedWinners, rectified_power
from canns.dynamics._recall import recall, recall_members, relax
from canns.dynamics._recorded import Recorded
from canns.dynamics._result import OUTCOMES, RecallProgress, RecallResult
from canns.dynamics._sequence import Replay
from canns.dynamics._soft_winners import SoftWinners
from canns.dynamics._sparse import McCullochPitts
from canns.dynamics._spiking import Spiking
from canns.dynamics._srm import SRM, SRMState
from canns.dynamics._stack import Stack
from canns.dynamics._storing import no_patterns
from canns.dynamics._successive import Successive, SuccessiveState
from canns.dynamics._tie import TIES, TieRule
from canns.dynamics._trajectory import trajectory
from canns.dynamics._update import network_energies, neuron_step, update_once
from canns.dynamics._willshaw import Willshaw
from canns.dynamics._winner_take_all import MATCHES, Match, WinnerTakeAll
from canns.dynamics._winners import KWinners

__all__ = [
    "ACTIVATIONS",
    "ADEX_PATTERNS",
    "ESCAPES",
    "GRADED",
    "LIF",
    "MATCHES",
    "ORDERS",
    "OUTCOMES",
    "RETRIEVALS",
    "SRM",
    "TIES",
    "ActivationName",
    "Activity",
    "AdEx",
    "AdExState",
    "AdaptiveLIF",
    "AdaptiveLIFState",
    "AdaptiveSigmoid",
    "Bidirectional",
    "Clamped",
    "ConductanceLIF",
    "ConductanceLIFState",
    "ContinuousHopfield",
    "Couplings",
    "CurrentLIF",
    "CurrentLIFState",
    "Delayed",
    "DelayedState",
    "DenseExponential",
    "DensePolynomial",
    "DilutedHopfield",
    "Escape",
    "ExcitatoryInhibitory",
    "FirstSpikeWins",
    "GradedName",
    "HierarchicalLinear",
    "HierarchicalWeights",
    "Hopfield",
    "KWinners",
    "LIFState",
    "LateralLinear",
    "LateralThreshold",
    "LateralWeights",
    "Linear",
    "LowRank",
    "Match",
    "McCullochPitts",
    "ModernHopfield",
    "Network",
    "Neuron",
    "NoState",
    "Paired",
    "Poisson",
    "PoissonState",
    "Potts",
    "RankedWinners",
    "RecallProgress",
    "RecallResult",
    "Recorded",
    "Replay",
    "Retrieval",
    "SRMState",
    "SigmoidWeights",
    "SoftWinners",
    "Sparse",
    "Spiking",
    "Stack",
    "StoredPatterns",
    "Successive",
    "SuccessiveState",
    "ThresholdWeights",
    "TieRule",
    "UpdateOrder",
    "Willshaw",
    "WinnerTakeAll",
    "activate",
    "network_energies",
    "neuron_step",
    "no_patterns",
    "random_connections",
    "recall",
    "recall_members",
    "rectified_power",
    "relax",
    "sparsemax",
    "symmetric_connections",
    "trajectory",
    "update_once",
]
