"""Pictures of recalls, weights, learning and spikes show the numbers that they are given."""

import numpy as np
import pytest
from matplotlib.animation import FFMpegWriter
from PIL import Image

from canns.analyzer import visualization as pictures
from canns.analyzer.metrics import energy_landscape, u_matrix
from canns.analyzer.visualization import PlotConfig
from canns.errors import ValidationError


def words(axes):
    """The words in a legend."""
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_energies_are_coloured_by_how_the_cues_ended():
    energies = np.array([[0.0, -1.0], [0.0, -2.0], [0.0, -3.0]])
    _, axes = pictures.energy_curves(energies, np.array(["cycle", "converged", "converged"]))
    assert words(axes) == ["converged (2)", "in a 2-cycle (1)"]
    ends = {line.get_color(): line.get_ydata()[-1] for line in axes.lines}
    assert ends == {pictures.BLUE: -3.0, pictures.ORANGE: -1.0}
    with pytest.raises(ValidationError, match="names must be None beside outcome"):
        pictures.energy_curves(energies, ["cycle"] * 3, ["a", "b", "c"])


def test_many_curves_have_no_legend():
    _, axes = pictures.overlap_curves(np.ones((4, 30)))
    assert axes.get_legend() is None
    assert len(axes.lines) == 31  # and the line at 1


def test_the_rate_is_spikes_per_neuron_and_second():
    steps, neurons = [0, 1, 4, 4], [0, 1, 0, 1]
    _, (raster, rate) = pictures.spike_raster(steps, neurons, num_steps=6, dt=0.5, bin_width=1.0)
    # Bins of 1 ms: two spikes, none, two; of two neurons.
    np.testing.assert_allclose(rate.patches[0].get_data().values, [1000, 0, 1000])
    np.testing.assert_allclose(raster.lines[0].get_xdata(), [0, 0.5, 2, 2])
    assert raster.get_xlim() == (0, 3)


def test_a_raster_may_be_empty():
    _, (raster, rate) = pictures.spike_raster([], [], num_steps=10, num_neurons=3)
    assert raster.lines[0].get_xdata().size == 0
    assert rate.patches[0].get_data().values.max() == 0


def test_the_last_bin_of_a_rate_may_be_short():
    _, (_, rate) = pictures.spike_raster([4], [0], num_steps=5, bin_width=2.0)
    edges = rate.patches[0].get_data().edges
    np.testing.assert_allclose(edges, [0, 2, 4, 5])
    np.testing.assert_allclose(rate.patches[0].get_data().values, [0, 0, 1000])


def test_spikes_rise_from_the_threshold():
    potentials = np.array([[0.2, 0.1], [0.8, 0.5], [0.0, 0.9]])
    spikes = np.array([[0, 0], [0, 0], [1, 0]])
    _, axes = pictures.membrane_traces(potentials, spikes=spikes, dt=2.0, threshold=1.0)
    (stroke,) = axes[0].collections[0].get_segments()
    np.testing.assert_allclose(stroke[:, 0], 6.0)  # ms
    assert stroke[0, 1] == 1.0
    assert axes[1].collections[0].get_segments() == []


def test_a_histogram_of_weights_is_shares():
    _, axes = pictures.weight_histogram(np.arange(20.0).reshape(10, 2), num_bins=4)
    assert len(axes.patches) == 6  # of ten records
    assert all(patch.get_data().values.sum() == pytest.approx(1) for patch in axes.patches)
    assert words(axes)[0] == "record 1"
    assert words(axes)[-1] == "record 10"


def test_wide_curves_are_logarithmic():
    curves = {"|dW|": np.geomspace(1, 1e-3, 5), "alignment": np.linspace(-1, 1, 5)}
    _, axes = pictures.learning_curves(curves, [10, 20, 30, 40, 50])
    assert [panel.get_yscale() for panel in axes] == ["log", "linear"]
    assert axes[-1].get_xlabel() == "Samples"
    with pytest.raises(ValidationError, match=r"b must be of shape \(2,\)"):
        pictures.learning_curves({"a": [1.0, 2.0], "b": [1.0]})


