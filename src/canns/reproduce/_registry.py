"""All published figures, in the order in which they are listed."""

from canns.reproduce._ags import AGS, AGS_TEMPERATURE
from canns.reproduce._assembly import ASSEMBLY
from canns.reproduce._basins import BASINS
from canns.reproduce._bcm import BCM_ORIENTATION, BCM_SELECTION
from canns.reproduce._boltzmann import BOLTZMANN
from canns.reproduce._brunel import BRUNEL
from canns.reproduce._clipped import CLIPPED
from canns.reproduce._clopath import CLOPATH
from canns.reproduce._critical_load import CRITICAL_LOAD
from canns.reproduce._cuba import CUBA
from canns.reproduce._dense import DENSE
from canns.reproduce._diehl_cook import DIEHL_COOK
from canns.reproduce._dreaming import DREAMING
from canns.reproduce._equilibrium import EQUILIBRIUM
from canns.reproduce._exact import CROSSTALK, FIXED_POINTS
from canns.reproduce._exponential import EXPONENTIAL
from canns.reproduce._figure import PublishedFigure
from canns.reproduce._foldiak import FOLDIAK
from canns.reproduce._gardner import GARDNER
from canns.reproduce._handwriting import DIGITS
from canns.reproduce._hierarchical import HIERARCHICAL
from canns.reproduce._ica import ICA
from canns.reproduce._layers import BIDIRECTIONAL, DILUTION, SEQUENCE
from canns.reproduce._masquelier import MASQUELIER
from canns.reproduce._oja import OJA
from canns.reproduce._predictive import PREDICTIVE
from canns.reproduce._restricted import RBM
from canns.reproduce._reward import REWARD
from canns.reproduce._rules import PSEUDO_INVERSE, STORKEY
from canns.reproduce._sanger import SANGER
from canns.reproduce._softmax import SOFTMAX
from canns.reproduce._song import SONG
from canns.reproduce._sparse import SPARSE
from canns.reproduce._stdp import STDP_WINDOW
from canns.reproduce._triplet import TRIPLET
from canns.reproduce._vogels import VOGELS
from canns.reproduce._willshaw import WILLSHAW

__all__ = ["FIGURES"]

FIGURES: dict[str, PublishedFigure] = {
    figure.name: figure
    for figure in (
        AGS,
        CRITICAL_LOAD,
        AGS_TEMPERATURE,
        CROSSTALK,
        FIXED_POINTS,
        BASINS,
        STORKEY,
        PSEUDO_INVERSE,
        DREAMING,
        GARDNER,
        CLIPPED,
        SPARSE,
        DILUTION,
        SEQUENCE,
        BIDIRECTIONAL,
        DENSE,
        EXPONENTIAL,
        SOFTMAX,
        HIERARCHICAL,
        WILLSHAW,
        OJA,
        SANGER,
        BCM_SELECTION,
        BCM_ORIENTATION,
        STDP_WINDOW,
        TRIPLET,
        CLOPATH,
        VOGELS,
        ASSEMBLY,
        CUBA,
        BRUNEL,
        FOLDIAK,
        ICA,
        REWARD,
        DIGITS,
        BOLTZMANN,
        RBM,
        EQUILIBRIUM,
        PREDICTIVE,
        DIEHL_COOK,
        SONG,
        MASQUELIER,
    )
}
