"""What a drawn face is made of: a person, a scene and an expression, sampled from a random generator.

A person and a scene are sampled without knowing the label, so skin tone, head shape, hair, light and background
say nothing about the expression: a network can only learn it from brows, lids, nose and mouth. Lengths are in
face units (half the height of the head), tones go from 0 (black) to 1 (white).
"""

from dataclasses import dataclass

import numpy as np

HAIR_STYLES: tuple[str, ...] = ("bald", "cropped", "parted", "fringe", "bob", "long", "curly", "buns", "scarf")
BEARDS: tuple[str, ...] = ("none", "none", "stubble", "full")
BEARDED_STYLES: tuple[str, ...] = ("bald", "cropped", "parted", "fringe", "curly")

# A mild expression shows this share of the movements of the strongest one.
MILDEST = 0.6


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


@dataclass(frozen=True)
class Movement:
    """What the muscles do, as differences from a face at rest; up and open count as positive.

    Args:
        brow_inner: Rise of the inner ends of the brows.
        brow_outer: Rise of the outer ends.
        brow_squeeze: Shift of both brows towards each other.
        upper_lid: Opening of the upper lids, 1 = twice as far as at rest, -1 = closed.
        lower_lid: Rise of the lower lids, 1 = closed.
        gaze_x: Shift of the pupils, share of half an eye.
        gaze_y: The same upwards.
        nose_wrinkle: Strength of the wrinkles at the root of the nose, 0 to 1.
        cheek: Strength of the folds from nose to mouth and of raised cheeks, 0 to 1.
        corner: Rise of the mouth corners.
        stretch: Change of the mouth's width, as a share.
        opening: Distance between the lips.
        roundness: 0 = a slit, 1 = an ellipse.
        upper_lip: Rise of the upper lip in its middle.
        press: How much the lips disappear, 0 to 1.
        upper_teeth: How much of the upper teeth is seen, 0 to 1.
        lower_teeth: How much of the lower teeth is seen, 0 to 1.
        tongue: How far the tongue comes out, 0 to 1.
        lopsided: Difference between the left and the right side of the mouth.
    """

    brow_inner: float = 0.0
    brow_outer: float = 0.0
    brow_squeeze: float = 0.0
    upper_lid: float = 0.0
    lower_lid: float = 0.0
    gaze_x: float = 0.0
    gaze_y: float = 0.0
    nose_wrinkle: float = 0.0
    cheek: float = 0.0
    corner: float = 0.0
    stretch: float = 0.0
    opening: float = 0.0
    roundness: float = 0.0
    upper_lip: float = 0.0
    press: float = 0.0
    upper_teeth: float = 0.0
    lower_teeth: float = 0.0
    tongue: float = 0.0
    lopsided: float = 0.0


Ranges = dict[str, tuple[float, float]]

# Each expression at full strength, after the action units of the Facial Action Coding System (Ekman & Friesen,
# 1978): happy 6+12, sad 1+4+15, surprise 1+2+5+26, fear 1+2+4+5+20, anger 4+5+7+23, disgust 4+9+10+16. Some have
# two ways; both are equally frequent.
EXPRESSION_MOVEMENTS: dict[str, tuple[Ranges, ...]] = {
    "angry": (
        {
            "brow_inner": (-0.17, -0.13),
            "brow_outer": (0.02, 0.08),
            "brow_squeeze": (0.05, 0.08),
            "upper_lid": (-0.1, 0.1),
            "lower_lid": (0.15, 0.3),
            "corner": (-0.07, -0.03),
            "stretch": (-0.15, -0.02),
            "press": (0.7, 1.0),
        },
        {
            "brow_inner": (-0.17, -0.13),
            "brow_outer": (0.02, 0.08),
            "brow_squeeze": (0.05, 0.08),
            "upper_lid": (0.0, 0.2),
            "lower_lid": (0.15, 0.3),
            "corner": (-0.06, -0.02),
            "stretch": (0.0, 0.1),
            "opening": (0.16, 0.24),
            "roundness": (0.8, 1.0),
            "upper_teeth": (1.0, 1.0),
            "lower_teeth": (1.0, 1.0),
            "cheek": (0.2, 0.5),
        },
    ),
    "disgust": (
        {
            "brow_inner": (-0.09, -0.05),
            "brow_outer": (-0.05, 0.0),
            "brow_squeeze": (0.03, 0.05),
            "upper_lid": (-0.45, -0.3),
            "lower_lid": (0.3, 0.4),
            "nose_wrinkle": (0.9, 1.0),
            "cheek": (0.7, 1.0),
            "corner": (-0.1, -0.06),
            "upper_lip": (0.1, 0.14),
            "opening": (0.08, 0.12),
            "upper_teeth": (0.6, 1.0),
            "lopsided": (0.04, 0.09),
        },
        {
            "brow_inner": (-0.09, -0.05),
            "brow_outer": (-0.05, 0.0),
            "brow_squeeze": (0.03, 0.05),
            "upper_lid": (-0.45, -0.3),
            "lower_lid": (0.3, 0.4),
            "nose_wrinkle": (0.9, 1.0),
            "cheek": (0.7, 1.0),
            "corner": (-0.1, -0.06),
            "upper_lip": (0.05, 0.1),
            "opening": (0.1, 0.16),
            "roundness": (0.3, 0.6),
            "tongue": (0.9, 1.0),
            "lopsided": (0.0, 0.05),
        },
    ),
    "fear": (
        {
            "brow_inner": (0.13, 0.18),
            "brow_outer": (-0.02, 0.03),
            "brow_squeeze": (0.03, 0.06),
            "upper_lid": (0.5, 0.7),
            "lower_lid": (-0.05, 0.05),
            "corner": (-0.12, -0.07),
            "stretch": (0.15, 0.3),
            "opening": (0.16, 0.24),
            "roundness": (0.3, 0.6),
            "lower_teeth": (0.8, 1.0),
            "upper_teeth": (0.0, 0.5),
        },
    ),
    "happy": (
        {
            "brow_inner": (0.0, 0.04),
            "brow_outer": (0.0, 0.04),
            "upper_lid": (-0.15, 0.0),
            "lower_lid": (0.2, 0.4),
            "cheek": (0.6, 1.0),
            "corner": (0.13, 0.17),
            "stretch": (0.15, 0.3),
        },
        {
            "brow_inner": (0.0, 0.06),
            "brow_outer": (0.0, 0.06),
            "upper_lid": (-0.15, 0.05),
            "lower_lid": (0.2, 0.4),
            "cheek": (0.6, 1.0),
            "corner": (0.13, 0.17),
            "stretch": (0.15, 0.3),
            "opening": (0.18, 0.3),
            "roundness": (0.1, 0.3),
            "upper_teeth": (0.8, 1.0),
        },
    ),
    "neutral": ({},),
    "sad": (
        {
            "brow_inner": (0.13, 0.17),
            "brow_outer": (-0.09, -0.05),
            "brow_squeeze": (0.02, 0.04),
            "upper_lid": (-0.35, -0.2),
            "gaze_y": (-0.3, 0.0),
            "corner": (-0.15, -0.11),
            "stretch": (-0.15, 0.0),
            "cheek": (0.0, 0.2),
        },
    ),
    "surprise": (
        {
            "brow_inner": (0.14, 0.2),
            "brow_outer": (0.14, 0.2),
            "upper_lid": (0.5, 0.7),
            "lower_lid": (-0.1, 0.0),
            "stretch": (-0.4, -0.25),
            "opening": (0.26, 0.42),
            "roundness": (1.0, 1.0),
        },
    ),
}


