"""For whom a model works how well, on a page: gaps in words, figures by group, and the mistakes behind them.

Groups are what the user says about the pictures, in the dataset's own metadata or in a CSV uploaded here; without
either, the page says that nothing is measured, and how it can be.
"""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.dataset.picture_grid import show_picture_grid
from fer_app.markdown import literal
from fer_app.models.groups_table import class_table, group_names, show_group_table
from fer_app.models.measured_on import MeasuredOn
from fer_app.models.measuring import are_measured, ask_label_map
from fer_core.charts.groups import groups_figure
from fer_core.dataset import DatasetIndex
from fer_core.dataset.browse import group_columns
from fer_core.errors import FerError
from fer_core.evaluation.group_gaps import SIGNIFICANT
from fer_core.evaluation.group_words import gap_sentences
from fer_core.evaluation.mistakes import Cell, pictures_of
from fer_core.models.assessment import read_cached_predictions
from fer_core.models.group_metadata import groups_of_predictions, members, metadata_digest, with_metadata

_MAX_UPLOAD = 50  # MB; a line of text for each of a million pictures
_EXAMPLE = "path,age,glasses\ntest/happy/0001.png,20-29,no\ntest/sad/0002.png,60+,yes\n"


def show_groups(on: MeasuredOn) -> None:
    """Show figures by group, or how to measure them."""
    st.caption("Groups are only what you say about the pictures. Nothing about a person is ever read from a face.")
    index = _with_upload(on.index)
    columns = group_columns(index)
    if not columns:
        st.info("**Not measured.** Nothing is said about the people in these pictures.", icon=":material/groups:")
        _explain_metadata(on)
        return
    label_map = ask_label_map([on.package], on)
    if label_map is None or not are_measured([on.package], on, label_map=label_map):
        return
    table = read_cached_predictions(on.package, on.dataset, on.split, on.views, label_map=label_map, index=on.index)
    if table is not None:
        asked = (on.package.answers_digest(), str(on.split), on.views, metadata_digest(index), _digest_of(table))
        groups = _groups(asked, table, index, on.package.info.class_names)
        if groups is None:
            st.info("**Not measured.** The metadata says nothing about these pictures.", icon=":material/groups:")
            return
        _show_report(on, index, table, groups)


@st.cache_data(max_entries=16, show_spinner="Counting")
def _groups(
    asked: tuple[str, ...], _table: pd.DataFrame, _index: DatasetIndex, _class_names: Sequence[str]
) -> dict[str, Any] | None:
    return groups_of_predictions(_table, _index, _class_names)


def _digest_of(table: pd.DataFrame) -> str:
    return hashlib.sha256(pd.util.hash_pandas_object(table[["image_id", "label"]]).to_numpy().tobytes()).hexdigest()


def _with_upload(index: DatasetIndex) -> DatasetIndex:
    """Return the index with the columns of an uploaded CSV, where there is one that fits."""
    own = group_columns(index)
    with st.expander("Groups from a CSV", icon=":material/upload_file:", expanded=not own):
        upload = st.file_uploader(
            "CSV with a column path and columns of groups",
            type=["csv"],
            key="groups-upload",
            max_upload_size=_MAX_UPLOAD,
            help="The path as Browse shows it, or the file's name where it is unique. Used here and not kept.",
        )
        st.code(_EXAMPLE, language=None, wrap_lines=True)
        if upload is None:
            return index
        notes: list[str] = []
        try:
            with tempfile.TemporaryDirectory() as folder:
                file = Path(folder) / "groups.csv"
                file.write_bytes(upload.getvalue())
                joined = with_metadata(index, file, on_note=notes.append)
        except FerError as error:
            st.error(literal(str(error).replace("groups.csv", upload.name)))
            return index
        for note in notes:
            st.caption(literal(note.replace("groups.csv", upload.name)))
        return joined


def _explain_metadata(on: MeasuredOn) -> None:
    st.markdown(
        "Upload a CSV above to measure them now. To have groups in every measurement, in the model card and as a "
        "filter in Browse, add the dataset once more with that file as its metadata."
    )
    st.page_link("../pages/dataset.py", label="Add a dataset with metadata", icon=":material/arrow_forward:")
    command = f"python -m fer_core models evaluate {on.package.name} --dataset {on.dataset.name} --split {on.split}"
    st.code(f"{command} --metadata people.csv --json figures.json", language=None, wrap_lines=True)


def _show_report(on: MeasuredOn, index: DatasetIndex, table: pd.DataFrame, groups: Mapping[str, Any]) -> None:
    accuracy = float((table["label"] == table["predicted"]).mean())
    _show_gaps(groups)
    columns = list(dict.fromkeys(row["column"] for row in groups["rows"]))
    if not columns:
        return
    column = st.selectbox("Groups by", columns, key="groups-column")
    rows = [row for row in groups["rows"] if row["column"] == column]
    small = [row for row in rows if row["accuracy"] is None]
    if len(small) < len(rows):
        st.plotly_chart(
            groups_figure(rows, accuracy),
            key="groups-figure",
            config={"displayModeBar": False},
            alt="Share of right answers in each group with its interval",
        )
    show_group_table(rows)
    if small:
        st.caption(f"{len(small)} of {len(rows)} groups have fewer than {groups['min_faces']} faces and no figures.")
    _show_classes(rows, on.package.info.class_names)
    _show_mistakes(on, index, table, column, group_names(rows))


def _show_gaps(groups: Mapping[str, Any]) -> None:
    """Say what is more than chance; what may be chance is folded away."""
    sentences = gap_sentences(groups)  # the gaps first, in the order of their p-values
    num_told = sum(gap["p_value"] < SIGNIFICANT for gap in groups["gaps"])
    if not groups["gaps"]:
        num_told = 1  # that there is nothing to compare
    elif not num_told:
        st.markdown("**No gap between two groups is more than chance.** That does not prove that there is none.")
    if num_told:
        st.markdown(_bullets(sentences[:num_told]))
    if sentences[num_told:]:
        with st.expander("Other gaps and columns", icon=":material/compare_arrows:"):
            st.markdown(_bullets(sentences[num_told:]))


def _bullets(sentences: Sequence[str]) -> str:
    return "\n".join(f"- {literal(sentence)}" for sentence in sentences)


def _show_classes(rows: Sequence[Mapping[str, Any]], class_names: Sequence[str]) -> None:
    with st.expander("Recall and false alarms of each expression", icon=":material/table:"):
        for figure, words in (
            ("recall", "**Recall**: of the faces of this expression, how many are called so"),
            ("false_alarm_rate", "**False alarms**: of the faces of other expressions, how many are called so"),
        ):
            st.markdown(f"{words} (95 % interval).")
            st.dataframe(class_table(rows, class_names, figure), hide_index=True, width="stretch", alt=words)


def _show_mistakes(on: MeasuredOn, index: DatasetIndex, table: pd.DataFrame, column: str, names: Sequence[str]) -> None:
    st.markdown("**The mistakes**")
    name = st.selectbox("Of the group", names, key="groups-group")
    inside = members(index, table["image_id"].to_numpy("int64"), column, name)
    wrong = pictures_of(Cell(), table[inside])
    st.caption(f"{len(wrong):,} of {int(inside.sum()):,} faces are named wrongly, the most confident mistake first.")
    if not wrong.empty:
        show_picture_grid(
            on.dataset,
            on.index,
            wrong["image_id"].to_numpy("int64"),
            key=f"groups-grid-{column}-{name}",
            title=f"Mistakes on {name}",
            notes=[f"{said} {share:.2f}" for said, share in zip(wrong["predicted"], wrong["confidence"], strict=True)],
        )
