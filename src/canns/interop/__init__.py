"""Exchange with other tools of neuroscience: networks by NIR, spikes by neo, pynapple and NWB.

The tools are optional: ``pip install 'canns[nir]'`` and ``pip install 'canns[ephys]'``.
"""

from canns.interop.biased import Biased
from canns.interop.nir_export import to_nir
from canns.interop.nir_import import from_nir
from canns.interop.time_steps import Scheme

__all__ = ["Biased", "Scheme", "from_nir", "to_nir"]
