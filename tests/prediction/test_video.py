import os

import cv2
import numpy as np
import pandas as pd
import pytest

from fer_core.errors import SettingsError
from fer_core.faces import FaceDetector
from fer_core.labels import EXPRESSIONS
from fer_core.prediction import Predictor
from fer_core.prediction.video import Video, write_video_predictions
from fer_core.prediction.video_window import VideoWindow
from tests.prediction.stand_ins import BrightnessClassifier
from tests.scenes import Place, scene

FRAMES, RATE = 8, 20
READ = {".csv": pd.read_csv, ".parquet": pd.read_parquet, ".jsonl": lambda path: pd.read_json(path, lines=True)}


@pytest.fixture(scope="module")
def predictor():
    return Predictor(BrightnessClassifier(), FaceDetector())


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """Two faces, the left one walking to the right by six pixels a frame."""
    path = tmp_path_factory.mktemp("video") / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), RATE, (480, 320))
    for number in range(FRAMES):
        image, _ = scene(480, 320, [Place(110 + 6 * number, 160), Place(380, 150, 90)])
        writer.write(np.ascontiguousarray(image[..., ::-1]))
    writer.release()
    return path


@pytest.mark.parametrize("suffix", READ)
def test_every_frame_gives_its_faces_with_time_and_number(predictor, clip, tmp_path, suffix):
    out = tmp_path / f"faces{suffix}"
    summary = write_video_predictions(predictor, str(clip), out)
    table = READ[suffix](out)
    columns = ["image", "frame", "time_s", "face", "x1", "y1", "x2", "y2", "detection_score"]
    columns += ["label", "confidence", "unsure", *(f"p_{name}" for name in EXPRESSIONS)]
    assert list(table.columns) == columns
    assert set(table["image"]) == {str(clip)}
    assert table["frame"].tolist() == [number for number in range(FRAMES) for _ in range(2)]
    np.testing.assert_allclose(table["time_s"], table["frame"] / RATE, atol=1e-3)
    assert (summary.num_frames, summary.num_faces, summary.num_failed) == (FRAMES, 2 * FRAMES, 0)
    assert os.listdir(tmp_path) == [out.name]


def test_a_face_keeps_its_number_while_it_moves(predictor, clip, tmp_path):
    write_video_predictions(predictor, str(clip), tmp_path / "faces.csv")
    table = pd.read_csv(tmp_path / "faces.csv")
    walking, standing = (rows for _, rows in table.groupby("face"))
    assert walking["x1"].iloc[-1] - walking["x1"].iloc[0] == pytest.approx(6 * (FRAMES - 1), abs=8)
    assert standing["x1"].std() < 4


def test_the_table_grows_while_the_camera_runs(predictor, clip, tmp_path):
    out, lengths = tmp_path / "faces.csv", []
    write_video_predictions(predictor, str(clip), out, on_progress=lambda *_: lengths.append(len(pd.read_csv(out))))
    assert lengths == [2 * number for number in range(1, FRAMES + 1)]


@pytest.mark.parametrize("suffix", READ)
@pytest.mark.parametrize("way", ["asked", "interrupted"])
def test_what_was_read_before_a_stop_is_kept(predictor, clip, tmp_path, suffix, way):
    out = tmp_path / f"faces{suffix}"
    frames = []

    def on_progress(done, total):
        frames.append((done, total))
        if way == "interrupted" and done == 3:
            raise KeyboardInterrupt

    def write():
        return write_video_predictions(
            predictor, str(clip), out, on_progress=on_progress, should_stop=lambda: len(frames) == 3
        )

    if way == "asked":
        assert write().num_frames == 3
    else:
        with pytest.raises(KeyboardInterrupt):
            write()
    assert READ[suffix](out)["frame"].tolist() == [0, 0, 1, 1, 2, 2]
    assert frames[-1] == (3, FRAMES)
    assert os.listdir(tmp_path) == [out.name]


def test_frames_and_results_are_handed_on(predictor, clip, tmp_path):
    seen = []
    write_video_predictions(
        predictor, str(clip), tmp_path / "faces.csv", on_frame=lambda frame, result: seen.append((frame, result))
    )
    assert [len(result.faces) for _, result in seen] == [2] * FRAMES
    frame = seen[0][0]
    assert (frame.shape, frame.dtype) == ((320, 480, 3), np.uint8)
    expected, _ = scene(480, 320, [Place(110, 160), Place(380, 150, 90)])
    assert np.abs(frame.astype(int) - expected).mean() < 6  # red is red


@pytest.mark.parametrize(
    ("source", "message"),
    [
        pytest.param("gone.mp4", "There is no video 'gone.mp4'", id="missing"),
        pytest.param("text.mp4", "holds no frame that OpenCV can read", id="no-video"),
        pytest.param("empty.mp4", "holds no frame that OpenCV can read", id="empty"),
        pytest.param("77", "camera 77 gives no picture. Check that it is plugged in", id="no-camera"),
    ],
)
def test_what_gives_no_picture_is_said_and_an_earlier_table_kept(
    predictor, tmp_path, monkeypatch, capfd, source, message
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.mp4").write_text("no video")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "faces.csv").write_text("earlier")
    with pytest.raises(SettingsError, match=message):
        write_video_predictions(predictor, source, "faces.csv")
    assert (tmp_path / "faces.csv").read_text() == "earlier"
    assert "WARN" not in capfd.readouterr().err


def test_damaged_video_is_read_as_far_as_it_goes(predictor, clip, tmp_path):
    content = clip.read_bytes()
    (tmp_path / "cut.avi").write_bytes(content[: len(content) // 2])
    summary = write_video_predictions(predictor, str(tmp_path / "cut.avi"), tmp_path / "faces.csv")
    assert 1 <= summary.num_frames < FRAMES


def test_video_knows_its_length(clip):
    video = Video(str(clip))
    assert (video.num_frames, video.is_camera) == (FRAMES, False)
    video.close()


@pytest.mark.skipif(bool(cv2.currentUIFramework()), reason="this OpenCV has windows")
def test_headless_opencv_says_what_to_install():
    with pytest.raises(SettingsError, match="install opencv-python in its place"):
        VideoWindow(mirror=True)
