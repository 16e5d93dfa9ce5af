"""The Python that does what the memory page does."""

import numpy as np

from canns.lab.memory import MemorySession
from canns.typing import AnyArray

__all__ = ["memory_program"]

_HEAD = """\
import numpy as np

from canns import task
from canns.analyzer.metrics import overlap
from canns.models.brain_inspired import AmariHopfieldNetwork
from canns.trainer import {trainer}


def grid(digits):
    \"\"\"Return a pattern of -1 and 1 from hexadecimal digits, four neurons a digit.\"\"\"
    bits = np.unpackbits(np.frombuffer(bytes.fromhex(digits), np.uint8))
    return 2.0 * bits[:{size}] - 1.0

"""
_HEBB = (
    "trainer = HebbianTrainer(\n"
    "    network, subtract_mean=False, normalize_by_patterns=False, learning_rate=1 / {size}\n"
    ")\n"
)
_WIDTH = 64  # hexadecimal digits of a line


def memory_program(session: MemorySession) -> str:
    """Return a script that stores the session's patterns and recalls from its cue.

    It ends with ``state``, which the page shows, and ``overlaps``, those with all patterns.

    Args:
        session: The session; at least one pattern is stored.
    """
    size, rule = session.num_neurons, session.settings.rule
    hebb = rule == "hebbian"
    head = _HEAD.format(trainer="HebbianTrainer" if hebb else "RuleTrainer", size=size)
    trainer = _HEBB.format(size=size) if hebb else f"trainer = RuleTrainer(network, {rule!r})\n"
    options = session.settings.network_options
    given = "".join(f", {name}={value!r}" for name, value in options.items())
    return (
        f"{head}\n{_patterns(session)}"
        f"network = AmariHopfieldNetwork({size}{given})\n"
        f"{trainer}trainer.train(patterns)\n\n"
        f"state = {_grid(session.cue)}\n"
        f"for step in range({session.step_count}):\n"
        f"    result = network.recall(state[None], num_iter=1, seed={session.seed} + step)\n"
        "    state = np.asarray(result.states[0])\n"
        "overlaps = overlap(state, patterns)\n"
        f'print(f"overlap with pattern {session.target + 1}: {{overlaps[{session.target}]:.3f}}")\n'
    )


def _patterns(session: MemorySession) -> str:
    size, seed = session.num_neurons, session.seed
    random = f"task.random_patterns({session.num_random}, {size}, seed={seed})"
    drawn = ",\n    ".join(_grid(pattern) for pattern in session.drawn)
    if not drawn:
        return f"patterns = {random}\n"
    stack = f"patterns = np.stack([\n    {drawn},\n])\n"
    return stack + (f"patterns = np.vstack([patterns, {random}])\n" if session.num_random else "")


def _grid(state: AnyArray) -> str:
    digits = np.packbits(state > 0).tobytes().hex()
    lines = [digits[k : k + _WIDTH] for k in range(0, len(digits), _WIDTH)]
    if len(lines) == 1:
        return f'grid("{digits}")'
    return "grid(\n" + "".join(f'        "{line}"\n' for line in lines) + "    )"
