"""The health of a dataset: what is wrong with its pictures, labels and splits, counted check by check."""

from fer_core.dataset.audit.checks import CHECKS, SEVERITIES
from fer_core.dataset.audit.findings import Finding
from fer_core.dataset.audit.report import AuditReport, audit_index
from fer_core.dataset.audit.stored import load_audit, read_findings, save_audit

__all__ = ["CHECKS", "SEVERITIES", "AuditReport", "Finding", "audit_index", "load_audit", "read_findings", "save_audit"]
