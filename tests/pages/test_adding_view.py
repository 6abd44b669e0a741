"""Adding a dataset on the page: every way, with the real job, and what happens where labels are not known."""

import io
import zipfile

import psutil
import pytest

from fer_core.dataset import add_dataset, list_datasets, open_dataset
from fer_core.jobs import list_jobs, read_status
from tests.dataset.web_server import running_server, saying
from tests.pages.conftest import press, rerun, wait_for_end


def _zip_of(folder):
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for path in sorted(folder.rglob("*.png")):
            archive.write(path, path.relative_to(folder))
    return stored.getvalue()


def _labels(app):
    return [button.label for button in app.button]


@pytest.mark.slow
def test_one_button_adds_the_drawn_faces_and_shows_them(open_page, home):
    app = press(open_page("dataset"), "Add drawn faces")
    assert "Cancel" in _labels(app)
    wait_for_end(home / "jobs" / "add-dataset")
    rerun(app)
    assert app.selectbox(key="dataset").value == "drawn"
    assert app.metric[0].value == "910"
    assert "add-dataset" not in [folder.name for folder, _ in list_jobs(home / "jobs")]


@pytest.mark.slow
def test_a_second_click_and_a_second_tab_find_the_same_job(open_page, home, drawn_folder):
    first, second = open_page("dataset"), open_page("dataset")
    press(first, "Add drawn faces")
    status = read_status(home / "jobs" / "add-dataset")
    process = psutil.Process(status.pid)
    process.suspend()  # a fast machine would be done before the second click
    try:
        press(second, "Add drawn faces")
        assert read_status(home / "jobs" / "add-dataset").started_at == status.started_at
        assert "Cancel" in _labels(second)
        assert all(button.disabled for button in second.button if button.label.startswith("Add"))
    finally:
        process.resume()


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
    press(app, "Add this file")
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
    press(app, "Add this file")
    wait_for_end(home / "jobs" / "add-dataset")
    rerun(app)
    assert reason in app.error[0].value.lower()
    assert "Traceback" not in app.error[0].value
    press(app, "Close")
    assert list_datasets() == []
    assert list((home / "jobs").iterdir()) == []


def test_a_file_can_be_added_once_it_is_there_and_a_path_once_it_is_typed(open_page):
    app = open_page("dataset")
    assert next(button for button in app.button if button.label == "Add this file").disabled
    assert "Type the path" in press(app, "Add from this path").warning[0].value


def test_a_path_that_does_not_exist_is_told(open_page, home):
    app = open_page("dataset")
    app.text_input(key="add-path-source").input("/nowhere/faces")
    press(app, "Add from this path")
    wait_for_end(home / "jobs" / "add-dataset")
    rerun(app)
    assert "/nowhere/faces" in app.error[0].value.replace("\\", "")


def _numbered_zip(folder, names=("0", "1")):
    """A zip whose class folders have names that mean nothing by themselves."""
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        for name, label in zip(names, ("happy", "sad"), strict=True):
            for path in sorted((folder / "train" / label).iterdir()):
                archive.write(path, f"{name}/{path.name}")
    return stored.getvalue()


def _ended(app, home):
    wait_for_end(home / "jobs" / "add-dataset")
    return rerun(app)


@pytest.fixture
def asking(open_page, home, drawn_folder):
    """The page after a zip with the labels 0 and 1 was dropped."""
    app = open_page("dataset")
    app.file_uploader[0].upload("numbers.zip", _numbered_zip(drawn_folder), "application/zip").run()
    press(app, "Add this file")
    return _ended(app, home)


def test_unknown_labels_are_asked_and_the_dropped_file_is_still_there(asking, home):
    boxes = {box.label: box for box in asking.selectbox}
    assert [box.label for box in asking.selectbox] == ["“0” · 10 pictures", "“1” · 10 pictures"]
    assert all(box.value is None for box in boxes.values())
    assert not asking.error
    assert "“0”, “1”" in press(asking, "Continue").warning[0].value
    boxes = {box.label: box for box in asking.selectbox}
    boxes["“0” · 10 pictures"].select("happy")
    boxes["“1” · 10 pictures"].select("keep as it is")
    press(asking, "Continue")
    _ended(asking, home)
    assert open_dataset("numbers").index.class_names == ("1", "happy")
    assert not (home / "jobs" / "add-dataset").exists()
    assert asking.selectbox(key="dataset").value == "numbers"


def test_all_labels_can_be_kept_at_once(asking, home):
    press(asking, "Keep all as they are")
    press(asking, "Continue")
    _ended(asking, home)
    assert open_dataset("numbers").index.class_names == ("0", "1")


def test_a_question_survives_a_reload_and_bars_other_adding(asking, open_page):
    second = open_page("dataset")
    assert [box.label for box in second.selectbox] == ["“0” · 10 pictures", "“1” · 10 pictures"]
    assert all(button.disabled for button in second.button if button.label.startswith("Add"))


