"""Estimators for scikit-learn: the library's learning rules behind ``fit`` and ``transform``.

They work in pipelines, grid searches and everything else that takes an estimator of scikit-learn.
They learn in double precision, whatever JAX's default is; the map alone learns in single precision.
scikit-learn 1.6 or later is needed: ``pip install 'canns[sklearn]'``.
"""

from canns._extras import require
from canns.errors import MissingExtraError

if not hasattr(require("sklearn.utils.validation", "sklearn"), "validate_data"):
    raise MissingExtraError(
        "canns.sklearn needs scikit-learn 1.6 or later. Install it with: "
        "pip install --upgrade 'canns[sklearn]'"
    )

from canns.sklearn.bcm_features import BCMFeatures  # after the check
from canns.sklearn.competitive_learning import CompetitiveLearning
from canns.sklearn.hopfield_memory import HopfieldMemory
from canns.sklearn.independent_components import HebbianICA
from canns.sklearn.principal_components import HebbianPCA
from canns.sklearn.self_organizing_map import SelfOrganizingMap

__all__ = [
    "BCMFeatures",
    "CompetitiveLearning",
    "HebbianICA",
    "HebbianPCA",
    "HopfieldMemory",
    "SelfOrganizingMap",
]
