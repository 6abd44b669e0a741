"""Copies of pictures with a box and a label on each face.

A prediction and a place come in; a JPEG of at most 4,096 pixels goes out, whole or not at all.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from fer_core.dataset.sources.archive_names import safe_name
from fer_core.errors import SettingsError
from fer_core.jobs.folder import write_whole
from fer_core.prediction.batch.pictures import Picture
from fer_core.prediction.overlay import draw_marks
from fer_core.prediction.results import Prediction
from fer_core.prediction.tables import unwritable

LARGEST_SIDE = 4096  # pixels; the photos of most phones stay as they are
_QUALITY = 90
_JPEG_SUFFIXES = (".jpg", ".jpeg")


def copy_place(folder: Path, inside: str) -> Path:
    """Return where the copy of a picture goes, given its place below what the batch reads.

    Every picture has a place of its own: `a.jpg` keeps its name, `a.png` becomes `a.png.jpg`.
    """
    parts = [safe_name(part) for part in inside.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if not parts[-1].lower().endswith(_JPEG_SUFFIXES):
        parts[-1] += ".jpg"
    return folder.joinpath(*parts)


def write_copy(prediction: Prediction, path: Path) -> None:
    """Draw the faces of a picture and write it as a JPEG.

    Raises:
        SettingsError: If it cannot be written.
    """
    drawn = Image.fromarray(_drawn(prediction))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, lambda partial: drawn.save(partial, "JPEG", quality=_QUALITY))
    except OSError as error:
        raise unwritable(path, error) from error


def check_copies(pictures: Sequence[Picture], folder: Path) -> None:
    """Make the folder for copies, and see that no copy would take the place of a picture.

    Raises:
        SettingsError: If it is a file, cannot be made, or would hold a copy where a picture is.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise SettingsError(f"{str(folder)!r} is a file; expected a folder for the copies. Choose another.") from error
    except OSError as error:
        raise unwritable(folder, error) from error
    originals = {os.path.realpath(picture.path) for picture in pictures if picture.entry is None}
    for picture in pictures:
        if os.path.realpath(copy_place(folder, picture.inside)) in originals:
            raise SettingsError(
                f"The copy of {picture.name!r} would replace a picture that is to be read. Choose a folder for the "
                f"copies other than {str(folder)!r}."
            )


def _drawn(prediction: Prediction) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The picture with its marks, made smaller before anything is drawn where it is very large."""
    height, width = prediction.image.shape[:2]
    factor = LARGEST_SIDE / max(height, width)
    if factor >= 1:
        return prediction.draw()
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    small = np.asarray(cv2.resize(prediction.image, size, interpolation=cv2.INTER_AREA), np.uint8)
    scale = (size[0] / width, size[1] / height) * 2
    marks = [
        replace(mark, bbox=tuple(side * by for side, by in zip(mark.bbox, scale, strict=True)))
        for mark in prediction.marks()
    ]
    return draw_marks(small, marks)
