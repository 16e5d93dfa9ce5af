"""Neurons inside JAX transformations; a new one needs a row in ``GRADED`` or ``FIRING``."""

import dataclasses
import inspect

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import canns.dynamics
from canns.dynamics import (
    LIF,
    SRM,
    AdaptiveLIF,
    AdaptiveSigmoid,
    AdEx,
    Clamped,
    ClopathAdEx,
    ConductanceLIF,
    CurrentLIF,
    Delayed,
    DeltaLIF,
    DualCurrentLIF,
    FirstSpikeWins,
    HierarchicalLinear,
    LateralInhibition,
    LateralLinear,
    LateralThreshold,
    Linear,
    Logistic,
    Neuron,
    Paired,
    Poisson,
    RandomSpikes,
    RankedWinners,
    Recorded,
    SoftWinners,
    Spiking,
    Stack,
    Successive,
    SynapticDelays,
    WinnerTakeAll,
)
from canns.errors import NotDifferentiableError

pytestmark = pytest.mark.slow

INPUTS, OUTPUTS = 4, 4

GRADED = {
    "Linear": Linear(),
    "AdaptiveSigmoid": AdaptiveSigmoid(),
    "HierarchicalLinear": HierarchicalLinear(),
    "LateralLinear": LateralLinear(),
    "SoftWinners": SoftWinners(0.7),
    "Delayed": Delayed(SoftWinners(0.7), 0, 0, longest=1),
    "SynapticDelays": SynapticDelays(SoftWinners(0.7), np.arange(INPUTS), np.zeros(INPUTS), INPUTS),
    "Stack": Stack((Linear(), SoftWinners(0.7))),
}
# Their activity is what they are shown: the derivative by the input is one, by the weights zero.
SHOWN = {
    "Clamped": Clamped(),
    "Paired": Paired(),
    "Recorded": Recorded(),
    "Successive": Successive(),
}
FIRING = {
    "LIF": LIF(),
    "CurrentLIF": CurrentLIF(drive=14.0),
    "DeltaLIF": DeltaLIF(drive=19.0),
    "AdaptiveLIF": AdaptiveLIF(drive=14.0),
    "ConductanceLIF": ConductanceLIF(drive=14.0, inhibitory=1),
    "DualCurrentLIF": DualCurrentLIF(inhibitory=1),
    "AdEx": AdEx(drive=500.0),
    "ClopathAdEx": ClopathAdEx(drive=500.0),
    "SRM": SRM(T=1.0),
    "Poisson": Poisson(escape="exponential"),
    "Logistic": Logistic(),
    "FirstSpikeWins": FirstSpikeWins(CurrentLIF(drive=14.0)),
    "LateralInhibition": LateralInhibition(CurrentLIF(drive=14.0)),
    "LateralThreshold": LateralThreshold(),
    "RankedWinners": RankedWinners(),
    "WinnerTakeAll": WinnerTakeAll(),
    "Delayed firing": Delayed(LIF(), 0, 0, longest=1),
    "Stack firing": Stack((Linear(), LIF())),
}
ALL = GRADED | SHOWN | FIRING


def each(rows):
    return pytest.mark.parametrize("name", rows)


def setting(neuron):
    """Return weights, a state and an input for ``neuron``."""
    parts = neuron.neurons if isinstance(neuron, Stack) else [neuron]
    keys = jax.random.split(jax.random.key(0), len(parts))
    drawn = [n.draw(key, INPUTS, OUTPUTS) for n, key in zip(parts, keys, strict=True)]
    weights = tuple(drawn) if isinstance(neuron, Stack) else drawn[0]
    if isinstance(neuron, HierarchicalLinear | LateralLinear):
        weights = weights._replace(lateral=0.02 * jnp.arange(16.0).reshape(4, 4))
    length = INPUTS + OUTPUTS if isinstance(neuron, Paired | Recorded) else INPUTS
    return weights, neuron.init(weights), jnp.linspace(0.2, 1.0, length)


def numbers_of(neuron):
    names = [f.name for f in dataclasses.fields(neuron) if "bounds" in f.metadata]
    return {name: jnp.asarray(getattr(neuron, name), float) for name in names}


