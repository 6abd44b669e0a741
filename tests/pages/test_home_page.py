import pytest

from fer_core.labels import EXPRESSIONS
from fer_core.training import TrainConfig, start_run, stop_run
from tests.pages.conftest import wait_for_end


def _texts(app):
    return " ".join(element.value for element in app.markdown)


def test_without_data_the_next_step_is_a_dataset(open_page):
    app = open_page("home")
    assert "Get a dataset" in [button.label for button in app.button]
    assert app.metric[0].value == "0"
    assert "No dataset yet" in _texts(app)


def test_with_a_dataset_the_next_step_is_training(drawn_home, open_page):
    app = open_page("home")
    assert "Train a network" in [button.label for button in app.button]
    assert app.metric[0].value == "1"
    assert "91 pictures, 7 classes" in _texts(app)


@pytest.mark.slow
def test_a_training_is_seen_while_it_runs_and_counted_afterwards(drawn_home, open_page):
    run = start_run(TrainConfig(dataset="small"), "mine")
    assert "Watch it learn" in [button.label for button in open_page("home").button]
    stop_run("mine")
    wait_for_end(run.folder)
    app = open_page("home")
    assert app.metric[2].value == "1"
    assert "**mine**" in _texts(app)
    assert "Try a photo" in [button.label for button in app.button]


def test_each_expression_is_shown_by_name(open_page):
    images = open_page("home").get("image")
    assert [caption for image in images for caption in image.captions] == list(EXPRESSIONS)


@pytest.mark.parametrize(
    "text", ["apparent expression", "in this computer's memory", "two of three", "Article 5(1)(f)", "Article 50(3)"]
)
def test_the_limits_of_use_are_told(open_page, text):
    assert text in _texts(open_page("home"))


def test_every_page_carries_the_line_about_responsible_use(open_page):
    for page in ("home", "dataset", "training", "models", "prediction"):
        assert "apparent expression" in open_page(page).sidebar.caption[0].value
