"""A row for each picture: how it is drawn. Run this file to write the reference images anew."""

import sys
from pathlib import Path

import numpy as np
from matplotlib import pyplot as plt

from canns.analyzer import visualization as pictures
from canns.analyzer.metrics import energy_landscape
from canns.analyzer.visualization import Series
from canns.dynamics import Hopfield

REFERENCES = Path(__file__).with_name("references")
WIDTH = 60  # dots per inch of the reference images

RNG = np.random.default_rng(0)
SIGNS = np.where(RNG.random((3, 64)) < 0.5, 1.0, -1.0)
COUPLINGS = SIGNS.T @ SIGNS / 64 - 3 * np.eye(64) / 64
LOADS = np.linspace(0.02, 0.2, 6)
LAGS = np.arange(-40, 41, 4) + 0.5
WINDOW = np.where(LAGS > 0, np.exp(-np.abs(LAGS) / 17), -0.4 * np.exp(-np.abs(LAGS) / 34))
TIME = np.arange(200)


def _recall_path():
    """Return the states of three cues under synchronous updates, (5, 3, 64)."""
    states = [np.where(RNG.random(SIGNS.shape) < 0.3, -SIGNS, SIGNS)]
    for _ in range(4):
        states.append(np.where(states[-1] @ COUPLINGS >= 0, 1.0, -1.0))
    return np.array(states)


PATH = _recall_path()
ENERGIES = -0.5 * np.einsum("tbi,ij,tbj->bt", PATH, COUPLINGS, PATH)
FIELDS = np.stack(
    [
        np.cos(np.add.outer(np.arange(8) * a, np.arange(8) * b)).ravel()
        for a, b in ((0.8, 0), (0, 0.8), (0.6, 0.6), (0.6, -0.6))
    ]
)
ANGLES = np.arange(0, 180, 20.0)
TUNING = np.exp(np.cos(np.radians(2 * (ANGLES - np.array([[0], [90], [45], [135]])))))
MEASURED = Series(LOADS, 1 - 4 * LOADS**2, np.full(6, 0.03), "95 % interval")
THEORY = Series(np.linspace(0, 0.138, 50), 1 - 3.5 * np.linspace(0, 0.138, 50) ** 2)
SPIKES = RNG.random((200, 20)) < 0.02 + 0.1 * (np.abs(TIME - 100) < 15)[:, None]
SAWTOOTH = np.stack([(TIME % 40) / 40, (TIME % 25) / 25], axis=1)


def _landscape(**options):
    return pictures.energy_landscape(
        energy_landscape(COUPLINGS, SIGNS, dynamics=Hopfield(), num_points=31),
        PATH,
        ["A", "B", "C"],
        **options,
    )


def _animation(save_path="recall.gif", **options):
    return pictures.recall_animation(
        PATH, (8, 8), save_path, targets=SIGNS, names=["A", "B", "C"], **options
    )


