"""Moving pictures with known truth: people who walk through a room on paths that a test writes down.

A room and people come in; frames with the true place of everybody go out. The people are the public-domain portrait
of scikit-image in different lights and clothes, cut out along the head; whoever comes later in the list is in front.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from skimage import data

WIDTH, HEIGHT = 640, 480
_FACE = (178.0, 63.0, 268.0, 176.0)  # in the portrait
_HEAD = (105, 10, 345, 290)  # hair and shoulders with it

Path = Callable[[float], tuple[float, float, float] | None]


@dataclass(frozen=True)
class Somebody:
    """One person.

    Args:
        path: Time -> centre x, y and height of the face in pixels; None while out of the room.
        tint: Factors for red, green and blue.
        is_mirrored: Whether the portrait is turned round.
        turned_away: Whether the back of the head shows at a time.
    """

    path: Path
    tint: tuple[float, float, float] = (1.0, 1.0, 1.0)
    is_mirrored: bool = False
    turned_away: Callable[[float], bool] = lambda time_s: False


def walk(*stops: tuple[float, float, float], height: float = 110) -> Path:
    """A path through (time, x, y), straight and even in between; nobody is there before or after."""

    def place(time_s: float) -> tuple[float, float, float] | None:
        times, xs, ys = zip(*stops, strict=True)
        if not times[0] <= time_s <= times[-1]:
            return None
        return float(np.interp(time_s, times, xs)), float(np.interp(time_s, times, ys)), height

    return place


def frames(
    people: list[Somebody], seconds: float, *, fps: float = 25, light: float = 1.0, noise: float = 2.0
) -> Iterator[tuple[float, np.ndarray, list[tuple[float, float] | None]]]:
    """Yield the time, the frame (480, 640, 3) uint8 RGB and each person's true centre, None while away or covered."""
    grains = np.random.default_rng(0).normal(0, noise, (4, HEIGHT, WIDTH, 1)).astype(np.float32)
    for number in range(round(seconds * fps)):
        time_s = number / fps
        frame, truth = room().copy(), []
        for somebody in people:
            place = somebody.path(time_s)
            if place is None:
                truth.append(None)
                continue
            _put(frame, somebody, place, time_s)
            truth.append(place[:2])
        lit = frame * np.float32(light) + grains[number % 4]
        yield time_s, np.clip(lit, 0, 255).astype(np.uint8), truth


@lru_cache(1)
def room() -> np.ndarray:
    """An empty room: a wall with a gradient, a shelf and a lamp."""
    across = np.linspace(90, 150, WIDTH)[None, :] + np.linspace(20, -30, HEIGHT)[:, None]
    frame = np.repeat(across[..., None], 3, axis=2) * (1.0, 0.95, 0.85)
    frame = frame.astype(np.uint8)
    for number in range(6):
        cv2.rectangle(frame, (40 + 95 * number, 60), (100 + 95 * number, 150), (60 + 25 * number, 80, 120), -1)
    cv2.circle(frame, (560, 90), 35, (235, 225, 190), -1)
    return frame


def _put(frame: np.ndarray, somebody: Somebody, place: tuple[float, float, float], time_s: float) -> None:
    x, y, height = place
    pixels, mask = _person(somebody.tint, somebody.is_mirrored, somebody.turned_away(time_s))
    scale = height / (_FACE[3] - _FACE[1])
    middle = np.array([(_FACE[0] + _FACE[2]) / 2 - _HEAD[0], (_FACE[1] + _FACE[3]) / 2 - _HEAD[1]])
    if somebody.is_mirrored:
        middle[0] = pixels.shape[1] - middle[0]
    left, top = round(x - scale * middle[0]), round(y - scale * middle[1])
    size = (round(scale * pixels.shape[1]), round(scale * pixels.shape[0]))
    there = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)[..., None]
    drawn = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    window = np.s_[max(0, top) : max(0, top + size[1]), max(0, left) : max(0, left + size[0])]
    part = np.s_[max(0, -top) : max(0, HEIGHT - top), max(0, -left) : max(0, WIDTH - left)]
    frame[window] = (frame[window] * (1 - there[part]) + drawn[part] * there[part]).astype(np.uint8)


@lru_cache(16)
def _person(tint: tuple[float, float, float], is_mirrored: bool, is_turned: bool) -> tuple[np.ndarray, np.ndarray]:
    left, top, right, bottom = _HEAD
    pixels = np.clip(data.astronaut()[top:bottom, left:right] * np.array(tint), 0, 255).astype(np.uint8)
    mask = np.zeros(pixels.shape[:2], np.float32)
    cv2.ellipse(mask, (118, 105), (72, 100), 0, 0, 360, 1.0, -1)
    cv2.ellipse(mask, (118, 270), (115, 80), 0, 0, 360, 1.0, -1)
    if is_turned:  # hair where the face was
        hair = np.ascontiguousarray(np.broadcast_to(pixels[10:40, 90:150].mean(axis=(0, 1)), pixels.shape), np.uint8)
        pixels = np.where((np.hypot(*np.ogrid[-105:175, -118:122]) < 85)[..., None], hair, pixels)
    mask = cv2.GaussianBlur(mask, (0, 0), 2)
    if is_mirrored:
        pixels, mask = pixels[:, ::-1], mask[:, ::-1]
    return np.ascontiguousarray(pixels), np.ascontiguousarray(mask)


def who_is_it(bbox: tuple[float, float, float, float], truth: list[tuple[float, float] | None]) -> int | None:
    """Return the number of the person whose face a box shows, None where that is nobody or not clear."""
    centre = ((bbox[0] + bbox[2]) / 2, (bbox[1] + bbox[3]) / 2)
    reach = bbox[3] - bbox[1]
    near = [
        number
        for number, place in enumerate(truth)
        if place is not None and np.hypot(place[0] - centre[0], place[1] - centre[1]) < reach
    ]
    if len(near) != 1:
        return None
    place = truth[near[0]]
    return near[0] if np.hypot(place[0] - centre[0], place[1] - centre[1]) < reach / 2 else None
