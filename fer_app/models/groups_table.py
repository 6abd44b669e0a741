"""Figures by group as tables of a page: each share with its interval and the number it is of.

Rows of `fer_core.evaluation.groups.group_table` come in; a group of too few faces keeps its line without figures.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

_TOO_FEW = "too few"

Rows = Sequence[Mapping[str, Any]]


def show_group_table(rows: Rows) -> None:
    """Show faces, accuracy and calibration of each group."""
    table = pd.DataFrame(
        {
            "Group": row["group"],
            "Faces": row["num_images"],
            "Right": _with_interval(row["accuracy"], row["accuracy_ci"]),
            "Calibration error": _TOO_FEW if row["accuracy"] is None else _share(row["ece"]),
        }
        for row in rows
    )
    config = {
        "Faces": st.column_config.NumberColumn(format="localized"),
        "Right": st.column_config.TextColumn(help="With the 95 % interval (Wilson)"),
        "Calibration error": st.column_config.TextColumn(help="ECE, 15 bins; of few faces it comes out too high"),
    }
    st.dataframe(table, hide_index=True, width="stretch", column_config=config, alt="Figures for each group")


def class_table(rows: Rows, class_names: Sequence[str], figure: str) -> pd.DataFrame:
    """Return one line a group and one column a class.

    Args:
        rows: The groups.
        class_names: The model's classes.
        figure: `recall` or `false_alarm_rate`.
    """
    return pd.DataFrame(
        {"Group": row["group"]}
        | {
            name: _TOO_FEW
            if row[figure] is None
            else _with_interval(row[figure][name], row[f"{figure}_ci"][name], _number_of(row, name, figure))
            for name in class_names
        }
        for row in rows
    )


def group_names(rows: Rows) -> list[str]:
    """Return the groups, those with the lowest accuracy first, then those without figures."""
    ordered = sorted(rows, key=lambda row: 2.0 if row["accuracy"] is None else row["accuracy"])
    return [row["group"] for row in ordered]


def _number_of(row: Mapping[str, Any], name: str, figure: str) -> int:
    own = int(row["support"][name])
    return own if figure == "recall" else int(row["num_images"]) - own


def _with_interval(share: float | None, interval: Sequence[float] | None, number: int | None = None) -> str:
    if share is None or interval is None:
        return _TOO_FEW if number is None else "no face"
    of = "" if number is None else f" of {number:,}"
    return f"{_share(share)}{of} ({100 * interval[0]:.1f}–{100 * interval[1]:.1f})"


def _share(share: float | None) -> str:
    return "not known" if share is None else f"{100 * share:.1f} %"
