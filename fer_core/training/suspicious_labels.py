"""Looks for labels that are probably wrong, on pictures that the judging network did not learn from.

A model and a dataset come in; the suspicious labels go into the dataset's audit folder. Confident learning needs
out-of-sample probabilities: here from a finished model, in `cross_validation` from networks trained for it.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fer_core.dataset import Dataset, open_dataset
from fer_core.dataset.suspicious import Search, keep_search
from fer_core.errors import ModelError
from fer_core.evaluation.label_quality import BUILT_IN, judge_labels
from fer_core.models.catalog import find_model
from fer_core.models.package import ModelPackage
from fer_core.models.predictions import predict_dataset
from fer_core.training.learned_images import unseen_images

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

OnProgress = Callable[[int, int], None]

MIN_EXAMINED = 20  # below, a class's mean confidence says little


def find_suspicious_labels(
    package: ModelPackage, dataset: Dataset, *, method: str = BUILT_IN, on_progress: OnProgress | None = None
) -> Search:
    """Judge the labels of the pictures that a model did not learn from, and keep the suspicious ones.

    Args:
        package: The model.
        dataset: The dataset; labels count as corrected, and excluded pictures are left out.
        method: One of `fer_core.evaluation.label_quality.available_methods()`.
        on_progress: Called with (pictures read, pictures in all); what it raises ends the search, nothing is kept.

    Raises:
        ModelError: If too few pictures are left that the model did not learn from and whose label it knows.
    """
    unseen = unseen_images(package, dataset)
    labels = dataset.view().table["label"].reindex(unseen.image_ids)
    image_ids = unseen.image_ids[labels.isin(package.info.class_names).to_numpy(bool)]
    if len(image_ids) < MIN_EXAMINED:
        raise ModelError(
            f"Of the pictures of {dataset.name!r} only {len(image_ids):,} are new to the model {package.name!r} and "
            f"have a label that it knows; at least {MIN_EXAMINED} are needed. Choose a model trained on other "
            "pictures, or train in turns on parts of this dataset (cross-validation)."
        )
    predictions = predict_dataset(package, dataset, on_progress=on_progress)
    examined = predictions[predictions["image_id"].isin(image_ids)]
    return judge_and_keep(dataset, examined, source=f"model {package.name}", basis=unseen.basis, method=method)


def judge_and_keep(
    dataset: Dataset, predictions: pd.DataFrame, *, source: str, basis: str, method: str = BUILT_IN
) -> Search:
    """Judge the labels of some pictures by out-of-sample probabilities, and keep the suspicious ones.

    Args:
        dataset: The dataset; labels count as corrected.
        predictions: `image_id` and `p_<class>` for each class; pictures that are excluded, or whose label is none of
            these classes, are left out.
        source: What judges, for people.
        basis: Why the pictures were not known to it, as a sentence.
        method: See `find_suspicious_labels`.
    """
    columns = [column for column in predictions.columns if column.startswith("p_")]
    class_names = np.array([column.removeprefix("p_") for column in columns], dtype=object)
    labels = dataset.view().usable["label"].reindex(predictions["image_id"]).to_numpy(object)
    can_be_judged = pd.Index(class_names).get_indexer(labels) >= 0
    predictions, labels = predictions[can_be_judged], labels[can_be_judged]
    image_ids = predictions["image_id"].to_numpy(np.int64)
    quality = judge_labels(pd.Index(class_names).get_indexer(labels), predictions[columns].to_numpy(), method)
    found = pd.DataFrame(
        {
            "image_id": image_ids,
            "given_label": labels,
            "suggested_label": class_names[quality.suggested],
            "score": quality.score,
        }
    )[quality.is_suspicious]
    search = Search(
        source=source,
        basis=basis,
        num_examined=len(image_ids),
        num_suspicious=len(found),
        noise_share=quality.noise_share,
    )
    keep_search(dataset, search, examined=image_ids, found=found)
    return search


def find_suspicious_job(*, reporter: "JobReporter", model: str, dataset: str, method: str = BUILT_IN) -> dict[str, Any]:
    """Job: look for suspicious labels with a model.

    Args:
        reporter: Told about the progress.
        model: Name or package folder.
        dataset: Name of the dataset.
        method: See `find_suspicious_labels`.

    Returns:
        The fields of `Search`.
    """
    search = find_suspicious_labels(
        find_model(model), open_dataset(dataset), method=method, on_progress=reporter.progress
    )
    return asdict(search)
