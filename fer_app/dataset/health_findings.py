"""The findings of a health report: a verdict in one line, then a row for each check that found something."""

import streamlit as st

from fer_app.markdown import literal
from fer_core.dataset import Dataset
from fer_core.dataset.audit import SEVERITIES, AuditReport, Finding

# Icon, colour and word: none of them has to be recognised alone.
_LOOKS = {
    "problem": (":material/error:", "red", "Problem"),
    "warning": (":material/warning:", "orange", "Warning"),
    "notice": (":material/info:", "blue", "Notice"),
    "fine": (":material/check_circle:", "green", "Fine"),
}


def show_headline(report: AuditReport) -> None:
    """Say in one line how healthy the dataset is."""
    counted = {severity: report.num_findings(severity) for severity in SEVERITIES if severity != "fine"}
    worst = next((severity for severity, count in counted.items() if count), "fine")
    icon, color, _ = _LOOKS[worst]
    words = [_counted(count, severity) for severity, count in counted.items() if count]
    st.header(f":{color}[{icon}] {_listed(words) if words else 'Nothing wrong found'}", anchor=False)
    num_fine = report.num_findings("fine")
    st.caption(f"{len(report.findings)} checks of {report.num_images:,} images; {num_fine} found nothing to remark.")


def show_findings(dataset: Dataset, report: AuditReport) -> None:
    """Show what was found, the worst first, and the checks that found nothing in a fold."""
    for finding in report.findings:
        if finding.severity != "fine":
            _show_finding(dataset, finding)
    fine = [finding for finding in report.findings if finding.severity == "fine"]
    if fine:
        with st.expander(f"{len(fine)} checks found nothing to remark", icon=_LOOKS["fine"][0]):
            st.markdown("\n".join(f"- **{finding.title}**: {_fine_words(finding)}" for finding in fine))


def _show_finding(dataset: Dataset, finding: Finding) -> None:
    icon, color, word = _LOOKS[finding.severity]
    with st.container(border=True, gap="small"):
        text, figures = st.columns([3, 1], vertical_alignment="top", gap="medium")
        with text:
            lines = [f":{color}[{icon} **{word}**] · **{finding.title}**", literal(finding.detail)]
            lines += [f":small[{finding.why}]", f":small[:material/arrow_forward: **{finding.advice}**]"]
            st.markdown("  \n".join(line for line in lines if line))
        with figures:
            st.markdown(f"**{share_text(finding.share)}** · {finding.count:,} of {finding.total:,} {finding.unit}")
            if finding.browse:
                _show_link(dataset, finding)


def _show_link(dataset: Dataset, finding: Finding) -> None:
    label = "Look at them"
    if len(finding.image_ids):
        label = "Show the image" if finding.count == 1 else f"Show the {finding.count:,} images"
    st.page_link(
        "../pages/dataset.py",
        label=label,
        icon=":material/grid_view:",
        query_params={"dataset": dataset.name, "view": "browse"} | finding.browse,
    )


def _fine_words(finding: Finding) -> str:
    if finding.detail:
        return literal(finding.detail)
    return f"0 of {finding.total:,} {finding.unit}."


def share_text(share: float) -> str:
    """Say a share with the digits that it needs: `20 %`, `1.3 %`, `0.04 %`."""
    percent = 100 * share
    digits = 0 if percent >= 10 or percent == 0 else 1 if percent >= 1 else 2
    return f"{percent:.{digits}f} %" if percent == 0 or percent >= 0.01 else "under 0.01 %"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
