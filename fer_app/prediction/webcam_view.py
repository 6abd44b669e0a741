"""Live video on a page: the notice, START, the camera's picture with what it says drawn on it, and the ways out.

The browser sends its camera to this server and shows what comes back (streamlit-webrtc). Beside the picture, fragments
show the results; nothing that is changed on the page interrupts the stream.
"""

import time
from dataclasses import replace
from typing import Any

import streamlit as st

from fer_app.markdown import literal
from fer_app.prediction.webcam_connection import Connection, load_connection
from fer_app.prediction.webcam_keeping import show_keeping
from fer_app.prediction.webcam_panel import send_news, show_panel
from fer_app.prediction.webcam_panel.content import panel_content
from fer_app.prediction.webcam_session import SIDES, end_stream, seats, session_stream, video_key
from fer_app.prediction.webcam_snapshots import WANTED, choose_snapshots, show_snapshots
from fer_app.prediction.webcam_stream import WebcamStream
from fer_app.prediction.webcam_trouble import why_no_picture
from fer_app.prediction.webcam_watch import watch_browser
from fer_app.responsible_use import NOTICE
from fer_app.sharing.visitor_limits import limits_here, told
from fer_core.errors import SettingsError
from fer_core.prediction import Predictor

_SIDE, _CALLED_AT = "webcam-side", "webcam-called-at"
_VIDEO = {"width": {"ideal": 640}, "height": {"ideal": 480}, "frameRate": {"ideal": 30}}
_ATTRIBUTES = {"autoPlay": True, "controls": False, "muted": True, "playsInline": True, "style": {"width": "100%"}}


def show_webcam(predictor: Predictor, *, model_digest: str) -> None:
    """Show live video, or single pictures where the person has chosen them.

    Args:
        predictor: Reads the faces; shared by all visitors.
        model_digest: Tells its model from others.
    """
    st.info(NOTICE, icon=":material/shield_person:")
    if st.session_state.get(WANTED):
        end_stream()
        show_snapshots(predictor)
        return
    stream = session_stream(predictor, model_digest)
    if seats().is_full_for(stream.name):
        _wait_for_seat(stream)
        return
    side = st.session_state.get(_SIDE) or "user"
    video, beside = st.container(key="webcam-live").columns([3, 2], gap="medium")
    with video:
        context = _video(stream, _connection(), side)
        is_live = context.state.playing or context.state.signalling
        _note_call(stream, is_live)
        _watch(stream, side, is_live)
        with st.container(key="webcam-controls"):  # on a phone the faces come before them: see panel.css
            st.fragment(_show_controls)(stream, side, predictor.info.unsure_threshold["one"])
            _choose_side(is_live)
            show_keeping(stream, is_live=context.state.playing)
    with beside:
        show_panel()
        st.fragment(_numbers, run_every="800ms" if is_live else None)(stream, is_live)


def _connection() -> Connection:
    try:
        connection = load_connection()
    except SettingsError as error:
        st.error(literal(told(error, "The server's settings for live video cannot be used; it may not work.")))
        return Connection()
    if connection.disclosure:
        st.caption(f":material/lan: {connection.disclosure}")
    return connection


def _video(stream: WebcamStream, connection: Connection, side: str) -> Any:
    from streamlit_webrtc import WebRtcMode, webrtc_streamer  # half a second that the other views need not wait for

    from fer_app.prediction.webcam_relay import send_newest_frames

    send_newest_frames()
    return webrtc_streamer(
        key=video_key(side),
        mode=WebRtcMode.SENDRECV,
        rtc_configuration=connection.rtc_configuration,
        media_stream_constraints={"video": {**_VIDEO, "facingMode": side}, "audio": False},
        desired_playing_state=False if stream.state().is_refused else None,
        queued_video_frames_callback=stream.on_frames,
        on_video_ended=stream.release,
        video_html_attrs=_ATTRIBUTES,
        translations={"start": "START", "stop": "STOP", "select_device": "Choose camera"},
        media_toggle_controls=False,
    )


