import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fer_core.errors import TrainingError
from fer_core.notebook.training import train_or_resume, watch_run
from fer_core.training import Run, TrainConfig
from fer_core.training.runs.run import STATE_NAME
from tests.notebook.displays import PLOTLY, Displays, in_place, numbers

CONFIG = TrainConfig("faces", epochs=2)
HEADER = "epoch,loss,accuracy,val_loss,val_accuracy,val_macro_f1\n"
EPOCHS = ["1,1.9,0.3,1.5,0.4,0.3\n", "2,1.5,0.4,1.25,0.5,0.45\n"]


def written_run(home: Path, state: str, *, num_epochs: int = 2, **status: Any) -> Run:
    """A run folder as a training leaves it."""
    folder = home / "runs" / "first"
    (folder / STATE_NAME).parent.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG.to_dict()))
    (folder / "job.json").write_text("{}")
    (folder / "history.csv").write_text(HEADER + "".join(EPOCHS[:num_epochs]))
    write_status(folder, state, **status)
    return Run("first", folder)


def write_status(folder: Path, state: str, **status: Any) -> None:
    details = {"best_epoch": 2, "best_val_accuracy": 0.5, "device": "GPU"}
    values = {"title": "first", "started_at": time.time(), "finished_at": time.time(), "details": details}
    (folder / "status.json").write_text(json.dumps({"state": state, **values, **status}))


def sentences(displays: Displays) -> list[str]:
    return list(in_place([shown for shown in displays if PLOTLY not in shown["data"]], "text/html").values())


def test_an_ended_run_shows_its_curves_once_and_what_it_reached(fer_home: Path, displays: Displays) -> None:
    watch_run(written_run(fer_home, "completed"))
    loss, accuracy = in_place(displays, PLOTLY).values()
    assert numbers(loss["data"][0]["y"]) == [1.9, 1.5]
    assert numbers(accuracy["data"][1]["y"]) == [40, 50]
    (words,) = sentences(displays)
    assert words.startswith("first: completed after 2 epochs")
    assert "best epoch 2, validation accuracy 50.0 %" in words


def test_curves_are_drawn_again_after_an_epoch_only(fer_home: Path, displays: Displays) -> None:
    run = written_run(fer_home, "starting", num_epochs=1)

    def go_on() -> None:
        time.sleep(0.3)
        (run.folder / "history.csv").write_text(HEADER + "".join(EPOCHS))
        write_status(run.folder, "completed")

    epoch = threading.Thread(target=go_on, name="one more epoch")
    epoch.start()
    watch_run(run, seconds_between_looks=0.02)
    epoch.join()
    drawn = [len(numbers(shown["data"][PLOTLY]["data"][0]["y"])) for shown in displays if PLOTLY in shown["data"]]
    assert drawn == [1, 1, 2, 2]


@pytest.mark.parametrize("state", ["failed", "lost"])
def test_a_broken_run_says_why_and_how_to_go_on(fer_home: Path, displays: Displays, state: str) -> None:
    run = written_run(fer_home, state, error="The disk is full.")
    with pytest.raises(TrainingError, match=r"The disk is full\. Run the cells again"):
        watch_run(run)
    assert len(in_place(displays, PLOTLY)) == 2


@pytest.fixture
def interrupts() -> Iterator[None]:
    """Interrupts as in a notebook's kernel; a process that a shell put in the background begins by ignoring them."""
    earlier = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, earlier)


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_ends_the_watching_and_not_the_training(fer_home: Path, displays: Displays) -> None:
    run = written_run(fer_home, "starting")

    def interrupt() -> None:
        while len(in_place(displays, PLOTLY)) < 2:
            time.sleep(0.02)
        time.sleep(0.3)  # all is drawn by now; Python swallows an interrupt that meets a garbage collection
        signal.raise_signal(signal.SIGINT)

    threading.Thread(target=interrupt, name="interrupt").start()
    watch_run(run, seconds_between_looks=0.02)
    assert sentences(displays) == ["first trains on. Run this cell again to watch it."]
    assert not (run.folder / "cancel").exists()


@pytest.mark.usefixtures("displays")
@pytest.mark.parametrize("state", ["starting", "completed"])
def test_a_run_that_is_under_way_or_complete_is_not_started_again(fer_home: Path, state: str) -> None:
    run = written_run(fer_home, state)
    before = (run.folder / "status.json").read_bytes()
    assert train_or_resume(CONFIG, "first") == run
    assert (run.folder / "status.json").read_bytes() == before


def test_other_settings_need_another_name(fer_home: Path) -> None:
    written_run(fer_home, "stopped")
    with pytest.raises(TrainingError, match="another name"):
        train_or_resume(TrainConfig("faces", epochs=3), "first")
