"""Which settings apply to the training in the form, on real datasets and a real model package."""

from dataclasses import replace

import pytest

from fer_app.training.training_form_rules import FormChoices, begins_with_weights, form_config, reason_against
from fer_app.training.training_form_values import FormValues
from fer_core.dataset import add_dataset
from fer_core.errors import TrainingError
from fer_core.models import list_models
from tests.dataset.pictures import write_class_folders


@pytest.fixture
def choices(fer_home, tmp_path):
    places = ["train/happy", "train/sad", "test/happy", "test/sad"]
    dataset = add_dataset(write_class_folders(tmp_path / "faces", places), name="faces")
    (shipped,) = list_models()
    return FormChoices("faces", dataset.index, False, (shipped,))


def test_a_model_can_begin_its_own_architecture_and_teach_its_own_classes(choices):
    assert choices.starting_models("compact") == ["default"]
    assert choices.starting_models("small") == []
    assert choices.teachers() == []
    (shipped,) = choices.models
    two = replace(shipped, info=replace(shipped.info, class_names=("sad", "happy")))
    assert replace(choices, models=(two,)).teachers() == ["default"]
    coloured = replace(shipped, info=replace(shipped.info, channels=3))
    assert replace(choices, models=(coloured,)).starting_models("compact") == []


@pytest.mark.parametrize(
    ("name", "values", "reason"),
    [
        ("without_leaks", {}, "Nobody has looked"),
        ("from_model", {"architecture": "small"}, "no Small CNN"),
        ("from_model", {}, ""),
        ("head_epochs", {}, "begins with learned weights"),
        ("head_epochs", {"from_model": "default"}, ""),
        ("head_epochs", {"from_model": "gone"}, "begins with learned weights"),
        ("fine_tune_factor", {"architecture": "mobilenetv3"}, ""),
        ("teacher", {}, "no model with the classes"),
        ("teacher_share", {"teacher": "default"}, "opinions"),
        ("precision", {"deterministic": True}, "float32"),
        ("epochs", {}, ""),
    ],
)
def test_what_does_not_apply_says_why(choices, name, values, reason):
    found = reason_against(name, FormValues("good").all | values, choices)
    assert (reason in found) if reason else found == ""


def test_nothing_leaks_in_a_dataset_of_one_split(choices, tmp_path):
    alone = add_dataset(write_class_folders(tmp_path / "one", ["happy", "sad"]), name="one")
    choices = replace(choices, index=alone.index, knows_duplicates=True)
    assert "one split only" in reason_against("without_leaks", FormValues().all, choices)


def test_what_does_not_apply_has_its_default_in_the_training(choices):
    values = FormValues("good").all | {"without_leaks": True, "teacher": "gone", "teacher_share": 0.2, "seed": 3}
    config = form_config(values, choices)
    assert (config.without_leaks, config.teacher, config.teacher_share, config.seed) == (False, "", 0.7, 3)
    learned = form_config(values | {"from_model": "default", "head_epochs": 1}, choices)
    assert (learned.from_model, learned.head_epochs) == ("default", 1)
    assert begins_with_weights(values | {"from_model": "default"}, choices)


def test_values_that_contradict_each_other_are_refused(choices):
    with pytest.raises(TrainingError, match="smaller"):
        form_config(FormValues("good").all | {"crop_low": 0.9}, choices)
