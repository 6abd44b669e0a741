"""A drawn face as a picture: a person, a scene and a movement come in, grey pixels go out; 48x48 in the dataset.

First come neck, head and hair, then the parts that move, drawn at several times the size and averaged down;
then soft shadows, light from one side, and the noise of a sensor.
"""

import numpy as np
import numpy.typing as npt

from fer_core.dataset.drawn.canvas import Canvas, Floats, disc
from fer_core.dataset.drawn.expressions import Movement
from fer_core.dataset.drawn.features import (
    EYE_HEIGHT,
    MOUTH_HEIGHT,
    draw_brows,
    draw_cheeks,
    draw_eyes,
    draw_forehead,
    draw_glasses,
    draw_mouth,
    draw_nose,
)
from fer_core.dataset.drawn.head import draw_back_hair, draw_beard, draw_body, draw_front_hair, draw_head
from fer_core.dataset.drawn.people import Person, Scene

SIZE = 48
SHARPNESS = 6


def draw_face(person: Person, scene: Scene, movement: Movement, noise: Floats) -> npt.NDArray[np.uint8]:
    """Draw one face.

    Args:
        person: Whom to draw.
        scene: Camera, light and background.
        movement: What the face does.
        noise: (size, size) numbers with mean 0 and standard deviation 1; `size` is the picture's side in pixels.

    Returns:
        (size, size) uint8, 0-255.
    """
    size = len(noise)
    canvas = Canvas(size, SHARPNESS, scene, scene.background)
    for draw_part in (draw_body, draw_back_hair, draw_head):
        draw_part(canvas, person)
    canvas.turn(scene.turn)
    draw_forehead(canvas, person, movement)
    draw_cheeks(canvas, person, movement)
    draw_beard(canvas, person)
    draw_front_hair(canvas, person)
    for draw_moving in (draw_nose, draw_mouth, draw_eyes, draw_brows):
        draw_moving(canvas, person, movement)
    if person.glasses:
        draw_glasses(canvas, person)
    tones = canvas.finish() * _light(canvas.face_units(), person, scene) * _soft_shadows(person, scene, movement, size)
    tones = _film(scene.exposure * tones) + scene.noise * noise
    return np.round(255 * tones.clip(0, 1)).astype(np.uint8)


def _light(units: Floats, person: Person, scene: Scene) -> Floats:
    """Return a factor for each pixel: light on an egg in front of a background with a slope.

    Lambert's cosine law, with the head as an ellipsoid whose depth equals its height.
    """
    across, down = units[..., 0] / (1.1 * person.head_width), units[..., 1] / 1.1
    radius = np.sqrt(across**2 + down**2)
    towards = np.sqrt(np.maximum(0, 1 - radius**2))
    x, y = scene.light
    lit = (x * across + y * down) / np.maximum(1, radius) + 0.5 * towards
    slope = scene.background_slope[0] * units[..., 0] + scene.background_slope[1] * units[..., 1]
    factor: Floats = 1 + scene.contrast * (lit - 0.3) + np.where(radius > 1, slope * (1 - 1 / radius.clip(1)), 0)
    return factor


def _film(tones: Floats) -> Floats:
    """Return tones that approach white slowly, as film does: bright skin keeps its shading."""
    excess = np.maximum(0, tones - 0.7)
    film: Floats = np.minimum(tones, 0.7) + 0.3 * excess / (excess + 0.3)
    return film


def _soft_shadows(person: Person, scene: Scene, movement: Movement, size: int) -> Floats:
    """Return a factor for each pixel: sockets and the underside of nose and lip darker, cheeks and bridge lighter."""
    canvas = Canvas(size, 2, scene, 0.5)
    canvas.turn(scene.turn)
    for side in (-1, 1):
        canvas.fill(disc(side * person.eye_distance, EYE_HEIGHT - 0.06, 0.24), 0.43)
        canvas.fill(disc(side * 0.45, 0.3 - 0.5 * max(movement.corner, 0), 0.17), 0.54)
        canvas.fill(disc(side * (person.nose_width + 0.02), person.nose_length - 0.03, 0.07), 0.44)
    canvas.fill(np.array([[-0.05, -0.3], [0.05, -0.3], [0.06, 0.2], [-0.06, 0.2]]), 0.58)
    canvas.fill(disc(0.0, -0.62, 0.2), 0.54)
    canvas.fill(disc(0.0, MOUTH_HEIGHT + 0.2 + 0.6 * movement.opening, 0.1), 0.45)
    return 2 * canvas.finish(blur=1.5 * size / SIZE)