ROWS = {
    "basin_curve": lambda **k: pictures.basin_curve(
        {
            "hebbian": Series(
                [0, 0.3, 0.6, 1], [0, 0.2, 0.9, 1], np.full(4, 0.04), "95 % interval"
            ),
            "storkey": Series([0, 0.3, 0.6, 1], [0, 0.6, 1, 1]),
        },
        **k,
    ),
    "component_gallery": lambda **k: pictures.component_gallery(
        FIELDS, -FIELDS, (8, 8), shares=[0.4, 0.2, 0.1, 0.05], **k
    ),
    "eigenvalue_density": lambda **k: pictures.eigenvalue_density(
        np.linalg.eigvalsh(COUPLINGS), Series([-0.1, 0.5, 1.2], [0.2, 1.0, 0.1]), num_bins=20, **k
    ),
    "energy_curves": lambda **k: pictures.energy_curves(
        ENERGIES, ["converged", "cycle", "converged"], **k
    ),
    "energy_landscape": _landscape,
    "explained_variance": lambda **k: pictures.explained_variance(
        [0.42, 0.2, 0.1, 0.04], [0.43, 0.21, 0.1, 0.05], **k
    ),
    "learning_curves": lambda **k: pictures.learning_curves(
        {
            "alignment": 1 - np.exp(-TIME[:20] / 4),
            r"$\theta$": np.stack([np.tanh(TIME[:20] / 5), np.tanh(TIME[:20] / 9)], axis=1),
            r"$|\Delta W|$": np.exp(-TIME[:20] / 3.0),
        },
        **k,
    ),
    "measured_over_theory": lambda **k: pictures.measured_over_theory(
        {"measured": MEASURED},
        {"theory": THEORY},
        marks={r"critical load $\alpha_c$": 0.138, "measured capacity": 0.145},
        **{"config": pictures.PlotConfig(xlabel=r"Load $\alpha$", ylabel="Overlap $m$")} | k,
    ),
    "membrane_traces": lambda **k: pictures.membrane_traces(
        SAWTOOTH, spikes=SAWTOOTH == 0, dt=0.5, threshold=1.0, **k
    ),
    "named_values": lambda **k: pictures.named_values(
        ["oja", "bcm", "hebbian"],
        [2.2, 0.4, -0.1],
        [[0.4, 0.2, 0.1], [0.4, 0.2, 0.1]],
        **{"config": pictures.PlotConfig(xlabel="Log-likelihood above no plasticity")} | k,
        bars=True,
    ),
    "overlap_curves": lambda **k: pictures.overlap_curves(
        (PATH * SIGNS).mean(axis=2), ["horse", "camera", "coins"], **k
    ),
    "pattern_gallery": lambda **k: pictures.pattern_gallery(SIGNS, (8, 8), ["A", "B", "C"], **k),
    "phase_diagram": lambda **k: pictures.phase_diagram(
        LOADS,
        np.linspace(0.1, 1.2, 8),
        np.exp(-np.add.outer(20 * LOADS**2, np.linspace(0.1, 1.2, 8) ** 4)),
        {"$T_g$": Series(LOADS, 1 + LOADS), "$T_M$": Series(LOADS, 0.9 - 4 * LOADS)},
        **k,
    ),
    "recall_animation": _animation,
    "recall_gallery": lambda **k: pictures.recall_gallery(
        SIGNS, PATH[0], PATH[-1], (8, 8), ["A", "B", "C"], **k
    ),
    "response_fields": lambda **k: pictures.response_fields(
        FIELDS, (8, 8), ["0°", "90°", "45°", "135°"], tuning=(ANGLES, TUNING), **k
    ),
    "selectivity_change": lambda **k: pictures.selectivity_change(
        [0.2, 0.25, 0.3, 0.2], [0.7, 0.8, 0.75, 0.5], **k
    ),
    "sequence_learning": lambda **k: pictures.sequence_learning(
        np.full(20, 0.5), np.linspace(1, 0, 20), 20 * np.exp(-TIME[:30] / 10), **k
    ),
    "sequence_recall": lambda **k: pictures.sequence_recall(
        np.exp(-((np.subtract.outer(np.arange(11), np.arange(10))) ** 2.0)), **k
    ),
    "share_bars": lambda **k: pictures.share_bars(
        {"pattern": 0.5, "reversed": 0.3, "mixture": 0.2}, **k
    ),
    "spike_raster": lambda **k: pictures.spike_raster(
        *np.nonzero(SPIKES), num_steps=200, num_neurons=20, bin_width=5.0, **k
    ),
    "stability_histogram": lambda **k: pictures.stability_histogram(
        RNG_NORMAL[:600].reshape(3, 200) + 1, **k
    ),
    "stdp_window": lambda **k: pictures.stdp_window(LAGS, WINDOW, WINDOW, **k),
    "topographic_map": lambda **k: pictures.topographic_map(
        np.stack(np.meshgrid(np.arange(6.0), [0, 1, 2, 6, 7, 8]), -1).reshape(-1, 2),
        (6, 6),
        np.arange(36) % 7,
        **k,
    ),
    "tuning_curve": lambda **k: pictures.tuning_curve(
        np.tile(ANGLES, 3), np.tile(TUNING.T, (3, 1)), num_bins=9, **k
    ),
    "weight_histogram": lambda **k: pictures.weight_histogram(
        [0.5 + s * RNG_NORMAL[:300] for s in (0.02, 0.05, 0.1, 0.15)], [0, 100, 1000, 10000], **k
    ),
    "weight_matrix": lambda **k: pictures.weight_matrix(COUPLINGS, **k),
}
RNG_NORMAL = np.random.default_rng(1).normal(size=1000)


def save_without_text(figure, path):
    """Write a figure without its words: fonts differ between versions of matplotlib."""
    for text in figure.findobj(plt.Text):
        text.set_visible(False)
    figure.savefig(path, dpi=WIDTH)


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else REFERENCES
    folder.mkdir(exist_ok=True)
    for name, draw in ROWS.items():
        options = {"save_path": folder / "recall.gif"} if name == "recall_animation" else {}
        figure, _ = draw(**options)
        if folder == REFERENCES:
            save_without_text(figure, folder / f"{name}.png")
        else:
            figure.savefig(folder / f"{name}.png")
        plt.close(figure)
    if folder == REFERENCES:
        (folder / "recall.gif").unlink()
