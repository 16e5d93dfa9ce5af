"""The dynamics that replays a sequence of patterns."""

from canns.dynamics.networks.hopfield import Hopfield
from canns.typing import pytree

__all__ = ["Replay"]


@pytree
class Replay(Hopfield):
    r"""The network of :class:`Hopfield` with couplings from each pattern to the next.

    .. math:: W = \frac1N \sum_\mu \xi^{\mu+1} (\xi^\mu)^T, \qquad s(t+1) = \mathrm{sign}(W s(t))

    Parallel updates carry a state near one pattern to the next. They need not settle: if a state
    comes back, the network replays a cycle, so a recall goes on. W is not symmetric, so the energy
    of :class:`Hopfield`, :math:`-\tfrac12 s^T W s`, may rise. It measures how similar a state is to
    its successor, from about 0 on a pattern of a long sequence to -N/2 on a pattern that follows
    itself.

    The arguments are those of :class:`Hopfield`.

    Example:
        >>> import jax, jax.numpy as jnp
        >>> from canns.dynamics import trajectory
        >>> a, b = jnp.array([1.0, 1.0, -1.0]), jnp.array([1.0, -1.0, 1.0])
        >>> weights = jnp.outer(b, a) + jnp.outer(a, b)
        >>> path = trajectory(Replay(), weights, a[None], key=jax.random.key(0), num_iter=3)
        >>> path[:, 0, 1].tolist()
        [1.0, -1.0, 1.0, -1.0]

    Source: Amari (1972), IEEE Trans. Comput. C-21:1197; Sompolinsky & Kanter (1986), Phys. Rev.
    Lett. 57:2861; During, Coolen & Sherrington (1998), J. Phys. A 31:8607.
    """

    @property
    def may_cycle(self) -> bool:
        """False: a recall goes on if a state comes back."""
        return False
