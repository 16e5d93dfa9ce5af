"""The arrays of a spiking network in a file: synapses, inputs, and the state of a run."""

import dataclasses
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np

from canns._buckets import bucket
from canns._placement import host
from canns._validation import float_dtype
from canns.dynamics import EventMatrix, SparseSynapses, Synapses
from canns.errors import ValidationError
from canns.models.boxes import Box
from canns.models.brain_inspired.network_config import INPUTS
from canns.models.brain_inspired.network_delays import delays_of, synapses_in, with_delays
from canns.plasticity import Circuit, CircuitState, Pathway
from canns.plasticity.circuits import Inputs
from canns.typing import AnyArray, Array

if TYPE_CHECKING:
    from canns.models.brain_inspired.spiking_network import SpikingNetwork

__all__ = ["NetworkBox"]

Arrays = dict[str, AnyArray]


class NetworkBox(Box):
    """All arrays of a network, as one box of a model's file.

    Args:
        network: The network.
    """

    def __init__(self, network: "SpikingNetwork") -> None:
        super().__init__(np.zeros(0))
        self._network = network

    def arrays(self) -> Arrays:
        """Return the arrays to save, by the suffix that each adds to the box's name."""
        network = self._network
        found: Arrays = {}
        # By position: a name may hold a point, too.
        for k, pathway in enumerate(network._pathways.values()):
            found |= {f".pathway{k}.{key}": array for key, array in _of_pathway(pathway).items()}
        for k, named in enumerate(network._added.values()):
            neuron = named.population.neuron
            if isinstance(neuron, Inputs):
                for key in INPUTS[type(neuron).__name__]:
                    found[f".population{k}.{key}"] = host(jnp.asarray(getattr(neuron, key)))
        if network._state is not None:
            found |= {f".state{key}": array for key, array in _leaves(network._state).items()}
        return found or {".none": np.zeros(0)}

    def restore(self, arrays: Arrays, shape: tuple[int | None, ...]) -> bool:
        """Write what :meth:`arrays` returned to the network, all of it or nothing."""
        network, left = self._network, dict(arrays)
        left.pop(".none", None)
        pathways = {
            name: _pathway(name, pathway, _taken(left, f".pathway{k}."))
            for k, (name, pathway) in enumerate(network._pathways.items())
        }
        inputs = {}
        for k, (name, named) in enumerate(network._added.items()):
            neuron, size = named.population.neuron, named.population.size
            if isinstance(neuron, Inputs):
                inputs[name] = _inputs(name, neuron, size, _taken(left, f".population{k}."))
        state = None
        if left:
            populations = tuple(
                dataclasses.replace(named.population, neuron=inputs[name])
                if name in inputs
                else named.population
                for name, named in network._added.items()
            )
            circuit = Circuit(populations, tuple(pathways.values()), network.dt)
            state = _state(circuit, network._key, _taken(left, ".state"))
        if left:
            raise ValidationError("the saved network", "of known arrays", f"{next(iter(left))!r}")
        network._adopt(pathways, inputs, state)
        return True


def _taken(arrays: Arrays, prefix: str) -> Arrays:
    """Take the arrays out whose names begin so, and return them by the rest of their names."""
    names = [name for name in arrays if name.startswith(prefix)]
    return {name.removeprefix(prefix): arrays.pop(name) for name in names}


def _of_pathway(pathway: Pathway) -> Arrays:
    synapses, steps = synapses_in(pathway, None), delays_of(pathway)
    delays = steps[:1] if len(steps) and (steps == steps[0]).all() else steps
    alike = np.full(1, pathway.longest, np.int32) if not len(steps) else delays.astype(np.int32)
    if isinstance(synapses, SparseSynapses):
        pre, post, weights = synapses.pairs()
        ends = {"pre": pre.astype(np.int32), "post": post.astype(np.int32)}
        return ends | {"weights": weights, "delays": alike}
    return {"matrix": host(synapses.to_matrix(synapses.values)), "delays": alike}


def _pathway(name: str, pathway: Pathway, arrays: Arrays) -> Pathway:
    """Return the pathway with the synapses that are in a file."""
    shape = pathway.synapses.shape
    keys = {"matrix", "delays"} if "matrix" in arrays else {"pre", "post", "weights", "delays"}
    _check_names(name, arrays, keys)
    synapses: Synapses
    if "matrix" in arrays:
        matrix = _floats(name, arrays["matrix"], shape)
        synapses = EventMatrix(jnp.asarray(matrix.T))
    else:
        pre, post = (arrays[end] for end in ("pre", "post"))
        if pre.dtype != np.int32 or post.dtype != np.int32:
            got = f"{pre.dtype} and {post.dtype}"
            raise ValidationError(f"the saved ends of {name}", "int32", got)
        weights = _floats(name, arrays["weights"], pre.shape)
        synapses = SparseSynapses.from_pairs(shape, pre, post, weights)
    delays = arrays["delays"]
    if delays.dtype != np.int32 or delays.shape not in ((1,), (synapses.count,)):
        got = f"{delays.dtype} of shape {delays.shape}"
        raise ValidationError(f"the saved delays of {name}", "int32, one or for each synapse", got)
    if delays.min(initial=0) < 0:
        raise ValidationError(f"the saved delays of {name}", "at least 0", f"{delays.min()}")
    return with_delays(dataclasses.replace(pathway, synapses=synapses), delays)


