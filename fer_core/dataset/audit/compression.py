"""Traces of JPEG compression in the pixels themselves, whatever the format of the file that holds them now.

JPEG cuts a picture into blocks of 8 x 8 pixels and rounds most of each block's fine frequencies to nothing. Frequencies
that vanish on this grid, but not on a grid moved by half a block, were rounded away by a JPEG encoder.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

BLOCK = 8  # pixels; the grid of JPEG (ITU-T T.81, 1992)
_VANISHED = 0.5  # a coefficient of the transform below this is no more than the rounding of the pixels
_BATCH_PIXELS = 2**22  # bounds memory: 16 MB as float32


def _transform() -> npt.NDArray[np.float32]:
    """Return the (64, 64) matrix that turns a block, as a row of 64 pixels, into its 64 frequencies (DCT-II)."""
    steps = np.arange(BLOCK)
    waves = 0.5 * np.cos((2 * steps[None] + 1) * steps[:, None] * np.pi / (2 * BLOCK))
    waves[0] = np.sqrt(1 / BLOCK)
    return np.kron(waves, waves).T.astype(np.float32)


def jpeg_traces(
    images: npt.NDArray[np.uint8],
    image_ids: npt.NDArray[np.int64],
    *,
    on_progress: Callable[[int, int], None] | None = None,
) -> npt.NDArray[np.float64]:
    """Measure the traces of JPEG compression.

    The idea is that of Fan and de Queiroz, "Identification of bitmap compression history" (2003): compare the block
    grid with a moved one, so that smooth pictures are not taken for compressed ones.

    Args:
        images: (n, size, size, channels) uint8, at the size of their files: scaling wipes the grid out.
        image_ids: (k,) rows of `images` to measure.
        on_progress: Called with (images done, images in all).

    Returns:
        (k,) share of frequencies that vanish on the grid less that on the moved grid: about 0 without compression,
        0.2 to 0.5 after JPEG.
    """
    side = images.shape[1] // BLOCK * BLOCK
    if side < 2 * BLOCK:
        raise ValueError(f"expected images of at least {2 * BLOCK} pixels, received {images.shape}")
    matrix, traces = _transform(), np.empty(len(image_ids))
    size = max(1, _BATCH_PIXELS // side**2)
    for start in range(0, len(image_ids), size):
        batch = np.asarray(images[image_ids[start : start + size]]).mean(axis=3, dtype=np.float32)
        half = BLOCK // 2
        moved = batch[:, half : side - half, half : side - half]
        traces[start : start + size] = _vanished(batch[:, :side, :side], matrix) - _vanished(moved, matrix)
        if on_progress:
            on_progress(min(start + size, len(image_ids)), len(image_ids))
    return traces


def _vanished(batch: npt.NDArray[np.float32], matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
    """Return (n,) the share of frequencies near zero; the batch's sides are multiples of a block."""
    num, height, width = batch.shape
    blocks = batch.reshape(num, height // BLOCK, BLOCK, width // BLOCK, BLOCK).swapaxes(2, 3).reshape(-1, BLOCK**2)
    vanished = np.abs(blocks @ matrix) < _VANISHED
    return np.asarray(vanished.reshape(num, -1).mean(axis=1), np.float64)
