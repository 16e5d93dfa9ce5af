"""Rules, neurons, samples and start weights that do not go together are refused or warned of."""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import (
    LIF,
    Clamped,
    ConductanceLIF,
    CurrentLIF,
    Delayed,
    FirstSpikeWins,
    Linear,
    Recorded,
    Stack,
    WinnerTakeAll,
)
from canns.errors import CannsWarning, ValidationError
from canns.models.brain_inspired import (
    AmariHopfieldNetwork,
    LinearLayer,
    NeuronLayer,
    SpikingLayer,
)
from canns.plasticity import (
    AntiHebbian,
    Bounds,
    Chain,
    Clopath,
    Covariance,
    Decorrelation,
    Guetig,
    Hebbian,
    Identity,
    Instar,
    Kohonen,
    MinOver,
    NonPositive,
    Oja,
    PairSTDP,
    PartProjections,
    Parts,
    PseudoInverse,
    RewardModulated,
    Setup,
    Soft,
    Storage,
    Storkey,
    StrictlyLower,
    Sum,
    SynapticScaling,
    UnitRows,
    Unlearning,
    VogelsSTDP,
    ZeroDiagonal,
    learn,
    learn_members,
    respond,
    store_patterns,
)
from canns.trainer import RuleTrainer, STDPTrainer

W = jnp.full((3, 4), 0.1)
SPIKES = np.float32(np.random.default_rng(0).random((6, 4)) < 0.5)


def check(rule, neuron, weights=W, inputs=SPIKES, project=None, **options):
    Setup(rule, neuron, Identity() if project is None else project).check(
        weights, inputs=inputs, **options
    )


@pytest.mark.parametrize("value", [255.0, -1.0, 0.744, np.nan])
@pytest.mark.parametrize(
    "rule",
    [
        PairSTDP(),
        VogelsSTDP(),
        Sum((PairSTDP(), SynapticScaling())),
        RewardModulated(PairSTDP()),
    ],
    ids=lambda rule: type(rule).__name__,
)
def test_a_number_that_is_no_spike_is_refused(rule, value):
    inputs = SPIKES.copy()
    inputs[2, 1] = value
    rewards = np.ones(6) if "reward" in rule.needs else None
    for neuron in (CurrentLIF(), FirstSpikeWins(CurrentLIF()), Delayed(CurrentLIF())):
        with pytest.raises(ValidationError, match=r"inputs must be spikes, 0 or 1, for \w+STDP"):
            Setup(rule, neuron).check(W, rewards, inputs=inputs)
        Setup(rule, neuron).check(W, rewards, inputs=SPIKES)


def test_a_spiking_neuron_takes_currents_under_a_rule_of_anything():
    for rule in (Hebbian(), Oja(), Instar()):
        check(rule, LIF(), inputs=SPIKES * 0.3)


def test_an_analogue_potential_beside_recorded_spikes_is_right():
    row = np.float32([[1, 0, 1, 0, 1, 0, 1, -61.3, -70.0, -54.9]])
    check(Clopath(), Recorded(potential=True), inputs=row)
    with pytest.raises(ValidationError, match="inputs must be spikes"):
        check(Clopath(), Recorded(potential=True), inputs=row * 0.5)


def test_only_the_inputs_of_a_part_that_reads_spikes_must_be_spikes():
    neuron = ConductanceLIF(inhibitory=2)
    weights = neuron.draw(jax.random.key(0), 4, 3)
    graded = SPIKES * np.float32([0.3, 0.3, 1, 1])  # excitation, then inhibition
    check(Parts((None, VogelsSTDP())), neuron, weights, graded)
    with pytest.raises(ValidationError, match="inputs must be spikes"):
        check(Parts((PairSTDP(), None)), neuron, weights, graded)


def test_a_layer_reads_what_the_layer_before_it_emits():
    weights = W, jnp.full((2, 3), 0.1)
    rule = Parts((None, PairSTDP()))
    check(rule, Stack((LIF(), LIF())), weights, 0.3 * SPIKES)
    with pytest.raises(ValidationError, match="receives spikes, 0 or 1, for PairSTDP; got Stack"):
        check(rule, Stack((Linear(), LIF())), weights)


def test_layers_of_sizes_that_do_not_fit_are_refused():
    with pytest.raises(ValidationError, match="for 3 inputs in layer 1"):
        check(Parts((Oja(), None)), Stack((Linear(), Linear())), (W, jnp.ones((2, 5))))
    with pytest.raises(ValidationError, match="2, one a layer"):
        check(Parts((Oja(), Oja(), Oja())), Stack((Linear(), Linear())), (W, W, W))


