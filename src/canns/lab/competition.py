"""Synapses that compete by the timing of their spikes, some seconds at a time."""

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from canns import task
from canns._validation import check_real, check_size
from canns.dynamics import ConductanceLIF, ExcitatoryInhibitory
from canns.plasticity import (
    Bounds,
    Identity,
    Learner,
    Monitor,
    PairSTDP,
    PartProjections,
    Parts,
    Recorder,
    Setup,
    learn,
)
from canns.typing import AnyArray

__all__ = ["CompetitionSession", "Moment", "competition_program"]

_EXCITATORY, _INHIBITORY, _INHIBITORY_RATE = 1000, 200, 10.0
_G_MAX, _G_IN = 0.015, 0.05
_DT = 0.5  # ms
_STEPS = 2000  # of a second


class Moment(NamedTuple):
    """What the page shows of one moment.

    Args:
        seconds: Time that was simulated.
        weights: The excitatory weights over the largest, (1000,).
        output: Spikes of the neuron in the last second.
    """

    seconds: int
    weights: AnyArray
    output: int


class CompetitionSession:
    """A neuron with 1000 excitatory and 200 inhibitory inputs, of which the former learn by STDP.

    All weights begin at the largest. The numbers are those of the paper; steps are 0.5 ms.

    Args:
        rate: Rate of the excitatory inputs in Hz.
        seed: Seed of the spikes.

    Source: Song, Miller & Abbott (2000), Nat. Neurosci. 3:919.
    """

    def __init__(self, rate: float = 20.0, seed: int = 0) -> None:
        self.rate = check_real("rate", rate, low=1, high=100)
        self.seed = check_size("seed", seed, low=0)
        self.seconds = 0
        self._random = np.random.default_rng(seed)
        self._setup = Setup(
            Parts((PairSTDP(_G_MAX), None)),
            ConductanceLIF(inhibitory=_INHIBITORY, dt=_DT),
            PartProjections((Bounds(0.0, _G_MAX), Identity())),
        )
        weights = ExcitatoryInhibitory(
            jnp.full((1, _EXCITATORY), _G_MAX), jnp.full((1, _INHIBITORY), _G_IN)
        )
        silence = np.zeros((1, _EXCITATORY + _INHIBITORY), np.float32)
        self._learner: Learner = learn(self._setup, weights, silence)

    @property
    def weights(self) -> AnyArray:
        """The excitatory weights over the largest, (1000,)."""
        return np.asarray(self._learner.weights.excitatory[0]) / _G_MAX

    def run(self) -> Moment:
        """Simulate one more second."""
        rates = np.repeat([self.rate, _INHIBITORY_RATE], [_EXCITATORY, _INHIBITORY])
        spikes = task.poisson_spikes(rates, _STEPS, dt=_DT, seed=self._random)
        recorder = Recorder(Monitor(("spikes",), every=_STEPS))
        self._learner = learn(self._setup, self._learner, spikes, recorder=recorder)
        self.seconds += 1
        fired = recorder.history().spikes
        assert fired is not None, "they were asked for"
        return Moment(self.seconds, self.weights, len(fired[0]))


def competition_program(session: CompetitionSession) -> str:
    """Return a script that simulates as long; it ends with ``weights``, over the largest."""
    return f"""\
import jax.numpy as jnp
import numpy as np

from canns import task
from canns.dynamics import ConductanceLIF, ExcitatoryInhibitory
from canns.plasticity import Bounds, Identity, PairSTDP, PartProjections, Parts, Setup, learn

setup = Setup(
    Parts((PairSTDP({_G_MAX}), None)),  # the inhibitory weights do not learn
    ConductanceLIF(inhibitory={_INHIBITORY}, dt={_DT}),
    PartProjections((Bounds(0.0, {_G_MAX}), Identity())),
)
first = jnp.full((1, {_EXCITATORY}), {_G_MAX}), jnp.full((1, {_INHIBITORY}), {_G_IN})
learner = learn(setup, ExcitatoryInhibitory(*first), np.zeros((1, {_EXCITATORY + _INHIBITORY})))
rates = np.repeat([{session.rate}, {_INHIBITORY_RATE}], [{_EXCITATORY}, {_INHIBITORY}])
rng = np.random.default_rng({session.seed})
for second in range({session.seconds}):
    spikes = task.poisson_spikes(rates, {_STEPS}, dt={_DT}, seed=rng)
    learner = learn(setup, learner, spikes)
weights = np.asarray(learner.weights.excitatory[0]) / {_G_MAX}
print(f"mean weight over the largest: {{weights.mean():.3f}}")
"""
