"""Published figures reproduced: the paper's numbers beside ours."""

from canns.reproduce._claim import Claim
from canns.reproduce._figure import Findings, PublishedFigure, Report
from canns.reproduce._registry import FIGURES
from canns.reproduce._run import reproduce

__all__ = ["FIGURES", "Claim", "Findings", "PublishedFigure", "Report", "reproduce"]
