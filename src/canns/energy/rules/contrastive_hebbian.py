"""Contrastive Hebbian learning: the output clamped, against the free network."""

from typing import ClassVar

from canns.energy.network import EnergyNetwork, contrast
from canns.energy.networks.layered import LayeredWeights, squared_error
from canns.energy.networks.layered_hopfield import LayeredHopfield
from canns.energy.rule import EnergyStep, descend
from canns.energy.rules.relaxing import RelaxingRule, Speed
from canns.typing import Array, param, pytree

__all__ = ["ContrastiveHebbian"]


@pytree
class ContrastiveHebbian(RelaxingRule):
    r"""Lower the energy of the state with the output clamped, raise that of the free state.

    .. math:: \Delta W_l = \eta \big\langle u_l u_{l-1}^T \big\rangle_{clamped}
        - \eta \big\langle u_l u_{l-1}^T \big\rangle_{free}

    It lowers the difference of the two energies, which is zero if the free network gives the
    target.

    Args:
        learning_rate: Learning rate :math:`\eta`.

    Example:
        >>> import jax
        >>> from canns.energy import learn_energy
        >>> network, rule = LayeredHopfield((2, 8, 1)), ContrastiveHebbian(0.2)
        >>> weights = network.draw(jax.random.key(0))
        >>> learner, history = learn_energy(
        ...     network, rule, weights, [[0, 1], [1, 0]], [[0], [1]], epochs=200, seed=0
        ... )
        >>> bool(history.loss[-1] < 0.001)
        True

    Source: Movellan (1991), Connectionist Models Summer School 10; Xie & Seung (2003), Neural
    Comput. 15:441.
    """

    learns: ClassVar[tuple[type[EnergyNetwork], ...]] = (LayeredHopfield,)
    learning_rate: float = param(default=0.1, low=0)

    def step(
        self,
        network: EnergyNetwork,
        memory: Speed,
        weights: LayeredWeights,
        x: Array,
        target: Array | None,
        key: Array,
    ) -> EnergyStep:
        """Return the change of the weights from a clamped and a free relaxation."""
        assert isinstance(network, LayeredHopfield)
        assert target is not None
        free = network.relax(weights, network.start(weights, x))
        layers = (*free.state.layers[:-1], target)
        clamped = network.relax(weights, free.state._replace(layers=layers), clamped=True)
        slope = contrast(network, weights, clamped.state, free.state)
        error = squared_error(free.state.layers[-1], target).mean()
        return EnergyStep(Speed.of(free, clamped), descend(self.learning_rate, slope), error)
