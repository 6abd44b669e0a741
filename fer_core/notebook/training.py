"""The training's cells: start it or go on with it, and watch its curves grow.

The training is a process of its own and a folder below FER_HOME. A cell that watches can be interrupted and run again;
after a lost connection the same cells go on from the last whole epoch.
"""

import time

from fer_core.charts import history_figure
from fer_core.errors import TrainingError
from fer_core.jobs import JobStatus
from fer_core.notebook.screen import LiveFigure, ProgressLine, shares_in_words
from fer_core.terminal import training_text
from fer_core.training import Run, TrainConfig, list_runs, open_run, remove_run, resume_run, start_run
from fer_core.training.runs.results import read_result

_METRICS = ("loss", "accuracy")
_BROKEN = ("failed", "lost")


def train_or_resume(config: TrainConfig, name: str) -> Run:
    """Start the run of this name; where it is there already, go on with it if it ended early.

    Args:
        config: What to train.
        name: Name of the run. One that ended before its first epoch did is started anew.

    Raises:
        TrainingError: If there is a run of this name with other settings, or it cannot start.
        DatasetError: If there is no such dataset.
    """
    if name not in {run.name for run in list_runs()}:
        return start_run(config, name)
    run = open_run(name)
    if run.config != config:
        raise TrainingError(f"There is a run {name!r} with other settings. Give this training another name.")
    status = run.status()
    if status.is_live or status.state == "completed":
        return run
    if run.can_resume:
        return resume_run(name)
    remove_run(name)
    return start_run(config, name)


def watch_run(run: Run, *, seconds_between_looks: float = 1.0) -> None:
    """Show loss and accuracy, drawn again after each epoch, until the run ends; an interrupt ends the watching only.

    Args:
        run: The run.
        seconds_between_looks: How often its folder is read.

    Raises:
        TrainingError: If the run failed, or its process is gone.
    """
    line, figures = ProgressLine(f"Training {run.name}"), {metric: LiveFigure() for metric in _METRICS}
    num_drawn = -1
    try:
        while True:
            status, history = run.status(), run.history()  # in this order: what has ended has its last epoch
            line(status.done, status.total, _words(status))
            if len(history) != num_drawn:
                num_drawn = len(history)
                for metric, figure in figures.items():
                    figure.draw(history_figure(history, metric, selected_by=run.config.selection_metric))
            if not status.is_live:
                break
            time.sleep(seconds_between_looks)
    except KeyboardInterrupt:
        line.end(f"{run.name} trains on. Run this cell again to watch it.")
        return
    line.end(_ending(run, status))
    if status.state in _BROKEN:
        raise TrainingError(
            f"{run.name} {status.state}: {status.error or 'see its log.'} Run the cells again to go on."
        )


def _words(status: JobStatus) -> str:
    device = status.details.get("device")
    left = status.seconds_left
    words = [training_text(status), f"on {device}" if device else ""]
    words.append("" if left is None else f"about {max(1, round(left / 60))} min left")
    return ", ".join(word for word in words if word)


def _ending(run: Run, status: JobStatus) -> str:
    result = read_result(run)
    words = f"{run.name}: {status.state} after {result.num_epochs} epochs and {status.seconds_elapsed / 60:.1f} min"
    if result.val_accuracy is not None:
        words += f"; best epoch {result.best_epoch}, {shares_in_words({'validation accuracy': result.val_accuracy})}"
    test = result.best_test
    if test is not None:
        figures = {"accuracy": test["accuracy"], "macro-F1": test["macro_f1"]}
        words += f"; on {test['num_images']:,} test images {shares_in_words(figures)}"
    return words + "."
