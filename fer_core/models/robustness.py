"""How a model bears real pictures: its accuracy on faces that are blurred, dark, tilted, covered and so on.

A package and a dataset's split come in; a table of accuracy at each fixed strength, with the drop against the same
faces undamaged, goes out, and how often changes that are none of the expression's flip the answer. A sample of a
thousand faces tells drops of two points apart.
"""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fer_core.dataset import Dataset, DatasetIndex, open_dataset
from fer_core.evaluation.degradations import DEGRADATIONS, degrade
from fer_core.evaluation.intervals import wilson_interval
from fer_core.jobs.folder import read_json, write_json
from fer_core.models.catalog import find_model
from fer_core.models.counterfactual_flips import NUM_STEPS, count_flips
from fer_core.models.model_input import fit_images
from fer_core.models.package import ModelPackage
from fer_core.models.reading import OnProgress, read_batches
from fer_core.models.scoring import ScoredPictures, labelled_pictures
from fer_core.models.views import check_views
from fer_core.settings import load_settings

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

KIND = "robustness"
NUM_IMAGES = 1000
_DAMAGES = [(kind, strength) for kind, damage in DEGRADATIONS.items() for strength in damage.strengths]
_METHOD = 2  # raised when a kind or strength changes: what is kept is then measured again


def measure_robustness(
    package: ModelPackage,
    index: DatasetIndex,
    split: str,
    *,
    views: str = "one",
    num_images: int = NUM_IMAGES,
    seed: int = 0,
    on_progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Measure a model on damaged faces.

    Args:
        package: The model.
        index: The dataset, with corrections applied; whoever reads the drop should know how sharp its faces are.
        split: A split that `index.select` knows.
        views: A name of `VIEWS`; one, as in live video.
        num_images: Faces drawn from the split at random; all where it has no more.
        seed: Decides the sample and the damage.
        on_progress: Called with (faces done, faces in all), every strength counted.

    Returns:
        `num_images`, `accuracy` and `accuracy_ci` (undamaged), `rows` (`kind`, `title`, `unit`, `strength`, `accuracy`,
        `accuracy_ci`, `drop` against undamaged, 0-1, and `flipped`, the share of faces that are called otherwise),
        `counterfactuals` (what `count_flips` returns), `model`, `network`, `split`, `views`, `seed`, `fingerprint` (of
        the dataset) and `seconds`.

    Raises:
        ModelError: If the split has classes that the model does not know.
        DatasetError: If there is no such split, or no readable picture in it.
    """
    check_views(views)
    started_at = time.perf_counter()
    faces, y_true = sample_faces(package, index, split, num_images=num_images, seed=seed)
    reader = _Reader(package, views, 1 + len(_DAMAGES) + NUM_STEPS, on_progress)
    undamaged = reader.read(faces, 0)
    return {
        **_accuracy(undamaged == y_true),
        "kind": KIND,
        "num_images": len(faces),
        "rows": _damaged_rows(reader, faces, y_true, undamaged, seed=seed),
        "counterfactuals": _flips(reader, faces, y_true, undamaged),
        "model": package.name,
        "network": package.answers_digest(),
        "split": split,
        "views": views,
        "seed": seed,
        "fingerprint": index.fingerprint,
        "seconds": round(time.perf_counter() - started_at, 3),
    }


def robustness_job(
    *,
    reporter: "JobReporter",
    model: str,
    dataset: str,
    split: str,
    views: str = "one",
    seed: int = 0,
    label_map: dict[str, str] | None = None,
) -> dict[str, Any]:
    """Job: measure a model on damaged faces of a dataset's split, or find what was measured before.

    Args:
        reporter: Told about the progress.
        model: Name or package folder.
        dataset: Name of the dataset.
        split: One of its splits.
        views: A name of `VIEWS`.
        seed: Decides the sample and the damage.
        label_map: Label of the dataset -> class of the model; "" leaves its pictures out.

    Returns:
        What `measure_robustness` returns, with `dataset` (its name).
    """
    package, index = find_model(model), open_dataset(dataset).view().with_labels(label_map or {})
    path = _cache_path(package, index, split, views, seed)
    report = read_json(path)
    if report is None:
        report = measure_robustness(package, index, split, views=views, seed=seed, on_progress=reporter.progress)
        report |= {"dataset": dataset}
        keep_robustness(package, index, report)
    return report | {"model": package.name, "dataset": dataset}


def keep_robustness(package: ModelPackage, index: DatasetIndex, report: dict[str, Any]) -> None:
    """Keep a report, with `dataset`, where `read_cached_robustness` finds it if it is of the usual number of faces."""
    path = _cache_path(package, index, report["split"], report["views"], report["seed"])
    if report["num_images"] == min(NUM_IMAGES, len(index.select(split=report["split"]))):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_json(path, report)


def read_cached_robustness(
    package: ModelPackage,
    dataset: Dataset,
    split: str,
    views: str = "one",
    *,
    seed: int = 0,
    index: DatasetIndex | None = None,
) -> dict[str, Any] | None:
    """Return what `robustness_job` returned for the same choices, None if it was not measured since they changed."""
    report = read_json(_cache_path(package, dataset.view() if index is None else index, split, views, seed))
    return None if report is None else report | {"model": package.name, "dataset": dataset.name}


def worst_row(report: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the row of a robustness report with the largest drop."""
    worst: Mapping[str, Any] = max(report["rows"], key=lambda row: float(row["drop"]))
    return worst


def sample_faces(
    package: ModelPackage, index: DatasetIndex, split: str, *, num_images: int = NUM_IMAGES, seed: int = 0
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.intp]]:
    """Return faces of a split, drawn at random, as the model reads them.

    Args:
        package: The model.
        index: The dataset, with corrections applied.
        split: A split that `index.select` knows.
        num_images: How many; all where the split has no more.
        seed: Decides which.

    Returns:
        (n, size, size, channels) uint8 and (n,) true class indices.
    """
    rows = labelled_pictures(index, split, package.info.class_names)
    chosen = np.random.default_rng(seed).choice(len(rows), min(num_images, len(rows)), replace=False)
    rows = rows.iloc[np.sort(chosen)]
    y_true = ScoredPictures(rows, np.empty((0, 0), np.float32), package.info.class_names).y_true
    return fit_images(index.images[rows["image_id"].to_numpy(np.int64)], package.info), y_true


