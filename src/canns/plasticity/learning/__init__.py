"""The learning loop: setups, how they are shown data, and what is recorded."""

from canns.plasticity.learning.fixed import Fixed
from canns.plasticity.learning.learn import (
    learn,
    learn_members,
    respond,
    show_epochs,
    show_samples,
)
from canns.plasticity.learning.local_step import (
    Since,
    forget_silence,
    local_memory,
    local_step,
    remember_silence,
)
from canns.plasticity.learning.locality import obstacle_to_synapses, sides_of
from canns.plasticity.learning.loop import Samples, advance, output
from canns.plasticity.learning.members import run_members
from canns.plasticity.learning.plan import (
    AUTO,
    PatternForm,
    Places,
    Plan,
    with_automatic_rate,
)
from canns.plasticity.learning.samples import chunk_length, to_samples
from canns.plasticity.learning.setup import METHODS, Method, Setup
from canns.plasticity.learning.state import (
    Learner,
    as_floats,
    divergence,
    dtype_of,
    healthy,
    norms_of_change,
    sound,
)
from canns.plasticity.learning.time_step import with_step

__all__ = [
    "AUTO",
    "METHODS",
    "Fixed",
    "Learner",
    "Method",
    "PatternForm",
    "Places",
    "Plan",
    "Samples",
    "Setup",
    "Since",
    "advance",
    "as_floats",
    "chunk_length",
    "divergence",
    "dtype_of",
    "forget_silence",
    "healthy",
    "learn",
    "learn_members",
    "local_memory",
    "local_step",
    "norms_of_change",
    "obstacle_to_synapses",
    "output",
    "remember_silence",
    "respond",
    "run_members",
    "show_epochs",
    "show_samples",
    "sides_of",
    "sound",
    "to_samples",
    "with_automatic_rate",
    "with_step",
]
