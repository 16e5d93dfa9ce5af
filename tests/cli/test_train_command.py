"""``canns train``: every rule, on data of one's own; it stops, resumes to the bit, and refuses."""

import csv
import json

import numpy as np
import pytest

import canns as package
import canns.cli._epochs as epochs_module
from canns import task
from canns._locks import locked
from canns.cli._rules import rules
from canns.plasticity import LAYER_RULES, STORAGE_RULES

RULES = [*STORAGE_RULES, *(name for name in LAYER_RULES if name not in STORAGE_RULES)]
REPEATING = [name for name in RULES if rules()[name].repeats]


@pytest.fixture
def data(tmp_path):
    """Return a file of samples that every rule can take: few pictures of 5 x 5 pixels."""
    rng = np.random.default_rng(0)
    path = tmp_path / "samples.npy"
    np.save(path, rng.random((12, 5, 5)))
    return path


def test_the_catalogue_is_complete():
    assert list(rules()) == RULES


def test_without_a_rule_it_lists_all(canns):
    code, out, _ = canns("train")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == RULES


@pytest.mark.long
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_trains_its_model(canns, rule, data, tmp_path):
    suit = rules()[rule]
    options = [] if suit.stores else ["--outputs", 4]
    options += ["--epochs", 2, "--tolerance", 0] if suit.repeats else []
    out = tmp_path / "out"
    assert canns("train", rule, "--data", data, *options, "--quiet", "--out", out)[::2] == (0, "")
    model = package.load(out / "model.safetensors")
    assert type(model).__name__ == suit.model
    assert np.isfinite(np.asarray(model.W.value)).all()
    with (out / "training.csv").open() as file:
        header, *rows = csv.reader(file)
    assert header[:4] == ["pass", "|dW|", "|W|", "|dW| / |W|"]
    assert len(rows) == (2 if suit.repeats else 1)
    assert float(rows[0][1]) > 0
    figures = {figure["file"] for figure in json.loads((out / "train.json").read_text())["figures"]}
    assert figures >= ({"weights.png"} if suit.stores else {"learning_curve.png"})
    assert ("fields.png" in figures) is (not suit.stores and rule != "intrinsic_plasticity")


@pytest.mark.slow
def test_digits_are_the_default_and_sanger_finds_their_components(canns, numbers_of, tmp_path):
    assert canns("train", "sanger", "--outputs", 4, "--out", tmp_path)[0] == 0
    found = numbers_of(tmp_path / "train.json")
    samples, _ = task.digits()
    eigenvalues = np.linalg.eigvalsh(np.cov(samples.T))[::-1]
    best = eigenvalues[:4].sum() / eigenvalues.sum()
    assert 0.99 * best < found["explained variance"] <= best + 1e-6
    assert found["explained variance"] == found["passes over the data"]["explained variance"][-1]


@pytest.mark.slow
def test_it_stops_once_the_weights_have_settled(canns, numbers_of, tmp_path):
    code, out, _ = canns("train", "diederich_opper", "--tolerance", 0.01, "--out", tmp_path)
    found = numbers_of(tmp_path / "train.json")
    changes = np.array(found["passes over the data"]["|dW| / |W|"])
    assert code == 0
    assert "the weights have settled" in out
    assert found["passes"] == len(changes) < 100
    assert (changes[-3:] < 0.01).all()
    assert not (changes[-4:-1] < 0.01).all()


