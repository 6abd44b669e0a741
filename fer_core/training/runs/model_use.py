"""Which runs build on which model: a name comes in, the runs that begin with its weights or learn from it go out."""

from fer_core.errors import TrainingError
from fer_core.training.runs.run import Run, list_runs


def users_of(model: str) -> list[Run]:
    """Return the runs that begin with a model's weights or have it as their teacher, the newest first."""
    return [run for run in list_runs() if model in _models_used(run)]


def live_users_of(model: str) -> list[Run]:
    """Return those of them that are under way or in the queue; without the model they would fail."""
    return [run for run in users_of(model) if run.status().is_live]


def _models_used(run: Run) -> tuple[str, ...]:
    try:
        return tuple(name for name in (run.config.from_model, run.config.teacher) if name)
    except TrainingError:  # damaged settings say nothing
        return ()
