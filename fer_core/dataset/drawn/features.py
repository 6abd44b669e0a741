"""The parts of a drawn face that move: brows, eyes, nose and mouth.

Each function draws one part of a person on a canvas, moved by an expression. Coordinates are face units.
"""

import numpy as np

from fer_core.dataset.drawn.canvas import Canvas, Floats, band, disc
from fer_core.dataset.drawn.expressions import Movement
from fer_core.dataset.drawn.people import Person

EYE_HEIGHT, BROW_HEIGHT, MOUTH_HEIGHT = -0.06, -0.34, 0.54

# Steps along every curve, from one corner to the other.
_U = np.linspace(-1, 1, 17)


def draw_brows(canvas: Canvas, person: Person, movement: Movement) -> None:
    """Draw both brows, thick at the inner end and thin at the outer one, and the furrow between them."""
    along = np.linspace(0, 1, 9)
    inner, outer = BROW_HEIGHT - movement.brow_inner, BROW_HEIGHT + 0.02 - movement.brow_outer
    y = inner + (outer - inner) * along - 4 * person.brow_arch * along * (1 - along)
    thickness = person.brow_thickness * (1 - 0.6 * along**2)
    for side in (-1, 1):
        x = side * (person.eye_distance - 0.17 - movement.brow_squeeze + 0.4 * along)
        canvas.fill(band(x, y - thickness / 2, y + thickness / 2), person.brow)
    if movement.brow_squeeze > 0.025 and movement.brow_inner < 0:
        for side in (-1, 1):
            furrow = np.array([[side * 0.045, BROW_HEIGHT - 0.02], [side * 0.03, BROW_HEIGHT + 0.13]])
            canvas.line(furrow, 0.02, 0.6 * person.skin)


def draw_forehead(canvas: Canvas, person: Person, movement: Movement) -> None:
    """Draw the lines that raised brows push up."""
    if movement.brow_inner + movement.brow_outer < 0.14:
        return
    for y, width in ((-0.62, 0.3), (-0.72, 0.24)):
        canvas.line(np.stack([_U * width, y - 0.03 * (1 - _U**2)], axis=1), 0.02, 0.8 * person.skin)


def draw_eyes(canvas: Canvas, person: Person, movement: Movement) -> None:
    """Draw both eyes: white, iris, pupil, light in it, lids."""
    size = person.eye_size
    rise = 0.6 * size * (1 + 0.85 * movement.upper_lid)
    drop = 0.42 * size * (1 - 2 * movement.lower_lid)
    ink = min(0.35 * person.skin, 0.25)
    for side in (-1, 1):
        x0 = side * person.eye_distance
        x = size * _U
        slant = EYE_HEIGHT - person.eye_slant * side * _U
        upper = slant - rise * (1 - _U**2) ** 0.75
        lower = np.maximum(slant + drop * (1 - _U**2) ** 0.75, upper)
        canvas.fill(band(x0 + x, upper, lower), 0.95)
        _draw_iris(canvas, person, movement, np.stack([x0 + x, upper, lower]))
        canvas.line(np.stack([x0 + x * 1.05, upper], axis=1), 0.045, ink)
        canvas.line(np.stack([x0 + x, lower], axis=1)[2:-2], 0.022, 0.6 * person.skin)


def _draw_iris(canvas: Canvas, person: Person, movement: Movement, lids: Floats) -> None:
    """Draw iris and pupil, cut off by the lids: rows x, upper, lower."""
    x, upper, lower = lids
    radius = 0.52 * person.eye_size
    centre_x = x.mean() + 0.4 * person.eye_size * movement.gaze_x
    centre_y = EYE_HEIGHT - 0.03 - 0.3 * person.eye_size * movement.gaze_y
    for share, tone in ((1.0, person.iris), (0.55, 0.02)):
        across = centre_x + share * radius * np.sin(_U * np.pi / 2)
        half = share * radius * np.cos(_U * np.pi / 2)
        top = np.maximum(centre_y - half, np.interp(across, x, upper))
        bottom = np.minimum(centre_y + half, np.interp(across, x, lower))
        canvas.fill(band(across, top, np.maximum(top, bottom)), tone)
    if np.interp(centre_x, x, upper) < centre_y - 0.35 * radius:
        canvas.fill(disc(centre_x - 0.35 * radius, centre_y - 0.35 * radius, 0.25 * radius), 1.0)


