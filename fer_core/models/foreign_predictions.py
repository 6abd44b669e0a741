"""Somebody else's predictions: a CSV or Parquet file comes in, and is scored like a model of our own.

Pictures are found by `image_id`, or by `path` or `image`: as much of the end of the path as tells them apart. The
columns `p_<class>` hold probabilities; without them `predicted` or `label` holds a class. What other programs commonly
call these columns is understood.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset import DatasetIndex
from fer_core.errors import ModelError
from fer_core.labels import canonical_label, tidy_label
from fer_core.models.scoring import ScoredPictures, labelled_pictures

_PROBABILITY = "p_"
_PATH_COLUMNS = ("path", "image")
_CLASS_COLUMNS = ("predicted", "label")
_AMBIGUOUS = -2
# What the same columns are called elsewhere.
_ALIASES = {
    "path": ("file", "filename", "file_name", "filepath", "file_path", "image_path", "img_path"),
    "predicted": ("prediction", "pred", "y_pred", "predicted_label", "predicted_class"),
}
_PREFIXES = ("prob_", "probability_")
# Rounded to two digits, seven probabilities are off by up to 0.035.
_SUM_TOLERANCE = 0.05


def read_predictions(
    path: Path, index: DatasetIndex, split: str, *, label_map: Mapping[str, str] | None = None
) -> tuple[ScoredPictures, int]:
    """Match a file of predictions with the pictures of a split.

    Args:
        path: CSV, or Parquet by its suffix.
        index: The dataset, with corrections applied.
        split: A split that `index.select` knows.
        label_map: Label of the dataset -> class of the file; "" leaves its pictures out.

    Returns:
        The pictures that have a prediction, and how many of the split have none.

    Raises:
        ModelError: If the file cannot be read, lacks a column, or does not fit the pictures.
        DatasetError: If there is no such split.
    """
    table = _read_table(path)
    labels = {(label_map or {}).get(label, label) for label in index.class_names} - {""}
    class_names, y_prob, has_probabilities = _answers(table, path, labels)
    found = _image_ids(table, index, path)
    rows = labelled_pictures(index, split, class_names, label_map)
    place_of = pd.Series(np.arange(len(table)), index=found)
    place_of = place_of[place_of.index >= 0]
    if place_of.index.has_duplicates:
        twice = index.table["path"].iloc[place_of.index[place_of.index.duplicated()][0]]
        raise ModelError(f"{str(path)!r} has two predictions for '{twice}'. Keep one row for each picture.")
    has_one = rows["image_id"].isin(place_of.index)
    if not has_one.any():
        raise ModelError(
            f"None of the {len(rows):,} pictures in {split!r} has a row in {str(path)!r}; its first is "
            f"{_name(table, 0)!r}, the split's first is {rows['path'].iloc[0]!r}. Write the paths of the dataset."
        )
    rows = rows[has_one]
    scored = ScoredPictures(rows, y_prob[place_of.loc[rows["image_id"]].to_numpy()], class_names, has_probabilities)
    return scored, int((~has_one).sum())


def predicted_classes(path: Path) -> tuple[str, ...] | None:
    """Return the classes that a file has probabilities of, None where it names one class for each picture.

    Raises:
        ModelError: If the file cannot be read, or holds neither.
    """
    class_names, _, has_probabilities = _answers(_read_table(path), path, set())
    return class_names if has_probabilities else None


def _read_table(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise ModelError(f"{str(path)!r} cannot be read as predictions ({error}). Expected a CSV file.") from error
    if table.empty:
        raise ModelError(f"{str(path)!r} holds no predictions. Expected one row for each picture.")
    return table.set_axis(_column_names([str(column) for column in table.columns]), axis="columns")


def _column_names(columns: Sequence[str]) -> list[str]:
    """Return what the columns of a file are called here; of two that may mean the same, neither is guessed."""
    names = [_plain(column) for column in columns]
    for meant, aliases in _ALIASES.items():
        found = [name for name in names if name in aliases]
        is_there = meant in names or (meant in _PATH_COLUMNS and any(name in names for name in _PATH_COLUMNS))
        if len(found) == 1 and not is_there:
            names[names.index(found[0])] = meant
    return names


def _plain(column: str) -> str:
    """Return a column's name in small letters; a class keeps its own."""
    name = column.strip().casefold().replace(" ", "_")
    prefix = next((prefix for prefix in (_PROBABILITY, *_PREFIXES) if name.startswith(prefix)), None)
    return name if prefix is None else _PROBABILITY + column.strip()[len(prefix) :]


