"""The loops that the library is measured against."""

import numba
import numpy as np

__all__ = ["matmul_recall", "stdp_loop"]


def matmul_recall(weights, cues, num_steps):
    """Recall cue by cue with NumPy, ``num_steps`` synchronous updates each."""
    out = []
    for cue in cues:
        state = cue
        for _ in range(num_steps):
            field = weights @ state
            state = np.where(field == 0, state, np.sign(field))
        out.append(state)
    return out


@numba.njit(fastmath=True)
def stdp_loop(weights, spikes, learning_rate, a_plus, a_minus, leak, decay, threshold):
    """Run a spiking layer with pair STDP, coincidence "ltp", weights clipped to [0, 1]."""
    num_post, num_pre = weights.shape
    v = np.zeros(num_post, np.float32)
    trace_pre = np.zeros(num_pre, np.float32)
    trace_post = np.zeros(num_post, np.float32)
    one, zero = np.float32(1), np.float32(0)
    for t in range(len(spikes)):
        for j in range(num_pre):
            trace_pre[j] = decay * trace_pre[j] + spikes[t, j]
        for i in range(num_post):
            drive = zero
            for j in range(num_pre):
                drive += weights[i, j] * spikes[t, j]
            v[i] = leak * v[i] + drive
            spike = one if v[i] >= threshold else zero
            if spike > zero:
                v[i] = zero
            past = decay * trace_post[i]
            trace_post[i] = past + spike
            for j in range(num_pre):
                up = a_plus * spike * trace_pre[j]
                down = a_minus * past * spikes[t, j]
                w = weights[i, j] + learning_rate * (up - down)
                weights[i, j] = min(max(w, zero), one)
    return weights
