import shutil

import pytest

from fer_core.jobs.folder import write_json
from fer_core.models import find_model, list_models, zip_package
from fer_core.models.catalog import exports_folder
from fer_core.models.origin import Origin, is_keras_trusted, write_origin
from tests.pages.conftest import press


@pytest.fixture
def model_home(home, tiny_package):
    """A home with a model that was made here and one that came from elsewhere."""
    for name in ("tiny", "friend"):
        shutil.copytree(tiny_package.folder, home / "models" / name)
    write_origin(Origin("friend.zip", "0" * 64, "2026-01-02T00:00:00+00:00"), home / "models" / "friend")
    return home


def _keep_export(model, **values):
    """What a job would have left behind."""
    folder = exports_folder(model)
    folder.mkdir(parents=True)
    (folder / f"{model.name}-litert-int8.zip").write_bytes(b"PK")
    row = {
        "format": "litert-int8",
        "title": "LiteRT int8",
        "archive": f"{model.name}-litert-int8.zip",
        "package": model.digest(),
        "file_bytes": 1_200_000,
        "faces": "small (test)",
        "num_images": 21,
        "max_difference": 0.05,
        "same_labels": 1.0,
        "accuracy_change": None,
        "ms_per_face": 0.5,
    }
    write_json(folder / "litert-int8.json", row | values)


def test_exports_are_shown_with_their_distance_and_their_download(open_page, model_home):
    _keep_export(find_model("tiny"))
    app = open_page("models", model="tiny")
    table = app.dataframe[1].value
    assert list(table["Form"]) == ["LiteRT int8"]
    assert list(table["Largest difference"]) == [0.05]
    assert "LiteRT int8" in [button.label for button in app.download_button]
    assert any("21 faces of small" in caption.value for caption in app.caption)
    assert not app.warning


def test_a_form_that_answers_otherwise_is_warned_of(open_page, model_home):
    _keep_export(find_model("tiny"), same_labels=0.9)
    assert "10.0 % of these faces otherwise" in open_page("models", model="tiny").warning[0].value


def test_an_export_of_another_state_of_the_model_is_not_shown(open_page, model_home):
    _keep_export(find_model("tiny"), package="0" * 64)
    assert len(open_page("models", model="tiny").dataframe) == 1


def test_an_imported_model_is_converted_only_once_somebody_trusts_it(open_page, model_home):
    app = open_page("models", model="friend")
    assert set(app.dataframe[0].value["Origin"]) == {"comes with the app", "made here", "imported"}
    assert any("stays closed" in info.value for info in app.info)
    assert "Make and compare" not in [button.label for button in app.button]
    app = press(app, "I trust its maker")
    assert is_keras_trusted(model_home / "models" / "friend")
    assert "Make and compare" in [button.label for button in app.button]
    assert "I trust its maker" not in [button.label for button in app.button]


def test_only_an_imported_model_can_be_deleted_here(open_page, model_home):
    assert "Delete it" not in [button.label for button in open_page("models", model="tiny").button]
    app = press(open_page("models", model="friend"), "Delete it")
    assert "friend" not in [model.name for model in list_models()]
    assert app.selectbox(key="model").value != "friend"


def test_a_zip_is_imported_and_chosen(open_page, model_home):
    app = open_page("models", model="tiny")
    app.file_uploader[0].set_value(("tiny.zip", zip_package(find_model("tiny")), "application/zip"))
    app.text_input[0].set_value("brought")
    app = press(app, "Import")
    assert not app.error
    assert app.selectbox(key="model").value == "brought"
    assert not is_keras_trusted(model_home / "models" / "brought")


def test_something_else_is_refused_on_the_page(open_page, model_home):
    app = open_page("models", model="tiny")
    app.file_uploader[0].set_value(("tiny.zip", b"no zip", "application/zip"))
    assert "not a complete zip" in press(app, "Import").error[0].value
