"""The health report on a page: a dataset with planted faults, from the first look to the refresh after a correction."""

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from fer_app.dataset import health_view
from fer_app.dataset.health_findings import share_text
from fer_core.dataset import add_dataset, open_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.health import AUDIT_TARGET, audit_job_folder
from fer_core.jobs import read_status, request_cancel, run_here
from tests.dataset.pictures import write_class_folders
from tests.pages.conftest import press, rerun, wait_for_end

MAIN = """
import streamlit as st
st.navigation([st.Page("../pages/dataset.py", title="Dataset", default=True)]).run()
"""
PAGE = """
import streamlit as st
from fer_app.dataset import health_view
from fer_core.dataset import open_dataset

health_view.show_health(open_dataset("sick"))
"""


@pytest.fixture
def dataset(fer_home, tmp_path):
    """A dataset with a leak, a blank and a class that the test split lacks."""
    faces = write_class_folders(tmp_path / "faces", ["train/happy", "train/sad", "test/happy"], num_images=8)
    Image.open(faces / "train/happy/0.png").save(faces / "test/happy/copy.png")
    Image.new("L", (48, 48), 9).save(faces / "train/sad/blank.png")
    return add_dataset(faces, name="sick")


@pytest.fixture
def open_report(dataset, tmp_path, monkeypatch):
    """Open the report on a page of its own; jobs that a test leaves behind are stopped."""

    def open_(at_once=5_000):
        monkeypatch.setattr(health_view, "CHECKED_AT_ONCE", at_once)
        for place, text in (("fer_app/main.py", MAIN), ("pages/dataset.py", PAGE)):
            path = tmp_path / "app" / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        app = AppTest.from_file(str(tmp_path / "app/fer_app/main.py"), default_timeout=60).run()
        assert not app.exception, app.exception
        return app

    yield open_
    folder = audit_job_folder(dataset)
    if folder.exists() and read_status(folder).is_live:
        request_cancel(folder)
        wait_for_end(folder)


@pytest.fixture
def checked(dataset):
    """The dataset with its report made."""
    run_here(audit_job_folder(dataset), AUDIT_TARGET, {"dataset": "sick"}, title="Checking")
    return dataset


def text_of(app):
    return "\n".join(part.value for part in [*app.header, *app.markdown, *app.caption, *app.info, *app.warning])


def links_of(app):
    return [link.proto.query_string for link in app.get("page_link")]


def test_a_small_dataset_is_checked_at_once(open_report, dataset):
    app = open_report()
    assert [button.label for button in app.button] == ["Cancel"]
    wait_for_end(audit_job_folder(dataset))
    text = text_of(rerun(app))
    assert "Leaks between splits" in text
    assert "Checking" not in text
    assert not audit_job_folder(dataset).exists()


def test_a_large_dataset_is_checked_on_request(open_report, dataset):
    app = open_report(at_once=3)
    assert "26 pictures" in app.info[0].value
    assert not audit_job_folder(dataset).exists()
    press(app, "Check this dataset")
    wait_for_end(audit_job_folder(dataset))
    assert "Leaks between splits" in text_of(rerun(app))


def test_a_cancelled_report_is_not_started_again_by_itself(open_report, dataset):
    app = open_report()
    request_cancel(audit_job_folder(dataset))
    status = wait_for_end(audit_job_folder(dataset))
    if status is not None and status.state == "stopped":
        assert "stopped" in rerun(app).info[0].value
        press(app, "Close")
        assert not audit_job_folder(dataset).exists()
        labels = [button.label for button in app.button]
        assert "Check this dataset" in labels or "Look for faces" in labels  # where the stop came after the report


def test_the_findings_come_with_count_denominator_reason_advice_and_link(open_report, checked):
    app = open_report()
    text = text_of(app)
    assert "problem" in app.header[0].value
    assert "1 of 9 in test have a twin in another split" in text.replace("\\", "")
    assert "**11 %** · 1 of 9 images" in text
    assert "Measure on the view without leaks" in text
    assert "checks of 26 images" in text
    assert {f"dataset=sick&view=browse&check={check}" for check in ("leak", "blank")} <= set(links_of(app))


def test_figures_of_splits_classes_and_average_faces_are_shown(open_report, checked):
    app = open_report()
    assert [heading.value for heading in app.header][1:] == [
        "Split against split", "Images per class", "Average faces", "Classes that look alike"
    ]  # fmt: skip
    assert len(app.get("plotly_chart")) == 6 + 2
    assert len(app.image) == 3


def test_after_a_correction_the_report_offers_to_be_refreshed(open_report, checked):
    table = checked.index.table
    exclude(checked, table.loc[table["path"] == "test/happy/copy.png", "image_id"])
    app = open_report()
    assert "have changed since" in app.warning[0].value
    assert "dataset=sick&view=browse&check=leak" in links_of(app)
    press(app, "Refresh")
    wait_for_end(audit_job_folder(checked))
    rerun(app)
    assert not app.warning
    assert "dataset=sick&view=browse&check=leak" not in links_of(app)


def test_faces_are_looked_for_on_request(open_report, checked):
    app = open_report()
    assert "No face found" not in text_of(app)
    press(app, "Look for faces")
    wait_for_end(audit_job_folder(checked))
    assert "No face found" in text_of(rerun(app))
    assert "Look for faces" not in [button.label for button in app.button]


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0 %"), (0.198, "20 %"), (0.013, "1.3 %"), (0.0004, "0.04 %"), (0.00003, "under 0.01 %")]
)
def test_shares_have_the_digits_that_they_need(share, text):
    assert share_text(share) == text


def test_another_dataset_of_the_same_name_has_no_report(open_report, checked):
    assert "Leaks" in text_of(open_report())
    (checked.audit_folder / "report.json").unlink()
    assert "Check this dataset" in [button.label for button in open_report(at_once=3).button]
    assert open_dataset("sick").name == "sick"
