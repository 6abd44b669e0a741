"""Does the answer change where the expression does not, on a page: flip rates, what turns into what, and examples.

The rates are part of the robustness report; a report comes in, faces that are changed before one's eyes go out.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.models.example_faces import example_faces, show_states
from fer_app.models.measured_on import MeasuredOn
from fer_core.evaluation.counterfactuals import COUNTERFACTUALS, change_faces
from fer_core.models.face_landmarks import find_landmarks

_NUM_FLIPS = 3  # kinds of flips that are told of each change
_COLUMNS = {
    "Called otherwise": st.column_config.TextColumn(help="Of the faces, with the 95 % interval (Wilson)"),
    "Right": st.column_config.NumberColumn(format="%.1f %%", help="Of the changed faces"),
    "Change": st.column_config.NumberColumn(format="%+.1f points", help="Against the same faces as they are"),
}


def show_counterfactuals(on: MeasuredOn, report: Mapping[str, Any]) -> None:
    """Show the flip rates of a robustness report.

    Args:
        on: The model and the pictures.
        report: What `measure_robustness` returns.
    """
    flips = report["counterfactuals"]
    st.header("Does it change its mind for no reason?", anchor=False)
    worst = max(flips["rows"], key=lambda row: float(row["flipped"]))
    st.markdown(
        "A mirror, other light, glasses or a mask change nothing about an expression. The answer should stay; it "
        f"changes most often with **{worst['title'].lower()}**: on {100 * worst['flipped']:.1f} % of "
        f"{report['num_images']:,} faces."
    )
    st.dataframe(
        pd.DataFrame([_row(row) for row in flips["rows"]]),
        hide_index=True, width="stretch", column_config=_COLUMNS, alt="Flip rates",
    )  # fmt: skip
    st.caption(
        "A mask hides the mouth: a change with it is no fault, but something to know. Glasses and mask are drawn; "
        f"eyes and mouth were found in {flips['num_landmarks']:,} of {report['num_images']:,} faces, in the others "
        "they lie where they mostly are."
    )
    faces, labels = example_faces(on)
    landmarks, _ = find_landmarks(faces)
    changed = [(each.title, change_faces(faces, name, landmarks)) for name, each in COUNTERFACTUALS.items()]
    show_states(on, labels, [("As it is", faces), *changed])


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    low, high = row["flipped_ci"]
    flips = [f"{flip['from']} → {flip['to']} ({flip['num_images']:,})" for flip in row["flips"][:_NUM_FLIPS]]
    return {
        "Changed": row["title"],
        "Called otherwise": f"{100 * row['flipped']:.1f} % ({100 * low:.1f}–{100 * high:.1f})",
        "Right": 100 * row["accuracy"],
        "Change": -100 * row["drop"],
        "Most often": ", ".join(flips) or "never",
    }
