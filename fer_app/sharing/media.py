"""Which pictures and downloads a browser may fetch: those whose address came over its own websockets.

Streamlit serves `/media/HASH.jpg` to everyone who knows the address, which is a hash of the content. Here each browser
has a random cookie, and the door writes down the addresses that pass through its websockets.
"""

import re
import secrets
from collections import OrderedDict

COOKIE = "fer_visitor"
MAX_BROWSERS, MAX_FILES = 2000, 5000  # remembered; of each browser. The oldest go first.
_HASH = re.compile(rb"/media/([0-9a-f]{32,})(\.?)")  # as Streamlit's media storage names its files
_PATH = re.compile(r"/media/([0-9a-f]{32,})(\.\w{1,10})?")


class MediaBook:
    """What each browser was told of; used on the server's event loop only."""

    def __init__(self) -> None:
        self._told: OrderedDict[str, OrderedDict[str, None]] = OrderedDict()

    def note(self, browser: str | None, data: bytes | None) -> None:
        """Write down the addresses in a message to a browser.

        Args:
            browser: Its cookie; None where it sent none and can fetch nothing.
            data: A binary frame of its websocket.
        """
        if browser is None or data is None or b"/media/" not in data:
            return
        told = self._told.setdefault(browser, OrderedDict())
        self._told.move_to_end(browser)
        for found in _HASH.finditer(data):
            name = found[1].decode()
            # Without an ending, the first byte of what follows in the message may look like one more digit.
            for known in (name,) if found[2] else (name, name[:-1]):
                told[known] = None
                told.move_to_end(known)
        while len(told) > MAX_FILES:
            told.popitem(last=False)
        while len(self._told) > MAX_BROWSERS:
            self._told.popitem(last=False)

    def may_fetch(self, browser: str | None, path: str) -> bool:
        """Tell whether a browser was told of the file at a path, `/media/HASH.jpg`."""
        found = _PATH.fullmatch(path)
        return found is not None and found[1] in self._told.get(browser or "", ())


def new_cookie(*, secure: bool) -> str:
    """Return the header Set-Cookie for a browser that has none; Lax, as nothing is changed with it."""
    ending = "; Secure" if secure else ""
    return f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; HttpOnly; SameSite=Lax{ending}"
