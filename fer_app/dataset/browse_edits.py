"""Changes that come from the grid or the detail view: done once each, and answered.

The browser sends every change until it is answered; ids tell which are done already. Answers stay in the session, so
that a run that was interrupted after a change was written loses neither the change nor its answer.
"""

import uuid
from collections.abc import Mapping
from typing import Any

import streamlit as st

from fer_app.dataset.face_grid import browser_tab
from fer_core.dataset import Dataset, DatasetIndex
from fer_core.dataset.corrections.edits import Edit, exclude, include, redo, relabel, restore, undo
from fer_core.errors import FerError

_AGREED = "browse-test-split-agreed"
_AUTHOR = "corrections-author"
_ANSWERS = "browse-answers"
_MAX_ANSWERS = 100


def guarded_splits(index: DatasetIndex) -> list[str]:
    """Return the test splits, as long as the person has not agreed to change them in this session."""
    if st.session_state.get(_AGREED):
        return []
    return [split for split in index.splits if "test" in split.casefold()]


def agree_to_change_test() -> None:
    """Remember for this session that the test split may be changed."""
    st.session_state[_AGREED] = True


def answers() -> dict[str, dict[str, str]]:
    """Return the answers to the latest changes, oldest first; the same object all through a session."""
    kept: dict[str, dict[str, str]] = st.session_state.setdefault(_ANSWERS, {})
    return kept


def author() -> str:
    """Return the token under which this browser tab makes its changes; undo takes back changes of this token."""
    token: str = st.session_state.setdefault(_AUTHOR, uuid.uuid4().hex)
    return token


def take_author(token: str) -> None:
    """Go on under the token that this browser tab had before it was reloaded."""
    st.session_state[_AUTHOR] = token


def keep_author() -> None:
    """Go on under the browser tab's token after a reload, on a view without a grid too."""
    browser_tab(author(), key="browser-tab", on_author=take_author)


def do_edits(dataset: Dataset, message: Mapping[str, Any]) -> None:
    """Do the changes that the grid sent and that are not done yet.

    Args:
        dataset: The dataset to change.
        message: {"author", "edits": [{"id", "action", "image_ids", "label"}]}.
    """
    token = str(message["author"])
    take_author(token)
    done = answers()  # Streamlit may end a run at any look into the session state: there is none from here on
    for edit in message["edits"]:
        if edit["id"] not in done:
            done[edit["id"]] = do_edit(dataset, edit, token)
    for old in list(done)[:-_MAX_ANSWERS]:
        del done[old]


def do_edit(dataset: Dataset, edit: Mapping[str, Any], token: str) -> dict[str, str]:
    """Do one change; return {"error": why it failed or "", "text": what was done}."""
    try:
        return {"error": "", "text": _done(dataset, edit, token)}
    except FerError as error:
        return {"error": str(error), "text": ""}


def _done(dataset: Dataset, edit: Mapping[str, Any], token: str) -> str:
    action, image_ids = edit["action"], [int(image_id) for image_id in edit["image_ids"]]
    if action == "relabel":
        return f"{_count(relabel(dataset, image_ids, edit['label'], author=token))} labelled {edit['label']}"
    if action == "exclude":
        return f"{_count(exclude(dataset, image_ids, author=token))} excluded"
    if action == "include":
        return f"{_count(include(dataset, image_ids, author=token))} taken back in"
    if action == "restore":
        return f"{_count(restore(dataset, image_ids, author=token))} as indexed again"
    if action not in ("undo", "redo"):
        raise ValueError(f"expected a known action, received {action!r}")
    reversed_ = undo(dataset, token) if action == "undo" else redo(dataset, token)
    if reversed_ is None:
        return f"Nothing of yours to {action}"
    kept = f"; {reversed_.num_skipped:,} left, changed by somebody else since" if reversed_.num_skipped else ""
    return f"{'Undone' if action == 'undo' else 'Redone'}: {_count(reversed_)}{kept}"


def _count(edit: Edit) -> str:
    return _pictures(len(edit.image_ids))


def _pictures(number: int) -> str:
    return "1 picture" if number == 1 else f"{number:,} pictures"
