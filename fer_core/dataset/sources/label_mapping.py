"""Gives the labels of a source their names: by the table of published spellings, or by what the person says.

A table of pictures with the labels of their source comes in and the same table with final labels goes out. What is
neither known nor in the person's map is asked for, never guessed.
"""

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches

import pandas as pd

from fer_core.errors import DatasetError, UnknownLabelsError
from fer_core.labels import SYNONYMS, canonical_label, tidy_label

MAX_LABEL_LENGTH = 80
_TO_FILL_IN = "?"
_LISTED = 40


def parse_label_map(text: str) -> dict[str, str]:
    """Read `old=new,old=new,…`; `old=` drops a label, `old=old` keeps it; a backslash makes `,` or `=` part of a name.

    Raises:
        DatasetError: If a part has no equals sign, names nothing or says two things of one label.
    """
    label_map: dict[str, str] = {}
    for part in re.split(r"(?<!\\),", text):
        names = [tidy_label(re.sub(r"\\(.)", r"\1", name)) for name in re.split(r"(?<!\\)=", part)]
        if len(names) != 2 or not names[0]:
            raise DatasetError(f"{part!r} in the label map is not old=new. Write it as 0=angry,1=disgust.")
        old, new = names
        if label_map.setdefault(old, new) != new:
            raise DatasetError(f"The label map says two things of {old!r}: {label_map[old]!r} and {new!r}. Keep one.")
    return label_map


def map_labels(
    pictures: pd.DataFrame, label_map: Mapping[str, str] | None = None, *, keep_unknown: bool = False
) -> pd.DataFrame:
    """Give every picture its final label and leave out those whose label is mapped to nothing.

    The map goes before the table of spellings, and its new names pass through that table too, so that one expression
    never has two names. Labels that become the same are one class from then on.

    Args:
        pictures: Table with a column `label`, as the source names them.
        label_map: Label in the source -> final label; "" leaves its pictures out.
        keep_unknown: Keep a label that is no known expression as it is.

    Returns:
        A new table with the final labels, numbered anew.

    Raises:
        UnknownLabelsError: If labels are neither known nor in the map.
        DatasetError: If the map names labels that do not occur, or gives one a name that is none.
    """
    counts = pictures["label"].value_counts()
    asked = _checked(label_map or {}, counts.index)
    final = {label: asked.get(label, label if keep_unknown else canonical_label(label)) for label in counts.index}
    unknown = sorted(label for label, name in final.items() if name is None)
    if unknown:
        raise unknown_labels_error({label: int(counts[label]) for label in unknown}, final)
    labels = pictures["label"].map(final)
    return pictures.assign(label=labels)[labels != ""].reset_index(drop=True)


def require_two_classes(pictures: pd.DataFrame) -> pd.DataFrame:
    """Return the pictures if they have at least two different labels.

    Raises:
        DatasetError: If they have not.
    """
    names = pictures["label"].unique()
    if len(names) < 2:
        left = ", ".join(map(repr, names)) or "none"
        raise DatasetError(f"Fewer than two classes are left: {left}. Expected at least two; change the label map.")
    return pictures


def unknown_labels_error(unknown: Mapping[str, int], known: Mapping[str, str | None]) -> UnknownLabelsError:
    """Build the error that lists unknown labels with their counts and the option that names them.

    Args:
        unknown: Unknown label -> number of its pictures.
        known: Every label of the source -> its final name, None for the unknown ones.
    """
    suggestions = {label: _suggestion(label) for label in unknown}
    listed = ", ".join(f"{label!r} ({count:,})" for label, count in list(unknown.items())[:_LISTED])
    more = f" and {len(unknown) - _LISTED:,} more" if len(unknown) > _LISTED else ""
    parts = [f"{_escaped(label)}={_escaped(new) or _TO_FILL_IN}" for label, new in suggestions.items()]
    option = ",".join(parts[:_LISTED] + (["…"] if more else []))
    text = (
        f"What do these labels mean? {listed}{more}: no known expression, and nothing is guessed. Add again with "
        f"--map {_quoted(option)}, changed to what is right: old=new gives a label its name, old=old keeps a name of "
        "your own, old= leaves its pictures out."
    )
    if any(not suggestion for suggestion in suggestions.values()):
        text += " Put a name for each ?: numbers mean different things (0 is angry in FER2013, neutral in AffectNet)."
    understood = {label: name for label, name in known.items() if name is not None}
    return UnknownLabelsError(text, unknown, suggestions | understood)


def _checked(label_map: Mapping[str, str], labels: Iterable[str]) -> dict[str, str]:
    """The map with its names tidied, canonical where they are known, and for labels that occur."""
    occurring = set(labels)
    checked: dict[str, str] = {}
    for old, new in label_map.items():
        old, new = tidy_label(old), tidy_label(new)
        if old not in occurring:
            raise DatasetError(
                f"The label map names {old!r}, which does not occur. The labels are {', '.join(sorted(occurring))}."
            )
        if new == _TO_FILL_IN or len(new) > MAX_LABEL_LENGTH or not new.isprintable():
            raise DatasetError(
                f"{new!r} cannot be the name of the label {old!r}. Put a name of up to {MAX_LABEL_LENGTH} letters, "
                f"such as {old}=angry, or nothing to leave its pictures out."
            )
        checked[old] = canonical_label(new) or new
    return checked


def _suggestion(label: str) -> str:
    """What an unknown label might be called: a known name it looks like, itself, or "" for a mere number."""
    if re.fullmatch(r"[\W\d_]*", label):
        return ""
    close = get_close_matches(label.casefold(), SYNONYMS, n=1, cutoff=0.85)
    return SYNONYMS[close[0]] if close else label


def _escaped(label: str) -> str:
    return re.sub(r"([,=\\])", r"\\\1", label)


def _quoted(option: str) -> str:
    """Quote for a shell where that is needed."""
    return option if re.fullmatch(r"[\w=,.@%+-]+", option) else "'" + option.replace("'", "'\\''") + "'"
