"""Models: networks that can be built, packages that can be kept, and classifiers that read faces."""

from fer_core.models.architectures import ARCHITECTURES, Architecture
from fer_core.models.assessment import evaluate_model, read_cached_evaluation
from fer_core.models.catalog import find_model, list_models, zip_package
from fer_core.models.classifier import Classifier, load_classifier
from fer_core.models.info import ModelInfo
from fer_core.models.package import ModelPackage, read_package
from fer_core.models.views import VIEWS

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
