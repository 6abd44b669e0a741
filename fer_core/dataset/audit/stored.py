"""The health report on disk: `report.json`, `findings.parquet` and `averages.npy` in the dataset's audit folder.

`report.json` is removed first and written last, so that its presence means that all three belong together. What
somebody else finds later, such as suspicious labels, is a file of its own there and joins the report when it is read.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from fer_core.dataset.audit.averages import AverageFaces
from fer_core.dataset.audit.findings import Finding, finding_of_images
from fer_core.dataset.audit.report import AuditReport, records
from fer_core.dataset.index import DatasetIndex
from fer_core.dataset.suspicious import examined_images, read_suspicious
from fer_core.errors import DatasetError
from fer_core.jobs.folder import read_json, write_json, write_whole

if TYPE_CHECKING:
    from fer_core.dataset.catalog import Dataset

REPORT_NAME = "report.json"
FINDINGS_NAME = "findings.parquet"
AVERAGES_NAME = "averages.npy"
FACES_NAME = "faces.parquet"

_FORMAT = 1  # raised when older files cannot be read any more: they are then made again
_FINDING_COLUMNS = ["check", "image_id", "group", "score"]
_TABLES = ("split_comparison", "histograms", "formats")


def save_audit(dataset: "Dataset", report: AuditReport) -> None:
    """Keep a dataset's report; the one before is replaced.

    Raises:
        DatasetError: If it cannot be written.
    """
    folder = dataset.audit_folder
    try:
        (folder / REPORT_NAME).unlink(missing_ok=True)
        write_whole(folder / FINDINGS_NAME, lambda path: _findings_table(report).to_parquet(path, index=False))
        write_whole(folder / AVERAGES_NAME, lambda path: np.save(path, report.averages.faces, allow_pickle=False))
        write_json(folder / REPORT_NAME, _to_stored(report))
    except OSError as error:
        raise DatasetError(
            f"The health report of {dataset.name!r} cannot be stored ({error.strerror}). Free some disk space."
        ) from error


def load_audit(dataset: "Dataset", view: DatasetIndex | None = None) -> AuditReport | None:
    """Return the report kept last, None where there is none that can be read.

    It may be older than the labels: compare its `fingerprint` with that of the view.

    Args:
        dataset: The dataset.
        view: Its corrected view, where somebody has it open: suspicious labels count as they are now.
    """
    folder = dataset.audit_folder
    stored = read_json(folder / REPORT_NAME)
    if stored is None or stored.get("format") != _FORMAT:
        return None
    try:
        table = pd.read_parquet(folder / FINDINGS_NAME)
        images = {str(check): part for check, part in table.groupby("check")}
        faces = np.load(folder / AVERAGES_NAME, allow_pickle=False)
        report = _from_stored(stored, images, faces)
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None
    suspicious = _suspicious(dataset, view)
    return report if suspicious is None else report.with_finding(suspicious)


def read_findings(dataset: "Dataset", view: DatasetIndex | None = None) -> pd.DataFrame | None:
    """Return the images of all findings: check, image_id, group (-1 without one), score (NaN without one).

    None where no report is kept; for the arguments see `load_audit`.
    """
    report = load_audit(dataset, view)
    return None if report is None else _findings_table(report)


def _suspicious(dataset: "Dataset", view: DatasetIndex | None) -> Finding | None:
    """Return the finding of the labels that are still suspicious, None if nobody has searched yet."""
    found = read_suspicious(dataset, view)
    if found is None:
        return None
    total = len(examined_images(dataset))
    return finding_of_images("suspicious_label", found["image_id"], total, scores=found["score"])


def _findings_table(report: AuditReport) -> pd.DataFrame:
    parts = []
    for finding in report.findings:
        num_images = len(finding.image_ids)
        group = finding.groups if len(finding.groups) else np.full(num_images, -1)
        score = finding.scores if len(finding.scores) else np.full(num_images, np.nan)
        parts.append(
            pd.DataFrame({"check": finding.check, "image_id": finding.image_ids, "group": group, "score": score})
        )
    table = pd.concat(parts, ignore_index=True)[_FINDING_COLUMNS]
    return table.astype({"check": str, "image_id": np.int64, "group": np.int64, "score": np.float64})


def _to_stored(report: AuditReport) -> dict[str, Any]:
    averages = {
        "parts": report.averages.parts,
        "class_names": report.averages.class_names,
        "counts": report.averages.counts.tolist(),
    }
    tables: dict[str, Any] = {name: records(getattr(report, name)) for name in _TABLES}
    tables["told_apart"] = records(report.told_apart)
    return report.to_dict() | {"format": _FORMAT, "averages": averages} | tables


def _from_stored(stored: dict[str, Any], images: dict[str, pd.DataFrame], faces: np.ndarray) -> AuditReport:
    class_names = tuple(stored["averages"]["class_names"])
    counts = np.array(stored["averages"]["counts"], np.int64)
    if faces.shape[:2] != counts.shape:
        raise ValueError(f"{faces.shape} average faces for {counts.shape} counts")
    told_apart = pd.DataFrame(stored["told_apart"], columns=list(class_names)).astype(float)
    return AuditReport(
        fingerprint=stored["fingerprint"],
        num_images=stored["num_images"],
        findings=tuple(_finding(check, images.get(check["check"])) for check in stored["checks"]),
        class_counts=pd.DataFrame(stored["class_counts"]).reindex(list(class_names)),
        told_apart=told_apart.set_axis(list(class_names), axis="index"),
        averages=AverageFaces(tuple(stored["averages"]["parts"]), class_names, faces, counts),
        **{name: pd.DataFrame(stored[name]) for name in _TABLES},
    )


def _finding(check: dict[str, Any], images: pd.DataFrame | None) -> Finding:
    plain = {name: check[name] for name in ("check", "severity", "count", "total", "detail", "browse")}
    if images is None:
        return Finding(**plain)
    groups, scores = images["group"].to_numpy(np.int64), images["score"].to_numpy(np.float64)
    return Finding(
        **plain,
        image_ids=images["image_id"].to_numpy(np.int64),
        groups=groups if (groups >= 0).all() else groups[:0],
        scores=scores[:0] if np.isnan(scores).any() else scores,
    )
