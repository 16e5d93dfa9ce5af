"""Compile and run what is marked for XLA: rules with neurons that fit them, and each operation.

XLA aborts a process that misuses the mark, so this is one of its own. It marks on any version of
jaxlib. If ``XLA_FLAGS= python tests/kernel_sweep.py all`` comes to its end, which it says with the
number of programs, ``canns._kernel.SWEPT`` may list the version. Without ``all`` it takes a part of
the pairs, in which each rule and each neuron is.
"""

import contextlib
import dataclasses
import inspect
import sys
import warnings
from collections import Counter
from itertools import cycle, product

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from canns import _kernel, dynamics, plasticity
from canns.dynamics import CurrentLIF, Delayed, FirstSpikeWins, LateralInhibition, Linear, Neuron
from canns.errors import CannsWarning, DivergenceError
from canns.plasticity import (
    BasisSTDP,
    Hebbian,
    IntrinsicPlasticity,
    MLPRule,
    Oja,
    Parts,
    Reversed,
    RewardModulated,
    Rule,
    Setup,
    SplineSTDP,
    Sum,
    SynapticScaling,
    TaylorRule,
    ThresholdAdaptation,
    learn,
    learn_members,
)
from canns.plasticity.learning import show_epochs, to_samples

KEY = jax.random.key(0)
RNG = np.random.default_rng(0)
ROWS, MEMBERS = 9, 3
# (in, out): weights of just 1 kB, long and flat ones, and nearly too many for one core.
SIZES = cycle(((16, 16), (64, 4), (20, 20), (4, 64), (130, 130), (300, 1), (1, 300)))
# Classes that need an argument. Stacks of layers and Parts are made of others; the
# weights of SynapticDelays follow from its delays.
MADE = {
    "BasisSTDP": [BasisSTDP((0.01, 0.0), (0.0, -0.01), (10.0, 30.0))],
    "SplineSTDP": [SplineSTDP((0.01, 0.0, 0.0), (0.0, -0.01, 0.0))],
    "Delayed": [Delayed(Linear(), 1, 1, 2), Delayed(CurrentLIF(), 1, 1, 2)],
    "FirstSpikeWins": [FirstSpikeWins(CurrentLIF())],
    "LateralInhibition": [LateralInhibition(CurrentLIF())],
    "MLPRule": [MLPRule.unknown()],
    "Parts": [],
    "Reversed": [Reversed(Hebbian())],
    "RewardModulated": [RewardModulated(Hebbian()), RewardModulated(Oja())],
    "Stack": [],
    "SynapticDelays": [],
    "Sum": [Sum((Hebbian(), SynapticScaling()))],
    "TaylorRule": [TaylorRule(("x y", "y^2 w", "x <y>"), (0.1, -0.1, 0.1), 0.1)],
}


class UnmarkedError(BaseException):
    """What was about to be compiled has no mark. It passes by whatever falls back."""


class Marks:
    """Counts the marks, and stops what has none before it is compiled."""

    def __init__(self):
        self.fits, self.count = _kernel._fits, 0

    def __call__(self, jaxpr, **options):
        if options:  # within
            return self.fits(jaxpr, **options)
        if not self.fits(jaxpr):
            raise UnmarkedError
        self.count += 1
        return True


def public(package, base):
    """One object, or several, of each class of ``package`` that is a ``base``."""
    for name in package.__all__:
        cls = getattr(package, name)
        if inspect.isclass(cls) and issubclass(cls, base) and dataclasses.is_dataclass(cls):
            yield from MADE[name] if name in MADE else [cls()]


def of_parts(rule, weights):
    """Return the rule for weights of this structure, of parts for each matrix or each vector."""
    if not isinstance(weights, tuple):
        return rule
    ndim = 1 if isinstance(rule, IntrinsicPlasticity | ThresholdAdaptation) else 2
    return Parts(tuple(rule if part.ndim == ndim else None for part in weights))


def alone(rule, neuron, weights, inputs, rewards):
    learn(Setup(rule, neuron), weights, inputs, rewards=rewards)


def epochs(rule, neuron, weights, inputs, rewards):
    setup = Setup(rule, neuron)
    setup.check(weights, rewards)
    samples = to_samples(inputs, rewards, inputs.dtype)
    show_epochs(setup, setup.start(weights), samples, 2)


def members(rule, neuron, weights, inputs, rewards, *, shared=True):
    setup = Setup(rule, neuron)
    setup.check(weights, rewards)
    parts = setup, setup.start(weights)
    stacked = jax.tree.map(lambda leaf: np.stack([leaf] * MEMBERS), parts)
    if not shared:
        inputs, rewards = jax.tree.map(lambda rows: np.stack([rows] * MEMBERS), (inputs, rewards))
    learn_members(*stacked, inputs, rewards=rewards, shared=shared)


def members_apart(*parts):
    members(*parts, shared=False)


WAYS = cycle((alone, members, epochs, members_apart))


def rules_and_neurons(marks, thin):
    """Learn by each rule with each neuron, in ways and sizes that take turns.

    If ``thin``, by each rule with two neurons at least and with each neuron by two rules, and of
    the other pairs by one in four.
    """
    often = Counter()
    pairs = product(enumerate(public(dynamics, Neuron)), enumerate(public(plasticity, Rule)))
    for (i, neuron), (k, rule) in pairs:
        if thin and (i + k) % 4 and min(often["neuron", i], often["rule", k]) >= 2:
            continue
        before = marks.count
        for size in (next(SIZES), (20, 20)):  # some are for as many inputs as outputs
            if tried(rule, neuron, size):
                break
        if marks.count > before:
            often.update((("neuron", i), ("rule", k)))


