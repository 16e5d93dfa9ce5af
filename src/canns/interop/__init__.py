"""Exchange with other tools of neuroscience: networks by NIR, spikes by neo, pynapple and NWB.

The tools are optional: ``pip install 'canns[nir]'`` and ``pip install 'canns[ephys]'``.
"""

from canns.interop.biased import Biased
from canns.interop.neo_spikes import from_neo, to_neo
from canns.interop.nir_export import to_nir
from canns.interop.nir_import import from_nir
from canns.interop.nwb_files import read_nwb, write_nwb
from canns.interop.pynapple_spikes import from_pynapple, to_pynapple
from canns.interop.time_steps import Scheme

__all__ = [
    "Biased",
    "Scheme",
    "from_neo",
    "from_nir",
    "from_pynapple",
    "read_nwb",
    "to_neo",
    "to_nir",
    "to_pynapple",
    "write_nwb",
]
