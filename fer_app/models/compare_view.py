"""Several models on the same pictures, on a page: their figures, paired tests, and the faces on which they disagree.

The models that are compared with the chosen one stand in the URL (`?with=a,b`), as its dataset and split do.
"""

import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from fer_app.dataset.picture_grid import show_picture_grid
from fer_app.markdown import literal
from fer_app.models.measured_on import MeasuredOn
from fer_app.models.measuring import are_measured, ask_label_map
from fer_core.evaluation.group_gaps import SIGNIFICANT
from fer_core.models import ModelPackage, list_models
from fer_core.models.model_comparison import MAX_MODELS, Comparison, compare_models

_WITH = "with"  # URL parameter: names with commas between them, as one line of a CSV file
_ALL, _NOBODY = "All of them", "Nobody is right"
_PERCENT = {"Macro-F1", "Balanced", "Without leaks", "Calibration error"}
_COLUMNS = {name: st.column_config.NumberColumn(format="%.1f %%") for name in _PERCENT} | {
    "Right": st.column_config.TextColumn(help="Of all images, with the 95 % interval (Wilson)"),
    "Calibration error": st.column_config.NumberColumn(format="%.1f %%", help="ECE, 15 bins"),
    "Size": st.column_config.NumberColumn(format="%.1f MB", help="Of model.tflite, the file that predicts"),
    "Parameters": st.column_config.NumberColumn(format="localized"),
}
_PAIR_COLUMNS = {
    "Difference": st.column_config.NumberColumn(format="%+.1f points", help="Accuracy of the second minus the first's"),
    "p": st.column_config.TextColumn(help="Exact McNemar test, corrected for the number of pairs (Holm)"),
}


def show_comparison(on: MeasuredOn) -> None:
    """Show the chosen model beside others, or the way to measuring them."""
    packages = [on.package, *_choose_others(on.package)]
    if len(packages) == 1:
        st.info("Choose at least one more model.", icon=":material/compare_arrows:")
        return
    label_map = ask_label_map(packages, on)
    if label_map is None or not are_measured(packages, on, label_map=label_map):
        return
    comparison = compare_models(packages, on.dataset, on.split, views=on.views, label_map=label_map, index=on.index)
    if comparison is None:  # something was changed a moment ago
        st.rerun()
    _warn_of_learned_images(packages, on)
    st.dataframe(
        pd.DataFrame([_row(row) for row in comparison.report["models"]]),
        hide_index=True, width="stretch", column_config=_COLUMNS, alt="Figures of each model",
    )  # fmt: skip
    _show_pairs(comparison.report)
    _show_disputed(on, comparison)


def _choose_others(package: ModelPackage) -> list[ModelPackage]:
    others = {model.name: model for model in list_models() if model.name != package.name}
    in_url = [name for name in names_in_url(st.query_params.get(_WITH, "")) if name in others][: MAX_MODELS - 1]
    if "compare-with" not in st.session_state or not set(st.session_state["compare-with"]) <= set(others):
        st.session_state["compare-with"] = in_url
    chosen: list[str] = st.multiselect(
        f"Compare {literal(package.name)} with",
        list(others),
        key="compare-with",
        max_selections=MAX_MODELS - 1,
        placeholder="Choose one to five models",
    )
    if chosen != in_url:
        st.query_params[_WITH] = names_for_url(chosen)
    return [others[name] for name in chosen]


def names_in_url(text: str) -> list[str]:
    """Return the names that `names_for_url` wrote; none of a text that nobody could have written."""
    try:
        return next(csv.reader(text.splitlines()), [])
    except csv.Error:
        return []


