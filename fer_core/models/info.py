"""What a model package says about its network: the content of `model.json`, checked once.

JSON or plain values come in; a frozen `ModelInfo` goes out, or a `ModelError` that shows expected and received.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from fer_core.errors import ModelError
from fer_core.models.views import VIEWS

FORMAT_VERSION = 1

_LATER = ("risk_coverage",)  # not in the first packages
_NAME = re.compile(r"\w[\w.-]{0,63}")  # also the name of a folder


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True)
class ModelInfo:
    """What `model.json` says.

    Args:
        name: Name of the model.
        architecture: A name of `ARCHITECTURES`.
        class_names: Classes in the order of the network's outputs.
        input_size: Side of the square input in pixels.
        channels: 1 (grey) or 3 (RGB).
        temperature: Views name -> temperature, applied once, by the classifier.
        unsure_threshold: Views name -> confidence below which a face counts as unsure, 0-1.
        training_data: `dataset` (its name), `fingerprint` and `num_images` that the network was fitted to, 0 where
            nobody knows.
        metrics: Split name -> figures measured on it, such as `num_images`, `accuracy` and `macro_f1`.
        licence: Terms under which the model may be used.
        num_parameters: Number of weights.
        created_at: ISO 8601 time with its time zone.
        digests: File name -> sha256 of the network files; filled in by the export.
        risk_coverage: Views name -> (threshold, coverage, accuracy) of what happens at each threshold of "unsure" on
            validation pictures; empty where nobody has measured it.
        format_version: Version of the package format.
    """

    name: str
    architecture: str
    class_names: tuple[str, ...]
    input_size: int
    channels: int
    temperature: Mapping[str, float]
    unsure_threshold: Mapping[str, float]
    training_data: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, float]]
    licence: str
    num_parameters: int
    created_at: str = field(default_factory=_now)
    digests: Mapping[str, str] = field(default_factory=dict)
    format_version: int = FORMAT_VERSION
    risk_coverage: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "class_names", _checked_class_names(self.class_names))
        is_name = isinstance(self.name, str) and _NAME.fullmatch(self.name) is not None
        _check("name", self.name, is_name, "up to 64 letters, digits, points, hyphens and underscores")
        for text in ("architecture", "licence"):
            _check(text, getattr(self, text), _is_text(getattr(self, text)), "a text that is not empty")
        for count in ("input_size", "num_parameters"):
            _check(count, getattr(self, count), _is_count(getattr(self, count)), "a whole number of at least 1")
        _check("channels", self.channels, self.channels in (1, 3), "1 (grey) or 3 (RGB)")
        _check_for_views("temperature", self.temperature, 0.01, 100.0)
        _check_for_views("unsure_threshold", self.unsure_threshold, 0.0, 1.0)
        _check_training_data(self.training_data)
        _check("metrics", self.metrics, _is_table(self.metrics), "figures for each split")
        _check(
            "risk_coverage", self.risk_coverage, _is_curves(self.risk_coverage), "points of three shares from 0 to 1"
        )
        _check("digests", self.digests, _is_text_mapping(self.digests), "a sha256 for each file name")
        _check("created_at", self.created_at, _is_time(self.created_at), "an ISO 8601 time with its time zone")


def parse_info(text: bytes) -> ModelInfo:
    """Return what a `model.json` says.

    Raises:
        ModelError: If it is damaged or was written by a newer version of this program.
    """
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ModelError(f"it is not JSON ({error}). Train or download the model again.") from error
    if not isinstance(values, dict):
        raise ModelError(f"it holds a {type(values).__name__}, expected an object. Train or download the model again.")
    version = values.get("format_version")
    if not isinstance(version, int) or not _is_count(version):
        raise ModelError(f"format_version is {version!r}, expected a whole number. Train or download the model again.")
    if version > FORMAT_VERSION:
        raise ModelError(
            f"it has format version {version}, and this program reads up to {FORMAT_VERSION}. Update the program."
        )
    known = [item.name for item in fields(ModelInfo)]
    missing = [name for name in known if name not in values and name not in _LATER]
    if missing:
        raise ModelError(f"it lacks {', '.join(missing)}. Train or download the model again.")
    return ModelInfo(**{name: values[name] for name in known if name in values})


def _check(name: str, value: object, is_good: bool, expected: str) -> None:
    if not is_good:
        raise ModelError(f"{name} is {value!r}, expected {expected}.")


def _checked_class_names(names: object) -> tuple[str, ...]:
    is_list = isinstance(names, list | tuple) and all(_is_text(name) for name in names)
    unique = tuple(names) if isinstance(names, list | tuple) and is_list else ()
    is_good = len(unique) >= 2 and len(set(unique)) == len(unique)
    _check("class_names", names, is_good, "at least two different names")
    return unique


def _check_for_views(name: str, values: object, low: float, high: float) -> None:
    is_good = isinstance(values, dict) and all(
        _is_number(values.get(views)) and low <= values[views] <= high for views in VIEWS
    )
    _check(name, values, is_good, f"a number from {low:g} to {high:g} for each of {', '.join(VIEWS)}")


def _check_training_data(data: object) -> None:
    is_good = isinstance(data, dict) and all(_is_text(data.get(key)) for key in ("dataset", "fingerprint"))
    num_images = data.get("num_images") if isinstance(data, dict) else None
    is_good = is_good and (_is_count(num_images) or (num_images == 0 and num_images is not False))
    _check("training_data", data, is_good, "dataset, fingerprint and num_images")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:  # a whole number too large for a float
        return False


def _is_text_mapping(value: object) -> bool:
    return isinstance(value, dict) and all(_is_text(item) for pair in value.items() for item in pair)


def _is_table(value: object) -> bool:
    return isinstance(value, dict) and all(
        isinstance(row, dict) and all(_is_number(figure) for figure in row.values()) for row in value.values()
    )


def _is_curves(value: object) -> bool:
    """Tell whether this is views name -> points of (threshold, coverage, accuracy), each 0-1."""
    return isinstance(value, dict) and all(
        isinstance(point, list | tuple) and len(point) == 3 and all(_is_number(x) and 0 <= x <= 1 for x in point)
        for curve in value.values()
        for point in (curve if isinstance(curve, list | tuple) else [None])
    )


def _is_time(value: object) -> bool:
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False
