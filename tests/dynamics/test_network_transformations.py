"""Networks inside JAX transformations; a new one needs a row in ``GRADED`` or ``JUMPING``."""

import dataclasses
import inspect
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import canns.dynamics
from canns.dynamics import (
    OUTCOMES,
    Bidirectional,
    ContinuousHopfield,
    DenseExponential,
    DensePolynomial,
    DilutedHopfield,
    HierarchicalMemory,
    Hopfield,
    KWinners,
    LagrangianLayer,
    LogCosh,
    McCullochPitts,
    ModernHopfield,
    Network,
    Potts,
    Replay,
    Sparse,
    Willshaw,
    network_energies,
    recall,
    relax,
    trajectory,
    update_once,
)
from canns.errors import NotDifferentiableError, ValidationError

pytestmark = pytest.mark.slow

N, P, B, UPDATES = 6, 3, 4, 3
RNG = np.random.default_rng(0)
KEY = jax.random.key(1)
SIGNS = RNG.choice([-1.0, 1.0], (B, N))
BITS = (SIGNS + 1) / 2
REALS = 0.7 * RNG.normal(size=(B, N))
SHARES = (1 + np.tanh(REALS)) / 2
PATTERNS = RNG.choice([-1.0, 1.0], (P, N))
MATRIX = RNG.normal(size=(N, N))
MATRIX = MATRIX + MATRIX.T
TABLE = (np.arange(N)[:, None] + [1, 2]) % N
THIN = RNG.normal(size=(N, 2))
BINARY = (RNG.random((N, N)) < 0.6).astype(float)

GRADED = {
    "layers": (
        HierarchicalMemory((LagrangianLayer("v", len(MATRIX), LogCosh()),), (("v", "v"),)),
        (MATRIX,),
        SIGNS,
    ),
    "tanh": (Hopfield(0.1, 0.8, "tanh"), MATRIX, REALS),
    "sigmoid": (Hopfield(0.1, 0.8, "sigmoid"), MATRIX, SHARES),
    "tanh in turn": (Hopfield(0.1, 0.8, "tanh", asynchronous=True), MATRIX, REALS),
    "sparse": (Hopfield(0.1, 0.8, "tanh"), Sparse(jnp.asarray(TABLE), THIN), REALS),
    "0 and 1": (McCullochPitts(0.1, 0.8, "sigmoid"), MATRIX, SHARES),
    "diluted": (DilutedHopfield(0.1, 0.8, "tanh", connections=jnp.asarray(TABLE)), THIN, REALS),
    "replay": (Replay(0.1, 0.8, "tanh"), MATRIX, REALS),
    "continuous": (ContinuousHopfield(1.1, 0.9, 0.5, 0.2), MATRIX, REALS),
    "continuous sigmoid": (
        ContinuousHopfield(1.1, 0.9, 0.5, 0.2, activation="sigmoid"),
        MATRIX,
        REALS,
    ),
    "modern": (ModernHopfield(0.6), REALS[:P], REALS),
    "sparsemax": (ModernHopfield(0.6, retrieval="sparsemax"), REALS[:P], REALS),
}
JUMPING = {
    "sign": (Hopfield(0.1), MATRIX, SIGNS),
    "flips": (Hopfield(asynchronous=True), MATRIX, SIGNS),
    "visits": (Hopfield(asynchronous=True), Sparse(jnp.asarray(TABLE), THIN), SIGNS),
    "heat bath": (Hopfield(temperature=2.0, stochastic=True), MATRIX, SIGNS),
    "flips of a heat bath": (
        Hopfield(temperature=2.0, stochastic=True, asynchronous=True),
        MATRIX,
        SIGNS,
    ),
    "0 and 1, steps": (McCullochPitts(0.1), MATRIX, BITS),
    "0 and 1, heat bath": (McCullochPitts(0.1, stochastic=True), MATRIX, BITS),
    "diluted steps": (DilutedHopfield(connections=jnp.asarray(TABLE)), THIN, SIGNS),
    "replay of signs": (Replay(), MATRIX, SIGNS),
    "bidirectional": (Bidirectional(), MATRIX[:2, :4], SIGNS),
    "polynomial": (DensePolynomial(), PATTERNS, SIGNS),
    "polynomial in turn": (DensePolynomial(asynchronous=True), PATTERNS, SIGNS),
    "exponential": (DenseExponential(), PATTERNS, SIGNS),
    "exponential in turn": (DenseExponential(asynchronous=True), PATTERNS, SIGNS),
    "Potts": (Potts(3), np.abs(PATTERNS), BITS),
    "Potts in turn": (Potts(3, asynchronous=True), np.abs(PATTERNS), BITS),
    "Willshaw": (Willshaw(), BINARY, BITS),
    "k winners": (KWinners(2), MATRIX, BITS),
}
ALL = GRADED | JUMPING