def _note_call(stream: WebcamStream, is_live: bool) -> None:
    """Remember since when the browser has been calling; without a call, let go of everything."""
    if is_live:
        st.session_state.setdefault(_CALLED_AT, time.monotonic())
    else:
        st.session_state.pop(_CALLED_AT, None)
        stream.end()


def _watch(stream: WebcamStream, side: str, is_live: bool) -> None:
    st.fragment(_show_trouble, run_every="2s" if is_live else None)(stream, side, is_live)


def _show_trouble(stream: WebcamStream, side: str, is_live: bool) -> None:
    waited_s = time.monotonic() - st.session_state.get(_CALLED_AT, time.monotonic())
    trouble = why_no_picture(
        watch_browser(side),
        is_connecting=is_live,
        waited_s=waited_s,
        silent_s=stream.state().silent_s,
    )
    if trouble is not None:
        st.error(trouble.sentence, icon=":material/videocam_off:")
        words = "Take single pictures instead" if trouble.can_snapshot else "Use a photo instead"
        if st.button(words, key="webcam-ladder", icon=":material/photo_camera:", on_click=choose_snapshots):
            st.rerun()


def _show_controls(stream: WebcamStream, side: str, model_threshold: float) -> None:
    """Sliders that the next frame obeys; a fragment, so that nothing else of the page runs."""
    options = stream.options
    usual = min(95, 5 * round(20 * model_threshold))
    smoothing, threshold = st.columns(2, gap="medium")
    smoothing_s = smoothing.slider(
        "Smoothing (seconds)", 0.0, 2.0, options.live.smoothing_s, 0.1, key="webcam-smoothing",
        help="How long a face's readings are averaged over. 0 shows each reading as it is.",
    )  # fmt: skip
    unsure_below = threshold.slider(
        "Unsure below (%)", 0, 95, usual, 5, key=f"webcam-unsure-{usual}",
        help="Where the strongest expression stays below this, the label says “unsure”.",
    )  # fmt: skip
    mirrored = st.toggle("Mirror the picture", value=side == "user", key=f"webcam-mirror-{side}")
    live = replace(
        options.live, smoothing_s=smoothing_s, unsure_below=None if unsure_below == usual else unsure_below / 100
    )
    stream.options = replace(options, live=live, mirrored=mirrored)


def _choose_side(is_live: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.segmented_control(
            "Side of the camera, on phones",
            list(SIDES),
            key=_SIDE,
            default="user",
            format_func=SIDES.__getitem__,
            disabled=is_live,
            help="Stop the video to change it. “Choose camera” under the picture lists all cameras.",
        )
        st.button(
            "Single pictures instead", key="webcam-snapshots-button", icon=":material/photo_camera:",
            on_click=choose_snapshots, type="tertiary",
        )  # fmt: skip


def _numbers(stream: WebcamStream, is_live: bool) -> None:
    state = stream.state()
    if state.is_refused:
        st.rerun()
    if state.error:
        detail = literal(state.error) if limits_here().has_details else ""
        st.error(f"Frames cannot be analysed; the picture goes on without results. {detail}")
    content = panel_content(
        state.result,
        stream.analyzer.timeline.rows(),
        state.counts,
        delay_ms=state.delay_ms,
        class_names=stream.analyzer.class_names,
        is_live=is_live,
    )
    send_news(content)


@st.fragment(run_every="3s")
def _wait_for_seat(stream: WebcamStream) -> None:
    if not seats().is_full_for(stream.name):
        stream.end()
        st.rerun()
    st.warning(
        f"All {seats().limit} places for live video on this server are taken. This page looks every three seconds and "
        "offers START as soon as one is free. Whoever runs the server can allow more with FER_MAX_CAMERAS.",
        icon=":material/groups:",
    )
    if st.button("Take single pictures meanwhile", icon=":material/photo_camera:", on_click=choose_snapshots):
        st.rerun()
