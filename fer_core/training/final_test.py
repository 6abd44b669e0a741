"""Reads the test split once, after everything is decided, and notes what the finished model makes of it."""

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from fer_core.dataset import DatasetIndex
from fer_core.errors import DatasetError, ModelError
from fer_core.jobs.folder import write_json
from fer_core.models.assessment import evaluate_job
from fer_core.models.package import ModelPackage
from fer_core.models.views import VIEWS
from fer_core.training.runs.run import TEST_NAME

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

logger = logging.getLogger(__name__)

SPLIT = "test"


def has_test_split(index: DatasetIndex) -> bool:
    """Tell whether a dataset has test pictures that can be read."""
    try:
        return not index.select(split=SPLIT).empty
    except DatasetError:
        return False


def read_test_split(package: ModelPackage, dataset: str, run_folder: Path, reporter: "JobReporter") -> None:
    """Measure a run's model on the test split and write `test.json`: number of views -> report.

    Raises:
        Cancelled: If somebody asked to stop; nothing is written then.
    """
    reports = {}
    try:
        for views in VIEWS:
            reports[views] = evaluate_job(
                reporter=reporter, model=str(package.folder), dataset=dataset, split=SPLIT, views=views
            )
    except ModelError as error:  # the test split has a class that train has not
        logger.warning("The test split was not read: %s", error)
        return
    write_json(run_folder / TEST_NAME, reports)
