"""What a model's confidence is worth, on a page: calibration, and the threshold of "unsure" to drag."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.markdown import literal
from fer_core.charts.confidence import reliability_figure, risk_coverage_figure
from fer_core.errors import FerError
from fer_core.evaluation.selective import SelectivePoint
from fer_core.models import ModelPackage
from fer_core.models.calibrated_info import consequence, save_unsure_threshold, selective_curve
from fer_core.models.catalog import SHIPPED_NAME

_CHART = {"displayModeBar": False}
_FIGURES = {
    "Network alone": st.column_config.NumberColumn(format="%.4f", help="What the network itself says"),
    "With temperature": st.column_config.NumberColumn(format="%.4f", help="What the app shows"),
    "Change": st.column_config.NumberColumn(format="%+.4f", help="Less is better"),
}


def show_confidence(package: ModelPackage, report: Mapping[str, Any]) -> None:
    """Show the calibration of an evaluation and what each threshold of "unsure" would mean.

    Args:
        package: The model that was measured.
        report: What `evaluate_model` returns.
    """
    if report.get("reliability") is None:
        return
    calibration, unsure = st.columns(2, gap="medium")
    with calibration:
        show_calibration(report)
    with unsure:
        st.markdown("**When should it say “unsure”?**")
        _show_threshold(package, report)


def show_calibration(report: Mapping[str, Any]) -> None:
    """Show how far the probabilities of a report can be taken at their word, and what the temperature did to them."""
    if report.get("reliability") is None:
        return
    st.markdown("**Is its confidence honest?**")
    before = report.get("before_temperature")
    st.plotly_chart(
        reliability_figure(report["reliability"], before["reliability"] if before else None),
        key="reliability",
        config=_CHART,
        alt="Reliability diagram: share of right answers by confidence",
    )
    st.caption(
        f"Confidence and accuracy differ by {100 * report['ece']:.1f} points on average (ECE, 15 bins). "
        f"Brier score {report['brier']:.3f} (0 is best, 2 is worst), log loss {report['nll']:.3f} nats."
    )
    if before:
        st.dataframe(
            _before_and_after(report, before),
            hide_index=True,
            width="stretch",
            column_config=_FIGURES,
            alt="Calibration before and after the temperature",
        )
        st.caption(f"The temperature, {before['temperature']:.3f}, was found on validation images, never on these.")


def _before_and_after(report: Mapping[str, Any], before: Mapping[str, Any]) -> pd.DataFrame:
    """Return one row a figure; less is better in each."""
    titles = {"ece": "ECE, 15 bins (0–1)", "brier": "Brier score (0–2)", "nll": "Log loss (nats)"}
    return pd.DataFrame(
        {
            "Figure": title,
            "Network alone": before[key],
            "With temperature": report[key],
            "Change": report[key] - before[key],
        }
        for key, title in titles.items()
    )


def _show_threshold(package: ModelPackage, report: Mapping[str, Any]) -> None:
    views, measured = report["views"], [SelectivePoint(*point) for point in report["risk_coverage"]]
    stored = package.info.unsure_threshold[views]
    percent = st.slider(
        "Unsure below a confidence of (%)", 0, 100, round(100 * stored), key=f"unsure-{package.name}-{views}"
    )
    threshold = stored if percent == round(100 * stored) else percent / 100
    st.plotly_chart(
        risk_coverage_figure(measured, threshold),
        key="risk-coverage",
        config=_CHART,
        alt="Share of right answers by the share of faces that are answered",
    )
    st.markdown(_sentence(package, views, measured, threshold))
    _offer_saving(package, views, stored, threshold)


def _sentence(package: ModelPackage, views: str, measured: Sequence[SelectivePoint], threshold: float) -> str:
    sentence = f"With this threshold the model **{consequence(measured, threshold)}** here."
    validation = selective_curve(package.info, views)
    if validation:
        sentence += f" On the validation images it {consequence(validation, threshold)}."
    return sentence


def _offer_saving(package: ModelPackage, views: str, stored: float, threshold: float) -> None:
    if package.name == SHIPPED_NAME:
        st.caption(f"The model that comes with the app keeps its threshold of {100 * stored:.0f} %.")
        return
    if st.button(
        "Save this threshold in the model", key="save-threshold", disabled=threshold == stored, icon=":material/save:"
    ):
        try:
            save_unsure_threshold(package, views, threshold)
        except FerError as error:
            st.error(literal(str(error)))
            return
        st.toast("Saved. Predictions use it from now on.", icon=":material/check:")
        st.rerun()
