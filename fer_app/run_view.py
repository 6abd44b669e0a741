"""One training run on a page: live while it is under way, its result afterwards.

Everything comes from the run's folder, so a reload or a second tab shows the same.
"""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from fer_app.job_view import duration
from fer_app.markdown import literal
from fer_core.charts import history_figure
from fer_core.errors import FerError
from fer_core.jobs import JobStatus
from fer_core.training import Run, open_run, stop_run

_SECONDS_BETWEEN_LOOKS = 2
_CHART_CONFIG = {"displayModeBar": False}


def show_run(run: Run) -> None:
    """Show a run: progress and curves while it is live, the result and the next steps once it has ended."""
    if run.status().is_live:
        _live_view(run.name)
    else:
        _ended_view(run, run.status())


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _live_view(name: str) -> None:
    try:
        run = open_run(name)
        status = run.status()
    except FerError:
        st.rerun()
    if not status.is_live:
        st.rerun()
    _show_heading(run, status)
    _show_progress(status)
    _show_figures(status)
    _show_curves(run.history())
    with st.expander("Log", icon=":material/article:"):
        st.code(run.log_tail() or "Nothing yet.", language=None)


def _show_heading(run: Run, status: JobStatus) -> None:
    is_stopping = status.state == "stopping"
    heading, control = st.columns([3, 1], vertical_alignment="center")
    heading.subheader(literal(run.name), anchor=False)
    control.button(
        "Stopping" if is_stopping else "Stop training",
        key=f"stop-{run.name}",
        icon=":material/stop_circle:",
        disabled=is_stopping,
        on_click=_stop,
        args=(run.name,),
        help="Ends the training after the current step and keeps the best model so far.",
        width="stretch",
    )
    if is_stopping:
        st.info("Stopping after this step. The best model so far is kept.", icon=":material/hourglass_bottom:")


def _stop(name: str) -> None:
    try:
        stop_run(name)
    except FerError as error:
        st.toast(str(error), icon=":material/error:")


def _show_progress(status: JobStatus) -> None:
    details = status.details
    epoch, step, steps = details.get("epoch", 0), details.get("step", 0), details.get("steps", 0)
    phase = details.get("phase", "loading TensorFlow")
    if phase == "training" and epoch:
        within = f"Epoch {epoch} of {details.get('epochs', 0)}: step {step:,} of {steps:,}"
        st.progress(min(1.0, step / max(1, steps)), text=within)
        share = min(1.0, status.done / max(1, status.total))
        st.progress(share, text=f"All epochs: {100 * share:.0f} %")
    else:
        text = "preparing the first step" if phase == "training" else phase
        st.progress(1.0 if epoch else 0.0, text=text[0].upper() + text[1:])


def _show_figures(status: JobStatus) -> None:
    details = status.details
    best, rate, left = details.get("best_val_accuracy"), details.get("images_per_second"), status.seconds_left
    best_label = "Best validation accuracy" + (f", epoch {details.get('best_epoch')}" if best is not None else "")
    figures = {
        best_label: "–" if best is None else f"{100 * best:.1f} %",
        "Time left": "–" if left is None else f"about {duration(left)}",
        "Speed": f"{rate:,.0f} images/s" if rate else "–",
    }
    for column, (label, value) in zip(st.columns(3), figures.items(), strict=True):
        column.metric(label, value)
    device = f" on {details['device']}" if "device" in details else ""
    st.caption(f"Running for {duration(status.seconds_elapsed)}{device}.")


def _show_curves(history: pd.DataFrame) -> None:
    if history.empty:
        st.caption("The curves begin when the first epoch has ended.")
        return
    for column, metric in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        column.plotly_chart(
            history_figure(history, metric),
            key=f"curve-{metric}",
            config=_CHART_CONFIG,
            alt=f"Training and validation {metric} over {len(history)} epochs",
        )


def _ended_view(run: Run, status: JobStatus) -> None:
    st.subheader(literal(run.name), anchor=False)
    model = run.model
    took = duration(status.seconds_elapsed)
    if status.state == "completed":
        st.success(f"Finished in {took}.", icon=":material/check:")
    elif status.state == "stopped":
        kept = "The best model so far is kept." if model else "No epoch had ended, so there is no model."
        st.info(f"Stopped after {took}. {kept}", icon=":material/stop_circle:")
    else:
        st.error(f"The training {status.state} after {took}. {literal(status.error or '')}", icon=":material/error:")
        st.code(run.log_tail() or "The log is empty.", language=None)
    if model is not None:
        _show_result(run, model.info.metrics.get("validation", {}), status)
    history = run.history()
    if not history.empty:
        _show_curves(history)


def _show_result(run: Run, validation: Mapping[str, float], status: JobStatus) -> None:
    if "accuracy" in validation:
        st.markdown(
            f"Looking at ten views of each face, the model names **{100 * validation['accuracy']:.1f} %** of "
            f"{validation['num_images']:,.0f} validation images correctly. Kept is the best epoch, "
            f"{status.details.get('best_epoch', 'unknown')}."
        )
    with st.container(horizontal=True):
        st.page_link(
            "../pages/prediction.py",
            label="Try it on photos",
            icon=":material/add_reaction:",
            query_params={"model": run.name},
        )
        st.page_link(
            "../pages/models.py",
            label="See how good it is",
            icon=":material/fact_check:",
            query_params={"model": run.name},
        )
