"""What each setting of a training is called and what it does, for people.

One table for everybody who asks or shows: the form, the command line and the comparison of runs.
"""

from dataclasses import dataclass

GROUPS: tuple[str, ...] = (
    "Data",
    "Optimisation",
    "Augmentation and regularisation",
    "Transfer and distillation",
    "Saving and stopping",
)


@dataclass(frozen=True)
class SettingDescription:
    """A setting in words.

    Args:
        title: What it is called.
        help: What it does, and when one would change it.
        group: One of `GROUPS`, or "" for the few that everybody sets.
    """

    title: str
    help: str
    group: str = ""


_DATA, _OPTIMISATION, _REGULARISATION, _TRANSFER, _SAVING = GROUPS

SETTINGS: dict[str, SettingDescription] = {
    "dataset": SettingDescription("Dataset", "What to learn from: a dataset that was added"),
    "architecture": SettingDescription("Architecture", "The network that is trained"),
    "epochs": SettingDescription("Epochs", "Passes over the training images"),
    "batch_size": SettingDescription("Batch size", "Images in one step"),
    "learning_rate": SettingDescription(
        "Learning rate", "How far one step goes: the highest rate of the schedule. Too high, and the loss explodes"
    ),
    "without_leaks": SettingDescription(
        "Leave out leaked images",
        "Train images that recur in another split: a test image that was learned from makes the figures too good. "
        "Needs the dataset's duplicates",
        _DATA,
    ),
    "validation_share": SettingDescription(
        "Share held back for validation",
        "This part of the train split is not learned from: it chooses the best epoch and calibrates the model, 0 to 1",
        _DATA,
    ),
    "seed": SettingDescription(
        "Seed", "Decides the validation part, the first weights, the order of the images and the augmentation", _DATA
    ),
    "optimizer": SettingDescription(
        "Optimiser", "SGD with momentum generalises well; AdamW needs a rate about a hundred times lower", _OPTIMISATION
    ),
    "schedule": SettingDescription(
        "Schedule",
        "How the rate goes on after the warm-up: down to zero by the last epoch, to a tenth whenever the validation "
        "stands still, or as it is",
        _OPTIMISATION,
    ),
    "warm_up_epochs": SettingDescription(
        "Warm-up epochs", "Epochs in which the rate rises from zero; at most a tenth of all", _OPTIMISATION
    ),
    "weight_decay": SettingDescription(
        "Weight decay",
        "Pulls the weights towards zero a little at every step, as a multiple of the rate",
        _OPTIMISATION,
    ),
    "loss": SettingDescription(
        "Loss", "What is made small: cross-entropy, or focal loss, which looks away from what is easy", _OPTIMISATION
    ),
    "class_weights": SettingDescription(
        "Weigh rare classes more",
        "Each class counts by the inverse of its share: helps rare classes and costs accuracy over all",
        _OPTIMISATION,
    ),
    "precision": SettingDescription(
        "Precision",
        "auto computes in bfloat16 where the processor does so natively, about twice as fast, and in float32 elsewhere",
        _OPTIMISATION,
    ),
    "deterministic": SettingDescription(
        "Same seed, same result",
        "Repeats to the last digit on the same computer: on the CPU, in float32, somewhat slower",
        _OPTIMISATION,
    ),
    "augmentation": SettingDescription(
        "Augmentation",
        "How far every image is bent, lit and covered anew each time it is learned from",
        _REGULARISATION,
    ),
    "crop_low": SettingDescription(
        "Smallest crop",
        "The network trains on random crops: the smallest side of one as a share of the image's side. Smaller is "
        "faster; the finished model sees the whole image",
        _REGULARISATION,
    ),
    "crop_high": SettingDescription(
        "Largest crop",
        "The largest side of a crop as a share of the image's side; each batch draws one",
        _REGULARISATION,
    ),
    "mixup": SettingDescription(
        "Mixup",
        "Share of the batches whose images are blended in pairs, labels included, 0 to 1; for long trainings",
        _REGULARISATION,
    ),
    "label_smoothing": SettingDescription(
        "Label smoothing",
        "Share of the target spread over all classes: keeps the network from being too sure, 0 to 0.5",
        _REGULARISATION,
    ),
    "dropout": SettingDescription(
        "Dropout", "Share of the last features left out at random while learning, 0 to 0.9", _REGULARISATION
    ),
    "weight_averaging": SettingDescription(
        "Weight averaging",
        "Share of the running average that stays at each step: 0.999 averages over about a thousand steps and smooths "
        "the last epochs; 0 keeps the raw weights",
        _REGULARISATION,
    ),
    "from_model": SettingDescription(
        "Begin with the weights of",
        "An earlier model of the same architecture; its classes may be others. Helps most where images are few",
        _TRANSFER,
    ),
    "head_epochs": SettingDescription(
        "Epochs for the classifier alone",
        "At first only the new classifier learns and the learned weights rest",
        _TRANSFER,
    ),
    "fine_tune_factor": SettingDescription(
        "Rate factor once all layers learn",
        "The learning rate is multiplied by this after the classifier's epochs, so that the learned weights survive",
        _TRANSFER,
    ),
    "teacher": SettingDescription(
        "Learn from the opinions of", "A model with the same classes whose probabilities are learned too", _TRANSFER
    ),
    "teacher_share": SettingDescription(
        "Share of the teacher's opinion", "Its weight in the loss, 0 to 1; the labels have the rest", _TRANSFER
    ),
    "teacher_temperature": SettingDescription(
        "Softening of the opinions", "Temperature of both networks' probabilities; 2 to 4 is usual", _TRANSFER
    ),
    "teacher_views": SettingDescription(
        "The teacher looks at",
        "The very pictures that are learned from, at a third more time, or once at each whole picture beforehand",
        _TRANSFER,
    ),
    "selection_metric": SettingDescription(
        "Choose the best epoch by", "What early stopping and the kept weights go by, on the validation part", _SAVING
    ),
    "patience": SettingDescription(
        "Stop early after", "Epochs without a better one after which the training ends; 0 never ends early", _SAVING
    ),
}

CHOICE_TITLES: dict[str, str] = {
    "auto": "automatic",
    "float32": "float32",
    "mixed_bfloat16": "bfloat16",
    "sgd": "SGD with Nesterov momentum",
    "adamw": "AdamW",
    "cosine": "cosine, down to zero",
    "plateau": "a tenth on a plateau",
    "constant": "constant",
    "cross_entropy": "cross-entropy",
    "focal": "focal loss",
    "same": "what the network sees",
    "once": "each whole picture, once",
    "val_accuracy": "validation accuracy",
    "val_macro_f1": "validation macro-F1",
    "val_loss": "validation loss",
}


def setting_text(name: str, value: object) -> str:
    """Return a setting's value as it is shown: `yes` and `no`, a choice's title, numbers without needless digits."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name in ("from_model", "teacher") and not value:
        return "none"
    if isinstance(value, float):
        return f"{value:g}"
    return CHOICE_TITLES.get(str(value), str(value))
