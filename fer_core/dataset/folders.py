"""Reads class folders: which picture belongs to which split and which label.

A folder comes in, a table of relative paths with split and label goes out. Two layouts are understood,
`<split>/<label>/<picture>` and `<label>/<picture>`, below any number of enclosing folders.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from fer_core.errors import DatasetError
from fer_core.labels import EXPRESSIONS

logger = logging.getLogger(__name__)

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff", ".gif", ".pgm", ".ppm"})

# Other names of the same split; any other folder name is a split's name as it stands.
SPLIT_NAMES = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "publictest": "public_test",
    "public_test": "public_test",
    "privatetest": "private_test",
    "private_test": "private_test",
}

EXPECTED = "Expected class folders: train/<label>/… and test/<label>/…, or <label>/…, with pictures in them."


def is_picture_name(path: PurePosixPath | Path) -> bool:
    """Tell whether a path names a picture, leaving out hidden files and the shadow files that macOS packs."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in PICTURE_SUFFIXES


def read_class_folders(folder: Path) -> pd.DataFrame:
    """List the labelled pictures of a folder.

    Args:
        folder: The folder that holds the class folders, at any depth.

    Returns:
        One row a picture, sorted by path: path (relative to `folder`, with `/`), split, label.

    Raises:
        DatasetError: If the folder is missing, or has no class folders, or only one class.
    """
    if not folder.is_dir():
        raise DatasetError(f"'{folder}' is not a folder. Check the path.")
    paths = sorted(_pictures_below(folder))
    parents = {path.parent.parts for path in paths if path.parent.parts}
    if not parents:
        found = f"{len(paths)} pictures but no folders" if paths else "no pictures"
        raise DatasetError(f"'{folder.name}' contains {found}. {EXPECTED}")
    top = _common_depth(parents) - (len(parents) == 1)
    depth = max(len(parts) for parts in parents)
    depth = top + min(2, depth - top)
    kept = [path for path in paths if len(path.parent.parts) >= depth]
    if len(kept) < len(paths):
        logger.warning(
            "%d pictures of %s are left out: they are in no class folder", len(paths) - len(kept), folder.name
        )
    rows = [(path.as_posix(), *_split_and_label(path.parent.parts, top, folder.name)) for path in kept]
    table = pd.DataFrame(rows, columns=["path", "split", "label"])
    if table["label"].nunique() < 2:
        raise DatasetError(f"'{folder.name}' has only the class {table['label'].iloc[0]!r}. {EXPECTED}")
    return table


def _common_depth(parents: set[tuple[str, ...]]) -> int:
    """How many enclosing folders all pictures share."""
    levels = zip(*parents, strict=False)
    return next((depth for depth, names in enumerate(levels) if len(set(names)) > 1), min(map(len, parents)))


def _pictures_below(folder: Path) -> Iterator[PurePosixPath]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__MACOSX"]
        relative = PurePosixPath(Path(parent).relative_to(folder).as_posix())
        yield from (relative / name for name in names if is_picture_name(PurePosixPath(name)))


def _split_and_label(parts: tuple[str, ...], top: int, name: str) -> tuple[str, str]:
    """Split and label from a picture's folders; the first `top` of them are common to all pictures."""
    below = parts[top:]
    if len(below) > 2:
        raise DatasetError(f"'{name}' nests its pictures too deeply: {'/'.join(parts)!r}. {EXPECTED}")
    enclosing = below[0] if len(below) == 2 else (parts[top - 1] if top else "")
    return _split_name(enclosing, known_only=len(below) == 1), _label_name(below[-1])


def _split_name(folder_name: str, *, known_only: bool) -> str:
    key = folder_name.strip().casefold().replace(" ", "_").replace("-", "_")
    return SPLIT_NAMES.get(key, "train" if known_only or not key else key)


def _label_name(folder_name: str) -> str:
    label = folder_name.strip()
    return label.casefold() if label.casefold() in EXPRESSIONS else label
