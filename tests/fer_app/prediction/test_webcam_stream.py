"""The stream without a browser: PyAV frames are handed over as streamlit-webrtc does it."""

import asyncio
import threading
import time
from fractions import Fraction

import av
import numpy as np
import pytest

from fer_app.prediction.webcam_recording import Recording
from fer_app.prediction.webcam_seats import Seats
from fer_app.prediction.webcam_stream import WebcamOptions, WebcamStream, _encodable
from fer_core.faces import FaceDetector
from fer_core.prediction import Predictor
from fer_core.prediction.live import LiveAnalyzer, LiveSettings
from tests.prediction.stand_ins import BrightnessClassifier
from tests.scenes import Place, scene

IMAGE, _ = scene(320, 240, [Place(160, 120, 110)])


def frame(image=IMAGE, number=0):
    made = av.VideoFrame.from_ndarray(image, format="rgb24")
    made.pts, made.time_base = number * 3000, Fraction(1, 90_000)
    return made


@pytest.fixture(scope="module")
def predictor():
    return Predictor(BrightnessClassifier(), FaceDetector())


@pytest.fixture
def stream(predictor):
    return WebcamStream("me", LiveAnalyzer(predictor), seats=Seats(2))


def feed(stream, num_frames, first=0):
    return [stream.read(frame(number=first + number)) for number in range(num_frames)]


def test_a_frame_comes_back_annotated_and_counted(stream):
    shown = feed(stream, 3)[-1].to_ndarray(format="rgb24")
    mirrored = IMAGE[:, ::-1]
    assert shown.shape == IMAGE.shape
    assert (np.abs(shown.astype(int) - mirrored).max(axis=2) > 60).mean() > 0.01
    state = stream.state()
    assert (state.counts.processed, state.error, len(state.result.faces)) == (3, "", 1)
    assert state.delay_ms > 0
    assert state.silent_s < 5


def test_only_the_newest_frame_is_analysed_and_the_others_are_counted(stream):
    dark = np.zeros_like(IMAGE)
    (shown,) = asyncio.run(stream.on_frames([frame(dark, 0), frame(dark, 1), frame(IMAGE, 2)]))
    assert shown.to_ndarray(format="rgb24").mean() > 50
    counts = stream.state().counts
    assert (counts.received, counts.processed, counts.dropped) == (3, 1, 2)


def test_whatever_fails_the_picture_goes_on_and_the_page_can_tell(predictor):
    def broken(frame, result, *, mirror):
        raise OSError("no pen")

    stream = WebcamStream("me", LiveAnalyzer(predictor), seats=Seats(1), draw=broken)
    given = frame()
    assert stream.read(given) is given
    assert stream.state().error == "OSError: no pen"


def test_a_frame_that_takes_too_long_is_not_waited_for(predictor, monkeypatch):
    monkeypatch.setattr("fer_app.prediction.webcam_stream._PATIENCE", 0.05)
    is_free = threading.Event()

    def waits(frame, result, *, mirror):
        is_free.wait(20)
        return frame

    async def three_frames():
        first = await stream.on_frames([frame()])
        second = await stream.on_frames([frame(number=1), frame(number=2)])
        is_free.set()
        while not stream._late.done():
            await asyncio.sleep(0.01)
        monkeypatch.setattr("fer_app.prediction.webcam_stream._PATIENCE", 20)
        return [first, second, await stream.on_frames([frame(number=3)])]

    stream = WebcamStream("me", LiveAnalyzer(predictor), seats=Seats(1), draw=waits)
    before = threading.active_count()
    shown = asyncio.run(three_frames())
    assert [len(frames) for frames in shown] == [1, 1, 1]
    counts = stream.state().counts
    assert (counts.received, counts.processed) == (4, 2)
    stream.end()
    time.sleep(0.2)
    assert threading.active_count() == before


def test_an_error_of_the_analysis_is_told_and_forgotten_with_the_next_good_frame(stream, predictor):
    class Fails:
        def __getattr__(self, name):
            raise RuntimeError("out of order")

    good, stream.analyzer._predictor = stream.analyzer._predictor, Fails()
    stream.read(frame())
    assert "out of order" in stream.state().error
    stream.analyzer._predictor = good
    stream.read(frame(number=1))
    assert stream.state().error == ""


def test_options_hold_from_the_next_frame_on(stream):
    feed(stream, 1)
    live = LiveSettings(smoothing_s=0.0, unsure_below=0.95)
    stream.options = WebcamOptions(live=live, mirrored=False)
    shown = feed(stream, 2, first=1)[-1].to_ndarray(format="rgb24")
    assert stream.analyzer.settings is live
    assert stream.state().result.faces[0].unsure
    unlike = [np.abs(shown.astype(int) - other).mean() for other in (IMAGE, IMAGE[:, ::-1])]
    assert unlike[0] < 0.5 * unlike[1]


def test_frames_of_another_size_are_taken_as_they_come(stream):
    small = np.ascontiguousarray(IMAGE[::2, ::2])
    assert stream.read(frame(small)).to_ndarray(format="rgb24").shape == small.shape
    assert stream.read(frame(IMAGE, 1)).to_ndarray(format="rgb24").shape == IMAGE.shape
    assert stream.state().error == ""


@pytest.mark.parametrize(("height", "width"), [(240, 320), (239, 320), (240, 319)])
def test_the_picture_keeps_its_colours_and_its_last_row_and_column(height, width):
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, :, 0] = np.linspace(40, 220, width)
    picture[:, :, 2] = np.linspace(220, 40, height)[:, None]
    back = _encodable(picture).to_ndarray(format="rgb24")
    assert back.shape == picture.shape
    assert np.abs(back.astype(int) - picture).mean() < 3


def test_without_a_seat_the_raw_picture_goes_on_unanalysed(predictor):
    seats = Seats(1)
    first, second = (WebcamStream(name, LiveAnalyzer(predictor), seats=seats) for name in "ab")
    feed(first, 1)
    given = frame()
    assert second.read(given) is given
    assert second.state().is_refused
    first.end()
    feed(second, 1, first=1)
    assert not second.state().is_refused


def test_the_end_lets_go_of_the_picture_and_ends_a_recording(stream):
    stream.recording = Recording(with_clip=True)
    feed(stream, 3)
    assert stream.snapshot() is not None
    stream.end()
    stream.end()
    state = stream.state()
    assert stream.snapshot() is None
    assert (state.result, state.silent_s, state.counts.processed) == (None, None, 3)
    assert stream.recording.is_over
    assert stream.recording.clip_bytes


def test_a_video_that_broke_off_is_known_by_its_silence_until_it_is_ended(stream):
    feed(stream, 1)
    stream.release()
    assert stream.snapshot() is None
    assert stream.state().silent_s >= 0
    stream.end()
    assert stream.state().silent_s is None


def test_several_cameras_share_one_model_and_keep_their_faces_apart(predictor):
    seats, bright, dark = Seats(2), IMAGE, (IMAGE * 0.35).astype(np.uint8)
    streams = [WebcamStream(name, LiveAnalyzer(predictor), seats=seats) for name in "ab"]

    def run(stream, image):
        for number in range(12):
            stream.read(frame(image, number))

    threads = [threading.Thread(target=run, args=pair) for pair in zip(streams, (bright, dark), strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    lit, dim = (stream.state().result.faces[0].probabilities[3] for stream in streams)
    assert lit > dim + 0.1
