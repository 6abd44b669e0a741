"""Several models on the same pictures: who is better, whether that may be chance, and on which faces they disagree.

Packages and a dataset's split come in; evaluations that are kept are used again, the others are made in a job. A plain
report goes out, with what each model says of each picture.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.errors import ModelError
from fer_core.evaluation.comparison import compare_answers, disagreements
from fer_core.models.assessment import evaluate_job, read_cached_evaluation, read_cached_predictions
from fer_core.models.catalog import find_model
from fer_core.models.package import LITERT_FILE, ModelPackage
from fer_core.models.reading import OnProgress

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

MIN_MODELS, MAX_MODELS = 2, 6
_FIGURES = (
    "accuracy", "accuracy_ci", "balanced_accuracy", "macro_f1", "macro_f1_ci", "top2_accuracy", "ece", "brier", "nll",
)  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """What several models say about the same n pictures.

    Args:
        report: `num_images`, `split`, `views`, `fingerprint` and `dataset`; `models` (one row each: `model`, `network`,
            `architecture`, `num_parameters`, `num_bytes` of `model.tflite` and the main figures of its evaluation, with
            `accuracy_without_leaks`); `pairs` (one row each, see `PairedTest`; duplicates count once); `num_tested`
            (pictures that these count, None where nobody has looked for duplicates); and `num_disagreements`.
        pictures: (n rows) image_id, path and label.
        answers: (n rows) one column for each model: the class that it names.
    """

    report: dict[str, Any]
    pictures: pd.DataFrame
    answers: pd.DataFrame

    @cached_property
    def disputed(self) -> npt.NDArray[np.intp]:
        """(m,) rows of the pictures on which not all models say the same."""
        return disagreements({str(name): self.answers[name] for name in self.answers})


def check_models(names: Sequence[str]) -> None:
    """Hold the choice of models to what can be compared.

    Raises:
        ModelError: If there are fewer than two, more than six, or one of them twice.
    """
    if len(set(names)) < len(names) or not MIN_MODELS <= len(names) <= MAX_MODELS:
        raise ModelError(
            f"{', '.join(names) or 'No model'} cannot be compared. Name {MIN_MODELS} to {MAX_MODELS} different models."
        )


def compare_models(
    packages: Sequence[ModelPackage],
    dataset: Dataset,
    split: str,
    *,
    views: str = "all",
    label_map: Mapping[str, str] | None = None,
    index: DatasetIndex | None = None,
) -> Comparison | None:
    """Compare models whose evaluations are kept.

    Args:
        packages: Two to six different models.
        dataset: The dataset.
        split: One of its splits.
        views: A name of `VIEWS`.
        label_map: Label of the dataset -> class of the models; "" leaves its pictures out.
        index: The dataset's corrected view where it is at hand already.

    Returns:
        The comparison, None while one of them is not measured; see `unmeasured`.

    Raises:
        ModelError: If there are too few models, too many, or one twice.
    """
    check_models([package.name for package in packages])
    index = dataset.view() if index is None else index
    reports, tables = [], []
    for package in packages:
        kept = _kept(package, dataset, split, views, label_map, index)
        if kept is None:
            return None
        reports.append(kept[0])
        tables.append(kept[1])
    pictures = tables[0][["image_id", "path", "label"]]
    said = {
        package.name: table.set_index("image_id").loc[pictures["image_id"], "predicted"].to_numpy()
        for package, table in zip(packages, tables, strict=True)
    }
    report = {
        "dataset": dataset.name,
        "split": split,
        "views": views,
        "fingerprint": index.fingerprint,
        "models": [_row(*each) for each in zip(packages, reports, strict=True)],
        **_compared(pictures["label"], said, tables[0].get("duplicate_group")),
    }
    return Comparison(report, pictures, pd.DataFrame(said))


def unmeasured(
    packages: Sequence[ModelPackage],
    dataset: Dataset,
    split: str,
    *,
    views: str = "all",
    label_map: Mapping[str, str] | None = None,
    index: DatasetIndex | None = None,
) -> list[ModelPackage]:
    """Return the models without a kept evaluation; arguments as for `compare_models`."""
    index = dataset.view() if index is None else index
    return [package for package in packages if _kept(package, dataset, split, views, label_map, index) is None]


def _kept(
    package: ModelPackage,
    dataset: Dataset,
    split: str,
    views: str,
    label_map: Mapping[str, str] | None,
    index: DatasetIndex,
) -> tuple[dict[str, Any], pd.DataFrame] | None:
    """Return a model's kept evaluation and predictions, None while one of them is missing."""
    table = read_cached_predictions(package, dataset, split, views, label_map=label_map, index=index)
    report = read_cached_evaluation(package, dataset, split, views, label_map=label_map, index=index)
    return None if report is None or table is None else (report, table)


