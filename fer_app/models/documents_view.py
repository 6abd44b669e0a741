"""A model's documents on a page: the report as one HTML file, and the model card with its figures.

Both are written from what was measured on this computer or came with the model, at the moment of the click.
"""

import streamlit as st

from fer_core.models import ModelPackage
from fer_core.models.evaluation_files import evaluation_files


def show_documents(package: ModelPackage) -> None:
    """Offer the documents of a model, and say what they will hold."""
    st.header("Report", anchor=False)
    st.caption(_contents(package))
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Report (HTML)",
            data=lambda: _html(package),
            file_name=f"{package.name}-report.html",
            mime="text/html",
            icon=":material/description:",
            on_click="ignore",
            key="download-report",
            help="One file with all figures: to be read without a network, sent on, or printed.",
        )
        st.download_button(
            "Model card with figures (zip)",
            data=lambda: _zip(package),
            file_name=f"{package.name}-card.zip",
            mime="application/zip",
            icon=":material/badge:",
            on_click="ignore",
            key="download-card",
            help="The card in Markdown and its figures as pictures.",
        )


def _contents(package: ModelPackage) -> str:
    reports = evaluation_files(package)
    if not reports:
        return "Nothing has been measured of this model yet; a report would hold no figures. Measure it first."
    kinds = [str(report.get("kind", "evaluation")) for report in reports]
    parts = [
        f"{kinds.count(kind)} {singular if kinds.count(kind) == 1 else plural}"
        for kind, singular, plural in (
            ("evaluation", "evaluation", "evaluations"),
            ("robustness", "measurement on damaged faces", "measurements on damaged faces"),
        )
        if kind in kinds
    ]
    return f"Written when you click, from {' and '.join(parts)}."


def _html(package: ModelPackage) -> bytes:
    from fer_core.charts.report import html_report  # Matplotlib is loaded by whoever wants a report

    return html_report(package.info, evaluation_files(package)).encode()


def _zip(package: ModelPackage) -> bytes:
    from fer_core.charts.report import zip_card

    return zip_card(package.info, evaluation_files(package))
