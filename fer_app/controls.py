"""Controls that several pages offer: a choice by name, kept in the URL, and a button that starts something once.

A name in the URL can be shared and survives a reload; one that does not exist any more gives way to the default.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st


def choose(
    label: str,
    names: Sequence[str],
    *,
    key: str,
    default: str | None = None,
    format_func: Callable[[Any], str] = str,
    help: str | None = None,
) -> str:
    """Let the person choose one name; the choice always stands in the URL as `?key=name`.

    Args:
        label: Label of the box.
        names: What can be chosen, at least one.
        key: Session state key and name of the URL parameter.
        default: Chosen at first; the first name when None or unknown.
        format_func: Turns a name into what is shown.
        help: Tooltip.
    """
    _take_from_url(names, key, default)
    chosen: str = st.selectbox(label, names, key=key, format_func=format_func, help=help)
    _write_to_url(key, chosen)
    return chosen


def choose_view(label: str, titles: Mapping[str, str], *, key: str) -> str:
    """Let the person switch between a page's views; the choice stands in the URL as `choose`'s does.

    Args:
        label: What the row of buttons is called for a screen reader.
        titles: Title of each view by its name in the URL, the default first.
        key: Session state key and name of the URL parameter.
    """
    _take_from_url(list(titles), key, None)
    chosen: str = st.segmented_control(
        label, list(titles), key=key, format_func=titles.__getitem__, required=True, label_visibility="collapsed"
    )
    _write_to_url(key, chosen)
    return chosen


def lead_to(key: str, name: str) -> None:
    """Let `choose` take a name in this run, whatever the browser still says of its box or its address."""
    if st.query_params.get(key) != name:
        st.query_params[key] = name
    st.session_state.pop(_last_written(key), None)


def show_url() -> None:
    """Put the page's parameters into the browser's address; call it at the top of a page that links to itself.

    After a click on an `st.page_link` to the page it stands on, Streamlit 1.67 knows the new parameters and the browser
    does not, so that a reload would lose them.
    """
    parameters = st.query_params.to_dict()
    if parameters != st.session_state.get("url-shown"):
        st.query_params.from_dict(parameters)
    st.session_state["url-shown"] = parameters


def _take_from_url(names: Sequence[str], key: str, default: str | None) -> None:
    """Set the widget to what the URL says, where that is news; else to what was chosen before."""
    in_url, chosen_before = st.query_params.get(key), st.session_state.get(key)
    if in_url in names and in_url != st.session_state.get(_last_written(key)):
        value = in_url  # a link, or another URL typed
    elif in_url is not None and chosen_before in names:
        value = chosen_before
    elif in_url in names:
        value = in_url
    else:  # nothing in the URL: the page was entered afresh, and what another page chose does not count
        value = default if default in names else names[0]
    st.session_state[key] = value


def _write_to_url(key: str, chosen: str) -> None:
    if chosen != st.query_params.get(key):
        st.query_params[key] = chosen
    st.session_state[_last_written(key)] = chosen


def _last_written(key: str) -> str:
    return f"{key}-in-url"


def start_button(
    label: str,
    *,
    key: str,
    type: str = "primary",
    icon: str | None = None,
    disabled: bool = False,
    help: str | None = None,
) -> bool:
    """Show a button for something that must start once; call `void_clicks` with its key as soon as it has started."""
    current = f"{key}-{st.session_state.get(_counter(key), 0)}"
    return st.button(label, key=current, type=type, icon=icon, disabled=disabled, help=help)


def void_clicks(key: str) -> None:
    """Make clicks that are still on their way, the second of a double click, clicks on a button that is gone."""
    st.session_state[_counter(key)] = st.session_state.get(_counter(key), 0) + 1


def _counter(key: str) -> str:
    return f"{key}-starts"
