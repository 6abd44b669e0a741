"""The health report: every check of a dataset's view, with the tables and average faces behind it.

An index comes in, with the pairs of duplicates and the sampled faces where there are any; an `AuditReport` goes out.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from fer_core.dataset.audit.averages import AverageFaces, average_faces, told_apart
from fer_core.dataset.audit.checks import SEVERITIES
from fer_core.dataset.audit.class_checks import class_findings
from fer_core.dataset.audit.face_checks import face_findings
from fer_core.dataset.audit.findings import Finding, by_severity
from fer_core.dataset.audit.picture_checks import picture_findings
from fer_core.dataset.audit.split_checks import compare_splits, comparison_table, split_findings
from fer_core.dataset.audit.split_measures import format_shares, measured_rows, split_histograms
from fer_core.dataset.audit.twin_checks import twin_findings
from fer_core.dataset.index import DatasetIndex

OnProgress = Callable[[int, int], None]

_NUM_PASSES = 3  # over the pixels: traces of compression, average faces, telling classes apart


@dataclass(frozen=True, eq=False)
class AuditReport:
    """What is known about a dataset's health.

    Args:
        fingerprint: Of the view that was judged; another one means that files or labels have changed since.
        num_images: Usable images of that view.
        findings: One a check that could be made, the worst first.
        class_counts: Images, one row a class, one column a split.
        split_comparison: One row a measure and split, the fields of `Difference` as columns.
        histograms: measure, split, left, right, share.
        formats: split, format, share.
        told_apart: Share of images (0-1) that average faces assign rightly, class against class.
        averages: The average faces.
    """

    fingerprint: str
    num_images: int
    findings: tuple[Finding, ...]
    class_counts: pd.DataFrame
    split_comparison: pd.DataFrame
    histograms: pd.DataFrame
    formats: pd.DataFrame
    told_apart: pd.DataFrame
    averages: AverageFaces

    def num_findings(self, severity: str) -> int:
        """Return how many checks ended with a severity."""
        return sum(finding.severity == severity for finding in self.findings)

    def finding(self, check: str) -> Finding | None:
        """Return one check's finding, None where it was not made."""
        return next((finding for finding in self.findings if finding.check == check), None)

    def with_finding(self, finding: Finding) -> "AuditReport":
        """Return the report with one finding more."""
        return replace(self, findings=by_severity([*self.findings, finding]))

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON values: every check, the class counts and the comparison of the splits."""
        return {
            "fingerprint": self.fingerprint,
            "num_images": self.num_images,
            "summary": {severity: self.num_findings(severity) for severity in SEVERITIES},
            "checks": [finding.to_dict() for finding in self.findings],
            "class_counts": {
                str(split): {str(label): int(count) for label, count in self.class_counts[split].items()}
                for split in self.class_counts
            },
            "split_comparison": records(self.split_comparison),
        }


def records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as JSON values; what is missing becomes None."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]


def audit_index(
    index: DatasetIndex,
    *,
    duplicates: pd.DataFrame | None = None,
    faces: pd.DataFrame | None = None,
    on_progress: OnProgress | None = None,
) -> AuditReport:
    """Run every check on a view of a dataset.

    Args:
        index: The view, corrections applied.
        duplicates: What `find_duplicates` returned for the same pixels; without it the checks of twins are not made.
        faces: What `look_for_faces` returned; without it the checks of faces are not made.
        on_progress: Called with (steps done, steps in all).
    """
    num_images = len(index.select())
    rows = measured_rows(index, on_progress=_pass(on_progress, 0, num_images))
    differences = compare_splits(rows)
    findings = [*picture_findings(index), *class_findings(index), *split_findings(differences)]
    if duplicates is not None:
        findings += twin_findings(index, duplicates)
    if faces is not None:
        findings += face_findings(index, faces)
    return AuditReport(
        fingerprint=index.fingerprint,
        num_images=num_images,
        findings=by_severity(findings),
        class_counts=index.counts(),
        split_comparison=comparison_table(differences),
        histograms=split_histograms(rows),
        formats=format_shares(rows),
        averages=average_faces(index, on_progress=_pass(on_progress, 1, num_images)),
        told_apart=told_apart(index, on_progress=_pass(on_progress, 2, num_images)),
    )


def _pass(on_progress: OnProgress | None, number: int, num_images: int) -> OnProgress | None:
    """Place one pass over the pixels within all of them; a pass may leave images out."""
    if on_progress is None:
        return None
    return lambda done, _: on_progress(number * num_images + done, _NUM_PASSES * num_images)
