"""``canns recall`` on files: what is stored, how it became ±1, and what is refused."""

import numpy as np
import pytest
from PIL import Image

import canns as package
from canns import task

RNG = np.random.default_rng(0)
SIGNS = RNG.choice([-1.0, 1.0], (3, 20))


@pytest.fixture
def folder(tmp_path):
    for name in ("b", "a"):
        pixels = RNG.integers(0, 255, (20, 30), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
    np.save(tmp_path / "signs.npy", SIGNS)
    np.save(tmp_path / "bits.npy", SIGNS > 0)
    np.save(tmp_path / "graded.npy", RNG.random((2, 4, 5)))
    np.savez(tmp_path / "named.npz", left=SIGNS[0], right=SIGNS[1])
    np.savetxt(tmp_path / "table.csv", SIGNS, delimiter=",", fmt="%d")
    return tmp_path


FILES = {
    "signs.npy": (["1 signs 1", "2 signs 2", "3 signs 3"], "two values"),
    "bits.npy": (["1 bits 1", "2 bits 2", "3 bits 3"], "two values"),
    "graded.npy": (["1 graded 1", "2 graded 2"], "Otsu"),
    "named.npz": (["1 left", "2 right"], "two values"),
    "table.csv": (["1 table 1", "2 table 2", "3 table 3"], "two values"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
def test_a_file_is_stored_and_recalled(canns, numbers_of, folder, name, tmp_path):
    names, how = FILES[name]
    run = ["recall", folder / name, "--rule", "pseudo_inverse", "--noise", 0.05]
    assert canns(*run, "--save", "--out", tmp_path / "out")[0] == 0
    found = numbers_of(tmp_path / "out" / "recall.json")
    assert found["pattern"] == names
    assert found["binarised"] == [how] * len(names)
    network = package.load(tmp_path / "out" / "network.safetensors")
    if name != "graded.npy":
        # The projection onto the patterns leaves each as it is, up to the missing self-couplings.
        fields = SIGNS[: len(names)] @ np.asarray(network.W.value).T
        np.testing.assert_array_equal(np.sign(fields), SIGNS[: len(names)])


@pytest.mark.slow
def test_a_folder_gives_its_pictures_and_more_can_follow(canns, numbers_of, folder, tmp_path):
    np.save(folder / "more.npy", RNG.choice([-1.0, 1.0], (1, 64)))
    code, _, _ = canns("recall", folder, folder / "more.npy", "--size", 8, "--out", tmp_path / "o")
    assert code == 0
    assert numbers_of(tmp_path / "o" / "recall.json")["pattern"] == ["1 a", "2 b", "3 more"]


@pytest.mark.slow
def test_many_patterns_are_counted_and_the_first_are_drawn(canns, numbers_of, tmp_path):
    np.save(tmp_path / "many.npy", task.random_patterns(60, 100, seed=0))
    code, out, _ = canns("recall", tmp_path / "many.npy", "--out", tmp_path)
    assert code == 0
    assert "... and 20 more, in the JSON" in out
    assert len(numbers_of(tmp_path / "recall.json")["pattern"]) == 60


def bad_files(folder):
    (folder / "ragged.csv").write_text("1,2\n3\n")
    (folder / "words.csv").write_text("1,2\n3,x\n")
    np.save(folder / "nan.npy", np.array([[1.0, np.nan]]))
    np.save(folder / "objects.npy", np.array([{}], dtype=object))
    np.save(folder / "cube.npy", np.ones((2, 2, 2, 2)))
    np.save(folder / "flat.npy", np.ones((2, 5)))
    (folder / "broken.png").write_bytes(b"\x89PNG")
    Image.fromarray(np.zeros((1, 1), np.uint8)).save(folder / "pixel.png")
    (folder / "none").mkdir()


BAD = {
    "ragged.csv": "1 in line 2",
    "words.csv": "'x' in line 2",
    "nan.npy": "finite",
    "objects.npy": "it holds object, not numbers",
    "cube.npy": "of shape",
    "flat.npy": "at least two values in pattern 'flat 1'",
    "broken.png": "readable picture",
    "pixel.png": "at least two values in pattern 'pixel'",
    "none": "a folder with pictures",
    "missing": "no file",
    "signs.npy graded.npy bits.npy a.png": "of one number of neurons",
    "signs.npy --size 8": "--size must be left out",
}


@pytest.mark.parametrize("words", BAD)
def test_a_bad_file_is_one_line_and_nothing_is_written(canns, folder, words, monkeypatch):
    bad_files(folder)
    monkeypatch.chdir(folder)
    code, out, err = canns("recall", *words.split(), "--out", "out")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert BAD[words] in err
    assert not (folder / "out").exists()
