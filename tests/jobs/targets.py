"""Small job targets, importable by the worker process."""

import logging
import os
import signal
import time
from pathlib import Path

import numpy as np

from fer_core.errors import DatasetError
from fer_core.jobs import JobReporter


def count(*, reporter: JobReporter, upto: int = 3, pause: float = 0.0) -> dict[str, int]:
    for number in range(upto):
        reporter.progress(number, upto, f"counting {number}")
        time.sleep(pause)
    reporter.progress(upto, upto)
    reporter.update(last=upto)
    return {"counted": upto}


def wait_for_cancel(*, reporter: JobReporter) -> None:
    while True:
        reporter.progress(1, 100, "waiting")
        time.sleep(0.02)


def finish_when_cancelled(*, reporter: JobReporter) -> dict[str, bool]:
    reporter.progress(0, 1)
    while not reporter.cancel_requested():
        time.sleep(0.02)
    return {"kept": True}


def note_run(*, reporter: JobReporter, path: str) -> None:
    Path(path).write_text("ran")


def fail_for_the_user(*, reporter: JobReporter) -> None:
    raise DatasetError("The zip holds no class folders. Put the pictures of each class into a folder.")


def fail_by_mistake(*, reporter: JobReporter) -> None:
    raise KeyError("nose")


def die(*, reporter: JobReporter) -> None:
    reporter.progress(1, 2)
    os.kill(os.getpid(), signal.SIGKILL)


def echo(*, reporter: JobReporter, **arguments: object) -> dict[str, object]:
    return {"arguments": arguments, "folder": os.getcwd()}


def interrupt(*, reporter: JobReporter) -> None:
    os.kill(os.getpid(), signal.SIGINT)
    while True:
        reporter.progress(0, 1)
        time.sleep(0.01)


def crash(*, reporter: JobReporter) -> None:
    reporter.progress(1, 2)
    os.abort()


def run_out_of_memory(*, reporter: JobReporter) -> None:
    np.empty(1 << 60, np.uint8)


def fill_the_disk(*, reporter: JobReporter) -> None:
    with (reporter.folder / "large.bin").open("wb", buffering=0) as file:
        while True:
            reporter.progress(1, 2, "writing")
            logging.getLogger("fer_core").info("still writing")
            file.write(b"x" * 4096)


def write_in_its_folder(*, reporter: JobReporter) -> None:
    while not reporter.cancel_requested():
        reporter.update(time=time.time())
        (reporter.folder / "note.txt").write_text("at work")
        time.sleep(0.01)
