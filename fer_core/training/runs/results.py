"""What a run has reached: its best epoch, its validation and test figures, in one look.

A `Run` comes in and a frozen `RunResult` goes out, read from the run's folder; a run that is under way has one too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from fer_core.jobs.folder import read_json
from fer_core.models.views import VIEWS
from fer_core.training.runs.run import TEST_NAME, Run


@dataclass(frozen=True)
class RunResult:
    """Figures of a run; None where there is none yet. Accuracy and macro-F1 are 0-1.

    Args:
        num_epochs: Finished epochs.
        best_epoch: The epoch whose weights are kept.
        val_accuracy: Validation accuracy of that epoch, one view of each face.
        val_macro_f1: Its macro-F1.
        val_loss: Its loss.
        num_validation: Images in the validation part.
        seconds: From the start to the end, or to now.
        test: Views -> what the test split gave at the end.
    """

    num_epochs: int = 0
    best_epoch: int | None = None
    val_accuracy: float | None = None
    val_macro_f1: float | None = None
    val_loss: float | None = None
    num_validation: int | None = None
    seconds: float = 0.0
    test: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def best_test(self) -> Mapping[str, Any] | None:
        """The test figures with all views, else with one."""
        return next((self.test[views] for views in reversed(VIEWS) if views in self.test), None)


def read_result(run: Run) -> RunResult:
    """Return what a run has reached so far.

    Raises:
        JobError: If the run's status cannot be read.
    """
    status, history = run.status(), run.history()
    best_epoch = status.details.get("best_epoch")
    at_best = history[history["epoch"] == best_epoch] if best_epoch is not None else history[:0]
    accuracy = _figure(at_best, "val_accuracy")
    return RunResult(
        num_epochs=len(history),
        best_epoch=best_epoch,
        val_accuracy=status.details.get("best_val_accuracy") if accuracy is None else accuracy,
        val_macro_f1=_figure(at_best, "val_macro_f1"),
        val_loss=_figure(at_best, "val_loss"),
        num_validation=status.details.get("num_validation"),
        seconds=status.seconds_elapsed,
        test=read_test(run.folder),
    )


def read_test(folder: Path) -> dict[str, dict[str, Any]]:
    """Return views -> report of the test split, as the training measured it at its end; empty where it did not."""
    content = read_json(folder / TEST_NAME) or {}
    return {
        views: report
        for views, report in content.items()
        if views in VIEWS and isinstance(report, dict) and {"accuracy", "macro_f1", "num_images"} <= report.keys()
    }


def _figure(rows: pd.DataFrame, column: str) -> float | None:
    if rows.empty or column not in rows or pd.isna(rows.iloc[-1][column]):
        return None
    return float(rows.iloc[-1][column])
