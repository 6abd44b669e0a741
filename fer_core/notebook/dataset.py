"""The dataset's cells: get it once, and check its health.

A source comes in, a dataset below FER_HOME goes out. Its pictures are unpacked elsewhere, onto a fast disk: on a
mounted Drive ten thousands of small files take an hour, the index with all their pixels is two files.
"""

import shutil
from pathlib import Path

import pandas as pd

from fer_core.dataset import Dataset, add_dataset, list_datasets, open_dataset
from fer_core.dataset.audit import AuditReport
from fer_core.dataset.sources.source import DRAWN, fetch_source, find_source, forget_download, unpack_source
from fer_core.health import fresh_report
from fer_core.jobs import JobStatus
from fer_core.notebook.screen import ProgressLine


def get_dataset(source: str, name: str, *, pictures: str | Path | None = None) -> Dataset:
    """Open the dataset of this name; where there is none, fetch, unpack and index it first.

    Args:
        source: A path, an address or whatever else `add_dataset` takes.
        name: Name of the dataset.
        pictures: Folder on a fast disk to unpack into; below FER_HOME when None. If it is lost with its computer, the
            index still serves for training and evaluation.

    Raises:
        DatasetError: If the source cannot be fetched or has no usable structure.
    """
    if name in {dataset.name for dataset in list_datasets()}:
        dataset = open_dataset(name)
        ProgressLine(name).end(f"{name} is there already: {_size(dataset)}.")
        return dataset
    line = ProgressLine(f"Getting {name}")
    if pictures is None:
        dataset = add_dataset(source, name=name, on_progress=line)
    else:
        dataset = _unpacked_elsewhere(source, name, Path(pictures) / name, line)
    line.end(f"{name}: {_size(dataset)}.")
    return dataset


def check_dataset(dataset: Dataset, *, sampled_faces: int = 0) -> AuditReport:
    """Make the health report, or open the one that still holds.

    Args:
        dataset: The dataset.
        sampled_faces: In how many pictures to look for faces besides.
    """
    line = ProgressLine("Looking for duplicates")

    def on_status(status: JobStatus) -> None:
        line(status.done, status.total, status.message)

    report = fresh_report(dataset, sampled_faces=sampled_faces, on_status=on_status)
    found = {severity: report.num_findings(severity) for severity in ("problem", "warning", "notice")}
    counts = [f"{count} {severity}{'' if count == 1 else 's'}" for severity, count in found.items()]
    line.end(f"{len(report.findings)} checks: {', '.join(counts)}.")
    return report


def findings_table(report: AuditReport) -> pd.DataFrame:
    """Return what the report found, the worst first: severity, check, how many of how many, what to do."""
    rows = [
        {
            "severity": finding.severity,
            "check": finding.title,
            "found": f"{finding.count:,} of {finding.total:,} {finding.unit}",
            "share": f"{100 * finding.share:.2f} %",
            "what to do": finding.advice,
        }
        for finding in report.findings
        if finding.severity != "fine"
    ]
    return pd.DataFrame(rows, columns=["severity", "check", "found", "share", "what to do"])


def _unpacked_elsewhere(source: str, name: str, folder: Path, line: ProgressLine) -> Dataset:
    found = fetch_source(find_source(source), on_progress=line)
    shutil.rmtree(folder, ignore_errors=True)  # what a cell that was interrupted left
    folder.parent.mkdir(parents=True, exist_ok=True)
    dataset = add_dataset(unpack_source(found, folder, on_progress=line), name=name, on_progress=line)
    if found.kind != DRAWN:
        forget_download(found)
    return dataset


def _size(dataset: Dataset) -> str:
    index = dataset.view()
    splits = ", ".join(f"{len(index.select(split=split)):,} in {split}" for split in index.splits)
    return f"{len(index.usable):,} images ({splits})"
