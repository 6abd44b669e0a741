import json
import shutil
import time
from urllib.parse import parse_qs

import pytest

from fer_core.dataset import open_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.jobs import read_status, start_job
from fer_core.training import TrainConfig, list_runs, open_run
from tests.pages.conftest import press, rerun, wait_for_end

HISTORY = """epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,images_per_second
1,1.9,0.3,1.8,0.4,0.05,2.0,400.0
2,1.5,0.5,1.4,0.625,0.03,2.0,412.3
"""


@pytest.fixture
def record_run(drawn_home):
    """Make a run whose job does what a target of `tests.pages.targets` does."""

    def record(name, target, history=HISTORY):
        folder = drawn_home / "runs" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(TrainConfig("small", epochs=5).to_dict()))
        (folder / "history.csv").write_text(history)
        start_job(folder, f"tests.pages.targets:{target}", {}, title=f"Training {name}", log_name="training.log")
        if target == "train_until_stopped":
            while not read_status(folder).details:
                time.sleep(0.05)
        else:
            wait_for_end(folder)
        return open_run(name)

    return record


def _links(app):
    return {link.value: parse_qs(link.proto.query_string) for link in app.page_link}


def _texts(app):
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.subheader])


def test_without_a_dataset_the_page_leads_to_one(open_page):
    app = open_page("training")
    assert "needs a dataset" in app.info[0].value
    assert list(_links(app)) == ["Get a dataset"]
    assert not app.button


def test_the_form_starts_from_the_defaults_of_the_configuration(open_page, drawn_home):
    app = open_page("training", dataset="small")
    defaults = TrainConfig("small")
    numbers = {field.label: field.value for field in app.number_input}
    choices = {field.label: field.value for field in app.selectbox}
    assert numbers == {
        "Epochs": defaults.epochs,
        "Batch size": defaults.batch_size,
        "Learning rate": defaults.learning_rate,
        "Seed": defaults.seed,
    }
    assert choices == {
        "Dataset": "small",
        "Architecture": defaults.architecture,
        "Augmentation": defaults.augmentation,
    }
    assert "63 images to learn from, 7 held back" in _texts(app)


def test_leaks_can_be_left_out_once_duplicates_are_known(open_page, drawn_home):
    app = open_page("training", dataset="small")
    (box,) = app.checkbox
    assert box.disabled
    assert _links(app)["Look for duplicates first"] == {"dataset": ["small"], "view": ["duplicates"]}
    duplicates_of(open_dataset("small"))
    (box,) = rerun(app).checkbox
    assert not box.disabled
    assert "Look for duplicates first" not in _links(app)


def test_the_form_counts_the_corrected_images(open_page, drawn_home):
    dataset = open_dataset("small")
    exclude(dataset, dataset.index.select(split="train")["image_id"].tolist()[:10])
    assert "54 images to learn from, 6 held back" in _texts(open_page("training", dataset="small"))


def test_a_live_run_is_shown_to_whoever_opens_the_page(open_page, record_run):
    record_run("going", "train_until_stopped")
    app = open_page("training")
    assert app.query_params["run"] == "going"
    assert [bar.value for bar in app.progress] == [40, 48]
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Best validation accuracy, epoch 2"] == "62.5 %"
    assert figures["Speed"] == "412 images/s"
    assert "CPU, 2 cores" in _texts(app)
    assert len(app.get("plotly_chart")) == 2


def test_a_second_start_is_refused_with_a_link_to_the_live_run(open_page, record_run):
    record_run("going", "train_until_stopped")
    app = press(open_page("training"), "Start training")
    assert "under way" in app.error[0].value
    assert _links(app)["Watch going"] == {"run": ["going"]}
    assert [run.name for run in list_runs()] == ["going"]


def test_stop_ends_the_run_and_the_page_says_what_is_kept(open_page, record_run, tiny_package):
    run = record_run("going", "train_until_stopped")
    shutil.copytree(tiny_package.folder, run.folder / "model")
    app = press(open_page("training"), "Stop training")
    assert wait_for_end(run.folder).state == "stopped"
    rerun(app)
    assert "best model so far is kept" in app.info[0].value
    assert _links(app)["Try it on photos"] == {"model": ["going"]}


def test_a_run_stopped_before_its_first_epoch_has_no_model_to_offer(open_page, record_run):
    run = record_run("going", "train_until_stopped", history=HISTORY.splitlines()[0])
    app = press(open_page("training"), "Stop training")
    wait_for_end(run.folder)
    rerun(app)
    assert "no model" in app.info[0].value
    assert "Try it on photos" not in _links(app)


def test_a_finished_run_leads_to_photos_and_to_its_evaluation(open_page, record_run, tiny_package):
    run = record_run("done", "train")
    shutil.copytree(tiny_package.folder, run.folder / "model")
    app = open_page("training", run="done")
    assert app.success[0].value.startswith("Finished in")
    assert _links(app)["Try it on photos"] == _links(app)["See how good it is"] == {"model": ["done"]}
    assert len(app.get("plotly_chart")) == 2
    row = app.dataframe[0].value.iloc[0]
    assert (row["Run"], row["State"], row["Epochs"]) == ("done", "completed", "2 of 5")
    assert row["Best validation accuracy"] == 62.5


def test_a_failed_run_shows_its_reason_and_the_end_of_its_log(open_page, record_run):
    record_run("broken", "fail_to_train")
    app = open_page("training", run="broken")
    assert "loss became infinite" in app.error[0].value
    assert len(app.code) == 1


def test_a_run_that_does_not_exist_is_told_and_forgotten(open_page, record_run):
    record_run("done", "train")
    app = open_page("training", run="gone")
    assert "gone" in app.warning[0].value
    assert "run" not in app.query_params


def test_a_finished_run_can_be_deleted(open_page, record_run):
    record_run("done", "train")
    app = press(open_page("training", run="done"), "Delete")
    assert list_runs() == []
    assert "run" not in app.query_params


def test_a_damaged_record_does_not_hide_the_other_runs(open_page, record_run):
    record_run("done", "train")
    broken = record_run("broken", "train")
    (broken.folder / "config.json").write_text("{")
    assert set(open_page("training").dataframe[0].value["Run"]) == {"done", "broken"}


@pytest.mark.slow
def test_a_training_from_the_form_ends_in_a_model(open_page, drawn_home):
    app = open_page("training")
    app.number_input[0].set_value(1)
    app.selectbox[1].set_value("small")
    press(app, "Start training")
    run = list_runs()[0]
    assert app.query_params["run"] == run.name
    press(open_page("training"), "Start training")
    assert len(list_runs()) == 1
    assert wait_for_end(run.folder, seconds=300).state == "completed"
    rerun(app)
    assert "Finished" in app.success[0].value
    assert run.model.name == run.name
