"""Tells two pictures of the same photo from two pictures of similar faces.

Candidate pairs come in; those whose pictures, laid over each other, agree in their detail go out. Similar faces share
what is coarse (light, outline), and JPEG and enlarging destroy what is finest, so the band between decides.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from fer_core.dataset.duplicates.alignment import Boxes, align, laid_over
from fer_core.dataset.duplicates.candidate_pairs import CROPS, Candidates
from fer_core.dataset.duplicates.crop_features import FloatArray
from fer_core.dataset.duplicates.detail import detail_similarity
from fer_core.dataset.duplicates.smoothing import smoothed

SIDE = 48  # pixels; of the pictures that are compared
LOWEST_SIMILARITY = 0.7  # pairs below it are not kept: similar faces come to 0.58 +- 0.08

_NOISE = 0.5  # grey levels; agreement of less is chance
_PRESMOOTHING = 0.8  # pixels; makes the slopes that alignment follows reach a little further
_MIN_COARSE = 0.85  # correlation of the small pictures; 99 of 100 true pairs reach it, 9 of 100 others
_COARSE_STEPS, _FINE_STEPS = 2, 3
_CHUNK = 4096  # pairs between two reports
_COARSE_BLOCK, _FINE_BLOCK = 256, 64  # pairs; what fits into the processor's cache
_SAME_PLACE = 0.5 / SIDE  # shifts below half a pixel and scales within 2.5 % are what encoding again can do
_SAME_SCALE = 0.025

OnProgress = Callable[[int, int], None]
BoolArray = npt.NDArray[np.bool_]
ReadPictures = Callable[[npt.NDArray[np.int64]], FloatArray]


@dataclass(frozen=True)
class Likeness:
    """Pairs that were looked at closely; all (pairs,) arrays.

    Args:
        first: Number of the one picture.
        second: Number of the other.
        similarity: How well their detail agrees where they overlap, 0-1.
        mirrored: Whether one is the other's mirror image.
        moved: Whether one is shifted or scaled against the other.
    """

    first: npt.NDArray[np.int64]
    second: npt.NDArray[np.int64]
    similarity: FloatArray
    mirrored: BoolArray
    moved: BoolArray


def look_closely(
    read: ReadPictures,
    small: npt.NDArray[np.uint8],
    candidates: Candidates,
    *,
    on_progress: OnProgress | None = None,
) -> Likeness:
    """Align every pair of candidates and keep those with at least `LOWEST_SIMILARITY`.

    Args:
        read: Returns the pictures of some numbers (m,) in grey, (m, SIDE, SIDE) float32, 0-255.
        small: The pictures from which the candidates were proposed, (n, side, side) uint8.
        candidates: The pairs.
        on_progress: Called with (pairs done, pairs in all).
    """
    nothing = candidates.take(slice(0, 0))
    found = [_second_look(read, nothing, _first_boxes(nothing))]
    for start in range(0, len(candidates), _CHUNK):
        chunk = candidates.take(slice(start, start + _CHUNK))
        boxes, is_close = _first_look(small, chunk)
        found.append(_second_look(read, chunk.take(is_close), boxes.take(is_close)))
        if on_progress:
            on_progress(min(start + _CHUNK, len(candidates)), len(candidates))
    return Likeness(*(np.concatenate([getattr(part, field.name) for part in found]) for field in fields(Likeness)))


def _first_boxes(pairs: Candidates) -> Boxes:
    """Where the second picture's points lie in the first, as far as the matching crops tell."""
    crops = np.array([(crop.scale, crop.shift_x, crop.shift_y) for crop in CROPS], np.float32)[pairs.crop]
    return Boxes(crops[:, 0], crops[:, 0], crops[:, 1], crops[:, 2])


def _first_look(small: npt.NDArray[np.uint8], pairs: Candidates) -> tuple[Boxes, BoolArray]:
    """Align the small pictures; return the boxes, and which pairs are worth the second look."""
    boxes, is_close = [], []
    for start in range(0, len(pairs), _COARSE_BLOCK):
        block = pairs.take(slice(start, start + _COARSE_BLOCK))
        fixed = small[block.second].astype(np.float32)
        moving = _unmirrored(small[block.first].astype(np.float32), block.mirrored)
        aligned = align(fixed, moving, _first_boxes(block), num_steps=_COARSE_STEPS)
        boxes.append(aligned)
        is_close.append(_correlation(fixed, *laid_over(moving, aligned)) >= _MIN_COARSE)
    joined = Boxes(*(np.concatenate([getattr(part, field.name) for part in boxes]) for field in fields(Boxes)))
    return joined, np.concatenate(is_close)


def _second_look(read: ReadPictures, pairs: Candidates, boxes: Boxes) -> Likeness:
    """Align the pictures themselves and compare their detail."""
    similarity = np.zeros(len(pairs), np.float32)
    moved = np.zeros(len(pairs), np.bool_)
    for start in range(0, len(pairs), _FINE_BLOCK):
        block = slice(start, start + _FINE_BLOCK)
        chosen = pairs.take(block)
        fixed, moving = read(chosen.second), _unmirrored(read(chosen.first), chosen.mirrored)
        aligned = align(
            smoothed(fixed, _PRESMOOTHING), smoothed(moving, _PRESMOOTHING), boxes.take(block), num_steps=_FINE_STEPS
        )
        similarity[block] = detail_similarity(fixed, moving, aligned)
        moved[block] = _is_moved(aligned)
    kept = similarity >= LOWEST_SIMILARITY
    return Likeness(pairs.first[kept], pairs.second[kept], similarity[kept], pairs.mirrored[kept], moved[kept])


def _correlation(first: FloatArray, second: FloatArray, inside: BoolArray) -> FloatArray:
    """Correlation (pairs,) of the pixels that are inside; that of nearly constant pictures is low."""
    weight = inside.astype(np.float32)
    num_pixels = np.maximum(weight.sum(axis=(1, 2)), 1)
    first, second = (
        (part - ((part * weight).sum(axis=(1, 2)) / num_pixels)[:, None, None]) * weight for part in (first, second)
    )
    noise = _NOISE**2 * num_pixels
    powers = [np.square(part).sum(axis=(1, 2)) + noise for part in (first, second)]
    return np.asarray((first * second).sum(axis=(1, 2)) / np.sqrt(powers[0] * powers[1]), np.float32)


def _unmirrored(pictures: FloatArray, mirrored: BoolArray) -> FloatArray:
    return np.where(mirrored[:, None, None], pictures[:, :, ::-1], pictures)


def _is_moved(boxes: Boxes) -> BoolArray:
    shifted = np.maximum(np.abs(boxes.shift_x), np.abs(boxes.shift_y)) > _SAME_PLACE
    scaled = np.maximum(np.abs(boxes.scale_x - 1), np.abs(boxes.scale_y - 1)) > _SAME_SCALE
    return np.asarray(shifted | scaled, np.bool_)
