import shutil
from pathlib import Path

import pytest

from fer_core.dataset import open_dataset
from fer_core.dataset.drawn.faces import write_drawn_faces
from fer_core.errors import DatasetError
from fer_core.notebook.dataset import check_dataset, findings_table, get_dataset
from tests.notebook.displays import Displays, in_place


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    write_drawn_faces(tmp_path / "drawn", num_train=21, num_test=14)
    return Path(shutil.make_archive(str(tmp_path / "faces"), "zip", tmp_path / "drawn"))


def last_words(displays: Displays) -> str:
    return list(in_place(displays, "text/html").values())[-1]


def test_pictures_are_unpacked_elsewhere_and_the_index_outlives_them(
    fer_home: Path, archive: Path, tmp_path: Path, displays: Displays
) -> None:
    pictures = tmp_path / "fast"
    made = get_dataset(str(archive), "faces", pictures=pictures)
    assert last_words(displays) == "faces: 35 images (21 in train, 14 in test)."
    assert len(list(pictures.rglob("*.png"))) == 35
    assert list(fer_home.rglob("*.png")) == []
    shutil.rmtree(pictures)
    archive.unlink()
    again = get_dataset(str(archive), "faces", pictures=pictures)
    assert last_words(displays).startswith("faces is there already: 35 images")
    assert again.view().fingerprint == made.view().fingerprint
    assert again.index.images[0].any()


@pytest.mark.usefixtures("fer_home", "displays")
def test_what_an_interrupted_cell_left_is_unpacked_anew(archive: Path, tmp_path: Path) -> None:
    leftover = tmp_path / "fast" / "faces" / "train" / "happy" / "half.png"
    leftover.parent.mkdir(parents=True)
    leftover.write_bytes(b"half a picture")
    dataset = get_dataset(str(archive), "faces", pictures=tmp_path / "fast")
    assert len(dataset.index.table) == 35


@pytest.mark.usefixtures("displays")
def test_without_a_fast_disk_everything_lies_in_the_home(fer_home: Path, archive: Path) -> None:
    get_dataset(str(archive), "faces")
    assert len(list((fer_home / "datasets/faces").rglob("*.png"))) == 35


@pytest.mark.usefixtures("fer_home", "displays")
def test_a_source_that_is_not_there_leaves_no_dataset(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="no file or folder"):
        get_dataset(str(tmp_path / "gone.zip"), "faces", pictures=tmp_path / "fast")
    with pytest.raises(DatasetError, match="no dataset"):
        open_dataset("faces")


@pytest.mark.usefixtures("fer_home")
def test_the_health_report_is_made_once_and_lists_what_is_wrong(archive: Path, displays: Displays) -> None:
    dataset = get_dataset(str(archive), "faces")
    report = check_dataset(dataset)
    assert last_words(displays).startswith(f"{len(report.findings)} checks: ")
    table = findings_table(report)
    assert len(table) == sum(report.num_findings(severity) for severity in ("problem", "warning", "notice"))
    assert list(table.columns) == ["severity", "check", "found", "share", "what to do"]
    file = dataset.audit_folder / "report.json"
    made_at = file.stat().st_mtime_ns
    assert check_dataset(dataset).fingerprint == report.fingerprint
    assert file.stat().st_mtime_ns == made_at
