"""The suspicious labels of a dataset, as the latest searches found them.

A search hands in which pictures it examined and which labels it doubts; `suspicious.parquet` in the audit folder
keeps them, and pages read them against the labels of now. Whatever method a search uses is its own affair.
"""

from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from fer_core.dataset.index import DatasetIndex
from fer_core.jobs.folder import read_json, write_json, write_whole

if TYPE_CHECKING:
    from fer_core.dataset.catalog import Dataset

SUSPICIOUS_NAME = "suspicious.parquet"
COLUMNS: tuple[str, ...] = ("image_id", "given_label", "suggested_label", "score", "source")

_EXAMINED_NAME, _SEARCHES_NAME = "suspicious-examined.npy", "suspicious.json"
_MAX_SEARCHES = 20


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@dataclass(frozen=True, kw_only=True)
class Search:
    """One search for suspicious labels.

    Args:
        source: What judged the labels: a model's name, or how several were trained for it.
        basis: Why the pictures were not known to it, as a sentence.
        num_examined: Pictures examined.
        num_suspicious: Labels found suspicious.
        noise_share: Estimated share of wrong labels among the examined, 0-1.
        searched_at: Time, ISO 8601 in UTC.
    """

    source: str
    basis: str
    num_examined: int
    num_suspicious: int
    noise_share: float
    searched_at: str = field(default_factory=_now)


def keep_search(dataset: "Dataset", search: Search, *, examined: npt.NDArray[np.int64], found: pd.DataFrame) -> None:
    """Keep what a search found; earlier findings about pictures that it did not examine stay.

    Args:
        dataset: The dataset.
        search: What to tell about it.
        examined: (n,) image ids.
        found: One row a suspicious label with the columns `image_id`, `given_label`, `suggested_label` and `score`
            (0-1, the higher the more suspicious).
    """
    folder = dataset.audit_folder
    earlier = _read(folder)
    rows = found.assign(source=search.source)[list(COLUMNS)]
    if earlier is not None and len(earlier):
        rows = pd.concat([rows, earlier.loc[~earlier["image_id"].isin(examined), list(COLUMNS)]])
    all_examined = np.union1d(examined, examined_images(dataset)).astype(np.int64)
    rows = rows.sort_values(["score", "image_id"], ascending=[False, True])
    write_whole(folder / _EXAMINED_NAME, lambda path: np.save(path, all_examined))
    write_whole(folder / SUSPICIOUS_NAME, lambda path: rows.to_parquet(path, index=False))
    others = [each for each in searches(dataset) if each.source != search.source]
    write_json(folder / _SEARCHES_NAME, {"searches": [asdict(each) for each in [search, *others][:_MAX_SEARCHES]]})


def read_suspicious(dataset: "Dataset", index: DatasetIndex | None = None) -> pd.DataFrame | None:
    """Return the labels that are still suspicious, the most suspicious first.

    Args:
        dataset: The dataset.
        index: A view of it; by default the corrected one. A picture that was excluded or got another label since is
            left out.

    Returns:
        Columns as in `COLUMNS`; None if nobody has searched yet.
    """
    found = _read(dataset.audit_folder)
    if found is None:
        return None
    usable = (dataset.view() if index is None else index).usable
    labels = usable["label"].reindex(found["image_id"])
    still_wrong = np.asarray(labels.to_numpy() == found["given_label"].to_numpy(), np.bool_)
    return found.loc[still_wrong, list(COLUMNS)].reset_index(drop=True)


def examined_images(dataset: "Dataset") -> npt.NDArray[np.int64]:
    """Return (n,) the image ids that any search has examined, sorted."""
    try:
        return np.asarray(np.load(dataset.audit_folder / _EXAMINED_NAME, allow_pickle=False), np.int64)
    except (OSError, ValueError):
        return np.empty(0, np.int64)


def searches(dataset: "Dataset") -> list[Search]:
    """Return the searches, the latest of each source, the newest first."""
    stored = read_json(dataset.audit_folder / _SEARCHES_NAME) or {}
    return [Search(**each) for each in stored.get("searches", [])]


def _read(folder: Path) -> pd.DataFrame | None:
    try:
        return pd.read_parquet(folder / SUSPICIOUS_NAME)
    except (OSError, ValueError):
        return None
