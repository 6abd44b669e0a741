"""The command `predict`: faces and their apparent expressions, from pictures to a table."""

import argparse
from pathlib import Path

from fer_core.commands.parser import Subparsers, add_command, add_views_option
from fer_core.prediction import FACE_MODES, load_predictor
from fer_core.prediction.batch import errors_file, predict_files
from fer_core.terminal import messages, progress_bar


def add_predict_command(areas: Subparsers) -> None:
    """Add the command `predict`."""
    parser = add_command(areas, "predict", _predict, "find the faces of pictures and read their apparent expressions")
    parser.add_argument("paths", metavar="PATH", nargs="+", help="pictures, or folders that are walked to any depth")
    parser.add_argument("--out", required=True, metavar="FILE", type=Path, help="a .csv; one row a face")
    parser.add_argument("--faces", choices=FACE_MODES, default="detect", help="whole: each picture is one face crop")
    parser.add_argument("--model", metavar="MODEL", help="a name from `models list` or a package folder")
    add_views_option(parser)


def _predict(options: argparse.Namespace) -> int:
    predictor = load_predictor(options.model)
    with progress_bar("predicting") as on_progress:
        result = predict_files(
            predictor, options.paths, faces=options.faces, views=options.views, out=options.out, on_progress=on_progress
        )
    found = f"faces: {len(result.frame):,}, pictures: {result.num_pictures:,}"
    messages.print(f"{found}, table: {options.out}", markup=False)
    if len(result.errors):
        where = errors_file(options.out)
        messages.print(f"{len(result.errors):,} could not be read: {where}", markup=False, style="yellow")
    return 0 if result.num_pictures else 1
