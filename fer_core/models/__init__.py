"""Models: networks that can be built, packages that can be kept, and classifiers that read faces."""

from typing import TYPE_CHECKING, Any

from fer_core.models.architectures import ARCHITECTURES, Architecture
from fer_core.models.catalog import find_model, list_models, zip_package
from fer_core.models.classifier import Classifier, load_classifier
from fer_core.models.info import ModelInfo
from fer_core.models.package import ModelPackage, read_package
from fer_core.models.views import VIEWS

if TYPE_CHECKING:
    from fer_core.models.assessment import evaluate_model, read_cached_evaluation

__all__ = [
    "ARCHITECTURES",
    "VIEWS",
    "Architecture",
    "Classifier",
    "ModelInfo",
    "ModelPackage",
    "evaluate_model",
    "find_model",
    "list_models",
    "load_classifier",
    "read_cached_evaluation",
    "read_package",
    "zip_package",
]


def __getattr__(name: str) -> Any:
    """Load the assessment when it is asked for: pandas takes 80 MB and half a second, and no prediction needs it."""
    if name not in ("evaluate_model", "read_cached_evaluation"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fer_core.models import assessment

    return getattr(assessment, name)
