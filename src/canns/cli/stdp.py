"""``canns stdp``: the learning window, and a sequence learnt."""

from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
import typer
from tqdm.auto import tqdm

from canns._validation import AnyArray
from canns.cli._options import Seed
from canns.cli._run import Results, Run, drawing

if TYPE_CHECKING:
    from canns.models.brain_inspired import SpikingLayer
    from canns.plasticity import STDP

__all__ = ["stdp"]

Coincidence = Literal["mid", "ltp", "both", "none"]  # of canns.plasticity, without JAX

_NUM_INPUTS, _NUM_STEPS, _FARTHEST = 50, 50, 40
_KEPT_PRE, _KEPT_POST = float(np.exp(-1 / 16.8)), float(np.exp(-1 / 33.7))
_A_PLUS, _A_MINUS = 0.777, 0.273


@drawing("outputs/stdp")
def stdp(
    run: Run,
    coincidence: Annotated[
        Coincidence,
        typer.Option(
            help="How a pair within one step counts: as LTP half a step apart (mid) or at the same "
            "time (ltp), both, or none (not at all)."
        ),
    ] = "mid",
    presentations: Annotated[
        int, typer.Option(min=1, help="How often the sequence is shown.")
    ] = 100,
    seed: Seed = 0,
) -> Results:
    """Measure the STDP window against its closed form, and learn a spike sequence.

    The window is that of Bi and Poo (1998), time constants 16.8 and 33.7 steps of 1 ms. In the
    sequence 50 inputs fire one after another; potentiated early inputs make the neuron fire
    earlier and earlier (Song, Miller & Abbott 2000).
    """
    from canns.analyzer.visualization import PlotConfig, sequence_learning, stdp_window
    from canns.plasticity import STDP

    run.folder()
    rule = STDP(1.0, _A_PLUS, _A_MINUS, coincidence)
    lags = np.arange(-_FARTHEST, _FARTHEST + 1)
    measured = np.array(
        [_pair(rule, int(lag)) for lag in tqdm(lags, desc="Window", disable=run.quiet)]
    )
    theory = _closed_form(lags, coincidence)
    before, after, latencies = _learn_sequence(run, presentations, coincidence, seed)
    error = float(np.abs(measured - theory).max() / _A_PLUS)
    rows = {
        "window: largest deviation from the closed form / A_plus": f"{error:.1e}",
        "sequence: first output spike at first (step)": f"{latencies[0]:.0f}",
        "sequence: first output spike at last (step)": f"{latencies[-1]:.0f}",
        "sequence: mean weight of the first five inputs": f"{after[:5].mean():.3f}",
        "sequence: mean weight of the other inputs": f"{after[5:].mean():.3f}",
    }
    run.table("Spike-timing-dependent plasticity", ["quantity", "value"], [*rows.items()])
    title = "STDP window: an isolated pair against the closed form"
    ylabel = r"Weight change $\Delta w$ (1 = 100 % of $w$)"
    window, _ = stdp_window(lags, measured, theory, PlotConfig(title=title, ylabel=ylabel))
    sequence, _ = sequence_learning(before, after, latencies)
    numbers = {
        "window": {"lag": lags, "measured": measured, "theory": theory},
        "sequence": {"weights_before": before, "weights_after": after, "latencies": latencies},
    }
    return Results(numbers, {"window": window, "sequence": sequence})


def _pair(rule: "STDP", lag: int) -> float:
    """Return the change by one pair: input 0 has no effect, and input 1 makes the neuron spike."""
    import jax.numpy as jnp

    from canns.dynamics import LIF
    from canns.plasticity import Setup, learn

    neuron = LIF(trace_pre_decay=_KEPT_PRE, trace_post_decay=_KEPT_POST)
    spikes = np.zeros((_FARTHEST + 1, 2), np.float32)
    spikes[max(0, -lag), 0] = 1.0
    spikes[max(0, lag), 1] = 1.0
    weights = jnp.array([[0.0, 2.0]])
    return float(learn(Setup(rule, neuron), weights, spikes).weights[0, 0])


def _closed_form(lags: AnyArray, coincidence: Coincidence) -> AnyArray:
    up, down = _KEPT_PRE, _KEPT_POST
    if coincidence == "mid":
        lags = lags + 0.5
    at_zero = {"ltp": _A_PLUS, "both": _A_PLUS - _A_MINUS}.get(coincidence, 0.0)
    potentiation, depression = _A_PLUS * up ** np.abs(lags), -_A_MINUS * down ** np.abs(lags)
    return np.select([lags > 0, lags < 0], [potentiation, depression], at_zero)


def _learn_sequence(
    run: Run, presentations: int, coincidence: Coincidence, seed: int
) -> tuple[AnyArray, AnyArray, AnyArray]:
    from canns import task
    from canns.models.brain_inspired import SpikingLayer
    from canns.trainer import STDPTrainer

    spikes = task.sequence_spikes(_NUM_INPUTS, _NUM_STEPS, seed=seed)
    # The reset is so low that the neuron fires once per sequence.
    layer = SpikingLayer(_NUM_INPUTS, 1, threshold=3.0, v_reset=-1e4, trace_decay=0.9)
    layer.W.value = np.full((1, _NUM_INPUTS), 0.5)
    trainer = STDPTrainer(layer, 1.0, A_plus=0.01, A_minus=0.0105, coincidence=coincidence)
    before, latencies = np.asarray(layer.W.value[0]), []
    for _ in tqdm(range(presentations), desc="Sequence", disable=run.quiet):
        latencies.append(_latency(layer, spikes))
        layer.reset_state()
        trainer.train(spikes)
    return before, np.asarray(layer.W.value[0]), np.asarray(latencies)


def _latency(layer: "SpikingLayer", spikes: AnyArray) -> float:
    """Return the step of the first output spike, or the number of steps if there is none."""
    layer.reset_state()
    fired = [bool(layer.forward(x)[0]) for x in spikes]
    return float(fired.index(True)) if any(fired) else float(len(fired))
