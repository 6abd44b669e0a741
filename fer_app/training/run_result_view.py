"""What a run's model reached: test figures next to those of the validation part, and where to go with it."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from fer_core.models import ModelPackage
from fer_core.training import Run
from fer_core.training.runs.results import RunResult, read_result

_VIEWS_NOTE = "Ten views of each face are averaged, as on the Prediction page; live video takes one."


def show_result(run: Run, model: ModelPackage) -> None:
    """Show accuracy and macro-F1 with their denominators, and the links to what the model can do."""
    result = read_result(run)
    test, validation = result.best_test, model.info.metrics.get("validation", {})
    columns = st.columns(4 if test else 2)
    if test:
        _show_figures(columns[:2], "Test", test)
        _show_leaks(test)
    if validation:
        _show_figures(columns[-2:], "Validation", validation)
    st.caption(_explanation(result, has_test=bool(test)))
    _show_links(run)


def _show_figures(columns: list[Any], split: str, figures: Mapping[str, Any]) -> None:
    accuracy, macro_f1 = columns
    num_images = int(figures.get("num_images", 0))
    accuracy.metric(f"{split} accuracy", f"{100 * figures['accuracy']:.1f} %")
    accuracy.caption(f"{round(figures['accuracy'] * num_images):,} of {num_images:,} images are named correctly.")
    macro_f1.metric(f"{split} macro-F1", f"{100 * figures['macro_f1']:.1f} %")
    macro_f1.caption(f"Mean of the classes' F1 on {num_images:,} images.")


def _show_leaks(test: Mapping[str, Any]) -> None:
    own = test.get("without_leaks")
    if not own:
        return
    num_leaked = test["num_images"] - own["num_images"]
    if not num_leaked:
        st.caption("None of the test images recurs in another split.")
        return
    st.caption(
        f"Without the {num_leaked:,} test images that recur in another split: accuracy {100 * own['accuracy']:.1f} % "
        f"and macro-F1 {100 * own['macro_f1']:.1f} % of {own['num_images']:,} images."
    )


def _explanation(result: RunResult, *, has_test: bool) -> str:
    best = f"Kept is the best epoch, {result.best_epoch}. " if result.best_epoch else ""
    if has_test:
        one = result.test.get("one")
        single = f" With one view the test accuracy is {100 * one['accuracy']:.1f} %." if one else ""
        return f"{best}The validation part chose it; the test split was read once, at the end. {_VIEWS_NOTE}{single}"
    return f"{best}No test split was read: only the validation part, which chose the epoch, says how good it is."


def _show_links(run: Run) -> None:
    links = {
        "Try it on photos": ("prediction.py", ":material/add_reaction:", {}),
        "See how good it is": ("models.py", ":material/fact_check:", {"view": "evaluation"}),
    }
    with st.container(horizontal=True):
        for label, (page, icon, view) in links.items():
            st.page_link(f"../pages/{page}", label=label, icon=icon, query_params={"model": run.name, **view})
