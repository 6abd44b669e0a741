"""The form of a new training: what it begins with, what it remembers, what applies, and the start."""

from urllib.parse import parse_qs

import pytest

from fer_core.dataset import open_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.training import PRESETS, TrainConfig, list_runs, with_preset
from tests.pages.conftest import press, rerun, wait_for_end


def links(app):
    return {link.value: parse_qs(link.proto.query_string) for link in app.page_link}


def texts(app):
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.header])


def fields(app):
    widgets = [*app.number_input, *app.selectbox, *app.checkbox]
    return {widget.key.removeprefix("setting-"): widget for widget in widgets if widget.key.startswith("setting-")}


def test_without_a_dataset_the_page_leads_to_one(open_page):
    app = open_page("training")
    assert "needs a dataset" in app.info[0].value
    assert list(links(app)) == ["Get a dataset"]
    assert not app.button


@pytest.mark.parametrize("preset", PRESETS)
def test_the_form_shows_every_setting_with_the_value_of_its_preset(open_page, drawn_home, preset):
    app = open_page("training", preset=preset, dataset="small")
    values = {name: widget.value for name, widget in fields(app).items()}
    assert TrainConfig(dataset="small", **values) == with_preset(preset, dataset="small")
    assert "63 images to learn from, 7 held back" in texts(app)
    assert "badge" not in "".join(widget.label for widget in fields(app).values())


def test_a_changed_value_is_marked_and_goes_back(open_page, drawn_home):
    app = open_page("training", preset="quick")
    app.number_input(key="setting-epochs").set_value(3).run()
    assert app.number_input(key="setting-epochs").label == "Epochs :orange-badge[preset: 10]"
    assert "Changed from the preset Quick: Epochs 3" in texts(app)
    assert app.query_params["epochs"] == "3"
    press(app, "Back to preset")
    assert app.number_input(key="setting-epochs").value == 10
    assert "epochs" not in app.query_params


def test_values_survive_another_page_and_a_reload(open_page, drawn_home):
    app = open_page("training", preset="good", dataset="small", seed="5")
    app.checkbox(key="setting-class_weights").check().run()
    reloaded = open_page("training", **{name: str(value) for name, value in app.query_params.items()})
    app.switch_page("../pages/home.py").run()
    app.query_params.clear()
    app.switch_page("../pages/training.py").run()
    for form in (app, reloaded):
        assert fields(form)["class_weights"].value
        assert fields(form)["seed"].value == 5
        assert form.query_params["preset"] == "good"


def test_the_settings_of_a_run_are_copied_into_the_form(open_page, record_run):
    record_run("done", "train", learning_rate=0.25, mixup=0.5)
    app = open_page("training", copy="done", view="new")
    assert "copy" not in app.query_params
    values = {name: widget.value for name, widget in fields(app).items()}
    assert TrainConfig(dataset="small", **values) == TrainConfig("small", epochs=5, learning_rate=0.25, mixup=0.5)
    assert "Changed from the defaults" in texts(app)


def test_leaks_can_be_left_out_once_duplicates_are_known(open_page, drawn_home):
    app = open_page("training", dataset="small")
    assert fields(app)["without_leaks"].disabled
    assert links(app)["Look for duplicates first"] == {"dataset": ["small"], "view": ["duplicates"]}
    duplicates_of(open_dataset("small"))
    assert not fields(rerun(app))["without_leaks"].disabled
    assert "Look for duplicates first" not in links(app)


def test_the_form_counts_the_corrected_images(open_page, drawn_home):
    dataset = open_dataset("small")
    exclude(dataset, dataset.index.select(split="train")["image_id"].tolist()[:10])
    assert "54 images to learn from, 6 held back" in texts(open_page("training", dataset="small"))


def test_settings_that_do_not_apply_say_why(open_page, drawn_home):
    app = open_page("training", preset="quick")
    off = {name for name, widget in fields(app).items() if widget.disabled}
    assert {"head_epochs", "fine_tune_factor", "teacher_share", "teacher_temperature", "from_model"} <= off
    assert "There is no Small CNN among the models yet." in texts(app)
    app.selectbox(key="setting-teacher").select("default").run()
    assert not fields(app)["teacher_share"].disabled
    app.selectbox(key="setting-architecture").select("compact").run()
    app.selectbox(key="setting-from_model").select("default").run()
    assert not fields(app)["head_epochs"].disabled


def test_what_cannot_be_trained_is_told_instead_of_started(open_page, drawn_home):
    app = open_page("training", preset="best", crop_high="0.6")
    assert "the first must be the smaller" in app.error[0].value
    assert "Start training" not in [button.label for button in app.button]


def test_the_same_training_is_not_started_twice(open_page, record_run):
    record_run("going", "train_until_stopped", **PRESETS["quick"].settings)
    app = open_page("training", view="new", preset="quick")
    press(app, "Add to the queue")
    assert "under way" in app.error[0].value
    assert links(app)["Watch going"] == {"view": ["runs"], "run": ["going"]}
    assert [run.name for run in list_runs()] == ["going"]


@pytest.mark.slow
def test_a_training_from_the_form_ends_in_a_model(open_page, drawn_home):
    app = open_page("training", preset="quick", epochs="1")
    press(app, "Start training")
    (run,) = list_runs()
    assert app.query_params["run"] == run.name
    assert app.query_params["view"] == "runs"
    assert wait_for_end(run.folder, seconds=300).state == "completed"
    rerun(app)
    assert "Finished" in app.success[0].value
    assert run.model.name == run.name
