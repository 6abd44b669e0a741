"""Batches: folders, zips and thousands of pictures, from paths to a table, on every processor.

`predict_files` returns the table, `write_predictions` writes it and goes on after an interruption, and `batch_job` is
the same as a job for pages.
"""

from fer_core.prediction.batch.files import (
    BatchResult,
    BatchSummary,
    errors_file,
    predict_files,
    write_predictions,
)
from fer_core.prediction.batch.job import BATCH_TARGET, UPLOADS_FOLDER, batch_job
from fer_core.prediction.batch.journal import unfinished_folder
from fer_core.prediction.batch.pictures import PictureList, list_pictures
from fer_core.prediction.batch.reading import BatchSettings

__all__ = [
    "BATCH_TARGET",
    "UPLOADS_FOLDER",
    "BatchResult",
    "BatchSettings",
    "BatchSummary",
    "PictureList",
    "batch_job",
    "errors_file",
    "list_pictures",
    "predict_files",
    "unfinished_folder",
    "write_predictions",
]
