"""What validation pictures say about a network, noted in its `ModelInfo`: how far its word can be trusted.

Probabilities of the very file that will predict come in, for one view and for all; temperatures, the thresholds of
"unsure", the curve behind them and the validation figures go out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, replace

import numpy.typing as npt

from fer_core.errors import ModelError
from fer_core.evaluation import apply_temperature, classification_report, fit_temperature, unsure_threshold
from fer_core.evaluation.selective import SelectivePoint, point_at, risk_coverage
from fer_core.models.class_precision import precision_figures
from fer_core.models.info import ModelInfo
from fer_core.models.package import ModelPackage, write_info
from fer_core.models.views import check_views

_DIGITS = 4  # of the curve's points, so that model.json stays readable


def calibrate_info(info: ModelInfo, y_true: npt.ArrayLike, uncalibrated: Mapping[str, npt.ArrayLike]) -> ModelInfo:
    """Return what a package says after its network was looked at on validation pictures.

    Args:
        info: What it said before.
        y_true: (n,) true class indices in the order of the info's class names.
        uncalibrated: Views name -> (n, classes) probabilities of `Classifier.predict_uncalibrated`.
    """
    temperature, threshold, curves, metrics = {}, {}, {}, dict(info.metrics)
    for views, y_prob in uncalibrated.items():
        temperature[views] = fit_temperature(y_true, y_prob)
        calibrated = apply_temperature(y_prob, temperature[views])
        threshold[views] = unsure_threshold(y_true, calibrated)
        curves[views] = [[round(x, _DIGITS) for x in astuple(point)] for point in risk_coverage(y_true, calibrated)]
        report = classification_report(y_true, calibrated, info.class_names)
        figures = {key: report[key] for key in ("num_images", "accuracy", "macro_f1")}
        metrics[validation_name(views)] = figures | precision_figures(report)
    return replace(info, temperature=temperature, unsure_threshold=threshold, risk_coverage=curves, metrics=metrics)


def validation_name(views: str) -> str:
    """Return under which name the validation figures of these views stand in `ModelInfo.metrics`."""
    return "validation" if views == "all" else "validation, one view"


def selective_curve(info: ModelInfo, views: str) -> tuple[SelectivePoint, ...]:
    """Return what happens on validation pictures at each threshold of "unsure"; empty where nobody has measured it."""
    return tuple(SelectivePoint(*map(float, point)) for point in info.risk_coverage.get(views, ()))


def consequence(curve: Sequence[SelectivePoint], threshold: float) -> str:
    """Say what a threshold of "unsure" means: `answers 78 % of faces, 81 % of those right`."""
    point = point_at(curve, threshold)
    if not point.coverage:
        return "answers no face at all"
    return f"answers {100 * point.coverage:.0f} % of faces, {100 * point.accuracy:.0f} % of those right"


def save_unsure_threshold(package: ModelPackage, views: str, threshold: float) -> ModelPackage:
    """Write another threshold of "unsure" into a package.

    Args:
        package: A package of the person's own.
        views: A name of `VIEWS`.
        threshold: 0 (every face is answered) to 1.

    Raises:
        ModelError: If the package cannot be written to, or the threshold is none.
    """
    check_views(views)
    info = replace(package.info, unsure_threshold={**package.info.unsure_threshold, views: float(threshold)})
    try:
        write_info(info, package.folder)
    except OSError as error:
        raise ModelError(
            f"The model in {str(package.folder)!r} cannot be changed ({error.strerror}). Allow writing there, or "
            "import a copy of the model."
        ) from error
    return replace(package, info=info)
