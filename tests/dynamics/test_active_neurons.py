"""The entries of a vector that are not zero: all are visited, each once, always in one order."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from canns.dynamics import active, each_active


@jax.jit
def _visited(x):
    """Return the entries in the order of their visits, and how many there are."""

    def note(j, found):
        order, count = found
        return order.at[count].set(j), count + 1

    return each_active(active(x), note, (jnp.full(len(x), -1), jnp.int32(0)))


# With more than 8192 entries, and so more than 256 words, words are looked through in blocks.
@pytest.mark.parametrize("size", [1, 33, 8192, 8193, 20_001])
@pytest.mark.parametrize("share", [0.0, 0.01, 1.0])
def test_all_active_entries_are_visited_once(size, share):
    x = np.random.default_rng(0).random(size) < share
    order, count = _visited(jnp.asarray(x, float))
    assert int(count) == x.sum()
    np.testing.assert_array_equal(np.sort(order[: int(count)]), np.flatnonzero(x))
    # The order is that of the words, and of the bits in each; a word gathers distant entries.
    words = -(-size // 32)
    np.testing.assert_array_equal(
        order[: int(count)],
        sorted(np.flatnonzero(x), key=lambda j: (j % words, j // words)),
    )


def test_none_is_visited_if_there_is_to_be_none():
    x = jnp.ones(9000)
    found = active(x).unless(jnp.asarray(True))
    assert int(each_active(found, lambda j, total: total + 1, jnp.int32(0))) == 0
