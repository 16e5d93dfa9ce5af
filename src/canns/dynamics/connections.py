"""Which pairs of neurons have a synapse: makers of fixed connectivity."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax
import numpy as np
from numpy import typing as npt
from numpy.typing import NDArray

from canns._describe import shown
from canns._explain import explained
from canns._memory import check_memory
from canns._validation import check_array, check_flag, check_matrix, check_real, check_size
from canns.dynamics.drawing_pairs import ends_of, successes
from canns.errors import ValidationError
from canns.typing import Array, FloatArray

__all__ = [
    "Connections",
    "connect_by_distance",
    "connect_by_in_degree",
    "connect_by_probability",
    "connections_of",
    "steps_of_delays",
]

Neurons: TypeAlias = NDArray[np.int32]

_PAIRS = 1 << 22  # pairs of neurons whose distances are computed at a time


@shown
class Connections(NamedTuple):
    """The pairs of neurons that have a synapse, at most one for each pair.

    Args:
        shape: The numbers of neurons and of inputs, (out, in).
        pre: The input of each synapse, (synapses,), integers.
        post: The neuron that it leads to, (synapses,), integers.
    """

    shape: tuple[int, int]
    pre: Neurons
    post: Neurons

    @property
    def num_synapses(self) -> int:
        """The number of synapses."""
        return len(self.pre)

    def in_degrees(self) -> NDArray[np.int64]:
        """Return how many synapses each neuron receives, (out,)."""
        return np.bincount(self.post, minlength=self.shape[0])

    def out_degrees(self) -> NDArray[np.int64]:
        """Return how many synapses each input makes, (in,)."""
        return np.bincount(self.pre, minlength=self.shape[1])

    def check(self) -> None:
        """Raise if a synapse has an end that does not exist, or a pair has two synapses."""
        out, in_ = (check_size("shape", size) for size in self.shape)
        _check_ends("pre", self.pre, in_)
        _check_ends("post", self.post, out)
        if len(self.pre) != len(self.post):
            expected = f"{len(self.pre)} neurons, one for each entry of pre"
            raise ValidationError("post", expected, f"{len(self.post)}")
        flat = np.asarray(self.pre, np.int64) * out + self.post
        flat.sort()
        if (flat[1:] == flat[:-1]).any():
            remedy = "Add up the weights of synapses between the same two neurons."
            raise ValidationError("post", "at most one synapse for a pair", "several", remedy)


@explained
def connect_by_probability(
    output_size: int,
    input_size: int,
    probability: float,
    *,
    loops: bool = True,
    seed: int | Array | None = None,
) -> Connections:
    r"""Connect each pair independently with the same probability (Erdos-Renyi).

    .. math:: P(j \to i) = p

    The time and the memory grow with the number of synapses, not of pairs.

    Args:
        output_size: Number of neurons.
        input_size: Number of inputs.
        probability: p, in [0, 1].
        loops: False leaves out synapses from neuron i to itself; the sizes must then be equal.
        seed: An integer or a JAX key; None draws one from ``brainstate.random``.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> made = connect_by_probability(200, 100, 0.1, seed=0)
        >>> made.shape, made.num_synapses  # 2000 of 20000 pairs are expected
        ((200, 100), 1977)

    Source: Erdos & Renyi (1959), Publ. Math. Debrecen 6:290; Brunel (2000), J. Comput.
    Neurosci. 8:183.
    """
    out, in_ = check_size("output_size", output_size), check_size("input_size", input_size)
    share = check_real("probability", probability, low=0, high=1)
    _check_loops(out, in_, loops)
    pairs = out * in_
    _check_room(share * pairs)
    rng = _generator(seed)
    parts = [ends_of(part, out) for part in successes(pairs, share, rng)]
    pre, post = (np.concatenate(ends) for ends in zip(*parts, strict=True))
    return _without_loops(Connections((out, in_), pre, post), loops)


@explained
def connect_by_in_degree(
    output_size: int,
    input_size: int,
    in_degree: int,
    *,
    loops: bool = True,
    seed: int | Array | None = None,
) -> Connections:
    r"""Give each neuron the same number of inputs, all different, drawn at random.

    .. math:: |\{j : j \to i\}| = C

    Args:
        output_size: Number of neurons.
        input_size: Number of inputs.
        in_degree: C, at most the number of inputs.
        loops: False leaves out synapses from neuron i to itself; the sizes must then be equal.
        seed: An integer or a JAX key; None draws one from ``brainstate.random``.

    Raises:
        ValidationError: If an argument is out of range.

    Example:
        >>> made = connect_by_in_degree(4, 10, 3, seed=0)
        >>> made.in_degrees().tolist()
        [3, 3, 3, 3]

    Source: Brunel (2000), J. Comput. Neurosci. 8:183.
    """
    out, in_ = check_size("output_size", output_size), check_size("input_size", input_size)
    _check_loops(out, in_, loops)
    most = in_ if loops else in_ - 1
    degree = check_size("in_degree", in_degree, high=most)
    _check_room(float(out * degree))
    rng = _generator(seed)
    heard = np.empty((out, degree), np.int32)
    for row in heard:
        row[:] = rng.choice(most, degree, replace=False, shuffle=False)
    if not loops:
        heard += heard >= np.arange(out, dtype=np.int32)[:, None]  # skip the neuron itself
    post = np.repeat(np.arange(out, dtype=np.int32), degree)
    return Connections((out, in_), heard.ravel(), post)


@explained
def connect_by_distance(
    outputs: npt.ArrayLike,
    inputs: npt.ArrayLike,
    kernel: Callable[[FloatArray], npt.ArrayLike],
    *,
    loops: bool = True,
    seed: int | Array | None = None,
) -> Connections:
    r"""Connect each pair independently, with a probability that depends on its distance.

    .. math:: P(j \to i) = K(|r_i - r_j|)

    Args:
        outputs: Positions of the neurons, (out, dimensions).
        inputs: Positions of the inputs, (in, dimensions), in the same unit.
        kernel: K, which maps an array of distances to probabilities, of the same shape.
        loops: False leaves out synapses from neuron i to itself; there must then be equally many
            neurons and inputs.
        seed: An integer or a JAX key; None draws one from ``brainstate.random``.

    Raises:
        ValidationError: If an argument is out of range, or the kernel gives no probabilities.

    Example:
        >>> line = np.arange(5.0)[:, None]
        >>> made = connect_by_distance(line, line, lambda r: r <= 1, loops=False, seed=0)
        >>> made.in_degrees().tolist()  # the neighbours
        [1, 2, 2, 2, 1]

    Source: Hellwig (2000), Biol. Cybern. 82:111.
    """
    remedy = "Give one position a row."
    there = check_matrix("outputs", outputs, remedy=remedy)
    here = check_matrix("inputs", inputs, there.shape[1], remedy=remedy)
    out, in_ = len(there), len(here)
    _check_loops(out, in_, loops)
    if not callable(kernel):
        raise ValidationError("kernel", "a function of distances", repr(kernel))
    rng = _generator(seed)
    rows, found = max(1, _PAIRS // out), []
    for start in range(0, in_, rows):
        gaps = here[start : start + rows, None] - there
        found.append(_drawn(kernel, np.linalg.norm(gaps, axis=-1), rng, start))
    pre, post = (np.concatenate(ends).astype(np.int32) for ends in zip(*found, strict=True))
    return _without_loops(Connections((out, in_), pre, post), loops)


@explained
def connections_of(matrix: object) -> tuple[Connections, FloatArray]:
    """Return the synapses of the entries of a matrix that are not zero, and their weights.

    Args:
        matrix: The weights, (out, in): a SciPy sparse matrix or array, or an array.

    Returns:
        The connections, and the weight of each synapse, (synapses,).

    Raises:
        ValidationError: If it is not a matrix of finite numbers.

    Example:
        >>> made, weights = connections_of([[0.0, 2.0], [0.0, 0.0]])
        >>> made.pre.tolist(), made.post.tolist(), weights.tolist()
        ([1], [0], [2.0])
    """
    if hasattr(matrix, "tocoo"):
        found = matrix.tocoo(copy=True)
        found.sum_duplicates()
        post, pre = found.row, found.col
        values, shape = check_array("matrix", found.data), found.shape
    else:
        dense = check_matrix("matrix", matrix, remedy="Give the weights, (out, in).")
        post, pre = np.nonzero(dense)
        values, shape = dense[post, pre], dense.shape
    kept = np.flatnonzero(values)
    ends = pre[kept].astype(np.int32), post[kept].astype(np.int32)
    return Connections((int(shape[0]), int(shape[1])), *ends), values[kept]


@explained
def steps_of_delays(delays: npt.ArrayLike, dt: float) -> Neurons:
    """Return delays in steps of ``dt``, or raise if one is negative or between two steps.

    Args:
        delays: In ms, of any shape.
        dt: Length of a step in ms.

    Raises:
        ValidationError: If a delay is negative, or not a multiple of ``dt``.

    Example:
        >>> steps_of_delays([0.0, 1.5], 0.5).tolist()
        [0, 3]
    """
    length = check_real("dt", dt, low=0, open_low=True)
    given = np.asarray(check_array("delays", np.atleast_1d(delays)), float)
    if given.size and given.min() < 0:
        expected = "at least 0 ms: a spike cannot arrive before it is sent"
        raise ValidationError("delays", expected, f"{given.min():g}")
    steps = np.rint(given / length)
    # Delays come as float32, in which a multiple of dt is off by the rounding of the quotient.
    off = np.abs(steps * length - given) > 1e-6 * np.maximum(given, length)
    if off.any():
        expected = f"multiples of the time step, {length:g} ms"
        remedy = f"Round them, or take a smaller dt: {length:g} ms steps have no time in between."
        raise ValidationError("delays", expected, f"{given[off][0]:g}", remedy)
    return steps.astype(np.int32).reshape(np.shape(delays))


def _drawn(
    kernel: Callable[[FloatArray], npt.ArrayLike],
    distances: FloatArray,
    rng: np.random.Generator,
    start: int,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs, of the inputs from ``start`` on, that are connected."""
    chance = np.asarray(kernel(distances), float)
    if chance.shape != distances.shape:
        expected = f"to keep the shape of the distances, {distances.shape}"
        raise ValidationError("kernel", expected, f"shape {chance.shape}")
    if not ((chance >= 0) & (chance <= 1)).all():  # NaN fails, too
        expected = "to give probabilities, from 0 to 1"
        raise ValidationError("kernel", expected, f"{chance.min():g} to {chance.max():g}")
    pre, post = np.nonzero(rng.random(chance.shape) < chance)
    return pre + start, post


