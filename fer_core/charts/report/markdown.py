"""The model card as Markdown with its figures as pictures beside it: in a folder, or in a zip to take along.

A package's facts and its measurements come in; text and PNG files go out.
"""

import io
import zipfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import quote

from fer_core.charts.report.figures import figures_of
from fer_core.charts.static.paper import to_bytes
from fer_core.errors import FerError
from fer_core.jobs.folder import write_whole
from fer_core.models.card import CardSection, Report, card_sections
from fer_core.models.info import ModelInfo

CARD_NAME, _FOLDER = "model-card.md", "figures"
_DPI = 150


def card_with_figures(
    info: ModelInfo,
    reports: Sequence[Report] = (),
    repeats: Mapping[str, Report] | None = None,
    *,
    folder: str = _FOLDER,
) -> tuple[str, dict[str, bytes]]:
    """Return the model card with its figures.

    Args:
        info: What the package says.
        reports: What `evaluation_files` returns.
        repeats: As for `write_card`.
        folder: Where the figures will lie, beside the card.

    Returns:
        The Markdown, and file name -> PNG of what it shows.
    """
    texts: list[str] = []
    files: dict[str, bytes] = {}
    for number, section in enumerate(card_sections(info, reports, repeats)):
        pictures = {f"{number:02d}-{name}": picture for name, picture in _pictures(section).items()}
        files |= {name: drawn for name, (_, drawn) in pictures.items()}
        lines = [f"![{sentence}]({quote(folder)}/{name})\n" for name, (sentence, _) in pictures.items()]
        texts.append("\n".join([section.text, *lines]))
    return "\n".join(texts), files


def write_card_with_figures(path: Path, text: str, files: Mapping[str, bytes], folder: str) -> None:
    """Write what `card_with_figures` returned.

    Args:
        path: The Markdown file.
        text: The Markdown.
        files: File name -> PNG.
        folder: As for `card_with_figures`; what else lies there is left alone.

    Raises:
        FerError: If they cannot be written.
    """
    try:
        (path.parent / folder).mkdir(parents=True, exist_ok=True)
        for name, picture in files.items():
            write_whole(path.parent / folder / name, partial(Path.write_bytes, data=picture))
        write_whole(path, partial(Path.write_text, data=text, encoding="utf-8"))
    except OSError as error:
        raise FerError(f"'{path}' cannot be written ({error.strerror}). Choose another place.") from error


def zip_card(info: ModelInfo, reports: Sequence[Report] = (), repeats: Mapping[str, Report] | None = None) -> bytes:
    """Return a zip of the model card and its figures; arguments as for `card_with_figures`."""
    text, files = card_with_figures(info, reports, repeats)
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(CARD_NAME, text)
        for name, picture in files.items():
            archive.writestr(f"{_FOLDER}/{name}", picture)
    return stored.getvalue()


def _pictures(section: CardSection) -> dict[str, tuple[str, bytes]]:
    """Return file name -> (sentence, PNG) of a section's figures."""
    report = section.report
    if report is None:
        return {}
    return {f"{kind.name}.png": (kind.sentence, to_bytes(kind.draw(report), dpi=_DPI)) for kind in figures_of(report)}
