"""Each command does its job, says what it found, and turns bad input into one line."""

import json
import os
import subprocess
import sys

import matplotlib.image
import numpy as np
import pytest

from canns import task

pytestmark = pytest.mark.slow


def test_recall_of_the_bundled_photographs(canns, numbers_of, tmp_path):
    code, out, _ = canns("recall", "--size", 48, "--seed", 1, "--out", tmp_path)
    report = numbers_of(tmp_path / "recall.json")
    assert code == 0
    assert report["pattern"] == ["camera", "astronaut", "coffee", "horse"]
    # 30 % of 2304 pixels flipped: an overlap of 1 - 2 * 691/2304.
    np.testing.assert_allclose(report["overlap of cue"], 1 - 2 * 691 / 2304, atol=1e-6)
    assert min(report["overlap of recall"]) > 0.9
    assert report["outcome"] == ["converged"] * 4
    assert "astronaut" in out
    assert str(tmp_path / "recall.png") in out
    assert matplotlib.image.imread(tmp_path / "recall.png").ndim == 3


def test_recall_of_given_files_asynchronously(canns, numbers_of, tmp_path):
    rng = np.random.default_rng(0)
    paths = [tmp_path / name for name in ("a.png", "b.png")]
    for path in paths:
        matplotlib.image.imsave(path, rng.random((16, 16)), cmap="gray")
    code, _, _ = canns("recall", *paths, "--size", 16, "--noise", 0.1, "--async", "--out", tmp_path)
    report = numbers_of(tmp_path / "recall.json")
    assert code == 0
    assert report["pattern"] == ["1 a", "2 b"]
    assert report["overlap of recall"] == [1.0, 1.0]
    command = json.loads((tmp_path / "recall.json").read_text())["command"]
    assert command["parameters"]["async"] is True


def test_recall_is_repeatable(canns, numbers_of, tmp_path):
    for name in ("one", "two"):
        canns("recall", "--size", 24, "--noise", 0.45, "--async", "--out", tmp_path / name)
    one, two = (numbers_of(tmp_path / name / "recall.json") for name in ("one", "two"))
    assert one == two


def test_noise_changes_the_cue(canns, numbers_of, tmp_path):
    canns("recall", "--size", 16, "--noise", 0.0, "--out", tmp_path)
    assert numbers_of(tmp_path / "recall.json")["overlap of cue"] == [1.0] * 4


def test_pca_agrees_with_an_svd(canns, numbers_of, tmp_path):
    code, _, _ = canns("pca", "--components", 4, "--epochs", 50, "--out", tmp_path)
    components = numbers_of(tmp_path / "pca.json")["components"]
    assert code == 0
    assert min(components["|cos| with PCA"]) > 0.995
    share = components["variance share, PCA"]
    samples, _ = task.digits()
    eigenvalues = np.linalg.eigvalsh(np.cov(samples.T))[::-1]
    np.testing.assert_allclose(share, eigenvalues[:4] / eigenvalues.sum(), rtol=1e-4)


def test_receptive_fields_on_bars_reach_the_fixed_point_of_bcm(canns, numbers_of, tmp_path):
    code, _, _ = canns("receptive-fields", "--data", "bars", "--neurons", 4, "--out", tmp_path)
    neurons = numbers_of(tmp_path / "receptive_fields.json")["neurons"]
    assert code == 0
    # Cyclic presentation: y* = (1 - (1-a)^K)/(a (1-a)^(K-1)), K = 8, a = 1/1000.
    a, count = 1e-3, 8
    expected = (1 - (1 - a) ** count) / (a * (1 - a) ** (count - 1))
    np.testing.assert_allclose(neurons["peak y"], expected, rtol=2e-3)
    # One of eight responses is the peak, the others are near zero: 1 - 1/8.
    np.testing.assert_allclose(neurons["selectivity after"], 7 / 8, atol=0.01)


def test_receptive_fields_on_patches_become_selective(canns, numbers_of, tmp_path):
    canns("receptive-fields", "--epochs", 20, "--seed", 1, "--out", tmp_path)
    neurons = numbers_of(tmp_path / "receptive_fields.json")["neurons"]
    assert np.mean(neurons["selectivity after"]) > np.mean(neurons["selectivity before"]) + 0.05
    assert len(set(neurons["orientation (deg)"])) > 2


