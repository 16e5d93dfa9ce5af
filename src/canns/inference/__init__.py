"""Inference of plasticity: which learning rule explains observations, and with what numbers.

:func:`fit` finds the numbers of a rule, and :func:`compare` which of several rules explains the
data best. Gradients go through the library's own learning loop, so any rule and any neuron with
graded activity or random spikes can be inferred.
"""

from canns.inference.compare import compare
from canns.inference.experiment import OBSERVED, Experiment, Observed
from canns.inference.fit import fit
from canns.inference.fitted_rule import FittedRule
from canns.inference.rule_comparison import RuleComparison
from canns.inference.search import METHODS, Method
from canns.inference.simulate import simulate

# Rules with unknown coefficients are rules like all others, and are documented among them.
from canns.plasticity import BasisSTDP as BasisSTDP
from canns.plasticity import MLPRule as MLPRule
from canns.plasticity import TaylorRule as TaylorRule
from canns.plasticity import taylor_terms as taylor_terms

__all__ = [
    "METHODS",
    "OBSERVED",
    "Experiment",
    "FittedRule",
    "Method",
    "Observed",
    "RuleComparison",
    "compare",
    "fit",
    "simulate",
]
