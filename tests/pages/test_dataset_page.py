import pytest

from fer_core.dataset import add_dataset, list_datasets, open_dataset
from fer_core.dataset.audit import load_audit
from fer_core.health import audit_job_folder
from tests.pages.conftest import press, rerun, wait_for_end


def _labels(app):
    return [button.label for button in app.button]


def test_without_data_the_page_leads_to_the_drawn_faces(open_page):
    app = open_page("dataset")
    assert "Add drawn faces" in app.info[0].value
    assert "Add drawn faces" in _labels(app)
    assert not app.selectbox


def test_samples_of_the_dataset_in_the_url(open_page, drawn_home, drawn_folder):
    add_dataset(drawn_folder, name="another")
    app = open_page("dataset", **{"dataset": "small", "view": "samples", "sample-split": "test", "sample-seed": "3"})
    assert app.selectbox(key="dataset").value == "small"
    assert app.selectbox(key="sample-split").value == "test"
    assert app.number_input(key="sample-seed").value == 3
    assert len(app.image) == 7
    assert any("3 of 3" in text.value for text in app.markdown)


def test_health_comes_first_and_a_small_dataset_is_checked_at_once(open_page, drawn_home):
    app = open_page("dataset", dataset="small")
    assert app.query_params["view"] == "health"
    assert [metric.value for metric in app.metric] == ["91", "7", "48 × 48 px", "0 of 91"]
    status = wait_for_end(audit_job_folder(open_dataset("small")))
    assert status is None or (status.state, status.error) == ("completed", None)
    rerun(app)
    assert load_audit(open_dataset("small")) is not None
    assert "Split against split" in [heading.value for heading in app.header]


@pytest.mark.parametrize("view", ["browse", "duplicates", "map", "corrections"])
def test_every_view_opens_by_its_link_and_stands_in_the_url(open_page, drawn_home, view):
    app = open_page("dataset", dataset="small", view=view)
    assert app.query_params["view"] == view
    assert not app.error


def test_unreadable_files_are_listed(open_page, home, drawn_folder, tmp_path):
    faces = tmp_path / "faces"
    for label in ("happy", "sad"):
        (faces / label).mkdir(parents=True)
        for number, path in enumerate(sorted((drawn_folder / "train" / label).iterdir())):
            (faces / label / f"{number}.png").write_bytes(path.read_bytes())
    (faces / "sad" / "broken.png").write_bytes(b"not a picture")
    add_dataset(faces)
    app = open_page("dataset")
    assert app.metric[3].value == "1 of 21"
    assert "broken.png" in app.dataframe[0].value["path"].iloc[0]


def test_a_removed_folder_dataset_leaves_the_pictures_alone(open_page, drawn_home, drawn_folder):
    app = open_page("dataset")
    assert any("stay untouched" in text.value for text in app.markdown)
    assert open_dataset("small").name == "small"
    press(app, "Remove")
    assert list_datasets() == []
    assert len(list(drawn_folder.rglob("*.png"))) == 91
    assert "No dataset yet" in app.info[0].value


def test_a_damaged_index_is_told_and_can_be_removed(open_page, drawn_home):
    (drawn_home / "datasets" / "small" / "index.parquet").write_bytes(b"damaged")
    app = open_page("dataset")
    assert "add it again" in app.error[0].value
    press(app, "Remove")
    assert list_datasets() == []
