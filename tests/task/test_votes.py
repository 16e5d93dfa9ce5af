"""Neurons are named by their mean response, and samples are classified by named neurons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from canns.errors import ValidationError
from canns.task import classify_by_labels, label_neurons

counts_of = arrays(
    np.int64, st.tuples(st.integers(1, 8), st.integers(1, 6)), elements=st.integers(0, 4)
)


@given(counts_of, st.data())
def test_labels_are_those_of_plain_loops(counts, data):
    labels = data.draw(arrays(np.int64, len(counts), elements=st.integers(0, 3)))
    for neuron, found in enumerate(label_neurons(counts, labels, num_classes=5)):
        means = {c: counts[labels == c, neuron].mean() for c in sorted(set(labels.tolist()))}
        best = max(means, key=lambda c: (means[c], -c))
        assert found == (best if counts[:, neuron].any() else -1)


@given(counts_of, st.data())
def test_classes_are_those_of_plain_loops(counts, data):
    owners = data.draw(arrays(np.int64, counts.shape[1], elements=st.integers(-1, 3)))
    if (owners < 0).all():
        with pytest.raises(ValidationError, match="one neuron or more"):
            classify_by_labels(counts, owners)
        return
    for row, found in zip(counts, classify_by_labels(counts, owners), strict=True):
        means = {c: row[owners == c].mean() for c in set(owners.tolist()) if c >= 0}
        best = [c for c, mean in means.items() if mean == max(means.values()) and mean > 0]
        assert found == (best[0] if len(best) == 1 else -1)


def test_many_neurons_are_no_advantage():
    assert classify_by_labels([[2, 2, 2, 3]], [0, 0, 0, 1]).tolist() == [1]


def test_a_large_count_and_a_class_without_samples_win_nothing():
    counts = np.array([[7.0, 0.0], [0.0, 1e-3]])
    assert label_neurons(counts, [2, 5]).tolist() == [2, 5]
    assert label_neurons(counts, [2, 5], num_classes=9).tolist() == [2, 5]


@pytest.mark.parametrize(
    ("function", "args", "named"),
    [
        (label_neurons, ([[-1.0]], [0]), "counts must be at least 0"),
        (label_neurons, ([[1.0]], [0.5]), "labels must be integers"),
        (label_neurons, ([[1.0]], [-1]), "labels must be classes from 0"),
        (label_neurons, ([[1.0]], [0, 1]), r"labels must be integers of shape \(1,\)"),
        (label_neurons, ([[np.nan]], [0]), "counts must be finite"),
        (classify_by_labels, ([[1.0]], [-2]), "neuron_labels must be classes from -1"),
        (
            classify_by_labels,
            ([[1.0, 2.0]], [0]),
            r"neuron_labels must be integers of shape \(2,\)",
        ),
    ],
)
def test_refusals(function, args, named):
    with pytest.raises(ValidationError, match=named):
        function(*args)
    with pytest.raises(ValidationError, match="num_classes"):
        label_neurons([[1.0]], [3], num_classes=3)
