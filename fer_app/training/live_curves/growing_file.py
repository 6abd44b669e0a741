"""A text file that another process appends to: only what is new is read, and only when something is.

The file's size and time are looked at; lines go out once they are whole. A file that was replaced or cut short is
read again from its beginning.
"""

import os
from pathlib import Path


class GrowingFile:
    """Reads the new whole lines of a file.

    Args:
        path: The file; it need not be there yet.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stamp: tuple[int, int, int] | None = None  # inode, size, time
        self._offset = 0

    def read(self) -> tuple[bool, list[str]]:
        """Return whether the file began afresh, and its new lines without their line breaks."""
        try:
            stat = os.stat(self.path)
        except OSError:
            began_afresh, self._stamp, self._offset = self._stamp is not None, None, 0
            return began_afresh, []
        stamp = (stat.st_ino, stat.st_size, stat.st_mtime_ns)
        if stamp == self._stamp:
            return False, []
        # A file of the same length with another time was written anew in place.
        grew = self._stamp is not None and stamp[0] == self._stamp[0] and stamp[1] > self._stamp[1]
        began_afresh = self._stamp is not None and not grew
        if not grew:
            self._offset = 0
        self._stamp = stamp
        return began_afresh, self._new_lines()

    def _new_lines(self) -> list[str]:
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                text = file.read()
        except OSError:
            self._stamp = None
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._offset += len(whole)
        lines = whole.decode("utf-8", errors="replace").split("\n")
        return [line.rstrip("\r") for line in lines if line.strip()]
