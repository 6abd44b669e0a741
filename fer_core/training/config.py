"""What a training is asked to do: plain values with defaults that work, checked once."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from fer_core.errors import TrainingError
from fer_core.models.architectures import find_architecture
from fer_core.training.augmentation.levels import find_augmentation

PRECISIONS: tuple[str, ...] = ("auto", "float32", "mixed_bfloat16")
OPTIMIZERS: tuple[str, ...] = ("sgd", "adamw")
SCHEDULES: tuple[str, ...] = ("cosine", "plateau", "constant")
LOSSES: tuple[str, ...] = ("cross_entropy", "focal")
TEACHER_VIEWS: tuple[str, ...] = ("same", "once")
SELECTION_METRICS: tuple[str, ...] = ("val_accuracy", "val_macro_f1", "val_loss")


@dataclass(frozen=True)
class TrainConfig:
    """The settings of one training.

    Args:
        dataset: Name of a dataset that was added.
        architecture: A key of `fer_core.models.architectures.ARCHITECTURES`.
        epochs: Passes over the training part.
        batch_size: Pictures a step.
        learning_rate: Peak of the schedule.
        augmentation: A key of `fer_core.training.augmentation.levels.AUGMENTATIONS`.
        seed: Seeds the validation part, the initial weights, the order of the pictures and the augmentation.
        validation_share: Share of the train split held back to choose and calibrate by.
        crop_low: Smallest side of the random crop the network trains on, as a share of the picture's side. The
            finished model sees the whole: it pools over whatever size comes in.
        crop_high: Largest side of that crop; one size a batch is drawn between the two.
        weight_decay: Decoupled decay of the kernels, as a multiple of the learning rate. With momentum 0.9 the
            default equals an L2 penalty of 5e-4.
        label_smoothing: Share of the target probability spread over all classes (Szegedy et al. 2016).
        precision: `auto` takes bfloat16 where the processor computes in it, float32 elsewhere.
        without_leaks: Train images that recur in another split are left out; duplicates must have been looked for.
        optimizer: One of `OPTIMIZERS`: SGD with Nesterov momentum, or AdamW (Loshchilov & Hutter 2019).
        schedule: One of `SCHEDULES`: cosine to zero (Loshchilov & Hutter 2017), a tenth on a plateau, or constant.
        warm_up_epochs: Epochs of linear rise to the peak, at most a tenth of all.
        loss: One of `LOSSES`; focal loss (Lin et al. 2017) looks away from what is easy.
        class_weights: Weigh each class by the inverse of its share; costs accuracy, helps rare classes.
        mixup: Share of the batches whose pictures are blended in pairs (Zhang et al. 2018).
        dropout: Share of the embedding that is dropped while training.
        weight_averaging: Decay of the running average of the weights, a step; 0 keeps the raw weights.
        selection_metric: One of `SELECTION_METRICS`: what the best epoch and early stopping go by.
        patience: Epochs without a better one after which the training ends early; 0 never does.
        from_model: Name of an earlier model whose weights, all but the classifier's, the training begins with.
        head_epochs: Epochs in which only the classifier learns, where a training begins with learned weights.
        fine_tune_factor: What the learning rate is multiplied by once all layers learn.
        teacher: Name of a model to learn from besides the labels (distillation, Hinton et al. 2015).
        teacher_share: Weight of the teacher's opinion in the loss.
        teacher_temperature: Softens both opinions.
        teacher_views: One of `TEACHER_VIEWS`: the teacher looks at the very pictures that the network learns from
            (Beyer et al. 2022), at a third more time, or once at each whole picture, all views, before the first epoch.
        deterministic: Same seed, same machine, same result, on CPU in float32; somewhat slower.
    """

    dataset: str
    architecture: str = "compact"
    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 0.05
    augmentation: str = "standard"
    seed: int = 0
    validation_share: float = 0.1
    crop_low: float = 0.833
    crop_high: float = 0.833
    weight_decay: float = 5e-3
    label_smoothing: float = 0.1
    precision: str = "auto"
    without_leaks: bool = False
    optimizer: str = "sgd"
    schedule: str = "cosine"
    warm_up_epochs: int = 3
    loss: str = "cross_entropy"
    class_weights: bool = False
    mixup: float = 0.0
    dropout: float = 0.3
    weight_averaging: float = 0.0
    selection_metric: str = "val_accuracy"
    patience: int = 0
    from_model: str = ""
    head_epochs: int = 3
    fine_tune_factor: float = 0.1
    teacher: str = ""
    teacher_share: float = 0.7
    teacher_temperature: float = 2.0
    teacher_views: str = "same"
    deterministic: bool = False

    def __post_init__(self) -> None:
        find_architecture(self.architecture)
        find_augmentation(self.augmentation)
        for name, (lowest, highest) in RANGES.items():
            _check_range(name.replace("_", " "), getattr(self, name), lowest, highest)
        for name, known in CHOICES.items():
            _check_choice(name.replace("_", " "), getattr(self, name), known)
        if self.crop_low > self.crop_high:
            raise TrainingError(f"The crop is {self.crop_low:g} to {self.crop_high:g}; the first must be the smaller.")

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as a JSON object."""
        return asdict(self)


# Lowest and highest value of each number; forms show them too.
RANGES: dict[str, tuple[float, float]] = {
    "epochs": (1, 10_000),
    "batch_size": (2, 4096),
    "learning_rate": (1e-7, 10.0),
    "seed": (0, 2**31 - 1),
    "validation_share": (0.01, 0.5),
    "crop_low": (0.5, 1.0),
    "crop_high": (0.5, 1.0),
    "weight_decay": (0.0, 1.0),
    "label_smoothing": (0.0, 0.5),
    "warm_up_epochs": (0, 1000),
    "mixup": (0.0, 1.0),
    "dropout": (0.0, 0.9),
    "weight_averaging": (0.0, 0.99999),
    "patience": (0, 10_000),
    "head_epochs": (0, 1000),
    "fine_tune_factor": (1e-4, 1.0),
    "teacher_share": (0.0, 1.0),
    "teacher_temperature": (1.0, 20.0),
}
CHOICES: dict[str, Collection[str]] = {
    "precision": PRECISIONS,
    "optimizer": OPTIMIZERS,
    "schedule": SCHEDULES,
    "loss": LOSSES,
    "selection_metric": SELECTION_METRICS,
    "teacher_views": TEACHER_VIEWS,
}


def _check_range(what: str, value: float, lowest: float, highest: float) -> None:
    if not lowest <= value <= highest:
        raise TrainingError(f"The {what} is {value}; expected {lowest:g} to {highest:g}.")


def _check_choice(what: str, value: str, known: Collection[str]) -> None:
    if value not in known:
        raise TrainingError(f"The {what} is {value!r}; known: {', '.join(known)}.")
