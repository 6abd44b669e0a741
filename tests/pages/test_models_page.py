import shutil
from urllib.parse import parse_qs

import pytest

from fer_core.dataset import open_dataset
from fer_core.dataset.corrections.edits import exclude
from fer_core.dataset.duplicates.pairs import duplicates_of
from fer_core.jobs import list_jobs
from fer_core.models import find_model, read_cached_evaluation
from fer_core.models.robustness import read_cached_robustness
from tests.pages.conftest import press, rerun, wait_for_end


@pytest.fixture
def model_home(drawn_home, tiny_package):
    """A home with the dataset `small` and the untrained model `tiny`."""
    shutil.copytree(tiny_package.folder, drawn_home / "models" / "tiny")
    return drawn_home


def _links(app):
    return {link.value: parse_qs(link.proto.query_string) for link in app.page_link}


def _labels(app):
    return [button.label for button in app.button]


def test_a_model_shows_its_facts_its_card_and_its_size(open_page, model_home):
    app = open_page("models", model="tiny")
    assert "tiny" in set(app.dataframe[0].value["Model"])
    info = find_model("tiny").info
    assert {metric.label: metric.value for metric in app.metric} == {
        "Input": "48 × 48 px grey",
        "Parameters": f"{info.num_parameters / 1e6:.2f} million",
        "Learned from": f"{info.training_data['num_images']:,} images",
    }
    assert app.download_button[0].label.startswith("Download the model (")
    assert any("## Intended use" in text.value for text in app.markdown)
    assert _links(app)["Try it on photos"] == {"model": ["tiny"]}


def test_without_a_dataset_measuring_leads_to_one(open_page, home, tiny_package):
    shutil.copytree(tiny_package.folder, home / "models" / "tiny")
    app = open_page("models", view="evaluation")
    assert "Get a dataset" in _links(app)


def test_an_evaluation_is_measured_once_and_shown_at_once_afterwards(open_page, model_home):
    app = press(open_page("models", model="tiny", view="evaluation"), "Evaluate on 21 images")
    assert app.query_params["split"] == "test"
    wait_for_jobs(model_home)
    for again in (rerun(app), open_page("models", model="tiny", view="evaluation")):
        figures = {metric.label: metric.value for metric in again.metric}
        report = read_cached_evaluation(find_model("tiny"), open_dataset("small"), "test")
        assert figures["Accuracy"] == f"{100 * report['accuracy']:.1f} %"
        assert any("of 21 images" in text.value for text in again.caption)
        assert list(again.dataframe[0].value["Images"]) == [3] * 7
        assert len(again.get("plotly_chart")) == 3  # confusion, reliability, risk and coverage
        assert not any(label.startswith("Evaluate") for label in _labels(again))
    assert list_jobs(model_home / "jobs") == []


def test_shares_by_row_replace_the_counts(open_page, model_home):
    app = press(open_page("models", model="tiny", view="evaluation", views="one"), "Evaluate on 21 images")
    wait_for_jobs(model_home)
    rerun(app)
    counts = app.get("plotly_chart")[0].proto.SerializeToString()
    app.segmented_control(key="confusion").set_value("By row")
    assert rerun(app).get("plotly_chart")[0].proto.SerializeToString() != counts


def test_measuring_on_the_images_it_learned_from_is_called_that(open_page, model_home):
    folder = model_home / "models" / "tiny"
    info = (folder / "model.json").read_text()
    fingerprint = find_model("tiny").info.training_data["fingerprint"]
    (folder / "model.json").write_text(info.replace(fingerprint, open_dataset("small").index.fingerprint))
    assert not open_page("models", model="tiny", view="evaluation", split="test").warning
    assert (
        "learned from these very images"
        in open_page("models", model="tiny", view="evaluation", split="train").warning[0].value
    )


def test_figures_without_leaks_stand_beside_the_others(open_page, model_home):
    dataset = open_dataset("small")
    duplicates_of(dataset)
    app = press(open_page("models", model="tiny", view="evaluation", views="one"), "Evaluate on 21 images")
    wait_for_jobs(model_home)
    figures = {metric.label for metric in rerun(app).metric}
    names = {"Accuracy", "Macro-F1", "Balanced accuracy"}
    assert names | {f"{name} without leaks" for name in names} <= figures
    assert "Look for duplicates, then measure without them" not in _links(app)


def test_a_correction_has_the_split_measured_again(open_page, model_home):
    exclude(open_dataset("small"), [0, 1])
    app = press(open_page("models", model="tiny", view="evaluation", views="one"), "Evaluate on 19 images")
    wait_for_jobs(model_home)
    assert "Look for duplicates, then measure without them" in _links(rerun(app))
    exclude(open_dataset("small"), [2])
    assert "Evaluate on 18 images" in _labels(rerun(app))


def test_classes_that_the_model_does_not_know_are_asked_for(open_page, model_home):
    folder = model_home / "models" / "tiny"
    (folder / "model.json").write_text((folder / "model.json").read_text().replace('"happy"', '"merry"'))
    app = open_page("models", model="tiny", view="evaluation")
    assert next(box for box in app.selectbox if box.key == "label-map-happy").options[3] == "merry"
    assert not any(label.startswith("Evaluate") for label in _labels(app))


def wait_for_jobs(home):
    """Wait until the page's jobs have ended well; one may have been seen and cleared away already."""
    for folder, _ in list_jobs(home / "jobs"):
        status = wait_for_end(folder)
        assert status is None or status.state == "completed", status.error


def _measured(open_page, model_home):
    """The page with the model's figures on it."""
    app = press(open_page("models", model="tiny", view="evaluation", views="one"), "Evaluate on 21 images")
    wait_for_jobs(model_home)
    return rerun(app)


def test_a_threshold_is_told_in_words_and_saved(open_page, model_home):
    app = _measured(open_page, model_home)
    (slider,) = app.slider
    assert slider.value == 30
    assert next(button for button in app.button if button.label.startswith("Save this")).disabled
    slider.set_value(100)
    assert any("answers no face at all" in text.value for text in rerun(app).markdown)
    press(app, "Save this threshold in the model")
    assert find_model("tiny").info.unsure_threshold == {"one": 1.0, "all": 0.3}
    assert app.slider[0].value == 100
    assert not any(label.startswith("Evaluate") for label in _labels(app))  # no probability changed


def test_robustness_is_measured_once_and_shown_by_kind(open_page, model_home):
    app = press(open_page("models", model="tiny", view="robustness"), "Measure on 21 damaged faces")
    wait_for_jobs(model_home)
    app = rerun(app)
    report = read_cached_robustness(find_model("tiny"), open_dataset("small"), "test")
    assert any(f"{100 * report['accuracy']:.1f} %** of 21 faces" in text.value for text in app.markdown)
    before = app.get("plotly_chart")[0].proto.SerializeToString()
    app.selectbox(key="damage").select("rotation")
    assert rerun(app).get("plotly_chart")[0].proto.SerializeToString() != before
    assert len(app.dataframe[0].value) == len(report["rows"])
