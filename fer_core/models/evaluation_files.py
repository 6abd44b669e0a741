"""The files in which measurements of a model are kept: those of this computer, and those that travel with a package.

A package comes in, the reports of its very network go out, whichever dataset, split and views they are of. A report
of another network, even of an earlier training under the same name, is never among them.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from fer_core.errors import ModelError
from fer_core.jobs.folder import read_json
from fer_core.models.card import Report, write_card
from fer_core.models.package import CARD_FILE, EVALUATION_FOLDER, ModelPackage
from fer_core.settings import load_settings


def evaluation_files(package: ModelPackage) -> list[Report]:
    """Return what is kept of evaluations and robustness measurements of a package's network.

    Returns:
        One report for each kind, dataset, split and views, in the order of their names; where two are of the same, the
        one of this computer.
    """
    digest = package.answers_digest()
    found: dict[tuple[str, ...], Report] = {}
    for folder in (package.folder / EVALUATION_FOLDER, load_settings().evaluations_folder):
        for path in sorted(folder.glob("[!.]*.json"), key=lambda path: path.stat().st_mtime):
            report = read_json(path)
            if report is not None and report.get("network") == digest:
                found[_subject(report)] = report
    return [found[subject] for subject in sorted(found)]


def keep_evaluations(package: ModelPackage, repeats: Mapping[str, Report] | None = None) -> list[Path]:
    """Put the measurements of a package's network into it, and write its card anew from them.

    Args:
        package: A package that may be written to.
        repeats: As for `write_card`.

    Returns:
        The files written, the card last.

    Raises:
        ModelError: If the package cannot be written to.
    """
    reports, folder = evaluation_files(package), package.folder / EVALUATION_FOLDER
    card = package.folder / CARD_FILE
    try:
        folder.mkdir(exist_ok=True)
        for old in folder.glob("*.json"):
            old.unlink()
        paths = [folder / f"{'-'.join(_subject(report))}.json" for report in reports]
        for path, report in zip(paths, reports, strict=True):
            path.write_text(json.dumps(report, separators=(",", ":")), encoding="utf-8")  # it travels: no spaces
        card.write_text(write_card(package.info, reports, repeats), encoding="utf-8")
    except OSError as error:
        raise ModelError(
            f"The package {str(package.folder)!r} cannot be written to ({error.strerror}). Allow writing there."
        ) from error
    return [*paths, card]


def _subject(report: Report) -> tuple[str, ...]:
    """What a report is about: kind, dataset, split, views."""
    kind = str(report.get("kind", "evaluation"))
    return kind, str(report.get("dataset", "unknown")), str(report["split"]), str(report["views"])
