"""The command `predict`: faces and their apparent expressions, from pictures, a camera or a video to a table."""

import argparse
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from types import FrameType

from fer_core.commands.output import print_table
from fer_core.commands.parser import Subparsers, add_command, add_views_option
from fer_core.errors import Cancelled
from fer_core.labels import LABEL_NOTICE
from fer_core.prediction import FACE_MODES, Predictor, load_predictor
from fer_core.prediction.batch import BatchSettings, errors_file, predict_files, unfinished_folder, write_predictions
from fer_core.prediction.video import write_video_predictions
from fer_core.prediction.video_window import VideoWindow
from fer_core.terminal import messages, progress_bar

say = partial(messages.print, markup=False, soft_wrap=True)


def add_predict_command(areas: Subparsers) -> None:
    """Add the command `predict`."""
    parser = add_command(areas, "predict", _predict, "find the faces of pictures and read their apparent expressions")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("paths", metavar="PATH", nargs="*", default=[], help="pictures, zips, or folders of any depth")
    what.add_argument("--camera", metavar="N|VIDEO", help="number of a camera, 0 for the first, or a video file")
    parser.add_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help="a .csv, .parquet or .jsonl with one row a face; without it the faces of pictures are printed",
    )
    parser.add_argument(
        "--faces",
        choices=FACE_MODES,
        default="detect",
        help="detect: find the faces of each picture; whole: each picture is one face crop",
    )
    parser.add_argument("--model", metavar="MODEL", help="a name from `models list` or a package folder")
    parser.add_argument(
        "--annotated", metavar="FOLDER", type=Path, help="also write copies with boxes and labels into this folder"
    )
    parser.add_argument("--show", action="store_true", help="show the camera in a window; needs opencv-python")
    add_views_option(parser)
    parser.set_defaults(views=None, fail=parser.error)


def _predict(options: argparse.Namespace) -> int:
    if options.camera is None:
        return _predict_pictures(options)
    return _predict_video(options)


def _predict_pictures(options: argparse.Namespace) -> int:
    if options.show:
        options.fail("--show goes with --camera")
    if options.annotated is not None and options.out is None:
        options.fail("--annotated goes with --out")
    settings = BatchSettings(options.faces, options.views or "all", options.annotated)
    predictor = load_predictor(options.model)
    if options.out is None:
        return _print_faces(predictor, options.paths, settings)
    try:
        with _stop_signals() as is_stopped, progress_bar("predicting") as show:

            def on_progress(done: int, total: int) -> None:
                show(done, total)
                if is_stopped():
                    raise Cancelled

            summary = write_predictions(
                predictor, options.paths, options.out, settings=settings, on_progress=on_progress
            )
    except (Cancelled, KeyboardInterrupt):
        say(f"Stopped. What is done is kept in {unfinished_folder(options.out)}; the same command goes on there.")
        return 1
    if summary.num_taken_up:
        say(f"{summary.num_taken_up:,} pictures had been read before the interruption.")
    say(f"faces: {summary.num_faces:,}, pictures: {summary.num_pictures:,}, table: {options.out}")
    if summary.num_errors:
        say(f"{summary.num_errors:,} could not be read: {errors_file(options.out)}", style="yellow")
    return 0 if summary.num_pictures else 1


def _print_faces(predictor: Predictor, paths: Sequence[str], settings: BatchSettings) -> int:
    """Print one row a face on standard output; the exit code is that of a batch that is written."""
    with progress_bar("predicting") as show:
        result = predict_files(predictor, paths, settings=settings, on_progress=show)
    rows = [
        {
            "image": face["image"],
            "face": face["face"],
            "box": "{x1:.0f},{y1:.0f} to {x2:.0f},{y2:.0f}".format_map(face),
            "label": f"unsure ({face['label']})" if face["unsure"] else face["label"],
            "confidence": f"{face['confidence']:.1%}",
        }
        for face in result.frame.to_dict("records")
    ]
    if rows or result.num_pictures:
        print_table(rows, "No face was found. `--faces whole` reads each picture as one face.")
    for image, error in result.errors.itertuples(index=False):
        say(f"{image}: {error}", style="yellow")
    return 0 if result.num_pictures else 1


def _predict_video(options: argparse.Namespace) -> int:
    if options.faces != "detect" or options.annotated is not None or options.views == "all":
        options.fail("--faces whole, --annotated and --views all go with pictures, not with --camera")
    if options.out is None:
        options.fail("--camera needs --out FILE")
    predictor = load_predictor(options.model)
    window = VideoWindow(mirror=options.camera.isdecimal()) if options.show else None
    say(LABEL_NOTICE)
    say("Ctrl-C stops; what was read by then is kept.")
    with _stop_signals() as is_stopped, window or nullcontext(), progress_bar("frames") as show:
        summary = write_video_predictions(
            predictor,
            options.camera,
            options.out,
            on_progress=show,
            on_frame=window.show if window else None,
            should_stop=lambda: is_stopped() or (window is not None and window.is_closed),
        )
    found = f"faces: {summary.num_faces:,}, frames: {summary.num_frames:,} in {summary.seconds:.1f} s"
    say(f"{found}, table: {options.out}")
    if summary.num_failed:
        say(f"{summary.num_failed:,} frames could not be analysed.", style="yellow")
    return 0 if summary.num_failed < summary.num_frames else 1


@contextmanager
def _stop_signals() -> Iterator[Callable[[], bool]]:
    """Turn the first Ctrl-C or terminate signal into a wish to stop; a second one interrupts."""
    wish = threading.Event()
    earlier = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, frame: FrameType | None) -> None:
        wish.set()
        signal.signal(number, earlier[signal.Signals(number)])

    for number in earlier:
        signal.signal(number, ask)
    try:
        yield wish.is_set
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler)
