import json
import shutil

import pytest

from fer_core.dataset import open_dataset
from fer_core.dataset.suspicious import searches
from fer_core.jobs import list_jobs, request_cancel
from fer_core.models import find_model
from fer_core.models.predictions import has_predictions
from tests.pages.conftest import press, rerun, wait_for_end


@pytest.fixture
def model_home(drawn_home, tiny_package):
    """A home with a dataset of 91 pictures and a model that has not read it."""
    shutil.copytree(tiny_package.folder, drawn_home / "models" / "tiny")
    return drawn_home


def _open(open_page, view, **query):
    return open_page("dataset", dataset="small", view=view, **query)


def _charts(app):
    return [json.loads(chart.proto.spec) for chart in app.get("plotly_chart")]


def _captions(app):
    return " ".join(caption.value for caption in app.caption)


def test_without_a_model_pixels_make_a_map(open_page, drawn_home, monkeypatch, tmp_path):
    monkeypatch.setattr("fer_core.models.catalog._SHIPPED_FOLDER", tmp_path / "none")
    app = _open(open_page, "map")
    (chart,) = _charts(app)
    assert sorted(trace["name"] for trace in chart["data"]) == sorted(
        f"{name} (13)" for name in open_dataset("small").index.class_names
    )
    assert "All 91 pictures" in _captions(app)
    assert "train one" in _captions(app)
    assert "Nothing is marked" in app.info[0].value
    assert app.selectbox(key="colour").options == ["Label", "Split", "Suspicious label"]


def test_colours_stand_in_the_url(open_page, drawn_home):
    (chart,) = _charts(_open(open_page, "map", colour="split"))
    assert [trace["name"] for trace in chart["data"]] == ["train (70)", "test (21)"]


@pytest.mark.slow
def test_a_model_reads_the_dataset_once_and_makes_the_map(open_page, model_home):
    app = _open(open_page, "map", by="model tiny", colour="agreement")
    assert _charts(app) == []
    press(app, "Read 91 pictures with it")
    for folder, _ in list_jobs(model_home / "jobs"):
        wait_for_end(folder)
    rerun(app)
    (chart,) = _charts(app)
    assert {trace["name"].rpartition(" (")[0] for trace in chart["data"]} <= {
        "the model agrees with the label",
        "the model says another class",
    }
    assert list_jobs(model_home / "jobs") == []
    assert has_predictions(find_model("tiny"), open_dataset("small"))


@pytest.mark.slow
def test_a_model_looks_for_suspicious_labels(open_page, model_home):
    app = open_page("dataset", dataset="small", view="health", judge="tiny")
    press(app, "Look with this model")
    for folder, _ in list_jobs(model_home / "jobs"):
        wait_for_end(folder)
    rerun(app)
    assert [search.source for search in searches(open_dataset("small"))] == ["model tiny"]
    assert any("of 91 labels suspicious" in text.value for text in app.markdown)


@pytest.mark.slow
def test_training_in_turns_waits_while_a_training_is_under_way(open_page, model_home, record_run):
    record_run("mine", "train_until_stopped")
    app = open_page("dataset", dataset="small", view="health")
    press(app, "Train in turns and look")
    folder, status = next(job for job in list_jobs(model_home / "jobs") if job[0].name.startswith("suspicious"))
    assert (status.state, status.details["ahead"]) == ("queued", 1)
    request_cancel(folder)
    assert wait_for_end(folder).state == "stopped"
