"""The parts of a drawn face that stay: neck and clothes, head and ears, hair, headscarf and beard.

Each function draws one part of a person on a canvas. Coordinates are face units.
"""

import numpy as np

from fer_core.dataset.drawn.canvas import Canvas, Floats, band, disc
from fer_core.dataset.drawn.people import Person

# Hairline: height in the middle of the forehead, at the temples, and where along the head it is highest (-1 to 1).
HAIRLINES: dict[str, tuple[float, float, float]] = {
    "cropped": (-0.66, -0.3, 0.0),
    "parted": (-0.74, -0.3, 0.45),
    "fringe": (-0.5, -0.35, 0.0),
    "bob": (-0.76, -0.1, -0.3),
    "long": (-0.78, -0.05, 0.0),
    "curly": (-0.6, -0.3, 0.0),
    "buns": (-0.7, -0.3, 0.0),
}

# Hair behind the head: its width as a share of the head's, and how far down it reaches.
BACK_HAIR: dict[str, tuple[float, float]] = {"bob": (1.28, 0.72), "long": (1.25, 1.6), "scarf": (1.2, 1.7)}


def draw_body(canvas: Canvas, person: Person) -> None:
    """Draw neck and shoulders."""
    canvas.fill(np.array([[-1.6, 2.2], [-1.3, 1.5], [-0.4, 1.22], [0.4, 1.22], [1.3, 1.5], [1.6, 2.2]]), person.clothes)
    canvas.fill(np.array([[-0.36, 0.5], [0.36, 0.5], [0.42, 1.25], [0.0, 1.42], [-0.42, 1.25]]), 0.78 * person.skin)


def draw_back_hair(canvas: Canvas, person: Person) -> None:
    """Draw what is seen of the hair beside and above the head."""
    if person.hair_style in BACK_HAIR:
        width, bottom = BACK_HAIR[person.hair_style]
        angle = np.linspace(-np.pi / 2, np.pi / 2, 17)
        half = width * person.head_width
        top = np.stack([half * np.sin(angle), -1.1 * np.cos(angle)], axis=1)
        canvas.fill(np.concatenate([top, [[half, bottom], [-half, bottom]]]), 0.9 * person.hair)
    if person.hair_style == "buns":
        for side in (-1, 1):
            canvas.fill(disc(side * 0.85 * person.head_width, -0.88, 0.27), 0.9 * person.hair)


def draw_head(canvas: Canvas, person: Person) -> None:
    """Draw ears and head."""
    if person.hair_style not in BACK_HAIR:
        for side in (-1, 1):
            canvas.fill(disc(side * person.head_width, 0.0, 0.13), 0.92 * person.skin)
            canvas.fill(disc(side * person.head_width * 1.02, 0.0, 0.07), 0.72 * person.skin)
    canvas.fill(head_outline(person), person.skin)


def draw_front_hair(canvas: Canvas, person: Person) -> None:
    """Draw the hair over the forehead, or the headscarf around the face."""
    if person.hair_style == "scarf":
        outline = head_outline(person)
        ring = np.concatenate([1.08 * outline, 1.08 * outline[:1], 0.9 * outline[:1], 0.9 * outline[::-1]])
        canvas.fill(ring, person.hair)
    if person.hair_style == "curly":
        for angle in np.linspace(-1.7, 1.7, 13):
            x, y = 1.15 * person.head_width * np.sin(angle), -np.cos(angle)
            canvas.fill(disc(x, y, 0.22), person.hair)
    if person.hair_style in HAIRLINES:
        _draw_cap(canvas, person, *HAIRLINES[person.hair_style])


def _draw_cap(canvas: Canvas, person: Person, middle: float, temple: float, peak: float) -> None:
    """Draw hair from the crown down to the hairline, with a few strands that catch the light."""
    across = np.linspace(-0.98, 0.98, 21)
    crown = -1.07 * np.sqrt(1 - across**2)
    height = np.maximum(middle + (temple - middle) * (np.abs(across - peak) / (1 + abs(peak))) ** 2.5, crown)
    x = 1.05 * person.head_width * across
    canvas.fill(band(x, crown, height), person.hair)
    for strand in (3, 6, 9, 12, 15, 18):
        root = 0.25 * across[strand] + 0.75 * peak
        strokes = np.array([[root * person.head_width, -1.02], [x[strand] * 0.95, (crown + height)[strand] / 2]])
        canvas.line(strokes, 0.025, person.hair + 0.07)


def draw_beard(canvas: Canvas, person: Person) -> None:
    """Draw a full beard along the jaw, or stubble."""
    if person.beard not in ("full", "stubble"):
        return
    outline = head_outline(person)
    rim = outline[outline[:, 1] > 0.1]
    rim = rim[np.argsort(-rim[:, 0], kind="stable")]
    across = np.linspace(-1, 1, 15)
    cheek = np.stack([person.head_width * across, 0.42 - 0.3 * across**4], axis=1)
    tone = 0.55 * person.brow + 0.25 * person.skin if person.beard == "full" else 0.85 * person.skin
    canvas.fill(np.concatenate([cheek, (1.02 if person.beard == "full" else 1.0) * rim]), tone)


def head_outline(person: Person) -> Floats:
    """Return the outline of the head: an ellipse whose lower half narrows towards the chin, (n, 2)."""
    angle = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    x, y = np.sin(angle), -np.cos(angle)
    x = np.sign(x) * np.abs(x) ** 0.85 * (1 - person.jaw * np.maximum(0, y) ** 1.5)
    return np.stack([person.head_width * x, y], axis=1)
