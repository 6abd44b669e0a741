"""How far a run is, in the words that the page shows: bars, figures and a sentence.

A job's status comes in; plain values that the live region draws go out. Shown is the best value so far, never the
last one.
"""

from typing import Any

from fer_app.job_view import duration, silence
from fer_core.jobs import JobStatus

METRIC_NAMES = {
    "val_accuracy": "validation accuracy",
    "val_macro_f1": "validation macro-F1",
    "val_loss": "validation loss",
}
_DEFAULT_METRIC = "val_accuracy"
_AT_WORK = ("training", "training head")
_PHASES = {
    "waiting": "Waiting for the training before it",
    "preparing": "Preparing the data",
    "training": "Training all layers",
    "training head": "Training the classifier only",
    "saving the model": "Saving the model",
}


def progress_facts(status: JobStatus, selection_metric: str = _DEFAULT_METRIC) -> dict[str, Any]:
    """Return what the live region says about a run under way.

    Args:
        status: The run's status.
        selection_metric: What its best epoch goes by, where the status does not say.

    Returns:
        `phase` (a few words), `bars` (each `label` and `share`, 0-1), `figures` (each `label`, `value`, `note`),
        `sentence` (how long it has been running, and on what) and `spoken` (the same for a screen reader).
    """
    figures = [_best(status, selection_metric), _time_left(status), _speed(status)]
    device = f" on {status.details['device']}" if status.details.get("device") else ""
    phase, silent = _phase(status), silence(status)
    return {
        "phase": phase,
        "bars": _bars(status),
        "figures": figures,
        "sentence": f"Running for {duration(status.seconds_elapsed)}{device}{f'; {silent}' if silent else ''}.",
        "spoken": f"{phase}. " + ", ".join(f"{item['label']} {item['value']}" for item in figures[:2]) + ".",
    }


def score_text(score: float | None, metric: str) -> str:
    """Write a score in its unit: `62.5 %`, a loss as `1.204`."""
    if score is None:
        return "–"
    return f"{score:.3f}" if metric == "val_loss" else f"{100 * score:.1f} %"


def _phase(status: JobStatus) -> str:
    if status.state == "stopping":
        return "Stopping after this step; the best model so far is kept"
    if status.state == "queued":
        return _PHASES["waiting"]
    phase = str(status.details.get("phase", "Starting"))
    return _PHASES.get(phase, phase[:1].upper() + phase[1:])


def _bars(status: JobStatus) -> list[dict[str, Any]]:
    details = status.details
    epoch, step, steps = (int(details.get(name) or 0) for name in ("epoch", "step", "steps"))
    if not epoch or details.get("phase") not in _AT_WORK:
        return []
    within = f"Epoch {epoch} of {details.get('epochs') or epoch}: step {step:,} of {steps:,}"
    share = status.done / max(1, status.total)
    return [
        {"label": within, "share": _bounded(step / max(1, steps))},
        {"label": f"All epochs: {100 * _bounded(share):.0f} %", "share": _bounded(share)},
    ]


def _best(status: JobStatus, selection_metric: str) -> dict[str, str]:
    details = status.details
    metric = str(details.get("selection_metric") or selection_metric)
    score, epoch = details.get("best_score"), details.get("best_epoch")
    if score is None:  # runs of earlier versions
        metric, score = _DEFAULT_METRIC, details.get("best_val_accuracy")
    label = f"Best {METRIC_NAMES.get(metric, metric)}"
    note = f"epoch {epoch}" if epoch and score is not None else "after the first epoch"
    return {"label": label, "value": score_text(score, metric), "note": note}


def _time_left(status: JobStatus) -> dict[str, str]:
    left = status.seconds_left
    return {"label": "Time left", "value": "–" if left is None else f"about {_roughly(left)}", "note": ""}


def _speed(status: JobStatus) -> dict[str, str]:
    rate = status.details.get("images_per_second")
    return {"label": "Speed", "value": f"{rate:,.0f} images/s" if rate else "–", "note": ""}


def _roughly(seconds: float) -> str:
    """Leave out the seconds where they would only flicker."""
    return f"{round(seconds / 60)} min" if 90 <= seconds < 3600 else duration(seconds)


def _bounded(share: float) -> float:
    return round(min(1.0, max(0.0, share)), 4)
