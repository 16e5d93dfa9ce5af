"""Time the model of Song, Miller & Abbott (2000) in Brian 2, NumPy target.

Brian 2 is not a dependency of the library. Install it in an environment of its own with ``pip
install "brian2==2.9.*" "numpy<2"``. Then ``python brian2_song.py [SECONDS]`` prints the seconds
per simulated second, without the time to set up. ``song.py`` times the same model in this
library.
"""

import sys
import time

from brian2 import (
    Hz,
    Network,
    NeuronGroup,
    PoissonGroup,
    SpikeMonitor,
    Synapses,
    defaultclock,
    ms,
    mV,
    prefs,
    second,
    seed,
)

prefs.codegen.target = "numpy"


def main(seconds):
    seed(0)
    defaultclock.dt = 0.1 * ms
    g_max, tau = 0.015, 20 * ms
    names = {"E_L": -70 * mV, "E_e": 0 * mV, "E_i": -70 * mV, "tau_m": 20 * ms, "tau_s": 5 * ms}
    names |= {"g_max": g_max, "tau": tau, "up": 0.005 * g_max, "down": 1.05 * 0.005 * g_max}
    neuron = NeuronGroup(
        1,
        """dv/dt = (E_L - v + g_e * (E_e - v) + g_i * (E_i - v)) / tau_m : volt
        dg_e/dt = -g_e / tau_s : 1
        dg_i/dt = -g_i / tau_s : 1""",
        threshold="v > -54 * mV",
        reset="v = -60 * mV",
        method="euler",
        namespace=names,
    )
    neuron.v = -70 * mV
    excitation, inhibition = PoissonGroup(1000, 10 * Hz), PoissonGroup(200, 10 * Hz)
    plastic = Synapses(
        excitation,
        neuron,
        """w : 1
        dx/dt = -x / tau : 1 (event-driven)
        dy/dt = -y / tau : 1 (event-driven)""",
        on_pre="""g_e_post += w
        x += up
        w = clip(w - y, 0, g_max)""",
        on_post="""y += down
        w = clip(w + x, 0, g_max)""",
        namespace=names,
    )
    plastic.connect()
    plastic.w = g_max
    fixed = Synapses(inhibition, neuron, on_pre="g_i_post += 0.05")
    fixed.connect()
    spikes = SpikeMonitor(neuron)
    network = Network(neuron, excitation, inhibition, plastic, fixed, spikes)
    network.run(0.1 * second)
    before = spikes.num_spikes
    start = time.perf_counter()
    network.run(seconds * second)
    taken = time.perf_counter() - start
    output = (spikes.num_spikes - before) / seconds
    print(f"{taken / seconds:.4f} s per simulated second, output {output:.1f} Hz")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0)
