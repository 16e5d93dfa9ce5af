"""Published figures reproduced: the expected numbers beside ours."""

from canns.reproduce._claim import KINDS, Claim
from canns.reproduce._figure import Findings, PublishedFigure, Report
from canns.reproduce._registry import FIGURES
from canns.reproduce._run import reproduce

__all__ = ["FIGURES", "KINDS", "Claim", "Findings", "PublishedFigure", "Report", "reproduce"]
