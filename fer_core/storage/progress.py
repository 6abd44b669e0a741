"""How far a push or pull is: kilobytes done and in all, in the words that the bars of page and terminal understand."""

from typing import Protocol


class OnProgress(Protocol):
    """What is told about the progress; it may raise to stop."""

    def __call__(self, done: int, total: int, message: str = "") -> None:
        """Take note: kilobytes done, kilobytes in all and what is being done."""


class Meter:
    """Counts bytes of one stretch of work.

    Args:
        on_progress: Told in kilobytes; None for nobody.
        total: Bytes in all.
        message: What is being done.
    """

    def __init__(self, on_progress: OnProgress | None, total: int, message: str) -> None:
        self._on_progress, self._total, self._message = on_progress, total, f"{message} (kB)"
        self._done = 0
        self.add(0)

    def add(self, num_bytes: int) -> None:
        """Count some more."""
        self._done += num_bytes
        if self._on_progress is not None:
            done = min(self._done, self._total)
            self._on_progress(done // 1000, max(self._total // 1000, 1), self._message)

    def take_back(self, done: int) -> None:
        """Go back to where an attempt that failed began."""
        self._done = done

    @property
    def done(self) -> int:
        """Bytes so far."""
        return self._done
