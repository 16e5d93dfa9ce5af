"""``canns infer`` on tables of pairings: what it fits, what it says, and what it refuses."""

import matplotlib.image
import numpy as np
import pytest

import canns as library
from canns.cli._pairings import read_pairings
from canns.inference import SJOSTROM_2001, Protocol, weight_changes
from canns.plasticity import PairSTDP

LAGS = np.array([-60.0, -30, -10, 5, 10, 20, 40])


def _write(path, titles, rows):
    lines = [titles, *(",".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_window_is_fitted(canns, numbers_of, tmp_path):
    rule = PairSTDP(1.0, 0.01, 0.005, 15.0, 30.0)
    changes = weight_changes(rule, [Protocol.pair(lag) for lag in LAGS])
    rows = zip(LAGS, changes, [0.02] * len(LAGS), strict=True)
    data = _write(tmp_path / "window.csv", "lag, Change,error", rows)
    code, out, _ = canns("infer", "--data", data, "--out", tmp_path / "out")
    found = numbers_of(tmp_path / "out" / "infer.json")
    assert code == 0
    assert found["best"] == "pairs"
    fit = found["fits"]["pairs"]
    assert fit["number"] == ["A_plus", "A_minus", "tau_plus", "tau_minus"]
    np.testing.assert_allclose(fit["value"], [0.01, 0.005, 15.0, 30.0], rtol=1e-4)
    assert "Best: pairs." in out
    assert matplotlib.image.imread(tmp_path / "out" / "fit.png").ndim == 3
    assert library.load(tmp_path / "out" / "fit.safetensors").rule.tau_plus == fit["value"][2]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_cortex_needs_triplets(canns, numbers_of, tmp_path):
    data = SJOSTROM_2001
    rows = [
        (p.post[0] - p.pre[0], 1000 / p.period, change, error)
        for p, change, error in zip(*data[:3], strict=True)
    ]
    file = _write(tmp_path / "cortex.csv", "lag,frequency,change,error", rows)
    code, _, _ = canns("infer", "--data", file, "--out", tmp_path / "out")
    found = numbers_of(tmp_path / "out" / "infer.json")
    assert code == 0
    assert found["best"] is None
    assert found["rules"]["rule"][0] == "minimal triplets, all"
    assert found["verdict"].startswith("Cannot tell these apart: minimal triplets")


def test_blocks_of_spikes_are_read(tmp_path):
    rows = [("0", "-5 5", 0.3, 1.0, 30), ("-5 15", 0, 0.1, 2.0, 60)]
    file = _write(tmp_path / "blocks.csv", "pre,post,change,frequency,repeats", rows)
    found = read_pairings(file)
    assert found.errors is None
    assert found.protocols[0] == Protocol((0.0,), (-5.0, 5.0), 30, 1000.0)
    assert found.protocols[1].trains[0][:2].tolist() == [-5.0, 15.0]
    assert found.changes.tolist() == [0.3, 0.1]


REFUSED = {
    "titles": ("lag,chnge\n1,2\n", "chnge", "Did you mean 'change'"),
    "neither lag nor times": ("change\n1\n", "either lag or pre and post", "change"),
    "a word": ("lag,change\n5,much\n", "change in line 2 of --data must be a number", "much"),
    "a gap": ("lag,change\n5,0.1\n,0.2\n", "lag in line 3 of --data must be a number", "''"),
    "not finite": ("lag,change\nnan,0.1\n", "lag in line 2", "nan"),
    "negative frequency": ("lag,change,frequency\n5,0.1,-1\n", "frequency in line 2", "-1"),
    "half a pair": ("lag,change,repeats\n5,0.1,1.5\n", "repeats in line 2", "whole"),
    "equal times": ("pre,post,change\n0 0,5,0.1\n", "pre in line 2", "differ"),
    "too few": ("lag,change\n5,0.1\n-5,-0.2\n", "protocols must be more than 2", "2"),
    "empty": ("", "a CSV file with a line of titles", ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_table_that_cannot_be_used_is_refused(name, canns, tmp_path):
    text, expected, got = REFUSED[name]
    file = tmp_path / "data.csv"
    file.write_text(text)
    code, _, err = canns("infer", "--data", file, "--out", tmp_path / "out")
    assert code == 2
    assert expected in err
    assert got in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "option", [("--neuron", "linear"), ("--rule", "oja"), ("--terms", "all"), ("--folds", 3)]
)
def test_options_for_recordings_are_refused(option, canns, tmp_path):
    file = _write(tmp_path / "data.csv", "lag,change", [(5, 0.1)])
    code, _, err = canns("infer", "--data", file, *option)
    assert code == 2
    assert f"{option[0]} must be left out for a table of pairings" in err
