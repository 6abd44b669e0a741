"""The views of one face that the network reads: the crop as it is, or ten slightly different looks at it.

A stack of face crops comes in, a stack of views of each comes out at the same size; the classifier averages the
probabilities over the views of a face.
"""

import cv2
import numpy as np
import numpy.typing as npt

VIEWS: dict[str, int] = {"one": 1, "all": 10}  # name -> views of each face

# Corner crops of 11/12 of the side (44 of 48 pixels), mirrored, after Krizhevsky et al., "ImageNet Classification with
# Deep Convolutional Neural Networks" (2012), section 4.1, which takes 224 of 256 and a centre crop of the same size.
# With the whole face in the centre crop's place the compact network did better on FER2013's validation part.
_CROP_SHARE = 11 / 12


def check_views(views: str) -> None:
    """Raise ValueError unless `views` is a name of `VIEWS`."""
    if views not in VIEWS:
        raise ValueError(f"views is {views!r}; known: {', '.join(VIEWS)}")


def make_views(faces: npt.NDArray[np.uint8], views: str) -> npt.NDArray[np.uint8]:
    """Return the views of each face.

    Args:
        faces: (n, size, size, channels) uint8, 0-255.
        views: `one` (the crop as it is) or `all` (the crop and its four corners at the same size, each also mirrored).

    Returns:
        (n, v, size, size, channels) uint8 with v = `VIEWS[views]`.
    """
    check_views(views)
    if views == "one":
        return faces[:, np.newaxis]
    made = np.empty((len(faces), VIEWS[views], *faces.shape[1:]), np.uint8)
    for face, its_views in zip(faces, made, strict=True):
        for number, (top, left, side) in enumerate(_windows(faces.shape[1])):
            view = _enlarge(face[top : top + side, left : left + side], faces.shape[1])
            its_views[2 * number] = view
            its_views[2 * number + 1] = view[:, ::-1]
    return made


def _windows(size: int) -> list[tuple[int, int, int]]:
    """Return (top, left, side) of the whole and of the four corners."""
    side = max(1, round(size * _CROP_SHARE))
    end = size - side
    return [(0, 0, size), *((top, left, side) for top in (0, end) for left in (0, end))]


def _enlarge(crop: npt.NDArray[np.uint8], size: int) -> npt.NDArray[np.uint8]:
    enlarged = cv2.resize(np.ascontiguousarray(crop), (size, size), interpolation=cv2.INTER_LINEAR)
    return np.asarray(enlarged, np.uint8).reshape(size, size, crop.shape[2])  # cv2 drops a single channel