def each(rows):
    return pytest.mark.parametrize("name", rows)


def numbers_of(network):
    """Return the traced numbers of a network, by name."""
    bounded = [f.name for f in dataclasses.fields(network) if "bounds" in f.metadata]
    return {name: jnp.asarray(getattr(network, name), float) for name in bounded}


def split(row):
    """Return what is differentiated, (numbers, weights, cues), and how to run it."""
    network, weights, cues = row
    tables = Sparse(jnp.asarray(TABLE), None)
    sparse = isinstance(weights, Sparse)
    several = isinstance(weights, tuple) and not sparse  # one matrix a synapse
    values = weights.weights if sparse else weights[0] if several else weights

    def join(numbers, values, cues):
        whole = tables._replace(weights=values) if sparse else (values,) if several else values
        return dataclasses.replace(network, **numbers), whole, cues

    return (numbers_of(network), jnp.asarray(values, float), jnp.asarray(cues, float)), join


def loss_of(row):
    """Return a smooth function of numbers, weights and cues, by way of a recall."""
    args, join = split(row)
    probe = jnp.asarray(np.random.default_rng(1).normal(size=np.shape(row[2])))

    def loss(args):
        found = recall(*join(*args), key=KEY, num_iter=UPDATES, differentiable=True)
        return jnp.sum(found.energies[:, -1]) + jnp.sum(probe * found.states)

    return args, loss


def direction_of(args):
    rng = np.random.default_rng(2)
    return jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), args)


def along(gradient, direction):
    return sum(
        float(jnp.sum(g * d))
        for g, d in zip(jax.tree.leaves(gradient), jax.tree.leaves(direction), strict=True)
    )


def slope(function, args, direction, h=1e-5):
    """Return the central difference; of third order in h, with rounding of 1e-16 / h."""
    steps = jnp.array([h, -h])
    pair = jax.tree.map(lambda a, d: a + jnp.multiply.outer(steps, d), args, direction)
    ahead, behind = jax.jit(jax.vmap(function))(pair)
    return float(ahead - behind) / (2 * h)


def test_every_network_has_a_row():
    kinds = filter(inspect.isclass, vars(canns.dynamics).values())
    public = {kind for kind in kinds if issubclass(kind, Network)} - {Network}
    assert public == {type(network) for network, _, _ in ALL.values()}


@each(ALL)
def test_jit_changes_nothing(name):
    network, weights, cues = ALL[name]
    cues = cues.astype(np.float32)
    weights = jax.tree.map(lambda leaf: jnp.asarray(leaf), weights)

    @jax.jit
    def run(network, weights, cues, key):
        found = recall(network, weights, cues, key=key, num_iter=UPDATES)
        return found, network_energies(network, weights, cues)

    inside, energies = run(network, weights, cues, KEY)
    found = recall(network, weights, cues, key=KEY, num_iter=UPDATES)
    close = {"rtol": 2e-5, "atol": 2e-5}  # some hundred roundings of a graded state
    np.testing.assert_allclose(inside.states, found.states, **close)
    assert [OUTCOMES[code] for code in inside.outcome] == found.outcome.tolist()
    np.testing.assert_array_equal(inside.steps, found.steps)
    assert inside.energies.shape == (B, UPDATES + 1)
    taken = found.energies.shape[1]
    np.testing.assert_allclose(inside.energies[:, :taken], found.energies, **close)
    held = np.repeat(inside.energies[:, taken - 1 : taken], UPDATES + 1 - taken, axis=1)
    np.testing.assert_array_equal(inside.energies[:, taken:], held)
    np.testing.assert_allclose(energies, found.energies[:, 0], **close)


