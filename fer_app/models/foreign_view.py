"""Somebody else's predictions on a page: a file comes in, is kept, and is measured like a model of our own."""

import json
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from fer_app.controls import choose, lead_to, start_button
from fer_app.job_folders import job_folder_of
from fer_app.job_view import begin_job, clear_ended_job, watch_job
from fer_app.markdown import literal
from fer_app.models.confidence_view import show_calibration
from fer_app.models.confusion_faces_view import Answers, show_mistakes
from fer_app.models.mapping_view import choose_label_map
from fer_app.models.measured_on import MeasuredOn
from fer_app.models.report_view import show_report
from fer_core.errors import FerError
from fer_core.models.foreign_evaluation import (
    PredictionsFile,
    keep_predictions_file,
    list_predictions_files,
    read_foreign_evaluation,
    remove_predictions_file,
)
from fer_core.models.foreign_predictions import predicted_classes

_TARGET = "fer_core.models.foreign_evaluation:evaluate_predictions_job"
_FILE = "file"  # URL parameter: the file that is shown, by its digest
_TAKEN = "predictions-taken"  # session state key: the upload that was kept last
_EXAMPLE = """path,p_angry,p_disgust,p_fear,p_happy,p_neutral,p_sad,p_surprise
test/happy/00001.png,0.01,0.00,0.02,0.90,0.04,0.01,0.02"""


def show_foreign(on: MeasuredOn) -> None:
    """Take files of predictions and show how good they are on the chosen pictures; the model gives the embedding."""
    st.caption("What any other program said of these very pictures, measured in the same way as a model of this app.")
    _take_upload()
    files = {file.digest: file for file in list_predictions_files()}
    if not files:
        return
    box, control = st.columns([4, 1], vertical_alignment="bottom")
    with box:
        file = files[choose("File", list(files), key=_FILE, format_func=lambda digest: files[digest].name)]
    control.button(
        "Remove", key="remove-predictions", icon=":material/delete:", on_click=remove_predictions_file, args=(file,)
    )
    try:
        _show_file(on, file)
    except FerError as error:
        st.error(_message(error, file))


def _take_upload() -> None:
    has_files = bool(list_predictions_files())
    with st.expander("Add a file of predictions", icon=":material/upload_file:", expanded=not has_files):
        st.markdown(
            "A CSV or Parquet file with one row a picture: its `path` in the dataset (or `image_id`), and `p_<class>` "
            "for each class, or one column `predicted`. The order of the rows does not matter."
        )
        st.code(_EXAMPLE, language=None, wrap_lines=True)
        upload = st.file_uploader("Predictions (CSV or Parquet)", type=["csv", "parquet"], key="predictions-upload")
        if upload is None or st.session_state.get(_TAKEN) == upload.file_id:
            return
        try:
            kept = keep_predictions_file(upload.name, upload.getvalue())
        except (FerError, OSError) as error:
            st.error(literal(str(error)))
            return
        st.session_state[_TAKEN] = upload.file_id
        lead_to(_FILE, kept.digest)
        st.rerun()


def _show_file(on: MeasuredOn, file: PredictionsFile) -> None:
    counts = on.index.select(split=on.split)["label"].value_counts().to_dict()
    class_names = predicted_classes(file.path)
    label_map: Mapping[str, str] | None = {}
    if class_names is not None:
        label_map = choose_label_map(counts, class_names, whose=file.name)
    if label_map is None:
        return
    chosen = label_map
    measured = read_foreign_evaluation(file, on.dataset, on.split, label_map=chosen, index=on.index)
    folder = _job_folder(on, file, chosen)
    if measured is None:
        status = watch_job(folder)
        if status is not None and status.is_live:
            return
        num_images = sum(number for label, number in counts.items() if chosen.get(label, label))
        label = f"Compare with {num_images:,} labels"
        if start_button(label, key="evaluate-file", icon=":material/fact_check:"):
            _start(on, file, chosen)
        return
    clear_ended_job(folder)
    report, table = measured
    if missing := report["num_missing"]:
        st.warning(
            f"{missing:,} of {missing + report['num_images']:,} pictures have no row in the file; they are left out of "
            "every figure.",
            icon=":material/rule:",
        )
    show_report(report)
    show_mistakes(Answers(on.dataset, on.package, report, table, chosen, lambda: _start(on, file, chosen)))
    show_calibration(report)


def _start(on: MeasuredOn, file: PredictionsFile, label_map: Mapping[str, str]) -> None:
    arguments = {
        "predictions": str(file.path),
        "dataset": on.dataset.name,
        "split": on.split,
        "label_map": dict(label_map),
    }
    title = f"Comparing {file.name} with {on.dataset.name} ({on.split})"
    if begin_job(_job_folder(on, file, label_map), _TARGET, arguments, title=title, keys=["evaluate-file"]):
        st.rerun()


def _job_folder(on: MeasuredOn, file: PredictionsFile, label_map: Mapping[str, str]) -> Path:
    renamed = json.dumps(dict(label_map), sort_keys=True)
    return job_folder_of("compare", file.digest, on.dataset.name, on.dataset.added_at, on.split, renamed)


def _message(error: FerError, file: PredictionsFile) -> str:
    """Say what is wrong with a file by the name that its owner gave it."""
    return literal(str(error).replace(str(file.path), file.name))
