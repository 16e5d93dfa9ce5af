"""A recurrent network whose inhibition learns: that of Vogels et al. (2011), made smaller.

Neurons and synapses are those that the authors published. It has 500 neurons instead of 10 000, and
half as many inputs to each; so a fifth of all pairs are connected instead of a fiftieth, and
neurons fire together more. Its inhibition learns faster, to be at rest within seconds.
"""

from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from canns.dynamics import Activity, ConductanceLIF, ExcitatoryInhibitory
from canns.plasticity import VogelsSTDP
from canns.typing import AnyArray, Array, PyTree

__all__ = ["Balanced", "balanced"]

_EXCITATORY, _INHIBITORY, _SHARE = 400, 100, 0.2
# In units of the leak conductance.
_FROM_EXCITATORY, _AMONG_INHIBITORY, _MOST, _RATE = 0.03, 0.3, 10.0, 0.03
_DT, _SECONDS, _LAST = 0.5, 16, 6
_PER_SECOND = round(1000 / _DT)
_NEURON = ConductanceLIF(
    tau_e=5.0,
    tau_i=10.0,
    E_L=-60.0,
    E_i=-80.0,
    V_th=-50.0,
    V_reset=-60.0,
    t_ref=5.0,
    drive=20.0,
    dt=_DT,
    inhibitory=_INHIBITORY,
)
_Spikes = tuple[AnyArray, AnyArray]


class Balanced(NamedTuple):
    """What became of a network.

    Args:
        rates: Mean rate of the excitatory neurons in Hz, in each second.
        settled: Their rate over the last seconds.
        explained: The rate at which pairs and lone spikes are in balance, given the correlations.
        cv: Mean coefficient of variation of their intervals.
        early: Times in s and neurons of the spikes of the first half second.
        late: The same of the last half second.
    """

    rates: AnyArray
    settled: float
    explained: float
    cv: float
    early: _Spikes
    late: _Spikes


def balanced(target: float, tau: float, start: float, rng: np.random.Generator) -> Balanced:
    """Run a network.

    Args:
        target: Rate that the rule aims at, in Hz.
        tau: Time constant of its window in ms.
        start: Weights that learn, at first.
        rng: Source of connections and of the potentials at first.
    """
    size = _EXCITATORY + _INHIBITORY
    connected = rng.random((size, size)) < _SHARE
    np.fill_diagonal(connected, False)
    learns = connected[:, _EXCITATORY:].copy()
    learns[_EXCITATORY:] = False
    weights = ExcitatoryInhibitory(
        jnp.asarray(_FROM_EXCITATORY * connected[:, :_EXCITATORY], jnp.float32),
        jnp.asarray(
            np.where(learns, start, _AMONG_INHIBITORY * connected[:, _EXCITATORY:]), jnp.float32
        ),
    )
    potentials = jnp.asarray(rng.uniform(-60, -50, size), jnp.float32)
    rule = VogelsSTDP(_RATE, target, tau, dt=_DT)
    spikes = np.asarray(_spikes(rule)(weights, jnp.asarray(learns, jnp.float32), potentials))
    return _seen(spikes, learns[:_EXCITATORY], rule)


@cache
def _spikes(rule: VogelsSTDP) -> "jax.stages.Wrapped":
    """Return the compiled run: from weights, what learns, and potentials to spikes, (T, N)."""

    def run(weights: ExcitatoryInhibitory, learns: Array, potentials: Array) -> Array:
        def step(carry: PyTree, _: None) -> tuple[PyTree, Array]:
            state, memory, inhibitory, x = carry
            state, activity = _NEURON.step(state, weights._replace(inhibitory=inhibitory), x)
            seen = Activity(x[_EXCITATORY:], activity.post)
            memory, change = rule.step(memory, inhibitory, seen)
            moved = jnp.clip(inhibitory + learns * change, 0, _MOST)
            after = state, memory, moved, activity.post
            return after, activity.post.astype(jnp.int8)

        state = _NEURON.init(weights)._replace(v=potentials)
        carry = state, rule.init(weights.inhibitory), weights.inhibitory, jnp.zeros(len(potentials))
        return jax.lax.scan(step, carry, length=_SECONDS * _PER_SECOND)[1]

    return jax.jit(run)


def _seen(spikes: AnyArray, learns: AnyArray, rule: VogelsSTDP) -> Balanced:
    excitatory = spikes[:, :_EXCITATORY]
    rates = excitatory.reshape(_SECONDS, _PER_SECOND, -1).sum(axis=1).mean(axis=1)
    last = spikes[-_LAST * _PER_SECOND :]
    post, pre = last[:, :_EXCITATORY], last[:, _EXCITATORY:]
    variations = [
        gaps.std() / gaps.mean()
        for gaps in (np.diff(np.flatnonzero(train)) for train in post.T)
        if len(gaps) > 5
    ]
    # An input acts, and is seen by the rule, a step after its spike.
    explained = _explained(np.roll(pre, 1, axis=0), post, learns, rule)
    half = _PER_SECOND // 2
    return Balanced(
        rates,
        float(_PER_SECOND * post.mean()),
        explained,
        float(np.mean(variations)),
        _events(spikes[:half], 0.0),
        _events(spikes[-half:], _SECONDS - 0.5),
    )


def _events(spikes: AnyArray, since: float) -> _Spikes:
    steps, neurons = np.nonzero(spikes)
    return since + steps / _PER_SECOND, neurons


def _explained(pre: AnyArray, post: AnyArray, learns: AnyArray, rule: VogelsSTDP) -> float:
    """Return the rate in Hz at which the synapses of these trains are in balance."""
    from scipy.signal import lfilter

    left = np.exp(-_DT / rule.tau)
    x, s = pre.astype(np.float32), post.astype(np.float32)
    before, after = (lfilter([1.0], [1.0, -left], train, axis=0) for train in (x, s))
    # An input of the same step comes half a step before the spike.
    half = np.sqrt(left)
    pairs = (s.T @ before * half + (after - s).T @ x / half) / len(s)
    window = 1 / np.sinh(0.5 * _DT / rule.tau)
    missing = window * np.outer(s.mean(axis=0), x.mean(axis=0)) - pairs
    alone = np.broadcast_to(x.mean(axis=0), missing.shape)
    held = (rule.alpha + missing[learns].mean() / alone[learns].mean()) / window
    return float(_PER_SECOND * held)
