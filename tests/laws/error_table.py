"""How far what each rule learns in float32 is from float64; run as a program to print the table.

The unit is eps times the largest weight, or times 1 if all are smaller: the rounding of one number.
"""

import warnings

import jax
import jax.numpy as jnp
import numpy as np
from rule_rows import ROWS, SAMPLES, inputs_for, name, rewards_for, weights_for

from canns.plasticity import Setup, learn

EPS = float(np.finfo(np.float32).eps)
SEEDS = (0, 1, 2)
#: Units that the rounding of so many steps is below, if none is made larger by later ones.
BOUND = SAMPLES


def error_of(row, seed):
    """Return the largest error of a weight, in units of the rounding of one."""
    ends = []
    for dtype in (np.float32, np.float64):
        start = jnp.asarray(weights_for(np.float32), dtype)
        inputs = inputs_for(row, seed=seed).astype(dtype)
        rewards = rewards_for(row.rule, inputs)
        after = learn(Setup(row.rule, row.neuron), start, inputs, rewards=rewards).weights
        assert after.dtype == dtype
        ends.append(np.asarray(after, np.float64))
    single, wide = ends
    return np.abs(single - wide).max() / (EPS * max(1.0, np.abs(wide).max()))


if __name__ == "__main__":
    jax.config.update("jax_enable_x64", True)
    warnings.simplefilter("ignore")
    print(f"| rule and neuron | error after {SAMPLES} steps |\n|---|---|")
    for each in ROWS:
        print(f"| {name(each)} | {max(error_of(each, seed) for seed in SEEDS):.2g} |")
