"""What splits are compared by: brightness, contrast, sharpness, bytes per pixel, traces of JPEG, and the file format.

An index comes in; its usable rows with one column a measure go out, and the distribution of each in each split.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from fer_core.dataset.audit.compression import BLOCK, jpeg_traces
from fer_core.dataset.audit.distributions import histograms
from fer_core.dataset.index import DatasetIndex

OnProgress = Callable[[int, int], None]

# Formats that discard detail; the others keep every pixel, so that among them the format means little.
LOSSY_FORMATS = frozenset({"JPEG", "MPO", "JPEG2000", "WEBP", "AVIF", "HEIF"})


@dataclass(frozen=True)
class Measure:
    """One property of an image that splits are compared by.

    Args:
        check: The check it belongs to.
        title: Its name.
        unit: What its values are.
        more: What a split with higher values is called, compared with another.
        less: What a split with lower values is called.
        digits: Decimal places to show.
    """

    check: str
    title: str
    unit: str
    more: str
    less: str
    digits: int = 0


MEASURES: dict[str, Measure] = {
    "brightness": Measure("split_brightness", "Brightness", "mean grey level, 0-255", "brighter", "darker"),
    "contrast": Measure(
        "split_contrast", "Contrast", "standard deviation of the grey levels", "richer in contrast", "flatter"
    ),
    "sharpness": Measure("split_sharpness", "Sharpness", "variance of the Laplacian", "sharper", "blurrier"),
    "jpeg_traces": Measure(
        "split_compression", "Traces of JPEG", "share of detail rounded away", "more compressed", "less compressed", 2
    ),
    "bytes_per_pixel": Measure(
        "split_compression", "File size", "bytes per pixel", "heavier in bytes", "lighter in bytes", 2
    ),
}  # fmt: skip


def measured_rows(index: DatasetIndex, *, on_progress: OnProgress | None = None) -> pd.DataFrame:
    """Return the usable rows of the index with a column for each of `MEASURES`.

    `jpeg_traces` is missing (NaN) where the file is not as large as the index keeps it: scaling wipes them out.
    """
    rows = index.select()
    height, width = index.images.shape[1:3]
    unscaled = ((rows["width"] == width) & (rows["height"] == height)).to_numpy() & (min(height, width) >= 2 * BLOCK)
    traces = np.full(len(rows), np.nan)
    image_ids = rows["image_id"].to_numpy(np.int64)
    traces[unscaled] = jpeg_traces(index.images, image_ids[unscaled], on_progress=on_progress)
    pixels = (rows["width"] * rows["height"]).clip(lower=1)
    return rows.assign(bytes_per_pixel=rows["file_size"] / pixels, jpeg_traces=traces)


def split_histograms(rows: pd.DataFrame) -> pd.DataFrame:
    """Return measure, split, left, right, share: the distribution of each measure in each split."""
    known = {name: rows[rows[name].notna()] for name in MEASURES}
    parts = [histograms(part[name], part["split"]).assign(measure=name) for name, part in known.items() if len(part)]
    columns = ["measure", "split", "left", "right", "share"]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def format_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Return split, format, share: the share (0-1) of each split's files that have a format."""
    shares = rows.groupby("split")["format"].value_counts(normalize=True)
    return shares.rename("share").reset_index()[["split", "format", "share"]]
