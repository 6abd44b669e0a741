"""What sets several runs apart: the settings that differ, and what each run reached.

Names of runs come in, two tables with one column a run go out; a run whose settings are damaged takes part with what
can still be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from fer_core.errors import TrainingError
from fer_core.training.runs.results import RunResult, read_result
from fer_core.training.runs.run import Run, open_run
from fer_core.training.setting_descriptions import SETTINGS, setting_text


@dataclass(frozen=True)
class RunComparison:
    """Runs side by side.

    Args:
        settings: One row for each setting that differs (index: its name), one column a run, values as text.
        results: One row a figure (index: its name), one column a run, values as text; accuracies in percent with the
            number of images.
    """

    settings: pd.DataFrame
    results: pd.DataFrame


def compare_runs(names: Sequence[str]) -> RunComparison:
    """Lay runs side by side.

    Raises:
        TrainingError: If there are fewer than two, or one does not exist.
    """
    if len(set(names)) < 2:
        raise TrainingError(f"A comparison needs at least two runs, received {', '.join(names) or 'none'}.")
    runs = [open_run(name) for name in dict.fromkeys(names)]
    return RunComparison(settings=_differing_settings(runs), results=_results(runs))


def _differing_settings(runs: Sequence[Run]) -> pd.DataFrame:
    columns = {run.name: _settings(run) for run in runs}
    names = [name for name in SETTINGS if len({column.get(name) for column in columns.values()}) > 1]
    rows = {
        SETTINGS[name].title: {
            run: setting_text(name, column[name]) if name in column else "unknown" for run, column in columns.items()
        }
        for name in names
    }
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(columns))


def _settings(run: Run) -> dict[str, Any]:
    try:
        return run.config.to_dict()
    except TrainingError:
        return {}


def _results(runs: Sequence[Run]) -> pd.DataFrame:
    return pd.DataFrame({run.name: _result_texts(run.status().state, read_result(run)) for run in runs})


def _result_texts(state: str, result: RunResult) -> dict[str, str]:
    test = result.best_test or {}
    images = f" of {result.num_validation:,}" if result.num_validation else ""
    return {
        "State": state,
        "Finished epochs": f"{result.num_epochs}",
        "Best epoch": "–" if result.best_epoch is None else f"{result.best_epoch}",
        "Validation accuracy": _percent(result.val_accuracy, images),
        "Validation macro-F1": _percent(result.val_macro_f1),
        "Validation loss": "–" if result.val_loss is None else f"{result.val_loss:.3f}",
        "Test accuracy": _percent(test.get("accuracy"), f" of {test['num_images']:,}" if test else ""),
        "Test macro-F1": _percent(test.get("macro_f1")),
        "Minutes": f"{result.seconds / 60:.1f}",
    }


def _percent(share: float | None, images: str = "") -> str:
    return "–" if share is None else f"{100 * share:.1f} %{images}"
