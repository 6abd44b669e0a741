"""Labels of a dataset that a model does not know: what is meant by them is asked, kept in the URL and shown.

Labels with their counts and the model's classes come in, a label map goes out. Nothing is guessed but a published
spelling of one of the classes.
"""

import re
from collections.abc import Mapping, Sequence

import streamlit as st

from fer_app.controls import start_button
from fer_app.dataset.label_questions import LEAVE_OUT, ask_labels
from fer_app.markdown import literal
from fer_core.dataset.sources.label_mapping import parse_label_map
from fer_core.errors import FerError
from fer_core.labels import canonical_label

_IN_URL = "map"  # URL parameter: `old=new,old=`, as the command line takes it
_CHANGING = "label-map-changing"  # session state key: the person asked for the boxes again


def choose_label_map(counts: Mapping[str, int], class_names: Sequence[str], *, whose: str) -> dict[str, str] | None:
    """Return what the labels mean that are no classes, or ask.

    Args:
        counts: Label -> number of its pictures.
        class_names: The classes of whoever predicts.
        whose: Who that is, for people.

    Returns:
        Label -> class, "" to leave its pictures out; empty where every label is a class. None until it is answered.
    """
    unknown = {label: number for label, number in counts.items() if label not in class_names}
    if not unknown:
        st.query_params.pop(_IN_URL, None)
        return {}
    given = _from_url(unknown, class_names)
    if given.keys() == unknown.keys() and not st.session_state.get(_CHANGING):
        _show_given(given, counts)
        return given
    _ask(unknown, class_names, given, whose)
    return None


def _from_url(unknown: Mapping[str, int], class_names: Sequence[str]) -> dict[str, str]:
    """Return what the URL says of the labels in question, as far as it can be used."""
    try:
        given = parse_label_map(st.query_params.get(_IN_URL, ""))
    except FerError:
        return {}
    return {label: name for label, name in given.items() if label in unknown and name in ("", *class_names)}


def _show_given(given: Mapping[str, str], counts: Mapping[str, int]) -> None:
    left_out = sum(counts[label] for label, name in given.items() if not name)
    renamed = [f"“{literal(label)}” counts as {literal(name)}" for label, name in given.items() if name]
    dropped = [f"“{literal(label)}”" for label, name in given.items() if not name]
    if dropped:
        renamed.append(f"{', '.join(dropped)} left out ({left_out:,} of {sum(counts.values()):,} pictures)")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Labels: {'; '.join(renamed)}.", width="content")
        st.button("Change", key="change-label-map", type="tertiary", icon=":material/edit:", on_click=_change)


def _change() -> None:
    st.session_state[_CHANGING] = True


def _ask(unknown: Mapping[str, int], class_names: Sequence[str], given: Mapping[str, str], whose: str) -> None:
    suggestions = {label: canonical_label(label) or "" for label in unknown}
    suggestions |= {label: name or LEAVE_OUT for label, name in given.items()}
    with st.container(border=True):
        st.markdown(
            f"**What do these labels mean?** {literal(whose)} knows {literal(', '.join(class_names))}. Say which of "
            "them each label counts as, or leave its pictures out; the rest is scored."
        )
        answers = ask_labels(unknown, suggestions=suggestions, key="label-map", choices=[*class_names, LEAVE_OUT])
        with st.container(horizontal=True):
            wants_on = start_button("Use these", key="use-label-map", icon=":material/check:")
            st.button("Leave all of them out", key="leave-all-out", on_click=_write, args=(dict.fromkeys(unknown, ""),))
        missing = [label for label in unknown if label not in answers]
        if wants_on and missing:
            listed = ", ".join(f"“{literal(label)}”" for label in missing[:10])
            st.warning(f"Choose a meaning for {listed} first.", icon=":material/help:")
        elif wants_on:
            _write(answers)
            st.rerun()


def _write(label_map: Mapping[str, str]) -> None:
    st.session_state.pop(_CHANGING, None)
    st.query_params[_IN_URL] = ",".join(f"{_escaped(old)}={_escaped(new)}" for old, new in sorted(label_map.items()))


def _escaped(name: str) -> str:
    return re.sub(r"([\\,=])", r"\\\1", name)
