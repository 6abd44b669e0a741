"""What one check found: how many images of how many, how serious it is, and which images they are."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from fer_core.dataset.audit.checks import CHECKS, SEVERITIES


def _no_ids() -> npt.NDArray[np.int64]:
    return np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Finding:
    """The result of one check.

    Args:
        check: A key of `CHECKS`.
        severity: A word of `SEVERITIES`.
        count: How many images (or whatever the check counts) are concerned.
        total: Of how many.
        detail: One sentence: what was found.
        image_ids: (k,) the images concerned; empty where the check is about no images in particular.
        groups: (k,) number of the group that each image belongs to; empty where the check knows no groups.
        scores: (k,) how strongly each image is concerned, in the check's own unit; empty where there is no such figure.
        browse: Filters that show the images in a grid, by name, such as {"split": "test", "sort": "sharpness"}.
    """

    check: str
    severity: str
    count: int
    total: int
    detail: str = ""
    image_ids: npt.NDArray[np.int64] = field(default_factory=_no_ids)
    groups: npt.NDArray[np.int64] = field(default_factory=_no_ids)
    scores: npt.NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    browse: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.check not in CHECKS:
            raise ValueError(f"unknown check {self.check!r}; known: {', '.join(CHECKS)}")
        if self.severity not in SEVERITIES:
            raise ValueError(f"unknown severity {self.severity!r}; known: {', '.join(SEVERITIES)}")
        for name in ("groups", "scores"):
            if len(getattr(self, name)) not in (0, len(self.image_ids)):
                raise ValueError(f"{len(getattr(self, name))} {name} for {len(self.image_ids)} image_ids")

    @property
    def title(self) -> str:
        """The check's name."""
        return CHECKS[self.check].title

    @property
    def why(self) -> str:
        """One line: why it matters."""
        return CHECKS[self.check].why

    @property
    def advice(self) -> str:
        """One line: what to do."""
        return CHECKS[self.check].advice

    @property
    def unit(self) -> str:
        """What is counted, in the plural."""
        return CHECKS[self.check].unit

    @property
    def share(self) -> float:
        """Return `count` of `total`, 0-1."""
        return self.count / self.total if self.total else 0.0

    @property
    def num_groups(self) -> int:
        """Number of groups, 0 where the check knows none."""
        return len(np.unique(self.groups))

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the images as JSON values."""
        return {
            "check": self.check,
            "title": self.title,
            "severity": self.severity,
            "count": self.count,
            "total": self.total,
            "share": round(self.share, 6),
            "unit": self.unit,
            "groups": self.num_groups,
            "detail": self.detail,
            "why": self.why,
            "advice": self.advice,
            "browse": self.browse,
        }


def finding_of_images(
    check: str,
    image_ids: npt.ArrayLike,
    total: int,
    *,
    detail: str = "",
    groups: npt.ArrayLike | None = None,
    scores: npt.ArrayLike | None = None,
) -> Finding:
    """Return the finding of a check that counts images; its severity follows from their share."""
    ids = np.asarray(image_ids, np.int64)
    return Finding(
        check=check,
        severity=CHECKS[check].severity(len(ids), total),
        count=len(ids),
        total=total,
        detail=detail,
        image_ids=ids,
        groups=_no_ids() if groups is None else np.asarray(groups, np.int64),
        scores=np.empty(0) if scores is None else np.asarray(scores, np.float64),
        browse={"check": check} if len(ids) else {},
    )


def by_severity(findings: list[Finding]) -> tuple[Finding, ...]:
    """Sort findings: the worst first, equally serious ones in the order of `CHECKS`."""
    order = list(CHECKS)
    return tuple(sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), order.index(finding.check))))
