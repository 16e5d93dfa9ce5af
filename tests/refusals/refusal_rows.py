"""Good arguments of every public function of analysis, data and reproduction, and wrong ones.

Whatever its name, an argument must refuse an object of no kind; ``WRONG`` adds values that are
wrong for arguments of this name, and ``WRONG_FOR`` for those of one function.
"""

import inspect
from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from canns import reproduce, task
from canns.analyzer import metrics, model_specific, theory, visualization
from canns.models.brain_inspired import AmariHopfieldNetwork

PACKAGES = (metrics, theory, visualization, model_specific, task, reproduce)
SIZE = 6

SIGNS = np.where(np.arange(2 * SIZE).reshape(2, SIZE) % 3 == 0, 1.0, -1.0)
BITS = (SIGNS + 1) / 2
MATRIX = np.ones((SIZE, SIZE)) - np.eye(SIZE)
LINE = visualization.Series([0.0, 0.1], [1.0, 0.9])


def analyzer() -> model_specific.HopfieldAnalyzer:
    """Return an analyzer that knows its patterns."""
    return model_specific.HopfieldAnalyzer(AmariHopfieldNetwork(SIZE), SIGNS)


_DRAWN = {
    "num_probes": 2,
    "num_networks": 2,
    "num_iter": 2,
    "seed": 0,
    "show_progress": False,
    "asynchronous": False,
    "rule": "hebbian",
    "mesh": None,
}
_ON_COUPLINGS = {"network": MATRIX, "dynamics": None, "seed": 0}
_PICTURE = {"config": None, "ax": None}
_DENSE = {"num_neurons": 50, "order": 3, "criterion": "crosstalk", "error_probability": 0.01}
_NEURON = {"tau_m": 20.0, "V_th": 20.0, "V_reset": 10.0, "t_ref": 2.0}
_WILLSHAW = {"num_neurons": 50, "num_active": 5, "num_patterns": 9}

