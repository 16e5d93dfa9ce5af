"""Checkpoints: training that was cut off ends as if it had never stopped."""

import numpy as np
import pytest
from safetensors.numpy import save_file
from trainer_helpers import Rectified, assert_alike, assert_unchanged, snapshot

from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.plasticity import Hebbian, RewardModulated
from canns.trainer import (
    BCMTrainer,
    Checkpoint,
    Every,
    HebbianTrainer,
    OjaTrainer,
    RuleTrainer,
    STDPTrainer,
)

IN, OUT = 3, 2
DATA = np.random.default_rng(0).normal(size=(20_000, IN)).astype(np.float32)
SUMS = {"subtract_mean": False, "normalize_by_patterns": False, "learning_rate": 1e-4}


class CutError(Exception):
    """What stops a stream."""


def cut(rows, at):
    for i, row in enumerate(rows):
        if i == at:
            raise CutError
        yield row


def with_weights(model, low=0.1):
    model.W.value = np.random.default_rng(2).uniform(low, 0.3, model.W.value.shape)
    return model


CASES = {
    "oja": lambda: OjaTrainer(with_weights(LinearLayer(IN, OUT)), 1e-3),
    "bcm": lambda: BCMTrainer(with_weights(LinearLayer(IN, OUT, True, 20.0)), 1e-4),
    "stdp": lambda: STDPTrainer(with_weights(SpikingLayer(IN, OUT, threshold=0.4)), 1e-2),
    "sums": lambda: HebbianTrainer(AmariHopfieldNetwork(IN), **SUMS),
}


@pytest.fixture
def checkpoint(tmp_path):
    return Checkpoint(tmp_path / "run.safetensors", every=5000)


@pytest.mark.parametrize("name", CASES)
def test_a_stream_cut_off_goes_on_to_the_same_end(name, checkpoint):
    build, data = CASES[name], (DATA > 1).astype(np.float32) if name == "stdp" else DATA
    whole, first, second = build(), build(), build()
    expected = whole.train(data)
    before = snapshot(first.model)
    with pytest.raises(CutError):
        first.train(cut(data, 0.45 * len(data)), checkpoint=checkpoint)
    assert_unchanged(first.model, before)
    assert checkpoint.path.exists()
    record = second.train((row for row in data), checkpoint=checkpoint)
    assert_alike(whole.model, second.model)
    assert record.num_samples == len(data)
    np.testing.assert_array_equal(record.weight_change, expected.weight_change)


def test_what_was_learnt_is_read_again_but_not_learnt(checkpoint, monkeypatch):
    shown = []
    learn = LinearLayer.learn

    def counted(self, plan, learner, inputs, **options):
        shown.append(len(inputs))
        return learn(self, plan, learner, inputs, **options)

    monkeypatch.setattr(LinearLayer, "learn", counted)
    with pytest.raises(CutError):
        CASES["oja"]().train(cut(DATA, 9000), checkpoint=checkpoint)
    shown.clear()
    trainer, whole = CASES["oja"](), CASES["oja"]()
    trainer.train(iter(DATA), checkpoint=checkpoint)
    assert sum(shown) == len(DATA) - 8192  # two chunks of 4096 were written
    whole.train(DATA)
    assert_alike(whole.model, trainer.model)


def _changed_later(rows):
    changed = rows.copy()
    changed[5000] *= 1.01
    return changed


OTHER_DATA = {
    "turned round": lambda rows: rows[:, ::-1],
    "one sample": _changed_later,
    "another order": lambda rows: np.concatenate([rows[:100], rows[200:], rows[100:200]]),
}


@pytest.mark.parametrize("name", OTHER_DATA)
@pytest.mark.parametrize("form", [np.asarray, iter])
def test_other_data_are_refused(name, form, checkpoint):
    rows = DATA[:12_000]
    CASES["oja"]().train(form(rows), checkpoint=checkpoint)
    trainer = CASES["oja"]()
    before = snapshot(trainer.model)
    with pytest.raises(ValidationError, match="samples are others; got one of other data"):
        trainer.train(form(OTHER_DATA[name](rows)), checkpoint=checkpoint)
    assert_unchanged(trainer.model, before)


