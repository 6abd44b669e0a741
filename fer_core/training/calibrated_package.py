"""Turns a trained network into a model package whose confidence can be taken at its word.

The LiteRT network itself is measured on the validation part, for one view and for all: temperature, the threshold
of "unsure" and the accuracy come from the very file that will predict.
"""

import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.dataset import DatasetIndex
from fer_core.models.calibrated_info import calibrate_info
from fer_core.models.classifier import load_classifier
from fer_core.models.export import export_package
from fer_core.models.package import ModelInfo, ModelPackage, read_package, write_info
from fer_core.models.views import VIEWS
from fer_core.training.config import TrainConfig


def save_package(
    network: Any,
    folder: Path,
    *,
    config: TrainConfig,
    index: DatasetIndex,
    validation: npt.NDArray[np.int64],
) -> ModelPackage:
    """Export a network, calibrate it on validation pictures and put the package in place.

    Args:
        network: The trained `keras.Model` in float32, built for the index's image size.
        folder: Where the package goes; it appears whole, in place of one that is there.
        config: What the training was asked to do.
        index: The dataset's view that it was trained on.
        validation: (n,) row numbers of the index, none of which the network was fitted to.
    """
    draft = folder.with_name(f".{folder.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        package = export_package(network, draft, _info(network, folder.parent.name, config, index, validation))
        calibrate_package(package, index, validation)
        _put_in_place(draft, folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return read_package(folder)


def _put_in_place(draft: Path, folder: Path) -> None:
    """Rename the finished folder; the package of an earlier stop is moved aside first."""
    aside = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(aside, ignore_errors=True)
    if folder.exists():
        os.replace(folder, aside)
    os.replace(draft, folder)
    shutil.rmtree(aside, ignore_errors=True)


def _info(
    network: Any, name: str, config: TrainConfig, index: DatasetIndex, validation: npt.NDArray[np.int64]
) -> ModelInfo:
    learned = np.setdiff1d(index.select(split="train").index.to_numpy(np.int64), validation)
    labels = index.table.loc[learned]
    return ModelInfo(
        name=name,
        architecture=config.architecture,
        class_names=index.class_names,
        input_size=index.images.shape[1],
        channels=index.images.shape[3],
        temperature=dict.fromkeys(VIEWS, 1.0),
        unsure_threshold=dict.fromkeys(VIEWS, 0.0),
        training_data={
            "dataset": config.dataset,
            "fingerprint": index.fingerprint,
            "num_images": len(learned),
            "num_relabelled": int((labels["label"] != labels.get("indexed_label", labels["label"])).sum()),
            "without_leaks": config.without_leaks,
            "run": name,
        },
        metrics={},
        licence="Made by you: its terms are those of the pictures it was trained on.",
        num_parameters=network.count_params(),
    )


def calibrate_package(package: ModelPackage, index: DatasetIndex, validation: npt.NDArray[np.int64]) -> None:
    """Measure a package's LiteRT network on validation pictures and note in the package what they say.

    Args:
        package: A package that may be written to.
        index: The dataset's view that it was trained on.
        validation: (n,) row numbers of the index, none of which the network was fitted to.
    """
    y_true = index.label_numbers(index.table.loc[validation])
    faces = np.ascontiguousarray(index.images[validation])
    classifier = load_classifier(package, num_threads=os.cpu_count() or 1)
    uncalibrated = {views: classifier.predict_uncalibrated(faces, views) for views in VIEWS}
    write_info(calibrate_info(package.info, y_true, uncalibrated), package.folder)
