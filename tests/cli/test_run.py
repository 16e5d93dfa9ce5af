"""What every command that draws shares: files, formats, the JSON, the page, and silence."""

import json
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import canns as package
from canns.cli._app import COMMANDS

SMALL = {
    "recall": ["--size", "16", "--noise", "0.1"],
    "pca": ["--components", "2", "--epochs", "1"],
    "receptive-fields": ["--data", "bars", "--neurons", "2", "--epochs", "1"],
    "stdp": ["--presentations", "1"],
    "capacity": ["--neurons", "30", "--networks", "2", "--probes", "2", "--points", "2"],
    "phase-diagram": [
        *("--neurons", "100", "--loads", "2", "--temperatures", "2"),
        *("--networks", "1", "--probes", "2", "--sweeps", "4"),
    ],
    "reproduce": ["stdp-window"],
    "train": ["oja", "--epochs", "2", "--outputs", "2"],
    "infer": ["--data", str(Path(__file__).with_name("recordings.npz")), "--rule", "oja"],
    "compare": [
        *("hebbian", "storkey", "--neurons", "20", "--points", "2"),
        *("--networks", "2", "--probes", "2", "--basin-load", "0.1"),
    ],
}
JSON = {name: f"{name.replace('-', '_')}.json" for name in SMALL}


class Page(HTMLParser):
    """The tags of a page, with the attributes that could load something."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.sources, self.words = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.sources += [value for name, value in attrs if name in ("src", "href", "data")]

    def handle_data(self, data):
        self.words.append(data)


def test_every_command_that_draws_is_tried():
    assert set(SMALL) == set(COMMANDS) - {"info", "lab", "report"}


@pytest.mark.slow
@pytest.mark.parametrize("name", SMALL)
def test_a_run_is_quiet_has_its_numbers_and_a_page_that_stands_alone(name, canns, tmp_path):
    options = ["--quiet", "--report", "--dpi", 40, "--seed", 3, "--out", tmp_path]
    assert canns(name, *SMALL[name], *options) == (0, "", "")
    run = json.loads((tmp_path / JSON[name]).read_text())
    assert run["command"]["name"] == name
    assert run["command"]["parameters"]["dpi"] == 40
    assert run["seed"] == run["command"]["parameters"]["seed"] == 3
    assert run["versions"]["canns"] == package.__version__
    assert {"python", "jax", "numpy"} <= set(run["versions"])
    assert run["figures"]
    for figure in run["figures"]:
        assert (tmp_path / figure["file"]).stat().st_size > 0
    page = Page((tmp_path / "report.html").read_text())
    assert page.tags.count("img") == len(run["figures"])
    assert all(source.startswith("data:image/") for source in page.sources)
    assert run["command"]["line"] in "".join(page.words)
    assert not {"script", "link", "iframe"} & set(page.tags)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [0, 0.4])
def test_the_line_repeats_the_run(canns, numbers_of, noise, tmp_path):
    given = ["--size", 16, "--noise", noise, "--async", "--seed", 5, "--out", tmp_path / "a b"]
    assert canns("recall", *given)[0] == 0
    path = tmp_path / "a b" / "recall.json"
    first, line = numbers_of(path), json.loads(path.read_text())["command"]["line"]
    path.unlink()
    words = shlex.split(line)
    assert words[:2] == ["canns", "recall"]
    assert canns(*words[1:])[0] == 0
    assert numbers_of(path) == first


@pytest.mark.slow
@pytest.mark.parametrize(
    ("ending", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_pictures_are_of_the_format_that_is_asked_for(canns, tmp_path, ending, start):
    assert canns("recall", "--size", 8, "--format", ending, "--report", "--out", tmp_path)[0] == 0
    assert (tmp_path / f"recall.{ending}").read_bytes().startswith(start)
    (shown,) = Page((tmp_path / "report.html").read_text()).sources
    assert shown.startswith("data:image/svg" if ending == "svg" else "data:image/png")


@pytest.mark.slow
def test_dots_per_inch_scale_a_picture(canns, tmp_path):
    widths = []
    for dpi in (50, 100):
        canns("recall", "--size", 8, "--dpi", dpi, "--out", tmp_path)
        with Image.open(tmp_path / "recall.png") as picture:
            widths.append(picture.width)
    assert widths[1] == pytest.approx(2 * widths[0], abs=3)


@pytest.fixture
def pictures(tmp_path):
    """Return a folder of pictures whose names are markup for a page and for a terminal."""
    folder = tmp_path / "<script>alert(1)"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("<b>&'\"", "[red]", "猫"):
        pixels = rng.integers(0, 255, (12, 12), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{name}.png")
    return folder


@pytest.mark.slow
def test_names_of_files_are_text_and_nothing_else(canns, numbers_of, pictures, tmp_path):
    code, out, _ = canns("recall", pictures, "--size", 12, "--report", "--out", tmp_path / "out")
    assert code == 0
    assert "[red]" in out
    names = numbers_of(tmp_path / "out" / "recall.json")["pattern"]
    assert names == ["1 <b>&'\"", "2 [red]", "3 猫"]
    page = Page((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert not {"script", "b"} & set(page.tags)
    for name in names:
        assert name in "".join(page.words)


@pytest.mark.slow
def test_a_page_is_made_again_from_the_folder(canns, tmp_path):
    canns("recall", "--size", 8, "--report", "--format", "pdf", "--out", tmp_path)
    page = tmp_path / "report.html"
    first = page.read_text()
    page.unlink()
    assert canns("report", tmp_path)[:2] == (0, f"Report: {page}\n")
    assert page.read_text() == first


def test_a_folder_without_one_run_is_refused(canns, tmp_path):
    (tmp_path / "other.json").write_text("[1]")
    (tmp_path / "broken.json").write_bytes(b"\xff{")
    run = json.dumps({"format": "canns-run-1"})
    for names, words in [((), "got none in"), (("a", "b"), "got a.json, b.json in")]:
        for name in names:
            (tmp_path / f"{name}.json").write_text(run)
        code, out, err = canns("report", tmp_path)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert words in err
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("damage", "words"),
    [({}, "damaged"), ({"figures": [{"file": "x", "shown": "../x.png"}]}, "'../x.png'")],
)
def test_a_damaged_run_is_one_line(canns, tmp_path, damage, words):
    folder = tmp_path / "run"
    folder.mkdir()
    (tmp_path / "x.png").write_bytes(b"secret")
    (folder / "a.json").write_text(json.dumps({"format": "canns-run-1", **damage}))
    code, out, err = canns("report", folder)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert words in err


@pytest.mark.slow
@pytest.mark.filterwarnings("default::canns.errors.CannsWarning")
def test_a_warning_is_a_line_and_is_kept(canns, tmp_path):
    data = tmp_path / "spikes.npy"
    np.save(data, np.eye(4))  # too few for the neuron to fire
    with_note = ["train", "stdp", "--data", data, "--epochs", 1, "--outputs", 1]
    code, _, err = canns(*with_note, "--out", tmp_path / "out")
    assert code == 0
    notes = re.findall(r"canns: note: (.*)", err)
    assert notes
    assert json.loads((tmp_path / "out" / "train.json").read_text())["warnings"] == notes
    assert canns(*with_note, "--quiet", "--out", tmp_path / "out")[2] == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_does_not_load_jax(name):
    script = (
        "import runpy, sys\n"
        "sys.modules['jax'] = sys.modules['brainstate'] = sys.modules['matplotlib'] = None\n"
        f"sys.argv = ['canns', {name!r}, '--help']\n"
        "runpy.run_module('canns', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "--help" in done.stdout
