"""Reads many pictures on every processor, and hands out what came of each in the order of the list.

A list of pictures comes in, one `Outcome` each goes out: rows of the table, or why the picture could not be read. Each
thread has one picture in memory; large ones wait for each other.
"""

import io
import os
import stat
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from fer_core.dataset.indexing.pixel_room import PixelRoom
from fer_core.errors import ImageError
from fer_core.prediction.batch.annotated import copy_place, write_copy
from fer_core.prediction.batch.pictures import Picture, Stamp
from fer_core.prediction.batch.zips import ZipReader
from fer_core.prediction.predictor import Predictor
from fer_core.processors import num_processors, one_processor_a_thread

# Pixels that may be decoded at a time: two photos of a phone, larger ones alone; up to 6 bytes each.
_PIXELS_AT_A_TIME = 25_000_000
_AHEAD = 32  # pictures a thread, whose rows wait until it is their turn

# Pillow warns of odd notes in damaged files; what could not be read is in the table of errors.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@dataclass(frozen=True)
class BatchSettings:
    """How the pictures of a batch are read.

    Args:
        faces: `detect` or `whole`, as for `Predictor.predict`.
        views: `all` or `one`, as for `Predictor.predict`.
        annotated: Folder for copies with boxes and labels; None for no copies.
    """

    faces: str = "detect"
    views: str = "all"
    annotated: Path | None = None


class Outcome(NamedTuple):
    """What came of one picture.

    Args:
        name: The picture's name in tables.
        stamp: What tells whether it has changed since.
        rows: One a face; None where it could not be read.
        error: Why it could not be read, "" where it could.
    """

    name: str
    stamp: Stamp | None
    rows: list[dict[str, Any]] | None
    error: str = ""


def read_in_order(predictor: Predictor, pictures: Iterable[Picture], settings: BatchSettings) -> Iterator[Outcome]:
    """Read pictures in as many threads as there are processors; outcomes come in the order of the pictures.

    Raises:
        SettingsError: If a copy cannot be written.
    """
    workers = num_processors()
    waiting: deque[Future[Outcome]] = deque()
    room = PixelRoom(_PIXELS_AT_A_TIME)
    with (
        closing(ZipReader()) as zips,
        one_processor_a_thread(),
        ThreadPoolExecutor(workers, thread_name_prefix="batch") as pool,
    ):
        try:
            for picture in pictures:
                waiting.append(pool.submit(_read, predictor, picture, settings, zips, room))
                if len(waiting) > _AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _read(predictor: Predictor, picture: Picture, settings: BatchSettings, zips: ZipReader, room: PixelRoom) -> Outcome:
    stamp = picture.current_stamp()
    try:
        source = _source(picture, zips)
        with room.take(_num_pixels(source)):
            prediction = predictor.predict(source, faces=settings.faces, views=settings.views, name=picture.name)
            if settings.annotated is not None:
                write_copy(prediction, copy_place(settings.annotated, picture.inside))
            return Outcome(picture.name, stamp, prediction.rows())
    except ImageError as error:
        return Outcome(picture.name, stamp, None, _told_of_it(error))
    except MemoryError:
        return Outcome(picture.name, stamp, None, "The memory does not suffice for it. Make it smaller and try again.")


def _told_of_it(error: ImageError) -> str:
    """The error's sentence; a picture out of a zip has no name there, and the table has it anyway."""
    sentence, nameless = str(error), "the picture "
    return "It " + sentence.removeprefix(nameless) if sentence.startswith(nameless) else sentence


def _source(picture: Picture, zips: ZipReader) -> str | bytes:
    if picture.entry is not None:
        return zips.read(picture.path, picture.entry)
    try:
        is_file = stat.S_ISREG(os.stat(picture.path).st_mode)
    except FileNotFoundError:
        return picture.path  # the predictor says so
    except (OSError, ValueError) as error:
        raise ImageError(f"It cannot be opened ({error}). Check the path and its rights.") from error
    if not is_file:  # a named pipe would be waited for
        raise ImageError("It is no file but a device, a pipe or a folder. Give the path of a picture.")
    return picture.path


def _num_pixels(source: str | bytes) -> int:
    """How many pixels a picture says it has; where that cannot be told, as many as let two be read at a time."""
    try:
        with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as picture:
            return picture.width * picture.height
    except Exception:  # damaged in one of many ways; the predictor will say how
        return _PIXELS_AT_A_TIME // 2
