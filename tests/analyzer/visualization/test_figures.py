"""Figures show the numbers that they are given."""

import numpy as np
import pytest
from matplotlib import pyplot as plt

from canns.analyzer.visualization import (
    PlotConfig,
    PlotConfigs,
    Series,
    component_gallery,
    measured_over_theory,
    phase_diagram,
    recall_gallery,
    response_fields,
    sequence_learning,
    stdp_window,
    tuning_curve,
)
from canns.errors import ValidationError


def titles(axes):
    """The titles of some axes, in order."""
    return [panel.get_title() for panel in axes.flat]


def test_tuning_curve_is_the_mean_in_each_bin(tmp_path):
    stimulus = np.array([0.0, 0.1, 0.9, 1.0, 2.0])
    rates = np.array([[1.0, 5.0], [3.0, 5.0], [8.0, 5.0], [4.0, 5.0], [7.0, 6.0]])
    config = PlotConfigs.tuning_curve(
        num_bins=2,
        title="T",
        xlabel="X",
        ylabel="Y",
        figsize=(4, 3),
        save_path=tmp_path / "new" / "curve.png",
        kwargs={"color": "k"},
    )
    figure, axes = tuning_curve(
        stimulus=stimulus, firing_rates=rates, neuron_indices=[0], config=config
    )
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_xdata(), [0.5, 1.5])
    np.testing.assert_allclose(line.get_ydata(), [4.0, 5.5])
    assert (axes.get_title(), axes.get_xlabel(), axes.get_ylabel()) == ("T", "X", "Y")
    assert line.get_color() == "k"
    assert tuple(figure.get_size_inches()) == (4, 3)
    assert (tmp_path / "new" / "curve.png").stat().st_size > 0


def test_tuning_curve_leaves_out_empty_bins_and_draws_all_neurons_by_default():
    _, axes = tuning_curve(stimulus=[0.0, 10.0], firing_rates=[[1.0, 2.0], [3.0, 4.0]])
    assert len(axes.lines) == 2
    np.testing.assert_allclose(axes.lines[1].get_ydata(), [2.0, 4.0])


def test_what_is_given_beside_the_settings_goes_before_them(tmp_path):
    data = np.linspace(0, 1, 9), np.ones((9, 2)), 0
    config = PlotConfigs.tuning_curve(num_bins=9, title="T", kwargs={"color": "k", "lw": 3})
    _, axes = tuning_curve(
        *data, config, num_bins=3, ylabel="Y", show=False, save_path=tmp_path / "a.png", color="r"
    )
    (line,) = axes.lines
    assert len(line.get_xdata()) == 3
    assert (axes.get_title(), axes.get_ylabel()) == ("T", "Y")
    assert (line.get_color(), line.get_linewidth()) == ("r", 3)
    assert (tmp_path / "a.png").stat().st_size > 0
    assert (config.num_bins, config.kwargs["color"]) == (9, "k")


def test_preferred_stimuli_are_in_the_legend():
    data = np.linspace(0, 1, 9), np.ones((9, 3)), [2]
    config = PlotConfigs.tuning_curve(pref_stim=np.array([0.1, 0.2, 0.75]), grid=True)
    _, axes = tuning_curve(*data, config)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["Neuron 2, prefers 0.75"]
    assert axes.xaxis.get_gridlines()[0].get_visible()
    _, axes = tuning_curve(*data)
    assert not axes.xaxis.get_gridlines()[0].get_visible()
    with pytest.raises(ValidationError, match=r"^pref_stim must be"):
        tuning_curve(*data, pref_stim=[0.1])


