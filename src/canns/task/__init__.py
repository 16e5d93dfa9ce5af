"""Data for the models: patterns and their corruption, pictures, digits, patches, spike trains.

Everything is NumPy in and NumPy out, in JAX's current floating type. A random function takes
``seed``, an integer or a NumPy Generator; without it, ``brainstate.random.seed(n)`` fixes what it
draws. Nothing is downloaded: pictures and digits come from inside scikit-image and scikit-learn,
which ``pip install 'canns[data]'`` installs and which are imported when first used.
"""

from canns._spike_trains import SpikeTrains
from canns.task._codes import phase_spikes, rank_order_spikes
from canns.task._corruption import add_gaussian, flip, mask, occlude
from canns.task._decoding import decode_latencies, decode_phases
from canns.task._digits import digit_prototypes, digits
from canns.task._files import ARRAY_ENDINGS, LoadedData, load_data
from canns.task._idx import load_mnist, read_idx
from canns.task._images import binarize, bundled_images, image_patterns, load_image
from canns.task._oriented import oriented_bars, oriented_gratings
from canns.task._patches import bars, natural_patches, retinal_patches
from canns.task._patterns import (
    correlated_patterns,
    hierarchical_patterns,
    random_patterns,
    sparse_patterns,
)
from canns.task._readout import (
    first_spikes,
    first_to_spike,
    rank_order_readout,
    spike_counts,
    spike_ranks,
    spike_rates,
)
from canns.task._scaling import Standardization, Whitening, standardize, whiten
from canns.task._spikes import latency_spikes, poisson_spikes, sequence_spikes
from canns.task._timed import timed_spikes
from canns.task._votes import classify_by_labels, label_neurons

__all__ = [
    "ARRAY_ENDINGS",
    "LoadedData",
    "SpikeTrains",
    "Standardization",
    "Whitening",
    "add_gaussian",
    "bars",
    "binarize",
    "bundled_images",
    "classify_by_labels",
    "correlated_patterns",
    "decode_latencies",
    "decode_phases",
    "digit_prototypes",
    "digits",
    "first_spikes",
    "first_to_spike",
    "flip",
    "hierarchical_patterns",
    "image_patterns",
    "label_neurons",
    "latency_spikes",
    "load_data",
    "load_image",
    "load_mnist",
    "mask",
    "natural_patches",
    "occlude",
    "oriented_bars",
    "oriented_gratings",
    "phase_spikes",
    "poisson_spikes",
    "random_patterns",
    "rank_order_readout",
    "rank_order_spikes",
    "read_idx",
    "retinal_patches",
    "sequence_spikes",
    "sparse_patterns",
    "spike_counts",
    "spike_ranks",
    "spike_rates",
    "standardize",
    "timed_spikes",
    "whiten",
]