def answer(neuron, state, weights, x):
    """Return a number that depends on all that a step gives to others."""
    _, activity = neuron.step(state, weights, x)
    posts = jax.tree.leaves(activity.post)
    return sum(jnp.sum(jnp.cos(jnp.arange(post.size) + post)) for post in posts)


def test_every_neuron_has_a_row():
    kinds = filter(inspect.isclass, vars(canns.dynamics).values())
    public = {kind for kind in kinds if issubclass(kind, Neuron)} - {Neuron, RandomSpikes, Spiking}
    assert public == {type(neuron) for neuron in ALL.values()}


@each(ALL)
def test_jit_and_vmap_are_a_loop(name):
    neuron = ALL[name]
    weights, state, x = setting(neuron)
    xs = jnp.stack([x, 2 * x, -x])
    numbers = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf, 1.01 * leaf]), numbers_of(neuron))

    def step(numbers, state, weights, x):
        own = dataclasses.replace(neuron, **numbers)
        own.validate()
        return own.step(state, weights, x)

    many = jax.jit(jax.vmap(step, (0, None, None, 0)))(numbers, state, weights, xs)
    one = jax.jit(step)
    for i, x in enumerate(xs):
        own = jax.tree.map(lambda leaf, i=i: leaf[i], numbers)
        alone = one(own, state, weights, x)
        for a, b in zip(jax.tree.leaves(alone), jax.tree.leaves(many), strict=True):
            np.testing.assert_allclose(b[i], a, rtol=1e-5, atol=1e-5)


@each(GRADED | SHOWN)
def test_slopes_are_those_of_finite_differences(name, x64):
    neuron = ALL[name]
    weights, state, x = setting(neuron)
    args = numbers_of(neuron), weights, x
    rng = np.random.default_rng(1)
    direction = jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape)), args)

    def loss(args):
        numbers, weights, x = args
        return answer(dataclasses.replace(neuron, **numbers), state, weights, x)

    h = 1e-5
    steps = jnp.array([0.0, h, -h])
    near = jax.tree.map(lambda a, d: a + jnp.multiply.outer(steps, d), args, direction)
    values, rows = jax.jit(jax.vmap(jax.value_and_grad(loss)))(near)
    pairs = zip(jax.tree.leaves(rows), jax.tree.leaves(direction), strict=True)
    along = sum(float(jnp.sum(row[0] * d)) for row, d in pairs)
    # Of third order in h, with rounding of 1e-16 / h.
    assert along == pytest.approx(float(values[1] - values[2]) / (2 * h), rel=1e-6, abs=1e-6)
    _, pushed = jax.jit(lambda *pair: jax.jvp(loss, pair[:1], pair[1:]))(args, direction)
    assert float(pushed) == pytest.approx(along, rel=1e-9, abs=1e-9)
    if name in SHOWN:
        assert all(not leaf.any() for leaf in jax.tree.leaves(rows[1]))
    assert np.any(rows[2])


@each(FIRING)
def test_what_fires_refuses_by_name(name):
    neuron = FIRING[name]
    weights, state, x = setting(neuron)
    inner = neuron.neurons[-1] if isinstance(neuron, Stack) else getattr(neuron, "neuron", neuron)
    kind = type(
        neuron if isinstance(neuron, FirstSpikeWins | LateralInhibition) else inner
    ).__name__
    refused = pytest.raises(NotDifferentiableError, match=rf"^{kind} jumps.*AdaptiveSigmoid")
    with refused:
        jax.grad(answer, argnums=2)(neuron, state, weights, x)
    with refused:
        jax.jit(jax.vmap(jax.grad(answer, argnums=3), (None, None, None, 0)))(
            neuron, state, weights, jnp.stack([x, x])
        )
    with refused:
        jax.jvp(lambda x: answer(neuron, state, weights, x), (x,), (x,))


@each([name for name, neuron in FIRING.items() if isinstance(neuron, Spiking)])
def test_up_to_the_spike_a_potential_has_slopes(name):
    neuron = FIRING[name]
    weights, state, x = setting(neuron)

    def potential(weights):
        return jnp.sum(neuron.potential(neuron.integrate(state, weights, x)))

    assert any(np.any(leaf) for leaf in jax.tree.leaves(jax.grad(potential)(weights)))
