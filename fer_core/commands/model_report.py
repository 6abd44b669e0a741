"""The command that writes what was measured of a model, as its card or as one HTML file: `models report`."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from fer_core.commands.output import write_text
from fer_core.commands.parser import Subparsers, add_command
from fer_core.errors import FerError
from fer_core.models import VIEWS, find_model
from fer_core.models.card import Report, write_card
from fer_core.models.evaluation_files import evaluation_files, keep_evaluations
from fer_core.models.info import ModelInfo
from fer_core.terminal import messages
from fer_core.training import open_run


def add_report_command(commands: Subparsers) -> None:
    """Add `models report`."""
    parser = add_command(commands, "report", _models_report, "write a model's card, or a page with figures")
    parser.add_argument("model", metavar="MODEL", help="a name from `models list` or a package folder")
    parser.add_argument("--out", metavar="FILE", type=Path, help="where to write the Markdown; printed without it")
    parser.add_argument(
        "--figures", action="store_true", help="put the figures beside --out, in a folder of its name, and show them"
    )
    parser.add_argument(
        "--html", metavar="FILE", type=Path, help="write one page with all figures, to be read offline or printed"
    )
    parser.add_argument(
        "--runs", metavar="RUN", nargs="+", default=[], help="trainings with other seeds, for mean and spread"
    )
    parser.add_argument("--views", choices=VIEWS, default="all", help="views of the figures of --runs")
    parser.add_argument("--keep", action="store_true", help="put measurements and card into the model's own folder")


def _models_report(options: argparse.Namespace) -> None:
    package = find_model(options.model)
    repeats = {name: _test_report(name, options.views) for name in options.runs}
    reports = evaluation_files(package)
    if not reports:
        messages.print(
            f"Nothing was measured of this network yet. Measure it: python -m fer_core models evaluate {options.model} "
            "--dataset NAME --split test --json FILE"
        )
    if options.keep:
        for path in keep_evaluations(package, repeats):
            messages.print(f"wrote {path}")
    if options.html is not None:
        _write_html(options.html, package.info, reports, repeats)
    if options.figures and options.out is None:
        raise FerError("--figures needs --out FILE: the figures are put beside it.")
    if options.figures:
        _write_with_figures(options.out, package.info, reports, repeats)
    elif options.out is not None:
        write_text(options.out, write_card(package.info, reports, repeats))
    elif not (options.keep or options.html):
        print(write_card(package.info, reports, repeats))


def _write_html(path: Path, info: ModelInfo, reports: Sequence[Report], repeats: Mapping[str, Report]) -> None:
    from fer_core.charts.report import html_report  # Matplotlib takes a second

    write_text(path, html_report(info, reports, repeats))
    messages.print(f"wrote {path}")


def _write_with_figures(path: Path, info: ModelInfo, reports: Sequence[Report], repeats: Mapping[str, Report]) -> None:
    from fer_core.charts.report import card_with_figures, write_card_with_figures

    folder = f"{path.stem}-figures"
    text, files = card_with_figures(info, reports, repeats, folder=folder)
    write_card_with_figures(path, text, files, folder)
    messages.print(f"wrote {path} and {len(files)} figures in {path.parent / folder}")


def _test_report(name: str, views: str) -> Report:
    """Return what a run's model reached on the test split when its training ended."""
    reports = open_run(name).test_report()
    if reports is None or reports[views].get("ece") is None:
        raise FerError(f"The run {name!r} has no complete test report. Resume it, or leave it out of --runs.")
    report: Report = reports[views]
    return report