def _inputs(name: str, inputs: Inputs, size: int, arrays: Arrays) -> Inputs:
    """Return the inputs with the arrays that are in a file."""
    _check_names(name, arrays, {*INPUTS[type(inputs).__name__]})
    fields: dict[str, Any] = {}
    for key, array in arrays.items():
        wanted = np.int32 if key in ("start", "first", "trains") else float_dtype()
        if array.dtype != wanted or array.ndim > 2:
            got = f"{array.dtype} of shape {array.shape}"
            raise ValidationError(f"the saved {key} of {name}", "numbers as inputs have", got)
        fields[key] = jnp.asarray(array)
    if "rate" in fields:
        _check_shape(name, fields["rate"].shape in ((), (size,)), fields["rate"].shape)
        fields["rate"] = fields["rate"] if fields["rate"].ndim else float(fields["rate"])
    if "rates" in fields:
        shape = fields["rates"].shape
        _check_shape(name, len(shape) == 2 and shape[0] > 0 and shape[1] in (1, size), shape)
    if "first" in fields:
        first, trains = arrays["first"], arrays["trains"]
        inside = first.ndim == trains.ndim == 1 and len(first) > 0
        inside = inside and bool((np.diff(first) >= 0).all())
        inside = inside and 0 == first[0] <= first[-1] <= len(trains)
        inside = inside and len(trains) == bucket(int(first[-1]) + 1)
        inside = inside and bool(((trains >= 0) & (trains < size)).all())
        _check_shape(name, inside, first.shape)
    made = dataclasses.replace(inputs, **fields)  # type: ignore[type-var]
    if "start" in fields:
        _check_shape(name, fields["start"].shape == (), fields["start"].shape)
    return made


def _leaves(state: CircuitState) -> Arrays:
    """Return the arrays of a state by name; its key as the words that it consists of."""
    plain = state._replace(key=jax.random.key_data(state.key))
    found = jax.tree_util.tree_flatten_with_path(plain)[0]
    return {jax.tree_util.keystr(path): host(leaf) for path, leaf in found}


def _state(circuit: Circuit, key: Array, arrays: Arrays) -> CircuitState:
    """Return the state of a circuit that is in a file; its key is of the kind of ``key``."""
    kind = jax.random.key_impl(key)

    def blank(words: Array) -> CircuitState:
        state = circuit.init(jax.random.wrap_key_data(words, impl=kind))
        return state._replace(key=jax.random.key_data(state.key))

    words = jax.random.key_data(key)
    expected = jax.eval_shape(blank, words)
    found, structure = jax.tree_util.tree_flatten_with_path(expected)
    _check_names("state", arrays, {jax.tree_util.keystr(path) for path, _ in found})
    leaves = []
    for path, leaf in found:
        name = jax.tree_util.keystr(path)
        array = arrays[name]
        if (array.shape, array.dtype) != (leaf.shape, leaf.dtype):
            wanted = f"{leaf.dtype} of shape {leaf.shape}"
            got = f"{array.dtype} of shape {array.shape}"
            raise ValidationError(f"the saved {name.lstrip('.')}", wanted, got)
        leaves.append(jnp.asarray(array))
    state: CircuitState = jax.tree_util.tree_unflatten(structure, leaves)
    if int(state.step) < 0:
        raise ValidationError("the saved step", "at least 0", f"{int(state.step)}")
    return state._replace(key=jax.random.wrap_key_data(state.key, impl=kind))


def _floats(name: str, array: AnyArray, shape: tuple[int, ...]) -> AnyArray:
    right = array.dtype.kind == "f" and array.shape == shape
    if not right or not np.isfinite(array).all() or array.min(initial=0) < 0:
        got = f"{array.dtype} of shape {array.shape}"
        expected = f"finite numbers from 0 on, of shape {shape}"
        raise ValidationError(f"the saved strengths of {name}", expected, got)
    return array


def _check_names(name: str, arrays: Arrays, expected: set[str]) -> None:
    if {*arrays} != expected:
        wrong = sorted({*arrays} ^ expected)
        raise ValidationError(f"the saved arrays of {name}", str(sorted(expected)), str(wrong))


def _check_shape(name: str, right: bool, got: object) -> None:
    if not right:
        raise ValidationError(f"the saved inputs of {name}", "arrays that fit", f"shape {got}")
