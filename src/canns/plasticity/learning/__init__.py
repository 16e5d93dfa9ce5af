"""The learning loop: setups, how they are shown data, and what is recorded."""

from canns.plasticity.learning.learn import (
    learn,
    learn_members,
    respond,
    show_epochs,
    show_samples,
)
from canns.plasticity.learning.loop import Fixed, Samples, advance, output
from canns.plasticity.learning.members import run_members
from canns.plasticity.learning.plan import (
    AUTO,
    PatternForm,
    Places,
    Plan,
    with_automatic_rate,
)
from canns.plasticity.learning.samples import chunk_length, to_samples
from canns.plasticity.learning.setup import Setup
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
    "Fixed",
    "Learner",
    "PatternForm",
    "Places",
    "Plan",
    "Samples",
    "Setup",
    "advance",
    "as_floats",
    "chunk_length",
    "divergence",
    "dtype_of",
    "healthy",
    "learn",
    "learn_members",
    "norms_of_change",
    "output",
    "respond",
    "run_members",
    "show_epochs",
    "show_samples",
    "sound",
    "to_samples",
    "with_automatic_rate",
    "with_step",
]
