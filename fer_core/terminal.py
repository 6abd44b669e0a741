"""What the command line shows while it works: messages and progress bars, all on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from fer_core.jobs import JobStatus

messages = Console(stderr=True, highlight=False)


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar with the time left; yields what takes (done, total)."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=messages, transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


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
