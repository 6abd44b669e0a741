"""The one stream of a visitor's session, its end, and what all sessions share: the seats and the warmed-up model."""

import gc
import sys
import uuid

import numpy as np
import streamlit as st

from fer_app.prediction.webcam_seats import Seats
from fer_app.prediction.webcam_stream import WebcamStream
from fer_core.prediction import Predictor
from fer_core.prediction.live import LiveAnalyzer, draw_live
from fer_core.settings import load_settings

SIDES = {"user": "Front camera", "environment": "Rear camera"}
_KEY = "webcam-stream"
_SWITCH_S = (
    0.0005  # a video is some hundred packets a second, each of which would wait Python's usual 5 ms for its turn
)


@st.cache_resource
def seats() -> Seats:
    """Return the seats of this server."""
    return Seats(load_settings().max_cameras)


def session_stream(predictor: Predictor, model_digest: str) -> WebcamStream:
    """Return this session's stream, a new one where the model has changed; options and recording stay."""
    digest, stream = st.session_state.get(_KEY, (None, None))
    if digest == model_digest:
        return stream
    _warm_up(predictor, model_digest)
    made = WebcamStream(uuid.uuid4().hex if stream is None else stream.name, LiveAnalyzer(predictor), seats=seats())
    if stream is not None:
        made.options, made.recording = stream.options, stream.recording
    st.session_state[_KEY] = (model_digest, made)
    return made


def video_key(side: str) -> str:
    """Return the key of the video element for a side of `SIDES`."""
    return f"webcam-{side}"


def end_stream() -> None:
    """End what still runs once live video is no longer shown; options and recording stay.

    streamlit-webrtc notices by itself that a page or a session ended, not that a page has stopped showing its video,
    and has no public way to say so.
    """
    for side in SIDES:
        context = st.session_state.get(video_key(side))
        worker = None if context is None else context._get_worker()
        if worker is not None:
            worker.stop()
    _, stream = st.session_state.get(_KEY, (None, None))
    if stream is not None:
        stream.end()


@st.cache_resource(max_entries=4, show_spinner="Warming up the model")
def _warm_up(_predictor: Predictor, model_digest: str) -> None:
    """Let detector, network and drawing do their slow first work before a frame waits for it.

    What is loaded by then lives as long as the server. Streamlit collects garbage after each run of a fragment, and
    while it looks through all of that no frame moves: measured, more than half of the time. Frozen, it is passed over.
    """
    import streamlit_webrtc  # noqa: F401 - a large library that is frozen with the others

    frame = np.full((480, 640, 3), 110, np.uint8)
    result = LiveAnalyzer(_predictor).analyse(frame, 0.0)
    _predictor.read_boxes(frame, [(200.0, 100.0, 400.0, 350.0)], views="one")
    draw_live(frame, result)
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(_SWITCH_S)
