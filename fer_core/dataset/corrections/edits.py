"""Corrections of a dataset: relabel, exclude and restore pictures, undo and redo, without touching index or files.

Edits come in by image_id, rows of `corrections.csv` go out; `apply_corrections` lays them over the index. The last row
of a picture decides: `exclude` leaves it out, `relabel` and `restore` have it in with the row's new label.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from fer_core.dataset.corrections.file import (
    CORRECTIONS_NAME,
    Change,
    CorrectionFile,
    locked_corrections,
    read_corrections_file,
)
from fer_core.dataset.corrections.history import History, State, last_states, replay
from fer_core.dataset.index import DatasetIndex
from fer_core.errors import DatasetError
from fer_core.labels import CONTEMPT, EXPRESSIONS

if TYPE_CHECKING:
    from fer_core.dataset.catalog import Dataset


@dataclass(frozen=True)
class Edit:
    """What an edit, an undo or a redo has changed.

    Args:
        edit_id: Its id in the file; "" where there was nothing to change.
        image_ids: The pictures that changed.
        num_skipped: Pictures left alone: they are so already or, in an undo or redo, somebody has changed them since.
    """

    edit_id: str
    image_ids: tuple[int, ...]
    num_skipped: int = 0


def read_corrections(dataset: "Dataset") -> pd.DataFrame:
    """Return all corrections of a dataset, oldest first: columns as in `COLUMNS`, all text.

    Raises:
        DatasetError: If the file is damaged.
    """
    return read_corrections_file(dataset.folder / CORRECTIONS_NAME)


def relabel(dataset: "Dataset", image_ids: Iterable[int], label: str, *, reason: str = "", author: str = "") -> Edit:
    """Give pictures another label; one that was excluded comes back with it.

    Args:
        dataset: The dataset.
        image_ids: The pictures.
        label: A class of the dataset or a known expression.
        reason: Why, in one line.
        author: Token of who does it; undo works by author.

    Raises:
        DatasetError: If the label or a picture is unknown, or the change cannot be written: then nothing was changed.
    """
    check_labels(dataset.index, [label])
    return _edit(dataset, image_ids, "relabel", lambda now, indexed: State(label), reason=reason, author=author)


def exclude(dataset: "Dataset", image_ids: Iterable[int], *, reason: str = "", author: str = "") -> Edit:
    """Leave pictures out of training, evaluation and counts; see `relabel` for arguments and errors."""
    return _edit(
        dataset, image_ids, "exclude", lambda now, indexed: State(now.label, True), reason=reason, author=author
    )


def restore(dataset: "Dataset", image_ids: Iterable[int], *, reason: str = "", author: str = "") -> Edit:
    """Bring pictures back as they were indexed, label and all; see `relabel` for arguments and errors."""
    return _edit(dataset, image_ids, "restore", lambda now, indexed: indexed, reason=reason, author=author)


def include(dataset: "Dataset", image_ids: Iterable[int], *, reason: str = "", author: str = "") -> Edit:
    """Bring excluded pictures back under the labels that they had; see `relabel` for arguments and errors."""
    return _edit(dataset, image_ids, "restore", lambda now, indexed: State(now.label), reason=reason, author=author)


def undo(dataset: "Dataset", author: str = "") -> Edit | None:
    """Undo the author's latest edit that still holds, except where somebody else has changed a picture since.

    Returns:
        What was undone, None if there is nothing to undo.

    Raises:
        DatasetError: If the change cannot be written: then nothing was changed.
    """
    return _reverse(dataset, author, "undo")


def redo(dataset: "Dataset", author: str = "") -> Edit | None:
    """Redo what the author undid last; a new edit of the author ends what can be redone. See `undo`."""
    return _reverse(dataset, author, "redo")


def apply_corrections(index: DatasetIndex, corrections: pd.DataFrame) -> DatasetIndex:
    """Lay corrections over an index.

    Args:
        index: As indexed.
        corrections: What `read_corrections` returns; paths that the index does not have do nothing.

    Returns:
        An index with the same rows and pixels, whose table has the corrected `label`, `indexed_label` (as it was) and
        `excluded`.
    """
    states = last_states(corrections)
    rows = {path: row for row, path in enumerate(index.table["path"].tolist())}
    known = [(rows[path], state) for path, state in states.items() if path in rows]
    labels = index.table["label"].to_numpy(dtype=object, copy=True)
    excluded = np.zeros(len(labels), np.bool_)
    if "excluded" in index.table:
        excluded |= index.table["excluded"].to_numpy(np.bool_)
    if known:
        changed = [row for row, _ in known]
        labels[changed] = [state.label for _, state in known]
        excluded[changed] |= [state.is_excluded for _, state in known]
    indexed = index.table["indexed_label" if "indexed_label" in index.table else "label"]
    table = index.table.assign(label=pd.Series(labels, index=index.table.index, dtype="str"), indexed_label=indexed)
    return DatasetIndex(table=table.assign(excluded=excluded), images=index.images)


def list_changes(view: DatasetIndex, corrections: pd.DataFrame) -> pd.DataFrame:
    """Return the pictures that are not as they were indexed, the latest changed first.

    Args:
        view: What `apply_corrections` returned for the corrections.
        corrections: What `read_corrections` returned.

    Returns:
        One row a picture: image_id, path, split, indexed_label, label, excluded, reason, time, author.
    """
    last = corrections.drop_duplicates("path", keep="last")[["path", "reason", "time", "author"]]
    last = last.assign(order=range(len(last)))
    rows = view.table[["image_id", "path", "split", "indexed_label", "label", "excluded"]]
    rows = rows[rows["excluded"] | (rows["label"] != rows["indexed_label"])].merge(last, on="path")
    return rows.sort_values("order", ascending=False, ignore_index=True).drop(columns="order")


def check_labels(index: DatasetIndex, labels: Iterable[str]) -> None:
    """Refuse labels that are neither a class of the dataset nor a known expression.

    Raises:
        DatasetError: If there are any; it lists them.
    """
    allowed = [*dict.fromkeys([*index.table["label"].unique(), *EXPRESSIONS, CONTEMPT])]
    unknown = sorted(set(labels) - set(allowed))
    if unknown:
        raise DatasetError(
            f"{', '.join(map(repr, unknown))} is no class of this dataset and no known expression; nothing was "
            f"changed. Choose one of {', '.join(allowed)}."
        )


def write_changes(
    file: CorrectionFile,
    dataset: "Dataset",
    changes: Sequence[Change],
    author: str,
    *,
    kind: str = "edit",
    of: str = "",
) -> tuple[str, tuple[int, ...]]:
    """Append changes as one batch; return the edit's id and the pictures' ids."""
    if not changes:
        return "", ()
    edit_id = file.append(changes, author=author, kind=kind, of=of)
    rows = pd.Index(dataset.index.table["path"]).get_indexer([change.path for change in changes])
    return edit_id, tuple(int(row) for row in rows if row >= 0)


def _edit(
    dataset: "Dataset",
    image_ids: Iterable[int],
    action: str,
    decide: Callable[[State, State], State],
    *,
    reason: str,
    author: str,
) -> Edit:
    paths, labels = _paths_and_labels(dataset.index, image_ids)
    with locked_corrections(dataset.folder) as file:
        states = last_states(file.rows)
        changes = []
        for path, label in zip(paths, labels, strict=True):
            indexed = State(label)
            before = states.get(path, indexed)
            after = decide(before, indexed)
            if after != before:
                changes.append(Change(path, action, before.label, after.label, reason))
        edit_id, changed = write_changes(file, dataset, changes, author)
    return Edit(edit_id, changed, len(paths) - len(changes))


def _paths_and_labels(index: DatasetIndex, image_ids: Iterable[int]) -> tuple[list[str], list[str]]:
    wanted = list(dict.fromkeys(int(image_id) for image_id in image_ids))
    unknown = [image_id for image_id in wanted if not 0 <= image_id < len(index.table)]
    if unknown:
        raise DatasetError(
            f"There is no picture number {unknown[0]}; this dataset has {len(index.table):,}. Nothing was changed."
        )
    rows = index.table.iloc[wanted]
    return rows["path"].tolist(), rows["label"].tolist()


def _reverse(dataset: "Dataset", author: str, kind: str) -> Edit | None:
    with locked_corrections(dataset.folder) as file:
        history = replay(file.rows)
        tokens = history.done[author] if kind == "undo" else history.undone[author]
        reversible = history.can_undo if kind == "undo" else history.can_redo
        token = next((token for token in reversed(tokens) if reversible(token)), None)
        if token is None:
            return None
        changes = _reversals(dataset.index, history, token, reversible(token), kind)
        edit_id, changed = write_changes(file, dataset, changes, author, kind=kind, of=token)
        return Edit(edit_id, changed, len(history.paths[token]) - len(changed))


def _reversals(index: DatasetIndex, history: History, token: str, paths: list[str], kind: str) -> list[Change]:
    rows = index.table[index.table["path"].isin(paths)]
    changes = []
    for path, label in zip(rows["path"], rows["label"], strict=True):
        indexed = State(label)
        before, after = history.state(path, indexed), history.state_reversed(token, path, indexed)
        brought_back = before.is_excluded or after == indexed
        action = "exclude" if after.is_excluded else "restore" if brought_back else "relabel"
        changes.append(Change(path, action, before.label, after.label, kind))
    return changes
