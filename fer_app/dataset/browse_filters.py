"""What to browse: boxes for filters, order and page, kept in step with the URL.

The URL says everything; a link, a reload and the browser's back button set the boxes, and a box writes the URL. One
change is one entry of the browser's history.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import pandas as pd
import streamlit as st

from fer_core.dataset import DatasetIndex
from fer_core.dataset.audit import CHECKS
from fer_core.dataset.browse import MEASURES, OWN_CHECKS, PAGE_SIZES, RIGHT, WRONG, BrowseQuery, group_columns

SEARCH_BOX = "Name contains"
MODEL = "model"  # URL parameter of the model whose predictions are used
LAST_OPENED = "browse-last-opened"  # session state key: the picture that was open last
_IN_URL = "browse-in-url"
_MAX_GROUPS = 500
_WIDTH = 165  # pixels of a box; two stand side by side on a phone
_FIELDS = tuple(field.name for field in fields(BrowseQuery))
_SORT_NAMES = {"path": "Name", "shuffle": "Shuffled", "finding": "As the check lists them", "modified_ns": "Changed at"}


@dataclass(frozen=True)
class Choices:
    """What the boxes offer; an empty list leaves a box out.

    Args:
        lists: Values by filter.
        sorts: Names to sort by.
        models: Names of models that have predicted this dataset.
    """

    lists: Mapping[str, Sequence[str]]
    sorts: Sequence[str]
    models: Sequence[str]


def choices(index: DatasetIndex, findings: pd.DataFrame | None, models: Sequence[str], has_model: bool) -> Choices:
    """Return what can be chosen for one dataset."""
    table = index.table
    checks = [] if findings is None else sorted(set(findings["check"]) - set(OWN_CHECKS))
    classes = sorted({*table["label"].unique(), *index.class_names})
    measures = [name for name in MEASURES if name in table]
    lists = {
        "split": list(index.splits),
        "label": classes,
        "check": [*checks, *OWN_CHECKS],
        "prediction": [WRONG, RIGHT, *classes] if has_model else [],
        "source": sorted(table["source"].astype(str).unique()) if table["source"].nunique() > 1 else [],
        "group": _groups(index),
    }
    ordered = [*measures, *(("loss", "confidence") if has_model else ())]
    both_ways = [name for measure in ordered for name in (measure, f"-{measure}")]
    return Choices(lists, ["path", "-path", "shuffle", *(["finding"] if checks else []), *both_ways], models)


def _groups(index: DatasetIndex) -> list[str]:
    pairs = (
        f"{column}:{value}"
        for column in group_columns(index)
        for value in sorted(index.table[column].dropna().astype(str).unique())
    )
    return [pair for pair, _ in zip(pairs, range(_MAX_GROUPS), strict=False)]


def sync_with_url() -> BrowseQuery:
    """Set the boxes where the URL has changed, or where the boxes are new; return what the URL asks for."""
    query = BrowseQuery.from_params(st.query_params.to_dict())
    asked = _stated(query, st.query_params.get(MODEL, ""))
    is_new = any(_key(name) not in st.session_state for name in ("split", "sort", "page_size"))
    if is_new or asked != st.session_state.get(_IN_URL):
        for name in _FIELDS:
            st.session_state[_key(name)] = getattr(query, name)
        st.session_state[_key(MODEL)] = st.query_params.get(MODEL, "")
    return query


def show_filters(offered: Choices) -> BrowseQuery:
    """Show the boxes; return what they ask for, apart from the page."""
    for name, values in offered.lists.items():
        if values or _state(name):
            _box(name, values)
    if offered.models:
        _box(MODEL, offered.models)
    st.text_input(SEARCH_BOX, key=_key("name"), on_change=to_first_page, width=_WIDTH, icon=":material/search:")
    _box("sort", offered.sorts)
    if _state("sort") == "shuffle":
        st.number_input("Seed", 0, 2**31 - 1, key=_key("seed"), on_change=to_first_page, width=120)
    st.selectbox("A page", PAGE_SIZES, key=_key("page_size"), on_change=to_first_page, width=90)
    return replace(BrowseQuery(), **{name: _state(name) for name in _FIELDS if name != "page"})


def _box(name: str, values: Sequence[str]) -> None:
    """Show one box; a value that came by the URL and does not exist stays visible, so that it can be cleared."""
    now = _state(name)
    offered = [*values] if name in ("sort", MODEL) else ["", *values]
    if now not in offered:
        offered.append(now)
    st.selectbox(
        name.capitalize(), offered, key=_key(name), format_func=_shown_as(name), on_change=to_first_page, width=_WIDTH
    )


def _shown_as(name: str) -> Callable[[str], str]:
    def text(value: str) -> str:
        if name == "sort":
            plain = value.removeprefix("-")
            shown = _SORT_NAMES.get(plain, plain.replace("_", " ").capitalize())
            if plain == "path":
                return f"{shown}, {'Z to A' if value.startswith('-') else 'A to Z'}"
            low_first = plain in (*MEASURES, "loss", "confidence")
            return f"{shown}, {'high' if value.startswith('-') else 'low'} first" if low_first else shown
        if not value:
            return "None" if name == MODEL else "All"
        if name == "check":
            return CHECKS[value].title if value in CHECKS else value.replace("_", " ").capitalize()
        return value.replace(":", ": ", 1) if name == "group" else value

    return text


def chosen_model() -> str:
    """Return the name of the model in the box or, before it is drawn, in the URL."""
    chosen: str = _state(MODEL)
    return chosen


def show_page_box(num_pages: int) -> int:
    """Show the box for the page number; return the page."""
    key = _key("page")
    st.session_state[key] = max(1, min(int(st.session_state.get(key, 1)), num_pages))
    page: int = st.number_input(f"Page, of {num_pages:,}", 1, num_pages, key=key, width=150)
    return page


def write_url(query: BrowseQuery) -> None:
    """Make the URL say what is shown, and remember that it was written here."""
    stated = _stated(query, chosen_model())
    others = {name: value for name, value in st.query_params.to_dict().items() if name not in _FIELDS and name != MODEL}
    if {**others, **stated} != st.query_params.to_dict():
        st.query_params.from_dict({**others, **stated})
    st.session_state[_IN_URL] = stated


def go_to(**changes: str | int) -> None:
    """Change parts of the URL; the next run sets the boxes by it."""
    query = BrowseQuery.from_params(st.query_params.to_dict())
    others = {name: value for name, value in st.query_params.to_dict().items() if name not in _FIELDS}
    st.query_params.from_dict({**others, **replace(query, **changes).to_params()})


def open_image(view: DatasetIndex) -> int | None:
    """Return the id of the picture that is open according to the URL, None where there is no such picture."""
    image = BrowseQuery.from_params(st.query_params.to_dict()).image
    return int(image) if image and int(image) < len(view.table) else None


def to_first_page() -> None:
    """Another filter or order starts at its first page, with no picture open."""
    st.session_state[_key("page")] = 1
    st.session_state[_key("image")] = ""


def _stated(query: BrowseQuery, model: str) -> dict[str, str]:
    return query.to_params() | ({MODEL: model} if model else {})


def _state(name: str) -> Any:
    """Return the value of a box; Streamlit forgets that of a box which is not drawn."""
    return st.session_state.get(_key(name), getattr(BrowseQuery, name, ""))


def _key(name: str) -> str:
    return f"browse-{name}"
