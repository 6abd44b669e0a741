import json
from pathlib import Path

import pytest
from PIL import Image

from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.corrections.edits import relabel
from fer_core.health import audit_job_folder
from tests.dataset.pictures import write_class_folders


@pytest.fixture
def sick(fer_home: Path, tmp_path: Path) -> None:
    """A dataset with a leak, a contradiction, a blank, a broken file and a JPEG test split."""
    faces = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy"], num_images=12)
    for path in (faces / "test/happy").iterdir():
        Image.open(path).save(path.with_suffix(".jpg"))
        path.unlink()
    Image.open(faces / "train/happy/0.png").save(faces / "test/happy/copy.png")
    Image.open(faces / "train/happy/1.png").save(faces / "train/sad/copy.png")
    Image.new("L", (48, 48), 9).save(faces / "train/sad/blank.png")
    (faces / "train/sad/broken.png").write_bytes(b"nothing")
    add_dataset(faces, name="sick")


@pytest.mark.usefixtures("sick")
def test_the_report_prints_and_writes_every_check(run, tmp_path: Path) -> None:
    code, out, _ = run("dataset", "report", "sick", "--json", tmp_path / "report.json")
    assert code == 0
    report = json.loads((tmp_path / "report.json").read_text())
    assert {"dataset", "fingerprint", "num_images", "checks", "class_counts", "split_comparison"} <= set(report)
    assert (report["dataset"], report["num_images"]) == ("sick", 39)
    counts = {check["check"]: (check["count"], check["total"]) for check in report["checks"]}
    assert counts["unreadable"] == (1, 40)
    assert counts["blank"] == (1, 39)
    assert counts["identical"] == (4, 39)
    assert counts["leak"] == (1, 13)
    assert counts["contradicting"] == (2, 39)
    assert counts["missing_class"] == (1, 4)
    assert counts["split_format"] == (12, 13)
    assert "face_not_found" not in counts
    assert all(check["check"] in out for check in report["checks"])
    assert "no sad in test" in out
    assert not audit_job_folder(open_dataset("sick")).exists()


@pytest.mark.usefixtures("sick")
def test_a_report_is_kept_until_labels_change(run, tmp_path: Path) -> None:
    def contradictions() -> int:
        run("dataset", "report", "sick", "--json", tmp_path / "report.json")
        checks = json.loads((tmp_path / "report.json").read_text())["checks"]
        return next(check["count"] for check in checks if check["check"] == "contradicting")

    assert contradictions() == 2
    dataset = open_dataset("sick")
    kept, pairs = dataset.audit_folder / "report.json", next(dataset.audit_folder.glob("duplicates*"))
    times = kept.stat().st_mtime_ns, pairs.stat().st_mtime_ns
    assert contradictions() == 2
    assert (kept.stat().st_mtime_ns, pairs.stat().st_mtime_ns) == times
    relabel(dataset, dataset.index.table.query("path == 'train/sad/copy.png'")["image_id"], "happy")
    assert contradictions() == 0
    assert kept.stat().st_mtime_ns > times[0]
    assert pairs.stat().st_mtime_ns == times[1]


@pytest.mark.usefixtures("sick")
def test_faces_are_looked_for_on_request_and_then_remembered(run, tmp_path: Path) -> None:
    def face_checks(*options: object) -> dict[str, tuple[int, int]]:
        run("dataset", "report", "sick", "--json", tmp_path / "report.json", *options)
        checks = json.loads((tmp_path / "report.json").read_text())["checks"]
        return {
            check["check"]: (check["count"], check["total"]) for check in checks if "face" in check["title"].lower()
        }

    assert face_checks() == {}
    found = face_checks("--faces", "10")
    num_without, num_pictures = found["face_not_found"]
    assert (num_pictures, found["off_centre"][1]) == (10, 10 - num_without)
    assert num_without >= 5  # the pictures are noise
    relabel(open_dataset("sick"), [0], "sad")
    assert face_checks() == found


def test_a_dataset_that_does_not_exist_is_told(run) -> None:
    code, out, err = run("dataset", "report", "nothing")
    assert (code, out) == (1, "")
    assert "There is no dataset" in err