@each(["tanh", "flips", "heat bath"])
def test_other_ways_to_recall_run_inside_jit(name):
    network, weights, cues = ALL[name]
    cues = cues.astype(np.float32)

    def run(network, weights, cues, key):
        path = trajectory(network, weights, cues, key=key, num_iter=UPDATES)
        once = update_once(network, weights, cues[0], key)
        return path, once, relax(network, weights, cues, key, UPDATES)

    args = network, weights.astype(np.float32), cues, KEY
    inside = jax.jit(run)(*args)
    for a, b in zip(inside, run(*args), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-5)
    path, _, rests = inside
    np.testing.assert_array_equal(path[0], cues)
    np.testing.assert_allclose(path[-1], rests, rtol=2e-5, atol=2e-5)


@each(ALL)
def test_vmap_over_cues_numbers_and_keys_is_a_loop(name):
    (numbers, values, cues), join = split(ALL[name])
    keys = jax.random.split(KEY, B)
    many = jax.tree.map(lambda leaf: leaf * jnp.linspace(1.0, 1.3, B), numbers)
    if name == "k winners":
        many = {"winners": jnp.array([1.0, 2.0, 3.0, 2.0])}

    def run(numbers, values, cue, key):
        found = recall(*join(numbers, values, cue[None]), key=key, num_iter=UPDATES)
        return found.states, found.outcome, found.energies

    rows = jax.jit(jax.vmap(run, (0, None, 0, 0)))(many, values, cues, keys)
    one = jax.jit(run)
    for i in range(B):
        own = jax.tree.map(lambda leaf, i=i: leaf[i], many)
        for row, alone in zip(rows, one(own, values, cues[i], keys[i]), strict=True):
            np.testing.assert_allclose(row[i], alone, rtol=2e-5, atol=2e-5)


@each(GRADED)
def test_slopes_are_those_of_finite_differences(name, x64):
    args, loss = loss_of(GRADED[name])
    direction = direction_of(args)
    two = jax.tree.map(lambda leaf: jnp.stack([leaf, 1.01 * leaf]), args)
    rows = jax.jit(jax.vmap(jax.grad(loss)))(two)
    gradient = jax.tree.map(lambda leaf: leaf[0], rows)
    expected = slope(loss, args, direction)
    assert along(gradient, direction) == pytest.approx(expected, rel=1e-6, abs=1e-6)
    _, pushed = jax.jit(lambda *pair: jax.jvp(loss, pair[:1], pair[1:]))(args, direction)
    assert float(pushed) == pytest.approx(along(gradient, direction), rel=1e-9)
    for leaf in jax.tree.leaves(rows):
        assert not np.array_equal(leaf[0], leaf[1])


def test_jit_and_vmap_may_be_taken_of_a_gradient_or_not(x64):
    args, loss = loss_of(GRADED["tanh"])
    once = jax.grad(loss)(args)
    two = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf]), args)
    for rows in (jax.jit(jax.grad(loss))(args), jax.vmap(jax.grad(loss))(two)):
        for a, b in zip(jax.tree.leaves(once), jax.tree.leaves(rows), strict=True):
            np.testing.assert_allclose(b, jnp.broadcast_to(a, b.shape), rtol=1e-9, atol=1e-9)


@each(["tanh", "continuous", "sparsemax"])
def test_forward_slopes_need_no_fixed_number_of_updates(name, x64):
    args, join = split(GRADED[name])
    direction = direction_of(args)

    def reached(args):
        return jnp.sum(recall(*join(*args), key=KEY, num_iter=UPDATES).states)

    _, pushed = jax.jit(lambda *pair: jax.jvp(reached, pair[:1], pair[1:]))(args, direction)
    expected = slope(reached, args, direction)
    assert float(pushed) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@each(JUMPING)
