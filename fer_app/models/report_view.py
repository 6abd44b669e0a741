"""The main figures of a report on a page: accuracy, macro-F1 and balanced accuracy, with denominators and intervals."""

from collections.abc import Mapping
from typing import Any

import streamlit as st


def show_report(report: Mapping[str, Any]) -> None:
    """Show what `classification_report` returns."""
    num_correct = sum(row[number] for number, row in enumerate(report["confusion"]))
    num_occurring = sum(row["support"] > 0 for row in report["per_class"])
    accuracy, macro_f1, balanced = st.columns(3)
    accuracy.metric("Accuracy", f"{100 * report['accuracy']:.1f} %")
    accuracy.caption(
        f"{num_correct:,} of {report['num_images']:,} images are named correctly{_interval(report, 'accuracy')}."
    )
    macro_f1.metric("Macro-F1", f"{100 * report['macro_f1']:.1f} %")
    macro_f1.caption(
        f"Mean of the F1 of {num_occurring} classes, each counting the same{_interval(report, 'macro_f1')}."
    )
    balanced.metric("Balanced accuracy", f"{100 * report['balanced_accuracy']:.1f} %")
    balanced.caption(_second_guess(report))
    _show_without_leaks(report)
    if report.get("num_unreadable"):
        st.caption(f"{report['num_unreadable']:,} unreadable files are left out.")


def _interval(report: Mapping[str, Any], figure: str) -> str:
    low, high = report[f"{figure}_ci"]
    return f"; 95 % interval {100 * low:.1f}–{100 * high:.1f} %"


def _second_guess(report: Mapping[str, Any]) -> str:
    words = "Mean of the recall of the classes."
    if report["top2_accuracy"] is None:
        return words
    return f"{words} First or second guess right: {100 * report['top2_accuracy']:.1f} %."


def _show_without_leaks(report: Mapping[str, Any]) -> None:
    """Show the same figures of the images that recur in no other split, beside those of all."""
    own = report.get("without_leaks")
    if own is None:
        return
    num_leaked = report["num_images"] - own["num_images"]
    accuracy, macro_f1, balanced = st.columns(3)
    columns = {"accuracy": accuracy, "macro_f1": macro_f1, "balanced_accuracy": balanced}
    labels = {"accuracy": "Accuracy", "macro_f1": "Macro-F1", "balanced_accuracy": "Balanced accuracy"}
    for key, column in columns.items():
        label = labels[key]
        change = 100 * (own[key] - report[key])
        column.metric(f"{label} without leaks", f"{100 * own[key]:.1f} %", f"{change:+.1f} points", delta_color="off")
    accuracy.caption(
        f"{own['num_images']:,} images; {num_leaked:,} of {report['num_images']:,} recur in another split and are left "
        f"out{_interval(own, 'accuracy')}."
    )
    macro_f1.caption(f"{_interval(own, 'macro_f1').removeprefix('; ').capitalize()}, duplicates drawn together.")