def names_for_url(names: Sequence[str]) -> str:
    """Return names with commas between them; one that has a comma itself stands in quotation marks."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def _warn_of_learned_images(packages: Sequence[ModelPackage], on: MeasuredOn) -> None:
    """Name the models that learned from these very pictures: they cannot be compared fairly with the others."""
    learned = [
        literal(package.name)
        for package in packages[1:]
        if on.split == "train"
        and (
            package.info.training_data["dataset"] == on.dataset.name
            or package.info.training_data["fingerprint"] == on.index.fingerprint
        )
    ]
    if learned:
        st.warning(f"{', '.join(learned)} learned from these images too.", icon=":material/warning:")


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    low, high = row["accuracy_ci"]
    own = row["accuracy_without_leaks"]
    return {
        "Model": row["model"],
        "Right": f"{100 * row['accuracy']:.1f} % ({100 * low:.1f}–{100 * high:.1f})",
        **({} if own is None else {"Without leaks": 100 * own}),
        "Macro-F1": 100 * row["macro_f1"],
        "Balanced": 100 * row["balanced_accuracy"],
        "Calibration error": 100 * row["ece"],
        "Size": row["num_bytes"] / 1e6,
        "Parameters": row["num_parameters"],
    }


def _show_pairs(report: Mapping[str, Any]) -> None:
    st.markdown("**Is the difference more than chance?**")
    table = pd.DataFrame(
        {
            "First": pair["first"],
            "Second": pair["second"],
            "In words": _verdict(pair),
            "Only first right": pair["only_first"],
            "Only second right": pair["only_second"],
            "Difference": 100 * pair["difference"],
            "p": "< 0.001" if pair["adjusted_p_value"] < 0.001 else f"{pair['adjusted_p_value']:.3f}",
        }
        for pair in report["pairs"]
    )
    st.dataframe(table, hide_index=True, width="stretch", column_config=_PAIR_COLUMNS, alt="Paired tests")
    st.caption(_counted(report["num_tested"], report["num_images"]))


def _counted(num_tested: int | None, num_images: int) -> str:
    if num_tested is None:
        return f"All {num_images:,} faces count as independent: nobody has looked for duplicates in this dataset."
    return f"Counted on {num_tested:,} of {num_images:,} faces: one of each set of duplicates."


def _verdict(pair: Mapping[str, Any]) -> str:
    if pair["adjusted_p_value"] >= SIGNIFICANT:
        return "may be chance"
    return f"{pair['second'] if pair['difference'] > 0 else pair['first']} is better"


def _show_disputed(on: MeasuredOn, comparison: Comparison) -> None:
    rows, answers = comparison.disputed, comparison.answers
    num_images = comparison.report["num_images"]
    st.markdown(f"**They disagree on {len(rows):,} of {num_images:,} faces** ({100 * len(rows) / num_images:.1f} %).")
    if not len(rows):
        return
    right = answers.iloc[rows].eq(comparison.pictures["label"].iloc[rows], axis=0)
    wanted = _wanted(right)
    if not wanted.any():
        st.caption("No face of this kind.")
        return
    shown = np.random.default_rng(0).permutation(rows[wanted])  # else all faces of one class come first
    order = f", {literal(' / '.join(answers))}" if len(answers.columns) == 2 else " and by how many"
    st.caption(f"{len(shown):,} faces. Below each what was said{order}.")
    show_picture_grid(
        on.dataset,
        on.index,
        comparison.pictures["image_id"].to_numpy("int64")[shown],
        key="compare-grid",
        title="Faces on which the models disagree",
        notes=[_note(said) for said in answers.iloc[shown].to_numpy().tolist()],
    )


def _wanted(right: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Let the person choose whose right answers to look at; returns (m,) which of the disputed faces."""
    alone = {f"Only {name} is right": name for name in right}
    choice = st.selectbox("Faces", [_ALL, *alone, _NOBODY], key="compare-faces")
    number_right = right.sum(axis=1).to_numpy()
    if choice in alone:
        return np.asarray(right[alone[choice]].to_numpy() & (number_right == 1))
    return number_right == 0 if choice == _NOBODY else np.ones(len(right), bool)


def _note(said: Sequence[str]) -> str:
    if len(said) == 2:
        return " / ".join(said)
    return ", ".join(f"{name} {number}" for name, number in Counter(said).most_common())
