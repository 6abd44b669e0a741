"""Makes the model that comes along: trains on FER2013's train split, measures on its test split, puts it in place.

    python -m benchmarks.train_shipped_model fer2013.zip

The zip holds FER2013 in class folders. Temperature and thresholds come from a validation part of train; the training
reads the test split once, after everything is decided. A finished run of the same name is taken up instead of trained
again.
"""

import argparse
import json
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

from fer_core.dataset import add_dataset, list_datasets, open_dataset
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.models.catalog import SHIPPED_NAME
from fer_core.models.class_precision import precision_figures
from fer_core.models.package import (
    KERAS_FILE,
    PACKAGE_FILES,
    ModelPackage,
    file_digest,
    read_package,
    write_info,
)
from fer_core.models.views import VIEWS
from fer_core.training import Run, TrainConfig, list_runs, train

NAME = "fer2013-compact"
CONFIG = TrainConfig(
    dataset="fer2013",
    epochs=100,
    batch_size=128,
    learning_rate=0.1,
    augmentation="robust",
    validation_share=0.05,
    weight_averaging=0.999,
    seed=1,
)
SHIPPED = Path(__file__).parents[1] / "fer_core" / "models" / "shipped"
LICENCE = (
    "The weights may be used like this program. They were trained on FER2013 (Goodfellow et al. 2013), pictures of "
    "faces collected from the web; no right in those pictures comes with them."
)


def main() -> None:
    """Train, measure, and replace the shipped package."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("zip", type=Path, help="FER2013 in class folders: train/<label>/ and test/<label>/")
    options = parser.parse_args()
    if CONFIG.dataset not in [dataset.name for dataset in list_datasets()]:
        add_dataset(options.zip, name=CONFIG.dataset)
    duplicates_of(open_dataset(CONFIG.dataset))  # only known ones are kept on one side
    run = next((run for run in list_runs() if run.name == NAME), None) or train(CONFIG, name=NAME)
    package = run.model
    if package is None:
        raise SystemExit(f"The run {NAME} has no model; it is {run.status().state}. Remove it and start again.")
    metrics = measured(run)
    put_in_place(run, package, metrics)
    print(json.dumps(metrics, indent=2))


def measured(run: Run) -> dict[str, dict[str, float]]:
    """Return the figures on the test split, for each number of views."""
    reports = run.test_report()
    if reports is None:
        raise SystemExit(
            f"The run {NAME} has not read the test split. Resume it: python -m fer_core runs resume {NAME}"
        )
    return {
        f"FER2013 test, {views} view{'s' * (views == 'all')}": {
            key: reports[views][key] for key in ("num_images", "accuracy", "macro_f1")
        }
        | precision_figures(reports[views])
        for views in VIEWS
    }


def put_in_place(run: Run, package: ModelPackage, metrics: dict[str, dict[str, float]]) -> None:
    """Copy the package and the record of its training into the source tree."""
    shutil.rmtree(SHIPPED, ignore_errors=True)
    SHIPPED.mkdir()
    for name in PACKAGE_FILES:
        shutil.copy2(package.folder / name, SHIPPED / name)
    compress(SHIPPED / KERAS_FILE)
    info = read_package(SHIPPED).info
    digests = dict(info.digests) | {KERAS_FILE: file_digest(SHIPPED / KERAS_FILE)}
    metrics = dict(info.metrics) | metrics
    write_info(replace(info, name=SHIPPED_NAME, licence=LICENCE, metrics=metrics, digests=digests), SHIPPED)
    for name in ("config.json", "history.csv", "record.json"):
        shutil.copy2(run.folder / name, SHIPPED / f"training-{name}")


def compress(path: Path) -> None:
    """Write a zip anew with its members compressed; Keras stores them as they are, and reads both."""
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


if __name__ == "__main__":
    main()
