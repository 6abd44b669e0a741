from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from fer_core.training.augmentation import AUGMENTATIONS, AugmentationConfig

NOTHING = AugmentationConfig("Nothing", "")


def apply(config: AugmentationConfig, images: npt.NDArray[np.uint8], *, crop_size: int = 48, seed: int = 0, **call):
    from fer_core.training.augmentation_layer import Augmentation

    return np.asarray(Augmentation(config, crop_size=crop_size, seed=seed)(images, **{"training": True, **call}))


@pytest.fixture
def images() -> npt.NDArray[np.uint8]:
    """(64, 48, 48, 1) uint8 smooth ramps with a bright spot left of the centre."""
    ramp = np.add.outer(np.arange(48), np.arange(48))[None, :, :, None].repeat(64, axis=0)
    ramp[:, 20:26, 8:14] = 250
    return ramp.astype(np.uint8)


def test_inference_passes_pictures_through(images) -> None:
    assert np.array_equal(apply(AUGMENTATIONS["standard"], images, training=False), images)


def test_no_augmentation_only_crops_the_centre(images) -> None:
    assert np.allclose(apply(AUGMENTATIONS["none"], images, crop_size=40), images[:, 4:44, 4:44], atol=1e-3)


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_every_strength_keeps_shape_and_range(images, name: str) -> None:
    changed = apply(AUGMENTATIONS[name], images, crop_size=40)
    assert changed.shape == (64, 40, 40, 1)
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 255


def test_flip_mirrors_about_half_of_the_pictures(images) -> None:
    changed = apply(replace(NOTHING, flip=True), images)
    mirrored = np.array([np.allclose(one, images[0, :, ::-1], atol=0.5) for one in changed])
    as_it_was = np.array([np.allclose(one, images[0], atol=0.5) for one in changed])
    assert (mirrored ^ as_it_was).all()
    assert 16 <= mirrored.sum() <= 48


def test_shift_stays_within_its_share(images) -> None:
    spots = apply(replace(NOTHING, shift=0.1), images)[..., 0] > 200
    columns = np.array([np.nonzero(spot.any(axis=0))[0].mean() for spot in spots])
    assert np.ptp(columns) > 3
    assert np.abs(columns - 10.5).max() <= 4.8 + 1


def test_rotation_and_scale_hold_the_centre_in_place(images) -> None:
    dotted = np.zeros_like(images)
    dotted[:, 22:26, 22:26] = 255
    changed = apply(replace(NOTHING, rotation=15, scale=(0.85, 1.2)), dotted)[..., 0]
    for axis in (1, 2):
        weights = changed.sum(axis=3 - axis)
        centres = (weights * np.arange(48)).sum(axis=1) / weights.sum(axis=1)
        assert np.abs(centres - 23.5).max() < 0.5


def test_erasing_covers_its_share_of_the_pictures(images) -> None:
    changed = apply(replace(NOTHING, erasing=0.5), images)
    differs = np.abs(changed - images).max(axis=(1, 2, 3)) > 1
    assert 16 <= differs.sum() <= 48


def test_the_seed_decides(images) -> None:
    first, again, other = (apply(AUGMENTATIONS["standard"], images, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
