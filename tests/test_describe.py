"""Short descriptions: at most 12 short lines, counts for arrays, and never a failure."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns._describe import as_html, describe, in_a_line, lines_of, shown, span
from canns.analyzer.metrics import Capacity, energy_path, spurious_states
from canns.dynamics import RecallProgress, RecallResult
from canns.models.brain_inspired import AmariHopfieldNetwork, Pairs
from canns.task import random_patterns


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (np.arange(3.0), "3 numbers, 0 to 2"),
        (np.zeros((2, 3)), "2 x 3, all 0"),
        (np.eye(2, dtype=bool), "2 x 2, 2 true"),
        (np.zeros((0, 4)), "0 x 4"),
        (np.ones(1), "1 number, all 1"),
        (jnp.ones((2, 2)), "2 x 2, all 1"),
        (np.array(["a", "b", "a"]), "3: 2 a, 1 b"),
        (np.array([object()]), "1 number"),
        (np.array([1.0, np.nan, 2.0]), "3 numbers, 1 to 2, 1 nan"),
        (np.array([1.0, np.nan]), "2 numbers, all 1, 1 nan"),
        (np.array([np.nan]), "1 number, all nan"),
        (np.broadcast_to(1.0, (5000, 5000)), "5000 x 5000"),
    ],
)
def test_the_span_of_an_array(values, text):
    assert span(values) == text


def test_a_traced_array_has_a_shape_only():
    seen = []
    jax.jit(lambda x: seen.append(span(x)) or x)(jnp.ones((2, 3)))
    assert seen == ["2 x 3, traced"]


def test_a_description_is_cut_to_twelve_short_lines():
    text = lines_of("title", {f"fact {i}": "word " * 50 for i in range(30)})
    lines = text.split("\n")
    assert (len(lines), lines[-1]) == (12, "  ... and 20 more")
    assert max(map(len, lines)) <= 88
    assert len(lines_of("title", {str(i): "x" for i in range(11)}).split("\n")) == 12


def test_facts_that_say_nothing_are_left_out():
    assert describe("title", a=None, b="", num_neurons=3, rate=0.25) == (
        "title\n  num neurons: 3\n  rate: 0.25"
    )


def test_a_notebook_shows_the_same_escaped():
    class Odd:
        def __repr__(self):
            return "<Odd & bold>"

    assert as_html(Odd()) == "<pre>&lt;Odd &amp; bold&gt;</pre>"


def test_an_object_whose_repr_fails_is_named():
    class Broken:
        def __repr__(self):
            raise RuntimeError("no")

    assert in_a_line(Broken()) == "Broken"
    assert in_a_line(object()) == "object"
    assert describe("title", part=Broken()) == "title\n  part: Broken"


@shown
class Result(NamedTuple):
    values: np.ndarray
    level: float
    names: tuple[str, ...]
    parts: dict[str, int]
    found: bool


def test_a_result_is_shown_field_by_field():
    result = Result(np.eye(3), np.float32(0.5), ("a", "b"), {"x": 1}, True)
    assert repr(result).split("\n") == [
        "Result",
        "  values: 3 x 3, 0 to 1",
        "  level: 0.5",
        "  names: a, b",
        "  parts: x",
        "  found: True",
    ]
    assert result._repr_html_() == f"<pre>{result!r}</pre>"
    assert tuple(result)[1] == 0.5


PATTERNS = random_patterns(4, 64, seed=0)


def _network():
    net = AmariHopfieldNetwork(64)
    net.apply_hebbian_learning(PATTERNS)
    return net


def test_a_recall_says_how_it_ended():
    result = RecallResult(
        jnp.ones((16, 5)),
        np.array(["converged"] * 14 + ["cycle", "budget"]),
        np.array([3] * 15 + [9], np.int32),
        np.linspace(-1, -2, 16)[:, None] * np.ones((1, 10)),
    )
    assert repr(result).split("\n") == [
        "RecallResult",
        "  16 cues: 14 converged, 1 cycle, 1 budget; 3-9 updates",
        "  neurons: 5",
        "  energy at first: 16 numbers, -2 to -1",
        "  energy at the end: 16 numbers, -2 to -1",
    ]


def test_a_recall_of_one_cue():
    text = repr(_network().recall(PATTERNS[:1]))
    assert "  1 cue: 1 converged; 1 update\n" in text


RESULTS = {
    "recall": lambda: _network().recall(PATTERNS),
    "traced recall": lambda: RecallResult(*[object()] * 4),
    "progress": lambda: RecallProgress(
        1, *[np.ones(3)] * 2, *[np.ones(3, bool)] * 2, np.ones((3, 4))
    ),
    "pairs": lambda: Pairs(PATTERNS, PATTERNS),
    "path": lambda: energy_path(_network(), PATTERNS[0], PATTERNS[1]),
    "attractors": lambda: spurious_states(_network(), PATTERNS, num_probes=20),
    "capacity": lambda: Capacity(
        0.1, 0.01, (0.08, 0.12), np.full(4, 0.1), np.tile([0.09, 0.11], (4, 1)), 0
    ),
}


@pytest.mark.parametrize("build", RESULTS.values(), ids=RESULTS)
def test_results_are_described_in_a_few_lines(build):
    result = build()
    lines = repr(result).split("\n")
    assert len(lines) <= 12
    assert max(map(len, lines)) <= 88
    assert lines[0] == type(result).__name__
    assert "array(" not in repr(result)
    assert result._repr_html_().startswith("<pre>")
