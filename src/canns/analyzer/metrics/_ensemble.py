"""Random networks that are probed with their own patterns."""

import math
from collections.abc import Collection, Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.sharding import Mesh
from tqdm.auto import tqdm

from canns._keys import as_key
from canns._placement import host
from canns._precision import full_precision
from canns._validation import check_flag, check_real, check_size
from canns._warnings import warn
from canns.analyzer.metrics._draws import corrupt, random_patterns
from canns.analyzer.metrics._rules import (
    CouplingBuilder,
    StorageRule,
    coupling_builder,
    keeps_patterns,
)
from canns.analyzer.metrics._settle import COMPILE_WORTH, settle
from canns.dynamics import Couplings, Hopfield, Network, StoredPatterns
from canns.dynamics.recalling import in_pieces, load_of, prepare
from canns.errors import DivergenceError, ValidationError
from canns.parallel import shard
from canns.typing import AnyArray, Array, PyTree

__all__ = [
    "Condition",
    "Ensemble",
    "Stored",
    "check_condition",
    "ensemble",
    "sample",
    "warn_of_divergence",
]


class Condition(NamedTuple):
    """How a network is probed: at which temperature, and from which overlap."""

    temperature: float = 0.0
    initial_overlap: float = 1.0


class Stored(NamedTuple):
    """A network that has stored its patterns: couplings, and the patterns to probe, (B, N)."""

    weights: Couplings
    targets: Array
    key: Array


class Ensemble(NamedTuple):
    """Random networks of one size under one rule.

    Args:
        num_neurons: The number of neurons N.
        num_probes: B, the number of patterns probed in each network.
        num_iter: Largest number of updates of a probe; at T > 0, the exact number.
        asynchronous: Sweep neuron by neuron.
        build: Function that stores patterns.
        key: Key of all random draws.
        width: Largest number of patterns that a network is expected to store.
        mesh: Devices that each network's neurons are spread over; None for one device.
    """

    num_neurons: int
    num_probes: int
    num_iter: int
    asynchronous: bool
    build: CouplingBuilder
    key: Array
    width: int
    mesh: Mesh | None

    def store(self, network: int, num_patterns: int) -> Stored | None:
        """Return network number ``network`` with the first ``num_patterns`` of its patterns.

        The patterns are stored in a random order, because some rules hold the first or the last
        ones best. The order of any two patterns does not depend on the number of patterns. None if
        the rule diverges.
        """
        keys = jax.random.split(jax.random.fold_in(self.key, network), 3)
        pattern_key, order_key, run_key = keys
        room = self._room_for(num_patterns)
        patterns = random_patterns(pattern_key, num_patterns, self.num_neurons, room)
        rows = np.asarray(patterns)[:num_patterns]  # NumPy compiles nothing for another number
        targets = jnp.asarray(rows[np.arange(self.num_probes) % num_patterns])
        if keeps_patterns(self.build):
            return Stored(self._spread(self.build(patterns)), targets, run_key)
        # Drawn one after another, so that those of the first patterns do not depend on the rest.
        times = np.random.default_rng(np.asarray(jax.random.key_data(order_key))).random(
            num_patterns
        )
        ordered = jnp.asarray(rows[np.argsort(times)])
        try:
            return Stored(self._spread(self.build(ordered)), targets, run_key)
        except DivergenceError:  # as Storkey's second-order rule does far above its capacity
            return None

    def _spread(self, weights: Couplings) -> Couplings:
        if self.mesh is None:
            return weights
        return shard(weights, self.mesh, axis=-1 if isinstance(weights, StoredPatterns) else -2)

    def _room_for(self, num_patterns: int) -> int:
        """Return the padded length of the patterns: one for all loads, or one per octave."""
        room = self.width
        while room < num_patterns:
            room *= 2
        while room * self.num_neurons > COMPILE_WORTH and math.ceil(room / 2) >= num_patterns:
            room = math.ceil(room / 2)
        return room

    def probe(self, stored: Stored | None, condition: Condition) -> AnyArray:
        """Return the overlap that each probe reaches with its pattern, (B,); NaN for None."""
        if stored is None:
            return np.full(self.num_probes, np.nan)
        weights, targets, key = stored
        cue_key, run_key = jax.random.split(key)
        num_flips = round((1 - condition.initial_overlap) / 2 * self.num_neurons)
        cues = corrupt(cue_key, targets, num_flips) if num_flips else targets
        if condition.temperature == 0:
            network = Hopfield(asynchronous=self.asynchronous)
            states = settle(network, weights, cues, run_key, self.num_iter)
            overlaps: AnyArray = (states * np.asarray(targets)).mean(axis=1, dtype=np.float64)
            return overlaps
        network = Hopfield(
            temperature=condition.temperature, stochastic=True, asynchronous=self.asynchronous
        )
        keys = jax.random.split(run_key, self.num_iter)
        return _averaged(network, weights, targets, cues, keys)


