"""What models and trainers hold, as values that compare bit by bit, and what the process holds."""

import warnings
from types import FunctionType, ModuleType

import jax
import numpy as np

from canns._brainstate import TRACE_CONTEXT, brainstate
from canns._warnings import _collected
from canns.models.basic import BasicModel
from canns.models.boxes import Box

_HANDLED = ("_finished", "graph_invisible_attrs")


def holdings(*things: object) -> object:
    """Return all that these models, trainers and lists hold, down to the bits of their arrays.

    A coupling matrix counts as what it is made of: to build it is not a change.
    """
    return tuple(_held(thing, ()) for thing in things)


def _held(thing: object, above: tuple[int, ...]) -> object:
    if id(thing) in above:
        return "itself"
    above = (*above, id(thing))
    if isinstance(thing, Box):
        arrays = thing.arrays()
        return type(thing).__name__, {name: _bits(array) for name, array in arrays.items()}
    if isinstance(thing, brainstate.State) or (
        hasattr(thing, "value") and not isinstance(thing, type)
    ):
        return type(thing).__name__, _held(thing.value, above)
    if isinstance(thing, np.ndarray | np.generic | jax.Array):
        return _bits(thing)
    if isinstance(thing, dict):
        return {name: _held(value, above) for name, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [_held(value, above) for value in thing]
    if isinstance(thing, type | FunctionType):
        return thing.__qualname__
    ours = isinstance(thing, BasicModel) or type(thing).__module__.split(".")[0] not in _OTHERS
    if ours and hasattr(thing, "__dict__"):
        own = {name: each for name, each in vars(thing).items() if name not in _HANDLED}
        return type(thing).__name__, _held(own, above)
    if callable(thing) or isinstance(thing, ModuleType):
        return f"{type(thing).__name__} {getattr(thing, '__name__', '')}"
    return type(thing).__name__, repr(thing)


_OTHERS = ("builtins", "numpy", "jax", "jaxlib", "scipy", "threading", "_thread", "pathlib")


def _bits(array: object) -> tuple[str, tuple[int, ...], bytes]:
    if isinstance(array, jax.Array) and jax.dtypes.issubdtype(array.dtype, jax.dtypes.prng_key):
        array = jax.random.key_data(array)
    found = np.asarray(array)
    return str(found.dtype), found.shape, found.tobytes()


def settings() -> tuple[object, ...]:
    """Return what the process holds and no call may leave changed."""
    return (
        jax.config.jax_disable_jit,
        jax.config.jax_enable_x64,
        jax.config.jax_debug_nans,
        len(TRACE_CONTEXT.state_stack),
        _collected.get(),
        [str(each) for each in warnings.filters],
    )
