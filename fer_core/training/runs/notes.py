"""What people write about a run: tags and a note, in a file of its run folder.

`notes.json` is written whole and read by whoever shows the run; training never touches it.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from fer_core.errors import TrainingError
from fer_core.jobs.folder import read_json, write_json

NOTES_NAME = "notes.json"
MAX_TAG_LENGTH = 32
MAX_NOTE_LENGTH = 2000


@dataclass(frozen=True)
class RunNotes:
    """Tags and a note.

    Args:
        tags: Short words to find the run by, each once, without commas.
        note: Free text.
    """

    tags: tuple[str, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        tags = tuple(dict.fromkeys(tag.strip() for tag in self.tags if tag.strip()))
        too_long = next((tag for tag in tags if len(tag) > MAX_TAG_LENGTH or "," in tag), None)
        if too_long is not None:
            raise TrainingError(f"{too_long!r} cannot be a tag. Use up to {MAX_TAG_LENGTH} characters without a comma.")
        if len(self.note) > MAX_NOTE_LENGTH:
            raise TrainingError(f"The note has {len(self.note):,} characters; expected up to {MAX_NOTE_LENGTH:,}.")
        object.__setattr__(self, "tags", tags)
        object.__setattr__(self, "note", self.note.strip())


def read_notes(folder: Path) -> RunNotes:
    """Return what was written about the run in a folder; nothing where there is no file or it is damaged."""
    content = read_json(folder / NOTES_NAME) or {}
    tags, note = content.get("tags", []), content.get("note", "")
    if not isinstance(tags, list) or not isinstance(note, str):
        return RunNotes()
    try:
        return RunNotes(tuple(str(tag) for tag in tags), note)
    except TrainingError:
        return RunNotes()


def write_notes(folder: Path, notes: RunNotes) -> None:
    """Keep what was written about the run in a folder.

    Raises:
        TrainingError: If it cannot be written.
    """
    try:
        write_json(folder / NOTES_NAME, {**asdict(notes), "tags": list(notes.tags)})
    except OSError as error:
        raise TrainingError(f"The note cannot be kept ({error}). Check rights and free disk.") from error
