"""The confusion matrix and the classes on a page: a click on a number chooses the pictures behind it.

A report comes in, the chosen cell goes out; it stands in the URL and in two boxes, which serve whoever does not click.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from streamlit.components.v2 import component

from fer_app.controls import choose, lead_to
from fer_core.charts import confusion_figure
from fer_core.evaluation.mistakes import ANOTHER, ANY, Cell, false_alarms, missed

_TRUE, _PREDICTED = "true", "predicted"  # URL parameters and session state keys
_FIGURE, _CLASSES = "confusion-figure", "confusion-classes"
_NORMALIZE = {"Counts": None, "By row": "true", "By column": "pred"}
_MISSED, _FALSE_ALARMS = "Missed", "False"
_SHOWN_AS = {
    "Class": (64, None, None),
    "Precision": (66, "%.1f %%", "Of the images called this class, how many are"),
    "Recall": (54, "%.1f %%", "Of the images of this class, how many are called so"),
    "F1": (54, "%.1f %%", "Harmonic mean of precision and recall"),
    "Images": (52, "localized", "Images of this class"),
    _MISSED: (52, "localized", "Images of this class that are called otherwise"),
    _FALSE_ALARMS: (50, "localized", "Images of other classes that are called so"),
}  # width in pixels, format, tooltip
_COLUMNS = {
    name: st.column_config.NumberColumn(width=width, format=format_, help=help_)
    if format_
    else st.column_config.TextColumn(width=width)
    for name, (width, format_, help_) in _SHOWN_AS.items()
}

_mount_tap = component(
    "fer_confusion_tap",
    js=Path(__file__).with_name("confusion_tap.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def show_confusion(report: Mapping[str, Any]) -> Cell:
    """Show classes and confusion matrix of what `classification_report` returns; return the cell that is chosen."""
    names = list(report["class_names"])
    classes, confusion = st.columns(2, gap="small")
    with classes:
        st.markdown("**Classes**")
        st.dataframe(
            _class_table(report),
            key=_CLASSES,
            hide_index=True,
            width="stretch",
            column_config=_COLUMNS,
            on_select=lambda: _take_class(names),
            selection_mode="single-cell",
            alt="Figures for each class",
        )
        st.caption(
            "A click on a number shows its images below: recall and missed (of this class, called otherwise), "
            "precision and false (of another class, called so)."
        )
    with confusion:  # the boxes below come first in the run: the frame is drawn around what they say
        drawn = st.container()
    true, predicted = st.columns(2)
    with true:
        chosen_true = choose("True class", [ANY, ANOTHER, *names], key=_TRUE, format_func=_said("predicted"))
    with predicted:
        chosen_predicted = choose(
            "Predicted class",
            [ANY, ANOTHER, *names],
            key=_PREDICTED,
            default=ANOTHER,
            format_func=_said("true"),
        )
    cell = Cell(chosen_true, chosen_predicted)
    with drawn:
        _show_figure(report, names, cell)
    return cell


def _said(other: str) -> Any:
    words = {ANY: "any class", ANOTHER: f"another than the {other} one"}
    return lambda name: words.get(name, name)


def _show_figure(report: Mapping[str, Any], names: Sequence[str], cell: Cell) -> None:
    st.markdown("**Confusion matrix**")
    normalize = st.segmented_control(
        "Cells show", list(_NORMALIZE), default="Counts", required=True, key="confusion", label_visibility="collapsed"
    )
    true, predicted = (name if name in names else None for name in (cell.true, cell.predicted))
    st.plotly_chart(
        confusion_figure(report, _NORMALIZE.get(normalize or "Counts"), marked=(true, predicted)),
        key=_FIGURE,
        config={"displayModeBar": False},
        on_select=lambda: _take_cell(names),
        selection_mode="points",
        alt="Confusion matrix: true classes as rows, predicted classes as columns",
    )
    words = {"By row": "true", "By column": "predicted"}.get(normalize or "")
    share = f"Share of each {words} class, with the number of images below. " if words else ""
    _mount_tap(key="confusion-tap")
    st.caption(f"{share}Click a cell to see its images below.")


def _class_table(report: Mapping[str, Any]) -> pd.DataFrame:
    confusion = report["confusion"]
    return pd.DataFrame(
        {
            "Class": row["class_name"],
            "Precision": 100 * row["precision"],
            "Recall": 100 * row["recall"],
            "F1": 100 * row["f1"],
            "Images": row["support"],
            _MISSED: row["support"] - confusion[number][number],
            _FALSE_ALARMS: sum(true[number] for true in confusion) - confusion[number][number],
        }
        for number, row in enumerate(report["per_class"])
    )


def _take_cell(names: Sequence[str]) -> None:
    """Choose the cell that was clicked; a second click on it takes the mark away and changes nothing."""
    points = st.session_state[_FIGURE]["selection"]["points"]
    if points and points[0].get("x") in names and points[0].get("y") in names:
        _choose(Cell(str(points[0]["y"]), str(points[0]["x"])))


def _take_class(names: Sequence[str]) -> None:
    for row, column in st.session_state[_CLASSES]["selection"]["cells"]:
        name = names[row]
        cells = {
            "Precision": false_alarms(name),
            _FALSE_ALARMS: false_alarms(name),
            "Recall": missed(name),
            _MISSED: missed(name),
        }
        _choose(cells.get(column, Cell(name, ANY)))


def _choose(cell: Cell) -> None:
    lead_to(_TRUE, cell.true)
    lead_to(_PREDICTED, cell.predicted)