def ensemble(
    num_neurons: int,
    most_patterns: int,
    *,
    rule: StorageRule,
    num_probes: int,
    num_iter: int,
    asynchronous: bool,
    seed: int | Array | None,
    mesh: Mesh | None,
) -> Ensemble:
    """Return the validated ensemble."""
    if mesh is not None:
        if not isinstance(mesh, Mesh):
            raise ValidationError("mesh", "a mesh of JAX or None", repr(mesh))
        if num_neurons % mesh.size:
            expected = f"of a number of devices that divides {num_neurons} neurons"
            raise ValidationError("mesh", expected, f"{mesh.size} devices")
    return Ensemble(
        num_neurons=num_neurons,
        num_probes=check_size("num_probes", num_probes),
        num_iter=check_size("num_iter", num_iter),
        asynchronous=check_flag("asynchronous", asynchronous),
        build=coupling_builder(rule),
        key=as_key(seed),
        width=most_patterns,
        mesh=mesh,
    )


def check_condition(temperature: float, initial_overlap: float) -> Condition:
    """Return the validated condition."""
    return Condition(
        check_real("temperature", temperature, low=0),
        check_real("initial_overlap", initial_overlap, low=-1, high=1),
    )


def sample(
    networks: Ensemble,
    num_networks: int,
    num_patterns: Sequence[int],
    conditions: Sequence[Condition],
    *,
    show_progress: bool,
) -> AnyArray:
    """Return the overlap of every probe, (loads, conditions, networks, probes)."""
    count = check_size("num_networks", num_networks)
    if count * networks.num_probes < 2:
        raise ValidationError("num_networks", "at least 2 for one probe each", str(count))
    shape = len(num_patterns), len(conditions), count, networks.num_probes
    overlaps = np.empty(shape)
    with tqdm(
        total=count * overlaps[..., 0, 0].size,
        desc="Probing",
        disable=not check_flag("show_progress", show_progress),
    ) as bar:
        for load, number in np.ndindex(shape[0], count):
            stored = networks.store(number, num_patterns[load])
            for which, condition in enumerate(conditions):
                overlaps[load, which, number] = networks.probe(stored, condition)
                bar.update()
    lost = np.isnan(overlaps).any(axis=(1, 2, 3))
    warn_of_divergence(np.array(num_patterns)[lost].tolist(), networks.num_neurons)
    return overlaps


def warn_of_divergence(num_patterns: Collection[int], num_neurons: int) -> None:
    """Warn if the rule diverged in networks of so many patterns."""
    if num_patterns:
        least = min(num_patterns)
        warn(
            f"The rule diverges on {least} patterns of {num_neurons} neurons, at a load of "
            f"{least / num_neurons:.3g}: such a network holds none of them, and has no overlaps.",
            "If it does so at small loads too, its learning rate is too large.",
        )


class _Walk(NamedTuple):
    """State of the probes of a network at a temperature.

    Args:
        step: Updates done.
        states: States of the probes, (B, N).
        field: Their local fields, (B, N).
        total: Overlap of each probe with its pattern, summed over the updates that count, (B,).
    """

    step: Array
    states: Array
    field: Array
    total: Array


def _averaged(
    network: Network, weights: Couplings, targets: Array, cues: Array, keys: Array
) -> AnyArray:
    """Run one update per key, and return the mean overlap over the second half of them."""
    updates = len(keys)
    prepared = prepare(network, weights)
    load = load_of(network, weights, cues.shape[1])
    end = in_pieces(
        lambda walk, limit: _walk(network, weights, prepared, targets, keys, walk, limit),
        _start(network, weights, cues),
        updates,
        load.first_updates(len(cues), updates),
        lambda walk: bool(host(walk.step) < updates),
    )
    mean: AnyArray = host(end.total) / (updates - updates // 2)
    return mean


@jax.jit
@full_precision
def _start(network: Network, weights: Couplings, cues: Array) -> _Walk:
    field = network.local_field(weights, cues)
    return _Walk(jnp.int32(0), cues, field, jnp.zeros(len(cues), cues.dtype))


@jax.jit
@full_precision
def _walk(
    network: Network,
    weights: Couplings,
    prepared: PyTree,
    targets: Array,
    keys: Array,
    walk: _Walk,
    limit: int,
) -> _Walk:
    """Run updates until ``limit`` are done in all."""
    stays = jnp.zeros((len(targets), 1), bool)

    def body(walk: _Walk) -> _Walk:
        own = walk.states, walk.field, keys[walk.step], None, stays
        states, field = network.advance(weights, prepared, *own)
        overlaps = jnp.mean(states * targets, axis=-1)
        counts = walk.step >= len(keys) // 2
        total = walk.total + jnp.where(counts, overlaps, 0.0)
        return _Walk(walk.step + 1, states, field, total)

    moved: _Walk = jax.lax.while_loop(lambda walk: walk.step < limit, body, walk)
    return moved
