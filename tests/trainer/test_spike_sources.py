"""Spikes as times, sparse matrices, arrays and chunks train, run and record the same."""

import numpy as np
import pytest
from scipy import sparse

from canns.dynamics import CurrentLIF
from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, NeuronLayer
from canns.plasticity import Monitor, PairSTDP, RewardModulated, Setup, learn, respond
from canns.plasticity.learning.samples import chunk_length
from canns.task import SpikeTrains
from canns.trainer import Checkpoint, Every, HebbianTrainer, RuleTrainer

IN, OUT, DT = 5, 2, 0.5
CHUNK = chunk_length(IN)
SPIKES = (np.random.default_rng(0).random((CHUNK + 300, IN)) < 0.1).astype(np.float32)
TIMES = [np.flatnonzero(train) * DT for train in SPIKES.T]
DURATION = len(SPIKES) * DT


class Chunks:
    """Chunks of several lengths and kinds, that can be read any number of times."""

    def __iter__(self):
        yield SPIKES[:7]
        yield SPIKES[7]
        yield sparse.csr_array(SPIKES[8:400])
        yield SpikeTrains.from_array(SPIKES[400:4000], dt=DT)
        yield SPIKES[4000:4001].astype(bool)
        yield SPIKES[4001:].tolist()


def shuffled_times():
    rng = np.random.default_rng(1)
    return SpikeTrains([rng.permutation(times) for times in TIMES], DURATION, dt=DT)


def events():
    steps, trains = np.nonzero(SPIKES)
    return SpikeTrains.from_events(steps * DT, trains, DURATION, num_trains=IN, dt=DT)


FORMS = {
    "times": lambda: SpikeTrains(TIMES, DURATION, dt=DT),
    "unsorted": shuffled_times,
    "events": events,
    "from array": lambda: SpikeTrains.from_array(SPIKES, dt=DT),
    "csr": lambda: sparse.csr_array(SPIKES),
    "csc matrix": lambda: sparse.csc_matrix(SPIKES),
    "coo of ints": lambda: sparse.coo_matrix(SPIKES.astype(np.int8)),
    "lil": lambda: sparse.lil_array(SPIKES),
    "sparse bools": lambda: sparse.csr_array(SPIKES > 0),
    "bools": lambda: SPIKES > 0,
    "ints": lambda: SPIKES.astype(np.uint8),
    "doubles": lambda: SPIKES.astype(np.float64),
    "chunks": Chunks,
    "a generator of chunks": lambda: iter(Chunks()),
}
each_form = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())


def layer():
    own = NeuronLayer(IN, OUT, CurrentLIF(dt=DT, drive=14.0))
    own.W.value = np.random.default_rng(3).uniform(1.0, 4.0, (OUT, IN))
    return own


def trained(data, **options):
    own = layer()
    record = RuleTrainer(own, PairSTDP(1e-2)).train(data, **options)
    return own, record


@each_form
def test_training_and_its_records_are_those_of_the_array(form):
    monitor = Monitor(("W", "spikes"), every=100)
    expected, record = trained(SPIKES, monitor=monitor)
    found, other = trained(form(), monitor=monitor)
    assert not np.array_equal(expected.W.value, layer().W.value)
    np.testing.assert_array_equal(found.W.value, expected.W.value)
    np.testing.assert_array_equal(other.history["W"], record.history["W"])
    np.testing.assert_array_equal(other.spikes, record.spikes)


@each_form
def test_a_run_is_that_of_the_array(form):
    monitor = Monitor(("spikes",), every=64)
    expected, history = layer().run(SPIKES, monitor)
    found, other = layer().run(form(), monitor)
    assert expected.any()
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(other.spikes, history.spikes)


@pytest.mark.parametrize("name", ["times", "csr", "coo of ints"])
def test_pure_learning_is_that_of_the_array(name):
    weights, neuron = layer().W.value, CurrentLIF(dt=DT, drive=14.0)
    setup = Setup(PairSTDP(1e-2), neuron)
    expected, found = (learn(setup, weights, data) for data in (SPIKES, FORMS[name]()))
    np.testing.assert_array_equal(found.weights, expected.weights)
    for data in (SPIKES, FORMS[name]()):
        _, outputs = respond(neuron, weights, data)
        np.testing.assert_array_equal(outputs, respond(neuron, weights, SPIKES)[1])


@pytest.mark.parametrize("name", ["times", "csr"])
def test_what_goes_with_arrays_goes_with_them(name, tmp_path):
    """Shuffled epochs, rewards, callbacks, a progress bar and a checkpoint."""
    seen = []

    def run(data, folder):
        folder.mkdir()
        own = layer()
        rule = RewardModulated(PairSTDP(1e-2))
        RuleTrainer(own, rule).train(
            data,
            epochs=2,
            shuffle=True,
            seed=0,
            rewards=np.linspace(-1, 1, len(SPIKES)),
            show_progress=True,
            checkpoint=Checkpoint(folder / "point", every=1000),
            on_step=Every(1000, lambda progress: seen.append(float(progress.weight_norm))),
        )
        return own.W.value

    expected, found = run(SPIKES, tmp_path / "a"), run(FORMS[name](), tmp_path / "b")
    np.testing.assert_array_equal(found, expected)
    assert len(seen) % 2 == 0
    assert seen[: len(seen) // 2] == seen[len(seen) // 2 :]


def test_no_chunk_is_larger_than_needed(monkeypatch):
    lengths, rows = [], SpikeTrains.rows
    monkeypatch.setattr(
        SpikeTrains,
        "rows",
        lambda self, part: lengths.append(len(found := rows(self, part))) or found,
    )
    trained(SpikeTrains(TIMES, DURATION, dt=DT))
    layer().run(SpikeTrains(TIMES, DURATION, dt=DT))
    assert max(lengths) == CHUNK < len(SPIKES)


def test_refusals():
    trains = SpikeTrains.from_array(SPIKES, dt=1.0)
    for call in (lambda: trained(trains), lambda: layer().run(trains)):
        with pytest.raises(ValidationError, match=r"steps of 0\.5 ms.*Make them with dt=0\.5"):
            call()
    with pytest.raises(ValidationError, match=r"spikes, 0 or 1"):
        trained(sparse.csr_array(2 * SPIKES))
    late = SPIKES.copy()
    late[-1, 0] = 2
    with pytest.raises(ValidationError, match=r"spikes, 0 or 1"):
        trained(sparse.csr_array(late))
    bad = sparse.csr_array(SPIKES)
    bad.data[3] = np.nan
    with pytest.raises(ValidationError, match="entries of data must be finite"):
        trained(bad)
    with pytest.raises(ValidationError, match=r"2-D of shape \(rows, 5\)"):
        layer().run(sparse.csr_array(SPIKES[:, :3]))
    with pytest.raises(ValidationError, match="2-D and non-empty"):
        trained(sparse.csr_array((0, IN)))
    with pytest.raises(ValidationError, match=r"an array in memory.*toarray"):
        HebbianTrainer(AmariHopfieldNetwork(IN)).train(sparse.csr_array(SPIKES))