def measure_models(
    packages: Sequence[ModelPackage],
    dataset: Dataset,
    split: str,
    *,
    views: str = "all",
    label_map: Mapping[str, str] | None = None,
    on_progress: OnProgress | None = None,
) -> None:
    """Evaluate the models that are not measured yet; arguments as for `compare_models`.

    Args:
        packages: One model or more.
        dataset: The dataset.
        split: One of its splits.
        views: A name of `VIEWS`.
        label_map: Label of the dataset -> class of the models.
        on_progress: Called with (pictures done, pictures in all) over all models; what it raises ends the work.
    """
    left = unmeasured(packages, dataset, split, views=views, label_map=label_map)
    for number, package in enumerate(left):
        evaluate_job(
            reporter=_Part(on_progress, number, len(left)),  # type: ignore[arg-type]  # progress is all it is asked for
            model=str(package.folder),
            dataset=dataset.name,
            split=split,
            views=views,
            label_map=None if label_map is None else dict(label_map),
        )


def measure_models_job(
    *,
    reporter: "JobReporter",
    models: list[str],
    dataset: str,
    split: str,
    views: str = "all",
    label_map: dict[str, str] | None = None,
) -> dict[str, int]:
    """Job: evaluate several models on the same split, those that are not measured yet.

    Args:
        reporter: Told about the progress over all of them.
        models: Names or package folders.
        dataset: Name of the dataset.
        split: One of its splits.
        views: A name of `VIEWS`.
        label_map: As for `compare_models`.

    Returns:
        `num_models`, that are measured now.
    """
    measure_models(
        [find_model(model) for model in models],
        open_dataset(dataset),
        split,
        views=views,
        label_map=label_map,
        on_progress=reporter.progress,
    )
    return {"num_models": len(models)}


class _Part:
    """Reports the progress of one of several equal parts as that of the whole."""

    def __init__(self, on_progress: OnProgress | None, number: int, num_parts: int) -> None:
        self._on_progress, self._number, self._num_parts = on_progress, number, num_parts

    def progress(self, done: int, total: int, message: str = "") -> None:
        if self._on_progress is not None:
            self._on_progress(self._number * total + done, self._num_parts * total)


def _compared(
    labels: pd.Series, said: Mapping[str, npt.NDArray[np.object_]], twins: pd.Series | None
) -> dict[str, Any]:
    """What a report says of all models together; pictures with the same value in `twins` show the same."""
    return {
        "num_images": len(labels),
        "pairs": [asdict(test) for test in compare_answers(labels, said, duplicate_groups=twins)],
        "num_tested": None if twins is None else int(twins.nunique()),
        "num_disagreements": len(disagreements(said)),
    }


def _row(package: ModelPackage, report: Mapping[str, Any]) -> dict[str, Any]:
    own = report["without_leaks"]
    return {
        "model": package.name,
        "network": package.answers_digest(),
        "architecture": package.info.architecture,
        "num_parameters": package.info.num_parameters,
        "num_bytes": (package.folder / LITERT_FILE).stat().st_size,
        **{figure: report[figure] for figure in _FIGURES},
        "accuracy_without_leaks": None if own is None else own["accuracy"],
    }
