"""Measurements in Markdown, for the model card: an evaluation, several seeds, robustness.

Reports come in as `evaluate_model` and `measure_robustness` make them, and as they lie in files; text goes out.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from fer_core.models.card_text import code, plain

Report = dict[str, Any]

# name in the report, name in the card, how it is written: a share in percent or a plain number
_FIGURES = (
    ("accuracy", "accuracy", "%"), ("balanced_accuracy", "balanced accuracy", "%"), ("macro_f1", "macro F1", "%"),
    ("top2_accuracy", "first or second guess right", "%"), ("ece", "calibration error (ECE, 15 bins)", "%"),
    ("brier", "Brier score (0-2)", ""), ("nll", "log loss (nats)", ""),
    ("aurc", "area under risk and coverage (AURC)", ""),
)  # fmt: skip
_REPEATED = ("accuracy", "macro_f1", "ece")


def describe_evaluation(report: Report) -> str:
    """Return one section: what was measured, the figures, classes, confusion and calibration."""
    views = {"one": "one view", "all": "ten views"}.get(report["views"], report["views"])
    unreadable = f"; {report['num_unreadable']:,} unreadable files are left out" if report["num_unreadable"] else ""
    renamed = ", ".join(
        f"{plain(old)} as {plain(new) or 'left out'}" for old, new in (report.get("label_map") or {}).items()
    )
    parts = [
        f"## On {plain(report.get('dataset', 'unknown'))}, split {plain(report['split'])}, {views}\n",
        f"{report['num_images']:,} images (fingerprint of the dataset {code(report['fingerprint'])}{unreadable})."
        + (f" Labels: {renamed}." if renamed else ""),
        "",
        *_figures(report),
        "",
        *_classes(report),
        "",
        *_confusion(report),
        "",
        *_calibration(report),
        "",
    ]
    return "\n".join(parts)


def describe_repeats(repeats: Mapping[str, Report]) -> str:
    """Return the section on trainings with other seeds: each run, mean and standard deviation.

    Args:
        repeats: Run -> its evaluation, all on the same data, split and views.
    """
    rows = [[plain(run), *[_share(report[name]) for name in _REPEATED]] for run, report in repeats.items()]
    if len(repeats) > 1:
        values = {name: [float(report[name]) for report in repeats.values()] for name in _REPEATED}
        rows.append(["**mean**", *[_share(statistics.mean(values[name])) for name in _REPEATED]])
        rows.append(["**standard deviation**", *[_share(statistics.stdev(values[name])) for name in _REPEATED]])
    names = {name: title for name, title, _ in _FIGURES}
    first = next(iter(repeats.values()))
    head = f"## {len(repeats)} trainings with seeds of their own\n\nOn {plain(first.get('dataset', 'the same data'))}, "
    head += f"split {plain(first['split'])}, views {first['views']}.\n"
    return "\n".join([head, *_table(["run", *[names[name] for name in _REPEATED]], rows), ""])


def describe_robustness(report: Report) -> str:
    """Return the section on damaged faces: accuracy at each strength, with the drop, and the flip rates."""
    rows = [
        [row["title"], f"{row['strength']:g} {row['unit']}", _with_interval(row, "accuracy"), _points(-row["drop"])]
        for row in report["rows"]
    ]
    head = (
        f"## Robustness on {plain(report.get('dataset', 'unknown'))}, split {plain(report['split'])}\n\n"
        f"{report['num_images']:,} faces drawn with seed {report['seed']}, views {report['views']}; undamaged "
        f"{_with_interval(report, 'accuracy')} are right.\n"
    )
    damage = _table(["damage", "strength", "right", "change in points"], rows)
    return "\n".join([head, *damage, "", *_flips(report)])


def _flips(report: Report) -> list[str]:
    """Say how often the answer changed with something that is none of the expression's; older reports lack it."""
    if not report.get("counterfactuals"):
        return []
    rows = [
        [row["title"], _with_interval(row, "flipped"), _with_interval(row, "accuracy"), _points(-row["drop"])]
        for row in report["counterfactuals"]["rows"]
    ]
    words = "With one thing changed that is none of the expression's, so many faces are called something else:"
    return [words, "", *_table(["change", "called otherwise", "right", "change in points"], rows), ""]


def _figures(report: Report) -> list[str]:
    own = report.get("without_leaks")
    columns = [report, own] if own else [report]
    rows = [["images", *[f"{each['num_images']:,}" for each in columns]]]
    for name, title, unit in _FIGURES:
        if report.get(name) is not None:
            rows.append([title, *[_with_interval(each, name, unit) for each in columns]])
    return _table(["", "all images", *(["without leaks"] if own else [])], rows)


def _classes(report: Report) -> list[str]:
    rows = [
        [
            plain(row["class_name"]),
            *[_share(row[name]) for name in ("precision", "recall", "f1")],
            f"{row['support']:,}",
        ]
        for row in report["per_class"]
    ]
    return _table(["class", "precision", "recall", "F1", "images"], rows)


def _confusion(report: Report) -> list[str]:
    rows = [
        [plain(name), *[f"{count:,}" for count in counts]]
        for name, counts in zip(report["class_names"], report["confusion"], strict=True)
    ]
    words = "Confusion: rows are true classes, columns are what it said."
    return [words, "", *_table(["", *map(plain, report["class_names"])], rows)]


def _calibration(report: Report) -> list[str]:
    if not report.get("reliability"):
        return []
    rows = [
        [_range(row), _share(row["confidence"]), _share(row["accuracy"]), f"{row['num_images']:,}"]
        for row in report["reliability"]
        if row["num_images"]
    ]
    threshold = report["unsure_threshold"]
    place = min(report["risk_coverage"], key=lambda point: abs(point[0] - threshold))
    return [
        "Calibration: how confident it is, and how often it is right.",
        "",
        *_table(["confidence", "mean confidence", "right", "images"], rows),
        "",
        f'"Unsure" below a confidence of {_share(threshold)}: it answers {_share(place[1])} of the images, and '
        f"{_share(place[2])} of those answers are right.",
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [f"| {' | '.join(head)} |", f"|---{'|--:' * (len(head) - 1)}|", *lines]


def _with_interval(figures: Mapping[str, Any], name: str, unit: str = "%") -> str:
    value = figures[name]
    if unit != "%":
        return f"{value:.3f}"
    interval = figures.get(f"{name}_ci")
    return _share(value) + (f" ({100 * interval[0]:.1f}-{100 * interval[1]:.1f})" if interval else "")


def _range(row: Mapping[str, Any]) -> str:
    return f"{100 * row['low']:.0f}-{100 * row['high']:.0f} %"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _points(value: float) -> str:
    return f"{100 * value:+.1f}"