@pytest.mark.parametrize("form", [np.asarray, iter])
def test_fewer_samples_than_are_learnt_are_refused(form, checkpoint):
    CASES["oja"]().train(form(DATA[:12_000]), checkpoint=checkpoint)
    with pytest.raises(ValidationError, match="12000 samples or more"):
        CASES["oja"]().train(form(DATA[:9_000]), checkpoint=checkpoint)


def test_data_of_another_type_of_numbers_are_the_same(checkpoint):
    rows = DATA[:6000]
    CASES["oja"]().train(rows, checkpoint=checkpoint)
    CASES["oja"]().train(rows.astype(np.float64), checkpoint=checkpoint)
    CASES["oja"]().train(iter(rows.tolist()), checkpoint=checkpoint)


def test_other_start_weights_are_refused_and_those_learnt_are_not(checkpoint):
    trainer = CASES["oja"]()
    trainer.train(DATA[:6000], checkpoint=checkpoint)
    learnt = snapshot(trainer.model)
    trainer.train(DATA[:6000], checkpoint=checkpoint)  # nothing is left to learn
    assert_unchanged(trainer.model, learnt)
    other = OjaTrainer(with_weights(LinearLayer(IN, OUT), 0.2), 1e-3)
    with pytest.raises(ValidationError, match="one of other start weights"):
        other.train(DATA[:6000], checkpoint=checkpoint)


def test_other_rewards_are_refused(checkpoint):
    rng = np.random.default_rng(1)
    rewards, others = rng.normal(size=(2, 6000))

    def trainer():
        return RuleTrainer(with_weights(LinearLayer(IN, OUT)), RewardModulated(Hebbian(1e-4)))

    trainer().train(DATA[:6000], rewards=rewards, checkpoint=checkpoint)
    trainer().train(DATA[:6000], rewards=rewards, checkpoint=checkpoint)
    with pytest.raises(ValidationError, match="one of other data"):
        trainer().train(DATA[:6000], rewards=others, checkpoint=checkpoint)


def test_epochs_in_random_order_go_on(checkpoint, tmp_path):
    np.save(tmp_path / "data.npy", DATA)
    options = {"epochs": 3, "shuffle": True, "key": 4, "checkpoint": checkpoint}
    whole, second = CASES["oja"](), CASES["oja"]()
    expected = whole.train(DATA, epochs=3, shuffle=True, key=4)

    class Stopping(LinearLayer):
        calls = 0

        def learn(self, *args, **kwargs):
            Stopping.calls += 1
            if Stopping.calls == 70:  # 50 calls an epoch
                raise CutError
            return super().learn(*args, **kwargs)

    with pytest.raises(CutError):
        OjaTrainer(with_weights(Stopping(IN, OUT)), 1e-3).train(DATA, **options)
    mapped = np.load(tmp_path / "data.npy", mmap_mode="r")
    record = second.train(mapped, **options)
    assert_alike(whole.model, second.model)
    np.testing.assert_array_equal(record.weight_norm, expected.weight_norm)


def test_a_run_that_has_ended_is_there_again_and_learns_what_is_new(checkpoint):
    whole, again, longer = (CASES["oja"]() for _ in range(3))
    CASES["oja"]().train(iter(DATA[:12_000]), checkpoint=checkpoint)
    whole.train(DATA[:12_000])
    again.train(iter(DATA[:12_000]), checkpoint=checkpoint)
    assert_alike(whole.model, again.model)
    longer.train(iter(DATA), checkpoint=checkpoint)
    whole.train(DATA[12_000:])
    assert_alike(whole.model, longer.model)


def test_no_half_written_file_stays(checkpoint):
    CASES["oja"]().train(DATA, checkpoint=checkpoint)
    assert [path.name for path in checkpoint.path.parent.iterdir()] == [checkpoint.path.name]


def _other_file(path):
    save_file({"a": np.ones(1)}, path)


def _junk(path):
    path.write_bytes(b"junk")


