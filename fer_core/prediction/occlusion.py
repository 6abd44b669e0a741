"""Covers a face place by place and looks what the network makes of it: a cross-check of the class maps.

A classifier and a crop come in; maps of the same form as `Classifier.class_maps` go out, so that `explain.heat_map`
draws both alike. Nothing inside the network is looked at, so that it serves any network, and needs no TensorFlow.
"""

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from fer_core.models.classifier import Classifier

# A quarter of the face (12 of 48 pixels) covers an eye or the mouth. Half a face agrees best with the class maps of the
# compact network (rank correlation 0.53 on 30 faces of FER2013, against 0.35 and, with a sixth, 0.31), and shows least.
_PATCH_SHARE = 1 / 4
_NUM_PLACES = 12  # of the patch, on each side of the face: neighbours overlap by two thirds
_BLOCK = 48  # faces between two reports of progress
_SMALLEST_PROBABILITY = 1e-7  # float32 probabilities underflow to 0, and no logarithm is infinite

OnProgress = Callable[[int, int], None]


def occlusion_maps(
    classifier: Classifier, crop: npt.NDArray[np.uint8], *, on_progress: OnProgress | None = None
) -> npt.NDArray[np.float32]:
    """Return how much each place of a face speaks for each class: what the class loses when the place is covered.

    After Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks" (2014), section 4.2; covered with the
    mean colour of the face. What is lost is measured in the logarithm of the probability less its mean over the
    classes, the same scale as that of class maps, which does not saturate where the network is sure.

    Args:
        classifier: The network, read in one view, uncalibrated.
        crop: (size, size, channels) uint8, 0-255, as the network reads it.
        on_progress: Called with (places done, places in all); what it raises ends the work.

    Returns:
        (12, 12, classes) float32: positive where covering takes away from the class.
    """
    covered = _cover(crop)  # (places, size, size, channels)
    before = _centred_logarithms(classifier, crop[np.newaxis])
    blocks = []
    for start in range(0, len(covered), _BLOCK):
        blocks.append(_centred_logarithms(classifier, covered[start : start + _BLOCK]))
        if on_progress is not None:
            on_progress(min(start + _BLOCK, len(covered)), len(covered))
    lost = before - np.concatenate(blocks)
    return lost.reshape(_NUM_PLACES, _NUM_PLACES, -1).astype(np.float32)


def agreement(first: npt.NDArray[np.float32], second: npt.NDArray[np.float32]) -> float:
    """Return how alike two maps of one face order its places: Spearman's rank correlation.

    Args:
        first: (h, w) float32.
        second: (h, w) float32, of another height and width maybe: the finer one is brought to the coarser one's size.

    Returns:
        -1 to 1; 0 where one of them is the same everywhere.
    """
    size = min(first.shape[0], second.shape[0])
    if any(np.ptp(each) == 0 for each in (first, second)):
        return 0.0
    return float(np.corrcoef(_ranks(_brought_to(first, size)), _ranks(_brought_to(second, size)))[0, 1])


def centred(maps: npt.NDArray[np.float32], class_number: int) -> npt.NDArray[np.float32]:
    """Return which places speak for a class rather than for the others: (h, w) of (h, w, classes)."""
    return np.asarray(maps[..., class_number] - maps.mean(axis=-1), np.float32)


def _cover(crop: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return the crop with a patch of its mean colour at each place, row by row."""
    size = crop.shape[0]
    half, step = max(0.5, size * _PATCH_SHARE / 2), size / _NUM_PLACES
    centres = (np.arange(_NUM_PLACES) + 0.5) * step
    ends = [(max(0, round(at - half)), max(1, round(at + half))) for at in centres]
    covered = np.repeat(crop[np.newaxis], _NUM_PLACES**2, axis=0)
    color = crop.mean(axis=(0, 1)).round().astype(np.uint8)
    for place, picture in enumerate(covered):
        (top, bottom), (left, right) = ends[place // _NUM_PLACES], ends[place % _NUM_PLACES]
        picture[top:bottom, left:right] = color
    return covered


def _centred_logarithms(classifier: Classifier, faces: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    said = np.log(classifier.predict_uncalibrated(faces, "one").astype(np.float64) + _SMALLEST_PROBABILITY)
    return np.asarray(said - said.mean(axis=1, keepdims=True))


def _ranks(heat: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
    return np.argsort(np.argsort(heat, axis=None, kind="stable"))


def _brought_to(heat: npt.NDArray[np.float32], size: int) -> npt.NDArray[np.float32]:
    if heat.shape == (size, size):
        return heat
    return np.asarray(cv2.resize(heat, (size, size), interpolation=cv2.INTER_AREA), np.float32)
