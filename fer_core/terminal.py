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
    """Show how far a training is; yields what takes its status."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True) as progress:
        task = progress.add_task("loading TensorFlow", total=None)

        def show(status: JobStatus) -> None:
            best = status.details.get("best_val_accuracy")
            rate = status.details.get("images_per_second")
            words = [status.message or str(status.details.get("phase", "")), f"{rate:.0f} images/s" if rate else ""]
            words.append(f"best validation accuracy {best:.1%}" if best is not None else "")
            text = ", ".join(word for word in words if word)
            progress.update(task, description=text, completed=status.done, total=status.total or None)

        yield show
