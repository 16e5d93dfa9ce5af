"""Files that somebody sends: what is read, what is refused, and that it says so in one line."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image

import canns
from canns import task
from canns._formats import PICTURES
from canns.cli import main
from canns.errors import CannsError
from canns.lab import uploads
from canns.lab.montage import picture_of
from canns.lab.own_data import DataSession, data_program
from canns.lab.uploads import MOST_BYTES, MOST_ROWS, plain_name, read_upload

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(pwned) print\n"


def picture(kind="PNG", size=(40, 30), seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", PICTURES)
def test_pictures_are_read_as_the_library_reads_them(kind, tmp_path):
    content = picture(kind)
    read = read_upload("face.any", content, 16)
    (tmp_path / "face").write_bytes(content)
    expected = task.load_image(tmp_path / "face", 16)
    np.testing.assert_array_equal(read.values[0], expected.ravel())
    assert (read.names, read.shape) == (("face",), (16, 16))


@pytest.mark.parametrize("kind", ["ICO", "PCX", "TGA", "SGI", "PDF", "EPS"])
def test_other_formats_are_not_tried(kind):
    with pytest.raises(CannsError, match="as PNG, JPEG"):
        read_upload("face.png", picture(kind), 16)


def test_a_table_has_a_sample_a_row():
    read = read_upload("my spins.csv", b"a,b,c\n1,0,1\n0,1,0.5\n", 16)
    assert read.values.tolist() == [[1, 0, 1], [0, 1, 0.5]]
    assert read.names == ("my spins 1", "my spins 2")
    assert read.shape is None


def _bomb(side):
    file = io.BytesIO()
    Image.new("1", (side, side)).save(file, "PNG")
    return file.getvalue()


def _declared(width, height):
    """Return the head of a GIF that says it has so many pixels."""
    return b"GIF89a" + width.to_bytes(2, "little") + height.to_bytes(2, "little") + bytes(20)


REFUSED = {
    "text": ("face.png", b"not a picture"),
    "empty": ("face.png", b""),
    "eps": ("face.png", EPS),
    "large": ("face.png", bytes(MOST_BYTES + 1)),
    "bomb": ("face.png", _bomb(5_000)),
    "larger bomb": ("face.png", _bomb(10_000)),
    "largest bomb": ("face.png", _bomb(14_000)),
    "declared": ("face.gif", _declared(65_535, 65_535)),
    "cut": ("face.png", picture()[:-40]),
    "words": ("table.csv", b"1,2\nthree,four\n"),
    "ragged": ("table.csv", b"1,2\n3\n"),
    "bytes": ("table.csv", b"\xff\xfe\x00\x01,\n"),
    "nan": ("table.csv", b"1,nan\n"),
    "rows": ("table.csv", b"1,2\n" * (MOST_ROWS + 2)),
    "columns": ("table.csv", b"1," * 5000),
    "one column": ("table.csv", b"1\n2\n"),
    "blank": ("table.csv", b"\n\n"),
}


@pytest.mark.parametrize(("name", "content"), REFUSED.values(), ids=REFUSED)
def test_a_bad_file_is_refused_in_one_line_and_changes_nothing(name, content):
    session = DataSession(16)
    session.add("good.png", picture())
    before = session.patterns, [*session.names], [*session.files]
    with pytest.raises(CannsError) as refused:
        session.add(name, content)
    line = str(refused.value)
    assert "\n" not in line
    assert len(line) < 300
    assert name.split(".")[0] in line
    assert not re.search(r"/tmp|sent", line)
    assert (session.patterns is before[0], session.names, session.files) == (True, *before[1:])


def test_a_bomb_is_refused_before_it_is_decoded(monkeypatch):
    monkeypatch.setattr(uploads.task, "load_image", lambda *_, **__: pytest.fail("it was decoded"))
    with pytest.raises(CannsError, match="pixels"):
        read_upload("bomb.png", _bomb(5_000), 16)


def test_one_value_everywhere_is_refused():
    with pytest.raises(CannsError, match="two values"):
        DataSession(16).add("flat.csv", b"1,1,1\n")


def test_the_name_of_a_file_is_never_a_path():
    for name in ("../../etc/passwd", "/etc/passwd", "C:\\windows\\passwd", "a/b/../passwd"):
        assert plain_name(name) == "passwd"
    assert plain_name("x" * 300 + ".png") == "x" * 40 + ".png"
    assert plain_name("a\nb\x00\x1b[31m.png") == "ab[31m.png"
    assert [plain_name(name) for name in ("", "..", "/", "...")] == ["file"] * 4


def test_data_of_several_widths_are_refused():
    session = DataSession(16)
    session.add("a.csv", b"1,0\n0,1\n")
    with pytest.raises(CannsError, match="of 2 numbers a sample"):
        session.add("face.png", picture())


def test_too_many_patterns_are_refused():
    session = DataSession(16)
    session.add("a.csv", b"1,0\n" * MOST_ROWS)
    with pytest.raises(CannsError, match="patterns"):
        session.add("b.csv", b"1,0\n")


def _recalled(rule="pseudo_inverse", asynchronous=False):
    session = DataSession(16)
    for seed, name in enumerate(("one.png", "two.png")):
        session.add(name, picture(seed=seed))
    session.recall(rule, 0.2, asynchronous)
    return session


def test_nothing_recalled_has_no_report():
    session = DataSession(16)
    session.add("one.png", picture())
    for ask in (session.report, session.result_file, session.line):
        with pytest.raises(CannsError, match="Recall it"):
            ask()
    with pytest.raises(CannsError, match="Add a file"):
        DataSession().recall("hebbian", 0.1)


@pytest.fixture
def files(tmp_path, monkeypatch):
    for seed, name in enumerate(("one.png", "two.png")):
        (tmp_path / name).write_bytes(picture(seed=seed))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(("rule", "asynchronous"), [("pseudo_inverse", False), ("hebbian", True)])
def test_the_program_does_the_same(files, rule, asynchronous):
    session, found = _recalled(rule, asynchronous), {}
    exec(data_program(session), found)
    np.testing.assert_array_equal(found["overlaps"], session.recalled.after)


@pytest.mark.slow
def test_the_command_line_in_the_report_does_the_same(files, monkeypatch):
    session = _recalled()
    words = session.line().split()
    assert words[:4] == ["canns", "recall", "one.png", "two.png"]
    monkeypatch.setattr("sys.argv", [*words, "--quiet"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    numbers = json.loads((files / "outputs/recall/recall.json").read_text())["numbers"]
    np.testing.assert_allclose(numbers["overlap of recall"], session.recalled.after, atol=1e-6)
    assert numbers["energy"] == session.recalled.result.energies[:, -1].tolist()


def test_the_report_is_one_page_with_a_picture_and_the_numbers():
    session = _recalled()
    page = session.report().decode()
    assert page.startswith("<!doctype html>")
    assert "data:image/png;base64," in page
    assert f"{session.recalled.after[0]:.6g}" in page
    assert "--rule pseudo_inverse" in page


def test_the_picture_of_the_report_shows_what_was_recalled():
    patterns = np.array([[[1.0, -1.0]], [[-1.0, 1.0]]])
    pixels = np.asarray(Image.open(io.BytesIO(picture_of([patterns, -patterns], 3))))
    assert pixels.shape == (3 * 5, 3 * 7, 3)
    cells = pixels[::3, ::3]
    assert cells[1, 1].tolist() == cells[1, 5].tolist() == cells[3, 2].tolist() == [0, 114, 178]
    assert cells[1, 2].tolist() == cells[3, 1].tolist() == [255, 255, 255]
    assert (cells[::2] == cells[0, 0]).all()


def test_the_name_of_a_file_is_text_in_the_report():
    session = DataSession(16)
    session.add("<script>alert(1)<script>.png", picture())
    session.recall("hebbian", 0.1)
    page = session.report().decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_result_can_be_loaded(tmp_path):
    session = _recalled()
    (tmp_path / "recall.safetensors").write_bytes(session.result_file())
    loaded = canns.load(tmp_path / "recall.safetensors")
    np.testing.assert_array_equal(loaded.states, session.recalled.result.states)
