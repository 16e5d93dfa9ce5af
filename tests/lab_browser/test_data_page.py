"""The page for data of one's own: good files, bad files, and the report."""

import io
import re

import numpy as np
import pytest
from PIL import Image

import canns

EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(pwned) print\n"


def picture(kind="PNG", size=(40, 30), seed=0):
    pixels = np.random.default_rng(seed).integers(0, 256, size, np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def bomb():
    """Return a small file of very many pixels."""
    file = io.BytesIO()
    Image.new("1", (6_000, 6_000)).save(file, "PNG", optimize=True)
    return file.getvalue()


def send(page, *files):
    page.locator("input[type=file]").set_input_files(
        [
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            for name, content in files
        ]
    )


@pytest.fixture
def page(open_page):
    return open_page("/data")


def test_files_are_stored_recalled_and_reported(page, tools, tmp_path, monkeypatch):
    files = {"noise.png": picture(), "more.jpg": picture("JPEG", seed=1)}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
        send(page, (name, content))
        tools.wait_for(page, "words", f"^{len(list(tmp_path.iterdir()))} patterns")
    page.get_by_role("button", name="Store and recall").click()
    tools.wait_for(page, "after", r"^\d")
    monkeypatch.chdir(tmp_path)
    found = tools.run_code(page)
    assert f"{found['overlaps'].mean():.3f}" == tools.fact(page, "after")
    with page.expect_download() as download:
        page.get_by_role("button", name="Report (HTML)").click()
    text = download.value.path().read_text(encoding="utf-8")
    assert "canns recall noise.png more.jpg --rule pseudo_inverse --noise 0.3" in text
    assert f"{found['overlaps'][0]:.6g}" in text
    with page.expect_download() as download:
        page.get_by_role("button", name="Result (safetensors)").click()
    np.testing.assert_array_equal(canns.load(download.value.path()).states, found["result"].states)


def test_a_table_is_a_pattern_a_row(page, tools):
    send(page, ("spins.csv", b"1,-1,1,-1,1,1\n-1,-1,1,1,-1,1\n"))
    tools.wait_for(page, "words", "2 patterns of 6 neurons")


BAD = [
    ("text.png", b"not a picture", r"text\.png must be a picture"),
    ("drawing.png", EPS, r"drawing\.png must be a picture"),
    ("drawing.eps", EPS, "of another kind"),
    ("bomb.png", bomb(), "at most 16,000,000 pixels"),
    ("large.png", bytes(4_000_001), "too large"),
    ("words.csv", b"1,2\nthree,four\n", r"words\.csv"),
    ("<img src=x onerror=alert(1)>.png", b"no", r"<img src=x onerror=alert\(1\)>"),
]


def test_a_bad_file_gives_one_line_and_changes_nothing(page, tools):
    send(page, ("good.csv", b"1,0,1\n0,1,1\n"))
    tools.wait_for(page, "words", "^2 patterns")
    for name, content, says in BAD:
        send(page, (name, content))
        notice = page.locator(".q-notification__message")
        notice.wait_for()
        line = notice.inner_text()
        assert re.search(says, line), name
        assert "\n" not in line
        assert "/tmp" not in line
        assert tools.fact(page, "words").startswith("2 patterns")
        assert page.locator("img[src=x]").count() == 0
        page.get_by_role("button", name="OK").click()
        notice.wait_for(state="detached")