AT_ZERO = {"mid": 0.777 * np.exp(-0.5 / 16.8), "ltp": 0.777, "both": 0.504, "none": 0}


@pytest.mark.parametrize(("coincidence", "at_zero"), AT_ZERO.items())
def test_stdp_window_and_sequence(canns, numbers_of, tmp_path, coincidence, at_zero):
    options = ["--coincidence", coincidence, "--presentations", 60, "--out", tmp_path]
    code, _, _ = canns("stdp", *options)
    report = numbers_of(tmp_path / "stdp.json")
    window = report["window"]
    assert code == 0
    np.testing.assert_allclose(window["measured"], window["theory"], atol=5e-7)
    assert window["measured"][window["lag"].index(0)] == pytest.approx(at_zero, abs=1e-6)
    latencies = report["sequence"]["latencies"]
    assert latencies[-1] < latencies[0]


def test_info_names_versions_and_devices(canns):
    code, out, _ = canns("info")
    assert code == 0
    for word in ("canns", "jax", "brainstate", "devices", "precision", "compilation cache"):
        assert word in out
    assert "in memory only" in out


def test_info_counts_what_the_cache_holds(tmp_path):
    for name in ("jit_a-1-cache", "jit_b-2-cache", "jit_a-1-atime"):
        (tmp_path / name).write_bytes(bytes(2**19))
    done = subprocess.run(
        [sys.executable, "-c", "from canns.cli import main; main()", "info"],
        env={**os.environ, "CANNS_CACHE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"{tmp_path} (2 programs, 1.5 MiB)" in done.stdout


def test_a_cache_that_cannot_be_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", "from canns.cli import main; main()", "info"],
        env={**os.environ, "CANNS_CACHE": str(tmp_path / "file")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("canns: CANNS_CACHE must be a folder")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["recall", "nosuch.png"], ["nosuch.png"]),
        (["recall", __file__], ["test_commands.py"]),
        (["recall", "--size", "0"], ["--size"]),
        (["recall", "--noise", "1.5"], ["--noise"]),
        (["recall", "--rule", "magic"], ["--rule", "magic"]),
        (["recall", "--seed", "-1"], ["--seed"]),
        (["pca", "--learning-rate", "-1"], ["--learning-rate"]),
        (["pca", "--epochs", "none"], ["--epochs"]),
        (["stdp", "--out", __file__], ["test_commands.py"]),
        (["nosuch"], ["nosuch"]),
        (["recall", "--nosuch"], ["--nosuch"]),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(canns, tmp_path, monkeypatch, arguments, words):
    monkeypatch.chdir(tmp_path)
    code, _, err = canns(*arguments)
    last = err.rstrip().splitlines()[-1]
    assert code == 2
    assert last.startswith("canns: ")
    assert "Traceback" not in err
    for word in words:
        assert word in last


@pytest.mark.parametrize("command", ["recall", "pca", "receptive-fields", "stdp", "info"])
def test_help_of_each_command(canns, command):
    code, out, _ = canns(command, "--help")
    assert code == 0
    assert "--help" in out
    assert command in canns("--help")[1]


def test_no_arguments_shows_the_help(canns):
    assert canns()[:2] == canns("--help")[:2]


def test_without_typer_it_says_what_to_install(tmp_path):
    script = "import sys; sys.modules['typer'] = None; from canns.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode != 0
    assert "pip install 'canns[cli]'" in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak from the kernel")
def test_recall_at_full_size_stays_under_three_gib(tmp_path):
    script = (
        "from pathlib import Path\n"
        "from canns.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        # Not ru_maxrss, which a process begins with at the peak of the one that started it.
        "peak = Path('/proc/self/status').read_text().split('VmHWM:')[1]\n"
        "print(peak.split()[0])"
    )
    command = [sys.executable, "-c", script, "recall", "--size", "128", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[-1]) < 3 * 1024**2
