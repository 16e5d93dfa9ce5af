"""Inference of plasticity: which learning rule explains observations, and with what numbers.

:func:`fit` finds the numbers of a rule, and :func:`compare` which of several rules explains the
data best. Gradients go through the library's own learning loop, so any rule and any neuron with
graded activity or random spikes can be inferred. :func:`fit_window` and :func:`fit_triplet` take
what slice experiments give: the changes by pairs, triplets and quadruplets of spikes.
"""

from canns.inference.compare import compare
from canns.inference.discover import SearchMethod, discover
from canns.inference.discovered_rule import DiscoveredRule
from canns.inference.events import weight_changes
from canns.inference.experiment import OBSERVED, Experiment, Observed
from canns.inference.fit import fit
from canns.inference.fitted_pairing import FittedPairing
from canns.inference.fitted_rule import FittedRule
from canns.inference.options import METHODS, Method
from canns.inference.outcomes import Outcome
from canns.inference.pairing import fit_pairing, fit_triplet, fit_window
from canns.inference.pairing_comparison import PairingComparison, compare_pairing
from canns.inference.protocols import SJOSTROM_2001, PairingData, Protocol
from canns.inference.rule_comparison import RuleComparison
from canns.inference.simulate import simulate

# Rules with unknown coefficients are rules like all others, and are documented among them.
from canns.plasticity import BasisSTDP as BasisSTDP
from canns.plasticity import MLPRule as MLPRule
from canns.plasticity import SplineSTDP as SplineSTDP
from canns.plasticity import TaylorRule as TaylorRule
from canns.plasticity import taylor_terms as taylor_terms

__all__ = [
    "METHODS",
    "OBSERVED",
    "SJOSTROM_2001",
    "DiscoveredRule",
    "Experiment",
    "FittedPairing",
    "FittedRule",
    "Method",
    "Observed",
    "Outcome",
    "PairingComparison",
    "PairingData",
    "Protocol",
    "RuleComparison",
    "SearchMethod",
    "compare",
    "compare_pairing",
    "discover",
    "fit",
    "fit_pairing",
    "fit_triplet",
    "fit_window",
    "simulate",
    "weight_changes",
]
