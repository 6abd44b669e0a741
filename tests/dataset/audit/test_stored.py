import numpy as np
import pandas as pd
import pytest

from fer_core.dataset.audit import audit_index, load_audit, read_findings, save_audit
from fer_core.dataset.audit.stored import AVERAGES_NAME, FINDINGS_NAME, REPORT_NAME
from fer_core.dataset.catalog import Dataset
from fer_core.dataset.suspicious import Search, keep_search
from fer_core.errors import DatasetError
from tests.dataset.audit.made_indexes import made_index, noise_images


@pytest.fixture
def dataset(tmp_path):
    return Dataset("faces", tmp_path, "folder", "faces", tmp_path / "files", "2026-01-01T00:00:00+00:00")


@pytest.fixture(scope="module")
def index():
    images = noise_images(60)
    images[5] = 7
    return made_index(images, splits={"train": 40, "test": 20})


@pytest.fixture(scope="module")
def report(index):
    pairs = pd.DataFrame(
        {"image_id": [1, 2], "twin_id": [50, 3], "similarity": [1.0, 0.97], "identical": [True, False]}
    )
    return audit_index(index, duplicates=pairs)


def test_a_report_comes_back_as_it_was(dataset, report):
    save_audit(dataset, report)
    loaded = load_audit(dataset)
    assert loaded.to_dict() == report.to_dict()
    for before, after in zip(report.findings, loaded.findings, strict=True):
        assert before.image_ids.tolist() == after.image_ids.tolist()
        assert before.groups.tolist() == after.groups.tolist()
        assert before.scores.tolist() == after.scores.tolist()
    for name in ("class_counts", "split_comparison", "histograms", "formats", "told_apart"):
        pd.testing.assert_frame_equal(
            getattr(loaded, name), getattr(report, name), check_dtype=False, check_names=False, check_column_type=False
        )
    np.testing.assert_array_equal(loaded.averages.faces, report.averages.faces)
    assert loaded.averages.parts == report.averages.parts


def test_the_table_of_findings_has_a_row_for_each_image_of_each_check(dataset, report):
    assert read_findings(dataset) is None
    save_audit(dataset, report)
    table = read_findings(dataset)
    assert list(table.columns) == ["check", "image_id", "group", "score"]
    assert table[table["check"] == "blank"]["image_id"].tolist() == [5]
    leak = table[table["check"] == "leak"].iloc[0]
    assert (leak["image_id"], leak["score"]) == (50, 1.0)
    assert leak["group"] >= 0 > table[table["check"] == "blank"]["group"].iloc[0]


@pytest.mark.parametrize("name", [REPORT_NAME, FINDINGS_NAME, AVERAGES_NAME])
@pytest.mark.parametrize("content", [None, b"", b"{}", b"PAR1 nonsense"], ids=["missing", "empty", "other", "damaged"])
def test_a_damaged_report_is_no_report(dataset, report, name, content):
    save_audit(dataset, report)
    path = dataset.audit_folder / name
    path.unlink() if content is None else path.write_bytes(content)
    assert load_audit(dataset) is None
    save_audit(dataset, report)
    assert load_audit(dataset) is not None


def test_suspicious_labels_join_and_leave_when_they_are_corrected(dataset, index, report):
    save_audit(dataset, report)
    found = pd.DataFrame({"image_id": [9, 4], "given_label": ["sad", "happy"], "suggested_label": ["happy", "sad"]})
    search = Search(source="a model", basis="it never saw them", num_examined=40, num_suspicious=2, noise_share=0.05)
    keep_search(dataset, search, examined=np.arange(40), found=found.assign(score=[0.9, 0.7]))
    finding = load_audit(dataset, index).finding("suspicious_label")
    assert (finding.count, finding.total, finding.severity) == (2, 40, "warning")
    assert (finding.image_ids.tolist(), finding.scores.tolist()) == ([9, 4], [0.9, 0.7])
    table = read_findings(dataset, index.without([9]))
    assert table[table["check"] == "suspicious_label"]["image_id"].tolist() == [4]


def test_a_report_that_cannot_be_written_says_so_and_leaves_none(dataset, report):
    save_audit(dataset, report)
    (dataset.audit_folder / AVERAGES_NAME).unlink()
    (dataset.audit_folder / AVERAGES_NAME).mkdir()
    with pytest.raises(DatasetError, match="cannot be stored"):
        save_audit(dataset, report)
    assert load_audit(dataset) is None
    assert not list(dataset.audit_folder.glob(".*"))
