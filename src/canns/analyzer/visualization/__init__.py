"""Figures; the one place that imports matplotlib.

Every function draws its data on ``ax=``, or on a new figure in the style of the library, and
returns the figure and its axes as ``matplotlib.pyplot.subplots`` does: one ``Axes``, or an array of
them for a picture of several panels. Settings such as labels and the file to write are in a
:class:`PlotConfig`.
"""

from canns.analyzer.visualization._animation import recall_animation
from canns.analyzer.visualization._basin import basin_curve
from canns.analyzer.visualization._config import PlotConfig, PlotConfigs
from canns.analyzer.visualization._distributions import share_bars, stability_histogram
from canns.analyzer.visualization._fields import component_gallery, response_fields
from canns.analyzer.visualization._intervals import named_values
from canns.analyzer.visualization._landscape import energy_landscape
from canns.analyzer.visualization._learning import (
    explained_variance,
    learning_curves,
    selectivity_change,
)
from canns.analyzer.visualization._map import topographic_map
from canns.analyzer.visualization._patterns import pattern_gallery, recall_gallery
from canns.analyzer.visualization._spikes import sequence_learning, stdp_window
from canns.analyzer.visualization._style import BLUE, COLOURS, GREY, ORANGE, STYLE, open_axes
from canns.analyzer.visualization._theory import Series, measured_over_theory, phase_diagram
from canns.analyzer.visualization._trains import membrane_traces, spike_raster
from canns.analyzer.visualization._tuning import tuning_curve
from canns.analyzer.visualization._updates import energy_curves, overlap_curves, sequence_recall
from canns.analyzer.visualization._weights import (
    eigenvalue_density,
    weight_histogram,
    weight_matrix,
)

__all__ = [
    "BLUE",
    "COLOURS",
    "GREY",
    "ORANGE",
    "STYLE",
    "PlotConfig",
    "PlotConfigs",
    "Series",
    "basin_curve",
    "component_gallery",
    "eigenvalue_density",
    "energy_curves",
    "energy_landscape",
    "explained_variance",
    "learning_curves",
    "measured_over_theory",
    "membrane_traces",
    "named_values",
    "open_axes",
    "overlap_curves",
    "pattern_gallery",
    "phase_diagram",
    "recall_animation",
    "recall_gallery",
    "response_fields",
    "selectivity_change",
    "sequence_learning",
    "sequence_recall",
    "share_bars",
    "spike_raster",
    "stability_histogram",
    "stdp_window",
    "topographic_map",
    "tuning_curve",
    "weight_histogram",
    "weight_matrix",
]
