"""A run that grows without any training: a real job that notes down epochs as a training does."""

import json
import math
import random
import time
from pathlib import Path

from fer_core.jobs import JobReporter, read_status, start_job
from fer_core.labels import EXPRESSIONS
from fer_core.training import Run, TrainConfig
from fer_core.training.runs.epoch_records import (
    EPOCHS_NAME,
    HARDWARE_COLUMNS,
    HARDWARE_NAME,
    HISTORY_COLUMNS,
    HISTORY_NAME,
    WATCHED_NAME,
)

NUM_FACES = 12
NUM_STEPS = 20


def start_growing_run(runs_folder: Path, name: str, *, dataset="drawn", seconds=1.0, epochs=60, noted=0) -> Run:
    """Start a run that notes an epoch every so many seconds, `noted` of them at once, until it is stopped."""
    folder = runs_folder / name
    write_run(folder, dataset=dataset, epochs=epochs, noted=noted)
    arguments = {"run_folder": str(folder), "seconds": seconds, "epochs": epochs}
    target = "tests.fer_app.training.growing_runs:grow"
    start_job(folder, target, arguments, title=f"Training {name}", log_name="training.log")
    end = time.monotonic() + 30
    while not read_status(folder).details and time.monotonic() < end:
        time.sleep(0.05)
    return Run(name, folder)


def write_run(folder: Path, *, dataset="drawn", epochs=60, noted=0) -> Run:
    """Write the files of a run that has noted some epochs."""
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(TrainConfig(dataset, epochs=epochs).to_dict()))
    labels = [EXPRESSIONS[i % len(EXPRESSIONS)] for i in range(NUM_FACES)]
    watched = {"class_names": list(EXPRESSIONS), "image_ids": list(range(NUM_FACES)), "labels": labels}
    (folder / WATCHED_NAME).write_text(json.dumps(watched))
    for name, columns in ((HISTORY_NAME, HISTORY_COLUMNS), (HARDWARE_NAME, HARDWARE_COLUMNS)):
        (folder / name).write_text(",".join(columns) + "\n")
    for epoch in range(1, noted + 1):
        note_epoch(folder, epoch)
    return Run(folder.name, folder)


def grow(*, reporter: JobReporter, run_folder: str, seconds: float, epochs: int) -> None:
    folder = Path(run_folder)
    first = len((folder / HISTORY_NAME).read_text().splitlines())
    reporter.update(phase="training", device="CPU, 2 cores", epochs=epochs, steps=NUM_STEPS)
    print("The training begins", flush=True)
    for epoch in range(first, epochs + 1):
        for step in range(1, NUM_STEPS + 1):
            time.sleep(seconds / NUM_STEPS)
            reporter.update(epoch=epoch, step=step, images_per_second=400 + random.random())
            if reporter.cancel_requested():
                return
            reporter.progress((epoch - 1) * NUM_STEPS + step, epochs * NUM_STEPS, f"epoch {epoch} of {epochs}")
        note_epoch(folder, epoch)
        print(f"epoch {epoch} has ended", flush=True)
        best = max(range(1, epoch + 1), key=_accuracy)
        reporter.update(best_epoch=best, best_score=_accuracy(best), selection_metric="val_accuracy")


def note_epoch(folder: Path, epoch: int) -> None:
    """Append what a training notes at the end of an epoch."""
    chance, accuracy = random.Random(epoch), _accuracy(epoch)
    row = {
        "epoch": epoch,
        "loss": 2 - 1.4 * accuracy + 0.05 * chance.random(),
        "accuracy": accuracy - 0.02,
        "val_loss": 2.05 - 1.4 * accuracy + 0.1 * chance.random(),
        "val_accuracy": accuracy,
        "val_macro_f1": accuracy - 0.03,
        "learning_rate": 0.05 * (1 + math.cos(math.pi * epoch / 60)) / 2,
        "seconds": 2.5,
        "images_per_second": 400 + 20 * chance.random(),
        "ended_at": time.time(),
        "phase": "all",
    }
    confusion = [[round(100 * (accuracy if i == j else (1 - accuracy) / 6)) for j in range(7)] for i in range(7)]
    recall = {name: min(1.0, accuracy * (0.8 + 0.06 * i)) for i, name in enumerate(EXPRESSIONS)}
    read_as = [i % 7 if i % 4 else (i + 1) % 7 for i in range(NUM_FACES)]  # every fourth face is misread
    faces = [_probabilities(chance, label, accuracy) for label in read_as]
    record = {"epoch": epoch, "confusion": confusion, "recall": recall, "f1": recall, "faces": faces}
    usage = [time.time(), 90 + 5 * chance.random(), 800 + 10 * epoch, "", ""]
    _append(folder / HARDWARE_NAME, ",".join(map(str, usage)))
    _append(folder / EPOCHS_NAME, json.dumps(record))
    _append(folder / HISTORY_NAME, ",".join(str(row[name]) for name in HISTORY_COLUMNS))


def _accuracy(epoch: int) -> float:
    return 0.2 + 0.55 * (1 - math.exp(-epoch / 15)) + 0.01 * math.sin(epoch)


def _probabilities(chance: random.Random, label: int, accuracy: float) -> list[float]:
    values = [chance.random() * (1 - accuracy) for _ in EXPRESSIONS]
    values[label] += accuracy
    return [value / sum(values) for value in values]


def _append(path: Path, line: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(line + "\n")
