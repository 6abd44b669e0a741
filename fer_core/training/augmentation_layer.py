"""Augmentation as the first layer of the training model: one resample, one photometric change, one erasing.

Whole batches come in as (n, size, size, channels) 0-255 and go out as float32, cropped to the training size. At
inference the layer passes pictures through unchanged. It is never part of a model package.
"""

import math
from typing import Any

import keras
from keras import ops

from fer_core.training.augmentation import AugmentationConfig


class Augmentation(keras.layers.Layer):  # type: ignore[misc]
    """Random changes to a batch while training.

    Args:
        config: The ranges to draw from.
        crop_size: Side of the centre crop after the changes, in pixels.
        seed: Seeds the layer's own random stream.
    """

    def __init__(self, config: AugmentationConfig, *, crop_size: int, seed: int) -> None:
        super().__init__(name="augmentation", dtype="float32", trainable=False)
        self.config = config
        self.crop_size = crop_size
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images: Any, training: bool | None = False) -> Any:
        """Change and crop while training; otherwise only convert to float32."""
        x = ops.cast(images, "float32")
        if not training:
            return x
        x = self._resample(x)
        margin = (x.shape[1] - self.crop_size) // 2
        x = x[:, margin : margin + self.crop_size, margin : margin + self.crop_size, :]
        x = self._relight(x)
        return self._erase(x)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Height and width depend on the mode, so they stay open."""
        return (input_shape[0], None, None, input_shape[-1])

    def _draw(self, num: Any, low: float = -1.0, high: float = 1.0) -> Any:
        return keras.random.uniform((num,), low, high, seed=self.seed_generator)

    def _resample(self, x: Any) -> Any:
        """One affine resample about the centre: mirror, tilt, scale and shift together lose sharpness only once."""
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

    def _relight(self, x: Any) -> Any:
        if not self.config.contrast and not self.config.brightness:
            return x
        num = ops.shape(x)[0]
        mean = ops.mean(x, axis=(1, 2, 3), keepdims=True)
        deviation = ops.std(x, axis=(1, 2, 3), keepdims=True)
        contrast = ops.reshape(1.0 + self._draw(num) * self.config.contrast, (-1, 1, 1, 1))
        brightness = ops.reshape(self._draw(num) * self.config.brightness, (-1, 1, 1, 1))
        return ops.clip((x - mean) * contrast + mean + brightness * deviation, 0.0, 255.0)

    def _erase(self, x: Any) -> Any:
        if not self.config.erasing:
            return x
        num, side = ops.shape(x)[0], self.crop_size
        low, high = self.config.erased_side
        inside_x, inside_y = (self._stripe(num, side, low, high) for _ in range(2))
        chosen = ops.cast(self._draw(num, 0.0, 1.0) < self.config.erasing, "float32")
        mask = inside_y[:, :, None, None] * inside_x[:, None, :, None] * chosen[:, None, None, None]
        noise = keras.random.uniform(ops.shape(x), 0.0, 255.0, seed=self.seed_generator)
        return x * (1.0 - mask) + noise * mask

    def _stripe(self, num: Any, side: int, low: float, high: float) -> Any:
        """(num, side) ones along a random interval of each row, zeros elsewhere."""
        length = self._draw(num, low, high) * side
        start = self._draw(num, 0.0, 1.0) * (side - length)
        positions = ops.cast(ops.arange(side), "float32")[None, :]
        return ops.cast((positions >= start[:, None]) & (positions < (start + length)[:, None]), "float32")
