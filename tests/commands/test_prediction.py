import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from fer_core.models import find_model
from fer_core.prediction import load_predictor
from tests.scenes import portrait
from tests.source_tree import PROJECT


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(portrait()).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 20, (512, 512))
    for _ in range(4):
        writer.write(np.ascontiguousarray(portrait()[..., ::-1]))
    writer.release()
    return path


def test_predict_lists_broken_files_and_goes_on(run, photo: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")
    out = tmp_path / "out.csv"
    options = ("--out", out, "--faces", "whole", "--model", find_model("default").folder, "--views", "one")
    assert run("predict", photo, broken, *options)[0] == 0
    assert list(pd.read_csv(out)["image"]) == [str(photo)]
    assert list(pd.read_csv(f"{out}.errors.csv")["image"]) == [str(broken)]
    assert run("predict", broken, *options)[0] == 1


def test_probabilities_are_those_of_the_library(run, photo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    code, _, said = run("predict", photo, "--out", out, "--annotated", tmp_path / "copies")
    assert (code, "faces: 1, pictures: 1" in said) == (0, True)
    (row,) = [json.loads(line) for line in out.read_text().splitlines()]
    (expected,) = load_predictor().predict(photo).rows()
    assert row == expected
    assert (tmp_path / "copies" / "photo.png.jpg").exists()


def test_without_a_file_the_faces_are_printed(run, photo: Path, tmp_path: Path) -> None:
    Image.new("RGB", (80, 80)).save(tmp_path / "empty.png")
    code, printed, _ = run("predict", photo)
    assert code == 0
    (expected,) = load_predictor().predict(photo).rows()
    assert expected["label"] in printed.splitlines()[1]
    assert f"{expected['confidence']:.1%}" in printed
    code, printed, said = run("predict", tmp_path / "empty.png")
    assert (code, printed, "No face was found" in said) == (0, "", True)


def test_video_stands_in_the_cameras_place(run, clip: Path, tmp_path: Path) -> None:
    code, _, said = run("predict", "--camera", clip, "--out", tmp_path / "out.csv")
    assert "Apparent expression" in said.partition("Ctrl-C")[0]
    assert (code, "faces: 4, frames: 4" in said) == (0, True)
    assert pd.read_csv(tmp_path / "out.csv")["frame"].tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        pytest.param("--out o.csv", 2, "one of the arguments PATH --camera is required", id="nothing"),
        pytest.param("--camera 0", 2, "--camera needs --out", id="camera-without-output"),
        pytest.param("a.png --annotated copies", 2, "--annotated goes with --out", id="copies-without-output"),
        pytest.param("a.png", 1, "a.png", id="missing-without-output"),
        pytest.param("a.png --camera 0 --out o.csv", 2, "not allowed with argument", id="both"),
        pytest.param("a.png --show --out o.csv", 2, "--show goes with --camera", id="show"),
        pytest.param("--camera 0 --faces whole --out o.csv", 2, "go with pictures", id="whole-video"),
        pytest.param("--camera 0 --views all --out o.csv", 2, "go with pictures", id="all-views-of-video"),
        pytest.param("--camera 77 --out o.csv", 1, "camera 77 gives no picture", id="no-camera"),
        pytest.param("a.png --out o.txt", 1, ".csv, .parquet or .jsonl", id="format"),
        pytest.param("a.png --out o.csv --model nobody", 1, "nobody", id="model"),
        pytest.param("a.png --out o.csv", 1, "could not be read", id="missing"),
    ],
)
def test_exit_codes_and_what_is_said(run, tmp_path: Path, monkeypatch, words: str, code: int, sentence: str) -> None:
    monkeypatch.chdir(tmp_path)
    received, _, said = run("predict", *words.split())
    assert received == code
    assert sentence in said


def started(folder: Path, *words: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, "-m", "fer_core", "predict", *words]
    return subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True)


def wait_for(condition) -> None:
    deadline = time.monotonic() + 300
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_ctrl_c_keeps_what_a_camera_gave_and_ends_well(tmp_path: Path, clip: Path) -> None:
    long = tmp_path / "long.avi"
    frame = np.ascontiguousarray(portrait()[::2, ::2, ::-1])
    writer = cv2.VideoWriter(str(long), cv2.VideoWriter_fourcc(*"MJPG"), 20, (256, 256))
    for _ in range(1500):
        writer.write(frame)
    writer.release()
    out = tmp_path / "out.csv"
    process = started(tmp_path, "--camera", "long.avi", "--out", "out.csv")
    wait_for(lambda: out.exists() and out.read_bytes().count(b"\n") > 10)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    table = pd.read_csv(out)
    assert process.returncode == 0, said
    assert 10 <= len(table) < 1500
    assert f"faces: {len(table)}" in said
    assert table.notna().all(axis=None)


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_ctrl_c_in_a_batch_says_how_to_go_on(tmp_path: Path, photo: Path) -> None:
    for number in range(1000):
        os.link(photo, tmp_path / f"{number}.png")
    process = started(tmp_path, ".", "--out", "out.csv")
    journal = tmp_path / "out.csv.unfinished" / "journal.jsonl"
    wait_for(lambda: journal.exists() and journal.read_bytes().count(b"\n") > 3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "the same command goes on there" in said.replace("\n", " ")
    assert not (tmp_path / "out.csv").exists()
