"""What a visitor keeps of live video, on demand only: a snapshot, the results as a table, an annotated clip.

Everything stays in the server's memory until it is downloaded or discarded; no file is written.
"""

from datetime import datetime

import cv2
import streamlit as st

from fer_app.prediction.webcam_recording import MAX_CLIP_SECONDS, Recording
from fer_app.prediction.webcam_stream import WebcamStream

_SNAPSHOT = "webcam-snapshot"
_JPEG_QUALITY = 92


def show_keeping(stream: WebcamStream, *, is_live: bool) -> None:
    """Show the buttons that keep something, and what was kept.

    Args:
        stream: The session's stream.
        is_live: Whether video runs; without it nothing new can be kept.
    """
    st.fragment(_show)(stream, is_live)
    st.fragment(_show_progress, run_every="1s" if is_live else None)(stream)


def _show(stream: WebcamStream, is_live: bool) -> None:
    """Show the buttons, then a place for each thing that may be there.

    Nothing here is left to Streamlit's clearing at the end of a run: until then what is gone would push what stands
    below it, so that a click under way misses; and where a refresh elsewhere begins just then, the clearing is left
    out (seen in 1.67). Callbacks act, a button keeps its key while its words change, and `st.empty` takes an empty
    place.
    """
    recording = stream.recording
    is_recording = _is_recording(stream)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            "Snapshot", icon=":material/photo_camera:", key="webcam-keep-snapshot", disabled=not is_live,
            on_click=_take_snapshot, args=(stream,),
        )  # fmt: skip
        st.button(
            "Stop recording" if is_recording else "Record",
            icon=":material/stop_circle:" if is_recording else ":material/fiber_manual_record:",
            key="webcam-record", disabled=not is_live and not is_recording,
            on_click=_stop_recording if is_recording else _record, args=(stream,),
        )  # fmt: skip
        st.toggle(
            "with video",
            value=True,
            key="webcam-with-clip",
            disabled=is_recording,
            help=f"Off: the table of results only. A clip holds {MAX_CLIP_SECONDS:.0f} seconds at most.",
        )
    if recording is not None and not is_recording:
        with st.container():
            _show_recording(stream, recording)
    else:
        st.empty()
    if _SNAPSHOT in st.session_state:
        _show_snapshot()
    else:
        st.empty()


def _is_recording(stream: WebcamStream) -> bool:
    return stream.recording is not None and not stream.recording.is_over


def _record(stream: WebcamStream) -> None:
    stream.recording = Recording(with_clip=st.session_state.get("webcam-with-clip", True))


def _stop_recording(stream: WebcamStream) -> None:
    if stream.recording is not None:
        stream.recording.finish()


def _discard_recording(stream: WebcamStream) -> None:
    stream.recording = None


def _show_progress(stream: WebcamStream) -> None:
    """Say how far a recording is; the buttons above do not run again for it, so that no click on them is lost."""
    if stream.recording is not None and _is_recording(stream):
        st.caption(f":red[●] {_progress(stream.recording)}")


def _progress(recording: Recording) -> str:
    words = f"Recording for {recording.seconds:.0f} s, {recording.num_rows:,} rows"
    if recording.clip_is_full:
        return f"{words}. The clip is full at {recording.clip_seconds:.0f} s; the table goes on."
    return words


def _show_recording(stream: WebcamStream, recording: Recording) -> None:
    st.caption(
        f"A recording of {recording.seconds:.0f} s waits in memory, not on disk, until you download or discard it."
    )
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            f"Results (CSV, {recording.num_rows:,} rows)", recording.csv(), f"{recording.name}.csv", "text/csv",
            key="webcam-csv", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        if recording.clip_bytes:
            megabytes = len(recording.clip_bytes) / 1e6
            st.download_button(
                f"Clip (WebM, {recording.clip_seconds:.0f} s, {megabytes:.1f} MB)", recording.clip_bytes,
                f"{recording.name}.webm", "video/webm",
                key="webcam-clip", icon=":material/download:", on_click="ignore",
            )  # fmt: skip
        st.button(
            "Discard", key="webcam-discard", icon=":material/delete:", on_click=_discard_recording, args=(stream,)
        )


def _take_snapshot(stream: WebcamStream) -> None:
    picture = stream.snapshot()
    if picture is None:
        st.toast("There is no picture yet.")
        return
    bgr = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, encoded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    st.session_state[_SNAPSHOT] = (encoded.tobytes(), f"webcam-{datetime.now():%Y-%m-%d-%H%M%S}.jpg")


def _show_snapshot() -> None:
    content, name = st.session_state[_SNAPSHOT]
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.image(content, width=160, alt="The snapshot")
        st.download_button(
            "Snapshot (JPEG)", content, name, "image/jpeg",
            key="webcam-jpeg", icon=":material/download:", on_click="ignore",
        )  # fmt: skip
        st.button("Discard", key="webcam-discard-snapshot", icon=":material/delete:", on_click=_discard_snapshot)


def _discard_snapshot() -> None:
    st.session_state.pop(_SNAPSHOT, None)
