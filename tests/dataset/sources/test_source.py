"""Each kind of source from the outside: what is added, what is kept for a second try, what is left behind."""

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from fer_core.dataset import add_dataset, list_datasets
from fer_core.dataset.catalog import add_dataset_job
from fer_core.dataset.sources.source import find_source
from fer_core.errors import ArchiveError, DatasetError, DownloadError, UnknownLabelsError
from fer_core.jobs import read_status
from fer_core.jobs.execution import run_here
from tests.dataset.pictures import write_class_folders, zip_folder
from tests.dataset.web_server import WebServer, running_server, saying

CSV_COUNTS = {
    "train": {"angry": 2, "happy": 0, "neutral": 1},
    "private_test": {"angry": 0, "happy": 0, "neutral": 1},
    "public_test": {"angry": 0, "happy": 1, "neutral": 0},
}


@pytest.fixture
def faces(tmp_path: Path) -> Path:
    return write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/sad"])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    rows = [(0, "Training"), (0, "Training"), (6, "Training"), (3, "PublicTest"), (6, "PrivateTest")]
    lines = [f"{emotion},{' '.join([str(40 * n)] * 2304)},{usage}" for n, (emotion, usage) in enumerate(rows)]
    table = tmp_path / "fer2013.csv"
    table.write_text("\n".join(["emotion,pixels,Usage", *lines]), encoding="utf-8")
    return table


@pytest.fixture
def server(faces: Path, tmp_path: Path):
    with running_server() as running:
        running.content = zip_folder(faces, tmp_path / "served.zip").read_bytes()
        yield running


def downloads(home: Path) -> list[str]:
    return [path.name for path in home.glob("downloads/*/*") if not path.name.startswith(".")]


