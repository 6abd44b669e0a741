import io

import av
import numpy as np
import pandas as pd
import pytest

from fer_app.prediction.webcam_recording import Clip, Recording
from fer_core.prediction.live import LiveFace, LiveResult

NAMES = ("happy", "sad")


def picture(level, width=64, height=48):
    return np.full((height, width, 3), level, np.uint8)


def result(*tracks):
    faces = tuple(LiveFace(track, (1, 2, 30, 40), (0.9, 0.1), "happy", 0.9, 1.0, 20.0) for track in tracks)
    return LiveResult(0.0, (64, 48), faces, NAMES)


def frames_of(content):
    with av.open(io.BytesIO(content)) as container:
        return [(frame.time, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


def test_a_clip_plays_with_its_own_times_and_pictures():
    clip = Clip()
    for number in range(10):
        clip.add(picture(20 * number), 5 + 0.1 * number)
    frames = frames_of(clip.finish())
    assert [time for time, _ in frames] == pytest.approx([0.1 * number for number in range(10)], abs=0.002)
    assert [image.mean() for _, image in frames] == pytest.approx([20 * number for number in range(10)], abs=8)


def test_frames_whose_size_changes_are_fitted_to_the_first():
    clip = Clip()
    for number, width in enumerate((64, 48, 81)):
        clip.add(picture(100, width, width - 16), 0.1 * number)
    assert {image.shape for _, image in frames_of(clip.finish())} == {(48, 64, 3)}


@pytest.mark.parametrize("bounds", [{"max_seconds": 0.45}, {"max_bytes": 500}], ids=["seconds", "bytes"])
def test_a_clip_is_bounded(bounds):
    clip, noise = Clip(**bounds), np.random.default_rng(0)
    for number in range(20):
        clip.add(noise.integers(0, 255, (48, 64, 3), np.uint8), 0.1 * number)
    assert clip.is_full
    assert clip.seconds < 1.8
    assert 0 < len(frames_of(clip.finish())) < 20


def test_a_recording_is_a_table_with_times_from_its_beginning_and_a_clip():
    recording = Recording(with_clip=True)
    recording.add(picture(10), result(1), 100.0)
    recording.add(picture(10), result(1, 2), 100.5)
    recording.finish()
    recording.add(picture(10), result(1), 101.0)
    table = pd.read_csv(io.BytesIO(recording.csv()))
    assert table["time_s"].tolist() == [0.0, 0.5, 0.5]
    assert table["track"].tolist() == [1, 1, 2]
    assert {"x1", "y2", "label", "confidence", "unsure", "p_happy", "p_sad"} <= set(table.columns)
    assert len(frames_of(recording.clip_bytes)) == 2


def test_without_frames_there_is_an_empty_table_and_no_clip():
    recording = Recording(with_clip=True)
    recording.finish()
    recording.finish()
    assert recording.clip_bytes == b""
    assert recording.csv().startswith(b"time_s,track,")


def test_the_table_alone_can_be_recorded():
    recording = Recording(with_clip=False)
    recording.add(picture(10), result(1), 0.0)
    recording.finish()
    assert recording.clip_bytes == b""
    assert recording.num_rows == 1
