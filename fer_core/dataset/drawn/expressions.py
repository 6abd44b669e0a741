"""What the muscles of a drawn face do in each of the seven expressions.

A table gives the range of every movement at full strength; a movement is sampled from it with a random generator,
at a strength from mild to full. Lengths are in face units (half the height of the head).
"""

from dataclasses import dataclass

import numpy as np

from fer_core.dataset.drawn.people import between

# A mild expression shows this share of the movements of the strongest one.
MILDEST = 0.6


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

# What the ways of anger, disgust and joy have in common.
_GLARE: Ranges = {
    "brow_inner": (-0.17, -0.13),
    "brow_outer": (0.02, 0.08),
    "brow_squeeze": (0.05, 0.08),
    "upper_lid": (-0.1, 0.1),
    "lower_lid": (0.15, 0.3),
}
_REVULSION: Ranges = {
    "brow_inner": (-0.09, -0.05),
    "brow_outer": (-0.05, 0.0),
    "brow_squeeze": (0.03, 0.05),
    "upper_lid": (-0.45, -0.3),
    "lower_lid": (0.3, 0.4),
    "nose_wrinkle": (0.9, 1.0),
    "cheek": (0.7, 1.0),
    "corner": (-0.1, -0.06),
}
_SMILE: Ranges = {
    "brow_inner": (0.0, 0.04),
    "brow_outer": (0.0, 0.04),
    "upper_lid": (-0.15, 0.0),
    "lower_lid": (0.2, 0.4),
    "cheek": (0.6, 1.0),
    "corner": (0.13, 0.17),
    "stretch": (0.15, 0.3),
}

# Each expression at full strength, after the action units of the Facial Action Coding System (Ekman & Friesen,
# 1978): happy 6+12, sad 1+4+15, surprise 1+2+5+26, fear 1+2+4+5+20, anger 4+5+7+23, disgust 4+9+10+16. Some have
# two ways of the mouth, which are equally frequent.
EXPRESSION_MOVEMENTS: dict[str, tuple[Ranges, ...]] = {
    "angry": (
        _GLARE | {"corner": (-0.07, -0.03), "stretch": (-0.15, -0.02), "press": (0.7, 1.0)},
        _GLARE
        | {
            "upper_lid": (0.0, 0.2),
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
        _REVULSION
        | {"upper_lip": (0.1, 0.14), "opening": (0.08, 0.12), "upper_teeth": (0.6, 1.0), "lopsided": (0.04, 0.09)},
        _REVULSION
        | {
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
        _SMILE,
        _SMILE
        | {
            "brow_inner": (0.0, 0.06),
            "brow_outer": (0.0, 0.06),
            "upper_lid": (-0.15, 0.05),
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


def sample_movement(rng: np.random.Generator, expression: str) -> Movement:
    """Sample how a face shows an expression: one of its ways, at a strength from mild to full."""
    ways = EXPRESSION_MOVEMENTS[expression]
    ranges = ways[rng.integers(len(ways))]
    strength = between(rng, MILDEST, 1.0)
    at_rest = {"gaze_x": between(rng, -0.3, 0.3), "brow_inner": between(rng, -0.015, 0.015)}
    at_rest |= {"brow_outer": between(rng, -0.015, 0.015), "corner": between(rng, -0.01, 0.01)}
    moved = {name: strength * between(rng, *limits) for name, limits in ranges.items()}
    if rng.random() < 0.5 and "lopsided" in moved:
        moved["lopsided"] = -moved["lopsided"]
    return Movement(**{name: at_rest.get(name, 0.0) + moved.get(name, 0.0) for name in at_rest | moved})
