import base64
import io
import json
import re
import time
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

import fer_app.training.live_curves
from fer_app.training.live_curves.content import Sent, news, run_content
from fer_app.training.live_curves.growing_file import GrowingFile
from fer_app.training.live_curves.log_tail import LogTail
from fer_app.training.live_curves.run_reader import CURVE_COLUMNS, RunReader
from fer_core.dataset import add_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.jobs import read_status, request_cancel
from fer_core.training import Run
from tests.fer_app.training.growing_runs import NUM_FACES, note_epoch, start_growing_run, write_run

FOLDER = Path(fer_app.training.live_curves.__file__).parent
OLD_HISTORY = """epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second
1,1.9,0.3,1.8,0.4,0.05,2.0,400.0
2,1.5,0.5,nan,0.625,0.03,2.0,412.3
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("FER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_only_whole_new_lines_are_read(tmp_path):
    path = tmp_path / "file"
    file = GrowingFile(path)
    assert file.read() == (False, [])
    path.write_text("one\ntwo\nthr")
    assert file.read() == (False, ["one", "two"])
    assert file.read() == (False, [])
    _append(path, "ee\r\nfour\n")
    assert file.read() == (False, ["three", "four"])


@pytest.mark.parametrize("change", ["replaced", "cut", "removed"])
def test_a_file_that_is_another_one_begins_afresh(tmp_path, change):
    path = tmp_path / "file"
    path.write_text("one\ntwo\n")
    file = GrowingFile(path)
    file.read()
    if change == "replaced":
        (tmp_path / "new").write_text("three\nfour\nfive\n")
        (tmp_path / "new").replace(path)
    elif change == "cut":
        path.write_text("one\n")
    else:
        path.unlink()
    expected = {"replaced": ["three", "four", "five"], "cut": ["one"], "removed": []}[change]
    assert file.read() == (True, expected)


def test_a_reader_keeps_what_it_has_read_and_passes_over_what_is_no_record(tmp_path):
    run = write_run(tmp_path / "run", noted=2)
    reader = RunReader(run.folder)
    reader.refresh()
    first = reader.rows.texts[0]
    _append(run.folder / "history.csv", "not a number,1\n3,")
    _append(run.folder / "epochs.jsonl", "{}\n[1]\n")
    reader.refresh()
    assert len(reader.rows.texts) == len(reader.epochs.texts) == 2
    note_epoch(run.folder, 3)
    reader.refresh()
    assert len(reader.epochs.texts) == 3
    assert reader.rows.texts[0] is first


def test_values_that_json_does_not_know_are_missing(tmp_path):
    (tmp_path / "history.csv").write_text(OLD_HISTORY)
    (tmp_path / "epochs.jsonl").write_text('{"epoch": 1, "confusion": [[1]], "recall": {"a": NaN}, "faces": []}\n')
    reader = RunReader(tmp_path)
    reader.refresh()
    row = dict(zip(CURVE_COLUMNS, json.loads(reader.rows.texts[1]), strict=True))
    assert (row["epoch"], row["val_accuracy"], row["val_loss"], row["val_macro_f1"]) == (2, 0.625, None, None)
    assert json.loads(reader.epochs.texts[0])["recall"] == {"a": None}


def test_news_hold_what_was_not_sent_and_a_little_of_what_was(tmp_path):
    run = write_run(tmp_path / "run", noted=10)
    reader, sent = RunReader(run.folder), Sent()
    everything = json.loads(news(run.name, reader, sent, {}, ""))
    assert [len(everything[part]["texts"]) for part in ("rows", "epochs")] == [10, 10]
    note_epoch(run.folder, 11)
    fresh = json.loads(news(run.name, reader, sent, {"phase": "x"}, "log"))
    assert (fresh["rows"]["from"], fresh["rows"]["total"]) == (8, 11)
    assert [row[0] for row in fresh["rows"]["texts"]] == [9, 10, 11]
    assert [record["epoch"] for record in fresh["epochs"]["texts"]] == [9, 10, 11]
    assert (fresh["facts"], fresh["log"]) == ({"phase": "x"}, "log")
    assert (sent.rows, sent.epochs, sent.hardware) == (11, 11, 11)


def test_news_of_a_run_that_went_back_tell_its_new_length(tmp_path):
    run = write_run(tmp_path / "run", noted=10)
    reader, sent = RunReader(run.folder), Sent()
    news(run.name, reader, sent, {}, "")
    path = run.folder / "history.csv"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:5]))
    fresh = json.loads(news(run.name, reader, sent, {}, ""))
    assert (fresh["rows"]["from"], fresh["rows"]["total"]) == (2, 4)


def test_a_run_of_an_earlier_version_has_curves_and_no_details(tmp_path):
    run = write_run(tmp_path / "run")
    for name in ("epochs.jsonl", "hardware.csv", "watched_faces.json"):
        (run.folder / name).unlink(missing_ok=True)
    (run.folder / "history.csv").write_text(OLD_HISTORY)
    content = run_content(run, with_details=True)
    assert len(json.loads(content["rows"])) == 2
    assert (content["epochs"], content["hardware"], content["faces"]) == ("[]", "[]", None)
    assert content["metric"] == "val_accuracy"


def test_a_run_whose_dataset_is_gone_keeps_its_faces_labels(home):
    content = run_content(write_run(home / "runs" / "run", noted=1), with_details=True)
    assert content["faces"]["mosaic"] == ""
    assert len(content["faces"]["labels"]) == NUM_FACES


def test_the_watched_faces_come_as_one_small_picture(home, tmp_path):
    write_drawn_faces(tmp_path / "faces", num_train=21, num_test=7)
    add_dataset(tmp_path / "faces", name="drawn")
    mosaic = run_content(write_run(home / "runs" / "run", noted=1), with_details=True)["faces"]["mosaic"]
    picture = Image.open(io.BytesIO(base64.b64decode(mosaic.removeprefix("data:image/jpeg;base64,"))))
    assert picture.size == (NUM_FACES * 48, 48)


def test_the_log_is_read_again_when_it_has_changed(tmp_path):
    run = write_run(tmp_path / "run")
    tail = LogTail(run)
    assert tail.read() == ""
    (run.folder / "training.log").write_text("\n".join(map(str, range(30))))
    assert tail.read().splitlines() == [str(number) for number in range(10, 30)]


def _page() -> None:
    import streamlit as st

    from fer_app.training.live_curves import show_live
    from fer_core.training import open_run

    st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    show_live(open_run("going"))


def _keys(app: AppTest) -> list[str]:
    return [element.proto.component_name for element in app.get("bidi_component")]


def test_a_live_run_sends_news_and_at_its_end_the_page_runs_again_once(home):
    run = start_growing_run(home / "runs", "going", seconds=0.2, epochs=500, noted=3)
    app = AppTest.from_function(_page, default_timeout=60).run()
    assert not app.exception
    assert _keys(app) == ["fer_live_curves", "fer_run_news"]
    request_cancel(run.folder)
    while read_status(run.folder).is_live:
        time.sleep(0.05)
    app.run()
    assert not app.exception
    assert "fer_run_news" not in _keys(app)


def test_damaged_settings_do_not_hide_the_curves(tmp_path):
    run = write_run(tmp_path / "run", noted=1)
    (run.folder / "config.json").write_text("{")
    assert run_content(replace(run), with_details=True)["metric"] == "val_accuracy"
    assert isinstance(run, Run)


def test_the_curves_fetch_nothing_from_elsewhere_and_build_no_markup_from_names():
    text = "".join(path.read_text("utf-8") for path in sorted(FOLDER.iterdir()) if path.suffix in (".js", ".css"))
    text = text.replace("http://www.w3.org/2000/svg", "")  # a name, not an address
    assert not re.search(r"https?://|innerHTML|insertAdjacentHTML|eval\(", text)
