"""What the network makes of dropped photos, kept for the session so that a widget does not compute anything twice.

Uploaded files and a predictor come in; one small result for each photo goes out. The photos themselves are not
kept beyond the upload: a result holds a reduced overlay, the crops and the table. Nothing is written to disk.
"""

from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.errors import FerError
from fer_core.images import read_image
from fer_core.prediction import Face, Predictor

OVERLAY_SIDE = 1280  # pixels; wider than the column that shows it
_JPEG_QUALITY = 90


class Photo(Protocol):
    """An uploaded file: its id never stands for two contents."""

    file_id: str
    name: str

    def getvalue(self) -> bytes:
        """Return the file's bytes."""
        ...


@dataclass(frozen=True)
class PhotoResult:
    """One photo as the page shows it.

    Args:
        name: File name as uploaded.
        file_id: The upload that it came from.
        overlay: JPEG of the picture with its boxes, long side at most `OVERLAY_SIDE`; empty if unreadable.
        faces: The faces, left to right.
        class_names: Classes in the order of the probabilities.
        table: One row a face, columns as in `Prediction.to_frame`.
        error: Why the photo could not be read, a sentence; None where it could.
    """

    name: str
    file_id: str
    overlay: bytes = b""
    faces: tuple[Face, ...] = ()
    class_names: tuple[str, ...] = ()
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    error: str | None = None


ResultCache = MutableMapping[tuple[str, str, bool], PhotoResult]


def read_photos(
    photos: Sequence[Photo], predictor: Predictor, *, model_digest: str, whole: Iterable[str], cache: ResultCache
) -> Iterator[PhotoResult]:
    """Yield the result of each photo in order; what is in the cache is not computed again.

    Args:
        photos: The uploads.
        predictor: The predictor to ask.
        model_digest: Tells its model from others.
        whole: Ids of the photos to take as one face each, without looking for faces.
        cache: Kept between calls; results of photos that are no longer there are dropped.
    """
    whole = set(whole)
    keys = [(photo.file_id, model_digest, photo.file_id in whole) for photo in photos]
    present = {photo.file_id for photo in photos}
    for key in [key for key in cache if key[0] not in present]:
        del cache[key]
    for photo, key in zip(photos, keys, strict=True):
        if key not in cache:
            cache[key] = read_photo(photo, predictor, faces="whole" if key[2] else "detect")
        yield cache[key]


def read_photo(photo: Photo, predictor: Predictor, *, faces: str) -> PhotoResult:
    """Return what the network makes of one photo, or the sentence that says why it cannot be read."""
    try:
        prediction = predictor.predict(read_image(photo.getvalue()), faces=faces, name=photo.name)
    except FerError as error:
        return PhotoResult(photo.name, photo.file_id, error=str(error))
    return PhotoResult(
        name=photo.name,
        file_id=photo.file_id,
        overlay=_reduced_jpeg(prediction.draw()),
        faces=tuple(prediction.faces),
        class_names=tuple(prediction.class_names),
        table=prediction.to_frame(),
    )


def all_faces(results: Iterable[PhotoResult]) -> pd.DataFrame:
    """Put the faces of all photos into one table, photos in order."""
    tables = [result.table for result in results if not result.table.empty]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def in_words(face: Face, class_names: Sequence[str]) -> str:
    """Say what a face shows: `happy, 92 %`, or `unsure: happy 38 %, neutral 31 %`."""
    if not face.unsure:
        return f"{face.label}, {100 * face.confidence:.0f} %"
    first, second = np.argsort(-np.asarray(face.probabilities), kind="stable")[:2]
    shares = [f"{class_names[number]} {100 * face.probabilities[number]:.0f} %" for number in (first, second)]
    return "unsure: " + ", ".join(shares)


def summary(result: PhotoResult) -> str:
    """Say in a few words what was found on a photo: `2 faces: happy, unsure`."""
    if not result.faces:
        return "no face found"
    labels = ", ".join("unsure" if face.unsure else face.label for face in result.faces[:8])
    more = f" and {len(result.faces) - 8} more" if len(result.faces) > 8 else ""
    return f"{len(result.faces)} {'face' if len(result.faces) == 1 else 'faces'}: {labels}{more}"


def _reduced_jpeg(image: npt.NDArray[np.uint8]) -> bytes:
    scale = OVERLAY_SIDE / max(image.shape[:2])
    if scale < 1:
        width, height = (max(1, round(scale * side)) for side in (image.shape[1], image.shape[0]))
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return encoded.tobytes()
