"""The table of faces on the page, with the columns of `Prediction.to_frame`, as shares and whole pixels."""

import pandas as pd
import streamlit as st


def show_faces_table(faces: pd.DataFrame) -> None:
    """Show one row a face: the label first, then the probabilities, the box last."""
    shares = {
        name: st.column_config.NumberColumn(name.removeprefix("p_"), format="percent")
        for name in faces.columns
        if name.startswith("p_")
    }
    boxes = {name: st.column_config.NumberColumn(format="%.0f") for name in ("x1", "y1", "x2", "y2")}
    scores = {name: st.column_config.NumberColumn(format="percent") for name in ("detection_score", "confidence")}
    order = ["image", "face", "label", "confidence", "unsure", *shares, "detection_score", *boxes]
    st.dataframe(
        faces, hide_index=True, column_config=shares | boxes | scores, column_order=order, alt="Table of the faces"
    )


def counted(number: int, noun: str) -> str:
    """Say a number of things in bold: `**1** face`, `**1,200** faces`."""
    return f"**{number:,}** {noun}{'' if number == 1 else 's'}"