class _Reader:
    """Reads the same faces in many states, one step of the whole for each."""

    def __init__(self, package: ModelPackage, views: str, num_steps: int, on_progress: OnProgress | None) -> None:
        self.class_names = package.info.class_names
        self._package, self._views = package, views
        self._num_steps, self._on_progress = num_steps, on_progress

    def read(self, faces: npt.NDArray[np.uint8], step: int) -> npt.NDArray[np.intp]:
        """Return (n,) what the model says."""
        y_prob, _ = read_batches(
            self._package,
            faces.__getitem__,
            len(faces),
            views=self._views,
            on_progress=lambda done, total: self.report(step, done, total),
        )
        return np.asarray(y_prob.argmax(axis=1), np.intp)

    def report(self, step: int, done: int, num_faces: int) -> None:
        """Say how far a step is."""
        if self._on_progress is not None:
            self._on_progress(step * num_faces + done, self._num_steps * num_faces)


def _damaged_rows(
    reader: _Reader,
    faces: npt.NDArray[np.uint8],
    y_true: npt.NDArray[np.intp],
    undamaged: npt.NDArray[np.intp],
    *,
    seed: int,
) -> list[dict[str, Any]]:
    """Read the faces at every strength of every damage, each a step after the undamaged ones."""
    rows = []
    for step, (kind, strength) in enumerate(_DAMAGES, start=1):
        answers = reader.read(degrade(faces, kind, strength, seed=seed), step)
        rows.append(_row(kind, strength, y_true, answers, undamaged))
    return rows


def _flips(
    reader: _Reader, faces: npt.NDArray[np.uint8], y_true: npt.NDArray[np.intp], undamaged: npt.NDArray[np.intp]
) -> dict[str, Any]:
    """Count the flips, in the steps after those of the damages."""
    first = 1 + len(_DAMAGES)
    return count_flips(
        faces,
        y_true,
        undamaged,
        class_names=reader.class_names,
        read=lambda changed, step: reader.read(changed, first + step),
        on_step=lambda done, total: reader.report(first, done, total),
    )


def _row(
    kind: str,
    strength: float,
    y_true: npt.NDArray[np.intp],
    answers: npt.NDArray[np.intp],
    undamaged: npt.NDArray[np.intp],
) -> dict[str, Any]:
    figures = _accuracy(answers == y_true)
    return {
        "kind": kind,
        "title": DEGRADATIONS[kind].title,
        "unit": DEGRADATIONS[kind].unit,
        "strength": strength,
        **figures,
        "drop": float((undamaged == y_true).mean()) - figures["accuracy"],
        "flipped": float((answers != undamaged).mean()),
    }


def _accuracy(right: npt.NDArray[np.bool_]) -> dict[str, Any]:
    return {"accuracy": float(right.mean()), "accuracy_ci": list(wilson_interval(int(right.sum()), len(right)))}


def _cache_path(package: ModelPackage, index: DatasetIndex, split: str, views: str, seed: int) -> Path:
    size = str(index.images.shape[1:])
    measured = [KIND, str(_METHOD), package.answers_digest(), index.fingerprint, size, split, views, str(seed)]
    decisive = "\n".join(measured)
    return load_settings().evaluations_folder / f"{KIND}-{hashlib.sha256(decisive.encode()).hexdigest()}.json"
