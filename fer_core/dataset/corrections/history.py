"""What a list of corrections adds up to: the state of each picture, and what can be undone and redone.

The rows of the file come in, oldest first. Each picture has a stack of edits in force; undo takes the top one off if
it is the author's, so an edit that somebody else has built upon stays.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from fer_core.dataset.corrections.file import parse_edit_id


class State(NamedTuple):
    """What holds for one picture."""

    label: str
    is_excluded: bool = False


class Applied(NamedTuple):
    """One edit in force on one picture and the state that it left."""

    token: str
    state: State


class Withdrawn(NamedTuple):
    """An edit that was undone on one picture: the state it had made, and the token of what came to light."""

    state: State
    beneath: str


@dataclass
class History:
    """All corrections, replayed.

    Attributes:
        applied: Path -> edits in force, the last decides.
        paths: Token of an edit -> the pictures that it changed.
        done: Author -> tokens of edits that hold, oldest first.
        undone: Author -> tokens of edits that were undone since the last new edit, the latest undone last.
        withdrawn: (token, path) of what was undone and not redone.
    """

    applied: dict[str, list[Applied]] = field(default_factory=lambda: defaultdict(list))
    paths: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    done: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    undone: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    withdrawn: dict[tuple[str, str], Withdrawn] = field(default_factory=dict)

    def top(self, path: str) -> str:
        """Return the token of the edit that decides about a picture, "" where none does."""
        return self.applied[path][-1].token if self.applied.get(path) else ""

    def state(self, path: str, indexed: State) -> State:
        """Return what holds for a picture; `indexed` where no edit is in force."""
        return self.applied[path][-1].state if self.applied.get(path) else indexed

    def state_reversed(self, token: str, path: str, indexed: State) -> State:
        """Return what holds once an edit that can be undone is undone, or one that can be redone is redone."""
        if (token, path) in self.withdrawn:
            return self.withdrawn[token, path].state
        return self.applied[path][-2].state if len(self.applied[path]) > 1 else indexed

    def can_undo(self, token: str) -> list[str]:
        """Return the pictures of an edit that nobody has changed since."""
        return [path for path in self.paths[token] if self.top(path) == token]

    def can_redo(self, token: str) -> list[str]:
        """Return the pictures of an undone edit that are as undoing left them."""
        withdrawn = {path: self.withdrawn.get((token, path)) for path in self.paths[token]}
        return [path for path, what in withdrawn.items() if what is not None and what.beneath == self.top(path)]


def replay(rows: pd.DataFrame) -> History:
    """Go through the corrections from the first to the last."""
    history = History()
    columns = (rows[name].tolist() for name in ("path", "action", "old_label", "new_label", "edit_id", "author"))
    last_id = None
    for path, action, old_label, new_label, edit_id, author in zip(*columns, strict=True):
        if edit_id != last_id:
            last_id, parsed = edit_id, parse_edit_id(edit_id)
            token = parsed.token if parsed.kind == "edit" else parsed.of
            _take_note(history, author, token, parsed.kind)
        if parsed.kind == "undo":
            _withdraw(history, token, path)
            continue
        if parsed.kind == "redo":
            history.withdrawn.pop((token, path), None)
        else:
            history.paths[token].append(path)
        history.applied[path].append(Applied(token, _state_after(action, old_label, new_label)))
    return history


def _withdraw(history: History, token: str, path: str) -> None:
    if history.top(path) == token:
        state = history.applied[path].pop().state
        history.withdrawn[token, path] = Withdrawn(state, history.top(path))


def _take_note(history: History, author: str, token: str, kind: str) -> None:
    done, undone = history.done[author], history.undone[author]
    if kind == "undo":
        if token in done:
            done.remove(token)
        undone.append(token)
        return
    if kind == "redo":
        if token in undone:
            undone.remove(token)
    else:
        undone.clear()
    done.append(token)


def last_states(rows: pd.DataFrame) -> dict[str, State]:
    """Return the state of each picture that was ever corrected: its last row decides."""
    last = rows.drop_duplicates("path", keep="last")
    columns = (last[name].tolist() for name in ("path", "action", "old_label", "new_label"))
    return {path: _state_after(action, old, new) for path, action, old, new in zip(*columns, strict=True)}


def _state_after(action: str, old_label: str, new_label: str) -> State:
    return State(new_label or old_label, action == "exclude")


def list_edits(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row an edit, the latest first: time, author, kind (edit, undo, redo), action, num_images, reason.

    The action is `relabel to sad`, `exclude`, `restore`, or several of them.
    """
    is_relabel = rows["action"] == "relabel"
    said = rows["action"].where(~is_relabel, "relabel to " + rows["new_label"])
    edits = rows.assign(action=said, order=range(len(rows))).groupby("edit_id", sort=False)
    table = edits.agg(
        time=("time", "first"),
        author=("author", "first"),
        action=("action", lambda actions: ", ".join(dict.fromkeys(actions))),
        num_images=("path", "size"),
        reason=("reason", lambda reasons: "; ".join(reason for reason in dict.fromkeys(reasons) if reason)),
    )
    table.insert(2, "kind", [parse_edit_id(edit_id).kind for edit_id in table.index])
    return table.iloc[::-1].reset_index(drop=True)
