"""Figures are made again, written down, and judged."""

import json
from dataclasses import replace

import brainstate
import matplotlib.image
import numpy as np
import pytest

from canns.errors import ValidationError
from canns.reproduce import FIGURES, Claim, Findings, PublishedFigure, reproduce
from canns.reproduce._finite_size import finite_size


def _toy(measured):
    def run(seed):
        claims = [Claim.of_value("share", "our theory", 0.5, measured, 0.1, "rounding")]
        draw = lambda canvas: canvas.subplots().plot([0, 1])  # noqa: E731
        return Findings(claims, {"seed": seed, "line": np.arange(3)}, draw)

    return run


@pytest.fixture
def toy(monkeypatch):
    figure = PublishedFigure(
        "toy", "Nobody (1900)", "Nothing.", ("our theory",), 1, _toy(0.45), _toy(0.9), 10
    )
    monkeypatch.setitem(FIGURES, "toy", figure)
    return figure


def test_each_figure_is_listed_under_its_name_with_paper_and_time():
    assert sum(figure.foreign for figure in FIGURES.values()) >= 22
    for name, figure in FIGURES.items():
        assert name == figure.name
        assert any(char.isdigit() for char in figure.paper), "no year"
        assert 0 < figure.seconds <= 60
        assert (figure.run_in_full is None) == (figure.seconds_in_full is None)


def test_a_report_holds_the_claims_and_writes_both_files(toy, tmp_path):
    report = reproduce("toy", seed=3, folder=tmp_path / "new")
    assert report.passed
    assert matplotlib.image.imread(report.picture).ndim == 3
    numbers = json.loads(report.numbers.read_text())
    assert numbers["passed"] is True
    assert numbers["seed"] == numbers["data"]["seed"] == 3
    assert numbers["data"]["line"] == [0, 1, 2]
    assert numbers["claims"][0]["measured"] == 0.45
    assert numbers["claims"][0]["kind"] == "our theory"


def test_a_figure_must_name_what_its_claims_are_compared_with(toy, monkeypatch, tmp_path):
    monkeypatch.setitem(FIGURES, "toy", replace(toy, against=("paper's number",)))
    with pytest.raises(RuntimeError, match="our theory"):
        reproduce("toy", folder=tmp_path)


def test_the_longer_version_runs_if_asked(toy, tmp_path):
    assert not reproduce("toy", full=True, folder=tmp_path).passed


def test_what_cannot_be_made_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="ags"):
        reproduce("agz", folder=tmp_path)
    with pytest.raises(ValidationError, match="one version"):
        reproduce("ags", full=True, folder=tmp_path)
    with pytest.raises(ValidationError, match="seed"):
        reproduce("ags", seed=-1, folder=tmp_path)
    assert not any(tmp_path.iterdir())


def test_making_a_figure_leaves_the_random_source_alone(toy, tmp_path):
    brainstate.random.seed(5)
    expected = np.asarray(brainstate.random.rand(3))
    brainstate.random.seed(5)
    reproduce("toy", folder=tmp_path)
    np.testing.assert_array_equal(brainstate.random.rand(3), expected)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["softmax", "willshaw"])
def test_a_quick_figure_holds(name, tmp_path):
    report = reproduce(name, folder=tmp_path)
    assert report.passed, [claim for claim in report.claims if not claim.passed]


def test_finite_size_is_slope_and_bend_over_the_connections():
    loads = np.array([0.1, 0.2])
    room = finite_size(lambda a: 1 - 3 * a**2, loads, 1000)
    slope = np.abs(-3 * ((loads - 0.001) ** 2 - loads**2))
    np.testing.assert_allclose(room, slope + loads * 6 / 1000, rtol=1e-6)
