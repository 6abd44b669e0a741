"""Model packages from elsewhere: a zip of this program's own format comes in, a package in FER_HOME/models goes out.

Prediction reads only its `model.json` and `model.tflite`; its `model.keras` stays closed until somebody confirms its
origin (`origin.py`). The model card is written anew from `model.json`, and measurements of others are not taken over.
"""

import os
import shutil
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from fer_core.errors import ModelError
from fer_core.models.catalog import exports_folder, find_model, model_places
from fer_core.models.info import ModelInfo, parse_info
from fer_core.models.keras_file import check_keras_file
from fer_core.models.network_check import check_network
from fer_core.models.origin import Origin, now, read_origin, write_origin
from fer_core.models.package import (
    INFO_FILE,
    KERAS_FILE,
    LITERT_FILE,
    ModelPackage,
    file_digest,
    read_package,
    write_info,
)
from fer_core.models.package_archive import unpack_package
from fer_core.settings import load_settings

_MAX_INPUT_SIZE, _MAX_CLASSES, _MAX_WORD, _MAX_TEXT = 1024, 1000, 100, 10_000
# Formats whose files are, or may hold, programs; they are named so that the refusal can say why.
_RUNNING_CODE = (".keras", ".h5", ".hdf5", ".pkl", ".pickle", ".joblib", ".pt", ".pth", ".pb", ".npy")

_KERAS_WAY = ". Only if you trust whoever made it: python -m fer_core models import FILE --trust-keras --classes A,B,…"


def import_package(archive: Path, *, name: str | None = None, is_trusted: bool = False) -> ModelPackage:
    """Put the package in a zip among the models of this computer, whole or not at all.

    Args:
        archive: A zip that `models export` or the Models page made.
        name: Name of the new model; None takes the one that it has.
        is_trusted: Whether the person trusts its origin enough to let its `model.keras` be opened.

    Raises:
        ModelError: If the file is something else, is damaged or unsafe, or the name is taken.
    """
    if archive.suffix.lower() in _RUNNING_CODE:
        raise ModelError(
            f"'{archive.name}' is not imported: a {archive.suffix} file can hold code that runs when it is opened. "
            "Model packages of this program are zips; ask for one, made with: python -m fer_core models export MODEL"
            f"{_KERAS_WAY if archive.suffix.lower() == '.keras' else ''}"
        )
    if not archive.is_file():
        raise ModelError(f"'{archive}' does not exist. Check the path.")
    folder = load_settings().models_folder
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f".{uuid4().hex}.tmp"
    unfinished.mkdir()
    try:
        unpack_package(archive, unfinished)
        info = check_info(unfinished)
        if name is not None:
            info = replace(info, name=name)  # a name that cannot be a folder's is refused here
        refuse_taken(info.name)
        write_info(info, unfinished)
        check_keras_file(unfinished / KERAS_FILE)
        check_network(unfinished)
        time = now()
        write_origin(Origin(archive.name, file_digest(archive), time, time if is_trusted else None), unfinished)
        refuse_taken(info.name)
        os.replace(unfinished, folder / info.name)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return read_package(folder / info.name)


def is_imported(package: ModelPackage) -> bool:
    """Tell whether a package came from elsewhere."""
    return read_origin(package.folder) is not None


def remove_imported(name: str) -> None:
    """Delete an imported model, and what was exported of it.

    Raises:
        ModelError: If there is none of that name, it was not imported, or it cannot be deleted.
    """
    package = find_model(name)
    if not is_imported(package) or package.folder.parent != load_settings().models_folder:
        raise ModelError(f"The model {name!r} was not imported, so it is not deleted here. Name an imported one.")
    doomed = package.folder.with_name(f".removed-{package.folder.name}-{uuid4().hex}")
    try:
        os.replace(package.folder, doomed)
        shutil.rmtree(doomed)
        shutil.rmtree(exports_folder(package), ignore_errors=True)
    except OSError as error:
        raise ModelError(f"'{package.folder}' cannot be deleted ({error.strerror}). Close what uses it.") from error


def refuse_taken(name: str) -> None:
    """Refuse a name that another model bears.

    Raises:
        ModelError: If one does.
    """
    taken = {place.casefold() for place in model_places()}
    if name.casefold() in taken or (load_settings().models_folder / name).exists():
        raise ModelError(f"There is a model {name!r} already. Give this one another name (--name).")


def check_info(folder: Path) -> ModelInfo:
    """Read the `model.json` in a folder and hold its numbers, words and digests to what a package here can have.

    Raises:
        ModelError: If it is damaged, says what no package does, or the files are not those that it speaks of.
    """
    info = parse_info((folder / INFO_FILE).read_bytes())
    words = (info.architecture, str(info.training_data["dataset"]), *info.class_names, *info.metrics)
    is_sane = (
        info.input_size <= _MAX_INPUT_SIZE
        and len(info.class_names) <= _MAX_CLASSES
        and all(len(word) <= _MAX_WORD and word.isprintable() for word in words)
        and len(info.licence) <= _MAX_TEXT
        and not any("![" in text for text in (info.licence, *words))  # shown as Markdown; a picture would be fetched
    )
    if not is_sane:
        raise ModelError(f"{INFO_FILE} holds sizes or words that no model of this program has. Do not trust this file.")
    for name in (LITERT_FILE, KERAS_FILE):
        received, expected = file_digest(folder / name), info.digests.get(name)
        if received != expected:
            raise ModelError(
                f"The sha256 of {name} is {received}, and {INFO_FILE} says {expected}: it was changed or damaged "
                "after the export. Download or export the model again."
            )
    return info
