"""Model packages on a page: the table of all, the facts of one, and its download."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from fer_app.markdown import literal
from fer_core.models import ARCHITECTURES, ModelPackage, zip_package
from fer_core.models.catalog import SHIPPED_NAME
from fer_core.models.origin import read_origin

_COLUMNS = {
    "Parameters": st.column_config.NumberColumn(format="localized"),
    "Size": st.column_config.NumberColumn(format="%.1f MB", help="All files of the package"),
    "Made": st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm"),
}


def show_model_table(models: Sequence[ModelPackage]) -> None:
    """Show the main facts of every model."""
    rows = [_row(model) for model in models]
    st.dataframe(
        pd.DataFrame(rows), hide_index=True, width="stretch", column_config=_COLUMNS, alt="Table of the models"
    )


def _row(model: ModelPackage) -> dict[str, Any]:
    info = model.info
    return {
        "Model": model.name,
        "Origin": _origin(model),
        "Measured accuracy": measured_accuracy(info.metrics),
        "Architecture": _title(info.architecture),
        "Classes": len(info.class_names),
        "Parameters": info.num_parameters,
        "Size": _size(model),
        "Made": pd.to_datetime(info.created_at, utc=True),
    }


def _origin(model: ModelPackage) -> str:
    if model.name == SHIPPED_NAME:
        return "comes with the app"
    return "made here" if read_origin(model.folder) is None else "imported"


def measured_accuracy(metrics: Mapping[str, Mapping[str, float]]) -> str:
    """Say the accuracy on what a package's metrics name last, a test if there was one, and the number of images.

    Args:
        metrics: See `ModelInfo.metrics`; figures of one view are told only where there are no others.
    """
    told = {split: figures for split, figures in metrics.items() if "accuracy" in figures}
    whole = [split for split in told if not split.endswith("one view")]
    for split in reversed(whole or list(told)):
        of = f" of {told[split]['num_images']:,.0f}" if "num_images" in told[split] else ""
        return f"{100 * told[split]['accuracy']:.1f} %{of} ({split.removesuffix(', all views')})"
    return "not measured"


def _title(architecture: str) -> str:
    return ARCHITECTURES[architecture].title if architecture in ARCHITECTURES else architecture


def _size(model: ModelPackage) -> float:
    """Return the size of a package in MB."""
    return sum(path.stat().st_size for path in model.folder.iterdir() if path.is_file()) / 1e6


def show_facts(model: ModelPackage) -> None:
    """Show what a model takes in, gives out and learned from, and offer the package for download."""
    info, data = model.info, model.info.training_data
    size, parameters, images = st.columns(3)
    size.metric("Input", f"{info.input_size} × {info.input_size} px {'grey' if info.channels == 1 else 'RGB'}")
    parameters.metric("Parameters", f"{info.num_parameters / 1e6:.2f} million", help=_title(info.architecture))
    learned_from = f"{data['num_images']:,} images" if data["num_images"] else "not known"
    images.metric("Learned from", learned_from, help=f"Dataset {data['dataset']}")
    st.markdown(f"**Classes:** {literal(', '.join(info.class_names))} · **Dataset:** {literal(data['dataset'])}")
    for split, figures in info.metrics.items():
        st.markdown(f"**{literal(split[:1].upper() + split[1:])}:** {_figures(figures)}")
    st.download_button(
        f"Download the model ({_size(model):.1f} MB zip)",
        data=lambda: zip_package(model),
        file_name=f"{model.name}.zip",
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="download-model",
    )
    with st.expander("Model card", icon=":material/badge:"):
        st.markdown(model.card())


def _figures(figures: Mapping[str, float]) -> str:
    parts = []
    if "accuracy" in figures:
        of = f" of {figures['num_images']:,.0f} images" if "num_images" in figures else ""
        parts.append(f"accuracy {100 * figures['accuracy']:.1f} %{of}")
    if "macro_f1" in figures:
        parts.append(f"macro-F1 {100 * figures['macro_f1']:.1f} %")
    return ", ".join(parts) or "not measured"