@pytest.mark.parametrize("inputs", [SPIKES[:, :3], np.ones((6, 5), np.float32)])
def test_samples_of_another_width_are_refused_by_name(inputs):
    for neuron in (Linear(), LIF(), WinnerTakeAll(), Delayed(Linear())):
        with pytest.raises(ValidationError, match=r"inputs must be of 4 columns for \w+; got"):
            check(Hebbian(), neuron, inputs=inputs)


def test_a_matrix_is_refused_if_the_weights_have_parts():
    with pytest.raises(ValidationError, match=r"ExcitatoryInhibitory.*for ConductanceLIF"):
        check(Hebbian(), ConductanceLIF())


@pytest.mark.parametrize("rule", ["oja", "kohonen", "pair_stdp", Oja(), SynapticScaling()])
def test_a_rule_of_layers_does_not_train_a_network_in_silence(rule):
    net = AmariHopfieldNetwork(4)
    patterns = np.float32([[1, -1, 1, -1], [1, 1, -1, -1]])
    with pytest.raises(ValidationError):
        RuleTrainer(net, rule).train(patterns)
    assert not net.W.value.any()


def test_a_map_needs_neurons_that_match_by_distance():
    x = np.random.default_rng(0).random((20, 2))
    RuleTrainer(NeuronLayer(2, 5, WinnerTakeAll(match="distance")), Kohonen()).train(x)
    with pytest.warns(CannsWarning, match=r"Kohonen is for.*WinnerTakeAll\(match='distance'\)"):
        record = RuleTrainer(NeuronLayer(2, 5, WinnerTakeAll()), Kohonen()).train(x)
    assert len(record.warnings) == 1
    with pytest.raises(ValidationError, match="one that emits 1 for the neuron nearest"):
        RuleTrainer(LinearLayer(2, 5), "kohonen").train(x)


class Threshold(LinearLayer):
    """A user's model: its forward may emit anything."""

    def forward(self, x):
        return (super().forward(x) > 0.1).astype(jnp.float32)


def test_of_a_users_own_model_only_the_samples_are_checked():
    for rule in (PairSTDP(), Kohonen(), Oja()):
        RuleTrainer(Threshold(2, 2), rule).train(np.eye(2))
    with pytest.raises(ValidationError, match="inputs must be spikes"):
        RuleTrainer(Threshold(2, 2), PairSTDP()).train(0.7 * np.eye(2))


SIGNS = np.sign(np.random.default_rng(0).normal(size=(3, 4))).astype(np.float32)


@pytest.mark.parametrize("rule", [Hebbian(), AntiHebbian(), Unlearning(), Storkey()])
@pytest.mark.parametrize("spoilt", [False, True])
def test_the_pure_way_warns_of_patterns_of_0_and_1(rule, spoilt):
    """A network of -1 and 1 does not recall them."""
    setup, zeros = Setup(rule, Clamped()), jnp.zeros((4, 4))
    learn(setup, zeros, SIGNS)
    learn(setup, zeros, np.ones((1, 4)))
    if not spoilt:
        return
    with pytest.warns(
        CannsWarning, match=r"stores patterns of -1 and 1, but .* 2 \* x - 1"
    ) as seen:
        learn(setup, zeros, (SIGNS + 1) / 2)
    assert len(seen) == 1


def test_rules_that_centre_or_correct_or_read_spikes_or_rates_take_0_and_1():
    bits = (SIGNS + 1) / 2
    for rule in (Covariance(), PseudoInverse(), MinOver(), PairSTDP(), Instar(), Decorrelation()):
        learn(Setup(rule, Clamped()), jnp.zeros((4, 4)), bits)
    store_patterns(jnp.zeros((4, 4)), bits)
    with pytest.warns(CannsWarning, match="stores patterns of -1 and 1"):
        store_patterns(jnp.zeros((4, 4)), bits, Storage(subtract_mean=False))


@pytest.mark.parametrize("neuron", [Linear(), LIF()])
def test_samples_of_another_width_are_refused_by_name_while_jax_traces(neuron):
    def end(weights, inputs):
        return learn(Setup(Hebbian(), neuron), weights, inputs).weights

    def outputs(weights, inputs):
        return respond(neuron, weights, inputs)[1]

    weights, inputs = jnp.zeros((2, 3)), jnp.zeros((5, 4))
    for call in (end, outputs):
        for run in (call, jax.jit(call), jax.grad(lambda *args, call=call: call(*args).sum())):
            with pytest.raises(ValidationError, match="inputs must be of 3 columns for "):
                run(weights, inputs)
        with pytest.raises(ValidationError, match="inputs must be of 3 columns for "):
            jax.vmap(call, (None, 0))(weights, inputs[None])
    setups, starts = jax.tree.map(
        lambda leaf: jnp.stack([leaf] * 2),
        (Setup(Hebbian(1.0), neuron), Setup(Hebbian(), neuron).start(weights)),
    )
    with pytest.raises(ValidationError, match="inputs must be of 3 columns"):
        learn_members(setups, starts, np.zeros((5, 4), np.float32), shared=True)


