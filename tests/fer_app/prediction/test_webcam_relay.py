import asyncio
from fractions import Fraction

import av
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.contrib.media import MediaRelay
from streamlit_webrtc.process import AsyncVideoProcessTrack

from fer_app.prediction.webcam_relay import subscribe

NUM_FRAMES = 40


class Camera(MediaStreamTrack):
    """A camera of a hundred frames a second, numbered by their time."""

    kind = "video"
    number = 0

    async def recv(self):
        await asyncio.sleep(0.01)
        frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
        frame.pts, frame.time_base = self.number, Fraction(1, 100)
        self.number += 1
        return frame


class Passes:
    """Gives every frame back as it is."""

    async def recv_queued(self, frames):
        return [frames[-1]]


def lag(make_track, subscribe_to):
    """Frames that the camera is ahead of a sender who takes ten times as long for each as the camera."""

    async def watch():
        camera = Camera()
        sender = subscribe_to(MediaRelay(), make_track(camera))
        while camera.number < NUM_FRAMES:
            newest = await sender.recv()
            behind = camera.number - newest.pts
            await asyncio.sleep(0.1)
        sender.stop()
        camera.stop()
        return behind

    return asyncio.run(watch())


def read(camera):
    return AsyncVideoProcessTrack(camera, Passes())


def test_a_slow_sender_is_given_the_newest_of_the_read_frames():
    assert lag(read, MediaRelay.subscribe) > NUM_FRAMES / 2  # what it is for
    assert lag(read, subscribe) < NUM_FRAMES / 6


def test_what_the_camera_sends_is_kept_until_it_is_read():
    assert lag(lambda camera: camera, subscribe) > NUM_FRAMES / 2