def test_a_question_that_is_dismissed_leaves_nothing(asking, home):
    press(asking, "Do not add")
    assert list((home / "jobs").iterdir()) == []
    assert list_datasets() == []
    assert not asking.selectbox


@pytest.fixture
def server(drawn_folder):
    with running_server() as running:
        running.content = _zip_of(drawn_folder)
        yield running


def _add_address(app, url, **boxes):
    app.text_input(key="add-url-source").input(url)
    for key, value in boxes.items():
        app.text_input(key=f"add-url-{key}").input(value)
    return press(app, "Add from this address")


@pytest.mark.slow
def test_a_web_address_is_downloaded_and_added(open_page, home, server):
    server.answers = [server.breaking_after(5000)]
    app = _ended(_add_address(open_page("dataset"), server.url, name="fetched"), home)
    assert app.selectbox(key="dataset").value == "fetched"
    assert open_dataset("fetched").kind == "url"
    assert list((home / "downloads").iterdir()) == []


@pytest.mark.slow
def test_an_answer_about_a_download_does_not_fetch_it_again(open_page, home, server, drawn_folder):
    server.content = _numbered_zip(drawn_folder)
    app = _ended(_add_address(open_page("dataset"), server.url, name="numbers"), home)
    press(app, "Keep all as they are")
    _ended(press(app, "Continue"), home)
    assert open_dataset("numbers").index.class_names == ("0", "1")
    assert [headers.get("If-None-Match") for _, headers in server.requests] == [None, '"v1"']


def test_a_download_that_is_dismissed_is_deleted(open_page, home, server, drawn_folder):
    server.content = _numbered_zip(drawn_folder)
    app = _ended(_add_address(open_page("dataset"), server.url), home)
    press(app, "Do not add")
    assert list((home / "downloads").iterdir()) == []


def test_a_bad_address_gets_a_sentence(open_page, home, server):
    app = open_page("dataset")
    assert "https://" in _add_address(app, "example.org/faces.zip").warning[0].value
    server.answers = [saying(200, b"<!doctype html><p>Sign in</p>")]
    _ended(_add_address(app, server.url), home)
    assert "web page" in app.error[0].value
    press(app, "Close")
    _ended(_add_address(app, server.url, sha256="0" * 64), home)
    assert "was expected" in app.error[0].value


def test_metadata_that_is_dropped_beside_the_file_is_joined(open_page, home, drawn_folder):
    paths = sorted(path.relative_to(drawn_folder).as_posix() for path in drawn_folder.rglob("*.png"))
    table = "path,subject\n" + "".join(f"{path},{number % 2}\n" for number, path in enumerate(paths))
    app = open_page("dataset")
    app.file_uploader[0].upload("faces.zip", _zip_of(drawn_folder), "application/zip")
    app.file_uploader[1].upload("people.csv", table.encode(), "text/csv").run()
    _ended(press(app, "Add this file"), home)
    assert "subject" in open_dataset("faces").index.table.columns


def test_a_kaggle_name_is_checked_before_anything_starts(open_page, home, monkeypatch):
    monkeypatch.setattr("fer_app.dataset.adding_view.is_client_installed", lambda: True)
    app = open_page("dataset")
    app.text_input(key="add-kaggle-source").input("fer2013")
    assert "owner/name" in press(app, "Add from Kaggle").warning[0].value.replace("\\", "")
    assert list_jobs(home / "jobs") == []


@pytest.mark.slow
def test_datasets_are_merged_and_odd_labels_renamed(open_page, drawn_home, drawn_folder, tmp_path):
    with zipfile.ZipFile(tmp_path / "more.zip", "w") as archive:
        archive.writestr("happy/a.png", next((drawn_folder / "train/happy").iterdir()).read_bytes())
        archive.writestr("bored/b.png", next((drawn_folder / "train/sad").iterdir()).read_bytes())
    add_dataset(tmp_path / "more.zip", label_map={"bored": "bored"})
    app = open_page("dataset")
    assert "Choose at least two" in press(app, "Merge").warning[0].value
    app.multiselect(key="merge-names").set_value(["small", "more"]).run()
    app.text_input(key="merge-name").input("both")
    box = next(box for box in app.selectbox if "bored" in box.label)
    assert box.value == "keep as it is"
    box.select("neutral")
    press(app, "Merge")
    _ended(app, drawn_home)
    assert "bored" not in open_dataset("both").index.class_names
    assert set(open_dataset("both").index.table["source"]) == {"small", "more"}


def test_merging_takes_two_datasets(open_page, drawn_home):
    app = open_page("dataset")
    assert any("at least two datasets" in text.value for text in app.caption)
    assert "Merge" not in _labels(app)