# In the order of __all__; a row gives every argument, a seed aside, that can be wrong.
GOOD: dict[str, dict[str, object]] = {
    "metrics.basin_of_attraction": _DRAWN
    | {"num_neurons": 20, "load": 0.1, "initial_overlaps": [0.5], "min_overlap": 0.9}
    | {"temperature": 0.0},
    "metrics.capacity": _DRAWN
    | {"num_neurons": 20, "low": 0.05, "high": 0.2, "most": 2.0, "tolerance": 0.1}
    | {"min_overlap": 0.9, "min_share": 0.9, "confidence": 0.9, "initial_overlap": 1.0}
    | {"temperature": 0.0},
    "metrics.energy_landscape": {
        "network": MATRIX,
        "states": np.eye(3, SIZE) * 2 - 1,
        "num_points": 3,
        "margin": 0.1,
        "dynamics": None,
    },
    "metrics.energy_path": _ON_COUPLINGS | {"start": SIGNS[0], "end": SIGNS[1], "num_paths": 1},
    "metrics.overlap": {"states": BITS, "patterns": BITS, "coding_level": 0.3},
    "metrics.overlap_curve": _DRAWN
    | {"num_neurons": 20, "loads": [0.1], "temperature": 0.0, "initial_overlap": 1.0},
    "metrics.overlap_trajectory": _ON_COUPLINGS
    | {"patterns": SIGNS, "cues": SIGNS, "coding_level": None, "num_iter": 2},
    "metrics.phase_diagram": _DRAWN
    | {"num_neurons": 20, "loads": [0.1], "temperatures": [0.5], "initial_overlap": 1.0},
    "metrics.spurious_states": _ON_COUPLINGS
    | {"patterns": SIGNS, "num_probes": 2, "min_overlap": 0.9, "largest_mixture": 3}
    | {"num_iter": 2},
    "metrics.stability_distribution": {"weights": MATRIX, "patterns": SIGNS},
    "metrics.u_matrix": {"weights": np.eye(6), "shape": (2, 3)},
    "metrics.weight_spectrum": {"weights": MATRIX},
    "theory.ags_critical_load": {},
    "theory.ags_free_energy": {"alpha": 0.1, "temperature": 0.2},
    "theory.ags_overlap": {"alpha": 0.1, "temperature": 0.2},
    "theory.ags_state": {"alpha": 0.1, "temperature": 0.2},
    "theory.crosstalk_error": {"alpha": 0.1},
    "theory.crosstalk_load": {"error_probability": 0.1},
    "theory.dense_capacity": _DENSE,
    "theory.dense_error": {"num_neurons": 50, "num_patterns": 9, "order": 3},
    "theory.exponential_capacity": {"num_neurons": 50, "rho": 0.1},
    "theory.exponential_load": {"rho": 0.1},
    "theory.fixed_point_probability": {"num_neurons": 100, "num_patterns": 5},
    "theory.gardner_load": {"kappa": 0.5, "coding_level": 0.2},
    "theory.gardner_stability": {"alpha": 0.5, "coding_level": 0.2},
    "theory.marchenko_pastur_density": {"x": 1.0, "alpha": 0.5, "zero_diagonal": False},
    "theory.marchenko_pastur_support": {"alpha": 0.5, "zero_diagonal": False},
    "theory.phase_boundaries": {"top": 0.16},
    "theory.retrieval_load": {"temperature": 0.5},
    "theory.retrieval_temperature": {"alpha": 0.1},
    "theory.separable_probability": {"num_patterns": 9, "num_inputs": 3},
    "theory.sparse_asymptote": {"coding_level": 0.1},
    "theory.sparse_critical_load": {"coding_level": 0.1, "exact": True},
    "theory.sparse_overlap": {"alpha": 0.3, "coding_level": 0.1},
    "theory.spin_glass_free_energy": {"alpha": 0.1, "temperature": 0.2},
    "theory.spin_glass_state": {"alpha": 0.1, "temperature": 0.2},
    "theory.spin_glass_temperature": {"alpha": 0.1},
    "theory.storage_capacity": {
        "num_neurons": 50,
        "criterion": "crosstalk",
        "error_probability": 0.01,
    },
    "theory.storage_theory": {"rule": "hebbian"},
    "theory.lif_rate": {"drive": 15.0, "noise": 5.0, **_NEURON},
    "theory.brunel_rate": {
        "g": 5.0,
        "eta": 2.0,
        "J": 0.1,
        "num_excitatory": 1000,
        "num_inhibitory": 250,
        **_NEURON,
    },
    "theory.transition_load": {"temperature": 0.5},
    "theory.transition_temperature": {"alpha": 0.04},
    "theory.variant_critical_load": {"variant": "clipped"},
    "theory.variant_overlap": {"alpha": 0.05, "variant": "clipped", "temperature": 0.1},
    "theory.willshaw_bits": _WILLSHAW,
    "theory.willshaw_capacity": {"num_neurons": 50, "num_active": 5, "fill": 0.5},
    "theory.willshaw_false_positives": _WILLSHAW,
    "theory.willshaw_fill": _WILLSHAW,
    "visualization.PlotConfig": {
        "title": "",
        "xlabel": "",
        "ylabel": "",
        "figsize": (3.0, 2.0),
        "save_path": None,
        "show": False,
        "kwargs": {},
        "num_bins": 5,
        "pref_stim": None,
        "grid": False,
        "dpi": 100.0,
    },
    "visualization.basin_curve": {"curves": {"Hebb": LINE}} | _PICTURE,
    "visualization.component_gallery": {
        "learned": SIGNS,
        "reference": SIGNS,
        "shape": (2, 3),
        "names": ("a", "b"),
        "config": None,
        "shares": None,
        "ax": None,
    },
    "visualization.eigenvalue_density": {
        "eigenvalues": [0.0, 1.0],
        "density": LINE,
        "num_bins": 5,
    }
    | _PICTURE,
    "visualization.energy_curves": {
        "energies": SIGNS,
        "outcome": ["converged", "cycle"],
        "names": None,
    }
    | _PICTURE,
    "visualization.energy_landscape": {
        "landscape": metrics.energy_landscape(MATRIX, np.eye(3, SIZE) * 2 - 1, num_points=2),
        "paths": np.ones((2, 1, SIZE)),
        "names": ["A"],
    }
    | _PICTURE,
    "visualization.explained_variance": {"shares": [0.5, 0.2], "reference": [0.5, 0.3]} | _PICTURE,
    "visualization.learning_curves": {"curves": {"a": [1.0, 2.0]}, "x": [1.0, 2.0]} | _PICTURE,
    "visualization.measured_over_theory": {
        "measured": {"Hebb": LINE},
        "theory": {"Hebb": LINE},
        "config": None,
        "marks": None,
        "ax": None,
    },
    "visualization.membrane_traces": {
        "potentials": np.eye(3),
        "spikes": np.eye(3),
        "dt": 1.0,
        "threshold": 1.0,
        "names": ["a", "b", "c"],
    }
    | _PICTURE,
    "visualization.open_axes": {"axes": Figure().subplots()},
    "visualization.named_values": {
        "names": ["a", "b"],
        "values": [1.0, 2.0],
        "reach": [[0.1, 0.1], [0.1, 0.1]],
        "bars": True,
    }
    | _PICTURE,
    "visualization.overlap_curves": {"overlaps": np.eye(3), "names": ["a", "b", "c"]} | _PICTURE,
    "visualization.pattern_gallery": {"patterns": SIGNS, "shape": (2, 3), "names": ["a", "b"]}
    | _PICTURE,
    "visualization.phase_diagram": {
        "loads": [0.1, 0.2],
        "temperatures": [0.1, 0.2],
        "overlaps": np.eye(2),
        "boundaries": {"T": LINE},
    }
    | _PICTURE,
    "visualization.recall_animation": {
        "states": np.ones((2, 1, SIZE)),
        "shape": (2, 3),
        "save_path": "recall.gif",
        "targets": np.ones((1, SIZE)),
        "names": ["a"],
        "frames_per_second": 4.0,
        "show_progress": False,
    }
    | _PICTURE,
    "visualization.recall_gallery": {
        "stored": SIGNS,
        "cues": SIGNS,
        "recalled": SIGNS,
        "shape": (2, 3),
        "names": ["a", "b"],
    }
    | _PICTURE,
    "visualization.response_fields": {
        "weights": SIGNS,
        "shape": (2, 3),
        "labels": ["a", "b"],
        "tuning": None,
    }
    | _PICTURE,
    "visualization.selectivity_change": {"before": [0.1, 0.2], "after": [0.5, 0.6]} | _PICTURE,
    "visualization.sequence_learning": {
        "weights_before": [0.5, 0.5],
        "weights_after": [0.5, 0.5],
        "latencies": [1.0],
    }
    | _PICTURE,
    "visualization.sequence_recall": {"overlaps": np.eye(3)} | _PICTURE,
    "visualization.share_bars": {"shares": {"a": 0.5}} | _PICTURE,
    "visualization.spike_raster": {
        "steps": [0, 1],
        "neurons": [0, 1],
        "num_steps": 3,
        "num_neurons": 2,
        "dt": 1.0,
        "bin_width": 1.0,
    }
    | _PICTURE,
    "visualization.stability_histogram": {"stabilities": SIGNS, "num_bins": 4} | _PICTURE,
    "visualization.stdp_window": {
        "lags": [-1, 1],
        "measured": [-0.5, 0.5],
        "theory": [-0.5, 0.5],
    }
    | _PICTURE,
    "visualization.topographic_map": {
        "weights": np.eye(6),
        "shape": (2, 3),
        "hits": np.ones(6),
    }
    | _PICTURE,
    "visualization.tuning_curve": {
        "stimulus": [0.0, 1.0, 2.0],
        "firing_rates": np.eye(3),
        "neuron_indices": [0],
        "config": None,
        "pref_stim": None,
        "num_bins": 3,
        "title": "",
        "xlabel": "",
        "ylabel": "",
        "figsize": None,
        "save_path": None,
        "show": False,
        "grid": False,
        "ax": None,
    },
    "visualization.weight_histogram": {"weights": SIGNS, "times": [0, 1], "num_bins": 3} | _PICTURE,
    "visualization.weight_matrix": {"weights": MATRIX} | _PICTURE,
    "model_specific.HopfieldAnalyzer": {
        "model": AmariHopfieldNetwork(SIZE),
        "stored_patterns": SIGNS,
    },
    "task.add_gaussian": {"patterns": SIGNS, "sigma": 0.1},
    "task.bars": {"num_samples": 2, "size": 4, "probability": 0.5},
    "task.binarize": {"image": np.eye(3), "threshold": 0.5},
    "task.bundled_images": {"size": 8},
    "task.classify_by_labels": {"counts": np.eye(3), "neuron_labels": [0, 1, -1], "num_classes": 2},
    "task.correlated_patterns": {"num_patterns": 2, "num_neurons": 5, "correlation": 0.5},
    "task.decode_latencies": {"spikes": np.eye(3), "latest": 2},
    "task.decode_phases": {"spikes": np.eye(4), "period": 2},
    "task.digit_prototypes": {},
    "task.digits": {"binary": False},
    "task.first_spikes": {"spikes": np.eye(3)},
    "task.first_to_spike": {"spikes": np.eye(3)},
    "task.flip": {"patterns": SIGNS, "share": 0.5},
    "task.hierarchical_patterns": {
        "num_classes": 2,
        "num_per_class": 2,
        "num_neurons": 5,
        "overlap": 0.5,
    },
    "task.image_patterns": {"images": {"a": np.eye(3)}, "threshold": 0.5},
    "task.label_neurons": {"counts": np.eye(3), "labels": [0, 1, 1], "num_classes": 2},
    "task.latency_spikes": {"intensities": [0.5], "num_steps": 5, "latest": 3},
    "task.load_data": {"path": "nosuch.csv", "size": 8},
    "task.load_image": {"path": __file__, "size": 8, "formats": ("PNG",)},
    "task.load_mnist": {"folder": "nosuch", "train": True},
    "task.mask": {"patterns": SIGNS, "share": 0.5, "value": 0.0},
    "task.natural_patches": {"num_patches": 2, "size": 4, "whiten": False},
    "task.occlude": {"patterns": SIGNS, "shape": (2, 3), "share": 0.5, "value": 0.0},
    "task.oriented_bars": {"orientations": [0.0], "size": 5, "width": 1.0},
    "task.oriented_gratings": {
        "orientations": [0.0],
        "size": 8,
        "spatial_frequency": 1.0,
        "phase": 0.0,
        "aperture": 1.0,
    },
    "task.phase_spikes": {"intensities": [0.5], "num_cycles": 2, "period": 4},
    "task.poisson_spikes": {"rates": [1.0], "num_steps": 5, "dt": 1.0},
    "task.random_patterns": {"num_patterns": 2, "num_neurons": 5},
    "task.rank_order_readout": {"spikes": np.eye(3), "weights": np.eye(3), "modulation": 0.5},
    "task.rank_order_spikes": {"intensities": [0.5], "num_steps": 5},
    "task.read_idx": {"path": "nosuch"},
    "task.retinal_patches": {"num_patches": 2, "size": 4},
    "task.sequence_spikes": {"num_neurons": 2, "num_steps": 5, "jitter": 1.0},
    "task.sparse_patterns": {
        "num_patterns": 2,
        "num_neurons": 5,
        "coding_level": 0.5,
        "exact": False,
    },
    "task.spike_counts": {"spikes": np.eye(3)},
    "task.spike_ranks": {"spikes": np.eye(3)},
    "task.spike_rates": {"spikes": np.eye(3), "dt": 1.0},
    "task.standardize": {"data": SIGNS},
    "task.timed_spikes": {"times": [[1.0]], "num_steps": 5, "dt": 1.0},
    "task.whiten": {"data": np.eye(4), "num_components": 2},
    "reproduce.reproduce": {"name": "toy", "seed": 0, "full": False, "folder": "."},
}

