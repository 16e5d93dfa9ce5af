"""Data from files: what each kind of file gives, and that a bad one is refused by name."""

import numpy as np
import pytest
from PIL import Image

from canns.errors import ValidationError
from canns.task import LoadedData, load_data, load_image

GREY = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20


@pytest.fixture
def folder(tmp_path):
    """Return a folder of two pictures, one of them with a name that is not ASCII, and a note."""
    Image.fromarray(GREY).save(tmp_path / "b.png")
    Image.fromarray(255 - GREY).save(tmp_path / "a<é>.png")
    Image.fromarray(GREY).save(tmp_path / ".hidden.png")
    (tmp_path / "note.md").write_text("not a picture")
    (tmp_path / "below.png").mkdir()
    return tmp_path


def write(folder, name, content):
    path = folder / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif isinstance(content, dict):
        np.savez(path, **content)
    else:
        np.save(path, content)
    return path


def test_a_picture_is_one_sample(folder):
    values, names, shape = load_data(folder / "b.png")
    np.testing.assert_allclose(values, GREY.reshape(1, 12) / 255, rtol=1e-6)
    assert (names, shape) == (("b",), (3, 4))


def test_a_folder_gives_its_pictures_by_name(folder):
    data = load_data(folder)
    assert isinstance(data, LoadedData)
    assert data.names == ("a<é>", "b")
    np.testing.assert_allclose(data.values.sum(axis=0), 1.0, rtol=1e-6)


def test_pictures_are_cut_to_a_size(folder):
    data = load_data(folder, 3)
    assert (data.values.shape, data.shape) == ((2, 9), (3, 3))
    np.testing.assert_array_equal(data.values[1], load_image(folder / "b.png", 3).ravel())


MATRIX = np.array([[1.0, -1.0, 0.5], [0.0, 2.0, 3.0]])
ARRAYS = {
    "vector.npy": (MATRIX[0], MATRIX[:1], ("vector",), None),
    "matrix.npy": (MATRIX, MATRIX, ("matrix 1", "matrix 2"), None),
    "bits.npy": (MATRIX > 0, MATRIX > 0, ("bits 1", "bits 2"), None),
    "pictures.npy": (np.ones((2, 3, 2)), np.ones((2, 6)), ("pictures 1", "pictures 2"), (3, 2)),
    "one.npz": ({"x": MATRIX}, MATRIX, ("one 1", "one 2"), None),
    "rows.npz": ({"x": MATRIX[0], "y": MATRIX[1]}, MATRIX, ("x", "y"), None),
    "grey.npz": ({"x": MATRIX, "y": -MATRIX}, [*map(np.ravel, (MATRIX, -MATRIX))], "xy", (2, 3)),
    "a.csv": ("1,-1,.5\n0,2,3e0\n", MATRIX, ("a 1", "a 2"), None),
    "mark.csv": ("\ufeff1,-1,.5\r\n0,2,3\r\n", MATRIX, ("mark 1", "mark 2"), None),
    "titles.csv": ('"x","y","z, too"\n1,-1,.5\n\n0,2,3\n', MATRIX, ("titles 1", "titles 2"), None),
    "semicolons.csv": ("1;-1;.5\n0; 2; 3", MATRIX, ("semicolons 1", "semicolons 2"), None),
    "tabs.tsv": ("1\t-1\t.5\n0\t2\t3\n", MATRIX, ("tabs 1", "tabs 2"), None),
    "spaces.txt": (" 1  -1 .5\n0 2 3\n", MATRIX, ("spaces 1", "spaces 2"), None),
    "column.csv": ("x\n1\n2\n", [[1], [2]], ("column 1", "column 2"), None),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_and_tables_have_a_sample_a_row(name, tmp_path):
    content, values, names, shape = ARRAYS[name]
    data = load_data(str(write(tmp_path, name, content)))
    np.testing.assert_array_equal(data.values, values)
    assert (data.names, data.shape) == (tuple(names), shape)


OBJECTS = np.array([{}, []], dtype=object)
BAD = {
    "object.npy": (OBJECTS, "it holds object, not numbers"),
    "object.npz": ({"x": OBJECTS}, "it holds object, not numbers"),
    "words.npy": (np.array(["a", "b"]), "words.npy"),
    "complex.npy": (np.array([1j, 2]), "complex.npy"),
    "nan.npy": (np.array([1.0, np.nan]), "finite"),
    "empty.npy": (np.empty((0, 3)), "non-empty"),
    "scalar.npy": (np.array(3.0), "of shape"),
    "colours.npy": (np.ones((4, 4, 3)), "Make colours grey"),
    "deep.npy": (np.ones((2, 2, 2, 2)), "of shape"),
    "broken.npy": (b"\x93NUMPY nothing", "an array of numbers"),
    "pickle.npy": (b"\x80\x04]\x94.", "an array of numbers"),
    "broken.npz": (b"PK nothing", "arrays of numbers"),
    "shapes.npz": ({"x": np.ones(2), "y": np.ones(3)}, "of one shape"),
    "cubes.npz": ({"x": np.ones((2, 2, 2)), "y": np.ones((2, 2, 2))}, "of one shape"),
    "ragged.csv": ("1,2\n3\n", "1 in line 2"),
    "word.csv": ("1,2\n3,x\n", "'x' in line 2"),
    "mixed titles.csv": ("x,2\n3,4\n", "'x' in line 1"),
    "titles only.csv": ("x,y\n", "'x' in line 1"),
    "gap.csv": ("1,2\n3,\n", "'' in line 2"),
    "nan.csv": ("1,nan\n", "finite"),
    "empty.csv": ("\n \n", "empty"),
    "binary.csv": (b"\xff\xfe\x00", "a table of text"),
    "broken.png": (b"\x89PNG\r\n", "readable picture"),
    "no ending": ("words", "readable picture"),
    "missing.csv": (None, "neither"),
    "missing.png": (None, "no file"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_by_its_name(name, tmp_path):
    content, words = BAD[name]
    path = tmp_path / name if content is None else write(tmp_path, name, content)
    with pytest.raises(ValidationError, match=words) as caught:
        load_data(path)
    assert name in str(caught.value)


def test_pictures_of_several_sizes_need_a_size(folder):
    Image.fromarray(GREY[:2]).save(folder / "c.png")
    with pytest.raises(ValidationError, match=r"'c.png' of 2 x 4.*Give a size"):
        load_data(folder)
    assert load_data(folder, 2).values.shape == (3, 4)


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="with none"):
        load_data(tmp_path)


def test_a_size_is_for_pictures_only(tmp_path):
    with pytest.raises(ValidationError, match=r"size must be None for 'm.npy'"):
        load_data(write(tmp_path, "m.npy", MATRIX), 8)
