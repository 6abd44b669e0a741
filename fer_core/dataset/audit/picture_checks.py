"""Checks of single pictures: unreadable, blank, nearly constant, of an odd size or colour mode.

All of them read the index's table alone; no picture is opened.
"""

import pandas as pd

from fer_core.dataset.audit.findings import Finding, finding_of_images
from fer_core.dataset.index import DatasetIndex

# Standard deviation of the grey levels, 0-127.5. Of 32,298 FER2013 pictures 13 lie below 1 and two more below 10; a
# JPEG of one colour stays below 1.
BLANK_CONTRAST = 1.0
LOW_CONTRAST = 10.0

USUAL_SHARE = 0.9  # what so many pictures share is usual, and the others are odd
MAX_STRETCH = 2.0  # long side by short side; a face's crop is nearly square


def picture_findings(index: DatasetIndex) -> list[Finding]:
    """Run the five checks on the usable pictures, and the first on all that are not excluded."""
    rows = index.select()
    return [
        _unreadable(index.table),
        _low_contrast("blank", rows, 0.0, BLANK_CONTRAST),
        _low_contrast("near_constant", rows, BLANK_CONTRAST, LOW_CONTRAST),
        _odd_size(rows, index.images.shape[1]),
        _odd_mode(rows),
    ]


def _unreadable(table: pd.DataFrame) -> Finding:
    kept = table[~table["excluded"]] if "excluded" in table else table
    broken = kept[~kept["readable"]]
    examples = ", ".join(broken["path"].head(3))
    return finding_of_images("unreadable", broken["image_id"], len(kept), detail=examples)


def _low_contrast(check: str, rows: pd.DataFrame, lowest: float, below: float) -> Finding:
    found = rows[(rows["contrast"] >= lowest) & (rows["contrast"] < below)].sort_values("contrast")
    detail = f"The grey levels vary by less than {below:.0f} of 255 (standard deviation)." if len(found) else ""
    return finding_of_images(check, found["image_id"], len(rows), detail=detail, scores=found["contrast"])


def _odd_size(rows: pd.DataFrame, index_size: int) -> Finding:
    """Another size than nearly all have; without such a size: too small for the index, or far from square."""
    sizes = rows.groupby(["width", "height"]).size().sort_values(ascending=False)
    if len(sizes) and sizes.iloc[0] >= USUAL_SHARE * len(rows):
        width, height = sizes.index[0]
        found = rows[(rows["width"] != width) | (rows["height"] != height)]
        detail = f"{sizes.iloc[0]:,} of {len(rows):,} pictures are {width} × {height} pixels."
        return finding_of_images("odd_size", found["image_id"], len(rows), detail=detail)
    short, long = rows[["width", "height"]].min(axis=1), rows[["width", "height"]].max(axis=1)
    small, stretched = short < index_size, long > MAX_STRETCH * short
    detail = (
        f"{int(small.sum()):,} are smaller than the {index_size} pixels that are read, "
        f"{int(stretched.sum()):,} more than {MAX_STRETCH:g} times as long as wide or the reverse."
    )
    return finding_of_images("odd_size", rows.loc[small | stretched, "image_id"], len(rows), detail=detail)


def _odd_mode(rows: pd.DataFrame) -> Finding:
    """Another colour mode than nearly all have; without such a mode: neither plain grey nor plain colour."""
    modes = rows["mode"].value_counts()
    usual = {str(modes.index[0])} if len(modes) and modes.iloc[0] >= USUAL_SHARE * len(rows) else {"L", "RGB"}
    found = rows[~rows["mode"].isin(usual)]
    detail = ", ".join(f"{mode} {count:,}" for mode, count in modes.items())
    return finding_of_images("odd_mode", found["image_id"], len(rows), detail=f"Modes: {detail}." if detail else "")
