"""Pictures that show the same photo again, made from drawn faces as careless collecting makes them."""

import hashlib
from collections.abc import Sequence

import cv2
import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.drawn.faces import drawn_face
from fer_core.dataset.index import DatasetIndex
from fer_core.labels import EXPRESSIONS

Picture = npt.NDArray[np.uint8]


def drawn_faces(number: int) -> list[Picture]:
    """Different drawn faces (48, 48)."""
    names = len(EXPRESSIONS)
    return [drawn_face(EXPRESSIONS[place % names], 1 + place // names, split="train") for place in range(number)]


def encoded_again(picture: Picture, *, quality: int = 60) -> Picture:
    """The picture after JPEG."""
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def moved(picture: Picture, *, right: float = 0, down: float = 0, scale: float = 1) -> Picture:
    """The picture shifted by pixels and scaled about its middle; what is missing repeats the edge."""
    middle = 23.5 * (1 - scale)
    matrix = np.array([[scale, 0, middle + right], [0, scale, middle + down]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (48, 48), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def cropped(picture: Picture, *, left: int, top: int, width: int, height: int) -> Picture:
    """A part of the picture, enlarged to its full size."""
    return np.asarray(cv2.resize(picture[top : top + height, left : left + width], (48, 48)), np.uint8)


def lit(picture: Picture, *, gain: float, offset: float) -> Picture:
    """The picture in other light."""
    return (picture * gain + offset).clip(0, 255).astype(np.uint8)


def index_of_pictures(
    pictures: Sequence[Picture], *, splits: Sequence[str] | None = None, labels: Sequence[str] | None = None
) -> DatasetIndex:
    """An index of grey pictures of one size."""
    images = np.stack(pictures)[..., None]
    table = pd.DataFrame(
        {
            "image_id": range(len(images)),
            "path": [f"{number}.png" for number in range(len(images))],
            "split": splits or ["train"] * len(images),
            "label": labels or ["happy", "sad"] * (len(images) // 2) + ["happy"] * (len(images) % 2),
            "readable": True,
            "digest": [hashlib.blake2b(image.tobytes()).hexdigest() for image in images],
        }
    )
    return DatasetIndex(table, images)