def test_instar_warns_only_if_activity_may_be_negative():
    check(Instar(), Linear())
    check(Instar(), Clamped(), jnp.zeros((4, 4)))
    for neuron, weights in ((Linear(), -W), (Clamped(), jnp.zeros((4, 4)))):
        with pytest.warns(CannsWarning, match="Instar is for activity that is not negative"):
            check(Instar(), neuron, weights, SPIKES * 2 - 1)


OUTSIDE = {
    "Bounds above": (Bounds(0.0, 1.0), [[20.0, 30.0]]),
    "Bounds below": (Bounds(0.0, 1.0), [[-0.1, 0.5]]),
    "in a chain": (Chain((UnitRows(), Bounds(0.0, 1.0))), [[0.5, 2.0]]),
    "NonPositive": (NonPositive(), [[-1.0, 0.1]]),
    "StrictlyLower": (StrictlyLower(), [[0.0, 1.0], [1.0, 0.0]]),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_start_weights_that_the_first_step_would_clip_are_warned_of(case):
    project, weights = OUTSIDE[case]
    inputs = np.zeros((1, 2), np.float32)
    with pytest.warns(CannsWarning, match=r"^Start weights from .* are outside"):
        check(Hebbian(), Linear(), jnp.asarray(weights), inputs, project)


@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_start_weights_at_a_bound_or_of_any_size_are_right(dtype):
    inputs, square = np.zeros((1, 2), np.float32), jnp.full((2, 2), 30.0, dtype)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        # As the float32 that is nearest to it, 0.1 is larger than the number.
        check(Hebbian(), Linear(), jnp.full((1, 2), 0.1, dtype), inputs, Bounds(-0.1, 0.1))
        for project in (UnitRows(), ZeroDiagonal(), Identity()):
            check(Hebbian(), Linear(), square, inputs, project)


def test_each_part_of_the_weights_is_held_against_its_own_constraint():
    neuron = ConductanceLIF(inhibitory=1)
    weights = neuron.draw(jax.random.key(0), 3, 2)._replace(inhibitory=jnp.full((2, 1), 30.0))
    rule, bounds = Parts((PairSTDP(), None)), Bounds(0.0, 1.0)
    check(rule, neuron, weights, SPIKES[:, :3], PartProjections((bounds, Identity())))
    with pytest.warns(CannsWarning, match="from 30 to 30 are outside"):
        check(rule, neuron, weights, SPIKES[:, :3], PartProjections((Identity(), bounds)))


@pytest.mark.parametrize("dependence", [Soft(), Guetig()], ids=repr)
def test_a_weight_dependence_warns_of_start_weights_outside_its_range(dependence):
    rule = PairSTDP(dependence=dependence)
    check(rule, CurrentLIF())
    with pytest.warns(CannsWarning, match=r"outside \[0, 1\] of \w+, whose factors"):
        check(rule, CurrentLIF(), 200 * W)


def test_the_trainer_warns_at_the_users_line_and_the_record_tells():
    layer = NeuronLayer(2, 1, CurrentLIF())
    layer.W.value = [[0.5, 30.0]]  # one within the bounds, so that not all end at one of them
    with pytest.warns(CannsWarning, match=r"from 0\.5 to 30 are outside") as caught:
        record = RuleTrainer(layer, "pair_stdp").train(np.zeros((1, 2)))
    assert caught[0].filename == __file__
    assert len(record.warnings) == 1


def test_what_is_traced_passes():
    def run(weights, inputs, w_max):
        return learn(Setup(PairSTDP(), CurrentLIF(), Bounds(0.0, w_max)), weights, inputs).weights

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert jax.jit(run)(200 * W, 0.5 * SPIKES, 1.0).shape == (3, 4)


def test_a_second_training_checks_in_silence():
    layer = SpikingLayer(4, 3)
    layer.W.value = np.full((3, 4), 0.6)  # two spikes at once make the neurons fire
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(2):
            STDPTrainer(layer).train(SPIKES)
