"""What the command line shows while it works: messages and progress bars, all on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from fer_core.jobs import JobStatus

messages = Console(stderr=True, highlight=False)


class ShowProgress(Protocol):
    """What a progress bar takes: how much of how much is done, and what is being done if that has changed."""

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Show it; a total of 0 is one that is not known."""


class _PaceColumn(ProgressColumn):
    """How many units are done a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:,.0f}/s" if task.speed else "")


@contextmanager
def progress_bar(what: str) -> Iterator[ShowProgress]:
    """Show a bar with pace and time left; yields what takes (done, total) and, where it changes, what is done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _PaceColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages, transient=True) as progress:
        task = progress.add_task(what, total=None)

        def show(done: int, total: int, message: str = "") -> None:
            if message and message != progress.tasks[task].description:
                progress.reset(task, description=message, total=None)
            progress.update(task, completed=done, total=total or None)

        yield show


@contextmanager
def training_bar() -> Iterator[Callable[[JobStatus], None]]:
    """Show how far a training is, and say so once if it has to wait; yields what takes its status."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True) as progress:
        task = progress.add_task("loading TensorFlow", total=None)
        told_ahead = 0

        def show(status: JobStatus) -> None:
            nonlocal told_ahead
            ahead = int(status.details.get("ahead") or 0) if status.state == "queued" else 0
            if ahead and ahead != told_ahead:
                progress.console.print(_waiting_sentence(ahead))
            told_ahead = ahead
            progress.update(task, description=training_text(status), completed=status.done, total=status.total or None)

        yield show


def _waiting_sentence(ahead: int) -> str:
    others = "another training" if ahead == 1 else f"{ahead} other trainings"
    return f"Waiting for {others} to end; Ctrl-C leaves the queue."


def training_text(status: JobStatus) -> str:
    """Say in one line what a training is doing: `epoch 3 of 10, step 12 of 40, 412 images/s, best … 62.5%`."""
    details = status.details
    if status.state == "queued":
        return "waiting for its turn"
    words = [status.message or str(details.get("phase", "loading TensorFlow"))]
    if details.get("step") and "epoch" in words[0]:
        words.append(f"step {details['step']} of {details.get('steps', 0)}")
        words.append(f"{details['images_per_second']:.0f} images/s" if details.get("images_per_second") else "")
    best = details.get("best_val_accuracy")
    words.append(f"best validation accuracy {best:.1%}" if best is not None else "")
    return ", ".join(word for word in words if word)
