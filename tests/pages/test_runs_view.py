"""The runs on the Training page: every state of one, the queue, the table, and several side by side."""

import json
import shutil
import time

import psutil
import pytest

from fer_core.jobs import read_status, start_job
from fer_core.training import TrainConfig, list_runs, open_run, training_queue
from fer_core.training.runs.notes import RunNotes, read_notes, write_notes
from fer_core.training.runs.run import STATE_NAME
from tests.pages.conftest import HISTORY, press, rerun, wait_for_end
from tests.pages.test_training_page import links, texts

REPORT = {"num_images": 21, "accuracy": 0.8, "macro_f1": 0.75, "without_leaks": None}


@pytest.fixture
def finish(record_run, tiny_package):
    """Make a run that ended with a model."""

    def finish_(name, target="train", **settings):
        run = record_run(name, target, **settings)
        shutil.copytree(tiny_package.folder, run.folder / "model")
        return run

    return finish_


def queue_behind(folder, **settings):
    """Start a run that waits for another one's end."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(TrainConfig("small", **settings).to_dict()))
    start_job(
        folder, "tests.pages.targets:train", {}, title="Training", log_name="training.log", queue=training_queue()
    )
    while read_status(folder).details.get("ahead") != 1:
        time.sleep(0.05)


def labels(app):
    return [button.label for button in app.button]


def test_without_a_run_the_list_says_what_will_be_there(open_page, drawn_home):
    assert "No training yet" in open_page("training", view="runs").info[0].value


def test_a_live_run_is_shown_to_whoever_opens_the_page(open_page, record_run):
    record_run("going", "train_until_stopped")
    app = open_page("training")
    assert (app.query_params["view"], app.query_params["run"]) == ("runs", "going")
    assert "Stop training" in labels(app)
    assert app.dataframe[0].value.iloc[0]["State"] == "Under way"


def test_a_waiting_run_tells_its_place_and_can_be_taken_out(open_page, record_run, drawn_home):
    record_run("going", "train_until_stopped")
    queue_behind(drawn_home / "runs" / "next")
    app = open_page("training", run="next")
    assert "one training ahead of it" in app.info[0].value
    assert "In the queue: 1" in texts(app)
    press(app, "Take out of the queue")
    assert wait_for_end(drawn_home / "runs" / "next").state == "stopped"
    assert open_run("going").status().is_live
    assert "Retry" in labels(rerun(app))
    assert "before its turn came" in app.info[0].value


def test_stop_ends_the_run_and_the_page_says_what_is_kept(open_page, finish):
    run = finish("going", "train_until_stopped")
    app = press(open_page("training"), "Stop training")
    assert wait_for_end(run.folder).state == "stopped"
    rerun(app)
    assert "best model so far is kept" in app.info[0].value.replace("\\", "")
    assert links(app)["Try it on photos"] == {"model": ["going"]}


def test_a_run_stopped_before_its_first_epoch_has_no_model_and_cannot_go_on(open_page, record_run):
    run = record_run("going", "train_until_stopped", history=HISTORY.splitlines()[0])
    app = press(open_page("training"), "Stop training")
    wait_for_end(run.folder)
    rerun(app)
    assert "no model" in app.info[0].value
    assert "Try it on photos" not in links(app)
    assert "Retry" in labels(app)
    assert "Resume" not in labels(app)


def test_an_interrupted_run_with_its_state_can_go_on(open_page, record_run):
    run = record_run("broken", "fail_to_train")
    (run.folder / STATE_NAME).parent.mkdir()
    (run.folder / STATE_NAME).write_bytes(b"state")
    assert {"Resume", "Retry"} <= set(labels(open_page("training", run="broken")))


def test_a_finished_run_shows_test_beside_validation_and_leads_on(open_page, finish):
    run = finish("done")
    (run.folder / "test.json").write_text(json.dumps({"one": REPORT, "all": REPORT | {"accuracy": 20 / 21}}))
    app = open_page("training", run="done")
    assert app.success[0].value.startswith("Finished in")
    assert {metric.label: metric.value for metric in app.metric}["Test accuracy"] == "95.2 %"
    assert "20 of 21 images" in texts(app)
    assert links(app)["Try it on photos"] == {"model": ["done"]}
    assert links(app)["See how good it is"] == {"model": ["done"], "view": ["evaluation"]}
    assert links(app)["Copy its settings"] == {"view": ["new"], "copy": ["done"]}
    assert not {"Resume", "Retry"} & set(labels(app))
    row = app.dataframe[0].value.iloc[0]
    assert (row["Run"], row["State"], row["Epochs"]) == ("done", "Completed", "2 of 5")
    assert (row["Validation"], round(row["Test"])) == (62.5, 95)
    assert any("tensorboard --logdir" in code.value for code in app.code)


def test_a_failed_run_shows_its_reason_the_end_of_its_log_and_what_to_do(open_page, record_run):
    record_run("broken", "fail_to_train")
    app = open_page("training", run="broken")
    assert "loss became infinite" in app.error[0].value
    assert "Retry" in labels(app)


def test_a_killed_run_is_told_as_lost(open_page, record_run):
    run = record_run("going", "train_until_stopped")
    psutil.Process(run.status().pid).kill()
    while run.status().is_live:
        time.sleep(0.05)
    app = open_page("training", run="going")
    assert "was lost" in app.error[0].value
    assert app.dataframe[0].value.iloc[0]["State"] == "Lost"


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


def test_a_run_whose_model_is_needed_is_not_deleted(open_page, finish, record_run):
    finish("base")
    record_run("going", "train_until_stopped", from_model="base")
    app = open_page("training", run="base")
    assert "going needs it" in app.warning[0].value
    assert next(button for button in app.button if button.label == "Delete").disabled


def test_a_damaged_record_does_not_hide_the_other_runs_and_can_be_deleted(open_page, record_run):
    record_run("done", "train")
    broken = record_run("broken", "train")
    (broken.folder / "config.json").write_text("{")
    app = open_page("training", run="broken")
    assert set(app.dataframe[0].value["Run"]) == {"done", "broken"}
    press(app, "Delete")
    assert [run.name for run in list_runs()] == ["done"]


def test_several_runs_are_laid_side_by_side(open_page, record_run):
    record_run("first", "train", learning_rate=0.1)
    record_run("second", "train", learning_rate=0.2)
    app = open_page("training", runs="first,second")
    results, settings = (frame.value for frame in app.dataframe[1:3])
    assert results.loc["Validation accuracy"].tolist() == ["62.5 %", "62.5 %"]
    assert settings.to_dict("index") == {"Learning rate": {"first": "0.1", "second": "0.2"}}
    press(app, "Delete")
    assert list_runs() == []


def test_notes_are_kept_and_tags_filter_the_table(open_page, record_run):
    write_notes(record_run("first", "train").folder, RunNotes(("baseline",)))
    second = record_run("second", "train")
    app = open_page("training", run="second")
    app.text_input[0].set_value("long, baseline 2")
    app.text_area[0].set_value("again with *more* images")
    press(app, "Keep")
    assert read_notes(second.folder) == RunNotes(("long", "baseline 2"), "again with *more* images")
    app.selectbox(key="tag").select("baseline").run()
    assert list(app.dataframe[0].value["Run"]) == ["first"]
    assert app.query_params["tag"] == "baseline"
