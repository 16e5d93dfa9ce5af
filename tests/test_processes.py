"""Processes: spawned ones work, and one forked after JAX has computed is refused, not hung."""

import subprocess
import sys
import textwrap

import pytest

_FORK = """
    import os, sys
    import numpy as np
    from canns import task
    from canns.errors import CannsError
    from canns.models.brain_inspired import AmariHopfieldNetwork, LinearLayer
    from canns.trainer import HebbianTrainer, OjaTrainer

    def oja():
        OjaTrainer(layer, 0.01).train(np.ones((4, 3)))

    def recall():
        network.recall(patterns)

    patterns = task.random_patterns(2, 9, seed=0)
    {before}
    process = os.fork()
    if process == 0:
    {inside}
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
"""
_MAKE = """
    layer, network = LinearLayer(3, 2), AmariHopfieldNetwork(9)
    HebbianTrainer(network).train(patterns)
    oja()
"""
_REFUSED = """
        refused = 0
        for work in (oja, recall):
            try:
                work()
            except CannsError as error:
                refused += "spawn" in str(error)
        task.flip(patterns, 0.1, seed=0)  # needs no JAX
        os._exit(0 if refused == 2 else 1)
"""
_WORKS = """
        layer, network = LinearLayer(3, 2), AmariHopfieldNetwork(9)
        HebbianTrainer(network).train(patterns)
        oja(), recall()
        os._exit(0)
"""
_SPAWN = """
    import multiprocessing
    import numpy as np
    from canns.models.brain_inspired import LinearLayer
    from canns.trainer import OjaTrainer

    def trained(seed):
        layer = LinearLayer(3, 2)
        layer.W = np.full((2, 3), 0.1)
        data = np.random.default_rng(seed).normal(size=(50, 3)) / 4
        OjaTrainer(layer, 0.01).train(data)
        return np.asarray(layer.W.value).tobytes()

    if __name__ == "__main__":
        here = [trained(seed) for seed in range(2)]
        with multiprocessing.get_context("{method}").Pool(2) as pool:
            assert pool.map(trained, range(2)) == here
"""
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")


def _run(program, tmp_path, **parts):
    script = tmp_path / "program.py"
    text = textwrap.dedent(program)
    for name, part in parts.items():
        text = text.replace(f"{{{name}}}", part)
    script.write_text(text)
    words = [sys.executable, "-W", "ignore", str(script)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.mark.slow
@posix
def test_a_process_forked_after_a_computation_is_told_what_to_do(tmp_path):
    done = _run(_FORK, tmp_path, before=textwrap.dedent(_MAKE), inside=_REFUSED)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@posix
def test_a_process_forked_before_any_computation_works(tmp_path):
    done = _run(_FORK, tmp_path, before="", inside=_WORKS)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_processes_that_start_anew_give_the_same_bits(tmp_path, method):
    if method == "forkserver" and sys.platform == "win32":
        pytest.skip("Windows does not fork")
    done = _run(_SPAWN, tmp_path, method=method)
    assert done.returncode == 0, done.stderr
