"""Reads class folders: which picture belongs to which split and which label.

A folder comes in, a table of relative paths with split and label, as the folders name it, goes out. Two layouts are
understood, `<split>/<label>/<picture>` and `<label>/<picture>`, below any number of enclosing folders.
"""

import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

import pandas as pd

from fer_core.errors import DatasetError
from fer_core.labels import tidy_label

logger = logging.getLogger(__name__)

OnNote = Callable[[str], None]

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

# The folder release of FER2013 mixes both of its tests in one folder; the names of the files give the parts back.
TEST_PREFIXES = {"PublicTest_": "public_test", "PrivateTest_": "private_test"}
_PREFIXES = {"Training_": "train", **TEST_PREFIXES}

EXPECTED = "Expected class folders: train/<label>/… and test/<label>/…, or <label>/…, with pictures in them."


def is_picture_name(path: PurePosixPath | Path) -> bool:
    """Tell whether a path names a picture, leaving out hidden files and the shadow files that macOS packs."""
    hidden = any(part.startswith(".") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in PICTURE_SUFFIXES


def read_class_folders(folder: Path, *, title: str | None = None, on_note: OnNote = logger.warning) -> pd.DataFrame:
    """Read splits and labels from folder names.

    Args:
        folder: Holds `<split>/<label>/…` or `<label>/…`, below any number of enclosing folders.
        title: What to call it in messages; the folder's name by default.
        on_note: Called with a sentence about what was left out.

    Returns:
        One row a picture, sorted by path: path (relative, with `/`), split, label (as the folder is named).

    Raises:
        DatasetError: If there are no class folders, or fewer than two classes.
    """
    title = title or folder.name
    paths = _nameable(sorted(_pictures_below(folder)), on_note)
    kept = _in_class_folders(paths, title)
    if len(kept) < len(paths):
        on_note(f"{len(paths) - len(kept):,} pictures of '{title}' are left out: they are in no class folder.")
    top = _common_depth({path.parent.parts for path in kept})
    rows = [(path.as_posix(), *_split_and_label(path.parent.parts, top, title)) for path in kept]
    table = _turned(pd.DataFrame(rows, columns=["path", "split", "label"]))
    if set(table["label"].map(_split_key)) <= set(SPLIT_NAMES):
        raise DatasetError(f"'{title}' has pictures right in the folders of its splits. {EXPECTED}")
    table["split"] = table["split"].map(_split_name)
    return _divided(table)


def _in_class_folders(paths: list[PurePosixPath], name: str) -> list[PurePosixPath]:
    """The pictures on the deepest level that has at least two folders of different names."""
    levels = sorted({len(path.parent.parts) for path in paths}, reverse=True)
    for level in levels:
        kept = [path for path in paths if len(path.parent.parts) == level]
        if level and len({path.parent.name for path in kept}) > 1:
            return kept
    if not levels or not levels[0]:
        found = f"{len(paths)} pictures but no folders" if paths else "no pictures"
        raise DatasetError(f"'{name}' contains {found}. {EXPECTED}")
    only = next(path.parent.name for path in paths if path.parent.name)
    raise DatasetError(f"'{name}' has only the class {only!r}. {EXPECTED}")


def _common_depth(parents: set[tuple[str, ...]]) -> int:
    """How many enclosing folders all pictures share."""
    levels = zip(*parents, strict=False)
    return next((depth for depth, names in enumerate(levels) if len(set(names)) > 1), min(map(len, parents)))


def _pictures_below(folder: Path) -> Iterator[PurePosixPath]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__MACOSX"]
        relative = PurePosixPath(Path(parent).relative_to(folder).as_posix())
        yield from (relative / name for name in names if is_picture_name(PurePosixPath(name)))


def _nameable(paths: list[PurePosixPath], on_note: OnNote) -> list[PurePosixPath]:
    """Leave out names that are no Unicode (Python reads their bytes as lone surrogates): no table can hold them."""
    kept = [path for path in paths if not any("\ud800" <= sign <= "\udfff" for sign in path.as_posix())]
    if len(kept) < len(paths):
        on_note(f"{len(paths) - len(kept):,} pictures are left out: their names are not valid text. Rename them.")
    return kept


def _split_and_label(parts: tuple[str, ...], top: int, name: str) -> tuple[str, str]:
    """The folders of split and label from a picture's folders, of which the first `top` are common to all pictures."""
    below = parts[top:]
    if len(below) > 2:
        raise DatasetError(f"'{name}' nests its pictures too deeply: {'/'.join(parts)!r}. {EXPECTED}")
    if len(below) == 2:
        return below[0], tidy_label(below[1])
    enclosing = parts[top - 1] if top else ""  # common to all: a split only if its name says so
    return enclosing if _split_key(enclosing) in SPLIT_NAMES else "", tidy_label(below[0])


def _turned(table: pd.DataFrame) -> pd.DataFrame:
    """Exchange split and label where the folders stand the other way round: `<label>/train/<picture>`."""
    is_split = {
        column: set(table[column].map(_split_key)) <= set(SPLIT_NAMES) and (table[column] != "").all()
        for column in ("split", "label")
    }
    if is_split["label"] and not is_split["split"] and (table["split"] != "").all():
        return table.assign(split=table["label"], label=table["split"].map(tidy_label))
    return table


def _divided(table: pd.DataFrame) -> pd.DataFrame:
    """Divide a split in which both tests of FER2013 occur, by the prefixes of its files."""
    names = table["path"].str.rsplit("/", n=1).str[-1]
    has_prefix = {prefix: names.str.startswith(prefix) for prefix in _PREFIXES}
    split = table["split"].copy()
    for _, rows in table.groupby("split"):
        if all(has_prefix[prefix][rows.index].any() for prefix in TEST_PREFIXES):
            for prefix, part in _PREFIXES.items():
                split[rows.index[has_prefix[prefix][rows.index]]] = part
    return table.assign(split=split)


def _split_key(folder_name: str) -> str:
    return tidy_label(folder_name).casefold().replace(" ", "_").replace("-", "_")


def _split_name(folder_name: str) -> str:
    key = _split_key(folder_name)
    return SPLIT_NAMES.get(key, key or "train")
