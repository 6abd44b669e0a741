"""Corrections that travel: a patch made elsewhere is looked at, merged or compared.

The bytes of a CSV come in, written by this program or by a spreadsheet; what it would change here, what it
contradicts and what it does not fit come out before anything is written. Merging is one edit, undone like any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from fer_core.dataset.corrections.edits import Edit, check_labels, write_changes
from fer_core.dataset.corrections.file import ACTIONS, COLUMNS, Change, locked_corrections, parse_table
from fer_core.dataset.corrections.history import State, last_states
from fer_core.errors import DatasetError

if TYPE_CHECKING:
    from fer_core.dataset.catalog import Dataset

MAX_PATCH_BYTES = 64 * 2**20  # 300,000 corrections of long paths
_REQUIRED = ("path", "action", "old_label", "new_label")
_SEPARATORS = (",", ";", "\t")  # a spreadsheet saves with its country's


@dataclass(frozen=True)
class PatchPreview:
    """What a patch would do to a dataset.

    Args:
        changes: What it changes without contradiction: path, action, old_label, new_label, reason.
        conflicts: The same of pictures that are otherwise here than where the patch was begun; old_label is what
            holds here, expected_label what the patch begins with.
        num_unchanged: Pictures that are so already.
        unknown_paths: Paths that the dataset does not have.
    """

    changes: pd.DataFrame
    conflicts: pd.DataFrame
    num_unchanged: int
    unknown_paths: tuple[str, ...]


def read_patch(file: Path | bytes, name: str = "") -> pd.DataFrame:
    """Read a patch.

    Args:
        file: A CSV file or its content.
        name: What to call it in messages; the file's name by default.

    Returns:
        Its rows, with the columns of `COLUMNS`, all text; those that only tell of the edit may be empty.

    Raises:
        DatasetError: If it is too large, no UTF-8, or no patch.
    """
    name = name or (file.name if isinstance(file, Path) else "The patch")
    content = _content(file, name)
    first_line = content[: content.find(b"\n") + 1 or len(content)].decode("utf-8", errors="replace")
    separator = max(_SEPARATORS, key=first_line.count)
    try:
        table = parse_table(content, separator=separator)
    except UnicodeDecodeError as error:
        raise _no_patch(name, "it is not UTF-8") from error
    except ValueError as error:  # also what pandas raises
        raise _no_patch(name, str(error).strip()) from error
    missing = [column for column in _REQUIRED if column not in table]
    if missing:
        raise _no_patch(name, f"it has no column {', '.join(missing)}")
    unknown = sorted(set(table["action"]) - set(ACTIONS))
    if unknown:
        raise _no_patch(name, f"its actions include {', '.join(map(repr, unknown[:5]))}")
    if not (table.loc[table["action"] == "relabel", "new_label"] != "").all():
        raise _no_patch(name, "a relabel has no new label")
    return table.reindex(columns=list(COLUMNS), fill_value="")


def preview_patch(dataset: "Dataset", patch: pd.DataFrame, corrections: pd.DataFrame) -> PatchPreview:
    """Tell what a patch would change.

    Args:
        dataset: The dataset.
        patch: What `read_patch` returns; the last row of a picture decides.
        corrections: What the dataset has already.

    Raises:
        DatasetError: If the patch has a label that is neither a class of the dataset nor a known expression.
    """
    table = dataset.index.table
    indexed = dict(zip(table["path"].tolist(), table["label"].tolist(), strict=True))
    here, there = last_states(corrections), last_states(patch)
    begun = patch.drop_duplicates("path", keep="first").set_index("path")["old_label"].to_dict()
    reasons = patch.drop_duplicates("path", keep="last").set_index("path")["reason"].to_dict()
    actions = patch.drop_duplicates("path", keep="last").set_index("path")["action"].to_dict()
    changes, conflicts, num_unchanged = [], [], 0
    for path in (path for path in there if path in indexed):
        now = here.get(path, State(indexed[path]))
        after = _after(there[path], actions[path], now, indexed[path])
        row = (path, actions[path], now.label, after.label, reasons[path])
        if after == now:
            num_unchanged += 1
        elif now.is_excluded or begun[path] not in ("", now.label):
            conflicts.append((*row, begun[path]))
        else:
            changes.append(row)
    columns = ["path", "action", "old_label", "new_label", "reason"]
    preview = PatchPreview(
        pd.DataFrame(changes, columns=columns, dtype="str"),
        pd.DataFrame(conflicts, columns=[*columns, "expected_label"], dtype="str"),
        num_unchanged,
        tuple(path for path in there if path not in indexed),
    )
    check_labels(dataset.index, [*preview.changes["new_label"], *preview.conflicts["new_label"]])
    return preview


def import_corrections(
    dataset: "Dataset", file: Path | bytes, *, author: str = "", take_conflicts: bool = False
) -> tuple[Edit, PatchPreview]:
    """Merge a patch as one edit.

    Args:
        dataset: The dataset.
        file: A CSV file or its content.
        author: Token of who does it.
        take_conflicts: Let the patch win where it contradicts what holds here; otherwise such pictures stay.

    Returns:
        The edit, and what the patch was found to do at the moment of merging.

    Raises:
        DatasetError: If the file is no patch of this format or cannot be merged: then nothing was changed.
    """
    patch = read_patch(file)
    with locked_corrections(dataset.folder) as opened:
        preview = preview_patch(dataset, patch, opened.rows)
        changes = _changes(preview.changes) + (_changes(preview.conflicts) if take_conflicts else [])
        edit_id, image_ids = write_changes(opened, dataset, changes, author)
    num_left = preview.num_unchanged + (0 if take_conflicts else len(preview.conflicts))
    return Edit(edit_id, image_ids, num_left), preview


def diff_corrections(a: pd.DataFrame, b: pd.DataFrame) -> pd.DataFrame:
    """Compare what two patches add up to.

    Args:
        a: What `read_corrections` or `read_patch` returns.
        b: The other one.

    Returns:
        The pictures that they leave in different states, by path: path, a and b (`sad`, `excluded`, or "" where the
        patch leaves the picture as it was indexed).
    """
    first, second = _outcomes(a), _outcomes(b)
    rows = [(path, first.get(path, ""), second.get(path, "")) for path in sorted({*first, *second})]
    return pd.DataFrame([row for row in rows if row[1] != row[2]], columns=["path", "a", "b"], dtype="str")


def _outcomes(rows: pd.DataFrame) -> dict[str, str]:
    begun = rows.drop_duplicates("path", keep="first").set_index("path")["old_label"].to_dict()
    states = last_states(rows).items()
    outcomes = {path: "excluded" if state.is_excluded else state.label for path, state in states}
    return {path: outcome for path, outcome in outcomes.items() if outcome != begun[path]}


def _after(there: State, action: str, now: State, indexed_label: str) -> State:
    """The state that a patch asks for; excluding keeps the label that holds here."""
    if there.is_excluded:
        return State(now.label, True)
    return State(there.label or indexed_label) if action == "restore" else there


def _changes(rows: pd.DataFrame) -> list[Change]:
    columns = ("path", "action", "old_label", "new_label", "reason")
    values: Sequence[Sequence[str]] = rows[list(columns)].to_numpy(dtype=object).tolist()
    return [Change(*row) for row in values]


def _content(file: Path | bytes, name: str) -> bytes:
    try:
        size = file.stat().st_size if isinstance(file, Path) else len(file)
        if size > MAX_PATCH_BYTES:
            raise DatasetError(
                f"{name} has {size / 2**20:,.0f} MB; a patch has at most {MAX_PATCH_BYTES / 2**20:.0f} MB. "
                "Check that it is the right file."
            )
        content = file.read_bytes() if isinstance(file, Path) else file
    except OSError as error:
        raise DatasetError(f"{name} cannot be read: {error.strerror or error}. Check the path.") from error
    if b"\0" in content:
        raise _no_patch(name, "it holds NUL bytes, so it is no text in UTF-8")
    return content


def _no_patch(name: str, what: str) -> DatasetError:
    return DatasetError(
        f"{name} is no patch of corrections: {what}. Expected a CSV in UTF-8 with the columns {', '.join(_REQUIRED)} "
        f"and the actions {', '.join(ACTIONS)}, as the download of corrections gives it. Nothing was changed."
    )