def test_the_bars_of_selectivity_are_students():
    _, axes = pictures.selectivity_change([0.1, 0.3], [0.5, 0.9])
    (bars,) = axes.containers[0][2]
    lengths = [np.ptp(segment[:, 1]) for segment in bars.get_segments()]
    np.testing.assert_allclose(lengths, 2 * 12.7062 * np.array([0.1, 0.2]), rtol=1e-5)
    _, axes = pictures.selectivity_change([0.1], [0.5])
    assert "mean" in words(axes)


def test_paths_are_drawn_where_the_landscape_projects_them():
    patterns = np.where(np.random.default_rng(0).random((3, 20)) < 0.5, 1.0, -1.0)
    landscape = energy_landscape(patterns.T @ patterns - 3 * np.eye(20), patterns, num_points=5)
    path = np.stack([patterns, patterns[::-1]])  # (2, 3, 20)
    _, axes = landscape.plot(paths=path, names=["A"])
    drawn = axes.lines[0].get_xydata()
    np.testing.assert_allclose(drawn, landscape.project(path[:, 0]), atol=1e-6)
    with pytest.raises(ValidationError, match="paths must be of shape"):
        landscape.plot(paths=patterns)


def test_hits_are_squares_of_that_area():
    _, axes = pictures.topographic_map(np.arange(6.0)[:, None], (2, 3), [4, 0, 1, 0, 0, 2])
    points = axes.collections[0]
    np.testing.assert_allclose(points.get_offsets(), [[0, 0], [2, 0], [2, 1]])
    sizes = points.get_sizes()
    np.testing.assert_allclose(sizes / sizes.max(), [1, 0.25, 0.5])


def test_the_u_matrix_is_the_mean_distance_to_four_neighbours():
    weights = np.random.default_rng(0).normal(size=(3, 4, 2))
    found = u_matrix(weights.reshape(12, 2), (3, 4))
    middle = weights[1, 1]
    around = [weights[0, 1], weights[2, 1], weights[1, 0], weights[1, 2]]
    assert found[1, 1] == pytest.approx(np.mean([np.linalg.norm(middle - w) for w in around]))
    corner = [weights[0, 1], weights[1, 0]]
    distances = [np.linalg.norm(weights[0, 0] - w) for w in corner]
    assert found[0, 0] == pytest.approx(np.mean(distances))


def test_an_animation_has_a_frame_for_each_state(tmp_path):
    rng = np.random.default_rng(0)
    states = np.where(rng.random((5, 2, 16)) < 0.5, 1.0, -1.0)
    file = tmp_path / "new" / "recall.gif"
    pictures.recall_animation(states, (4, 4), file, targets=states[-1], frames_per_second=5)
    with Image.open(file) as image:
        assert image.n_frames == 5
        assert image.info["duration"] == 200


def test_a_film_needs_ffmpeg(tmp_path, monkeypatch):
    monkeypatch.setattr(FFMpegWriter, "isAvailable", classmethod(lambda cls: False))
    with pytest.raises(ValidationError, match=r"save_path must be a \.gif, as ffmpeg is not"):
        pictures.recall_animation(np.ones((2, 1, 4)), (2, 2), tmp_path / "recall.mp4")
    with pytest.raises(ValidationError, match=r"a name that ends in \.gif or \.mp4"):
        pictures.recall_animation(np.ones((2, 1, 4)), (2, 2), tmp_path / "recall.avi")
    assert not [*tmp_path.iterdir()]


def test_settings_label_the_axes():
    config = PlotConfig(xlabel="Sweep", ylabel="E / N", grid=True)
    _, axes = pictures.energy_curves([[0.0, -1.0]], config=config)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("Sweep", "E / N")
    assert axes.xaxis.get_gridlines()[0].get_visible()
    with pytest.raises(ValidationError, match="xlabel must be"):
        pictures.pattern_gallery(np.eye(2, 4), (2, 2), config=config)


def test_negative_error_bars_are_refused():
    wrong = pictures.Series([1.0, 2.0], [0.9, 0.5], [0.1, -0.1])
    with pytest.raises(ValidationError, match="error of a must be lengths, not negative"):
        pictures.measured_over_theory({"a": wrong}, {})
