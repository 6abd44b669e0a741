"""Camera files for Chromium: pictures put together from a public-domain portrait, played in a loop as a camera.

A function from a moment (0-1 of the loop) to a picture comes in; a YUV4MPEG2 file goes out, which Chromium takes with
`--use-file-for-fake-video-capture`. It accepts names that end in `.y4m` or `.mjpeg` only; the first kind says its rate.
"""

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from tests.scenes import Place, scene

WIDTH, HEIGHT = 640, 480
Picture = npt.NDArray[np.uint8]  # (height, width, 3) RGB


def two_faces(moment: float) -> Picture:
    """Two people who move a little; nothing in it has the colour of an expression."""
    swing = math.sin(2 * math.pi * moment)
    return scene(WIDTH, HEIGHT, [Place(200 + 30 * swing, 240, 130), Place(440, 230 + 15 * swing, 120, tilt=5 * swing)])[
        0
    ]


def crossing(moment: float) -> Picture:
    """Two people who pass each other, the lighter one in front."""
    way = math.sin(2 * math.pi * moment)
    behind, before = Place(320 - 190 * way, 220, 110, light=0.6), Place(320 + 190 * way, 250, 130)
    return scene(WIDTH, HEIGHT, [behind, before])[0]


def comes_and_goes(moment: float) -> Picture:
    """One person who leaves the picture to the side, is away for a quarter of the loop, and returns."""
    return scene(WIDTH, HEIGHT, [Place(320 + 540 * max(0.0, math.sin(2 * math.pi * moment)), 240, 150)])[0]


def empty_room(moment: float) -> Picture:
    """A wall whose light changes a little."""
    return np.full((HEIGHT, WIDTH, 3), round(110 + 5 * math.sin(2 * math.pi * moment)), np.uint8)


def dark_room(moment: float) -> Picture:
    """One person in so little light that hardly anything is seen, with the noise of a sensor."""
    noise = np.random.default_rng(round(1000 * moment)).integers(0, 12, (HEIGHT, WIDTH, 3))
    return (scene(WIDTH, HEIGHT, [Place(320, 240, 150)])[0] // 16 + noise).astype(np.uint8)


def light_goes_out(moment: float) -> Picture:
    """One person in the light, then an empty room, then the person in the dark."""
    if moment < 0.4:
        return scene(WIDTH, HEIGHT, [Place(320, 240, 150)])[0]
    return empty_room(moment) if moment < 0.7 else dark_room(moment)


def write_camera(path: Path, picture_at: Callable[[float], Picture], *, seconds: float = 3, rate: int = 5) -> Path:
    """Write a camera file.

    Args:
        path: Ends in `.y4m`.
        picture_at: The picture of each moment, 0-1; the loop has no jump where moment 1 looks like moment 0.
        seconds: Length of the loop.
        rate: Frames a second; few of them, as browser and server share the computer with the tests.
    """
    if path.suffix != ".y4m":
        raise ValueError(f"expected a name that ends in .y4m, received {path.name!r}")
    num_frames = round(seconds * rate)
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{rate}:1 Ip A1:1 C420mpeg2\n".encode())
        for number in range(num_frames):
            planes = cv2.cvtColor(picture_at(number / num_frames), cv2.COLOR_RGB2YUV_I420)
            file.write(b"FRAME\n" + planes.tobytes())
    return path


def camera_arguments(camera: Path) -> list[str]:
    """Return what Chromium is started with so that it has this camera and allows pages to use it."""
    return [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}",
    ]
