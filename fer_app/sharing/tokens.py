"""The one-time token with which an operator signs in, and the keys that signed-in browsers hold.

A token is written to the server's log, so whoever can read the log is an operator. Used once, it gives a browser a
key of its own for half a day, and a new token is written. Tokens and keys live in this process only.
"""

import hmac
import logging
import secrets
import threading
import time
from collections.abc import Callable
from functools import cache

from fer_app.asgi import base_path

KEY_SECONDS = 12 * 3600.0
_NUM_BYTES = 32  # of a token and of a key: beyond guessing

_log = logging.getLogger(__name__)


class OperatorTokens:
    """The token that is valid now and the keys that were given for earlier ones; threads may use it at once.

    Args:
        tell: Called with each new token.
        clock: Gives the time in seconds.
    """

    def __init__(self, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell, self._clock = tell, clock
        self._lock = threading.Lock()
        self._token = ""
        self._given_at: dict[str, float] = {}

    def issue(self) -> None:
        """Make a new token, which voids the one before, and tell it."""
        with self._lock:
            self._token = secrets.token_urlsafe(_NUM_BYTES)
            token = self._token
        self._tell(token)

    def redeem(self, token: str) -> str | None:
        """Return a key for the token that is valid now, which it then is no more; None for any other text."""
        with self._lock:
            if not self._token or not hmac.compare_digest(token.strip().encode(), self._token.encode()):
                return None
            self._token, key = "", secrets.token_urlsafe(_NUM_BYTES)
            self._given_at[key] = self._clock()
        self.issue()
        return key

    def knows(self, key: str | None) -> bool:
        """Tell whether a browser's key is one that was given and has not run out."""
        with self._lock:
            oldest = self._clock() - KEY_SECONDS
            self._given_at = {key: given for key, given in self._given_at.items() if given > oldest}
            return key is not None and key in self._given_at  # 256 random bits: the time a look-up takes tells nothing

    def forget(self, key: str | None) -> None:
        """Take a key back; one that is not known changes nothing."""
        with self._lock:
            self._given_at.pop(key or "", None)


@cache
def operator_tokens() -> OperatorTokens:
    """Return the tokens and keys of this server."""
    return OperatorTokens(_write_to_log)


def _write_to_log(token: str) -> None:
    _log.warning("Operators sign in at %s/fer/sign-in with this token, which works once: %s", base_path(), token)