@pytest.mark.parametrize("suffix", ["tar", "tar.gz", "tar.bz2", "tar.xz", "tgz"])
def test_a_tar_becomes_a_dataset_named_after_it(fer_home: Path, faces: Path, tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"my faces.{suffix}"
    with tarfile.open(archive, f"w:{suffix.removeprefix('tar').removeprefix('.').replace('tgz', 'gz')}") as opened:
        opened.add(faces, "download/faces")
    dataset = add_dataset(archive)
    assert (dataset.name, dataset.kind, len(dataset.index.table)) == ("my-faces", "tar", 9)
    assert set(dataset.index.table["source"]) == {"my-faces"}


def test_a_table_of_pixels_becomes_a_dataset(fer_home: Path, table: Path) -> None:
    dataset = add_dataset(table)
    assert (dataset.name, dataset.kind) == ("fer2013", "csv")
    assert dataset.index.counts().to_dict() == CSV_COUNTS
    assert len(dataset.index.select(split="test")) == 2
    assert table.exists()


def test_a_table_is_found_in_an_archive_or_a_folder(fer_home: Path, table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "kaggle"
    (folder / "inner").mkdir(parents=True)
    shutil.copy(table, folder / "inner" / "icml_face_data.csv")
    (folder / "train.csv").write_text("emotion,pixels\n0,1 2 3\n", encoding="utf-8")
    (folder / "other.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    zipped = add_dataset(zip_folder(folder, tmp_path / "zipped.zip"))
    assert zipped.index.counts().to_dict() == CSV_COUNTS
    assert not [*zipped.files_folder.rglob("*.csv")]
    in_folder = add_dataset(folder)
    assert in_folder.index.counts().to_dict() == CSV_COUNTS
    assert in_folder.kind == "csv"
    assert {path.name for path in folder.rglob("*.csv")} == {"icml_face_data.csv", "train.csv", "other.csv"}


def test_two_whole_tables_are_not_chosen_between(fer_home: Path, table: Path, tmp_path: Path) -> None:
    (tmp_path / "two").mkdir()
    for name in ("a.csv", "b.csv"):
        shutil.copy(table, tmp_path / "two" / name)
    with pytest.raises(DatasetError, match=r"several tables of pictures: 'a\.csv', 'b\.csv'"):
        add_dataset(tmp_path / "two")


def test_an_address_becomes_a_dataset_and_the_download_goes(fer_home: Path, server: WebServer) -> None:
    stages: dict[str, tuple[int, int]] = {}
    sha256 = hashlib.sha256(server.content).hexdigest()

    def on_progress(done: int, total: int, words: str) -> None:
        stages[words] = (done, total)

    dataset = add_dataset(server.url, sha256=sha256, on_progress=on_progress)
    assert (dataset.name, dataset.kind, dataset.source) == ("faces", "url", server.url)
    num_kilobytes = len(server.content) // 1000
    assert stages == {"Downloading (kB)": (num_kilobytes, num_kilobytes), "Unpacking": (9, 9), "Indexing": (9, 9)}
    assert not [*fer_home.glob("downloads/*")]


def test_a_download_waits_for_the_answer_what_its_labels_mean(
    fer_home: Path, server: WebServer, tmp_path: Path
) -> None:
    folder = write_class_folders(tmp_path / "numbers", ["1", "2"])
    server.content = zip_folder(folder, tmp_path / "numbers.zip").read_bytes()
    with pytest.raises(UnknownLabelsError):
        add_dataset(server.url)
    assert len(downloads(fer_home)) == 1
    server.content = b""  # a second download would bring this
    dataset = add_dataset(server.url, label_map={"1": "surprise", "2": "fear"})
    assert dataset.index.class_names == ("fear", "surprise")
    assert not [*fer_home.glob("downloads/*")]


def test_what_is_no_archive_is_not_kept(fer_home: Path, server: WebServer) -> None:
    server.content = b"I am no archive" * 100
    with pytest.raises(ArchiveError):
        add_dataset(server.url)
    assert not [*fer_home.glob("downloads/*")]


@pytest.mark.parametrize(
    ("sha256", "error"), [("0" * 64, "was expected"), ("abc", "no SHA-256")], ids=["another", "no-sum"]
)
def test_a_file_that_is_another_one_is_refused(fer_home: Path, server: WebServer, sha256: str, error: str) -> None:
    with pytest.raises(DownloadError, match=error):
        add_dataset(server.url, sha256=sha256)
    assert list_datasets() == []


def test_a_taken_name_is_refused_before_the_download(fer_home: Path, faces: Path, server: WebServer) -> None:
    add_dataset(faces, name="mine")
    with pytest.raises(DatasetError, match="already"):
        add_dataset(server.url, name="mine")
    assert server.requests == []


def test_a_missing_address_says_so_and_leaves_nothing(fer_home: Path, server: WebServer) -> None:
    server.answers = [saying(404)]
    with pytest.raises(DownloadError):
        add_dataset(server.url)
    assert [*fer_home.glob("datasets/*")] == []


@pytest.mark.parametrize("source", ["faces", "drawn"])
def test_a_sum_needs_a_file(fer_home: Path, faces: Path, source: str) -> None:
    with pytest.raises(DatasetError, match="no single file"):
        add_dataset(faces if source == "faces" else source, sha256="0" * 64)


@pytest.mark.parametrize(
    ("text", "kind", "stem"),
    [
        ("https://host.org/a/FER%20faces.tar.gz?dl=1", "url", "FER faces"),
        ("HTTP://host.org/", "url", "HTTP://host.org/"),
        ("kaggle:owner/name", "kaggle", "name"),
        ("https://www.kaggle.com/datasets/owner/name", "kaggle", "name"),
        ("https://www.kaggle.com/api/v1/datasets/download/owner/name", "url", "name"),
        ("drawn", "drawn", "drawn"),
    ],
)
def test_a_source_is_known_by_its_text(text: str, kind: str, stem: str) -> None:
    source = find_source(text)
    assert (source.kind, source.stem) == (kind, stem)


@pytest.mark.parametrize("text", ["nowhere.zip", "x" * 300, "~nobody-of-this-name/faces", "", "http:/typo.org/x.zip"])
def test_a_source_that_is_nowhere_is_refused(text: str) -> None:
    with pytest.raises(DatasetError, match=r"There is no file or folder|cannot be read"):
        find_source(text)


@pytest.mark.parametrize("stage", ["Unpacking", "Indexing"])
def test_what_a_kill_leaves_is_hidden_and_swept_up_by_the_next(
    fer_home: Path, faces: Path, tmp_path: Path, stage: str
) -> None:
    archive = zip_folder(faces, tmp_path / "faces.zip")
    script = (
        "import os, signal\nfrom fer_core.dataset import add_dataset\n"
        f"def stop(done, total, words):\n    if words == {stage!r} and done: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"add_dataset({str(archive)!r}, on_progress=stop)\n"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == -signal.SIGKILL
    (leftover,) = (fer_home / "datasets").iterdir()
    assert leftover.name.endswith(".partial")
    assert list_datasets() == []
    add_dataset(archive)
    assert [path.name for path in (fer_home / "datasets").iterdir()] == ["faces"]


def test_a_job_keeps_an_upload_until_its_labels_are_known(fer_home: Path, tmp_path: Path) -> None:
    upload = zip_folder(write_class_folders(tmp_path / "odd", ["1", "bored"]), tmp_path / "upload.zip")
    target = f"{add_dataset_job.__module__}:{add_dataset_job.__name__}"
    arguments = {"source": str(upload), "delete_source": True}
    with pytest.raises(UnknownLabelsError):
        run_here(tmp_path / "job", target, arguments, title="Adding")
    details = read_status(tmp_path / "job").details
    assert details == {"unknown_labels": {"1": 3, "bored": 3}, "suggestions": {"1": "", "bored": "bored"}}
    answered = {**arguments, "label_map": {"1": "happy", "bored": "bored"}}
    result = run_here(tmp_path / "job", target, answered, title="Adding")
    assert result == {"name": "upload"}
    assert not upload.exists()
    json.dumps(details)
