"""Sorts pictures into groups by columns that the user brought: each column alone, and every two of them together.

A table with one row a picture comes in, groupings with a number for each picture go out. A column with very many
values, such as a name or a number, is no grouping and is left out by name.
"""

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd  # half a second that no prediction needs

UNKNOWN = "unknown"
MAX_GROUPS = 100  # of one grouping; seven origins by nine ages have 63
MAX_CROSSED = 6  # columns that are taken two by two: 15 pairs, which a person can still read
_CROSS = " × "


@dataclass(frozen=True)
class Grouping:
    """One way to sort n pictures.

    Args:
        column: Name of the column, or two with "×" between them.
        names: The groups, in alphabetical order.
        members: (n,) position in `names` of each picture's group.
        is_known: (groups,) False for a group of pictures of which a column says nothing.
    """

    column: str
    names: tuple[str, ...]
    members: npt.NDArray[np.intp]
    is_known: npt.NDArray[np.bool_]

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """(groups,) number of pictures."""
        return np.bincount(self.members, minlength=len(self.names))


def groupings(metadata: "pd.DataFrame") -> tuple[list[Grouping], dict[str, int]]:
    """Sort pictures by each column, and by every two of the first six that divide them.

    Args:
        metadata: One row a picture; a missing or empty value is the group "unknown".

    Returns:
        The groupings, single columns first, and those left out for having more than `MAX_GROUPS`, with their number of
        groups.
    """
    single = [_single(str(name), metadata.iloc[:, place]) for place, name in enumerate(metadata.columns)]
    small = [grouping for grouping in single if len(grouping.names) <= MAX_GROUPS]
    dividing = [grouping for grouping in small if len(grouping.names) > 1][:MAX_CROSSED]
    every = [*single, *(_crossed(first, second) for first, second in itertools.combinations(dividing, 2))]
    kept = [grouping for grouping in every if len(grouping.names) <= MAX_GROUPS]
    return kept, {each.column: len(each.names) for each in every if len(each.names) > MAX_GROUPS}


def told_columns(metadata: "pd.DataFrame") -> "pd.DataFrame":
    """Return the columns that say something about at least one of the pictures."""
    return metadata.loc[:, [not _is_empty(metadata.iloc[:, place]).all() for place in range(metadata.shape[1])]]


def _single(column: str, values: "pd.Series[str]") -> Grouping:
    text, is_empty = values.astype(str).str.strip(), _is_empty(values).to_numpy()
    # A value that reads "unknown" is the same group as no value at all.
    return _grouping(column, text.mask(is_empty, UNKNOWN).to_numpy(str), is_empty)


def _is_empty(values: "pd.Series[str]") -> "pd.Series[bool]":
    return values.isna() | (values.astype(str).str.strip() == "")


def _crossed(first: Grouping, second: Grouping) -> Grouping:
    names = np.char.add(np.char.add(_values(first), _CROSS), _values(second))
    is_unknown = ~(first.is_known[first.members] & second.is_known[second.members])
    return _grouping(f"{first.column}{_CROSS}{second.column}", names, is_unknown)


def _values(grouping: Grouping) -> npt.NDArray[np.str_]:
    return np.array(grouping.names)[grouping.members]


def _grouping(column: str, values: npt.NDArray[np.str_], is_unknown: npt.NDArray[np.bool_]) -> Grouping:
    names, members = np.unique(values, return_inverse=True)
    is_known = np.ones(len(names), np.bool_)
    is_known[members[is_unknown]] = False
    return Grouping(column, tuple(str(name) for name in names), np.asarray(members, np.intp), is_known)
