"""Sets of settings that suit a purpose: a first look, a good model, the best one.

A preset's name goes in and a `TrainConfig` comes out; everything that a preset does not name keeps its default.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fer_core.errors import TrainingError
from fer_core.training.config import TrainConfig


@dataclass(frozen=True)
class Preset:
    """A purpose and the settings that serve it.

    Args:
        name: Its key in `PRESETS`.
        title: Its name on screen.
        description: One sentence on when to take it.
        settings: Settings of `TrainConfig` that differ from the defaults.
        measured: What it took and reached on FER2013 (test split, ten views), with the computer; "" until measured.
    """

    name: str
    title: str
    description: str
    settings: Mapping[str, Any]
    measured: str = ""


PRESETS: dict[str, Preset] = {
    "quick": Preset(
        "quick",
        "Quick",
        "The small network for a few epochs: to see how training goes, and whether a dataset can be learned at all.",
        {
            "architecture": "small",
            "epochs": 10,
            "batch_size": 64,
            "learning_rate": 0.05,
            "augmentation": "light",
        },
        "On FER2013: 11 minutes on two processor cores (AVX2, float32), 60.2 % of the test split.",
    ),
    "good": Preset(
        "good",
        "Good",
        "The compact network until it has learned most of what it can.",
        {
            "architecture": "compact",
            "epochs": 60,
            "batch_size": 128,
            "learning_rate": 0.1,
            "augmentation": "standard",
        },
        "On FER2013: 135 minutes on two processor cores (AVX2, float32), 68.4 % of the test split.",
    ),
    "best": Preset(
        "best",
        "Best",
        "Long, with strong augmentation, mixup and crops of changing size: where time does not matter.",
        {
            "architecture": "compact",
            "epochs": 150,
            "batch_size": 128,
            "learning_rate": 0.1,
            "augmentation": "strong",
            "weight_averaging": 0.999,
            "mixup": 0.5,
            "crop_low": 0.83,
            "crop_high": 1.0,
        },
    ),
}


def find_preset(name: str) -> Preset:
    """Return a preset by its name.

    Raises:
        TrainingError: If there is none of this name.
    """
    if name not in PRESETS:
        raise TrainingError(f"There is no preset {name!r}. Known: {', '.join(PRESETS)}.")
    return PRESETS[name]


def with_preset(name: str, **overrides: Any) -> TrainConfig:
    """Return a preset's settings; what is given beside its name wins, and `dataset` must be.

    Raises:
        TrainingError: If there is no such preset, or a value is out of its range.
        TypeError: If an override is no setting.
    """
    return TrainConfig(**{**find_preset(name).settings, **overrides})
