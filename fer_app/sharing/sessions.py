"""Which Streamlit sessions belong to operators, as their last whole run found; the door asks before it takes a file.

A session is a browser tab. The main script notes each of its runs here; what was never noted is a visitor.
"""

import threading
from collections import OrderedDict
from functools import cache

_MAX_NOTED = 1000  # operators' tabs; the ones longest silent count as visitors again


class Sessions:
    """Operators' sessions and the keys they came in with; threads may use it at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._operators: OrderedDict[str, str | None] = OrderedDict()  # session id -> key of the browser

    def note(self, session_id: str, *, is_operator: bool, key: str | None = None) -> None:
        """Note who a session belongs to.

        Args:
            session_id: Streamlit's id of the session.
            is_operator: Whether it is an operator's.
            key: The key that its browser sent; None where it signed in another way.
        """
        with self._lock:
            self._operators.pop(session_id, None)
            if is_operator:
                self._operators[session_id] = key
            while len(self._operators) > _MAX_NOTED:
                self._operators.popitem(last=False)

    def is_operator(self, session_id: str) -> bool:
        """Tell whether a session is an operator's."""
        with self._lock:
            return session_id in self._operators

    def take_of(self, key: str) -> list[str]:
        """Make visitors of all sessions that came in with a key; return their ids."""
        with self._lock:
            taken = [session_id for session_id, noted in self._operators.items() if noted == key]
            for session_id in taken:
                del self._operators[session_id]
            return taken


@cache
def operator_sessions() -> Sessions:
    """Return the sessions of this server."""
    return Sessions()
