"""The faces behind a number of the confusion matrix, the most confident mistakes first, with corrections in place.

Everything is one fragment: a relabelled face has this part run again and nothing else of the page, and keeps its place
until the split is measured again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.dataset.map_data import points_of
from fer_app.dataset.map_selection import show_neighbours
from fer_app.dataset.picture_grid import show_picture_grid
from fer_app.dataset.reading_view import show_reading
from fer_app.loaders import view_of
from fer_app.markdown import literal
from fer_app.models.confusion_view import show_confusion
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.evaluation.mistakes import ANOTHER, ANY, Cell, pictures_of
from fer_core.models import ModelPackage
from fer_core.models.earlier_evaluation import num_corrected

_GRID = "confusion-grid"
_NEAR = "confusion-near"  # session state key: dataset and id of the face whose neighbours are shown
_ASKED = "confusion-asked"  # session state key: the cell whose faces were shown last


@dataclass(frozen=True)
class Answers:
    """What was said of a split, by a model or in a file.

    Args:
        dataset: Where the pictures come from.
        package: The model whose embedding says what looks alike.
        report: What `report_on` returned.
        table: The `predictions_table` that belongs to it.
        label_map: As for `score_model`.
        measure_again: Starts the measurement with the labels of now.
    """

    dataset: Dataset
    package: ModelPackage
    report: Mapping[str, Any]
    table: pd.DataFrame
    label_map: Mapping[str, str]
    measure_again: Callable[[], None]


@st.fragment
def show_mistakes(answers: Answers) -> None:
    """Show classes, confusion matrix and the faces of the cell that is chosen."""
    cell = show_confusion(answers.report)
    view = view_of(answers.dataset)
    rows = pictures_of(cell, answers.table)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_sentence(cell, rows, answers.table, answers.report["nll"] is not None), width="content")
        _offer_measuring(answers, view)
    if rows.empty:
        st.info("No image is in this cell. Click another one.", icon=":material/check:")
        return
    _show_grid(answers, view, cell, rows)
    _show_neighbours(answers, view)


def _offer_measuring(answers: Answers, view: DatasetIndex) -> None:
    """Offer to measure with the corrected labels; always there, so that the grid stays where it is."""
    changed = num_corrected(answers.table, view, answers.label_map)
    if st.button(
        f"{changed:,} corrected" if changed else "None corrected",
        key="measure-again",
        icon=":material/refresh:",
        type="tertiary",
        disabled=not changed,
        help="Measure again with the corrected labels; the faces keep their place until then",
    ):
        answers.measure_again()


def _show_grid(answers: Answers, view: DatasetIndex, cell: Cell, rows: pd.DataFrame) -> None:
    asked = (answers.dataset.name, str(answers.report["split"]), cell)
    if st.session_state.get(_ASKED) != asked:
        st.session_state[_ASKED] = asked
        st.session_state.pop(f"{_GRID}-page", None)
    notes = rows["predicted"].tolist()
    if answers.report["nll"] is not None:
        notes = [f"{name} {share:.2f}" for name, share in zip(notes, rows["confidence"], strict=True)]
    show_picture_grid(
        answers.dataset,
        view,
        rows["image_id"].to_numpy("int64"),
        key=_GRID,
        title="Images of the chosen cell",
        notes=notes,
        on_open=lambda image_id: st.session_state.update({_NEAR: (answers.dataset.name, image_id)}),
    )
    st.caption(
        "Below each face what it was called, and how confidently. Keys and corrections work as in Browse; open a face "
        "to see what lies nearest to it in the embedding."
    )


def _show_neighbours(answers: Answers, view: DatasetIndex) -> None:
    name, chosen = st.session_state.get(_NEAR, ("", -1))
    if name != answers.dataset.name or chosen >= len(view.table):
        return
    if not show_reading(answers.package, answers.dataset):
        return
    points = points_of(answers.dataset, answers.package, view.table["image_id"].to_numpy("int64"))
    if points is not None and chosen in points.image_ids:
        show_neighbours(answers.dataset, view, chosen, points, key="confusion-neighbours", chosen_key=_NEAR)


def _sentence(cell: Cell, rows: pd.DataFrame, table: pd.DataFrame, is_ordered: bool) -> str:
    """Say in words which images these are, and of how many."""
    number, order = f"**{len(rows):,}**", ", the most confident first" if is_ordered and len(rows) > 1 else ""
    true, predicted = literal(cell.true), literal(cell.predicted)
    of_class = int((table["label"] == cell.true).sum())
    called = int((table["predicted"] == cell.predicted).sum())
    has_true, has_predicted = cell.true not in (ANY, ANOTHER), cell.predicted not in (ANY, ANOTHER)
    if has_true and has_predicted:
        return f"{number} of {of_class:,} images of **{true}** are called **{predicted}**{order}."
    if has_true:
        words = "are missed: called something else" if cell.predicted == ANOTHER else "are shown"
        return f"{number} of {of_class:,} images of **{true}** {words}{order}."
    if has_predicted:
        words = "are false alarms" if cell.true == ANOTHER else "are shown"
        return f"{number} of {called:,} images called **{predicted}** {words}{order}."
    words = "are named wrongly" if ANOTHER in (cell.true, cell.predicted) else "are shown"
    return f"{number} of {len(table):,} images {words}{order}."
