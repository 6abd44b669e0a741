"""The command `dataset report`: the health report as a table, and as JSON with everything in it."""

import argparse
import json
from pathlib import Path

from fer_core.commands.output import print_table, write_text
from fer_core.commands.parser import Subparsers, add_command
from fer_core.dataset import open_dataset
from fer_core.dataset.audit import AuditReport
from fer_core.health import fresh_report
from fer_core.jobs import JobStatus
from fer_core.terminal import progress_bar


def add_report_command(commands: Subparsers) -> None:
    """Add the command `report` to the area `dataset`."""
    report = add_command(commands, "report", _dataset_report, "check a dataset's health: every check with its share")
    report.add_argument("name", metavar="NAME")
    report.add_argument("--json", metavar="FILE", type=Path, help="where to write the report with everything in it")
    report.add_argument("--faces", metavar="COUNT", type=int, default=0, help="look for faces in so many pictures too")


def _dataset_report(options: argparse.Namespace) -> None:
    dataset = open_dataset(options.name)
    with progress_bar("checking") as show:
        stage = ""

        def on_status(status: JobStatus) -> None:
            nonlocal stage
            show(status.done, status.total, status.message if status.message != stage else "")
            stage = status.message

        report = fresh_report(dataset, sampled_faces=options.faces, on_status=on_status)
    if options.json is not None:
        write_text(options.json, json.dumps({"dataset": dataset.name} | report.to_dict(), indent=2))
    _print_report(report)


def _print_report(report: AuditReport) -> None:
    rows = [
        {
            "severity": finding.severity,
            "check": finding.check,
            "count": f"{finding.count:,}",
            "total": f"{finding.total:,}",
            "share": f"{100 * finding.share:.2f} %",
            "title": finding.title,
        }
        for finding in report.findings
    ]
    print_table(rows, "Nothing could be checked.")
    for finding in report.findings:
        if finding.severity != "fine":
            print(f"\n{finding.severity}: {finding.title}\n  {finding.detail}\n  {finding.why}\n  {finding.advice}")