def sample_person(rng: np.random.Generator) -> Person:
    """Sample a person: hair is dark more often than light, brows follow hair and skin, few styles go with a beard."""
    skin, style = _between(rng, 0.38, 0.82), HAIR_STYLES[rng.integers(len(HAIR_STYLES))]
    hair = _between(rng, 0.06, 0.4) if rng.random() < 0.75 else _between(rng, 0.5, 0.8)
    beard = BEARDS[rng.integers(len(BEARDS))]
    return Person(
        head_width=_between(rng, 0.7, 0.86),
        jaw=_between(rng, 0.0, 0.35),
        skin=skin,
        hair_style=style,
        hair=hair,
        brow=min(hair, 0.5 * skin) * 0.8,
        brow_thickness=_between(rng, 0.05, 0.09),
        brow_arch=_between(rng, 0.02, 0.07),
        eye_size=_between(rng, 0.18, 0.215),
        eye_distance=_between(rng, 0.32, 0.37),
        eye_slant=_between(rng, -0.02, 0.04),
        iris=_between(rng, 0.05, 0.35),
        nose_length=_between(rng, 0.26, 0.36),
        nose_width=_between(rng, 0.09, 0.15),
        mouth_width=_between(rng, 0.27, 0.34),
        lip=_between(rng, 0.035, 0.075),
        beard=beard if style in BEARDED_STYLES else "none",
        glasses=bool(rng.random() < 0.12),
        clothes=_between(rng, 0.1, 0.9),
    )


def sample_scene(rng: np.random.Generator) -> Scene:
    """Sample camera, light and background."""
    return Scene(
        tilt=_between(rng, -0.18, 0.18),
        turn=_between(rng, -0.12, 0.12),
        scale=_between(rng, 0.42, 0.5),
        shift=(_between(rng, -0.06, 0.06), _between(rng, -0.05, 0.07)),
        light=(_between(rng, -0.8, 0.8), _between(rng, -0.6, 0.1)),
        contrast=_between(rng, 0.2, 0.5),
        exposure=_between(rng, 0.8, 1.1),
        background=_between(rng, 0.1, 0.95),
        background_slope=(_between(rng, -0.2, 0.2), _between(rng, -0.2, 0.2)),
        noise=_between(rng, 0.004, 0.02),
    )


def sample_movement(rng: np.random.Generator, expression: str) -> Movement:
    """Sample how a face shows an expression: one of its ways, at a strength from mild to full."""
    ways = EXPRESSION_MOVEMENTS[expression]
    ranges = ways[rng.integers(len(ways))]
    strength = _between(rng, MILDEST, 1.0)
    at_rest = {"gaze_x": _between(rng, -0.3, 0.3), "brow_inner": _between(rng, -0.015, 0.015)}
    at_rest |= {"brow_outer": _between(rng, -0.015, 0.015), "corner": _between(rng, -0.01, 0.01)}
    moved = {name: strength * _between(rng, *limits) for name, limits in ranges.items()}
    if rng.random() < 0.5 and "lopsided" in moved:
        moved["lopsided"] = -moved["lopsided"]
    return Movement(**{name: at_rest.get(name, 0.0) + moved.get(name, 0.0) for name in at_rest | moved})


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    """Return a uniform number; uniform ones need no function whose last digit differs between computers."""
    return low + (high - low) * float(rng.random())
