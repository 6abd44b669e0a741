"""What a model card says of groups of people: what was measured of them, or that nothing was.

Reports come in as `evaluate_model` makes them, and as they lie in files; one section of Markdown goes out.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fer_core.evaluation.group_words import NOT_MEASURED, gap_sentences
from fer_core.models.card_text import plain

_HEADING = "## Groups of people"


def describe_groups(reports: Sequence[Mapping[str, Any]]) -> str:
    """Return the section on groups: figures for each group of each measured split, or that none was measured.

    Args:
        reports: What `evaluate_model` returned, with `dataset`; other kinds of reports are passed over.
    """
    measured = [report for report in reports if report.get("groups")]
    if not measured:
        return f"{_HEADING}\n\n{NOT_MEASURED}\n"
    said = "As the user's own metadata says; never inferred from a face. Groups of few faces have no figures."
    return "\n".join([_HEADING, "", said, "", *(line for report in measured for line in _lines(report))])


def _lines(report: Mapping[str, Any]) -> list[str]:
    groups = report["groups"]
    views = {"one": "one view", "all": "ten views"}.get(report["views"], report["views"])
    rows = [
        f"| {plain(row['column'])} | {plain(row['group'])} | {row['num_images']:,} | {_accuracy(row)} | {_ece(row)} |"
        for row in groups["rows"]
    ]
    return [
        f"On {plain(report.get('dataset', 'unknown'))}, split {plain(report['split'])}, {views}:",
        "",
        *(f"- {plain(sentence)}" for sentence in gap_sentences(groups)),
        "",
        "| of | group | faces | right | calibration error |",
        "|---|---|--:|--:|--:|",
        *rows,
        "",
    ]


def _accuracy(row: Mapping[str, Any]) -> str:
    if row["accuracy"] is None:
        return "too few faces"
    low, high = row["accuracy_ci"]
    return f"{100 * row['accuracy']:.1f} % ({100 * low:.1f}-{100 * high:.1f})"


def _ece(row: Mapping[str, Any]) -> str:
    return "" if row["ece"] is None else f"{100 * row['ece']:.1f} %"
