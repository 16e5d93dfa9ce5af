"""What holds for every picture."""

from pathlib import Path

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from picture_rows import REFERENCES, ROWS, save_without_text

from canns.analyzer import visualization
from canns.analyzer.visualization import PlotConfig, PlotConfigs
from canns.errors import ValidationError

# Text apart, the pixels of a picture are the same in all versions but for the rounding of grey
# levels at slanted edges: half a level in each pixel, or one where two roundings add.
LEVEL = 1.0

# Pictures that bring no labels of their own, because only the caller knows them.
UNLABELLED = {"measured_over_theory", "tuning_curve"}
IMAGES = {"component_gallery", "pattern_gallery", "recall_gallery", "recall_animation"}

each = pytest.mark.parametrize("name", ROWS)


@pytest.fixture
def draw(tmp_path):
    """Draw the picture of a name; the animation goes to a temporary file."""

    def drawn(name, **options):
        if name == "recall_animation":
            options.setdefault("save_path", tmp_path / "recall.gif")
        return ROWS[name](**options)

    return drawn


def test_every_picture_has_a_row():
    others = {"open_axes"}
    functions = {
        name
        for name in visualization.__all__
        if not isinstance(getattr(visualization, name), type | str | tuple) and name not in others
    }
    assert functions == set(ROWS)


@each
def test_a_picture_is_a_figure_and_its_axes(name, draw):
    figure, axes = draw(name)
    assert isinstance(figure, Figure)
    if isinstance(axes, np.ndarray):
        assert axes.dtype == object
        assert all(isinstance(each, Axes) and each in figure.axes for each in axes.flat)
    else:
        assert axes in figure.axes


@each
def test_a_picture_is_drawn_on_the_axes_that_are_given(name, draw):
    own, (left, right) = plt.subplots(1, 2, figsize=(12, 5), layout="constrained")
    figure, axes = draw(name, ax=right)
    assert figure is own
    assert plt.get_fignums() == [own.number]
    assert not left.has_data()
    figure.canvas.draw()
    for panel in np.atleast_1d(axes).flat:
        box = panel.get_position()
        assert box.x0 + box.x1 > 1  # in the right half


@pytest.mark.slow
@each
def test_a_picture_may_be_drawn_on_axes_outside_of_a_grid(name, draw):
    own = plt.figure()
    figure, _ = draw(name, ax=own.add_axes((0.1, 0.1, 0.4, 0.8)))
    assert figure is own


@pytest.mark.slow
@each
def test_new_figures_have_the_style_and_leave_that_of_others_alone(name, draw):
    before = plt.rcParams.copy()
    figure, axes = draw(name)
    assert plt.rcParams == before
    assert figure.get_layout_engine() is not None
    for panel in np.atleast_1d(axes).flat:
        assert panel.xaxis.label.get_fontsize() >= 10  # to be read on a slide


@pytest.mark.slow
@each
def test_scales_have_labels(name, draw):
    if name in UNLABELLED | IMAGES:
        return
    figure, _ = draw(name)
    assert any(panel.get_xlabel() for panel in figure.axes)
    for panel in figure.axes:
        siblings = [*panel.get_shared_x_axes().get_siblings(panel), figure.axes[-1]]
        first_of_a_row = name != "response_fields" or panel.get_ylabel()
        if len(panel.get_yticks()) and first_of_a_row:
            assert panel.get_ylabel() or name in ("named_values", "share_bars")  # ticks are words
            assert any(each.get_xlabel() for each in siblings) or panel is figure.axes[-1]


@pytest.mark.slow
@each
def test_a_picture_is_written_where_the_settings_say(name, draw, tmp_path):
    if name == "recall_animation":
        draw(name)
        assert (tmp_path / "recall.gif").read_bytes()[:3] == b"GIF"
        return
    path = tmp_path / "new" / "picture.svg"
    draw(name, config=PlotConfig(title="A title", save_path=path))
    assert "<svg" in path.read_text()


@pytest.mark.slow
@each
def test_a_title_is_shown(name, draw):
    figure, _ = draw(name, config=PlotConfig(title="A title"))
    assert "A title" in [text.get_text() for text in figure.findobj(plt.Text)]


@pytest.mark.slow
@each
def test_dots_per_inch_are_those_of_the_settings(name, draw, tmp_path):
    if name == "recall_animation":
        return
    sizes = {}
    for dpi in (40, 80):
        path = tmp_path / f"{dpi}.png"
        draw(name, config=PlotConfig(save_path=path, dpi=dpi))
        sizes[dpi] = plt.imread(path).shape[0]
    assert sizes[80] == pytest.approx(2 * sizes[40], rel=0.05)


@each
@pytest.mark.parametrize(
    ("config", "argument"),
    [
        ("a title", "config"),
        (PlotConfig(num_bins=12), "num_bins"),
        (PlotConfig(pref_stim=[1.0]), "pref_stim"),
    ],
)
def test_settings_that_a_picture_cannot_use_are_refused(name, config, argument, draw):
    if name == "tuning_curve" and argument != "config":
        return
    with pytest.raises(ValidationError, match=rf"^{argument} must be"):
        draw(name, config=config)
    assert not plt.get_fignums()


@each
def test_axes_that_cannot_be_drawn_on_are_refused(name, draw):
    with pytest.raises(ValidationError, match=r"^ax must be axes of matplotlib or None"):
        draw(name, ax="here")
    _, axes = plt.subplots()
    with pytest.raises(ValidationError, match=r"^figsize must be None if axes are given"):
        draw(name, ax=axes, config=PlotConfig(figsize=(3, 3)))
    axes.remove()
    with pytest.raises(ValidationError, match=r"^ax must be on a figure"):
        draw(name, ax=axes)


@each
def test_a_picture_looks_as_it_did(name, draw, tmp_path):
    """Its pixels are those of the reference; ``picture_rows.py`` writes new ones."""
    figure, _ = draw(name)
    here = tmp_path / f"{name}.png"
    save_without_text(figure, here)
    difference = compare_images(str(REFERENCES / here.name), str(here), tol=LEVEL)
    assert difference is None, difference


def test_every_reference_has_a_picture():
    assert {path.stem for path in REFERENCES.glob("*.png")} == set(ROWS)


def test_the_style_sheet_is_found_by_its_name():
    with plt.style.context(visualization.STYLE):
        assert plt.rcParams["font.size"] == 12
    assert Path(visualization.__file__).with_name("canns.mplstyle").is_file()


def test_the_default_size_of_a_tuning_curve_gives_way_to_axes(draw):
    _, axes = plt.subplots()
    draw("tuning_curve", ax=axes, config=PlotConfigs.tuning_curve(num_bins=9))
    assert len(axes.lines) == 4