def test_what_jumps_refuses_by_name(name):
    args, join = split(JUMPING[name])
    kind = type(JUMPING[name][0]).__name__

    def reached(args, differentiable):
        options = {"num_iter": UPDATES, "differentiable": differentiable}
        return jnp.sum(recall(*join(*args), key=KEY, **options).states)

    with pytest.raises(NotDifferentiableError, match=rf"^{kind}.*For a derivative take"):
        jax.grad(reached)(args, True)
    with pytest.raises(NotDifferentiableError, match=kind):
        jax.jvp(lambda args: reached(args, False), (args,), (args,))


@each(ALL)
def test_energies_of_states_have_slopes(name, x64):
    (numbers, values, cues), join = split(ALL[name])
    states = cues + 0.05 * jnp.asarray(np.random.default_rng(3).normal(size=cues.shape))
    args = numbers, values, states
    if name == "k winners":
        args = {}, values, states

    def energy(args):
        network, weights, states = join(*args)
        return jnp.sum(network.energy(states, network.local_field(weights, states)))

    if name.startswith("Potts"):
        with pytest.raises(NotDifferentiableError, match="Potts"):
            jax.grad(energy)(args)
        return
    direction = direction_of(args)
    gradient = jax.jit(jax.grad(energy))(args)
    expected = slope(energy, args, direction)
    assert along(gradient, direction) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_fixed_number_of_updates_ends_where_a_recall_does():
    network, weights, cues = GRADED["modern"]
    run = network, weights, cues.astype(np.float32)
    found = recall(*run, key=KEY, num_iter=40)
    fixed = recall(*run, key=KEY, num_iter=40, differentiable=True)
    assert found.outcome.tolist() == fixed.outcome.tolist() == ["converged"] * B
    np.testing.assert_array_equal(found.steps, fixed.steps)
    np.testing.assert_allclose(found.states, fixed.states, rtol=1e-6, atol=1e-6)
    assert fixed.energies.shape == (B, 41)


def test_conditions_may_be_traced():
    network, weights, cues = Hopfield(temperature=0.5, activation="tanh"), MATRIX, REALS
    mask, schedule = np.arange(N) < 2, np.array([2.0, 1.0, 0.5])

    def run(threshold, mask, schedule, cues):
        options = {"threshold": threshold, "clamped": mask, "temperatures": schedule}
        return recall(network, weights, cues, key=KEY, num_iter=9, **options).states

    rows = cues.astype(np.float32)
    inside = jax.jit(run)(0.1, mask, schedule, rows)
    np.testing.assert_allclose(inside, run(0.1, mask, schedule, rows), rtol=1e-5)
    np.testing.assert_array_equal(inside[:, :2], rows[:, :2])


def test_constants_alone_can_be_recalled_inside_jit():
    for row in (JUMPING["flips"], GRADED["tanh"]):
        network, weights, cues = row[0], row[1].astype(np.float32), row[2].astype(np.float32)
        run = partial(recall, network, weights, cues, key=KEY, num_iter=UPDATES)
        found, expected = jax.jit(run)(), run()
        np.testing.assert_allclose(found.states, expected.states, rtol=2e-5, atol=2e-5)


def test_what_is_known_is_still_checked_inside():
    def run(temperature, num_iter=3, on_step=None):
        network = Hopfield(temperature=temperature, activation="tanh")
        return recall(network, MATRIX, REALS, key=KEY, num_iter=num_iter, on_step=on_step).states

    jax.jit(run)(0.5)
    for options in ({"num_iter": -1}, {"on_step": print}):
        with pytest.raises(ValidationError, match=next(iter(options))):
            jax.jit(lambda t, options=options: run(t, **options))(0.5)
    with pytest.raises(ValidationError, match="temperature"):
        jax.jit(lambda: run(-1.0))()
    with pytest.raises(ValidationError, match="on_step"):
        recall(Hopfield(), MATRIX, SIGNS, key=KEY, on_step=print, differentiable=True)
