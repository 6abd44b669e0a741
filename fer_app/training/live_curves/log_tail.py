"""The last lines of a run's log, read again only when the file has changed."""

from fer_core.training import Run
from fer_core.training.runs.run import LOG_NAME

NUM_LINES = 20


class LogTail:
    """Keeps the last lines of a log.

    Args:
        run: Whose log.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._stamp: tuple[int, int] | None = None  # size, time
        self._text = ""

    def read(self) -> str:
        """Return the last lines, "" where there is no log yet."""
        try:
            stat = (self._run.folder / LOG_NAME).stat()
        except OSError:
            return self._text
        stamp = (stat.st_size, stat.st_mtime_ns)
        if stamp != self._stamp:
            self._stamp, self._text = stamp, self._run.log_tail(NUM_LINES)
        return self._text
