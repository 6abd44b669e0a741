"""Which settings apply to the training in the form, and why one does not.

The form's values and what is on this computer come in; a reason, or none, goes out for each setting, and a
`TrainConfig` in which settings that do not apply have their defaults.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fer_core.dataset import DatasetIndex
from fer_core.models import ARCHITECTURES, ModelPackage
from fer_core.training import TrainConfig


@dataclass(frozen=True)
class FormChoices:
    """What the settings in the form can refer to.

    Args:
        dataset: Name of the dataset.
        index: Its index.
        knows_duplicates: Whether anybody has looked for its duplicates.
        models: All models on this computer.
    """

    dataset: str
    index: DatasetIndex
    knows_duplicates: bool
    models: tuple[ModelPackage, ...]

    def starting_models(self, architecture: str) -> list[str]:
        """Return the models whose weights a network of this architecture can begin with."""
        fitting = (model for model in self._of_same_channels() if model.info.architecture == architecture)
        return [model.name for model in fitting]

    def teachers(self) -> list[str]:
        """Return the models that know the dataset's classes and no others."""
        classes = set(self.index.class_names)
        return [model.name for model in self._of_same_channels() if set(model.info.class_names) == classes]

    def _of_same_channels(self) -> list[ModelPackage]:
        return [model for model in self.models if model.info.channels == self.index.images.shape[3]]


def reason_against(name: str, values: Mapping[str, Any], choices: FormChoices) -> str:
    """Say why a setting does not apply; "" where it does."""
    if name == "without_leaks":
        return _reason_against_leaving_out(choices)
    if name == "from_model" and not choices.starting_models(values["architecture"]):
        return f"There is no {ARCHITECTURES[values['architecture']].title} among the models yet."
    if name in ("head_epochs", "fine_tune_factor") and not begins_with_weights(values, choices):
        return "Applies where the training begins with learned weights."
    if name == "teacher" and not choices.teachers():
        return "There is no model with the classes of this dataset yet."
    if name.startswith("teacher_") and values["teacher"] not in choices.teachers():
        return "Applies where a model's opinions are learned too."
    if name == "precision" and values["deterministic"]:
        return "The same result is promised in float32 only."
    return ""


def _reason_against_leaving_out(choices: FormChoices) -> str:
    if len(choices.index.splits) < 2:
        return "This dataset has one split only, so no image can recur in another."
    return "" if choices.knows_duplicates else "Nobody has looked for the duplicates of this dataset yet."


def begins_with_weights(values: Mapping[str, Any], choices: FormChoices) -> bool:
    """Tell whether the training begins with weights that were learned before."""
    is_pretrained = getattr(ARCHITECTURES[values["architecture"]], "is_pretrained", False)
    return is_pretrained or values["from_model"] in choices.starting_models(values["architecture"])


def form_config(values: Mapping[str, Any], choices: FormChoices) -> TrainConfig:
    """Return the training that the form describes; what does not apply, or is gone, has its default.

    Raises:
        TrainingError: If the values contradict one another.
    """
    applied = {name: value for name, value in values.items() if not reason_against(name, values, choices)}
    if applied.get("from_model") not in choices.starting_models(values["architecture"]):
        applied.pop("from_model", None)
    if applied.get("teacher") not in choices.teachers():
        applied.pop("teacher", None)
    return TrainConfig(**{**applied, "dataset": choices.dataset})
