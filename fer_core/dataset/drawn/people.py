"""Whom a drawn face shows and how the picture is taken, sampled from a random generator.

A person and a scene are sampled without knowing the label, so skin tone, head shape, hair, light and background
say nothing about the expression: a network can only learn it from brows, lids, nose and mouth. Lengths are in
face units (half the height of the head), tones go from 0 (black) to 1 (white).
"""

from dataclasses import dataclass

import numpy as np

HAIR_STYLES: tuple[str, ...] = ("bald", "cropped", "parted", "fringe", "bob", "long", "curly", "buns", "scarf")
BEARDS: tuple[str, ...] = ("none", "none", "stubble", "full")
BEARDED_STYLES: tuple[str, ...] = ("bald", "cropped", "parted", "fringe", "curly")


@dataclass(frozen=True)
class Person:
    """Whom the picture shows; the same for every expression."""

    head_width: float
    jaw: float
    skin: float
    hair_style: str
    hair: float
    brow: float
    brow_thickness: float
    brow_arch: float
    eye_size: float
    eye_distance: float
    eye_slant: float
    iris: float
    nose_length: float
    nose_width: float
    mouth_width: float
    lip: float
    beard: str
    glasses: bool
    clothes: float


@dataclass(frozen=True)
class Scene:
    """How the picture is taken: camera, light and background.

    Args:
        tilt: Rotation of the head in the picture, radians.
        turn: Rotation of the head to the side, as the shift of the nose in face units.
        scale: Face unit as a share of the picture's side.
        shift: Centre of the head from the centre of the picture (x, y), as a share of its side.
        light: Direction from which light falls (x, y), at most 1 long.
        contrast: Strength of light and shadow.
        exposure: Factor on every tone.
        background: Tone behind the head.
        background_slope: Change of that tone across the picture (x, y).
        noise: Standard deviation of the sensor noise.
    """

    tilt: float
    turn: float
    scale: float
    shift: tuple[float, float]
    light: tuple[float, float]
    contrast: float
    exposure: float
    background: float
    background_slope: tuple[float, float]
    noise: float


def sample_person(rng: np.random.Generator) -> Person:
    """Sample a person: hair is dark more often than light, brows follow hair and skin, few styles go with a beard."""
    skin, style = between(rng, 0.38, 0.82), HAIR_STYLES[rng.integers(len(HAIR_STYLES))]
    hair = between(rng, 0.06, 0.4) if rng.random() < 0.75 else between(rng, 0.5, 0.8)
    beard = BEARDS[rng.integers(len(BEARDS))]
    return Person(
        head_width=between(rng, 0.7, 0.86),
        jaw=between(rng, 0.0, 0.35),
        skin=skin,
        hair_style=style,
        hair=hair,
        brow=min(hair, 0.5 * skin) * 0.8,
        brow_thickness=between(rng, 0.05, 0.09),
        brow_arch=between(rng, 0.02, 0.07),
        eye_size=between(rng, 0.18, 0.215),
        eye_distance=between(rng, 0.32, 0.37),
        eye_slant=between(rng, -0.02, 0.04),
        iris=between(rng, 0.05, 0.35),
        nose_length=between(rng, 0.26, 0.36),
        nose_width=between(rng, 0.09, 0.15),
        mouth_width=between(rng, 0.27, 0.34),
        lip=between(rng, 0.035, 0.075),
        beard=beard if style in BEARDED_STYLES else "none",
        glasses=bool(rng.random() < 0.12),
        clothes=between(rng, 0.1, 0.9),
    )


def sample_scene(rng: np.random.Generator) -> Scene:
    """Sample camera, light and background."""
    return Scene(
        tilt=between(rng, -0.18, 0.18),
        turn=between(rng, -0.12, 0.12),
        scale=between(rng, 0.42, 0.5),
        shift=(between(rng, -0.06, 0.06), between(rng, -0.05, 0.07)),
        light=(between(rng, -0.8, 0.8), between(rng, -0.6, 0.1)),
        contrast=between(rng, 0.2, 0.5),
        exposure=between(rng, 0.8, 1.1),
        background=between(rng, 0.1, 0.95),
        background_slope=(between(rng, -0.2, 0.2), between(rng, -0.2, 0.2)),
        noise=between(rng, 0.004, 0.02),
    )


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a uniform number; uniform ones need no function whose last digit differs between computers."""
    return low + (high - low) * float(rng.random())
