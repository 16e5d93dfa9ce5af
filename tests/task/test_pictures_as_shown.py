"""Pictures are read as viewers show them."""

import numpy as np
import pytest
from PIL import Image, ImageOps

from canns import task
from canns.errors import CannsWarning, ValidationError

ROWS, COLUMNS = np.mgrid[:32, :48]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_followed(orientation, tmp_path):
    picture = Image.fromarray(np.where((COLUMNS < 20) & (ROWS < 9), 255, 0).astype(np.uint8))
    exif = picture.getexif()
    exif[0x0112] = orientation
    picture.save(tmp_path / "a.png", exif=exif.tobytes())
    shown = np.asarray(ImageOps.exif_transpose(Image.open(tmp_path / "a.png")))
    np.testing.assert_allclose(task.load_image(tmp_path / "a.png"), shown / 255.0)


def test_one_colour_that_stands_for_transparent_is_laid_on_white(tmp_path):
    grey = np.where(COLUMNS < 20, 0, 77).astype(np.uint8)
    Image.fromarray(grey).save(tmp_path / "a.png", transparency=77)
    colours = np.stack([grey] * 3, axis=-1)
    Image.fromarray(colours).save(tmp_path / "b.png", transparency=(77, 77, 77))
    for name in ("a.png", "b.png"):
        found = task.load_image(tmp_path / name)
        np.testing.assert_allclose(found, np.where(COLUMNS < 20, 0.0, 1.0), atol=1e-6)


def test_a_file_that_starts_another_program_is_refused(tmp_path, monkeypatch):
    runs = tmp_path / "gs"
    runs.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    runs.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    lines = "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n%%EndComments\n%%EOF\n"
    (tmp_path / "a.png").write_text(lines)
    with pytest.raises(ValidationError, match="a readable picture"):
        task.load_image(tmp_path / "a.png")
    assert not (tmp_path / "ran").exists()


def test_a_flat_centre_is_told(tmp_path):
    wide = np.zeros((8, 40), np.uint8)
    wide[:, :4] = 255
    Image.fromarray(wide).save(tmp_path / "a.png")
    with pytest.warns(CannsWarning, match="centred square .* only one grey value"):
        centre = task.load_image(tmp_path / "a.png", 4)
    with pytest.raises(ValidationError, match="centred square"):
        task.binarize(centre)
