"""Reads class folders: which picture belongs to which split and which label.

A folder comes in, a table of relative paths with split and label, as the folders name it, goes out. Two layouts are
understood, `<split>/<label>/<picture>` and `<label>/<picture>`, below any number of enclosing folders; folders inside
one that bears the name of an expression, of persons or sessions, are looked into.
"""

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pandas as pd

from fer_core.errors import DatasetError
from fer_core.labels import canonical_label, tidy_label

logger = logging.getLogger(__name__)

OnNote = Callable[[str], None]
# The parts of a folder's path, relative to the dataset's -> the names of the pictures right in it. Paths are made of
# them at the end only: a path object a picture would take longer than decoding the picture.
NamesIn = dict[tuple[str, ...], list[str]]
_SURROGATES = re.compile("[\ud800-\udfff]")

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
    return not hidden and _is_picture(path.name)


def _is_picture(name: str) -> bool:
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in PICTURE_SUFFIXES


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
    names_in = _gathered(_nameable(pictures_below(folder), on_note))
    kept = _in_class_folders(names_in, title)
    num_left_out = _num_pictures(names_in) - _num_pictures(kept)
    if num_left_out:
        on_note(f"{num_left_out:,} pictures of '{title}' are left out: they are in no class folder.")
    top = _common_depth(set(kept))
    rows: list[tuple[str, str, str]] = []
    for parts in sorted(kept):
        place, (split, label) = "/".join(parts), _split_and_label(parts, top, title)
        rows += [(f"{place}/{name}", split, label) for name in sorted(kept[parts])]
    table = _turned(pd.DataFrame(rows, columns=["path", "split", "label"]))
    if _are_splits(table["label"]):
        raise DatasetError(f"'{title}' has pictures right in the folders of its splits. {EXPECTED}")
    table["split"] = table["split"].map({name: _split_name(name) for name in table["split"].unique()})
    return _divided(table)


def _in_class_folders(names_in: NamesIn, title: str) -> NamesIn:
    """The folders on the deepest level that has at least two of different names."""
    levels = sorted({len(parts) for parts in names_in}, reverse=True)
    for level in levels:
        kept = {parts: names for parts, names in names_in.items() if len(parts) == level}
        if level and len({parts[-1] for parts in kept}) > 1:
            return kept
    if not levels or not levels[0]:
        found = f"{_num_pictures(names_in)} pictures but no folders" if names_in else "no pictures"
        raise DatasetError(f"'{title}' contains {found}. {EXPECTED}")
    only = next(parts[-1] for parts in sorted(names_in) if parts)
    raise DatasetError(f"'{title}' has only the class {only!r}. {EXPECTED}")


def _gathered(names_in: NamesIn) -> NamesIn:
    """Count the pictures in folders inside an expression's folder to that one; their names then begin with the way."""
    depth_of = {parts: _depth_of_expression(parts) for parts in names_in}
    if len({parts[depth - 1] for parts, depth in depth_of.items() if depth < len(parts)}) < 2:
        return names_in
    gathered: NamesIn = {}
    for parts, names in names_in.items():
        depth = depth_of[parts]
        inside = "".join(f"{part}/" for part in parts[depth:])
        gathered.setdefault(parts[:depth], []).extend(inside + name for name in names)
    return gathered


def _depth_of_expression(parts: tuple[str, ...]) -> int:
    """Up to which folder a picture's way leads to the last one named like an expression; all of it without such."""
    for depth in range(len(parts), 0, -1):
        if _split_key(parts[depth - 1]) in SPLIT_NAMES:
            break
        if canonical_label(parts[depth - 1]) is not None:
            return depth
    return len(parts)


def _num_pictures(names_in: NamesIn) -> int:
    return sum(map(len, names_in.values()))


def _common_depth(parents: set[tuple[str, ...]]) -> int:
    """How many enclosing folders all pictures share."""
    levels = zip(*parents, strict=False)
    return next((depth for depth, names in enumerate(levels) if len(set(names)) > 1), min(map(len, parents)))


def pictures_below(folder: Path) -> NamesIn:
    """List the pictures below a folder by the folder they lie in, hidden ones left out, in no order."""
    found: NamesIn = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name != "__MACOSX"]
        pictures = [name for name in names if _is_picture(name)]
        if pictures:
            found[Path(parent).relative_to(folder).parts] = pictures
    return found


def _nameable(names_in: NamesIn, on_note: OnNote) -> NamesIn:
    """Leave out names that are no Unicode (Python reads their bytes as lone surrogates): no table can hold them."""
    kept = {
        parts: [name for name in names if not _SURROGATES.search(name)]
        for parts, names in names_in.items()
        if not _SURROGATES.search("/".join(parts))
    }
    num_left_out = _num_pictures(names_in) - _num_pictures(kept)
    if num_left_out:
        on_note(f"{num_left_out:,} pictures are left out: their names are not valid text. Rename them.")
    return {parts: names for parts, names in kept.items() if names}


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
    is_split = {column: _are_splits(table[column]) and (table[column] != "").all() for column in ("split", "label")}
    if is_split["label"] and not is_split["split"] and (table["split"] != "").all():
        return table.assign(split=table["label"], label=table["split"].map(tidy_label))
    return table


def _are_splits(names: "pd.Series[str]") -> bool:
    return {_split_key(name) for name in names.unique()} <= set(SPLIT_NAMES)


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