def tried(rule, neuron, size):
    drawn = jax.eval_shape(lambda key: neuron.draw(key, *size), KEY)
    weights = jax.tree.map(lambda part: np.float32(0.1 * RNG.normal(size=part.shape)), drawn)
    rule = of_parts(rule, weights)
    held = isinstance(neuron, dynamics.Recorded | dynamics.Paired)
    inputs = np.float32(RNG.normal(size=(ROWS, size[0] + held * size[1])) > 0)
    rewards = np.ones(ROWS, np.float32) if "reward" in rule.needs else None
    try:
        jax.eval_shape(lambda w: learn(Setup(rule, neuron), w, inputs, rewards=rewards), weights)
    except Exception:  # they do not fit each other, or this size
        return False
    with contextlib.suppress(DivergenceError, UnmarkedError):
        next(WAYS)(rule, neuron, weights, inputs, rewards)
    return True


OF_ONE = (
    "abs ceil cos erf erfc erf_inv exp exp2 expm1 floor is_finite lgamma log log1p logistic neg "
    "round rsqrt sign sin sqrt square stop_gradient tan tanh"
)
OF_TWO = "add div eq ge gt le lt max min mul ne nextafter pow rem sub"
OF_BITS = "bitwise_and bitwise_or bitwise_xor shift_left shift_right_arithmetic shift_right_logical"
SUMS = "all any argmax argmin cumsum max min prod sum"


def steps():
    """Each operation that may be in a marked loop, of a matrix m and a row x, (20, 20), (20,)."""
    for f in named(lax, OF_ONE):
        yield lambda m, x, f=f: f(m * x)
    for f in named(lax, OF_TWO):
        yield lambda m, x, f=f: f(m, x[:, None] + 0 * m)
    for f in named(lax, OF_BITS):
        yield lambda m, x, f=f: f(jnp.int32(9 * m), jnp.int32(9 * x + 0 * m))
    for f, axis in product(named(jnp, SUMS), (None, 0, 1)):
        yield lambda m, x, f=f, axis=axis: f(m > x if f in BOTH else m * x, axis)
    yield from OTHERS


def named(module, names):
    return [getattr(module, name) for name in names.split()]


BOTH = jnp.all, jnp.any
OTHERS = (
    lambda m, x: m @ x,
    lambda m, x: x @ m,
    lambda m, x: x @ x,
    lambda m, x: jnp.outer(x, x),
    lambda m, x: jax.vmap(jnp.dot)(m, m),
    lambda m, x: jax.vmap(jnp.dot, (0, None))(m.reshape(4, 5, 20), x),
    lambda m, x: lax.bitwise_not(jnp.int32(m)) + lax.population_count(jnp.int32(9 * m)),
    lambda m, x: lax.clamp(0.2, m, 0.7) ** 3,
    lambda m, x: jnp.where(m > x, m, x),
    lambda m, x: lax.cond(x[0] > 0.5, lambda: m, lambda: 2 * m),
    lambda m, x: lax.switch(jnp.int32(3 * x[0]), (lambda: m, lambda: 2 * m, lambda: m + x)),
    lambda m, x: jax.jit(jnp.tanh)(m) + jax.nn.relu(x) + jax.checkpoint(jnp.sin)(x),
    lambda m, x: lax.cummax(m) + lax.cummin(m, 1),
    lambda m, x: jnp.concatenate([m[:3], x[None], m[4:]]),
    lambda m, x: jnp.stack([*x]) + jnp.split(x, 4)[0].sum(),
    lambda m, x: lax.dynamic_slice(m, (jnp.int32(9 * x[0]), 0), (3, 20)),
    lambda m, x: lax.dynamic_update_slice(m, x[None], (jnp.int32(9 * x[0]), 0)),
    lambda m, x: m[::-2].T[3:7],
    lambda m, x: jnp.pad(x, 3)[3:-3] + jnp.arange(20.0) + jnp.copy(x),
    lambda m, x: jnp.tril(m) + jnp.eye(20) + jnp.zeros((20, 1)),
    lambda m, x: m * jnp.linspace(0.0, 1.0, 20) + NUMBERS + x,  # with a constant
)
NUMBERS = np.linspace(0.0, 1.0, 400, dtype=np.float32).reshape(20, 20)


def operations():
    """Run each operation in a loop, alone and for several at a time."""
    matrix, rows = RNG.uniform(0.1, 0.9, (2, 20, 20)).astype(np.float32)
    batches = cycle((None, 0))
    for step in steps():
        run = looped(step)
        first = matrix
        if next(batches) == 0:
            run, first = jax.vmap(run, (0, None, None)), np.stack([matrix] * MEMBERS)
        with contextlib.suppress(UnmarkedError):
            _kernel.jit_wide(run)(first, rows, ROWS)


def looped(step):
    def body(i, carry):
        matrix, rows = carry
        after = jnp.asarray(step(matrix, rows[i]), jnp.float32)
        own = after if after.shape == rows.shape[1:] else after.sum()  # one number a column, or one
        spread = jnp.zeros_like(matrix) + own
        return 0.5 * matrix + lax.stop_gradient(spread) / 100, rows

    def run(matrix, rows, count):
        return lax.fori_loop(0, count, body, (matrix, rows))[0]

    return _kernel.one_kernel(run)


if __name__ == "__main__":
    warnings.simplefilter("ignore", CannsWarning)  # many pairs are odd
    _kernel.SWEPT = (_kernel._VERSION,)
    _kernel._fits = marks = Marks()
    _kernel.suppress = lambda *_: contextlib.nullcontext()  # what does not compile ends it, too
    rules_and_neurons(marks, thin="all" not in sys.argv)
    learnt = marks.count
    operations()
    print(f"{learnt} rules and {marks.count - learnt} operations on jaxlib {_kernel._VERSION}")
