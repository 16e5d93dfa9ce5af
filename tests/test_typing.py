"""How honest the types are: how often the package says ``Any``."""

import ast
import io
import tokenize
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

import canns
from canns.typing import JSON, AnyArray, BoolArray, FloatArray, IntArray, PyTree

ROOT = Path(canns.__file__).parent
LIMIT = 10  # of Any, in 1000 lines of code
IGNORED = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT}


def _docstrings(source):
    """Return the lines that docstrings take."""
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    lines = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, kinds) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            lines |= set(range(text.lineno, text.end_lineno + 1))
    return lines


def count(source):
    """Return how many tokens ``Any`` some code has, and how many lines of code.

    Lines that are blank, or hold only a comment or a docstring, are none.
    """
    skipped, lines, found = _docstrings(source), set(), 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type in IGNORED or token.type == tokenize.ENDMARKER:
            continue
        lines |= set(range(token.start[0], token.end[0] + 1))
        found += token.type == tokenize.NAME and token.string == "Any"
    return found, len(lines - skipped)


EXAMPLE = '''
"""Any module."""

from typing import Any  # Any comment


def f(x: Any) -> "Any":
    """Return any.

    Any more.
    """
    return (
        x,
        """Any
        text""",
    )
'''


def test_what_is_counted():
    assert count(EXAMPLE) == (2, 7)


def test_the_package_says_any_no_more_than_it_must():
    found, lines = np.sum([count(path.read_text()) for path in ROOT.rglob("*.py")], axis=0)
    assert 1000 * found / lines <= LIMIT


@pytest.mark.parametrize("name", ["models/arguments.py", "models/facts.py", "_describe.py"])
def test_newer_files_say_it_never(name):
    assert count((ROOT / name).read_text())[0] == 0


def test_the_named_types():
    aliases = (AnyArray, BoolArray, FloatArray, IntArray)
    # From numpy 2.5 on NDArray is an alias of its own on Python 3.12 and later.
    assert all(alias.__origin__ in (np.ndarray, npt.NDArray) for alias in aliases)
    assert JSON
    assert PyTree
