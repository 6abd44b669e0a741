"""The command that takes a model along in another form: `models export`."""

import argparse
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from fer_core.commands.output import print_table
from fer_core.commands.parser import Subparsers, add_command
from fer_core.dataset import open_dataset
from fer_core.errors import FerError
from fer_core.jobs.folder import write_whole
from fer_core.models import ModelPackage, find_model
from fer_core.models.agreement import MIN_SAME_LABELS
from fer_core.models.export_formats import EXPORT_FORMATS, PACKAGE_FORMAT
from fer_core.models.export_kit import write_kit
from fer_core.terminal import messages, progress_bar


def add_export_command(commands: Subparsers) -> None:
    """Add `models export`."""
    parser = add_command(
        commands, "export", _models_export, "write a model as a zip that others can use, or as one file"
    )
    parser.add_argument("model", metavar="MODEL", help="a name from `models list` or a package folder")
    parser.add_argument(
        "--format", choices=EXPORT_FORMATS, default=PACKAGE_FORMAT, help="package: what `models import` takes (default)"
    )
    parser.add_argument(
        "--out",
        metavar="PATH",
        type=Path,
        help="FILE.zip: network, script and guide (default: MODEL-FORMAT.zip here); FILE.tflite, .keras or .onnx: the "
        "network alone; a folder: the zip goes into it",
    )
    parser.add_argument(
        "--dataset", metavar="NAME", help="faces to try it on; without it those it learned from, or drawn ones"
    )


def _models_export(options: argparse.Namespace) -> None:
    package, format_ = find_model(options.model), EXPORT_FORMATS[options.format]
    target = _target(options.out, f"{package.name}-{options.format}.zip", Path(format_.file_name).suffix)
    if options.format == PACKAGE_FORMAT and target.suffix == ".zip":
        _put(target, lambda path: write_kit(path, package))
    else:
        _print_row(_export(package, options.format, target, options.dataset))
    print(target)


def _target(out: Path | None, name: str, suffix: str) -> Path:
    target = Path(name) if out is None else out / name if out.is_dir() else out
    if target.suffix not in (".zip", suffix):
        raise FerError(f"'{target}' ends neither in .zip nor in {suffix}. Give the file one of these endings.")
    if not target.parent.is_dir():
        raise FerError(f"There is no folder '{target.parent}'. Make it first, or choose another place.")
    return target


def _export(package: ModelPackage, name: str, target: Path, dataset: str | None) -> dict[str, Any]:
    from fer_core.models.exporting import export_model

    chosen = None if dataset is None else open_dataset(dataset)
    with TemporaryDirectory() as work, progress_bar("exporting") as on_progress:
        (row,) = export_model(package, [name], Path(work), dataset=chosen, on_progress=on_progress)
        archive = Path(work) / row["archive"]
        if target.suffix == ".zip":
            _put(target, lambda path: shutil.copyfile(archive, path))
        else:
            with zipfile.ZipFile(archive) as opened:
                inside = next(entry for entry in opened.namelist() if entry.endswith(f"/{row['file']}"))
                _put(target, lambda path: path.write_bytes(opened.read(inside)))
    return row


def _put(target: Path, write: Callable[[Path], object]) -> None:
    try:
        write_whole(target, write)
    except OSError as error:
        raise FerError(f"'{target}' cannot be written: {error.strerror}. Choose another place.") from error


def _print_row(row: dict[str, Any]) -> None:
    change = row["accuracy_change"]
    figures = {
        "format": row["format"],
        "max_difference": f"{row['max_difference']:.6f}",
        "same_labels": f"{row['same_labels']:.4f}",
        "accuracy_change": "" if change is None else f"{change:+.4f}",
        "size_mb": f"{row['file_bytes'] / 1e6:.2f}",
        "ms_per_face": f"{row['ms_per_face']:.2f}",
        "num_images": row["num_images"],
        "faces": row["faces"],
    }
    print_table([figures], "")
    if row["same_labels"] < MIN_SAME_LABELS:
        messages.print(
            f"It calls {100 * (1 - row['same_labels']):.1f} % of these faces otherwise than the original. "
            "Measure it before you rely on it, or take float16."
        )
