import os
import time
import zipfile

import pandas as pd
import pytest

from fer_core.errors import SettingsError
from fer_core.jobs import read_result, read_status, request_cancel, run_here, start_job
from fer_core.prediction.batch import BATCH_TARGET, UPLOADS_FOLDER
from fer_core.prediction.batch.journal import unfinished_folder


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "jobs" / "batch"


def upload(folder, photos):
    """What a page does with uploads: pictures and a zip in the job's folder."""
    uploads = folder / UPLOADS_FOLDER
    uploads.mkdir(parents=True)
    (uploads / "one.png").write_bytes((photos / "one.png").read_bytes())
    (uploads / "bad.png").write_bytes(b"no picture")
    with zipfile.ZipFile(uploads / "more.zip", "w") as opened:
        opened.write(photos / "one.png", "inside/a.png")
    return uploads


def test_uploads_become_a_table_and_copies_and_are_deleted(fer_home, photos, folder):
    uploads = upload(folder, photos)
    arguments = {"settings": {"views": "one"}, "with_copies": True}
    result = run_here(folder, BATCH_TARGET, arguments, title="Batch")
    table = pd.read_csv(result["table"])
    assert table["image"].tolist() == [os.path.join("more.zip", "inside", "a.png"), "one.png"]
    assert pd.read_csv(result["errors"])["image"].tolist() == ["bad.png"]
    with zipfile.ZipFile(result["annotated"]) as opened:
        assert sorted(opened.namelist()) == ["more.zip/inside/a.png.jpg", "one.png.jpg"]
    assert (result["num_pictures"], result["num_faces"], result["num_errors"]) == (2, 2, 1)
    assert not uploads.exists()
    assert read_result(folder)["num_faces"] == 2


def test_nothing_to_read_is_said(fer_home, folder):
    with pytest.raises(SettingsError, match="no picture to read"):
        run_here(folder, BATCH_TARGET, {}, title="Batch")


@pytest.mark.slow
def test_started_job_can_be_cancelled_and_its_uploads_are_gone(fer_home, photos, folder):
    uploads = upload(folder, photos)
    for number in range(2000):
        os.link(uploads / "one.png", uploads / f"{number}.png")
    start_job(folder, BATCH_TARGET, {}, title="Batch")
    deadline = time.monotonic() + 300
    while read_status(folder).done < 3 and read_status(folder).is_live and time.monotonic() < deadline:
        time.sleep(0.05)
    request_cancel(folder)
    while read_status(folder).is_live and time.monotonic() < deadline:
        time.sleep(0.05)
    assert read_status(folder).state == "stopped"
    assert not uploads.exists()
    assert not (folder / "expressions.csv").exists()
    assert unfinished_folder(folder / "expressions.csv").exists() or read_status(folder).done < 2000
