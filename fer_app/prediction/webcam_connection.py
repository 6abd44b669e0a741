"""How browser and server find each other for live video: directly, unless the server's owner names servers for it.

By default no other computer has a part in it. `webrtc.ice_servers` in Streamlit's secrets names STUN and TURN servers
(RFC 8489, RFC 8656) for networks in which there is no direct way; the page then says what they learn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from fer_core.errors import SettingsError

SECRETS_SECTION, SERVERS_KEY = "webrtc", "ice_servers"
_SCHEMES = {"stun": False, "stuns": False, "turn": True, "turns": True}  # whether it relays the video
_EXPECTED = (
    'expected [[webrtc.ice_servers]] with urls = "stun:…" or "turn:…" and for TURN username and credential. '
    "Mend .streamlit/secrets.toml and reload the page."
)


@dataclass(frozen=True)
class Connection:
    """The servers that help browser and server to find each other.

    Args:
        ice_servers: Each with `urls` and perhaps `username` and `credential`, as `RTCIceServer` of W3C WebRTC.
    """

    ice_servers: tuple[Mapping[str, Any], ...] = field(default=())

    @property
    def rtc_configuration(self) -> dict[str, Any]:
        """What both ends are told; an empty list is said, as without one both would ask a public STUN server."""
        return {"iceServers": [dict(server) for server in self.ice_servers]}

    @property
    def disclosure(self) -> str | None:
        """Say in Markdown what other computers learn; None where no other takes part."""
        learning, relaying = (self._hosts(relays=relays) for relays in (False, True))
        sentences = []
        if learning:
            sentences.append(
                f"To find a way to this server, your browser asks {learning}, which thereby learns your network "
                "address, and no picture."
            )
        if relaying:
            sentences.append(
                f"Where there is no direct way, {relaying} passes the video on, encrypted: it learns your network "
                "address and how long you stream, and sees no picture."
            )
        return " ".join(sentences) or None

    def _hosts(self, *, relays: bool) -> str:
        urls = [url for server in self.ice_servers for url in _urls(server)]
        hosts = dict.fromkeys(
            url.partition(":")[2].partition("?")[0] for url in urls if _SCHEMES[_scheme(url)] is relays
        )
        return " and ".join(f"`{host}`" for host in hosts)


def load_connection() -> Connection:
    """Read the servers from Streamlit's secrets; without secrets there are none.

    Raises:
        SettingsError: If the secrets name servers in a way that cannot be used.
    """
    if not st.secrets.load_if_toml_exists():
        return Connection()
    return connection_from(st.secrets.get(SECRETS_SECTION, {}))


def connection_from(section: Any) -> Connection:
    """Check the section `webrtc` of the secrets.

    Args:
        section: What stands there; `ice_servers` in it is a list of tables.

    Raises:
        SettingsError: If it cannot be used.
    """
    servers = section.get(SERVERS_KEY, ()) if isinstance(section, Mapping) else section
    if isinstance(servers, str | bytes) or not isinstance(servers, Sequence):
        raise SettingsError(f"The secret webrtc.ice_servers is {_kind(servers)}; {_EXPECTED}")
    return Connection(tuple(_checked(server) for server in servers))


def _checked(server: Any) -> Mapping[str, Any]:
    urls = _urls(server) if isinstance(server, Mapping) else []
    if not urls or any(_scheme(url) not in _SCHEMES for url in urls):
        raise SettingsError(f"A server of the secret webrtc.ice_servers has no address that can be used; {_EXPECTED}")
    if any(_SCHEMES[_scheme(url)] for url in urls) and not {"username", "credential"} <= set(server):
        raise SettingsError(f"The TURN server {urls[0]!r} has no username or no credential; {_EXPECTED}")
    known = {name: server[name] for name in ("username", "credential") if name in server}
    return {"urls": urls, **known}


def _urls(server: Mapping[str, Any]) -> list[str]:
    urls = server.get("urls", ())
    return [urls] if isinstance(urls, str) else [str(url) for url in urls]


def _scheme(url: str) -> str:
    return url.partition(":")[0].lower()


def _kind(value: object) -> str:
    return f"a {type(value).__name__}"
