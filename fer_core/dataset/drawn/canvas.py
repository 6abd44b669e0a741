"""Paper and pencil for drawn faces: shapes in face units land on a large grey picture and are smoothed on the way down.

The origin of face units is the centre of the head, x points to the right of the picture, y downwards, and 1 is
half the height of the head. Tones go from 0 (black) to 1 (white).
"""

import math

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from fer_core.dataset.drawn.people import Scene

# Points of a shape or a line in face units (n, 2), or tones of a picture (height, width).
Floats = npt.NDArray[np.float64]

_ANGLES = np.linspace(0, 2 * np.pi, 16, endpoint=False)
_CIRCLE = np.stack([np.cos(_ANGLES), np.sin(_ANGLES)], axis=1)


class Canvas:
    """A square grey picture that is drawn on in face units.

    Args:
        size: Side of the finished picture in pixels.
        sharpness: Pixels drawn for each pixel of the finished picture, along one side.
        scene: Where the head is, how large, how tilted.
        tone: Tone of the empty picture.
    """

    def __init__(self, size: int, sharpness: int, scene: Scene, tone: float) -> None:
        side = size * sharpness
        self._size, self._sharpness = size, sharpness
        self._picture = Image.new("L", (side, side), _grey(tone))
        self._draw = ImageDraw.Draw(self._picture)
        self._unit = scene.scale * side
        self._centre = (np.array(scene.shift) + 0.5) * side
        cosine, sine = math.cos(scene.tilt), math.sin(scene.tilt)
        self._rotation = np.array([[cosine, sine], [-sine, cosine]])
        self._turn = 0.0

    def turn(self, by: float) -> None:
        """Draw what follows on the front of a head that is turned: its middle moves sideways, its rim stays."""
        self._turn = by

    def fill(self, points: Floats, tone: float) -> None:
        """Fill the closed shape between points (n, 2)."""
        self._draw.polygon(self._pixels(points), fill=_grey(tone))

    def line(self, points: Floats, width: float, tone: float) -> None:
        """Draw a line with round ends along points (n, 2)."""
        pixels, thickness = self._pixels(points), max(1, round(width * self._unit))
        self._draw.line(pixels, fill=_grey(tone), width=thickness)
        for x, y in (pixels[0], pixels[-1]):
            radius = thickness / 2
            self._draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_grey(tone))

    def finish(self, blur: float = 0.0) -> Floats:
        """Return the picture at its finished size, (size, size) tones; `blur` is a radius in finished pixels."""
        picture = self._picture
        if blur:
            picture = picture.filter(ImageFilter.GaussianBlur(blur * self._sharpness))
        return np.asarray(picture.reduce(self._sharpness), dtype=np.float64) / 255

    def face_units(self) -> Floats:
        """Return where the centre of each finished pixel is, in face units: (size, size, 2)."""
        steps = (np.arange(self._size) + 0.5) * self._sharpness
        pixels = np.stack(np.meshgrid(steps, steps), axis=-1)
        units: Floats = (pixels - self._centre) / self._unit @ self._rotation.T
        return units

    def _pixels(self, points: Floats) -> list[tuple[float, float]]:
        turned = points.copy()
        turned[:, 0] += self._turn * np.maximum(0, 1 - points[:, 0] ** 2 - points[:, 1] ** 2)
        pixels = turned @ self._rotation * self._unit + self._centre
        # A tenth of a pixel: coarse enough that the last digit of a sine, which differs between computers, is lost.
        return list(map(tuple, pixels.round(1).tolist()))


def band(x: Floats, top: Floats, bottom: Floats) -> Floats:
    """Return the outline of what lies between two curves over the same x."""
    return np.concatenate([np.stack([x, top], axis=1), np.stack([x, bottom], axis=1)[::-1]])


def disc(x: float, y: float, radius: float) -> Floats:
    """Return the outline of a disc around (x, y)."""
    outline: Floats = radius * _CIRCLE + np.array([x, y])
    return outline


def _grey(tone: float) -> int:
    return round(255 * min(max(tone, 0.0), 1.0))
