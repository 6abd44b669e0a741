import io
import zipfile

import pytest

from fer_core.dataset import add_dataset, list_datasets, open_dataset
from fer_core.jobs import list_jobs, read_status
from tests.pages.conftest import press, rerun, wait_for_end


def _zip_of(folder):
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, path.relative_to(folder))
    return stored.getvalue()


def _labels(app):
    return [button.label for button in app.button]


def test_without_data_the_page_leads_to_the_drawn_faces(open_page):
    app = open_page("dataset")
    assert "Add drawn faces" in app.info[0].value
    assert "Add drawn faces" in _labels(app)
    assert not app.selectbox


@pytest.mark.slow
def test_one_button_adds_the_drawn_faces_and_shows_them(open_page, home):
    app = press(open_page("dataset"), "Add drawn faces")
    assert "Cancel" in _labels(app)
    wait_for_end(home / "jobs" / "add-dataset")
    rerun(app)
    assert app.selectbox(key="dataset").value == "drawn"
    assert app.metric[0].value == "910"
    assert len(app.get("plotly_chart")) == 1
    assert list_jobs(home / "jobs") == []


def test_a_second_click_and_a_second_tab_find_the_same_job(open_page, home, drawn_folder):
    first, second = open_page("dataset"), open_page("dataset")
    press(first, "Add drawn faces")
    started_at = read_status(home / "jobs" / "add-dataset").started_at
    press(second, "Add drawn faces")
    assert read_status(home / "jobs" / "add-dataset").started_at == started_at
    assert "Cancel" in _labels(second)
    assert all(button.disabled for button in second.button if button.label.startswith("Add"))


def test_a_folder_is_added_by_its_path_under_the_name_given(open_page, home, drawn_folder):
    app = open_page("dataset")
    app.text_input(key="add-path-source").input(f'"{drawn_folder}"')
    app.text_input(key="add-path-name").input("mine")
    press(app, "Add from this path")
    wait_for_end(home / "jobs" / "add-dataset")
    rerun(app)
    assert app.selectbox(key="dataset").value == "mine"
    assert app.metric[0].value == "91"


def test_an_uploaded_zip_is_added_and_its_copy_removed(open_page, home, drawn_folder):
    app = open_page("dataset")
    app.file_uploader[0].upload("my faces.zip", _zip_of(drawn_folder), "application/zip").run()
    press(app, "Add this zip")
    wait_for_end(home / "jobs" / "add-dataset")
    assert list((home / "jobs").rglob("*.zip")) == []
    rerun(app)
    assert app.selectbox(key="dataset").value == "my-faces"
    assert not (home / "jobs" / "add-dataset").exists()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [("faces.zip", b"this is text", "zip"), ("empty.zip", None, "folder")],
    ids=["a text file", "a zip without class folders"],
)
def test_a_bad_upload_gets_a_sentence_and_leaves_nothing(open_page, home, name, content, reason):
    if content is None:
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w") as archive:
            archive.writestr("readme.txt", "no faces")
        content = stored.getvalue()
    app = open_page("dataset")
    app.file_uploader[0].upload(name, content, "application/zip").run()
    press(app, "Add this zip")
    wait_for_end(home / "jobs" / "add-dataset")
    rerun(app)
    assert reason in app.error[0].value.lower()
    assert "Traceback" not in app.error[0].value
    press(app, "Close")
    assert list_datasets() == []
    assert list((home / "jobs").iterdir()) == []


def test_a_zip_can_be_added_once_it_is_there_and_a_path_once_it_is_typed(open_page):
    app = open_page("dataset")
    assert next(button for button in app.button if button.label == "Add this zip").disabled
    assert "Type the path" in press(app, "Add from this path").warning[0].value


def test_a_path_that_does_not_exist_is_told(open_page, home):
    app = open_page("dataset")
    app.text_input(key="add-path-source").input("/nowhere/faces")
    press(app, "Add from this path")
    wait_for_end(home / "jobs" / "add-dataset")
    rerun(app)
    assert "/nowhere/faces" in app.error[0].value.replace("\\", "")


def test_facts_counts_and_samples_of_the_dataset_in_the_url(open_page, drawn_home, drawn_folder):
    add_dataset(drawn_folder, name="another")
    app = open_page("dataset", dataset="small", split="test", shuffle="3")
    assert app.selectbox(key="dataset").value == "small"
    assert app.selectbox(key="split").value == "test"
    assert app.number_input(key="shuffle").value == 3
    assert [metric.value for metric in app.metric] == ["91", "7", "48 × 48 px", "0 of 91"]
    assert len(app.image) == 7
    assert any("3 of 3" in text.value for text in app.markdown)


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
