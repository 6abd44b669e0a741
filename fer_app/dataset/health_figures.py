"""The figures of a health report: split against split, class counts, average faces, and classes that look alike."""

import pandas as pd
import streamlit as st

from fer_app.dataset.thumbnail import thumbnail
from fer_app.markdown import literal
from fer_core.charts import class_counts_figure, format_shares_figure, split_histogram_figure, told_apart_figure
from fer_core.dataset.audit import AuditReport
from fer_core.dataset.audit.split_measures import MEASURES

_FACE_SIDE = 84  # pixels on the page
_MARKS = {
    "problem": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "notice": ":blue[:material/info:]",
    "fine": ":green[:material/check_circle:]",
}
_NO_BAR = {"displayModeBar": False}

# Making them takes Plotly half of the page's time, and a report changes only when it is made anew.
_keep = st.cache_resource(max_entries=64, show_spinner=False)
_class_counts, _format_shares = _keep(class_counts_figure), _keep(format_shares_figure)
_split_histogram, _told_apart = _keep(split_histogram_figure), _keep(told_apart_figure)


def show_split_figures(report: AuditReport) -> None:
    """Show each measure's distribution in each split with its verdict; nothing where there is one split."""
    comparison = report.split_comparison
    if comparison.empty:
        return
    st.header("Split against split", anchor=False)
    st.caption(
        "A verdict goes by the largest gap between two distributions: alike below 8 % of the images, slightly other "
        "below 20 %, clearly below 31 %, then much (Cohen's small, medium and large effect)."
    )
    names = [*(name for name in MEASURES if name in set(comparison["measure"])), "format"]
    for start in range(0, len(names), 2):  # row by row, so that a narrow screen keeps the order
        for column, name in zip(st.columns(2, gap="medium"), names[start : start + 2], strict=False):
            with column:
                _show_measure(report, name)


def _show_measure(report: AuditReport, name: str) -> None:
    is_format = name == "format"
    title = "File format" if is_format else MEASURES[name].title
    st.markdown(f"**{title}**")
    for row in report.split_comparison[report.split_comparison["measure"] == name].itertuples():
        st.caption(f"{_MARKS[row.severity]} {literal(row.verdict)} Gap: {100 * row.distance:.0f} % of the images.")
    if is_format:
        figure = _format_shares(report.formats)
    else:
        histogram = report.histograms[report.histograms["measure"] == name]
        figure = _split_histogram(histogram, MEASURES[name].unit)
    st.plotly_chart(figure, key=f"split-{name}", config=_NO_BAR, alt=f"{title} of the images in each split")


def show_class_figures(report: AuditReport) -> None:
    """Show class counts, average faces, and which classes look alike."""
    show_class_counts(report.class_counts)
    _show_average_faces(report)
    _show_told_apart(report.told_apart)


def show_class_counts(counts: pd.DataFrame) -> None:
    """Show how many images each class has in each split.

    Args:
        counts: Number of images, one row a class, one column a split.
    """
    st.header("Images per class", anchor=False)
    st.plotly_chart(
        _class_counts(counts),
        key="class-counts",
        config=_NO_BAR,
        alt="Bar chart of the number of images per class for each split",
    )


def _show_average_faces(report: AuditReport) -> None:
    averages = report.averages
    st.header("Average faces", anchor=False)
    st.caption("The mean of all images of a class. A split whose average looks different was cropped or lit otherwise.")
    parts = averages.parts[1:] if len(averages.parts) == 2 else averages.parts
    for part in parts:
        number = averages.parts.index(part)
        shown = [place for place in range(len(averages.class_names)) if averages.counts[number, place]]
        st.markdown(f"**{literal(part)}** · {averages.counts[number].sum():,} images")
        st.image(
            [thumbnail(averages.faces[number, place], _FACE_SIDE) for place in shown],
            caption=[averages.class_names[place] for place in shown],
            width=_FACE_SIDE,
            alt=[f"Average {averages.class_names[place]} face of {part}" for place in shown],
        )


def _show_told_apart(shares: pd.DataFrame) -> None:
    pairs = [(shares.iloc[a, b], a, b) for a in range(len(shares)) for b in range(a) if pd.notna(shares.iloc[a, b])]
    if not pairs:
        return
    st.header("Classes that look alike", anchor=False)
    share, a, b = min(pairs)
    st.caption(
        "How many images of two classes are nearer to their own class's average face than to the other's; 50 % is a "
        f"coin. Most alike: {literal(shares.index[b])} and {literal(shares.index[a])} ({100 * share:.0f} %). Expect a "
        "model to confuse what is dark here."
    )
    st.plotly_chart(
        _told_apart(shares),
        key="told-apart",
        config=_NO_BAR,
        alt="How well average faces tell each two classes apart",
    )
