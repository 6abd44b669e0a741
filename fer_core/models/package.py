"""The model package: the one form in which a trained network lies on disk.

A package is a folder with `model.json` (what the network is and how to read its output), `model.keras` (to train on),
`model.tflite` (to predict with) and `README.md` (the model card). This module knows the folder and its words;
`export.py` writes the networks, `classifier.py` runs them.
"""

import hashlib
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from fer_core.errors import ModelError
from fer_core.jobs.folder import read_json, write_json
from fer_core.models.card import write_card
from fer_core.models.info import ModelInfo, parse_info
from fer_core.models.origin import refuse_untrusted

__all__ = ["PACKAGE_FILES", "ModelInfo", "ModelPackage", "file_digest", "read_package", "write_info"]

INFO_FILE, KERAS_FILE, LITERT_FILE, CARD_FILE = "model.json", "model.keras", "model.tflite", "README.md"
EVALUATION_FOLDER = "evaluation"  # measurements that travel with a package
PACKAGE_FILES: tuple[str, ...] = (INFO_FILE, KERAS_FILE, LITERT_FILE, CARD_FILE)


@dataclass(frozen=True)
class ModelPackage:
    """A package on disk: its folder and what its `model.json` says."""

    folder: Path
    info: ModelInfo

    @property
    def name(self) -> str:
        """Name of the model."""
        return self.info.name

    @property
    def tflite_path(self) -> Path:
        """The LiteRT network, for predicting."""
        return self.folder / LITERT_FILE

    @property
    def keras_path(self) -> Path:
        """The Keras network, for training.

        Raises:
            ModelError: If the package was imported and nobody has confirmed that its origin is trusted.
        """
        refuse_untrusted(self.folder)
        return self.folder / KERAS_FILE

    def card(self) -> str:
        """Return the model card as Markdown."""
        return (self.folder / CARD_FILE).read_text(encoding="utf-8")

    def answers_digest(self) -> str:
        """Return a sha256 of what decides the probabilities: the LiteRT network and how its output is read.

        It stays the same when the model is renamed, measured, or given another threshold of "unsure".
        """
        return _answers_digest(self.folder, self.info)

    def digest(self) -> str:
        """Return a sha256 of what decides the predictions: the LiteRT network and `model.json`."""
        return hashlib.sha256(
            (file_digest(self.tflite_path) + file_digest(self.folder / INFO_FILE)).encode()
        ).hexdigest()


def read_package(folder: str | Path) -> ModelPackage:
    """Open a model package.

    Raises:
        ModelError: If the folder is no package, lacks a file, or was written by a newer version of this program.
    """
    folder = Path(os.path.expanduser(folder)).absolute()
    if not folder.is_dir():
        raise ModelError(f"{str(folder)!r} is not a folder; expected a model package, a folder with {INFO_FILE}.")
    missing = [name for name in PACKAGE_FILES if not (folder / name).is_file()]
    if missing:
        raise ModelError(
            f"The model package {str(folder)!r} lacks {', '.join(missing)}; expected {', '.join(PACKAGE_FILES)}. "
            "Train or download the model again."
        )
    try:
        return ModelPackage(folder, parse_info((folder / INFO_FILE).read_bytes()))
    except ModelError as error:
        raise ModelError(f"{str(folder / INFO_FILE)!r} cannot be used: {error}") from error


def write_info(info: ModelInfo, folder: Path) -> None:
    """Write `model.json` and the model card, which says the same in words, into a folder.

    Measurements that lie in the package stay in the card as long as they are of this network.
    """
    reports = [read_json(path) or {} for path in sorted((folder / EVALUATION_FOLDER).glob("*.json"))]
    if reports:
        network = _answers_digest(folder, info)
        reports = [report for report in reports if report.get("network") == network]
    (folder / CARD_FILE).write_text(write_card(info, reports), encoding="utf-8")
    write_json(folder / INFO_FILE, asdict(info))


def _answers_digest(folder: Path, info: ModelInfo) -> str:
    read_with = [info.class_names, dict(info.temperature), info.input_size, info.channels]
    return hashlib.sha256((file_digest(folder / LITERT_FILE) + repr(read_with)).encode()).hexdigest()


def file_digest(path: Path) -> str:
    """Return the sha256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
