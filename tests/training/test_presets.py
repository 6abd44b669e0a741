import pytest

from fer_core.errors import TrainingError
from fer_core.training.config import TrainConfig
from fer_core.training.presets import PRESETS, with_preset
from fer_core.training.setting_descriptions import GROUPS, SETTINGS, setting_text


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_makes_a_training_and_what_is_given_beside_it_wins(name: str) -> None:
    config = with_preset(name, dataset="faces", seed=7)
    assert config == TrainConfig(**{**PRESETS[name].settings, "dataset": "faces", "seed": 7})
    assert with_preset(name, dataset="faces", epochs=3).epochs == 3


def test_an_unknown_preset_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TrainingError, match="quick, good, best"):
        with_preset("fast", dataset="faces")


def test_every_setting_is_described_and_nothing_else() -> None:
    assert set(SETTINGS) == set(TrainConfig("any").to_dict())
    assert {setting.group for setting in SETTINGS.values()} == {"", *GROUPS}


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("class_weights", True, "yes"),
        ("teacher", "", "none"),
        ("teacher", "first-1", "first-1"),
        ("weight_decay", 0.005, "0.005"),
        ("schedule", "plateau", "a tenth on a plateau"),
        ("epochs", 30, "30"),
    ],
)
def test_values_are_shown_in_words(name: str, value: object, text: str) -> None:
    assert setting_text(name, value) == text