REFUSED = {
    "other rule": (lambda: OjaTrainer(LinearLayer(IN, OUT), 2e-3), "of this run, with rule Oja"),
    "other shape": (lambda: OjaTrainer(LinearLayer(IN, 5), 1e-3), "of this model, with learner.w"),
    "own forward": (lambda: OjaTrainer(Rectified(IN, OUT), 1e-3), "None for Rectified"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_checkpoint_of_another_run_is_refused(name, checkpoint):
    build, says = REFUSED[name]
    CASES["oja"]().train(DATA[:300], checkpoint=checkpoint)
    trainer = build()
    before = snapshot(trainer.model)
    with pytest.raises(ValidationError, match=says):
        trainer.train(DATA[:300], checkpoint=checkpoint)
    assert_unchanged(trainer.model, before)


@pytest.mark.parametrize("make", [_other_file, _junk])
def test_a_file_that_is_no_checkpoint_is_refused(make, checkpoint):
    make(checkpoint.path)
    with pytest.raises(ValidationError, match=r"a file that training wrote|a safetensors file"):
        CASES["oja"]().train(DATA[:300], checkpoint=checkpoint)


def test_options_are_checked(tmp_path):
    with pytest.raises(ValidationError, match="every must be an integer >= 1"):
        Checkpoint(tmp_path / "a", every=0)
    nowhere = Checkpoint(tmp_path / "none" / "a")
    with pytest.raises(ValidationError, match="checkpoint must be in an existing folder"):
        CASES["oja"]().train(DATA[:300], checkpoint=nowhere)
    with pytest.raises(ValidationError, match=r"^seed must be given"):
        CASES["oja"]().train(DATA[:300], shuffle=True, checkpoint=Checkpoint(tmp_path / "a"))


@pytest.mark.parametrize("given", ["run", 3])
def test_what_is_no_checkpoint_is_refused(given):
    with pytest.raises(ValidationError, match=r"^checkpoint must be a Checkpoint or None"):
        OjaTrainer(LinearLayer(4, 1)).train(np.ones((2, 4)), checkpoint=given)
    with pytest.raises(ValidationError, match=r"^path must be a path"):
        Checkpoint(None)


def test_two_runs_on_one_file_are_refused(checkpoint):
    def second(_):
        with pytest.raises(ValidationError, match=r"^checkpoint must be a file that no other run"):
            CASES["oja"]().train(DATA[:300], checkpoint=checkpoint)

    CASES["oja"]().train(DATA[:300], epochs=2, checkpoint=checkpoint, on_epoch=second)


def test_what_a_killed_run_left_is_removed(checkpoint):
    left = checkpoint.path.with_name(f".{checkpoint.path.name}.0123456789ab.part.safetensors")
    left.write_bytes(b"half")
    CASES["oja"]().train(DATA[:300], checkpoint=checkpoint)
    assert [path.name for path in checkpoint.path.parent.iterdir()] == [checkpoint.path.name]


def _half(checkpoint, data, epochs=2):
    """Train until the middle of the second epoch, and write that."""
    calls = []

    def stop(_):
        calls.append(1)
        if len(calls) == 3:
            raise StopIteration

    CASES["oja"]().train(data, epochs=epochs, checkpoint=checkpoint, on_step=Every(4000, stop))


def _chunks(data):
    class Rows:
        def __iter__(self):
            return iter(data)

    return Rows()


@pytest.mark.parametrize("kind", [np.asarray, _chunks], ids=["array", "stream"])
def test_other_samples_of_an_epoch_that_is_learnt_are_refused(checkpoint, kind):
    data = DATA[:8000]
    _half(checkpoint, kind(data))
    other = data.copy()
    other[-1] += 1  # learnt in the first epoch, and not yet again in the second
    trainer = CASES["oja"]()
    before = snapshot(trainer.model)
    with pytest.raises(ValidationError, match=r"other data|the same samples in each epoch"):
        trainer.train(kind(other), epochs=2, checkpoint=checkpoint)
    assert_unchanged(trainer.model, before)


def test_another_number_of_samples_is_refused_within_epochs(checkpoint):
    _half(checkpoint, DATA[:8000])
    with pytest.raises(ValidationError, match="with samples 9000; got 8000"):
        CASES["oja"]().train(DATA[:9000], epochs=2, checkpoint=checkpoint)


def test_a_damaged_checkpoint_is_refused_and_kept(checkpoint):
    CASES["oja"]().train(DATA[:300], checkpoint=checkpoint)
    damaged = bytearray(checkpoint.path.read_bytes())
    damaged[-3] ^= 1
    checkpoint.path.write_bytes(damaged)
    with pytest.raises(ValidationError, match="a file as it was written"):
        CASES["oja"]().train(DATA[:300], checkpoint=checkpoint)
    assert checkpoint.path.read_bytes() == damaged