def test_show_opens_a_window(monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda: shown.append(True))
    tuning_curve(stimulus=[0.0, 1.0], firing_rates=[[1.0], [2.0]])
    assert not shown
    config = PlotConfigs.tuning_curve(show=True)
    tuning_curve(stimulus=[0.0, 1.0], firing_rates=[[1.0], [2.0]], config=config)
    assert shown


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ({"stimulus": [0.0], "firing_rates": [[1.0], [2.0]]}, "firing_rates"),
        ({"stimulus": [[0.0]], "firing_rates": [[1.0]]}, "stimulus"),
        (
            {"stimulus": [0.0, 1.0], "firing_rates": [[1.0], [2.0]], "neuron_indices": [1]},
            "neuron_indices",
        ),
        (
            {"stimulus": [0.0, 1.0], "firing_rates": [[1.0], [2.0]], "neuron_indices": [-1]},
            "neuron_indices",
        ),
        (
            {"stimulus": [0.0, 1.0], "firing_rates": [[1.0], [2.0]], "neuron_indices": []},
            "neuron_indices",
        ),
    ],
)
def test_bad_tuning_curves(arguments, name):
    with pytest.raises(ValidationError, match=name):
        tuning_curve(**arguments)


def test_recall_gallery_states_the_overlaps():
    stored = np.array([[1.0, 1.0, -1.0, -1.0]])
    cue = np.array([[1.0, -1.0, -1.0, -1.0]])
    _, axes = recall_gallery(stored, cue, stored, (2, 2), ["one"])
    assert titles(axes) == ["one", "overlap 0.50", "overlap 1.00"]
    np.testing.assert_array_equal(axes[1, 0].images[0].get_array(), cue.reshape(2, 2))
    with pytest.raises(ValidationError, match="names"):
        recall_gallery(stored, cue, stored, (2, 2), ["one", "two"])


def test_recall_gallery_wraps_after_eight_and_frames_each_image():
    images = np.ones((9, 4))
    figure, axes = recall_gallery(images, -images, images, (2, 2), [f"image {k}" for k in range(9)])
    assert axes.shape == (3, 9)
    assert len(figure.axes) == 27
    assert all(axes.spines["top"].get_visible() for axes in figure.axes)
    rows = {round(axes.get_position().y0, 2) for axes in figure.axes}
    assert len(rows) == 6


def test_what_is_asked_of_the_drawing_call_goes_before_the_figures_own():
    chosen = PlotConfig(kwargs={"cmap": "magma"})
    one = np.eye(1, 4)
    for figure, _ in (
        response_fields(one, (2, 2), config=chosen),
        component_gallery(one, one, (2, 2), config=chosen),
        recall_gallery(one, one, one, (2, 2), ["one"], config=chosen),
    ):
        assert {axes.images[0].get_cmap().name for axes in figure.axes} == {"magma"}
    purple = PlotConfig(kwargs={"color": "purple"})
    _, window = stdp_window([-1, 1], [-0.5, 0.5], [-0.5, 0.5], purple)
    assert [line.get_color() for line in window.lines[-2:]] == ["purple"] * 2
    _, (_, latency) = sequence_learning([0.5], [1.0], [8, 4], purple)
    assert latency.lines[0].get_color() == "purple"
    _, axes = measured_over_theory({"a": Series([1, 2], [1, 2])}, {}, purple)
    assert axes.containers[0][0].get_color() == "purple"


def test_phase_diagram_draws_every_boundary():
    boundaries = {f"b{k}": Series([0.0, 0.1], [0.1, 0.1 * k]) for k in range(6)}
    _, axes = phase_diagram([0.01, 0.1], [0.1, 0.5], np.eye(2), boundaries)
    assert [line.get_label() for line in axes.lines] == list(boundaries)


def test_component_gallery_of_what_does_not_agree():
    learned, reference = np.eye(2, 4)
    _, axes = component_gallery([learned], [reference], (2, 2))
    np.testing.assert_array_equal(axes[1, 0].images[0].get_array().ravel(), reference)
    with pytest.raises(ValidationError, match="reference must be of 1 rows"):
        component_gallery([learned], [reference, learned], (2, 2))


