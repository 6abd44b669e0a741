import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from fer_core.dataset import add_dataset, list_datasets, open_dataset
from fer_core.dataset.file_changes import reindex_dataset
from fer_core.dataset.indexing.building import build_index
from fer_core.dataset.sources.folders import read_class_folders
from fer_core.errors import Cancelled, DatasetError
from tests.dataset.pictures import write_class_folders
from tests.source_tree import PROJECT


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    """200 pictures: several batches."""
    return write_class_folders(tmp_path / "faces", ["train/happy", "train/sad"], num_images=100)


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "index"
    folder.mkdir()
    return folder


def run_python(code: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_rows_keep_their_order_through_many_batches(faces: Path, into: Path) -> None:
    pictures = read_class_folders(faces).sample(frac=1, random_state=0)
    index = build_index(pictures, faces, into)
    assert index.table["path"].tolist() == pictures["path"].tolist()
    brightness = index.images.reshape(200, -1).mean(axis=1)
    np.testing.assert_allclose(index.table["brightness"], brightness, rtol=1e-5)


def test_progress_counts_every_picture(faces: Path, into: Path) -> None:
    reports: list[tuple[int, int]] = []
    build_index(read_class_folders(faces), faces, into, on_progress=lambda *report: reports.append(report))
    assert reports == sorted(reports)
    assert reports[-1] == (200, 200)


def test_groups_and_source_of_the_pictures_are_kept(faces: Path, into: Path) -> None:
    pictures = read_class_folders(faces).assign(source="lab", subject="anna")
    table = build_index(pictures, faces, into).table
    assert list(table.columns[:6]) == ["image_id", "path", "split", "label", "source", "subject"]
    assert set(table["source"]) == {"lab"}


def test_a_group_called_like_a_column_of_the_index_is_refused(faces: Path, into: Path) -> None:
    with pytest.raises(DatasetError, match="'width'"):
        build_index(read_class_folders(faces).assign(width=3), faces, into)


def test_no_pictures_are_no_dataset(tmp_path: Path, into: Path) -> None:
    with pytest.raises(DatasetError, match="contains no pictures"):
        build_index(pd.DataFrame(columns=["path", "split", "label"]), tmp_path, into)


def test_a_stop_request_leaves_nothing_and_ends_the_threads(faces: Path, into: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled("Stopped on request.")

    with pytest.raises(Cancelled):
        build_index(read_class_folders(faces), faces, into, on_progress=stop)
    assert list(into.iterdir()) == []
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("index")] == []


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from fer_core.dataset.sources.folders import read_class_folders
from fer_core.dataset.indexing.building import build_index
from fer_core.errors import DatasetError
faces, into = map(Path, {places})
pictures = read_class_folders(faces)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))  # no file may grow larger
try:
    build_index(pictures, faces, into)
except DatasetError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file sizes can be limited on Unix only")
def test_a_disk_that_gets_full_is_named_and_keeps_nothing_half_made(faces: Path, into: Path) -> None:
    process = run_python(FULL_DISK.format(places=[str(faces), str(into)]))
    said, errors = process.communicate(timeout=60)
    assert "The index cannot be written" in said, errors
    assert "Free some space" in said
    assert list(into.iterdir()) == []


KILLED = """
import os, time
from fer_core.dataset import add_dataset
from fer_core.dataset.file_changes import reindex_dataset

def wait(done, total, words=""):
    if not done:
        return
    print(done, flush=True)
    time.sleep(60)

{call}
"""


def kill_half_way(call: str, fer_home: Path) -> None:
    process = run_python(KILLED.format(call=call), FER_HOME=str(fer_home))
    assert process.stdout is not None
    assert int(process.stdout.readline()) > 0
    process.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
    process.communicate(timeout=30)


def test_a_process_killed_while_adding_leaves_no_dataset(fer_home: Path, faces: Path) -> None:
    kill_half_way(f"add_dataset({str(faces)!r}, name='mine', on_progress=wait)", fer_home)
    assert list_datasets() == []
    add_dataset(faces, name="mine")
    assert [path.name for path in (fer_home / "datasets").iterdir()] == ["mine"]


def test_a_process_killed_while_indexing_again_leaves_the_earlier_index(fer_home: Path, faces: Path) -> None:
    before = add_dataset(faces, name="mine")
    files = sorted(path.name for path in before.folder.iterdir())
    kill_half_way("reindex_dataset('mine', on_progress=wait)", fer_home)
    pd.testing.assert_frame_equal(open_dataset("mine").index.table, before.index.table)
    reindex_dataset("mine")
    assert sorted(path.name for path in before.folder.iterdir()) == files
