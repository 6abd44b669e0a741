"""The named strengths of augmentation: how far a training picture may be bent, lit, damaged and covered.

Plain values only, so that pages can show them; `augmentation_layer` applies them inside the training step.
"""

from dataclasses import dataclass

from fer_core.errors import TrainingError


@dataclass(frozen=True)
class AugmentationConfig:
    """Ranges from which every training picture draws its own values.

    Args:
        title: Its name on screen.
        description: One sentence on when to use it.
        flip: Mirror half of the pictures.
        rotation: Largest tilt to either side, in degrees.
        scale: Smallest and largest enlargement.
        shift: Largest shift in either direction, as a share of the side.
        contrast: Largest relative change of the contrast.
        brightness: Largest change of the brightness, in standard deviations of the picture.
        gamma: Largest exponent on the brightness, and by its inverse the smallest; 1 changes nothing.
        blurring: Share of the pictures that are blurred.
        blur_width: Standard deviation of the full blur, as a share of the side.
        jpeg: Share of the pictures that are damaged as JPEG does it.
        jpeg_quality: Lowest and highest quality, 1-100.
        noise: Largest standard deviation of Gaussian noise, in grey values of 0-255.
        erasing: Share of the pictures with a rectangle of noise (Zhong et al. 2020).
        erased_side: Smallest and largest side of the rectangle, as a share of the picture's side.
    """

    title: str
    description: str
    flip: bool = False
    rotation: float = 0.0
    scale: tuple[float, float] = (1.0, 1.0)
    shift: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    gamma: float = 1.0
    blurring: float = 0.0
    blur_width: float = 0.02
    jpeg: float = 0.0
    jpeg_quality: tuple[int, int] = (30, 90)
    noise: float = 0.0
    erasing: float = 0.0
    erased_side: tuple[float, float] = (0.125, 0.375)

    @property
    def moves(self) -> bool:
        """Whether any picture is mirrored, tilted, scaled or shifted."""
        return self.flip or bool(self.rotation) or bool(self.shift) or self.scale != (1.0, 1.0)


AUGMENTATIONS: dict[str, AugmentationConfig] = {
    "none": AugmentationConfig(
        "None", "The pictures as they are, to compare with; the network soon knows them by heart."
    ),
    "light": AugmentationConfig(
        "Light",
        "Mirroring and small shifts: for few epochs.",
        flip=True,
        rotation=5.0,
        scale=(0.95, 1.05),
        shift=0.04,
    ),
    "standard": AugmentationConfig(
        "Standard",
        "Mirroring, tilt, scale, shift, light and covered parts: the best choice for most trainings.",
        flip=True,
        rotation=15.0,
        scale=(0.85, 1.2),
        shift=0.083,
        contrast=0.25,
        brightness=0.25,
        erasing=0.4,
    ),
    "robust": AugmentationConfig(
        "Robust",
        "Standard, and now and then blur, JPEG damage and noise: for photos and webcams as they come.",
        flip=True,
        rotation=15.0,
        scale=(0.85, 1.2),
        shift=0.083,
        contrast=0.25,
        brightness=0.25,
        blurring=0.15,
        jpeg=0.15,
        noise=3.0,
        erasing=0.4,
    ),
    "strong": AugmentationConfig(
        "Strong",
        "More of everything, with blur, JPEG damage and noise besides: for long trainings and for photos as they come.",
        flip=True,
        rotation=20.0,
        scale=(0.8, 1.25),
        shift=0.1,
        contrast=0.35,
        brightness=0.35,
        gamma=1.4,
        blurring=0.3,
        jpeg=0.3,
        noise=6.0,
        erasing=0.5,
        erased_side=(0.125, 0.45),
    ),
}


def find_augmentation(name: str) -> AugmentationConfig:
    """Return an augmentation by its name.

    Raises:
        TrainingError: If there is none of this name.
    """
    if name not in AUGMENTATIONS:
        raise TrainingError(f"There is no augmentation {name!r}. Known: {', '.join(AUGMENTATIONS)}.")
    return AUGMENTATIONS[name]
