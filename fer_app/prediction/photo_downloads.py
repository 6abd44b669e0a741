"""The results of all pictures to take away: a table, JSON with everything, and the annotated pictures in a zip.

Results come in, files go out, made when their button is pressed. Nothing is written to disk.
"""

import io
import json
import re
import zipfile
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePath

import pandas as pd
import streamlit as st

from fer_app.prediction.photo_overlay import draw_overlay
from fer_app.prediction.photo_results import PhotoResult
from fer_core.labels import LABEL_NOTICE
from fer_core.models import ModelPackage
from fer_core.prediction.results import results_frame

_ZIP_WIDTH = 1280  # pixels of a picture in the zip at most; the full size is offered with each picture


def faces_table(results: Sequence[PhotoResult], class_names: Sequence[str]) -> pd.DataFrame:
    """Put the faces of all pictures into one table, columns as in `Prediction.to_frame`."""
    rows = [row for result in results if result.prediction is not None for row in result.prediction.rows()]
    return results_frame(rows, class_names)


def results_json(results: Sequence[PhotoResult], model: ModelPackage) -> bytes:
    """Return everything but the pixels: of each picture its faces, or why it could not be read."""
    pictures = [
        {"image": result.picture.name, "error": result.error}
        if result.prediction is None
        else result.prediction.to_dict() | {"views": result.way.views, "unsure_below": result.threshold}
        for result in results
    ]
    content = {"notice": LABEL_NOTICE, "model": model.name, "model_digest": model.digest(), "pictures": pictures}
    return json.dumps(content, indent=2, ensure_ascii=False).encode()


def annotated_zip(results: Sequence[PhotoResult]) -> bytes:
    """Return a zip of the pictures that have faces, with their boxes, reduced, and what to keep in mind about them.

    Names that recur get a number.
    """
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_STORED) as packed:
        packed.writestr("NOTICE.txt", LABEL_NOTICE + "\n")
        for number, result in enumerate(results, start=1):
            if result.faces:
                name = f"{file_stem(result.picture.name)}-annotated.jpg"
                name = f"{number:03d}-{name}" if name in packed.namelist() else name
                packed.writestr(name, draw_overlay(result, _ZIP_WIDTH))
    return stored.getvalue()


def file_stem(name: str) -> str:
    """Return a file's name without folders and ending, with nothing in it that a file system refuses."""
    return re.sub(r'[\x00-\x1f<>:"/\\|?*]+', "-", PurePath(name.replace("\\", "/")).stem).strip(" .")[:100] or "picture"


def offer_downloads(results: Sequence[PhotoResult], faces: pd.DataFrame, model: ModelPackage) -> None:
    """Show the buttons for CSV, JSON and annotated pictures."""
    stem = f"apparent-expressions-{model.name}-{datetime.now():%Y-%m-%d-%H%M}"
    files = {
        "Table (CSV)": (faces.to_csv(index=False).encode(), f"{stem}.csv", "text/csv"),
        "Everything (JSON)": (partial(results_json, results, model), f"{stem}.json", "application/json"),
        "Annotated pictures (zip)": (partial(annotated_zip, results), f"{stem}-annotated.zip", "application/zip"),
    }
    with st.container(horizontal=True):
        for label, (data, file_name, mime) in files.items():
            st.download_button(
                label, data, file_name=file_name, mime=mime, icon=":material/download:", on_click="ignore"
            )