def draw_nose(canvas: Canvas, person: Person, movement: Movement) -> None:
    """Draw the tip, the wings, one side of the bridge and the wrinkles at the root."""
    tip = person.nose_length - 0.05 * movement.nose_wrinkle
    wing = person.nose_width * (1 + 0.2 * movement.nose_wrinkle)
    shade = 0.55 * person.skin
    canvas.line(np.stack([wing * _U, tip - 0.05 * np.abs(_U) ** 3 + 0.02 * (1 - _U**2)], axis=1), 0.03, shade)
    for side in (-1, 1):
        canvas.fill(disc(side * wing * 0.5, tip, 0.032), 0.3 * person.skin)
    for number in range(3 if movement.nose_wrinkle > 0.4 else 0):
        y = -0.14 + 0.08 * number
        canvas.line(np.stack([0.085 * _U, y + 0.035 * _U**2], axis=1), 0.022, 0.62 * person.skin)


def draw_cheeks(canvas: Canvas, person: Person, movement: Movement) -> None:
    """Draw the folds from the wings of the nose around the mouth."""
    if movement.cheek < 0.3:
        return
    along = np.linspace(0, 1, 9)
    reach = person.mouth_width * (1 + movement.stretch) + 0.1
    for side in (-1, 1):
        x = side * (person.nose_width + 0.06 + (reach - person.nose_width - 0.06) * along**0.7)
        y = person.nose_length - 0.04 + (MOUTH_HEIGHT - person.nose_length - movement.corner + 0.04) * along
        canvas.line(np.stack([x, y], axis=1), 0.025, (0.85 - 0.2 * movement.cheek) * person.skin)


def draw_mouth(canvas: Canvas, person: Person, movement: Movement) -> None:
    """Draw lips, and between them darkness, teeth and tongue."""
    x = person.mouth_width * (1 + movement.stretch) * _U
    upper, lower = _lip_edges(movement)
    swell = person.lip * (1 - movement.press) * (1 - _U**2) ** 0.6
    lips = 0.7 * person.skin
    outer = upper - 0.8 * swell
    if person.beard == "full":
        canvas.fill(band(1.15 * x, outer - 0.05, lower + 1.2 * swell + 0.05), 0.15 * person.brow + 0.68 * person.skin)
    canvas.fill(band(x, outer, lower + 1.2 * swell), lips)
    canvas.fill(band(x, upper, lower), 0.06)
    _draw_teeth(canvas, movement, np.stack([x, upper, lower]))
    if movement.tongue:
        _draw_tongue(canvas, person, movement, lower[len(_U) // 2])
    ink = 0.2 * person.skin
    if movement.opening < 0.03:
        canvas.line(np.stack([x, upper], axis=1), 0.04, ink)
    else:
        canvas.line(np.stack([x, upper], axis=1), 0.022, ink)
        canvas.line(np.stack([x, lower], axis=1), 0.022, ink)


def _lip_edges(movement: Movement) -> tuple[Floats, Floats]:
    """Return the height of the upper and the lower edge of the opening along the mouth."""
    middle = MOUTH_HEIGHT + 0.35 * movement.corner
    corners = MOUTH_HEIGHT - movement.corner + movement.lopsided * _U
    bulge = (1 - _U**2) ** (1 - 0.5 * movement.roundness)
    upper = corners + (middle - 0.35 * movement.opening - movement.upper_lip - corners) * bulge
    lower = corners + (middle + 0.65 * movement.opening - corners) * bulge
    return upper, np.maximum(upper, lower)


def _draw_teeth(canvas: Canvas, movement: Movement, edges: Floats) -> None:
    """Draw the rows of teeth inside the opening: rows x, upper, lower."""
    x, upper, lower = edges[:, 1:-1]
    if movement.upper_teeth > 0.3:
        canvas.fill(band(x, upper, np.minimum(upper + 0.1 * movement.upper_teeth, lower)), 0.95)
    if movement.lower_teeth > 0.3:
        canvas.fill(band(x, np.maximum(lower - 0.07 * movement.lower_teeth, upper), lower), 0.9)


def _draw_tongue(canvas: Canvas, person: Person, movement: Movement, lower: float) -> None:
    half, length = 0.5 * person.mouth_width, 0.22 * movement.tongue
    x = half * _U
    root, tip = np.full_like(x, lower - 0.06), lower + length * (1 - _U**4) ** 0.5
    canvas.fill(band(1.12 * x, root, tip + 0.03), 0.3 * person.skin)
    canvas.fill(band(x, root, tip), 0.75 * person.skin)
    canvas.line(np.array([[0.0, lower - 0.02], [0.0, lower + 0.6 * length]]), 0.025, 0.45 * person.skin)


def draw_glasses(canvas: Canvas, person: Person) -> None:
    """Draw round frames and the bridge between them."""
    radius = person.eye_size + 0.07
    for side in (-1, 1):
        ring = disc(side * person.eye_distance, EYE_HEIGHT + 0.02, radius)
        canvas.line(np.concatenate([ring, ring[:2]]), 0.035, 0.12)
    gap = person.eye_distance - radius
    canvas.line(np.array([[-gap, EYE_HEIGHT], [gap, EYE_HEIGHT]]), 0.035, 0.12)
