"""Augmentation as the first layers of the training model: damage, one resample, a crop, light, noise, erasing, mixup.

Whole batches come in as (n, size, size, channels) 0-255 and go out as float32, cropped to the training size. At
inference pictures pass through unchanged. None of it is ever part of a model package.
"""

import math
from typing import Any

import keras
from keras import ops

from fer_core.training.augmentation.levels import AugmentationConfig
from fer_core.training.augmentation.picture_damage import block_cosines, blur, blur_matrix, damage_as_jpeg, luminance
from fer_core.training.fitting.losses import blend_with_reversed

# Zhang et al. 2018 found 0.1 to 0.4 best on ImageNet; the upper end suits small datasets, which overfit sooner.
MIXUP_ALPHA = 0.4


class Augmentation(keras.layers.Layer):  # type: ignore[misc]
    """Random changes to a batch while training.

    Args:
        config: The ranges to draw from.
        crop_sizes: Smallest and largest side of the centre crop after the changes, in pixels. TensorFlow draws one
            for each batch; other backends compile for fixed shapes and always take the smallest.
        seed: Seeds the layer's own random stream.
    """

    def __init__(self, config: AugmentationConfig, *, crop_sizes: tuple[int, int], seed: int) -> None:
        super().__init__(name="augmentation", dtype="float32", trainable=False)
        self.config = config
        self.crop_sizes = crop_sizes
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool | None = False) -> Any:
        """Change and crop while training; otherwise only convert to float32."""
        x = ops.cast(images, "float32")
        if not training:
            return x
        for change in (self._damage, self._resample, self._crop, self._relight, self._add_noise, self._erase):
            x = change(x)
        return x

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Height and width depend on the mode, so they stay open."""
        return (input_shape[0], None, None, input_shape[-1])

    def _draw(self, num: Any, low: float = -1.0, high: float = 1.0) -> Any:
        return keras.random.uniform((num,), low, high, seed=self.seed_generator)

    def _choose(self, num: Any, share: float) -> Any:
        """(num,) ones for a share of the pictures, zeros for the others."""
        return ops.cast(self._draw(num, 0.0, 1.0) < share, "float32")

    def _damage(self, x: Any) -> Any:
        """Blur and JPEG marks, which a picture has before a face is cut out of it."""
        if not self.config.blurring and not self.config.jpeg:
            return x
        num, side = ops.shape(x)[0], x.shape[1]
        before = plane = luminance(x)
        if self.config.blurring:
            # Less than the full blur is a blend with it, so that one matrix serves all pictures.
            share = self._choose(num, self.config.blurring) * self._draw(num, 0.0, 1.0)
            blurred = blur(plane, blur_matrix(side, self.config.blur_width * side))
            plane = plane + share[:, None, None] * (blurred - plane)
        if self.config.jpeg:
            chosen = self._choose(num, self.config.jpeg)[:, None, None]
            quality = self._draw(num, *self.config.jpeg_quality)[:, None, None]
            plane = plane + chosen * (damage_as_jpeg(plane, quality, block_cosines(side)) - plane)
        return ops.clip(x + (plane - before)[..., None], 0.0, 255.0)

    def _resample(self, x: Any) -> Any:
        """One affine resample about the centre: mirror, tilt, scale and shift together lose sharpness only once."""
        if not self.config.moves:
            return x
        num, side = ops.shape(x)[0], x.shape[1]
        angle = self._draw(num) * math.radians(self.config.rotation)
        zoom = ops.exp(self._draw(num, math.log(self.config.scale[0]), math.log(self.config.scale[1]) + 1e-9))
        mirror = ops.where(self._draw(num) < 0.0, -1.0, 1.0) if self.config.flip else ops.ones((num,))
        shift_x, shift_y = (self._draw(num) * self.config.shift * side for _ in range(2))
        cos, sin, centre = ops.cos(angle) / zoom, ops.sin(angle) / zoom, (side - 1) / 2
        # Output (x, y) is read from input (a0 x + a1 y + a2, b0 x + b1 y + b2).
        a0, a1, b0, b1 = mirror * cos, -mirror * sin, sin, cos
        a2 = centre + shift_x - (a0 + a1) * centre
        b2 = centre + shift_y - (b0 + b1) * centre
        transforms = ops.stack([a0, a1, a2, b0, b1, b2, ops.zeros_like(a0), ops.zeros_like(a0)], axis=1)
        return ops.image.affine_transform(x, transforms, interpolation="bilinear", fill_mode="reflect")

    def _crop(self, x: Any) -> Any:
        smallest, largest = self.crop_sizes
        size: Any = smallest
        if largest > smallest and keras.backend.backend() == "tensorflow":
            drawn = keras.random.uniform((), smallest, largest + 1, seed=self.seed_generator)
            size = ops.minimum(ops.cast(drawn, "int32"), largest)
        margin = (x.shape[1] - size) // 2
        return x[:, margin : margin + size, margin : margin + size, :]

    def _relight(self, x: Any) -> Any:
        num = ops.shape(x)[0]
        if self.config.gamma != 1.0:
            largest = math.log(self.config.gamma)
            gamma = ops.exp(self._draw(num, -largest, largest))[:, None, None, None]
            x = 255.0 * ops.power(ops.clip(x / 255.0, 1e-6, 1.0), gamma)
        if not self.config.contrast and not self.config.brightness:
            return x
        mean = ops.mean(x, axis=(1, 2, 3), keepdims=True)
        deviation = ops.std(x, axis=(1, 2, 3), keepdims=True)
        contrast = ops.reshape(1.0 + self._draw(num) * self.config.contrast, (-1, 1, 1, 1))
        brightness = ops.reshape(self._draw(num) * self.config.brightness, (-1, 1, 1, 1))
        return ops.clip((x - mean) * contrast + mean + brightness * deviation, 0.0, 255.0)

    def _add_noise(self, x: Any) -> Any:
        if not self.config.noise:
            return x
        deviation = self._draw(ops.shape(x)[0], 0.0, self.config.noise)[:, None, None, None]
        noise = keras.random.normal(ops.shape(x), seed=self.seed_generator)
        return ops.clip(x + deviation * noise, 0.0, 255.0)

    def _erase(self, x: Any) -> Any:
        if not self.config.erasing:
            return x
        num, side = ops.shape(x)[:2]
        inside_x, inside_y = (self._stripe(num, side) for _ in range(2))
        chosen = self._choose(num, self.config.erasing)
        mask = inside_y[:, :, None, None] * inside_x[:, None, :, None] * chosen[:, None, None, None]
        noise = keras.random.uniform(ops.shape(x), 0.0, 255.0, seed=self.seed_generator)
        return x * (1.0 - mask) + noise * mask

    def _stripe(self, num: Any, side: Any) -> Any:
        """(num, side) ones along a random interval of each row, zeros elsewhere."""
        side_in_pixels = ops.cast(side, "float32")
        length = self._draw(num, *self.config.erased_side) * side_in_pixels
        start = self._draw(num, 0.0, 1.0) * (side_in_pixels - length)
        positions = ops.cast(ops.arange(side), "float32")[None, :]
        return ops.cast((positions >= start[:, None]) & (positions < (start + length)[:, None]), "float32")


class Mixup(keras.layers.Layer):  # type: ignore[misc]
    """Blends the pictures of some batches in pairs (Zhang et al. 2018); the labels must be blended alike.

    Args:
        share: Share of the batches, 0-1.
        seed: Seeds the layer's own random stream.
    """

    def __init__(self, share: float, *, seed: int) -> None:
        super().__init__(name="mixup", dtype="float32", trainable=False)
        self.share = share
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.built = True  # validation never calls it

    def call(self, faces: Any) -> tuple[Any, Any]:
        """Return the pictures, each blended with the one at the same place from the end, and how much is its own.

        The partner's is the smaller share, so that a picture keeps its own label. As the two of a pair are each
        other's partners, this draws the same pairs as Beta(alpha, alpha) itself.
        """
        drawn = keras.random.beta((), MIXUP_ALPHA, MIXUP_ALPHA, seed=self.seed_generator)
        chosen = keras.random.uniform((), seed=self.seed_generator) < self.share
        own_share = ops.where(chosen, ops.maximum(drawn, 1.0 - drawn), 1.0)
        return blend_with_reversed(faces, own_share), own_share
