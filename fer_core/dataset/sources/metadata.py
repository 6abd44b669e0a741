"""Joins what a person knows about pictures to them: a CSV with a path and columns of groups, such as subject.

The table of pictures and the CSV come in; the same table with one text column a group goes out, "" where the CSV says
nothing. The groups are taken as they are given; nothing about a person is read from a picture.
"""

import logging
from pathlib import Path, PurePosixPath

import pandas as pd

from fer_core.dataset.sources.folders import OnNote
from fer_core.errors import DatasetError
from fer_core.labels import tidy_label

logger = logging.getLogger(__name__)

PATH = "path"
# Columns that the index, its corrected view, the checks and the predictions have themselves.
RESERVED = frozenset(
    {
        *("image_id", "split", "label", "source", "readable", "width", "height", "mode", "format", "file_size"),
        *("modified_ns", "digest", "perceptual_hash", "brightness", "contrast", "sharpness", "excluded"),
        *("indexed_label", "predicted", "confidence", "loss", "image", "face", "check", "score"),
    }
)
MAX_GROUPS = 50


def join_metadata(pictures: pd.DataFrame, file: Path, *, on_note: OnNote = logger.warning) -> pd.DataFrame:
    """Add the columns of a metadata CSV to the pictures.

    Args:
        pictures: Table with a column `path`, relative to the dataset's files.
        file: CSV in UTF-8 with a column `path` (as in the index, the end of it, or the file's name, wherever that is
            unique) and at least one further column.
        on_note: Called with a sentence about rows and pictures without a partner.

    Raises:
        DatasetError: If the file is no such table, a column's name is taken, a picture is named twice with different
            values, or no row fits a picture.
    """
    metadata = read_metadata(file)
    groups = [column for column in metadata.columns if column != PATH]
    rows = _row_of(pictures[PATH], metadata[PATH])
    matched = metadata[rows >= 0].assign(row=rows[rows >= 0]).drop(columns=PATH).drop_duplicates()
    if matched.empty:
        raise DatasetError(
            f"None of the {len(metadata):,} rows of '{file.name}' fits a picture. Its paths look like "
            f"{metadata[PATH].iloc[0]!r}, the dataset's like {pictures[PATH].iloc[0]!r}. Expected the path inside the "
            "dataset, or the file's name where that is unique."
        )
    twice = matched["row"].duplicated()
    if twice.any():
        path = pictures[PATH].iloc[matched.loc[twice, "row"].iloc[0]]
        raise DatasetError(f"'{file.name}' says different things of the picture '{path}'. Keep one row of it.")
    joined = matched.set_index("row").reindex(range(len(pictures))).fillna("")
    _note_partners(file.name, int((rows < 0).sum()), len(metadata), len(pictures) - len(matched), on_note)
    return pictures.assign(**{group: joined[group].to_numpy(dtype=object) for group in groups})


def read_metadata(file: Path) -> pd.DataFrame:
    """Read a metadata CSV as text, so that one which cannot be used is refused before any long work.

    Raises:
        DatasetError: If the file is no table with a column `path` and columns of groups under free names.
    """
    try:
        table = pd.read_csv(file, dtype=str, keep_default_na=False, encoding="utf-8-sig", skipinitialspace=True)
    except OSError as error:
        raise DatasetError(
            f"The metadata '{file}' cannot be read: {error.strerror or error}. Check the path."
        ) from error
    except (ValueError, pd.errors.ParserError, pd.errors.EmptyDataError) as error:
        raise DatasetError(
            f"The metadata '{file.name}' is no CSV table in UTF-8 ({error}). Save it as CSV with a column path."
        ) from error
    table.columns = [tidy_label(str(column)) for column in table.columns]
    table = table.loc[:, [bool(column) for column in table.columns]].fillna("")
    _check_columns(list(table.columns), file.name)
    if table.empty:
        raise DatasetError(f"The metadata '{file.name}' has no rows. Expected one row a picture.")
    return table.map(tidy_label)


def _check_columns(columns: list[str], name: str) -> None:
    if PATH not in columns or len(columns) < 2:
        raise DatasetError(
            f"The metadata '{name}' has the columns {', '.join(columns)}. Expected a column path and at least one of "
            "groups, such as path,subject."
        )
    folded = [column.casefold() for column in columns]
    taken = [column for column in columns if column.casefold() in RESERVED or column.startswith("p_")]
    if taken:
        raise DatasetError(
            f"The metadata '{name}' has the column {taken[0]!r}, a name that the dataset's own table uses. Call it "
            f"something else, such as {taken[0]}_given."
        )
    if len(set(folded)) < len(folded) or len(columns) > MAX_GROUPS + 1:
        raise DatasetError(
            f"The metadata '{name}' has {len(columns)} columns, some of them under one name or more than {MAX_GROUPS} "
            "of groups. Expected a name of its own for each group."
        )


def _row_of(paths: "pd.Series[str]", wanted: "pd.Series[str]") -> "pd.Series[int]":
    """For each wanted path the number of the picture it names, or -1: whole paths first, then unique ends of them."""
    ends: dict[str, int] = {}
    whole: dict[str, int] = {}
    for number, path in enumerate(paths):
        parts = PurePosixPath(tidy_label(path)).parts
        whole["/".join(parts)] = number
        for start in range(1, len(parts)):
            end = "/".join(parts[start:])
            ends[end] = -1 if end in ends else number
    tidy = wanted.map(lambda path: "/".join(PurePosixPath(path.replace("\\", "/")).parts))
    return tidy.map(lambda path: whole.get(path, ends.get(path, -1))).astype("int64")


def _note_partners(name: str, num_unmatched: int, num_rows: int, num_without: int, on_note: OnNote) -> None:
    if num_unmatched:
        on_note(f"{num_unmatched:,} of {num_rows:,} rows of '{name}' fit no picture, or more than one.")
    if num_without:
        on_note(f"'{name}' says nothing about {num_without:,} pictures; their groups are empty.")
