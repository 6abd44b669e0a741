"""Shows where the network looks: heat maps of a face, made of the class maps that it gives along, without gradients.

The class maps of a face and a class come in; a map as large as the face's crop goes out, or the crop with the map
laid over it.
"""

import cv2
import numpy as np
import numpy.typing as npt

_SIDE = 192  # pixels at least of a drawn map; the crop of a network is too small to look at
_STRENGTH = 0.55  # of the colour where the map is 1; the face must stay visible below it


def heat_map(class_maps: npt.NDArray[np.float32], class_number: int, size: int) -> npt.NDArray[np.float32]:
    """Return which places of a face speak for a class rather than for the others.

    Softmax takes no notice of what speaks for all classes alike, so at each place the mean over the classes is taken
    off, and what speaks against the class counts as nothing. All classes of a face have one scale: the map of a class
    that is out of the question stays pale.

    Args:
        class_maps: (h, w, classes) float32 of one face.
        class_number: Which class.
        size: Side of the result in pixels.

    Returns:
        (size, size) float32, 0-1: 1 is the strongest of all places and classes, 0 where nothing speaks for the class.
    """
    differences = class_maps - class_maps.mean(axis=-1, keepdims=True)
    top = float(differences.max())
    if top <= 0:
        return np.zeros((size, size), np.float32)
    share = np.ascontiguousarray(differences[..., class_number] / top, np.float32).clip(0.0)
    enlarged = cv2.resize(share, (size, size), interpolation=cv2.INTER_CUBIC)  # overshoots a little
    return np.asarray(enlarged, np.float32).clip(0.0, 1.0)


def draw_heat_map(crop: npt.NDArray[np.uint8], heat: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Lay a heat map over a crop.

    Args:
        crop: (size, size, channels) uint8.
        heat: (size, size) float32, 0-1, as `heat_map` makes it.

    Returns:
        (side, side, 3) uint8 RGB with a side of at least 192 pixels: grey where nothing speaks for the class, yellow
        to dark red where much does.
    """
    side = crop.shape[0] * max(1, -(-_SIDE // crop.shape[0]))
    grey = crop[..., 0] if crop.shape[2] == 1 else cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    face = cv2.resize(np.ascontiguousarray(grey), (side, side), interpolation=cv2.INTER_CUBIC)[..., None]
    strength = cv2.resize(heat, (side, side), interpolation=cv2.INTER_CUBIC).clip(0, 1)[..., None]
    red, yellow = np.array([170, 0, 20], np.float32), np.array([255, 214, 0], np.float32)
    color = yellow + (red - yellow) * strength
    mixed = face + _STRENGTH * np.sqrt(strength) * (color - face)
    return np.asarray(mixed.clip(0, 255).round(), np.uint8)
