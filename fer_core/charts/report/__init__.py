"""The model report: the card and its figures, as one HTML file or as Markdown with pictures."""

from fer_core.charts.report.document import html_report
from fer_core.charts.report.markdown import card_with_figures, write_card_with_figures, zip_card

__all__ = ["card_with_figures", "html_report", "write_card_with_figures", "zip_card"]
