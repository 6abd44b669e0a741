"""What stands between a read frame and the browser: the newest frame, and no queue.

streamlit-webrtc hands frames to the sender through a relay that keeps all of them. A computer that encodes fewer frames
than the camera makes then falls behind, further with every second. Here the sender takes the newest frame.
"""

from functools import partial

from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc.process import AsyncVideoProcessTrack
from streamlit_webrtc.relay import get_global_relay


def send_newest_frames() -> None:
    """Let the senders of all videos that begin from now on pass over frames they have no time for."""
    relay = get_global_relay()
    relay.subscribe = partial(subscribe, relay)  # type: ignore[method-assign]


def subscribe(relay: MediaRelay, track: MediaStreamTrack, buffered: bool = True) -> MediaStreamTrack:
    """Subscribe to a track as the relay does, but keep nothing that has been read already."""
    return MediaRelay.subscribe(relay, track, buffered and not isinstance(track, AsyncVideoProcessTrack))
