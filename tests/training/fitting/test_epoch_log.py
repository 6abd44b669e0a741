from pathlib import Path
from typing import Any

import pytest

from fer_core.training.fitting.epoch_log import EpochLog, append_text
from fer_core.training.runs.epoch_records import (
    HISTORY_NAME,
    EpochRecord,
    WatchedFaces,
    read_epochs,
    read_history,
    read_watched,
)
from tests.training.fitting.fits import limited_file_size

WATCHED = WatchedFaces(class_names=["happy", "sad"], image_ids=[3], labels=["sad"])


def values(epoch: int) -> dict[str, Any]:
    figures = dict.fromkeys(["loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1", "learning_rate"], 0.5)
    times = {"seconds": 2.0, "images_per_second": 100.0, "ended_at": 1.7e9 + epoch}
    return {"epoch": epoch, **figures, **times, "phase": "all"}


def record(epoch: int) -> EpochRecord:
    return EpochRecord(epoch, [[1, 0], [0, 1]], {"happy": 1.0, "sad": 1.0}, {"happy": 1.0, "sad": 1.0}, [[0.25, 0.75]])


def write(log: EpochLog, *epochs: int) -> None:
    for epoch in epochs:
        log.write(values(epoch), record(epoch))


def scalars(folder: Path) -> list[tuple[int, str, float]]:
    """What TensorBoard itself reads: (step, name, value)."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder / "tensorboard"))
    events.Reload()
    return [(event.step, name, event.value) for name in events.Tags()["scalars"] for event in events.Scalars(name)]


def test_rows_can_be_read_while_they_grow(tmp_path: Path) -> None:
    log = EpochLog(tmp_path, WATCHED)
    assert read_watched(tmp_path) == WATCHED
    for epoch in (1, 2):
        write(log, epoch)
        history = read_history(tmp_path)
        assert [*history["epoch"]] == [*range(1, epoch + 1)]
        assert read_epochs(tmp_path)[-1] == record(epoch)
    assert history.loc[1].to_dict() == values(2)


def test_a_resumed_record_forgets_what_came_after_the_state(tmp_path: Path) -> None:
    write(EpochLog(tmp_path, WATCHED), 1, 2, 3)
    write(EpochLog(tmp_path, WATCHED, num_epochs=2), 3, 4)
    assert [*read_history(tmp_path)["epoch"]] == [1, 2, 3, 4] == [record.epoch for record in read_epochs(tmp_path)]
    assert read_history(tmp_path).loc[0].to_dict() == values(1)
    steps = [step for step, name, _ in scalars(tmp_path) if name == "val_accuracy"]
    assert steps == [1, 2, 3, 4]


def test_a_new_record_drops_an_earlier_one(tmp_path: Path) -> None:
    write(EpochLog(tmp_path, WATCHED), 1, 2)
    write(EpochLog(tmp_path, WATCHED), 1)
    assert [*read_history(tmp_path)["epoch"]] == [1]
    assert {step for step, _, _ in scalars(tmp_path)} == {1}


def test_tensorboard_reads_every_figure(tmp_path: Path) -> None:
    write(EpochLog(tmp_path, WATCHED), 1)
    found = {name: value for _, name, value in scalars(tmp_path)}
    assert found["val_macro_f1"] == 0.5
    assert found["images_per_second"] == 100.0
    assert not {"epoch", "phase", "ended_at"} & found.keys()


def test_a_row_that_does_not_fit_on_the_disk_leaves_no_part_of_it(tmp_path: Path) -> None:
    path = tmp_path / HISTORY_NAME
    append_text(path, "1,2,3\n")
    with limited_file_size(8), pytest.raises(OSError, match=r"in part|large"):
        append_text(path, "4,5,6\n")
    assert path.read_text(encoding="utf-8") == "1,2,3\n"


def test_what_is_appended_stands_behind_what_was_there(tmp_path: Path) -> None:
    (tmp_path / HISTORY_NAME).write_text("a\n", encoding="utf-8")
    append_text(tmp_path / HISTORY_NAME, "é\n")
    assert (tmp_path / HISTORY_NAME).read_text(encoding="utf-8") == "a\né\n"