# Functions of an object of a public class.
METHODS: dict[str, tuple[Callable[[], object], dict[str, object]]] = {
    "HopfieldAnalyzer.set_patterns": (analyzer, {"patterns": SIGNS}),
    "HopfieldAnalyzer.compute_overlap": (analyzer, {"pattern1": SIGNS[0], "pattern2": SIGNS[1]}),
    "HopfieldAnalyzer.compute_energy": (analyzer, {"pattern": SIGNS[0]}),
    "HopfieldAnalyzer.analyze_recall": (
        analyzer,
        {"input_pattern": SIGNS[0], "output_pattern": SIGNS[1]},
    ),
    "PlotConfigs.tuning_curve": (
        visualization.PlotConfigs,
        {k: v for k, v in GOOD["visualization.PlotConfig"].items() if k != "grid"} | {"grid": True},
    ),
}

WRONG: dict[str, list[object]] = {
    "seed": ["one", -1, 1.5],
    "rule": ["storky"],
    "num_neurons": [0, 2.5],
    "num_patterns": [0, 1.5],
    "num_probes": [0],
    "num_iter": [-1],
    "num_networks": [0],
    "temperature": [-0.1, np.nan],
    "alpha": [-0.1, np.nan],
    "coding_level": [0.0, 1.0],
    "high": [np.inf],
    "tolerance": [0.0],
    "initial_overlap": [2.0],
    "dpi": [0, np.nan],
    "num_bins": [0, 1.5],
    "num_points": [1],
    "margin": [-0.1],
    "dt": [0.0, np.nan],
    "bin_width": [0.0],
    "frames_per_second": [0.0],
    "outcome": [["converged"], ["done", "done"]],
    "hits": [[1.0], [-1.0] * 6],
    "steps": [[-1, 0], [0.5, 1], [0, 5]],
    "neurons": [[0], [0, 5]],
    "figsize": [(1.0,), (0.0, 1.0), ("a", 1.0), (np.nan, 1.0)],
    "shape": [(2, 2), (2,), (-2, -3), (2.0, 3.0), 6],
    "save_path": ["/dev/null/a/b.png", "picture.nosuch"],
    "folder": ["/dev/null/a"],
    "kwargs": [{3: 1}],
    "names": [["a"] * 9, [1, 2]],
    "size": [0, 1.5],
    "share": [-0.1, 1.1],
}


def signature_of(name: str) -> tuple[Callable[..., object], dict[str, object]]:
    """Return a public function by its name in the tables above, and good arguments for it."""
    if name in METHODS:
        make, good = METHODS[name]
        return getattr(make(), name.split(".")[1]), good
    package, function = name.split(".")
    found = next(part for part in PACKAGES if part.__name__.endswith(f".{package}"))
    return getattr(found, function), GOOD[name]


def public_functions() -> set[str]:
    """Return every function that the packages export, and the classes that do work."""
    working = {"HopfieldAnalyzer", "PlotConfig"}
    names = set()
    for package in PACKAGES:
        for name in package.__all__:
            if inspect.isfunction(getattr(package, name)) or name in working:
                names.add(f"{package.__name__.split('.')[-1]}.{name}")
    return names


def arguments_of(name: str) -> list[str]:
    """Return the arguments of a public function that a row must have."""
    function, _ = signature_of(name)
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind != p.VAR_KEYWORD]
