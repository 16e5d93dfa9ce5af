"""Processes that compute together: a roll call, and then JAX's own distributed runtime."""

import math
import socket
import time
from contextlib import ExitStack

import jax

from canns._explain import explained
from canns._validation import check_real, check_size
from canns.errors import MissingPeerError, ValidationError

__all__ = ["initialize"]

_ALL_HERE = b"!"
_PAUSE = 0.1


@explained
def initialize(
    coordinator_address: str,
    num_processes: int,
    process_id: int,
    *,
    timeout: float = 300.0,
    heartbeat_timeout: int = 100,
) -> None:
    """Join the processes that compute together; call this before any other computation.

    Afterwards ``jax.devices()`` lists the devices that all processes see, and :func:`make_mesh`
    spans them. Collectives run on Gloo on CPUs, and on NCCL on GPUs. A roll call comes before
    ``jax.distributed.initialize``, because JAX ends the process if another one does not come.

    If a process ends early, the current step of the others raises. If a process falls silent, JAX
    ends the others after ``heartbeat_timeout``. No process waits for ever.

    Args:
        coordinator_address: "host:port" of process 0: a free port that the other processes can
            reach.
        num_processes: Number of processes.
        process_id: Number of this process, from 0.
        timeout: How long to wait for all processes to come, and at the end to finish, in s.
        heartbeat_timeout: Silence after which a process counts as dead, in whole s.

    Raises:
        ValidationError: If an argument is out of range, the port is taken, or the function was
            called before.
        MissingPeerError: If not all processes came in time.
        RuntimeError: From JAX, if it has computed before.
    """
    host, port = _split(coordinator_address)
    count = check_size("num_processes", num_processes)
    number = check_size("process_id", process_id, low=0, high=count - 1)
    limit = check_real("timeout", timeout, low=0, open_low=True)
    beat = check_size("heartbeat_timeout", heartbeat_timeout)
    if jax.distributed.is_initialized():
        raise ValidationError("initialize", "called once in a process", "a second call")
    here = RollCall(host, port, count, limit)
    if number == 0:
        here.call()
    else:
        here.answer(number)
    jax.config.update(  # type: ignore[no-untyped-call]
        "jax_cpu_collectives_implementation", "gloo"
    )
    jax.distributed.initialize(
        coordinator_address,
        count,
        number,
        cluster_detection_method="deactivate",  # it would show SLURM tasks only one GPU
        initialization_timeout=math.ceil(limit),
        heartbeat_timeout_seconds=beat,
        shutdown_timeout_seconds=math.ceil(limit),
    )


class RollCall:
    """Waits until all processes have come, and tells each of them.

    Args:
        host: Host of process 0.
        port: Port on which process 0 listens.
        count: Number of processes.
        timeout: How long to wait for all processes, in s.
    """

    def __init__(self, host: str, port: int, count: int, timeout: float) -> None:
        self.host, self.port, self.count, self.timeout = host, port, count, timeout
        self.end = time.monotonic() + timeout

    def call(self) -> None:
        """Wait for the others, as process 0, and tell each of them that all are here."""
        others = set(range(1, self.count))
        lines: dict[int, socket.socket] = {}
        with ExitStack() as held:
            server = held.enter_context(self._listen())
            while missing := others - set(lines):
                server.settimeout(self._left())
                try:
                    line = held.enter_context(server.accept()[0])
                    line.settimeout(self._left())
                    number = int(line.recv(16))
                except TimeoutError as error:
                    who = ", ".join(map(str, sorted(missing)))
                    raise self._failure(f"process {who} did not come") from error
                except (ValueError, ConnectionError):
                    continue  # not one of the processes
                lines |= {number: line} if number in others else {}
            for line in lines.values():
                line.sendall(_ALL_HERE)

    def answer(self, number: int) -> None:
        """Tell process 0 that this one is here, and wait until all are."""
        last: OSError | None = None
        while time.monotonic() < self.end:
            try:
                with socket.create_connection((self.host, self.port), self._left()) as line:
                    line.sendall(b"%d" % number)
                    line.settimeout(self._left())
                    if line.recv(1) == _ALL_HERE:
                        return
            except OSError as error:
                last = error
            time.sleep(_PAUSE)
        raise self._failure(f"process {number} was not told that all are there") from last

    def _listen(self) -> socket.socket:
        both = socket.has_dualstack_ipv6()
        family = socket.AF_INET6 if both else socket.AF_INET
        try:
            return socket.create_server(("", self.port), family=family, dualstack_ipv6=both)
        except OSError as error:
            expected = "a free port of the host of process 0"
            raise ValidationError("coordinator_address", expected, str(error)) from error

    def _left(self) -> float:
        return max(self.end - time.monotonic(), 1e-3)

    def _failure(self, what: str) -> MissingPeerError:
        return MissingPeerError(
            f"Of {self.count} processes expected at {self.host}:{self.port} within "
            f"{self.timeout:g} s, {what}. Start each with one coordinator_address and "
            "num_processes and with a process_id of its own, see that the port of process 0 is "
            "open to the others, or give a longer timeout."
        )


def _split(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ValidationError("coordinator_address", "'host:port'", repr(address))
    return host, int(port)
