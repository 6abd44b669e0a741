"""The model's cells: measure it, keep its figures, let it read some faces, pack it."""

from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from fer_core.charts.static import (
    confusion_matrix,
    reliability_diagram,
    risk_coverage_curve,
    sample_grid,
    save_figures,
    training_curves,
)
from fer_core.dataset import Dataset
from fer_core.errors import ModelError
from fer_core.jobs import JobStatus, remove_job, run_here
from fer_core.jobs.folder import write_whole
from fer_core.models import ModelPackage, zip_package
from fer_core.notebook.screen import ProgressLine, shares_in_words
from fer_core.settings import load_settings
from fer_core.training import Run

_EVALUATION = "fer_core.models.assessment:evaluate_job"


def evaluate(model: str, dataset: Dataset, split: str = "test", *, views: str = "all") -> dict[str, Any]:
    """Measure a model on a split, or find the report of an earlier measurement.

    Args:
        model: Its name; a run's model bears the run's name.
        dataset: The dataset.
        split: One of its splits.
        views: `all` (ten views of each face) or `one`.

    Returns:
        What `evaluate_job` returns.

    Raises:
        ModelError: If there is no such model, or it does not know a class of the split.
    """
    line = ProgressLine(f"Reading the {split} split")

    def on_status(status: JobStatus) -> None:
        line(status.done, status.total)

    folder = load_settings().jobs_folder / f"evaluate-{model}-{split}"
    arguments = {"model": model, "dataset": dataset.name, "split": split, "views": views}
    report = run_here(folder, _EVALUATION, arguments, title=f"Evaluating {model}", on_status=on_status)
    remove_job(folder)
    if report is None:
        raise ModelError(f"{model!r} was not measured. Run the cell again.")
    line.end(_words(report))
    return report


def report_figures(run: Run, report: dict[str, Any], dataset: Dataset) -> dict[str, Figure]:
    """Draw the static figures of a report: curves, samples, confusion matrix, reliability, risk against coverage."""
    return {
        "training-curves": training_curves(run.history(), selected_by=run.config.selection_metric),
        "samples": sample_grid(dataset.view(), split=report["split"]),
        "confusion-matrix": confusion_matrix(report),
        "reliability": reliability_diagram(report),
        "risk-coverage": risk_coverage_curve(report),
    }


def export_model(run: Run, figures: dict[str, Figure], folder: str | Path) -> Path:
    """Write a run's model as a zip into a folder, and the figures beside it.

    Raises:
        ModelError: If the run has no model yet, or the zip cannot be written.
    """
    package, folder = _model_of(run), Path(folder)
    save_figures(folder / "figures", figures)
    path = folder / f"{package.name}.zip"
    try:
        write_whole(path, lambda partial: partial.write_bytes(zip_package(package)))
    except OSError as error:
        raise ModelError(f"'{path}' cannot be written ({error}). Check rights and free disk.") from error
    return path


def _model_of(run: Run) -> ModelPackage:
    package = run.model
    if package is None:
        raise ModelError(f"The run {run.name!r} has no model yet. Train it first.")
    return package


def _words(report: dict[str, Any]) -> str:
    words = shares_in_words({"accuracy": report["accuracy"], "macro-F1": report["macro_f1"]})
    words = f"{report['num_images']:,} images of {report['split']}: {words}"
    own = report["without_leaks"]
    if own:
        figures = shares_in_words({"accuracy": own["accuracy"], "macro-F1": own["macro_f1"]})
        words += f"; {own['num_images']:,} without leaks: {figures}"
    return words + "."
