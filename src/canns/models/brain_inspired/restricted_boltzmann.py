"""The restricted Boltzmann machine, a model that learns features of its data."""

from canns._validation import check_size
from canns.energy import RestrictedBoltzmann
from canns.models.brain_inspired.energy_model import EnergyModel
from canns.typing import Array

__all__ = ["RestrictedBoltzmannMachine"]


class RestrictedBoltzmannMachine(EnergyModel):
    def __init__(
        self,
        num_visible: int,
        num_hidden: int,
        *,
        seed: int | Array | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name)
        self.num_visible = check_size("num_visible", num_visible)
        self.num_hidden = check_size("num_hidden", num_hidden)
        self._draw(seed)

    @property
    def network(self) -> RestrictedBoltzmann:
        """The pure network."""
        return RestrictedBoltzmann(self.num_visible, self.num_hidden)