def _check_ends(name: str, ends: object, size: int) -> None:
    found = np.asarray(ends)
    if found.ndim != 1 or not np.issubdtype(found.dtype, np.integer):
        raise ValidationError(name, "integers, (synapses,)", f"{found.dtype}, {found.shape}")
    if found.size and (found.min() < 0 or found.max() >= size):
        got = found.min() if found.min() < 0 else found.max()
        expected = f"from 0 to {size - 1}, the neurons that there are"
        remedy = "Count neurons from 0, or give the shape (out, in) that has them."
        raise ValidationError(name, expected, f"{got}", remedy)


def _check_loops(out: int, in_: int, loops: object) -> None:
    if not check_flag("loops", loops) and out != in_:
        expected = "True unless the neurons are also the inputs"
        raise ValidationError("loops", expected, f"False for {in_} inputs and {out} neurons")


def _without_loops(made: Connections, loops: bool) -> Connections:
    if loops:
        return made
    others = made.pre != made.post
    return made._replace(pre=made.pre[others], post=made.post[others])


def _check_room(count: float) -> None:
    check_memory("synapses", int(32 * count), f"{count:.3g} synapses", "Take fewer.")


def _generator(seed: int | Array | None) -> np.random.Generator:
    from canns._keys import as_key  # here, because it loads brainstate

    words = np.asarray(jax.random.key_data(as_key(seed))).ravel()
    return np.random.default_rng([int(word) for word in words])
