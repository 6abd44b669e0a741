"""What is ready on this computer, and the step that suits it next.

The lists of datasets, models and runs are read from disk; one proposed step and a line for each go to the Home page.
"""

from dataclasses import dataclass

from fer_app.loaders import index_of
from fer_app.markdown import literal
from fer_core.dataset import Dataset, list_datasets
from fer_core.errors import DatasetError
from fer_core.models import ModelPackage, list_models
from fer_core.training import Run, list_runs


@dataclass(frozen=True)
class Overview:
    """The datasets, models and training runs of this computer."""

    datasets: list[Dataset]
    models: list[ModelPackage]
    runs: list[Run]

    @property
    def num_live_runs(self) -> int:
        """Number of trainings at work right now."""
        return sum(run.status().is_live for run in self.runs)


@dataclass(frozen=True)
class Step:
    """A proposal: why, and the page file and button label that lead there."""

    reason: str
    label: str
    icon: str
    page: str


TRY_A_PHOTO = Step(
    "Datasets and models are ready. Drop a photo and see what a network makes of it.",
    "Try a photo",
    ":material/add_reaction:",
    "prediction.py",
)


def read_overview() -> Overview:
    """Look at what is on disk now."""
    return Overview(datasets=list_datasets(), models=list_models(), runs=list_runs())


def next_step(overview: Overview) -> Step:
    """Return the step that a person would take next."""
    if overview.num_live_runs:
        return Step("A network is being trained right now.", "Watch it learn", ":material/monitoring:", "training.py")
    if not overview.datasets:
        reason = "Get faces to train on: drop a zip of class folders, or let the app draw a set that needs no download."
        return Step(reason, "Get a dataset", ":material/photo_library:", "dataset.py")
    if not overview.runs:
        reason = (
            f"The dataset “{literal(overview.datasets[0].name)}” is ready. Train a network on it and watch the curves."
        )
        return Step(reason, "Train a network", ":material/model_training:", "training.py")
    return TRY_A_PHOTO


def dataset_line(dataset: Dataset) -> str:
    """Say in one line of Markdown how large a dataset is."""
    try:
        index = index_of(dataset)
    except DatasetError as error:
        return literal(f"{dataset.name}: {error}")
    return f"**{literal(dataset.name)}** · {len(index.table):,} pictures, {len(index.class_names)} classes"


def model_line(model: ModelPackage) -> str:
    """Say in one line of Markdown how large a model is and how well it did, where that was measured."""
    accuracy = model.info.metrics.get("test", {}).get("accuracy")
    measured = f", {100 * accuracy:.1f} % of its test pictures right" if accuracy is not None else ""
    millions = model.info.num_parameters / 1e6
    weights = f"{millions:.2g} million" if millions >= 0.1 else f"{model.info.num_parameters:,}"
    return f"**{literal(model.name)}** · {weights} weights{measured}"


def run_line(run: Run) -> str:
    """Say in one line of Markdown how a training run stands."""
    return f"**{literal(run.name)}** · {run.status().state}"
