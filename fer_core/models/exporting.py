"""A model in other forms: converts its Keras network, tries each file on real faces, and packs what a stranger needs.

A package and names of `EXPORT_FORMATS` come in; zips and a row for each, with its distance from the original, its size
and its speed, go out. Needs TensorFlow, so pages run `export_job`, whose files are kept in FER_HOME/exports.
"""

import os
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from fer_core.dataset import Dataset, open_dataset
from fer_core.errors import ModelError
from fer_core.jobs.folder import read_json, write_json, write_whole
from fer_core.models.catalog import exports_folder, find_model
from fer_core.models.conversion import convert_to_litert, convert_to_onnx
from fer_core.models.export_check import ask, compare_answers
from fer_core.models.export_faces import export_faces
from fer_core.models.export_formats import EXPORT_FORMATS, PACKAGE_FORMAT, check_format
from fer_core.models.export_kit import write_kit
from fer_core.models.keras_network import load_keras
from fer_core.models.package import ModelPackage

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

OnProgress = Callable[[int, int, str], None]
Row = dict[str, Any]


def export_model(
    package: ModelPackage,
    formats: Sequence[str],
    folder: Path,
    *,
    dataset: Dataset | None = None,
    on_progress: OnProgress | None = None,
) -> list[Row]:
    """Write a zip for each format, `NAME-FORMAT.zip`, into a folder.

    Args:
        package: The model.
        formats: Names of `EXPORT_FORMATS`.
        folder: An existing folder; files of the same names are replaced.
        dataset: Where the faces that it is tried on come from; see `export_faces`.
        on_progress: Called with (formats done, formats in all, what is done); what it raises ends the export.

    Returns:
        A row each: `format`, `archive` (file name), `package` (its digest), and what `compare_answers` returns.

    Raises:
        ModelError: If a format is unknown or takes what is not installed, or the package's origin is not trusted.
    """
    known = {name: check_format(name) for name in formats}
    original = package.keras_path  # refused here where nobody vouches for it
    tell = on_progress or (lambda done, total, message: None)
    tell(0, len(known), "Reading faces with the original")
    faces = export_faces(package.info, dataset)
    wanted = ask(original, "keras", faces.tried)
    rows = []
    for done, (name, format_) in enumerate(known.items()):
        tell(done, len(known), f"Making and trying {format_.title}")
        with TemporaryDirectory() as work:
            network = _network_file(package, name, Path(work), faces.representative)
            answers = ask(network, format_.engine, faces.tried)
            archive = f"{package.name}-{name}.zip"
            write_whole(folder / archive, partial(write_kit, package=package, format_name=name, network=network))
            row = {"format": name, "archive": archive, "package": package.digest()}
            rows.append(row | compare_answers(format_, network, answers, wanted, faces))
    tell(len(known), len(known), "Done")
    return rows


def _network_file(package: ModelPackage, name: str, work: Path, representative: npt.NDArray[np.uint8]) -> Path:
    """Return the network's file in a format, made in a folder for passing things where it is not the package's own."""
    format_ = EXPORT_FORMATS[name]
    if name == PACKAGE_FORMAT:
        return package.tflite_path
    if format_.engine == "keras":
        return package.keras_path
    network, path = _open(package), work / format_.file_name
    if format_.engine == "onnx":
        convert_to_onnx(network, path)
    else:
        faces = representative if format_.precision == "int8" else None
        convert_to_litert(network, path, format_.precision, representative=faces)
    return path


def _open(package: ModelPackage) -> Any:
    import keras

    if keras.backend.backend() != "tensorflow":
        raise ModelError(f"Exporting takes Keras on TensorFlow, not on {keras.backend.backend()}. Unset KERAS_BACKEND.")
    return load_keras(package.keras_path)


def export_job(
    *, reporter: "JobReporter", model: str, formats: list[str], dataset: str | None = None
) -> dict[str, Any]:
    """Job: export a model and keep the zips with their rows where `read_exports` finds them.

    Args:
        reporter: Told about the progress.
        model: Name or package folder.
        formats: Names of `EXPORT_FORMATS`.
        dataset: Name of the dataset whose faces it is tried on; None as for `export_faces`.

    Returns:
        `rows`, as of `export_model`.
    """
    package = find_model(model)
    folder = exports_folder(package)
    folder.mkdir(parents=True, exist_ok=True)
    chosen = None if dataset is None else open_dataset(dataset)
    with TemporaryDirectory(dir=folder.parent, prefix=".export-") as work:
        rows = export_model(package, formats, Path(work), dataset=chosen, on_progress=reporter.progress)
        _forget_earlier(package)
        for row in rows:
            os.replace(Path(work) / row["archive"], folder / row["archive"])
            write_json(folder / f"{row['format']}.json", row)
    return {"rows": rows}


def read_exports(package: ModelPackage) -> list[Row]:
    """Return the rows of the exports that are kept of a package as it is now, in the order of `EXPORT_FORMATS`."""
    folder, digest = exports_folder(package), package.digest()
    rows = [read_json(folder / f"{name}.json") for name in EXPORT_FORMATS]
    return [row for row in rows if row and row["package"] == digest and (folder / row["archive"]).is_file()]


def _forget_earlier(package: ModelPackage) -> None:
    """Delete exports of what the package was before it changed, or of another one that had its name."""
    folder, kept = exports_folder(package), read_exports(package)
    names = {name for row in kept for name in (row["archive"], f"{row['format']}.json")}
    for path in folder.iterdir():
        if path.name not in names:
            path.unlink(missing_ok=True)
