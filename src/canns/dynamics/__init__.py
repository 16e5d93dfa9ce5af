"""Pure dynamics: neurons, networks, and the driver that recalls."""

from canns.dynamics._adaptive_sigmoid import AdaptiveSigmoid, SigmoidWeights
from canns.dynamics._bidirectional import Bidirectional, Paired
from canns.dynamics._continuous import GRADED, ContinuousHopfield, GradedName
from canns.dynamics._couplings import Couplings, LowRank, Sparse
from canns.dynamics._dense import DenseExponential, DensePolynomial
from canns.dynamics._diluted import DilutedHopfield, random_connections, symmetric_connections
from canns.dynamics._hierarchical_linear import HierarchicalLinear, HierarchicalWeights
from canns.dynamics._hopfield import (
    ACTIVATIONS,
    ORDERS,
    TIES,
    ActivationName,
    Hopfield,
    TieRule,
    UpdateOrder,
    activate,
)
from canns.dynamics._lateral_linear import LateralLinear, LateralWeights
from canns.dynamics._lateral_threshold import LateralThreshold, ThresholdWeights
from canns.dynamics._lif import LIF, LIFState
from canns.dynamics._modern import RETRIEVALS, ModernHopfield, Retrieval, sparsemax
from canns.dynamics._network import Network
from canns.dynamics._neuron import Activity, Clamped, Linear, Neuron, NoState
from canns.dynamics._potts import Potts
from canns.dynamics._ranked_winners import RankedWinners, rectified_power
from canns.dynamics._recall import (
    OUTCOMES,
    RecallProgress,
    RecallResult,
    recall,
    recall_members,
    relax,
    trajectory,
)
from canns.dynamics._recorded import Recorded
from canns.dynamics._sequence import Replay
from canns.dynamics._soft_winners import SoftWinners
from canns.dynamics._sparse import McCullochPitts
from canns.dynamics._stack import Stack
from canns.dynamics._successive import Successive, SuccessiveState
from canns.dynamics._update import network_energies, neuron_step, update_once
from canns.dynamics._willshaw import Willshaw
from canns.dynamics._winner_take_all import MATCHES, Match, WinnerTakeAll
from canns.dynamics._winners import KWinners

__all__ = [
    "ACTIVATIONS",
    "GRADED",
    "LIF",
    "MATCHES",
    "ORDERS",
    "OUTCOMES",
    "RETRIEVALS",
    "TIES",
    "ActivationName",
    "Activity",
    "AdaptiveSigmoid",
    "Bidirectional",
    "Clamped",
    "ContinuousHopfield",
    "Couplings",
    "DenseExponential",
    "DensePolynomial",
    "DilutedHopfield",
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
    "Potts",
    "RankedWinners",
    "RecallProgress",
    "RecallResult",
    "Recorded",
    "Replay",
    "Retrieval",
    "SigmoidWeights",
    "SoftWinners",
    "Sparse",
    "Stack",
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
