"""What others do to a dataset while its page is open: seen here after some seconds, without a reload.

The page calls `watch_for_edits` once a run, and whatever shows the dataset in a fragment calls `note_shown`, so that an
edit of this browser tab, which its fragment has shown already, does not run the page again.
"""

import streamlit as st

from fer_app.loaders import Stamp, view_stamp
from fer_core.dataset import Dataset

_SECONDS_BETWEEN_LOOKS = 5
_SHOWN = "view-shown"  # session state key: dataset and stamp of its files as they were shown last


def note_shown(dataset: Dataset) -> None:
    """Remember that this run shows a dataset as it is now; call it before the dataset is read."""
    st.session_state[_SHOWN] = (dataset.name, view_stamp(dataset))


def watch_for_edits(dataset: Dataset) -> None:
    """Run the page again once a dataset is not what it was when it was shown last."""
    note_shown(dataset)
    _watch(dataset)


@st.fragment(run_every=_SECONDS_BETWEEN_LOOKS)
def _watch(dataset: Dataset) -> None:
    shown: tuple[str, Stamp] | None = st.session_state.get(_SHOWN)
    if shown is not None and shown != (dataset.name, view_stamp(dataset)):
        st.rerun()