def test_weights_that_change_more_and_more_have_not_settled():
    rising = [epochs_module.Pass(change, 1.0, 0.0) for change in (1e-5, 2e-5, 4e-5)]
    assert not epochs_module.settled(rising, 1e-3)
    assert epochs_module.settled(rising[::-1], 1e-3)
    assert not epochs_module.settled(rising[::-1], 2e-5)
    assert not epochs_module.settled(rising[1::-1], 1e-3)


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:SpikingLayer has learnt nothing:canns.errors.CannsWarning")
@pytest.mark.parametrize("rule", REPEATING)
def test_a_resumed_run_ends_as_one_that_was_not_interrupted(canns, rule, data, tmp_path):
    options = [] if rules()[rule].stores else ["--outputs", 3]
    run = ["train", rule, "--data", data, *options, "--tolerance", 0, "--seed", 2, "--quiet"]
    canns(*run, "--epochs", 5, "--out", tmp_path / "whole")
    canns(*run, "--epochs", 2, "--out", tmp_path / "parts")
    assert canns(*run, "--epochs", 5, "--resume", "--out", tmp_path / "parts")[::2] == (0, "")
    whole, parts = (package.load(tmp_path / n / "model.safetensors") for n in ("whole", "parts"))
    for name, box in whole.boxes().items():
        np.testing.assert_array_equal(parts.boxes()[name].value, box.value, err_msg=name)
    tables = [(tmp_path / name / "training.csv").read_text() for name in ("whole", "parts")]
    assert tables[0] == tables[1]


@pytest.mark.slow
def test_ctrl_c_leaves_a_run_that_can_be_resumed(canns, data, numbers_of, monkeypatch, tmp_path):
    run = ["train", "oja", "--data", data, "--tolerance", 0, "--epochs", 6, "--out", tmp_path / "o"]
    measured, calls = epochs_module.measured, []

    def interrupted(*arguments):
        calls.append(arguments)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return measured(*arguments)

    monkeypatch.setattr(epochs_module, "measured", interrupted)
    code, _, err = canns(*run)
    assert code == 130
    assert "stopped after 3 passes; --resume goes on" in err
    assert "Traceback" not in err
    monkeypatch.undo()
    assert canns(*run, "--resume")[0] == 0
    assert numbers_of(tmp_path / "o" / "train.json")["passes"] == 6
    code, out, _ = canns(*run, "--resume")
    assert code == 0
    assert "nothing was left to learn" in out


OTHER = {
    "rule": ["sanger"],
    "hyperparameters": ["oja", "--learning-rate", "0.001"],
    "outputs": ["oja", "--outputs", "3"],
    "seed": ["oja", "--seed", "1"],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHER)
def test_another_run_is_not_resumed(canns, data, name, tmp_path):
    out = ["--data", data, "--epochs", 2, "--out", tmp_path / "out"]
    assert canns("train", "oja", *out)[0] == 0
    before = (tmp_path / "out" / "model.safetensors").read_bytes()
    code, _, err = canns("train", *OTHER[name], *out, "--resume")
    assert code == 2
    assert f"--resume must be used with the same run, of {name} " in err
    assert (tmp_path / "out" / "model.safetensors").read_bytes() == before


@pytest.mark.slow
def test_other_data_are_not_resumed(canns, data, tmp_path):
    run = ["train", "oja", "--data", data, "--epochs", 2, "--out", tmp_path / "out"]
    assert canns(*run)[0] == 0
    np.save(data, np.random.default_rng(1).random((12, 5, 5)))
    code, _, err = canns(*run, "--resume")
    assert code == 2
    assert "of data" in err


@pytest.mark.slow
def test_a_model_of_another_kind_is_not_resumed(canns, data, tmp_path):
    canns("recall", "--size", 8, "--save", "--out", tmp_path)
    (tmp_path / "network.safetensors").rename(tmp_path / "model.safetensors")
    code, _, err = canns("train", "oja", "--data", data, "--resume", "--out", tmp_path)
    assert (code, "another model" in err) == (2, True)


