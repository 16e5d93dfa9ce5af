"""Two processes on this host, one of them falls silent; and processes that never start."""

import os
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import peer
import pytest

from canns.errors import MissingPeerError, ValidationError
from canns.parallel import initialize
from canns.parallel._cluster import RollCall

pytestmark = pytest.mark.slow


def _free_port():
    with socket.create_server(("", 0)) as server:
        return server.getsockname()[1]


def _start(address, number, path):
    return subprocess.Popen(
        [sys.executable, "-W", "error", peer.__file__, address, "2", str(number), path],
        env=os.environ | {"XLA_FLAGS": "", "JAX_PLATFORMS": "cpu"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """Return what each process found, and the exit and output of the one that was left alone."""
    folder = tmp_path_factory.mktemp("pair")
    paths = [str(folder / f"{number}.npz") for number in (0, 1)]
    address = f"localhost:{_free_port()}"
    first, second = (_start(address, number, path) for number, path in enumerate(paths))
    try:
        said, _ = first.communicate(timeout=900)
    finally:
        first.kill()
        second.kill()
        second.communicate()
        first.wait()
    assert all(Path(path).exists() for path in paths), said
    return [dict(np.load(path)) for path in paths], first.returncode, said


def test_two_processes_find_what_one_does(pair):
    expected, _ = peer.results(None)
    for found in pair[0]:
        assert found.pop("rows").tolist() == [[peer.N // 2, peer.N]]
        assert set(found) == set(expected)
        for name in ("states", "steps", "kept", "curve"):
            assert (found[name] == expected[name]).all(), name
        for name in ("energies", "stored", "norm", "members"):
            np.testing.assert_allclose(found[name], expected[name], rtol=1e-5, err_msg=name)


def test_a_peer_that_falls_silent_ends_the_others(pair):
    _, code, said = pair
    assert code != 0
    assert "computed" in said
    assert "heartbeat" in said


def test_a_peer_that_never_comes_is_named():
    port = _free_port()
    with ThreadPoolExecutor() as pool:
        other = pool.submit(RollCall("localhost", port, 3, 6.0).answer, 2)
        with pytest.raises(MissingPeerError) as raised:
            initialize(f"localhost:{port}", 3, 0, timeout=5)
        assert isinstance(other.exception(), MissingPeerError)
    message = str(raised.value)
    assert f"3 processes expected at localhost:{port} within 5 s" in message
    assert "process 1 did not come" in message
    assert "give a longer timeout" in message


def test_a_coordinator_that_never_comes_is_named():
    port = _free_port()
    expected = f"at localhost:{port} within 0.2 s, process 1 was not told that all are there"
    with pytest.raises(MissingPeerError, match=expected):
        initialize(f"localhost:{port}", 2, 1, timeout=0.2)


def test_strangers_do_not_count():
    port = _free_port()
    roll = RollCall("localhost", port, 3, 300.0)
    with ThreadPoolExecutor() as pool:
        called = pool.submit(roll.call)
        while called.running():
            try:
                with socket.create_connection(("localhost", port)) as stranger:
                    stranger.sendall(b"GET /")
                with socket.create_connection(("localhost", port)) as unknown:
                    unknown.sendall(b"7")
                break
            except ConnectionRefusedError:
                continue
        others = [pool.submit(roll.answer, number) for number in (1, 2)]
        assert [future.result() for future in (called, *others)] == [None] * 3


def test_a_port_that_is_taken_is_told():
    with socket.create_server(("", 0)) as server:
        address = f"localhost:{server.getsockname()[1]}"
        with pytest.raises(ValidationError, match="a free port of the host of process 0"):
            initialize(address, 2, 0, timeout=0.2)


@pytest.mark.parametrize(
    ("arguments", "options", "named"),
    [
        (("localhost", 2, 0), {}, "coordinator_address"),
        ((":1234", 2, 0), {}, "coordinator_address"),
        (("localhost:99999", 2, 0), {}, "coordinator_address"),
        (("localhost:1234", 0, 0), {}, "num_processes"),
        (("localhost:1234", 2, 2), {}, "process_id"),
        (("localhost:1234", 2, 0), {"timeout": 0}, "timeout"),
        (("localhost:1234", 2, 0), {"heartbeat_timeout": 0.5}, "heartbeat_timeout"),
    ],
)
def test_arguments_are_checked_before_anyone_is_called(arguments, options, named):
    with pytest.raises(ValidationError) as raised:
        initialize(*arguments, **options)
    assert raised.value.argument == named
