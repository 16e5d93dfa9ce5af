"""Runs that are killed go on to the same bits."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="forks processes, and kills them")
def test_a_killed_run_ends_in_the_bits_of_one_left_alone():
    script = Path(__file__).with_name("crashes.py")
    words = [sys.executable, str(script), "--kills", "3", "--longest", "0.3"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all the same" in done.stdout