def test_component_gallery_shows_the_reference_with_the_learned_sign():
    learned = np.array([[3.0, 4.0, 0.0, 0.0]])
    _, axes = component_gallery(learned, -learned / 5, (2, 2))
    top, bottom = axes[:, 0]
    assert top.get_title() == "1\n|cos| = 1.000"
    np.testing.assert_allclose(bottom.images[0].get_array(), learned.reshape(2, 2) / 5)


def test_component_gallery_wraps_and_tells_the_variance():
    figure, axes = component_gallery(np.eye(9), np.eye(9), (3, 3), shares=np.arange(9) / 100)
    figure.canvas.draw()
    assert axes[0, 8].get_position().y0 < axes[1, 0].get_position().y0
    assert titles(axes)[8] == "9: 8 % of variance\n|cos| = 1.000"
    with pytest.raises(ValidationError, match="shares"):
        component_gallery(np.eye(2, 4), np.eye(2, 4), (2, 2), shares=[0.5])


def test_error_bars_and_marks_are_named_in_the_legend():
    bars = Series([1.0, 2.0], [0.9, 0.5], [[0.1, 0.2], [0.05, 0.2]], "95 % interval")
    _, axes = measured_over_theory({"a": bars}, {}, marks={"critical load": 1.5})
    words = [text.get_text() for text in axes.get_legend().get_texts()]
    assert sorted(words) == ["a (95 % interval)", "critical load"]
    for wrong in (bars._replace(error=[0.1]), bars._replace(error=[[0.1], [0.2]])):
        with pytest.raises(
            ValidationError, match=r"error of a must be of shape \(2,\) or \(2, 2\)"
        ):
            measured_over_theory({"a": wrong}, {})


def test_response_fields_scale_each_image_by_itself():
    fields = [[1.0, 0.0, 0.0, -2.0], [0.0, 0.0, 0.0, 0.5]]
    _, axes = response_fields(fields, (2, 2), ["a", "b"])
    assert [a.images[0].get_clim() for a in axes[0]] == [(-2.0, 2.0), (-0.5, 0.5)]
    assert titles(axes) == ["a", "b"]


def test_stdp_window_draws_theory_and_measurement(tmp_path):
    config = PlotConfig(title="Window", save_path=tmp_path / "window.png")
    change = [-0.1, -0.2, 0.4, 0.3]
    _, axes = stdp_window([-2, -1, 0, 1], change, change, config)
    drawn = [line for line in axes.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(drawn[0].get_ydata(), [0.4, 0.3])
    np.testing.assert_allclose(drawn[1].get_ydata(), [-0.1, -0.2])
    assert (tmp_path / "window.png").exists()


def test_sequence_learning_draws_weights_and_latency():
    _, (weights, latency) = sequence_learning([0.5, 0.5], [1.0, 0.0], [8, 4, 3])
    np.testing.assert_allclose(weights.lines[1].get_ydata(), [1.0, 0.0])
    np.testing.assert_allclose(latency.lines[0].get_ydata(), [8, 4, 3])


def test_response_fields_draw_a_tuning_curve_under_each_image():
    angles, responses = [0.0, 60.0, 120.0], [[1.0, 2.0, 4.0], [3.0, 0.0, 0.0]]
    _, axes = response_fields(np.eye(2, 4), (2, 2), ["a", "b"], tuning=(angles, responses))
    curves = [panel.lines[0] for panel in axes[1]]
    np.testing.assert_allclose(curves[0].get_xdata(), [0, 60, 120, 180])  # around the circle
    np.testing.assert_allclose(curves[0].get_ydata(), [0.25, 0.5, 1, 0.25])  # of its own peak
    assert len(curves) == 2
    for wrong in ((angles, [[1.0, 2.0, 4.0]]), (angles[:2], responses), angles):
        with pytest.raises(ValidationError, match="tuning"):
            response_fields(np.eye(2, 4), (2, 2), tuning=wrong)
