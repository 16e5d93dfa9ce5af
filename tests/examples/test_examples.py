"""Every example runs, draws its figure, and shows what its text says."""

import importlib.util
import sys
from functools import cache
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

EXAMPLES = Path(__file__).parents[2] / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))
PICTURES = ("camera", "astronaut", "coffee", "horse")

pytest.importorskip("matplotlib")
pytest.importorskip("skimage")
pytest.importorskip("sklearn")


def load(name):
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Return a function that runs an example once and gives back its figures and its folder."""

    @cache
    def run(name):
        folder = tmp_path_factory.mktemp(name)
        return load(name).main(folder), folder

    return run


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_draws(run, name):
    figures, folder = run(name)
    assert figures
    assert all(isinstance(value, float) for value in figures.values())
    assert [path.name for path in folder.iterdir()] == [f"{name}.png"]
    assert (folder / f"{name}.png").stat().st_size > 20_000


def test_there_are_eight():
    assert len(NAMES) == 8


@pytest.mark.parametrize("name", NAMES)
def test_its_docstring_teaches(name):
    text = load(name).__doc__
    assert text.splitlines()[0].endswith(".")
    assert len(text.splitlines()) > 12
    assert "ource" in text  # of the theory


def test_without_matplotlib_it_prints_and_draws_nothing(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    figures = load("oja_sanger_pca").main(tmp_path)
    assert figures["Sanger, component 1"] > 0.95
    assert "0.99" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_the_folder_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("CANNS_EXAMPLES_OUTPUT_DIR", str(tmp_path))
    load("tanh_patterns_1d").main()
    assert (tmp_path / "tanh_patterns_1d" / "tanh_patterns_1d.png").is_file()


def test_image_recall(run):
    figures, _ = run("image_recall")
    for name in PICTURES:
        assert figures[f"cue overlap, {name}"] == pytest.approx(0.4, abs=1e-3)
        assert figures[f"recall overlap, {name}"] == 1
        assert figures[f"energy change, {name}"] < -1.4
        assert figures[f"exact, not centred, {name}"] == 1
        assert figures[f"margin, not centred, {name}"] > 0.3
    others = [figures[f"exact, centred, {name}"] for name in PICTURES[:3]]
    assert others == [1, 1, 1]
    assert figures["margin, centred, horse"] == pytest.approx(0.023, abs=0.003)
    assert 0.3 < figures["exact, centred, horse"] < 0.9


def test_hebbian_unlearning(run):
    figures, _ = run("hebbian_unlearning")
    assert figures["weight difference"] == 0
    for start in ("", "from cue "):
        for name in PICTURES[:3]:
            assert figures[f"{start}before, {name}"] == figures[f"{start}after, {name}"] == 1
        assert figures[f"{start}before, horse"] == 1
        assert figures[f"{start}after, horse"] == pytest.approx(0.432, abs=0.002)
    assert figures["overlap with the nearest"] == 1
    assert figures["lowest overlap of the kept in the sweep"] == 1
    found, predicted = (figures[f"critical strength, {how}"] for how in ("found", "predicted"))
    assert found - 0.05 <= predicted < found


def test_tanh_patterns_1d(run):
    figures, _ = run("tanh_patterns_1d")
    for name in ("sine", "bump 1", "bump 2", "bump 3"):
        cue = figures[f"cue, {name}"]
        assert cue == pytest.approx(0.3, rel=0.05)
        assert figures[f"worst recall, {name}"] < 1e-4
        assert figures[f"radius, {name}"] < 0.95
        assert 0.05 < figures[f"projector, {name}"] < cue
        assert figures[f"Hebbian, {name}"] > cue
        assert figures[f"Hebbian at T = 1, {name}"] > 2 * cue


def test_digits_recall(run):
    figures, _ = run("digits_recall")
    gains = [
        figures[f"accuracy of projector, digit {digit}"]
        - figures[f"accuracy of cue, digit {digit}"]
        for digit in range(10)
    ]
    assert min(gains) > 0.09
    hebbian_losses = [
        digit
        for digit in range(10)
        if figures[f"accuracy of Hebbian, digit {digit}"]
        < figures[f"accuracy of cue, digit {digit}"]
    ]
    assert hebbian_losses == [5, 6]
    assert figures["prototypes stable, Hebbian"] == 0
    assert figures["prototypes stable, projector"] == 10
    assert figures["different final states, Hebbian"] == 1
    assert figures["ends exactly at its prototype, Hebbian"] == 0
    assert figures["ends exactly at its prototype, projector"] == pytest.approx(0.50, abs=0.03)
    assert figures["mean overlap of two prototypes"] == pytest.approx(0.55, abs=0.01)


def test_energy_and_capacity(run):
    figures, _ = run("energy_and_capacity")
    assert figures["largest rise"] == 0
    assert figures["energy, noisy"] < -0.49 < figures["energy, random"] < -0.44
    # One pattern's stability is nearly a coin of the theory's bias: three standard errors.
    for load in (20, 36, 50, 60, 72, 85):
        expected = figures[f"theory, P = {load}"]
        error = 3 * (expected * (1 - expected) / (3 * load)) ** 0.5 + 0.005
        assert figures[f"stable, P = {load}"] == pytest.approx(expected, abs=error)
    # Beyond, errors are bunched, so exact patterns are more frequent than the formula says.
    for load in (100, 120, 138):
        assert 0 < figures[f"stable, P = {load}"] - figures[f"theory, P = {load}"] < 0.12
    assert figures["stable, P = 36"] == 1  # all of them: N/(4 ln N)
    assert figures["stable, P = 72"] == pytest.approx(0.92, abs=0.05)  # most: N/(2 ln N)
    assert figures["overlap, P = 120"] == pytest.approx(0.993, abs=0.004)  # mean-field theory
    assert figures["overlap, P = 138"] == pytest.approx(0.967, abs=0.02)
    assert figures["overlap, P = 200"] < 0.5


def test_oja_sanger_pca(run):
    figures, _ = run("oja_sanger_pca")
    for k in (1, 2, 3):
        assert figures[f"Sanger, component {k}"] > 0.99
        assert figures[f"Oja, neuron {k}"] > 0.99
    assert figures["variance, Sanger"] == pytest.approx(figures["variance, PCA"], abs=0.002)
    assert figures["orthogonality"] < 0.05


def test_bcm_orientation_tuning(run):
    figures, _ = run("bcm_orientation_tuning")
    for what in ("y", "theta"):
        for which in ("smallest", "largest"):
            assert figures[f"{which} {what}"] == pytest.approx(8, rel=0.03)
    assert figures["largest response to another orientation"] < 0.05
    assert figures["largest selectivity before"] < 0.35
    assert figures["smallest selectivity after"] > 0.6
    assert figures["orientations preferred by some neuron"] >= 6
    assert figures["widest tuning (deg)"] < 40


def test_stdp_temporal(run):
    figures, _ = run("stdp_temporal")
    learnt, control = (
        {label.removesuffix(f", {name}"): v for label, v in figures.items() if label.endswith(name)}
        for name in ("recurring sequence", "shuffled control")
    )
    assert learnt["highest change of a neuron's latency (ms)"] < -2.5
    assert control["lowest change of a neuron's latency (ms)"] > 0
    assert learnt["trials with a spike in the sequence"] > 0.95
    assert learnt["rank correlation, weight and position"] < -0.45
    assert abs(control["rank correlation, weight and position"]) < 0.1
    assert learnt["mean weight, first four positions"] > 0.95
    assert learnt["mean weight, last ten positions"] < 0.1
    start, end = (control[f"mean weight, {n} positions"] for n in ("first four", "last ten"))
    assert start == pytest.approx(end, abs=0.1)
