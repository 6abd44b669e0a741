"""Makes one dataset of several: each part keeps its splits, gives its name as source and may have its labels renamed.

Names of datasets come in, a new dataset with the corrected pictures of all of them goes out. Merging what different
people collected is how a training set comes to show more kinds of people.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from fer_core.dataset.catalog import Dataset, open_dataset
from fer_core.dataset.indexing.building import build_index
from fer_core.dataset.new_dataset import FILES, dataset_in_the_making, free_name, write_record
from fer_core.dataset.sources.label_mapping import map_labels, require_two_classes
from fer_core.dataset.sources.metadata import RESERVED
from fer_core.dataset.sources.source import OnProgress, OnStageProgress, stage
from fer_core.errors import DatasetError

if TYPE_CHECKING:
    from fer_core.jobs import JobReporter

LabelMaps = Mapping[str, Mapping[str, str]]


def merge_datasets(
    names: Sequence[str],
    *,
    name: str,
    label_maps: LabelMaps | None = None,
    on_progress: OnStageProgress | None = None,
) -> Dataset:
    """Make a dataset of several; the parts stay as they are.

    Of each part come the pictures of its corrected view: readable, not excluded, with corrected labels. Files are hard
    links where the disk allows it, copies elsewhere.

    Args:
        names: At least two datasets.
        name: Name of the new one.
        label_maps: Dataset -> label there -> label here ("" leaves its pictures out); others stay as they are.
        on_progress: Called with (done, total, words) of each stage.

    Raises:
        DatasetError: If there are fewer than two parts, one does not exist, the name is taken, a map names a label
            that does not occur or a file of a part is gone.
    """
    free_name(name, stem="")
    parts = _parts(names)
    unknown = set(label_maps or {}) - set(names)
    if unknown:
        raise DatasetError(
            f"There is a label map for {sorted(unknown)[0]!r}, which is not among the datasets to merge."
        )
    pictures = pd.concat([_pictures(part, (label_maps or {}).get(part.name)) for part in parts], ignore_index=True)
    pictures = require_two_classes(pictures.fillna(""))
    with dataset_in_the_making(name) as partial:
        files = partial / FILES
        _collect(parts, pictures, files, stage(on_progress, "Collecting"))
        build_index(pictures.drop(columns="origin"), files, partial, on_progress=stage(on_progress, "Indexing"))
        write_record(partial, kind="merged", source=" + ".join(names), files_folder=None)
    return open_dataset(name)


def merge_datasets_job(
    *, reporter: "JobReporter", names: list[str], name: str, label_maps: dict[str, dict[str, str]] | None = None
) -> dict[str, str]:
    """Job: merge datasets; see `merge_datasets`."""
    dataset = merge_datasets(
        names,
        name=name,
        label_maps=label_maps,
        on_progress=reporter.progress,
    )
    return {"name": dataset.name}


def label_map_for_all(names: Sequence[str], label_map: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Turn one label map into a map for each dataset, with the labels that occur there.

    Raises:
        DatasetError: If a label occurs in none of them.
    """
    labels = {part.name: part.view().class_names for part in _parts(names)}
    known = sorted({label for occurring in labels.values() for label in occurring})
    nowhere = [old for old in label_map if old not in known]
    if nowhere:
        raise DatasetError(
            f"The label map names {nowhere[0]!r}, which does not occur. The labels are {', '.join(known)}."
        )
    return {part: {old: new for old, new in label_map.items() if old in labels[part]} for part in labels}


def _parts(names: Sequence[str]) -> list[Dataset]:
    if len(set(names)) < 2 or len(set(names)) < len(names):
        raise DatasetError(f"{', '.join(names) or 'Nothing'} cannot be merged. Name at least two different datasets.")
    return [open_dataset(name) for name in names]


def _pictures(part: Dataset, label_map: Mapping[str, str] | None) -> pd.DataFrame:
    """The part's usable pictures: path in the new dataset, origin (path in the part), split, label, source, groups."""
    rows = part.view().usable
    groups = [column for column in rows.columns if column not in RESERVED and column != "path"]
    pictures = pd.DataFrame(
        {
            "path": part.name + "/" + rows["path"].astype(str),
            "origin": rows["path"],
            "split": rows["split"],
            "label": rows["label"],
            "source": part.name,
            **{group: rows[group] for group in groups},
        }
    )
    return map_labels(pictures, label_map, keep_unknown=True)


def _collect(parts: list[Dataset], pictures: pd.DataFrame, files: Path, on_progress: OnProgress | None) -> None:
    folders = {part.name: part.files_folder for part in parts}
    made: set[Path] = set()
    for number, row in enumerate(pictures[["source", "origin", "path"]].itertuples(index=False), start=1):
        target = files / str(row.path)
        if target.parent not in made:
            target.parent.mkdir(parents=True, exist_ok=True)
            made.add(target.parent)
        _link(folders[str(row.source)] / str(row.origin), target)
        if on_progress and (number % 256 == 0 or number == len(pictures)):
            on_progress(number, len(pictures))


def _link(source: Path, target: Path) -> None:
    """Link a file, or copy it where the file system has no links or is another one."""
    try:
        try:
            os.link(source, target)
        except FileNotFoundError:
            raise
        except OSError:
            shutil.copy2(source, target)
    except FileNotFoundError as error:
        raise DatasetError(
            f"The picture '{source}' is gone. Put it back, or remove its dataset and add it again."
        ) from error
