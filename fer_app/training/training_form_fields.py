"""One field of the form of a new training: the widget that suits a setting, marked where its value was changed.

The value shown is the one in `FormValues`; a change goes back there before the page runs again.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from fer_app.training.training_form_values import OWN, FormValues, current_form, keep_form
from fer_core.training.config import CHOICES, RANGES
from fer_core.training.setting_descriptions import CHOICE_TITLES, SETTINGS, setting_text

_STEPS = {"learning_rate": 0.01, "weight_decay": 0.001, "weight_averaging": 0.001, "teacher_temperature": 0.5}
_STEP = 0.05

FormatFunc = Callable[[Any], str]


def show_field(
    name: str,
    form: FormValues,
    *,
    options: Sequence[str] | None = None,
    format_func: FormatFunc | None = None,
    reason: str = "",
) -> None:
    """Show the field of a setting.

    Args:
        name: The setting.
        form: What stands in the form.
        options: What can be chosen, for settings that are a name; a setting with fixed choices knows them itself.
        format_func: Turns a choice into what is shown.
        reason: Why the setting does not apply; it is then shown and cannot be changed.
    """
    key, label, help_text = _key(name), _label(name, form), f"{SETTINGS[name].help}."
    value = form.all[name]
    common = {"key": key, "help": help_text, "disabled": bool(reason), "on_change": _keep, "args": (name,)}
    if isinstance(value, bool):
        _set(key, value and not reason)
        st.checkbox(label, **common)
    elif isinstance(value, str):
        choices = list(options if options is not None else CHOICES[name])
        _set(key, value if value in choices else choices[0])
        st.selectbox(label, choices, format_func=format_func or _choice_title, **common)
    else:
        _set(key, value)
        kind = type(value)
        lowest, highest = (kind(bound) for bound in RANGES[name])
        step, shown_as = (1, "%d") if kind is int else (_STEPS.get(name, _STEP), "%g")
        st.number_input(label, lowest, highest, step=step, format=shown_as, **common)
    if reason:
        st.caption(reason)


def changed_summary(form: FormValues) -> str:
    """Say which settings differ from the preset, one after the other: `Epochs 20 (10)`; "" where none does."""
    parts = []
    for name in SETTINGS:
        if name in form.changed:
            new, own = (setting_text(name, values[name]) for values in (form.changed, form.baseline))
            parts.append(f"{SETTINGS[name].title} {new} ({own})")
    return ", ".join(parts)


def _label(name: str, form: FormValues) -> str:
    if name not in form.changed:
        return SETTINGS[name].title
    kind = "default" if form.preset == OWN else "preset"
    return f"{SETTINGS[name].title} :orange-badge[{kind}: {setting_text(name, form.baseline[name])}]"


def _keep(name: str) -> None:
    value = st.session_state[_key(name)]
    if value is not None:  # a number field that was emptied
        keep_form(current_form().with_value(name, value))


def _set(key: str, value: Any) -> None:
    if st.session_state.get(key) != value:
        st.session_state[key] = value


def _key(name: str) -> str:
    return f"setting-{name}"


def _choice_title(choice: str) -> str:
    return CHOICE_TITLES.get(choice, choice)
