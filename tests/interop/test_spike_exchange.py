"""Spikes to and from neo, pynapple and NWB: the same spikes come back, in the right units."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import h5py
import neo
import numpy as np
import pynapple as nap
import pynwb
import pytest
import quantities as pq
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from canns.errors import MissingExtraError, ValidationError
from canns.interop import (
    from_neo,
    from_pynapple,
    read_nwb,
    to_neo,
    to_pynapple,
    write_nwb,
)
from canns.interop.spike_grid import on_grid

SPIKES = np.random.default_rng(0).integers(0, 2, (40, 5)).astype(np.float32)
START = datetime(2026, 1, 1, tzinfo=UTC)
rasters = arrays(
    np.float32,
    st.tuples(st.integers(1, 30), st.integers(1, 4)),
    elements=st.sampled_from([0.0, 1.0]),
)
steps = st.sampled_from([0.001, 0.1, 0.25, 1 / 3, 0.5, 1.0, 2.0, 7.0])


@given(rasters, steps)
def test_neo_gives_back_the_same_spikes(spikes, dt):
    np.testing.assert_array_equal(from_neo(to_neo(spikes, dt=dt), dt=dt), spikes)


@settings(max_examples=30)
@given(rasters, steps)
def test_pynapple_gives_back_the_same_spikes(spikes, dt):
    np.testing.assert_array_equal(from_pynapple(to_pynapple(spikes, dt=dt), dt=dt), spikes)


@pytest.mark.parametrize("dt", [0.1, 1 / 3, 2.0])
@pytest.mark.parametrize(
    "spikes", [SPIKES, np.zeros((3, 2)), np.eye(1)], ids=["many", "none", "one"]
)
def test_nwb_gives_back_the_same_spikes(spikes, dt, tmp_path):
    path = tmp_path / "run.nwb"
    write_nwb(path, spikes, dt=dt)
    np.testing.assert_array_equal(read_nwb(path, dt=dt), spikes)
    np.testing.assert_array_equal(read_nwb(str(path), dt=dt), spikes)
    assert [file.name for file in tmp_path.iterdir()] == ["run.nwb"]


@pytest.mark.parametrize("dt", [0.1, 1 / 3])
def test_long_trains_keep_every_step(dt):
    """A million steps, at times that doubles only approximate."""
    spikes = (np.random.default_rng(1).random((1_000_000, 1)) < 0.2).astype(np.float32)
    np.testing.assert_array_equal(from_neo(to_neo(spikes, dt=dt), dt=dt), spikes)
    np.testing.assert_array_equal(from_pynapple(to_pynapple(spikes, dt=dt), dt=dt), spikes)


def test_each_tool_has_the_times_in_its_own_unit(tmp_path):
    spikes, dt = [[0, 1], [0, 0], [1, 0], [1, 0]], 0.5
    segment, group = to_neo(spikes, dt=dt), to_pynapple(spikes, dt=dt)
    train = segment.spiketrains[0]
    np.testing.assert_allclose(train.rescale("s").magnitude, [0.001, 0.0015])
    assert (float(train.t_start), float(train.t_stop)) == (0.0, 2.0)
    assert float(train.sampling_rate.rescale("Hz")) == 2000.0
    np.testing.assert_allclose(group[0].t, [0.001, 0.0015])
    np.testing.assert_allclose(group.time_support.values, [[0.0, 0.002]])
    write_nwb(
        tmp_path / "x.nwb", spikes, dt=dt, description="two", session_start=START, identifier="a"
    )
    with pynwb.NWBHDF5IO(tmp_path / "x.nwb", "r") as file:
        session = file.read()
        np.testing.assert_allclose(session.units["spike_times"][0], [0.001, 0.0015])
        np.testing.assert_allclose(session.units["obs_intervals"][1], [[0.0, 0.002]])
        assert session.units.resolution == 0.0005
        assert (session.session_description, session.identifier) == ("two", "a")
        assert session.session_start_time == START
    assert pynwb.validate(path=str(tmp_path / "x.nwb")) in ([], ([], 0))


def test_pynapple_reads_our_files_as_its_own(tmp_path):
    write_nwb(tmp_path / "run.nwb", SPIKES, dt=0.5)
    group = nap.load_file(str(tmp_path / "run.nwb"))["units"]
    assert SPIKES[[0, -1]].any(axis=1).all()  # the group begins and ends with a spike
    np.testing.assert_array_equal(from_pynapple(group, dt=0.5), SPIKES)


def test_units_of_neo_are_converted_and_others_refused():
    for unit, scale in (("s", 1e-3), ("ms", 1.0), ("us", 1e3)):
        train = neo.SpikeTrain(np.array([1.0, 2.0]) * scale, units=unit, t_stop=4 * scale)
        assert from_neo([train], dt=1.0).ravel().tolist() == [0, 1, 1, 0]
    train = neo.SpikeTrain([1.0], units="ms", t_stop=4.0)
    with pytest.raises(
        ValidationError, match=r"trains\[0\] must be a neo.SpikeTrain; got Quantity"
    ):
        from_neo([[1.0] * pq.mV])
    train.t_stop = 4.0 * pq.mV
    with pytest.raises(ValidationError, match="trains must be in a unit of time; got mV"):
        from_neo(train)


def test_a_time_falls_in_the_step_that_it_is_in():
    """By floor; what rounding took from a time on the grid does not count."""
    times = np.array([0.0, 0.99, 1.0 - 1e-9, 2.4, 3.0]) + 10.0
    for time, step in zip(times, [0, 0, 1, 2, 3], strict=True):
        found = on_grid("x", [np.array([time])], 10.0, 13.0, 1.0)
        assert found[:, 0].nonzero()[0].tolist() == [step]
        assert len(found) == max(3, step + 1)
    assert len(on_grid("x", [[]], 0.0, 2.5, 1.0)) == 3
    assert len(on_grid("x", [[]], 0.0, 0.3, 0.1)) == 3
    late = neo.SpikeTrain([5.2] * pq.ms, t_start=5 * pq.ms, t_stop=7 * pq.ms)
    assert from_neo(late, dt=0.5).ravel().tolist() == [1, 0, 0, 0]


TO = {"neo": to_neo, "pynapple": to_pynapple, "nwb": lambda s, dt=1.0: write_nwb("x.nwb", s, dt=dt)}
WRONG_SPIKES = {
    "counts": ([[0, 2]], "spikes must be of 0 and 1; got 2. Counts need a smaller dt"),
    "signs": ([[-1, 1]], "spikes must be of 0 and 1; got -1"),
    "a row": ([0, 1], "spikes must be 2-D"),
    "nan": ([[np.nan]], "spikes must be finite"),
    "words": ("spikes.csv", "spikes must be an array"),
    "nothing": (np.zeros((0, 3)), "spikes must be non-empty"),
}


@pytest.mark.parametrize("tool", TO)
@pytest.mark.parametrize("name", WRONG_SPIKES)
def test_what_is_no_spikes_is_refused(tool, name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spikes, message = WRONG_SPIKES[name]
    with pytest.raises(ValidationError, match=message):
        TO[tool](spikes)
    assert not [*tmp_path.iterdir()]


def train_of(times, stop=10.0, start=0.0):
    return neo.SpikeTrain(times * pq.ms, t_start=start * pq.ms, t_stop=stop * pq.ms)


def group_of(*trains, stop=0.01):
    support = nap.IntervalSet(0, stop)
    members = {i: nap.Ts(np.asarray(times), time_support=support) for i, times in enumerate(trains)}
    return nap.TsGroup(members, time_support=support)


@pytest.mark.parametrize("dt", [0.0, -1.0, np.nan, "1", None, True])
def test_a_dt_that_is_no_time_is_refused(dt, tmp_path):
    write_nwb(tmp_path / "run.nwb", SPIKES)
    readers = [
        lambda: from_neo(train_of([1.0]), dt=dt),
        lambda: from_pynapple(group_of([0.001]), dt=dt),
        lambda: read_nwb(tmp_path / "run.nwb", dt=dt),
    ]
    for call in readers + [lambda to=to: to(SPIKES, dt=dt) for to in TO.values()]:
        with pytest.raises(ValidationError, match="dt must be"):
            call()


def outside():
    train = train_of([1.0, 9.0])
    train.t_stop = 5.0 * pq.ms
    return train


WRONG_NEO = {
    "two stops": (
        [train_of([1.0]), train_of([1.0], stop=11.0)],
        "0 to 10 ms for train 0 and 0 to 11 ms for train 1. Cut .* time_slice",
    ),
    "two starts": ([train_of([1.0]), train_of([1.0], start=0.5)], "from one t_start to one t_stop"),
    "outside": (outside(), "of spikes from 0 to 5 ms; got one of neuron 0 at 9 ms"),
    "two in a step": (
        train_of([1.0, 1.25]),
        "at most one spike of a neuron in a step; got several of neuron 0 in one of 1 ms. "
        "The shortest interval is 0.25 ms",
    ),
    "two at once": (train_of([1.0, 1.0]), "Two are at the same time"),
    "no length": (train_of([], stop=0.0), "of some length"),
    "no train": (neo.Segment(), "one spike train or more; got none"),
    "an empty list": ([], "one spike train or more; got none"),
    "a block": (neo.Block(), "got a Block. Take one of its segments"),
    "numbers": ([1.0, 2.0], r"trains\[0\] must be a neo.SpikeTrain; got float. .*timed_spikes"),
    "a path": ("run.nwb", "got a str"),
    "None": (None, "got a NoneType"),
    "a signal": ([neo.AnalogSignal([[1.0]], units="mV", sampling_rate=1 * pq.kHz)], "AnalogSignal"),
}


@pytest.mark.parametrize("name", WRONG_NEO)
def test_trains_of_neo_that_do_not_fit_are_refused(name):
    trains, message = WRONG_NEO[name]
    with pytest.raises(ValidationError, match=message):
        from_neo(trains, dt=1.0)


WRONG_GROUPS = {
    "two in a step": (
        lambda: group_of([0.001], [0.001, 0.0012]),
        "several of neuron 1 in one of 1 ms. The shortest interval is 0.2 ms",
    ),
    "two epochs": (
        lambda: group_of([0.001]).restrict(nap.IntervalSet([0, 0.005], [0.002, 0.007])),
        "2 epochs. Take one",
    ),
    "a signal": (lambda: nap.Tsd([0.0, 1.0], [1.0, 2.0]), "one pynapple.Ts; got a Tsd"),
    "a list": (lambda: [0.1, 0.2], "got a list"),
}


@pytest.mark.parametrize("name", WRONG_GROUPS)
def test_groups_of_pynapple_that_do_not_fit_are_refused(name):
    make, message = WRONG_GROUPS[name]
    with pytest.raises(ValidationError, match=message):
        from_pynapple(make(), dt=1.0)


def test_a_grid_of_too_many_steps_is_refused_before_it_is_made():
    with pytest.raises(ValidationError, match=r"dt must be small enough .* of memory"):
        from_neo(train_of([1.0], stop=1e12), dt=1e-3)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "run.nwb"
    write_nwb(path, SPIKES)
    return path


def test_a_window_of_a_file(file):
    np.testing.assert_array_equal(read_nwb(file, t_start=10.0, t_stop=19.5), SPIKES[10:20])
    np.testing.assert_array_equal(read_nwb(file, t_stop=2.5), SPIKES[:3])
    for wrong in (
        {"t_start": 1.0},
        {"t_start": 2.0, "t_stop": 2.0},
        {"t_stop": -1.0},
        {"t_stop": "1"},
    ):
        with pytest.raises(ValidationError, match="t_stop must be"):
            read_nwb(file, **wrong)


def session(*units):
    made = pynwb.NWBFile("recorded", "b", START)
    for unit in units:
        made.add_unit(**unit)
    return made


def written(path, made):
    with pynwb.NWBHDF5IO(path, "w") as file:
        file.write(made)
    return path


def test_files_of_others(tmp_path):
    path = tmp_path / "other.nwb"
    with pytest.raises(ValidationError, match=r"path must be a file of NWB.* has no spike times"):
        read_nwb(written(path, session()))
    written(path, session({"spike_times": [0.001, 0.0052]}))
    with pytest.raises(
        ValidationError, match=r"t_stop .* no obs_intervals in the file. Give t_start"
    ):
        read_nwb(path)
    assert read_nwb(path, t_stop=7.0).ravel().tolist() == [0, 1, 0, 0, 0, 1, 0]
    twice = {"spike_times": [0.001], "obs_intervals": [[0.0, 0.002], [0.003, 0.004]]}
    with pytest.raises(ValidationError, match=r"t_stop .* 2 intervals"):
        read_nwb(written(path, session(twice)))


def test_a_damaged_file_gives_one_error(file):
    whole, rng = file.read_bytes(), np.random.default_rng(0)
    for share in np.linspace(0, 0.95, 6):
        file.write_bytes(whole[: int(share * len(whole))])
        with pytest.raises(ValidationError, match="path must be a file of NWB"):
            read_nwb(file)
    for _ in range(10):
        damaged = bytearray(whole)
        for at in rng.integers(0, len(whole), 500):
            damaged[at] = rng.integers(0, 256)
        file.write_bytes(damaged)
        try:
            read_nwb(file)
        except ValidationError as error:
            assert error.argument in ("path", "t_stop")  # noqa: PT017  # some are read
    file.write_text("Not a file of NWB.")
    with pytest.raises(ValidationError, match="could not be read"):
        read_nwb(file)


def test_an_index_that_does_not_fit_is_refused(file):
    for damage in ([1, 2, 3, 4, 10**6], [5, 4, 3, 2, 1]):
        with h5py.File(file, "r+") as opened:
            opened["units/spike_times_index"][:] = np.array(damage).astype(
                opened["units/spike_times_index"].dtype
            )
        with pytest.raises(ValidationError, match="index of spike_times does not fit"):
            read_nwb(file)
    with h5py.File(file, "r+") as opened:
        kept = dict(opened["units/spike_times"].attrs)
        del opened["units/spike_times"]
        huge = opened["units"].create_dataset(
            "spike_times", (10**15,), "f8", chunks=(1000,), compression="gzip"
        )
        huge.attrs.update(kept)
    with pytest.raises(ValidationError, match=r"path must be .*memory that are free"):
        read_nwb(file)
    with h5py.File(file, "r+") as opened:
        del opened["units/spike_times"]
        other = opened["units"].create_dataset("spike_times", (9,), "f8", external="/etc/hostname")
        other.attrs.update(kept)
    with pytest.raises(ValidationError, match="whose 'spike_times' is kept in another"):
        read_nwb(file)


def test_a_file_is_written_whole_or_not_at_all(file, tmp_path):
    before = file.read_bytes()
    wrong = [
        {"session_start": datetime(2026, 1, 1)},
        {"session_start": "today"},
        {"description": None},
        {"identifier": 3},
    ]
    for arguments in wrong:
        with pytest.raises(ValidationError, match=next(iter(arguments))):
            write_nwb(file, SPIKES, **arguments)
    for path in (tmp_path / "nowhere" / "x.nwb", None, 3, tmp_path):
        with pytest.raises(ValidationError, match="path must be"):
            write_nwb(path, SPIKES)
    assert file.read_bytes() == before
    write_nwb(file, SPIKES[:3])
    np.testing.assert_array_equal(read_nwb(Path(file)), SPIKES[:3])
    with pytest.raises(ValidationError, match="an existing file"):
        read_nwb(tmp_path / "none.nwb")
    for path in (None, 3, []):
        with pytest.raises(ValidationError, match="path must be"):
            read_nwb(path)


READERS = {
    "neo": (lambda path: to_neo(SPIKES), lambda path: from_neo([])),
    "pynapple": (lambda path: to_pynapple(SPIKES), lambda path: from_pynapple([])),
    "pynwb": (lambda path: write_nwb(path, SPIKES), read_nwb),
}


@pytest.mark.parametrize("package", READERS)
def test_a_missing_package_is_named_with_its_extra(package, file, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    for call in READERS[package]:
        with pytest.raises(MissingExtraError, match=rf"needs {package}.* 'canns\[ephys\]'"):
            call(file)
