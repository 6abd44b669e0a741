"""What stands in the form of a new training: a preset and the settings that the person changed.

The values are remembered in the session, so that they survive a visit to another page, and in the URL, so that they
survive a reload and can be shared; another run's settings come in with `?copy=run`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from fer_core.errors import FerError
from fer_core.models import ARCHITECTURES
from fer_core.training import AUGMENTATIONS, PRESETS, TrainConfig, open_run
from fer_core.training.config import CHOICES, RANGES
from fer_core.training.setting_descriptions import SETTINGS

OWN = "own"
DEFAULT_PRESET = "quick"

_MEMORY = "training-form"
_DATASET_MEMORY = "training-form-dataset"
_COPY = "copy"
_DEFAULTS = {name: value for name, value in TrainConfig(dataset="").to_dict().items() if name != "dataset"}
_KNOWN_NAMES = {**CHOICES, "augmentation": AUGMENTATIONS, "architecture": ARCHITECTURES}
_KEPT_BY_PRESETS = tuple(name for name, setting in SETTINGS.items() if setting.group == "Data")


@dataclass(frozen=True)
class FormValues:
    """A preset and the settings that differ from it.

    Args:
        preset: A key of `PRESETS`, or `OWN`, which begins with the defaults.
        changed: Setting -> value, where it differs from the preset's.
    """

    preset: str = DEFAULT_PRESET
    changed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def baseline(self) -> dict[str, Any]:
        """The preset's own value of every setting but the dataset."""
        return _DEFAULTS | (dict(PRESETS[self.preset].settings) if self.preset in PRESETS else {})

    @property
    def all(self) -> dict[str, Any]:
        """The value of every setting but the dataset."""
        return self.baseline | dict(self.changed)

    def with_value(self, name: str, value: Any) -> "FormValues":
        """Return the form with another value of one setting."""
        others = {other: kept for other, kept in self.changed.items() if other != name}
        return FormValues(self.preset, others if value == self.baseline[name] else others | {name: value})

    def with_preset(self, preset: str) -> "FormValues":
        """Return the form with another preset; `OWN` keeps every value, the others keep what concerns the data."""
        kept = _DEFAULTS if preset == OWN else _KEPT_BY_PRESETS
        return from_values(preset, {name: self.all[name] for name in kept})

    def back_to_preset(self) -> "FormValues":
        """Return the form without changes."""
        return FormValues(self.preset)

    def to_query(self) -> dict[str, str]:
        """Return the URL parameters that stand for the form."""
        texts = {name: _to_text(value) for name, value in self.changed.items()}
        return {"preset": self.preset} | texts


def from_values(preset: str, values: Mapping[str, Any]) -> FormValues:
    """Return the form with a preset and some values, of which those count that differ from it."""
    baseline = FormValues(preset).baseline
    typed = {name: type(_DEFAULTS[name])(value) for name, value in values.items() if name in _DEFAULTS}
    return FormValues(preset, {name: value for name, value in typed.items() if value != baseline[name]})


def from_query(query: Mapping[str, str]) -> FormValues | None:
    """Return the form that URL parameters stand for, None where they say nothing; what is no setting is passed over."""
    preset = query.get("preset", "")
    values = {name: _from_text(name, query[name]) for name in _DEFAULTS if name in query}
    known = {name: value for name, value in values.items() if value is not None}
    if preset not in (*PRESETS, OWN):
        return from_values(OWN, known) if known else None
    return from_values(preset, known)


def current_form() -> FormValues:
    """Return what stands in the form: another run's settings where the URL asks for them, else what was there."""
    copied = st.query_params.get(_COPY)
    if copied is not None:
        del st.query_params[_COPY]
        _copy_run(copied)
    if _MEMORY not in st.session_state:
        st.session_state[_MEMORY] = from_query(st.query_params.to_dict()) or FormValues()
    form: FormValues = st.session_state[_MEMORY]
    return form


def keep_form(form: FormValues) -> None:
    """Remember what stands in the form."""
    st.session_state[_MEMORY] = form


def write_form_to_url(form: FormValues, dataset: str) -> None:
    """Let the URL say what stands in the form, and remember the dataset for the next visit."""
    st.session_state[_DATASET_MEMORY] = dataset
    wanted = form.to_query()
    for name in ("preset", *_DEFAULTS):
        if name not in wanted:
            st.query_params.pop(name, None)
        elif st.query_params.get(name) != wanted[name]:
            st.query_params[name] = wanted[name]


def remembered_dataset() -> str | None:
    """Return the dataset that was chosen before another page was visited."""
    dataset: str | None = st.session_state.get(_DATASET_MEMORY)
    return dataset


def _copy_run(name: str) -> None:
    try:
        settings = open_run(name).config.to_dict()
    except FerError as error:
        st.toast(str(error), icon=":material/error:")
        return
    keep_form(from_values(OWN, settings))
    st.session_state[_DATASET_MEMORY] = settings["dataset"]
    st.query_params["dataset"] = settings["dataset"]


def _to_text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _from_text(name: str, text: str) -> Any:
    """Return the value that a URL parameter stands for, None where it is none."""
    kind = type(_DEFAULTS[name])
    if kind is bool:
        return {"yes": True, "no": False}.get(text)
    if kind is str:
        known = _KNOWN_NAMES.get(name)
        return text if known is None or text in known else None
    lowest, highest = RANGES[name]
    try:
        value = kind(text)
    except ValueError:
        return None
    return value if lowest <= value <= highest else None
