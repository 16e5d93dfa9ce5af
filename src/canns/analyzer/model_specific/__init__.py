"""Analysis of one kind of model."""

from canns.analyzer.model_specific.hopfield import HopfieldAnalyzer

__all__ = ["HopfieldAnalyzer"]
