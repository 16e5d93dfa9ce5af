"""Models as users write them: plain classes with ``.value`` boxes, nothing inherited."""

import jax.numpy as jnp
import numpy as np


class Box:
    """The smallest box."""

    def __init__(self, value):
        self.value = value


class NumpyBox:
    """A box that always holds a NumPy array of its own."""

    def __init__(self, value):
        self.value = value

    @property
    def value(self):
        return self._value

    @value.setter
    def value(self, value):
        self._value = np.array(value)


class Memory:
    """A recurrent network under names of its own."""

    weight_attr = "J"
    predict_state_attr = "spins"

    def __init__(self, size, xp=np, box=Box):
        self.xp = xp
        self.J = box(xp.zeros((size, size), dtype=xp.float32))
        self.spins = box(xp.ones(size, dtype=xp.float32))
        self.updates = 0

    @property
    def energy(self):
        s = self.spins.value
        return -0.5 * s @ self.J.value @ s

    def update(self):
        self.updates += 1
        field = self.J.value @ self.spins.value
        self.spins.value = self.xp.where(field == 0, self.spins.value, self.xp.sign(field))


class TellsChange(Memory):
    """A network whose update wants to know the energy before."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.told = []

    def update(self, prev_energy):
        self.told.append(float(prev_energy))
        super().update()
        return self.energy - prev_energy


class Resizable(Memory):
    """A network that can grow."""

    def resize(self, num_neurons, preserve_submatrix=True):
        old, kept = np.asarray(self.J.value), min(num_neurons, len(self.J.value))
        weights = np.zeros((num_neurons, num_neurons), np.float32)
        if preserve_submatrix:
            weights[:kept, :kept] = old[:kept, :kept]
        self.J.value, self.spins.value = weights, np.ones(num_neurons, np.float32)


class InPlace(Memory):
    """A network that sweeps in place, as NumPy code does."""

    def __init__(self, size):
        super().__init__(size, box=NumpyBox)

    def update(self):
        for i in range(len(self.spins.value)):
            field = self.J.value[i] @ self.spins.value
            if field:
                self.spins.value[i] = np.sign(field)


class OwnRule(Memory):
    """A network that stores by a rule of its own, in place."""

    def apply_hebbian_learning(self, data):
        for pattern in np.asarray(data, np.float32):
            self.J.value += np.outer(pattern, pattern)


class ByList:
    """A memory without weights: it keeps a list and answers with the nearest pattern."""

    predict_state_attr = "found"

    def __init__(self, size):
        self.found = Box(np.zeros(size, np.float32))
        self.stored = []

    def apply_hebbian_learning(self, data):
        self.stored = [*self.stored, *np.asarray(data)]

    def predict(self, pattern):
        self.found.value = max(self.stored, key=lambda stored: stored @ pattern)
        return self.found.value


class Layer:
    """A layer with a saturating output and weights under a name of their own."""

    weight_attr = "M"
    predict_state_attr = "out"

    def __init__(self, weights, box=Box):
        self.M = box(weights)
        self.out = box(np.zeros(len(weights), np.float32))
        self.theta = box(np.full(len(weights), 0.1, np.float32))

    def forward(self, x):
        self.out.value = np.tanh(np.asarray(self.M.value) @ np.asarray(x))
        return self.out.value


class Spiker:
    """A spiking layer without memory, whose traces decay in place."""

    def __init__(self, weights, trace_decay=0.5, xp=np):
        self.W, self.trace_decay, self.xp = Box(xp.asarray(weights)), trace_decay, xp
        self.trace_pre = Box(xp.zeros(weights.shape[1], dtype=xp.float32))
        self.trace_post = Box(xp.zeros(weights.shape[0], dtype=xp.float32))

    def forward(self, x):
        spike = (self.W.value @ x >= 0.5).astype(np.float32)
        self.trace_pre.value *= self.trace_decay
        self.trace_pre.value += x
        self.trace_post.value *= self.trace_decay
        self.trace_post.value += spike
        return spike


class WeightsOnly:
    """An object with weights and nothing else."""

    def __init__(self, weights):
        self.W = Box(jnp.asarray(weights))
