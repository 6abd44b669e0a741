"""How photos are read: views of each face, the threshold of "unsure", and whether each picture is one face.

What a model says about itself comes in; what the person chose goes out. All of it stands in the URL or starts at the
model's own value.
"""

from dataclasses import dataclass

import streamlit as st

from fer_app.controls import choose_view
from fer_core.models import ModelPackage
from fer_core.models.calibrated_info import consequence, selective_curve

_VIEWS = {"all": "Ten views", "one": "One view"}


@dataclass(frozen=True)
class PhotoSettings:
    """What the person chose.

    Args:
        views: A name of `VIEWS`.
        threshold: Below this probability a face is unsure, 0-1.
        faces: A name of `FACE_MODES`.
    """

    views: str
    threshold: float
    faces: str


def choose_settings(model: ModelPackage, *, has_threshold: bool = True) -> PhotoSettings:
    """Show the settings in a popover and return them.

    Args:
        model: Says which threshold is its own.
        has_threshold: Whether the person may choose another one.
    """
    with st.popover("Settings", icon=":material/tune:", width="stretch"):
        st.caption("Views of each face: ten are averaged and more accurate, one is ten times as fast.")
        views = choose_view("Views of each face", _VIEWS, key="views")
        threshold = _choose_threshold(model, views) if has_threshold else model.info.unsure_threshold[views]
        is_whole = st.toggle(
            "Each picture is one face",
            key="whole",
            bind="query-params",
            help="For pictures that are already cropped to one face: they are read as they are, without looking for "
            "faces.",
        )
    return PhotoSettings(views, threshold, "whole" if is_whole else "detect")


def _choose_threshold(model: ModelPackage, views: str) -> float:
    """Let the person say how sure is sure, 0-1; at first what the model's package says."""
    own = model.info.unsure_threshold[views]
    percent: int = st.slider(
        "Unsure below",
        min_value=0,
        max_value=99,
        value=round(100 * own),
        format="%d %%",
        key=f"threshold-{views}-{model.digest()[:12]}",
        help=f"The model's own threshold is {100 * own:.0f} %, chosen on pictures that it had not learned from. "
        "Higher: fewer labels, more of them right. Tiny, cut off, dark and blurred faces are unsure at any threshold.",
    )
    threshold = own if percent == round(100 * own) else percent / 100
    if curve := selective_curve(model.info, views):
        st.caption(f"At {percent} % the model {consequence(curve, threshold)}, on its validation pictures.")
    return threshold
