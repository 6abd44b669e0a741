from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from fer_core.training.augmentation.levels import AUGMENTATIONS, AugmentationConfig

NOTHING = AugmentationConfig("Nothing", "")


def layer(config: AugmentationConfig, crop_sizes: tuple[int, int], seed: int = 0) -> Any:
    from fer_core.training.augmentation.layer import Augmentation

    return Augmentation(config, crop_sizes=crop_sizes, seed=seed)


def apply(
    config: AugmentationConfig, images: npt.NDArray[np.uint8], *, crop_size: int = 48, seed: int = 0, **call: Any
) -> npt.NDArray[np.float32]:
    return np.asarray(layer(config, (crop_size, crop_size), seed)(images, **{"training": True, **call}))


@pytest.fixture
def images() -> npt.NDArray[np.uint8]:
    """(64, 48, 48, 1) uint8 smooth ramps with a bright spot left of the centre."""
    ramp = np.add.outer(np.arange(48), np.arange(48))[None, :, :, None].repeat(64, axis=0)
    ramp[:, 20:26, 8:14] = 250
    return ramp.astype(np.uint8)


def test_inference_passes_pictures_through(images) -> None:
    assert np.array_equal(apply(AUGMENTATIONS["standard"], images, training=False), images)


def test_none_changes_nothing_but_the_crop(images) -> None:
    assert np.array_equal(apply(AUGMENTATIONS["none"], images, crop_size=40), images[:, 4:44, 4:44])


@pytest.mark.parametrize(("side", "crop_size"), [(32, 27), (48, 40), (100, 83), (224, 187)])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_every_strength_keeps_shape_and_range(name: str, channels: int, side: int, crop_size: int) -> None:
    noisy = np.random.default_rng(0).integers(0, 256, (4, side, side, channels), np.uint8)
    changed = apply(AUGMENTATIONS[name], noisy, crop_size=crop_size)
    assert changed.shape == (4, crop_size, crop_size, channels)
    assert changed.dtype == np.float32
    assert changed.min() >= 0
    assert changed.max() <= 255


def test_pictures_stay_float32_where_the_network_computes_in_bfloat16(images) -> None:
    import keras

    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        changed = apply(AUGMENTATIONS["strong"], images)
    finally:
        keras.config.set_dtype_policy("float32")
    assert changed.dtype == np.float32


def test_the_crop_takes_every_size_between_its_bounds(images) -> None:
    varying = layer(NOTHING, (40, 44))
    crops = [np.asarray(varying(images, training=True)) for _ in range(40)]
    assert {crop.shape[1] for crop in crops} == {40, 41, 42, 43, 44}
    for crop in crops:
        margin = (48 - crop.shape[1]) // 2
        stop = margin + crop.shape[1]
        assert np.array_equal(crop, images[:, margin:stop, margin:stop])


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


def test_blur_takes_detail_from_its_share_of_the_pictures_and_keeps_their_mean() -> None:
    noisy = np.random.default_rng(0).integers(0, 256, (64, 48, 48, 1), np.uint8)
    changed = apply(replace(NOTHING, blurring=0.5), noisy)
    calmer = changed.std(axis=(1, 2, 3)) < noisy.std(axis=(1, 2, 3)) - 0.1
    assert 16 <= calmer.sum() <= 48
    assert np.array_equal(changed[~calmer], noisy[~calmer])
    assert np.allclose(changed.mean(axis=(1, 2, 3)), noisy.mean(axis=(1, 2, 3)), atol=1.0)


def test_jpeg_damages_its_share_of_the_pictures_in_all_channels_alike() -> None:
    noisy = np.random.default_rng(0).integers(40, 216, (64, 48, 48, 3), np.uint8)
    difference = apply(replace(NOTHING, jpeg=0.5, jpeg_quality=(90, 95)), noisy) - noisy
    damaged = np.abs(difference).max(axis=(1, 2, 3)) > 1
    assert 16 <= damaged.sum() <= 48
    assert np.allclose(difference[..., 0], difference[..., 2], atol=1e-3)
    assert np.abs(difference).mean() < 5


def test_noise_stays_within_its_deviation(images) -> None:
    grey = np.full_like(images, 128)
    deviations = (apply(replace(NOTHING, noise=8.0), grey) - 128).std(axis=(1, 2, 3))
    assert deviations.max() <= 8.5
    assert deviations.min() < 1
    assert 2 < deviations.mean() < 6


def test_gamma_leaves_black_and_white_in_place(images) -> None:
    halves = np.zeros_like(images)
    halves[:, 24:] = 255
    halves[:, :8] = 128
    changed = apply(replace(NOTHING, gamma=1.4), halves)
    assert np.allclose(changed[:, 24:], 255, atol=0.01)
    assert np.allclose(changed[:, 8:24], 0, atol=0.02)
    assert 90 < changed[:, :8].min() < 120 < 140 < changed[:, :8].max() < 160


@pytest.mark.parametrize("name", ["standard", "strong"])
def test_the_seed_decides(images, name: str) -> None:
    first, again, other = (apply(AUGMENTATIONS[name], images, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
