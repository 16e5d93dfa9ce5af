"""Figures; the one place that imports matplotlib."""

from canns.analyzer.visualization._config import PlotConfig, PlotConfigs
from canns.analyzer.visualization._fields import component_gallery, response_fields
from canns.analyzer.visualization._recall import recall_gallery
from canns.analyzer.visualization._spikes import sequence_learning, stdp_window
from canns.analyzer.visualization._style import BLUE, COLOURS, GREY, ORANGE, open_axes
from canns.analyzer.visualization._theory import Series, measured_over_theory, phase_diagram
from canns.analyzer.visualization._tuning import tuning_curve

__all__ = [
    "BLUE",
    "COLOURS",
    "GREY",
    "ORANGE",
    "PlotConfig",
    "PlotConfigs",
    "Series",
    "component_gallery",
    "measured_over_theory",
    "open_axes",
    "phase_diagram",
    "recall_gallery",
    "response_fields",
    "sequence_learning",
    "stdp_window",
    "tuning_curve",
]
