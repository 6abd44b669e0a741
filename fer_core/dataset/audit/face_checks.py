"""Checks of a sample of pictures with a face detector: is there a face, and is it where a crop has it?

The detector comes in as a function, so that datasets know nothing of detectors; a table with a row for each picture
that was looked at goes out, and from it two findings.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.audit.findings import Finding, finding_of_images
from fer_core.dataset.index import DatasetIndex

# Shares of the picture's side. Of 399 FER2013 test faces, YuNet's box was 0.83 to 1.26 high (10th to 90th percentile)
# around (0.50, 0.50).
MAX_OFFSET = 0.2
MIN_HEIGHT = 0.4

FACE_COLUMNS = ["image_id", "digest", "num_faces", "score", "offset", "height"]


class FoundFace(Protocol):
    """What a detector says about a face."""

    @property
    def bbox(self) -> tuple[float, float, float, float]:
        """x1, y1, x2, y2 in pixels."""

    @property
    def score(self) -> float:
        """Certainty that this is a face, 0-1."""


DetectFaces = Callable[[npt.NDArray[np.uint8]], Sequence[FoundFace]]
ReadPicture = Callable[[int], npt.NDArray[np.uint8]]


def sample_pictures(index: DatasetIndex, num_pictures: int, *, seed: int = 0) -> npt.NDArray[np.int64]:
    """Choose usable pictures by seed; returns (k,) image_ids in ascending order, k at most `num_pictures`."""
    image_ids = index.select()["image_id"].to_numpy(np.int64)
    generator = np.random.default_rng(seed)
    return np.sort(generator.choice(image_ids, min(num_pictures, len(image_ids)), replace=False))


def look_for_faces(
    index: DatasetIndex,
    image_ids: npt.NDArray[np.int64],
    *,
    detect: DetectFaces,
    read_picture: ReadPicture | None = None,
    on_progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """Look for faces in some pictures.

    Args:
        index: Where they are from.
        image_ids: (k,) which pictures.
        detect: Takes (height, width, 3) uint8 RGB and returns the faces found.
        read_picture: Takes an image_id and returns such a picture in full size; the index's own small ones when None.
        on_progress: Called with (pictures done, pictures in all).

    Returns:
        image_id, digest (of the picture looked at), num_faces, and of the surest face score (0-1), offset (of its
        middle from the picture's, the larger of both directions, as a share of the side), height (share of the side).
    """
    rows, digests = [], index.table["digest"]
    for number, image_id in enumerate(image_ids.tolist(), start=1):
        picture = read_picture(image_id) if read_picture else _small_picture(index, image_id)
        rows.append((image_id, digests[image_id], *_described(detect(picture), picture.shape)))
        if on_progress:
            on_progress(number, len(image_ids))
    return pd.DataFrame(rows, columns=FACE_COLUMNS)


def _small_picture(index: DatasetIndex, image_id: int) -> npt.NDArray[np.uint8]:
    image = index.images[image_id]
    return np.ascontiguousarray(np.broadcast_to(image, (*image.shape[:2], 3)))


def _described(faces: Sequence[FoundFace], shape: tuple[int, ...]) -> tuple[int, float, float, float]:
    if not faces:
        return 0, 0.0, 0.0, 0.0
    surest = max(faces, key=lambda face: face.score)
    x1, y1, x2, y2 = surest.bbox
    offset = max(abs((x1 + x2) / 2 / shape[1] - 0.5), abs((y1 + y2) / 2 / shape[0] - 0.5))
    return len(faces), surest.score, offset, (y2 - y1) / shape[0]


def face_findings(index: DatasetIndex, faces: pd.DataFrame) -> list[Finding]:
    """Return the two findings of the usable pictures that were looked at.

    Args:
        index: The view to judge.
        faces: What `look_for_faces` returned; rows of other pixels than the index's are passed over.
    """
    digests = index.select().set_index("image_id")["digest"]
    looked_at = faces[faces["image_id"].map(digests) == faces["digest"]]
    if looked_at.empty:
        return []
    is_found = looked_at["num_faces"] > 0
    is_off = is_found & ((looked_at["offset"] > MAX_OFFSET) | (looked_at["height"] < MIN_HEIGHT))
    sampled = f"In a sample of {len(looked_at):,} of {len(digests):,} pictures."
    off = looked_at[is_off].sort_values("offset", ascending=False)
    return [
        finding_of_images("face_not_found", looked_at.loc[~is_found, "image_id"], len(looked_at), detail=sampled),
        finding_of_images("off_centre", off["image_id"], int(is_found.sum()), detail=sampled, scores=off["offset"]),
    ]
