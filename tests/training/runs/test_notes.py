from pathlib import Path

import pytest

from fer_core.errors import TrainingError
from fer_core.training.runs.notes import MAX_NOTE_LENGTH, RunNotes, read_notes, write_notes


def test_notes_come_back_and_each_tag_counts_once(tmp_path: Path) -> None:
    assert read_notes(tmp_path) == RunNotes()
    write_notes(tmp_path, RunNotes((" first ", "grün", "first", ""), " seems too slow "))
    assert read_notes(tmp_path) == RunNotes(("first", "grün"), "seems too slow")


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"tags": "a"}', '{"tags": ["a,b"]}', '{"note": 3}'], ids=lambda text: text
)
def test_a_damaged_file_reads_as_no_notes(tmp_path: Path, text: str) -> None:
    (tmp_path / "notes.json").write_text(text)
    assert read_notes(tmp_path) == RunNotes()


@pytest.mark.parametrize(
    ("tags", "note"), [(("a,b",), ""), (("x" * 33,), ""), ((), "x" * (MAX_NOTE_LENGTH + 1))], ids=str
)
def test_what_is_no_tag_or_too_long_is_refused(tags: tuple[str, ...], note: str) -> None:
    with pytest.raises(TrainingError, match=r"expected up to|cannot be a tag"):
        RunNotes(tags, note)
