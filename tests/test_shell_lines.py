"""Every line of the documentation that runs ``canns`` in a shell runs, in a folder of its own.

Lines of a block run one after another in one folder, as a reader would type them. Taken are blocks
marked as ``console``, ``sh`` or ``bash``, and plain blocks with lines that begin with ``canns`` or
``$ canns``. Lines that install packages, build, or clone are not run here: other tests and the
Makefile do so. Blocks marked as ``text`` show what cannot run without files of the reader's own.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(ROOT.glob("docs/**/*.md"))]
FENCE = re.compile(r"^```+ *(?P<kind>\S*)[^\n]*\n(?P<body>.*?)^```+ *$", re.MULTILINE | re.DOTALL)
SHELLS = ("console", "sh", "bash", "shell", "")


def lines_of(text):
    """Return the shell lines of each block of a page."""
    blocks = []
    for found in FENCE.finditer(text):
        if found["kind"] not in SHELLS:
            continue
        body = found["body"].replace("\\\n", " ")
        lines = [line.removeprefix("$ ").strip() for line in body.splitlines()]
        lines = [line.split("  # ")[0].strip() for line in lines]
        blocks.append([line for line in lines if re.match(r"canns( |$)", line)])
    return [block for block in blocks if block]


BLOCKS = [
    pytest.param(block, id=f"{page.name}-{k}")
    for page in PAGES
    if page.exists()
    for k, block in enumerate(lines_of(page.read_text(encoding="utf-8")))
]


def test_lines_are_found_in_blocks_of_a_shell():
    page = (
        "```console\n$ canns recall --size 8\nPicture: x.png\n```\n"
        "```\npip install .\ncanns info  # versions\n```\n"
        "```text\n$ canns recall mine.png\n```\n"
        "```python\n>>> canns\n```\n"
        "```sh\ncanns pca \\\n    --epochs 1\n```\n"
    )
    assert lines_of(page) == [
        ["canns recall --size 8"],
        ["canns info"],
        ["canns pca      --epochs 1"],
    ]


def test_the_page_of_the_command_line_is_run():
    assert any("command-line.md" in block.id for block in BLOCKS)


@pytest.mark.long
@pytest.mark.parametrize("block", BLOCKS)
def test_a_block_runs(block, tmp_path):
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for line in block:
        words = shlex.split(line, comments=True)
        done = subprocess.run(
            [sys.executable, "-m", *words], cwd=tmp_path, env=env, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{line}\n{done.stderr[-2000:]}"
        assert "Traceback" not in done.stderr
