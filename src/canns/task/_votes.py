"""Classes of neurons that learnt without labels, and the classes that such neurons vote for."""

import numpy as np

from canns._arrays import as_numpy
from canns._validation import check_matrix, check_size
from canns.errors import ValidationError
from canns.task._types import ArrayLike, FloatArray, IntArray

__all__ = ["classify_by_labels", "label_neurons"]


def label_neurons(
    counts: ArrayLike, labels: ArrayLike, *, num_classes: int | None = None
) -> IntArray:
    """Give each neuron the class of samples to which its mean response is largest.

    The samples only name the neurons; nothing is learnt. At a tie the lowest class is taken. A
    neuron that never responds has no class: -1.

    Args:
        counts: Responses, such as spike counts, at least 0, of shape (samples, N).
        labels: The class of each sample, from 0, (samples,).
        num_classes: Number of classes; None for the largest label + 1. A class without samples is
            given to no neuron.

    Returns:
        The class of each neuron, or -1, (N,).

    Raises:
        ValidationError: A response is negative, or the labels are no classes, one for each sample.

    Example:
        >>> label_neurons([[5, 0, 0], [1, 2, 0], [0, 3, 0]], [0, 1, 1]).tolist()
        [0, 1, -1]

    References:
        Diehl & Cook (2015), Front. Comput. Neurosci. 9:99.
    """
    responses = _check_counts(counts)
    given = _check_classes("labels", labels, len(responses), least=0)
    classes = _count_classes(num_classes, given)
    member = np.arange(classes)[:, None] == given
    mean = _means(member, responses.T).T
    mean[~member.any(axis=1)] = -1  # below that of any class that has samples
    return np.where(responses.any(axis=0), mean.argmax(axis=0), -1)


def classify_by_labels(
    counts: ArrayLike, neuron_labels: ArrayLike, *, num_classes: int | None = None
) -> IntArray:
    """Classify each sample by the class of neurons with the largest mean response.

    The mean is over the neurons of a class, so that a class with many neurons has no advantage. A
    class without neurons cannot win. A sample to which no neuron that has a class responds is of no
    class, -1, and so is one for which several classes are equally large: it counts as an error,
    not as a guess.

    Args:
        counts: Responses, such as spike counts, at least 0, of shape (samples, N).
        neuron_labels: The class of each neuron, from 0, or -1 for none, (N,), as by
            :func:`label_neurons`.
        num_classes: Number of classes; None for the largest label + 1.

    Returns:
        The class of each sample, or -1, (samples,).

    Raises:
        ValidationError: A response is negative, or the labels are no classes, one for each neuron,
            or no neuron has a class.

    Example:
        >>> counts = [[4, 1, 0], [1, 1, 6], [0, 0, 0], [2, 2, 2]]
        >>> classify_by_labels(counts, [0, 0, 1]).tolist()
        [0, 1, -1, -1]

    References:
        Diehl & Cook (2015), Front. Comput. Neurosci. 9:99.
    """
    responses = _check_counts(counts)
    given = _check_classes("neuron_labels", neuron_labels, responses.shape[1], least=-1)
    if (given < 0).all():
        remedy = "None responded when they were labelled: raise the input, or train longer."
        raise ValidationError("neuron_labels", "with the class of one neuron or more", "-1", remedy)
    member = np.arange(_count_classes(num_classes, given))[:, None] == given
    mean = _means(member, responses)
    best = mean.max(axis=1)
    alone = (mean == best[:, None]).sum(axis=1) == 1
    return np.where(alone & (best > 0), mean.argmax(axis=1), -1)


def _means(member: np.ndarray, values: FloatArray) -> FloatArray:
    """Return the mean of each row's values over the members of each class, (rows, classes).

    Counts are added as they are and divided once: equal means are equal to the last bit.
    """
    sums = np.asarray(values, np.float64) @ member.T
    means: FloatArray = sums / np.maximum(member.sum(axis=1), 1)
    return means


def _check_counts(counts: ArrayLike) -> FloatArray:
    responses = check_matrix("counts", counts, remedy="Give one sample a row: (samples, N).")
    if responses.min() < 0:
        raise ValidationError("counts", "at least 0", f"{responses.min():g}")
    return responses


def _check_classes(name: str, labels: ArrayLike, count: int, *, least: int) -> IntArray:
    given = as_numpy(name, labels)
    if given.shape != (count,) or given.dtype.kind not in "iu":
        got = f"{given.dtype} of shape {given.shape}"
        raise ValidationError(name, f"integers of shape ({count},)", got)
    if given.min() < least:
        raise ValidationError(name, f"classes from {least} on", f"{given.min()}")
    return given.astype(np.int64)


def _count_classes(num_classes: int | None, labels: IntArray) -> int:
    least = int(labels.max()) + 1
    if num_classes is None:
        return least
    return check_size("num_classes", num_classes, low=least)