def _answers(
    table: pd.DataFrame, path: Path, labels: set[str]
) -> tuple[tuple[str, ...], npt.NDArray[np.float32], bool]:
    """Return class names, (n, classes) probabilities, and whether the file had any; else labels are classes too."""
    columns = [str(column) for column in table.columns if str(column).startswith(_PROBABILITY)]
    if len(columns) >= 2:
        class_names = _canonical(column.removeprefix(_PROBABILITY) for column in columns)
        return class_names, _probabilities(table[columns], path), True
    column = next((name for name in _CLASS_COLUMNS if name in table), None)
    if column is None:
        raise ModelError(
            f"{str(path)!r} has the columns {', '.join(map(str, table.columns))}. Expected p_<class> for each class, "
            "such as p_happy, or predicted."
        )
    if table[column].isna().any():
        row = int(np.flatnonzero(table[column].isna())[0])
        raise ModelError(f"Row {row + 1} of {str(path)!r} names no class in {column!r}. Fill it in, or leave it out.")
    given = table[column].astype(str)
    names = {name: _canonical([name])[0] for name in given.unique()}
    class_names = tuple(sorted(labels | set(names.values())))
    positions = pd.Index(class_names).get_indexer(pd.Index(given.map(names)))
    return class_names, np.eye(len(class_names), dtype=np.float32)[positions], False


def _canonical(names: Iterable[str]) -> tuple[str, ...]:
    """Return class names as datasets have them: known spellings of an expression as the expression."""
    canonical = tuple(canonical_label(name) or tidy_label(name) for name in names)
    if len(set(canonical)) < len(canonical):
        raise ModelError(f"Two columns of probabilities mean one class: {', '.join(canonical)}. Keep one for each.")
    return canonical


def _probabilities(columns: pd.DataFrame, path: Path) -> npt.NDArray[np.float32]:
    try:
        values = columns.to_numpy(np.float64)
    except ValueError as error:
        raise ModelError(f"A probability in {str(path)!r} is no number ({error}). Expected 0 to 1.") from error
    sums = values.sum(axis=1)
    bad = ~np.isfinite(values).all(axis=1) | (values < 0).any(axis=1) | (np.abs(sums - 1) > _SUM_TOLERANCE)
    if bad.any():
        row = int(np.flatnonzero(bad)[0])
        raise ModelError(
            f"The probabilities in row {row + 1} of {str(path)!r} are {', '.join(f'{v:g}' for v in values[row])}; "
            "expected numbers from 0 to 1 that sum to 1."
        )
    return np.asarray(values / sums[:, None], np.float32)


def _image_ids(table: pd.DataFrame, index: DatasetIndex, path: Path) -> npt.NDArray[np.int64]:
    """Return (n,) the row of the index that each row of the file is about; below 0 where there is none."""
    if "image_id" in table:
        numbers = pd.to_numeric(table["image_id"], errors="coerce").fillna(-1).to_numpy(np.int64)
        return np.where(numbers < len(index.table), numbers, -1)
    column = next((name for name in _PATH_COLUMNS if name in table), None)
    if column is None:
        raise ModelError(
            f"{str(path)!r} has the columns {', '.join(map(str, table.columns))}. Expected image_id, path or image."
        )
    known = _ends_of_paths(index.table["path"].astype(str).tolist())
    found = np.array([_find(known, _parts(str(name))) for name in table[column]], np.int64)
    if (found == _AMBIGUOUS).any():
        name = table[column].iloc[int(np.flatnonzero(found == _AMBIGUOUS)[0])]
        raise ModelError(f"{name!r} in {str(path)!r} may be one of several pictures. Write the paths of the dataset.")
    return found


def _ends_of_paths(paths: Sequence[str]) -> dict[tuple[str, ...], int]:
    """Map every end of every path, by whole names, to its row; to `_AMBIGUOUS` where several paths end so."""
    rows: dict[tuple[str, ...], int] = {}
    for row, path in enumerate(paths):
        parts = _parts(path)
        for start in range(len(parts)):
            end = parts[start:]
            rows[end] = row if end not in rows else _AMBIGUOUS
    return rows | {_parts(path): row for row, path in enumerate(paths)}  # a whole path means itself


def _find(rows: Mapping[tuple[str, ...], int], parts: tuple[str, ...]) -> int:
    """Return the row of the longest end of a path that is known, -1 where none is."""
    return next((rows[parts[start:]] for start in range(len(parts)) if parts[start:] in rows), -1)


def _parts(path: str) -> tuple[str, ...]:
    return tuple(part for part in path.replace("\\", "/").split("/") if part not in ("", "."))


def _name(table: pd.DataFrame, row: int) -> object:
    return next(table[name].iloc[row] for name in ("image_id", *_PATH_COLUMNS) if name in table)
