"""How much visitors may leave in the server's memory: a size for each file, a room for each tab and one for all.

Streamlit takes a file for any session that is open, whether its page asks for one or not, and holds it until the tab
closes; so the bounds stand before it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from fer_core.settings import Settings

Held = Mapping[str, tuple[int, int]]  # session id -> number of files and their bytes

MAX_FILES = 60  # of one tab
ROOM_FACTOR, TOTAL_FACTOR = 6, 30  # room of one tab and of all tabs, in files of the greatest size
MAX_AT_ONCE = 8  # uploads under way: each may stand on the disk as a temporary file
_MARGIN = 64 * 1024  # bytes of the request around the file


class UploadRoom:
    """What visitors hold and are sending; used on the server's event loop only.

    Args:
        settings: Says how large a file may be.
        held: Returns what is held now.
    """

    def __init__(self, settings: Settings, held: Callable[[], Held]) -> None:
        self.max_file = settings.max_upload_mb * 1024**2
        self._held = held
        self._coming: Counter[str] = Counter()  # session id -> bytes
        self._num_coming = 0

    def refusal(self, session_id: str, length: str | None) -> tuple[int, str] | None:
        """Return HTTP status and sentence where a file cannot be taken; None where it can.

        Args:
            session_id: Session that it is sent for.
            length: Header Content-Length; without one nobody can tell how much will come.
        """
        if length is None or not (length.isascii() and length.isdigit()) or len(length) > 15:
            return 411, "Say in Content-Length how large the file is."
        size = int(length)
        megabytes = self.max_file // 1024**2
        if size > self.max_file + _MARGIN:
            return 413, f"The file is larger than {megabytes} MB, the most that visitors of this server may send."
        held = self._held()
        num_files, num_bytes = held.get(session_id, (0, 0))
        if num_files >= MAX_FILES or num_bytes + self._coming[session_id] + size > ROOM_FACTOR * self.max_file:
            room = f"{MAX_FILES} files and {ROOM_FACTOR * megabytes} MB"
            return 413, f"This tab holds as many photos as it may, {room}. Remove some and try again."
        total = sum(size for _, size in held.values()) + self._coming.total()
        if self._num_coming >= MAX_AT_ONCE or total + size > TOTAL_FACTOR * self.max_file:
            return 503, "This server holds as many photos as it can at the moment. Try again in a minute."
        return None

    @contextmanager
    def coming(self, session_id: str, length: str) -> Iterator[None]:
        """Count a file as coming for the length of a `with` block."""
        size = int(length)
        self._coming[session_id] += size
        self._num_coming += 1
        try:
            yield
        finally:
            self._num_coming -= 1
            self._coming[session_id] -= size
            if not self._coming[session_id]:
                del self._coming[session_id]


def held_by_sessions() -> Held:
    """Return what Streamlit holds of uploads for each session of this server."""
    from streamlit.runtime import exists, get_instance

    if not exists():
        return {}
    storage = getattr(get_instance().uploaded_file_mgr, "file_storage", {})
    return {
        session_id: (len(files), sum(len(file.data) for file in list(files.values())))
        for session_id, files in list(storage.items())
    }
