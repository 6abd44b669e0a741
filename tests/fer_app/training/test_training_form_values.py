"""What stands in the form of a new training: presets, changes, and the way through the URL."""

import pytest

from fer_app.training.training_form_values import OWN, FormValues, from_query, from_values
from fer_core.training import PRESETS, TrainConfig


@pytest.mark.parametrize("preset", [*PRESETS, OWN])
def test_a_form_without_changes_has_the_values_of_its_preset(preset: str) -> None:
    own = dict(PRESETS[preset].settings) if preset in PRESETS else {}
    assert TrainConfig(dataset="any", **FormValues(preset).all) == TrainConfig(dataset="any", **own)


def test_a_value_that_is_set_back_is_no_change() -> None:
    form = FormValues("quick").with_value("epochs", 3).with_value("seed", 5)
    assert form.changed == {"epochs": 3, "seed": 5}
    assert form.with_value("epochs", PRESETS["quick"].settings["epochs"]).changed == {"seed": 5}
    assert form.back_to_preset() == FormValues("quick")


def test_another_preset_keeps_what_concerns_the_data_and_own_keeps_everything() -> None:
    form = FormValues("quick").with_value("epochs", 3).with_value("seed", 5)
    assert form.with_preset("good") == FormValues("good", {"seed": 5})
    assert form.with_preset(OWN).all == form.all


def test_the_url_brings_back_the_form() -> None:
    form = FormValues("best").with_value("learning_rate", 1e-6).with_value("deterministic", True)
    form = form.with_value("teacher", "big-1").with_value("patience", 4)
    assert from_query(form.to_query()) == form
    assert form.to_query()["deterministic"] == "yes"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, None),
        ({"run": "a", "view": "runs"}, None),
        ({"preset": "fast"}, None),
        ({"epochs": "7"}, FormValues(OWN, {"epochs": 7})),
        ({"preset": "good", "epochs": "many", "dropout": "7", "loss": "none"}, FormValues("good")),
        ({"preset": "good", "architecture": "huge", "class_weights": "perhaps"}, FormValues("good")),
    ],
    ids=str,
)
def test_what_is_no_setting_is_passed_over(query: dict[str, str], expected: FormValues | None) -> None:
    assert from_query(query) == expected


def test_settings_of_a_run_become_changes_of_their_own_type() -> None:
    form = from_values(OWN, TrainConfig("any", weight_decay=0, epochs=4).to_dict())
    assert form.changed == {"weight_decay": 0.0, "epochs": 4}
    assert isinstance(form.changed["weight_decay"], float)
