"""What the network makes of pictures, kept for the session so that no widget computes anything twice.

Pictures and a predictor come in; one small result for each goes out. The pictures themselves are not kept: a result
holds a reduced copy, the crops and the probabilities. Nothing is written to disk.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from fer_app.prediction.photo_sources import Picture
from fer_app.prediction.photo_turns import BusyError, photo_turns
from fer_core.errors import FerError
from fer_core.images import MAX_PIXELS, read_image
from fer_core.prediction import Face, Prediction, Predictor
from fer_core.prediction.results import why_unsure

REDUCED_SIDE = 1280  # pixels; wider than the column that shows it
_JPEG_QUALITY = 90
_ROOM = 128 * 1024 * 1024  # bytes of reduced pictures in one session; some 500 of them


@dataclass(frozen=True)
class ReadingWay:
    """How pictures are read: the model's digest, `faces` and `views` as for `Predictor.predict`."""

    model: str
    views: str = "all"
    faces: str = "detect"


@dataclass(frozen=True, eq=False)
class PhotoResult:
    """One picture as the page shows it.

    Args:
        picture: The picture.
        way: How it was read.
        reduced: JPEG of the picture, long side at most `REDUCED_SIDE`; empty if unreadable.
        prediction: Its faces; the prediction's own image has the picture's size and no content. None if unreadable.
        error: Why the picture could not be read, a sentence; None where it could.
        threshold: Below this probability a face is called unsure; None for the model's own threshold.
        is_busy: Whether the error is only that too many pictures were waiting.
    """

    picture: Picture
    way: ReadingWay
    reduced: bytes = b""
    prediction: Prediction | None = None
    error: str | None = None
    threshold: float | None = None
    is_busy: bool = False

    @property
    def faces(self) -> tuple[Face, ...]:
        """The faces, left to right."""
        return () if self.prediction is None else self.prediction.faces

    @property
    def class_names(self) -> tuple[str, ...]:
        """Classes in the order of the probabilities."""
        return () if self.prediction is None else self.prediction.class_names


class ResultStore:
    """The results of one session; the least recently used go when there are too many.

    Args:
        room: Bytes of reduced pictures that may stay.
    """

    def __init__(self, room: int = _ROOM) -> None:
        self._room = room
        self._kept: OrderedDict[tuple[str, ReadingWay], PhotoResult] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def result(
        self, picture: Picture, predictor: Predictor, way: ReadingWay, *, max_pixels: int = MAX_PIXELS
    ) -> PhotoResult:
        """Return what the network makes of a picture, from an earlier reading where there is one.

        Args:
            picture: A picture.
            predictor: Reads it.
            way: How.
            max_pixels: A larger picture is an error.
        """
        key = (picture.digest, way)
        if key not in self._kept:
            result = read_photo(picture, predictor, way, max_pixels=max_pixels)
            if result.is_busy:
                return result
            self._kept[key] = result
            self._make_room()
        self._kept.move_to_end(key)
        return replace(self._kept[key], picture=picture)

    def keep_only(self, pictures: Iterable[Picture]) -> None:
        """Forget everything of pictures that are not among these."""
        present = {picture.digest for picture in pictures}
        for key in [key for key in self._kept if key[0] not in present]:
            del self._kept[key]

    def _make_room(self) -> None:
        while len(self._kept) > 1 and sum(len(result.reduced) for result in self._kept.values()) > self._room:
            self._kept.popitem(last=False)


def read_photo(picture: Picture, predictor: Predictor, way: ReadingWay, *, max_pixels: int = MAX_PIXELS) -> PhotoResult:
    """Return what the network makes of one picture, or the sentence that says why it cannot be read."""
    try:
        with photo_turns().turn():
            image = read_image(picture.read(), max_pixels=max_pixels)
            prediction = predictor.predict(image, faces=way.faces, views=way.views, name=picture.name)
            reduced = jpeg(reduce_to(image, REDUCED_SIDE))
    except FerError as error:
        return PhotoResult(picture, way, error=str(error), is_busy=isinstance(error, BusyError))
    no_pixels = np.broadcast_to(np.zeros((1, 1, 3), np.uint8), image.shape)  # the size alone: three bytes
    return PhotoResult(picture, way, reduced, replace(prediction, image=no_pixels))


def with_threshold(result: PhotoResult, threshold: float) -> PhotoResult:
    """Return a result under the picture's own name, its faces unsure below a probability that the person chose.

    A face that is hard to read (tiny, dark, …) stays unsure at any threshold.

    Args:
        result: A result.
        threshold: From 0 to 1.
    """
    if result.prediction is None:
        return result
    faces = tuple(_judged(face, threshold) for face in result.faces)
    prediction = replace(result.prediction, faces=faces, name=result.picture.name)
    return replace(result, prediction=prediction, threshold=threshold)


def _judged(face: Face, threshold: float) -> Face:
    reason = why_unsure(face.confidence, face.quality, threshold)
    return replace(face, unsure=bool(reason), unsure_reason=reason)


def in_words(face: Face) -> str:
    """Say what a face shows: `happy, 92 %`, or `unsure`."""
    return "unsure" if face.unsure else f"{face.label}, {100 * face.confidence:.0f} %"


def likeliest(face: Face, class_names: Sequence[str]) -> str:
    """Say what an unsure face might show: `happy 38 %, neutral 31 %`."""
    first, second = np.argsort(-np.asarray(face.probabilities), kind="stable")[:2]
    return ", ".join(f"{class_names[n]} {100 * face.probabilities[n]:.0f} %" for n in (first, second))


def summary(result: PhotoResult) -> str:
    """Say in a few words what was found on a photo: `2 faces: happy, unsure`."""
    if not result.faces:
        return "no face found"
    labels = ", ".join("unsure" if face.unsure else face.label for face in result.faces[:8])
    more = f" and {len(result.faces) - 8} more" if len(result.faces) > 8 else ""
    return f"{len(result.faces)} {'face' if len(result.faces) == 1 else 'faces'}: {labels}{more}"


def reduce_to(image: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Return a picture (height, width, 3) with its long side at most `side` pixels."""
    scale = side / max(image.shape[:2])
    if scale >= 1:
        return image
    width, height = (max(1, round(scale * length)) for length in (image.shape[1], image.shape[0]))
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def jpeg(image: npt.NDArray[np.uint8]) -> bytes:
    """Return a picture, (height, width, 3) uint8 RGB, as a JPEG file."""
    _, encoded = cv2.imencode(".jpg", cv2.cvtColor(image, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return encoded.tobytes()
