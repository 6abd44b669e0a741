"""The command `predict`: faces and their apparent expressions, from pictures, a camera or a video to a table."""

import argparse
from pathlib import Path

from fer_core.commands.parser import Subparsers, add_command, add_views_option
from fer_core.prediction import FACE_MODES, load_predictor
from fer_core.prediction.batch import BatchSettings, errors_file, write_predictions
from fer_core.prediction.batch.journal import unfinished_folder
from fer_core.terminal import messages, progress_bar


def add_predict_command(areas: Subparsers) -> None:
    """Add the command `predict`."""
    parser = add_command(areas, "predict", _predict, "find the faces of pictures and read their apparent expressions")
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="pictures, zips, or folders, which are walked to any depth"
    )
    parser.add_argument(
        "--out", required=True, metavar="FILE", type=Path, help="a .csv, .parquet or .jsonl; one row a face"
    )
    parser.add_argument("--faces", choices=FACE_MODES, default="detect", help="whole: each picture is one face crop")
    parser.add_argument("--model", metavar="MODEL", help="a name from `models list` or a package folder")
    parser.add_argument(
        "--annotated", metavar="FOLDER", type=Path, help="also write copies with boxes and labels there"
    )
    add_views_option(parser)


def _predict(options: argparse.Namespace) -> int:
    settings = BatchSettings(options.faces, options.views, options.annotated)
    predictor = load_predictor(options.model)
    try:
        with progress_bar("predicting") as show:
            summary = write_predictions(predictor, options.paths, options.out, settings=settings, on_progress=show)
    except KeyboardInterrupt:
        where = unfinished_folder(options.out)
        messages.print(f"Stopped. What is done is kept in {where}; the same command goes on there.", markup=False)
        return 1
    if summary.num_taken_up:
        messages.print(f"{summary.num_taken_up:,} pictures had been read before the interruption.", markup=False)
    found = f"faces: {summary.num_faces:,}, pictures: {summary.num_pictures:,}"
    messages.print(f"{found}, table: {options.out}", markup=False, soft_wrap=True)
    if summary.num_errors:
        where = errors_file(options.out)
        messages.print(
            f"{summary.num_errors:,} could not be read: {where}", markup=False, style="yellow", soft_wrap=True
        )
    return 0 if summary.num_pictures else 1
