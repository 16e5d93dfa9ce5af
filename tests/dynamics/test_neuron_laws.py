"""Laws that every spiking neuron obeys, alone and in a layer; a new one needs a row in ``ROWS``."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns._brainstate import brainstate
from canns.dynamics import (
    LIF,
    SRM,
    AdaptiveLIF,
    AdEx,
    ClopathAdEx,
    ConductanceLIF,
    CurrentLIF,
    Delayed,
    DeltaLIF,
    DualCurrentLIF,
    FirstSpikeWins,
    LateralInhibition,
    Logistic,
    Poisson,
)
from canns.errors import ValidationError
from canns.models.brain_inspired import NeuronLayer
from canns.plasticity import Monitor

ROWS = {
    "LIF": LIF(threshold=0.3),
    "CurrentLIF": CurrentLIF(drive=22.0, t_ref=2.0),
    "DeltaLIF": DeltaLIF(drive=30.0, dt=1.0),
    "AdaptiveLIF": AdaptiveLIF(drive=20.0, theta_plus=1.0, tau_theta=100.0),
    "ConductanceLIF": ConductanceLIF(drive=20.0, inhibitory=2),
    "DualCurrentLIF": DualCurrentLIF(drive=20.0, dt=1.0, inhibitory=2),
    "AdEx": AdEx(drive=1500.0, dt=0.5),
    "AdEx of wide spikes": AdEx(drive=1500.0, dt=0.5, t_spike=2.0, t_ref=1.0),
    "ClopathAdEx": ClopathAdEx(drive=3000.0, dt=0.5),
    "SRM": SRM(T=1.0, inhibition=0.25),
    "Poisson": Poisson(escape="exponential", rate=100.0, threshold=0.0),
    "Logistic": Logistic(2.0),
    "FirstSpikeWins": FirstSpikeWins(CurrentLIF(drive=25.0)),
    "LateralInhibition": LateralInhibition(CurrentLIF(drive=25.0)),
    "Delayed": Delayed(CurrentLIF(drive=25.0), np.array([0, 1, 2, 0, 1]), 1, longest=4),
    "Delayed competition": Delayed(FirstSpikeWins(AdaptiveLIF(drive=20.0)), 2, longest=2),
}
SPIKES = (np.random.default_rng(0).random((60, 5)) < 0.4).astype(np.float32)

each_neuron = pytest.mark.parametrize("neuron", ROWS.values(), ids=ROWS)


def layer_of(neuron):
    brainstate.random.seed(0)
    return NeuronLayer(5, 4, neuron)


def hyperparameters(neuron):
    """Yield each traced number of a neuron, and of one inside it, with the way to change it."""
    for field in dataclasses.fields(neuron):
        if "bounds" in field.metadata:
            yield (
                field.name,
                lambda value, name=field.name: dataclasses.replace(neuron, **{name: value}),
            )
        elif field.name == "neuron":
            for name, change in hyperparameters(neuron.neuron):
                yield (
                    name,
                    lambda value, change=change: dataclasses.replace(neuron, neuron=change(value)),
                )


@each_neuron
def test_a_run_is_so_many_steps_and_files_hold_all(neuron, tmp_path, count_compilations):
    layer = layer_of(neuron)
    layer.save(tmp_path / "layer")
    copy = NeuronLayer.load(tmp_path / "layer")
    first = layer.run(SPIKES)
    assert 0 < first.sum() < first.size
    again = [copy.forward(x) for x in SPIKES]
    np.testing.assert_array_equal(first, again)
    for name, box in layer.boxes().items():
        # To the last bit, unless the compiler fuses a product and a sum in one of the two.
        np.testing.assert_allclose(
            box.value, getattr(copy, name).value, rtol=2e-6, atol=1e-6, err_msg=name
        )
    # The run goes on from where it was, and a monitor changes nothing of it.
    second, history = layer.run(SPIKES, Monitor(("spikes", "post"), every=20))
    np.testing.assert_array_equal(second, [copy.forward(x) for x in SPIKES])
    np.testing.assert_array_equal(history.spikes, np.nonzero(second))
    np.testing.assert_array_equal(history.values["post"], second[19::20])
    # Other numbers are run by the same code.
    for _, change in hyperparameters(neuron):
        layer.neuron = change(0.99 * next(iter(hyperparameters_of(neuron, change))))
    assert count_compilations(lambda: layer.run(SPIKES)) == 0


def hyperparameters_of(neuron, change):
    """Yield the value of the number that ``change`` replaces."""
    probe = change(-12345.678)
    leaves = zip(jax.tree.leaves(neuron), jax.tree.leaves(probe), strict=True)
    yield from (a for a, b in leaves if np.ndim(a) == 0 and b == -12345.678)


@each_neuron
def test_what_is_no_number_is_refused(neuron):
    for name, change in hyperparameters(neuron):
        for value in (float("nan"), float("inf"), "1", None, True):
            with pytest.raises(ValidationError, match=name):
                change(value).validate()
    for name, change in hyperparameters(neuron):
        if name.startswith(("tau", "dt", "C", "g_L", "Delta", "width")):
            with pytest.raises(ValidationError, match=name):
                change(0.0).validate()


@each_neuron
@pytest.mark.parametrize("dtype", ["bfloat16", "float32", "float64"])
def test_the_float_type_is_kept(neuron, dtype, request):
    if dtype == "float64":
        request.getfixturevalue("x64")
    weights = neuron.draw(jax.random.key(0), 5, 4)
    weights = jax.tree.map(lambda part: part.astype(dtype), weights)
    state = neuron.init(weights)
    assert {leaf.dtype for leaf in jax.tree.leaves(state)} == {jnp.dtype(dtype)}
    after, activity = jax.eval_shape(neuron.step, state, weights, jnp.zeros(5, dtype))
    kept = {leaf.dtype for leaf in jax.tree.leaves((after, activity))}
    assert kept == {jnp.dtype(dtype)}
    assert jax.tree.structure(after) == jax.tree.structure(state)
    assert jax.tree.structure(neuron.state_names) == jax.tree.structure(state)
    names = jax.tree.leaves(neuron.state_names)
    assert len(set(names)) == len(names)


@each_neuron
def test_what_is_provided_is_there(neuron):
    weights = neuron.draw(jax.random.key(0), 5, 4)
    _, activity = jax.eval_shape(neuron.step, neuron.init(weights), weights, jnp.zeros(5))
    for name in neuron.provides:
        part, _, field = name.rpartition(".")
        owner = activity.parts[int(part)] if part else activity
        assert getattr(owner, field) is not None, name
    assert activity.potential.shape == activity.post.shape == (4,)
    pre, post = neuron.silence(weights)
    assert (pre.shape, post.shape) == (activity.pre.shape, activity.post.shape)


@each_neuron
def test_a_reset_and_a_new_size_begin_at_rest(neuron):
    layer = layer_of(neuron)
    rest = {name: box.value for name, box in layer.boxes().items() if name != "seed"}
    layer.run(SPIKES)
    layer.reset_state()
    for name, value in rest.items():
        np.testing.assert_array_equal(getattr(layer, name).value, value, err_msg=name)
    layer.resize(5, 6)
    assert layer.run(SPIKES).shape == (60, 6)
