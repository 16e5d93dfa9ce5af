"""The loops that the library is measured against."""

import numba
import numpy as np

__all__ = ["batch_recall", "event_loop", "matmul_recall", "sanger_loop", "stdp_loop", "sweep_loop"]


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


def batch_recall(weights, cues, num_steps):
    """Recall all cues at once with NumPy, one matrix product an update."""
    states = cues
    for _ in range(num_steps):
        field = states @ weights
        states = np.where(field == 0, states, np.sign(field))
    return states


@numba.njit(fastmath=True)
def sweep_loop(weights, cue, orders):
    """Recall asynchronously until a sweep changes nothing, updating the field at each flip."""
    state = cue.copy()
    field = weights @ state
    one = np.float32(1)
    for order in orders:
        moved = False
        for i in order:
            new = state[i] if field[i] == 0 else (one if field[i] > 0 else -one)
            change = new - state[i]
            if change != 0:
                state[i] = new
                moved = True
                for j in range(len(state)):
                    field[j] += change * weights[i, j]
        if not moved:
            break
    return state


@numba.njit(fastmath=True)
def sanger_loop(weights, inputs, learning_rate, num_passes):
    """Run Sanger's rule in its deflation form: each row learns what the rows before it left."""
    num_post, num_pre = weights.shape
    y = np.empty(num_post, weights.dtype)
    left = np.empty(num_pre, weights.dtype)
    for _ in range(num_passes):
        for t in range(len(inputs)):
            for i in range(num_post):
                total = np.float32(0)
                for j in range(num_pre):
                    total += weights[i, j] * inputs[t, j]
                y[i] = total
            for j in range(num_pre):
                left[j] = inputs[t, j]
            for i in range(num_post):
                for j in range(num_pre):
                    left[j] -= y[i] * weights[i, j]
                rate = learning_rate * y[i]
                for j in range(num_pre):
                    weights[i, j] += rate * left[j]
    return weights


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


@numba.njit(fastmath=True)
def event_loop(fans, spikes, learning_rate, a_plus, a_minus, leak, decay, threshold):
    """Run a spiking layer with pair STDP as :func:`stdp_loop` does, visiting only what spikes.

    ``fans`` are the transposed weights, (in, out). Also return the number of output spikes.
    """
    num_pre, num_post = fans.shape
    v, trace_post = np.zeros(num_post, np.float32), np.zeros(num_post, np.float32)
    trace_pre = np.zeros(num_pre, np.float32)
    came, fired = np.empty(num_pre, np.int64), np.empty(num_post, np.int64)
    one, zero = np.float32(1), np.float32(0)
    total = 0
    for t in range(len(spikes)):
        inputs = 0
        for j in range(num_pre):
            trace_pre[j] *= decay
            if spikes[t, j] > zero:
                trace_pre[j] += one
                came[inputs] = j
                inputs += 1
        for i in range(num_post):
            v[i] *= leak
            trace_post[i] *= decay
        for k in range(inputs):
            fan = fans[came[k]]
            for i in range(num_post):
                v[i] += fan[i]
        outputs = 0
        for i in range(num_post):
            if v[i] >= threshold:
                v[i] = zero
                fired[outputs] = i
                outputs += 1
        # The order of the two changes of a pair in one step matters only at the bounds.
        for k in range(inputs):
            fan = fans[came[k]]
            for i in range(num_post):
                fan[i] = min(max(fan[i] - learning_rate * a_minus * trace_post[i], zero), one)
        for k in range(outputs):
            i = fired[k]
            for j in range(num_pre):
                fans[j, i] = min(fans[j, i] + learning_rate * a_plus * trace_pre[j], one)
            trace_post[i] += one
        total += outputs
    return fans, total
