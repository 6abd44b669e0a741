"""Choices that several pages offer: one of many by name, kept in the URL, and buttons that act once.

A name in the URL can be shared and survives a reload; a name that does not exist any more falls back to the default.
"""

from collections.abc import Callable, Sequence
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
    fallback = default if default in names else names[0]
    if st.session_state.get(key) not in names and st.query_params.get(key) not in names:
        st.session_state[key] = fallback
    # Without an index the box has no default of its own, which would be left out of the URL.
    chosen = st.selectbox(
        label, names, index=None, required=True, key=key, format_func=format_func, help=help, bind="query-params"
    )
    return chosen if chosen in names else fallback


def once_button(
    label: str,
    *,
    key: str,
    type: str = "secondary",
    icon: str | None = None,
    disabled: bool = False,
    help: str | None = None,
) -> bool:
    """Show a button that is True once for a double click: after a click it is another button.

    The caller acts right after it returns; a call of Streamlit in between could be interrupted by the second click.
    """
    counter = f"{key}-clicks"
    num_clicks = st.session_state.setdefault(counter, 0)
    clicked = st.button(label, key=f"{key}-{num_clicks}", type=type, icon=icon, disabled=disabled, help=help)
    if clicked:
        st.session_state[counter] = num_clicks + 1
    return clicked