@pytest.mark.slow
def test_hyperparameters_are_set_by_name(canns, numbers_of, data, tmp_path):
    run = ["train", "kohonen", "--data", data, "--outputs", 6, "--epochs", 2, "--out", tmp_path]
    rate = ["--learning-rate", 0.5, "--set", "shape=2x3", "--set", "width=0.5"]
    assert canns(*run, *rate)[0] == 0
    rule = numbers_of(tmp_path / "train.json")["rule"]
    assert "learning_rate=0.5, width=0.5" in rule
    assert "shape=(2, 3)" in rule
    assert (tmp_path / "map.png").exists()
    parts = ["train", "foldiak", "--data", data, "--epochs", 1, "--set", "1.p=0.25"]
    assert canns(*parts, "--out", tmp_path)[0] == 0
    assert "Decorrelation(learning_rate=0.1, p=0.25)" in numbers_of(tmp_path / "train.json")["rule"]


REFUSED = {
    "outputs": (["storkey", "--outputs", "3"], "--outputs must be left out for storkey"),
    "epochs": (["storkey", "--epochs", "3"], "stores all patterns in one pass"),
    "tolerance": (["adatron", "--tolerance", "0.1"], "stores all patterns in one pass"),
    "one pass": (["adatron", "--resume"], "stores all patterns in one pass"),
    "nothing there": (["oja", "--resume"], "no model.safetensors in"),
    "size": (["oja", "--size", "8"], "--size must be left out without --data"),
    "rate": (["oja", "--learning-rate", "fast"], "a number or auto"),
    "no rate": (["pseudo_inverse", "--learning-rate", "1"], "which has none of its own"),
    "part's rate": (["apex", "--learning-rate", "0.1"], "Use --set 0.learning_rate=0.1"),
    "no auto": (["stdp", "--learning-rate", "auto"], "theory gives no rate"),
    "too fast": (["oja", "--learning-rate", "100"], "bound of stability"),
    "name": (["oja", "--set", "rate=1"], "a hyperparameter of Oja, of learning_rate"),
    "no value": (["kohonen", "--set", "width"], "NAME=VALUE"),
    "value": (["kohonen", "--set", "width=wide"], "width must be a real number"),
    "two ways": (["kohonen", "--set", "learning_rate=1"], "Use --learning-rate"),
    "part": (["foldiak", "--set", "7.p=0.1"], "of part 0 or 1 or 2"),
    "rule": (["hebian"], "Did you mean 'hebbian'?"),
    "white": (["ica", "--outputs", "65"], "--outputs must be at most 64"),
}


@pytest.mark.parametrize(("words", "said"), REFUSED.values(), ids=REFUSED)
def test_what_a_rule_cannot_use_is_refused_and_nothing_is_written(canns, words, said, tmp_path):
    code, out, err = canns("train", *words, "--out", tmp_path / "out")
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_data_that_a_rule_cannot_use_are_refused(canns, tmp_path):
    path = tmp_path / "x.csv"
    for rule, text, said in [
        ("storkey", "1,1\n", "at least two values in pattern 'x'"),
        ("stdp", "-1,0.5\n", "to stand for rates"),
        ("ica", "1,2\n", "--outputs must be at most 1"),
        ("oja", "1,2\n1,2\n", "samples that differ"),
        ("bcm", "0,0\n", "samples that differ"),
        ("stdp", "0,0\n", "more than zeros"),
    ]:
        path.write_text(text)
        code, _, err = canns("train", rule, "--data", path, "--out", tmp_path / "out")
        assert (code, said in err) == (2, True), err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_spikes_are_taken_as_time_steps(canns, numbers_of, tmp_path):
    spikes = (np.random.default_rng(0).random((40, 3)) < 0.5).astype(float)
    np.save(tmp_path / "s.npy", spikes)
    canns("train", "pair_stdp", "--data", tmp_path / "s.npy", "--epochs", 1, "--out", tmp_path)
    assert "as spikes, a time step a row" in numbers_of(tmp_path / "train.json")["data"]


def test_a_second_run_in_the_same_folder_is_refused(canns, tmp_path):
    with locked(tmp_path / "model.safetensors", "--out"):
        code, _, err = canns("train", "oja", "--epochs", "1", "--out", tmp_path)
    assert code == 2
    assert "--out must be a file that no other run writes" in err
    assert not [*tmp_path.iterdir()]
