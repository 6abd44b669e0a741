"""The grid as a Streamlit component: what Python hands to the browser, and what comes back.

The pictures (the mosaic) and the facts about them go as two elements. Streamlit sends an element that has not
changed as a reference of a few bytes, so a change of labels does not send the pictures again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from fer_app.dataset.face_grid.mosaic import Tiles

_FOLDER = Path(__file__).parent


def _module(*names: str) -> str:
    """Join scripts to one module, in this order."""
    return "\n".join((_FOLDER / name).read_text(encoding="utf-8") for name in names)


_mount = component(
    "fer_face_grid",
    html='<div class="face-grid"></div>',
    css=(_FOLDER / "grid.css").read_text(encoding="utf-8"),
    js=_module("../../element.js", "tab.js", "outbox.js", "cells.js", "bar.js", "grid.js", "keys.js", "mount.js"),
)
_mount_tab = component("fer_browser_tab", js=_module("tab.js", "tab_mount.js"))


@dataclass(frozen=True)
class GridContent:
    """One page of faces.

    Args:
        page_key: Another key is another page: focus and scroll position start afresh.
        title: What the grid shows, for screen readers.
        cells: id, path, split, label, was (label as indexed), excluded, readable, note of each picture.
        mosaic: `data:` URL of the pictures, tile i is cell i.
        class_names: The labels that can be given, in the order of the digit keys.
        class_colors: One colour a class.
        first: Position of the first cell among all pictures, from 1.
        total: Number of all pictures.
        page: Number of the page, from 1.
        num_pages: Number of pages.
        guarded_splits: Splits whose change is asked about first.
        opened: Id of the picture that is open, if any.
        came_from: Id of the picture that was open last; it gets the focus when it is closed.
        search_box: Label of the text box that `/` goes to.
        owns_keys: Keys work also while nothing on the page has the focus; for the one grid that a page is about.
        author: Token for the changes made in this tab, until the tab knows one of its own from before a reload.
        answers: Id of a change -> {"error", "text"}, oldest first.
    """

    page_key: str
    title: str
    cells: Sequence[Mapping[str, Any]]
    mosaic: str
    class_names: Sequence[str]
    class_colors: Sequence[str]
    first: int
    total: int
    page: int = 1
    num_pages: int = 1
    guarded_splits: Sequence[str] = ()
    opened: int | None = None
    came_from: int | None = None
    search_box: str = ""
    owns_keys: bool = False
    author: str = ""
    answers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def face_grid(content: GridContent, *, key: str, on_event: Callable[[str, Any], None]) -> None:
    """Show a page of faces.

    Args:
        content: The page.
        key: Session state key, the same from run to run.
        on_event: Called before the next run with what happened and its value: `edits` ({"author", "edits": [{"id",
            "action", "image_ids", "label"}]}, every change that is not answered yet), `open` (an image id),
            `page` (its number), `agreed` (True: the guarded splits may be changed), `author` (the tab's token).
    """
    data = {name: getattr(content, name) for name in content.__dataclass_fields__ if name != "mosaic"}
    tiles = Tiles.for_images(len(content.cells))
    data |= {"mosaic_key": content.page_key, "tiles": {"columns": tiles.columns, "rows": tiles.rows}}
    events = ("edits", "open", "page", "agreed", "author")
    callbacks = {f"on_{event}_change": _handler(key, event, on_event) for event in events}
    _mount(key=key, data=data, **callbacks)
    _mount(key=f"{key}-mosaic", data={"mosaic_key": content.page_key, "url": content.mosaic})


def browser_tab(author: str, *, key: str, on_author: Callable[[str], None]) -> None:
    """Keep a token in the browser tab, where a reload finds it again; nothing is seen of it.

    Args:
        author: The token that the app has for the tab.
        key: Session state key.
        on_author: Called before the next run with the tab's own token, where it has another one.
    """
    events = _handler(key, "author", lambda event, token: on_author(str(token)))
    _mount_tab(key=key, data={"author": author}, on_author_change=events)


def _handler(key: str, event: str, on_event: Callable[[str, Any], None]) -> Callable[[], None]:
    def handle() -> None:
        value = st.session_state[key].get(event)
        if value is not None:
            on_event(event, value)

    return handle
