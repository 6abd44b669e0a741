"""What a training is asked to do: plain values with defaults that work, checked once."""

from dataclasses import asdict, dataclass
from typing import Any

from fer_core.errors import TrainingError
from fer_core.models.architectures import find_architecture
from fer_core.training.augmentation import find_augmentation

PRECISIONS: tuple[str, ...] = ("auto", "float32", "mixed_bfloat16")


@dataclass(frozen=True)
class TrainConfig:
    """The settings of one training.

    Args:
        dataset: Name of a dataset that was added.
        architecture: A key of `fer_core.models.architectures.ARCHITECTURES`.
        epochs: Passes over the training part.
        batch_size: Pictures a step.
        learning_rate: Peak of the schedule: linear warm-up, then cosine to zero (Loshchilov & Hutter 2017).
        augmentation: A key of `fer_core.training.augmentation.AUGMENTATIONS`.
        seed: Seeds the validation part, the initial weights, the order of the pictures and the augmentation.
        validation_share: Share of the train split held back to choose and calibrate by.
        crop_size: Side in pixels of the random crop the network trains on, at most the index's image size; 0 trains
            on the whole picture. The finished model sees the whole: it pools over whatever size comes in.
        weight_decay: Decoupled decay of the kernels, as a multiple of the learning rate. With momentum 0.9 the
            default equals an L2 penalty of 5e-4.
        label_smoothing: Share of the target probability spread over all classes (Szegedy et al. 2016).
        precision: `auto` takes bfloat16 where the processor computes in it, float32 elsewhere.
        without_leaks: Train images that recur in another split are left out; duplicates must have been looked for.
    """

    dataset: str
    architecture: str = "compact"
    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 0.05
    augmentation: str = "standard"
    seed: int = 0
    validation_share: float = 0.1
    crop_size: int = 40
    weight_decay: float = 5e-3
    label_smoothing: float = 0.1
    precision: str = "auto"
    without_leaks: bool = False

    def __post_init__(self) -> None:
        find_architecture(self.architecture)
        find_augmentation(self.augmentation)
        _check_range("epochs", self.epochs, 1, 10_000)
        _check_range("batch size", self.batch_size, 2, 4096)
        _check_range("learning rate", self.learning_rate, 1e-7, 10.0)
        _check_range("validation share", self.validation_share, 0.01, 0.5)
        _check_range("seed", self.seed, 0, 2**31 - 1)
        _check_range("weight decay", self.weight_decay, 0.0, 1.0)
        _check_range("label smoothing", self.label_smoothing, 0.0, 0.5)
        if self.crop_size:
            _check_range("crop size", self.crop_size, 24, 1024)
        if self.precision not in PRECISIONS:
            raise TrainingError(f"The precision is {self.precision!r}; known: {', '.join(PRECISIONS)}.")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as a JSON object."""
        return asdict(self)


def _check_range(what: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise TrainingError(f"The {what} is {value}; expected {lowest:g} to {highest:g}.")
