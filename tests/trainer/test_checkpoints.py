"""Checkpoints: training that was cut off ends as if it had never stopped."""

import numpy as np
import pytest
from safetensors.numpy import save_file
from trainer_helpers import Rectified, assert_alike, assert_unchanged, snapshot

from canns.errors import ValidationError
from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer, SpikingLayer
from canns.trainer import BCMTrainer, Checkpoint, HebbianTrainer, OjaTrainer, STDPTrainer

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


def test_what_was_learnt_is_not_learnt_again(checkpoint):
    seen = []

    def watched(rows):
        for i, row in enumerate(rows):
            seen.append(i)
            yield row

    with pytest.raises(CutError):
        CASES["oja"]().train(cut(DATA, 9000), checkpoint=checkpoint)
    bad = DATA.copy()
    bad[:8192] = np.nan  # two chunks of 4096: they are passed over, unread
    bad[0] = DATA[0]  # which tells whether these are the same data
    trainer, whole = CASES["oja"](), CASES["oja"]()
    with pytest.raises(ValidationError, match="data must be finite"):
        trainer.train(watched(bad), checkpoint=checkpoint)
    bad[1:4096] = 0.0  # the first chunk tells the width
    whole.train(DATA)
    trainer.train(watched(bad), checkpoint=checkpoint)
    assert_alike(whole.model, trainer.model)
    assert seen[-1] == len(DATA) - 1


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
    with pytest.raises(ValidationError, match="path must be in an existing folder"):
        CASES["oja"]().train(DATA[:300], checkpoint=nowhere)
    with pytest.raises(ValidationError, match=r"^seed must be given"):
        CASES["oja"]().train(DATA[:300], shuffle=True, checkpoint=Checkpoint(tmp_path / "a"))


def test_a_checkpoint_of_other_data_is_refused(tmp_path):
    data = np.random.default_rng(0).normal(size=(600, 4))
    checkpoint = Checkpoint(tmp_path / "run", every=256)
    OjaTrainer(LinearLayer(4, 1)).train(data, checkpoint=checkpoint)
    layer = LinearLayer(4, 1)
    before = np.asarray(layer.W.value)
    with pytest.raises(ValidationError, match="begin with another sample"):
        OjaTrainer(layer).train(data[:, ::-1], checkpoint=checkpoint)
    with pytest.raises(ValidationError, match="600 samples or more"):
        OjaTrainer(layer).train(data[:300], checkpoint=checkpoint)
    np.testing.assert_array_equal(layer.W.value, before)


@pytest.mark.parametrize("given", ["run", 3])
def test_what_is_no_checkpoint_is_refused(given):
    with pytest.raises(ValidationError, match=r"^checkpoint must be a Checkpoint or None"):
        OjaTrainer(LinearLayer(4, 1)).train(np.ones((2, 4)), checkpoint=given)
    with pytest.raises(ValidationError, match=r"^path must be a path"):
        Checkpoint(None)
