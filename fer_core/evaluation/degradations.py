"""What happens to faces in real pictures, at fixed strengths: blur, JPEG, noise, light, a loose crop, a hand before it.

Face crops come in, damaged ones of the same shape go out. The strengths are part of the measurement and stay as they
are, so that tables compare over the years; they are written here and not taken from the augmentation of trainings.
Lengths are in pixels of a face of 48, FER2013's, and grow with the crop.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Face = npt.NDArray[np.uint8]  # (size, size, channels) uint8, 0-255
Damage = Callable[[Face, float, np.random.Generator], npt.NDArray[np.generic]]

_REFERENCE_SIZE = 48


@dataclass(frozen=True)
class Degradation:
    """One kind of damage.

    Args:
        title: For people.
        unit: What a strength means.
        strengths: From mild to strong.
        damage: Damages one face; the generator decides directions, places and noise.
    """

    title: str
    unit: str
    strengths: tuple[float, ...]
    damage: Damage


def degrade(faces: npt.NDArray[np.uint8], name: str, strength: float, *, seed: int = 0) -> npt.NDArray[np.uint8]:
    """Damage faces.

    Args:
        faces: (n, size, size, channels) uint8, 0-255, channels 1 or 3; left as they are.
        name: A key of `DEGRADATIONS`.
        strength: In the unit of that kind.
        seed: Decides directions, places and noise of each face, whatever the others are.
    """
    if name not in DEGRADATIONS:
        raise ValueError(f"name is {name!r}; known: {', '.join(DEGRADATIONS)}")
    damaged = np.empty_like(faces)
    for number, face in enumerate(faces):
        generator = np.random.default_rng([seed, number])
        seen = DEGRADATIONS[name].damage(np.ascontiguousarray(face), strength, generator)
        damaged[number] = np.clip(np.rint(seen), 0, 255).reshape(face.shape)  # cv2 drops a single channel
    return damaged


def _blur(face: Face, width: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    return np.asarray(cv2.GaussianBlur(face, (0, 0), _pixels(face, width), borderType=cv2.BORDER_REPLICATE))


def _jpeg(face: Face, quality: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    coded = cv2.imencode(".jpg", face[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    read = np.asarray(cv2.imdecode(coded, cv2.IMREAD_UNCHANGED))
    return read[..., ::-1] if read.ndim == 3 else read


def _noise(face: Face, deviation: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    return np.asarray(face + generator.normal(0, deviation, face.shape))


def _light(face: Face, factor: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    return np.asarray(face * factor)


def _contrast(face: Face, factor: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    return np.asarray(face.mean() + factor * (face - face.mean()))


def _shift(face: Face, distance: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    angle = generator.uniform(0, 2 * np.pi)
    across, down = _pixels(face, distance) * np.array([np.cos(angle), np.sin(angle)])
    return _warp(face, np.array([[1, 0, across], [0, 1, down]]))


def _scale(face: Face, factor: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    centre = (len(face) - 1) / 2
    return _warp(face, cv2.getRotationMatrix2D((centre, centre), 0, factor))


def _rotation(face: Face, degrees: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    centre = (len(face) - 1) / 2
    return _warp(face, cv2.getRotationMatrix2D((centre, centre), degrees * generator.choice([-1, 1]), 1))


def _occlusion(face: Face, share: float, generator: np.random.Generator) -> npt.NDArray[np.generic]:
    side = round(share * len(face))
    top, left = generator.integers(0, len(face) - side + 1, 2)
    covered = face.copy()
    covered[top : top + side, left : left + side] = generator.integers(0, 256)
    return covered


def _warp(face: Face, matrix: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    size = (len(face), len(face))
    return np.asarray(cv2.warpAffine(face, np.asarray(matrix, np.float64), size, borderMode=cv2.BORDER_REPLICATE))


def _pixels(face: Face, length: float) -> float:
    return length * len(face) / _REFERENCE_SIZE


DEGRADATIONS: dict[str, Degradation] = {
    "blur": Degradation("Blur", "standard deviation in pixels of 48", (0.5, 1.0, 1.5, 2.0), _blur),
    "jpeg": Degradation("JPEG", "quality", (50, 30, 15, 8), _jpeg),
    "noise": Degradation("Noise", "standard deviation in grey levels of 255", (5, 10, 20, 30), _noise),
    "dark": Degradation("Dark", "of the light", (0.75, 0.5, 0.25, 0.1), _light),
    "bright": Degradation("Bright", "of the light", (1.25, 1.5, 2.0, 3.0), _light),
    "contrast": Degradation("Low contrast", "of the contrast", (0.75, 0.5, 0.25, 0.1), _contrast),
    "shift": Degradation("Shifted crop", "pixels of 48, any direction", (2, 4, 6, 8), _shift),
    "small": Degradation("Loose crop", "of the face's size", (0.95, 0.9, 0.8, 0.7), _scale),
    "large": Degradation("Tight crop", "of the face's size", (1.05, 1.1, 1.25, 1.4), _scale),
    "rotation": Degradation("Tilted", "degrees, either way", (5, 10, 20, 30), _rotation),
    "occlusion": Degradation("Covered", "side of the patch, of the face's", (0.2, 0.3, 0.4, 0.5), _occlusion),
}
