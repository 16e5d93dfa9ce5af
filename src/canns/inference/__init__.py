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
from canns.plasticity import BasisSTDP, MLPRule, TaylorRule, taylor_terms

__all__ = [
    "METHODS",
    "OBSERVED",
    "BasisSTDP",
    "Experiment",
    "FittedRule",
    "MLPRule",
    "Method",
    "Observed",
    "RuleComparison",
    "TaylorRule",
    "compare",
    "fit",
    "simulate",
    "taylor_terms",
]
