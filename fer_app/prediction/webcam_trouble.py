"""Why no live picture comes, as far as browser and server can know it, and which of the other ways will work.

What the browser sees (a `BrowserReport`) and how long the server has waited come in; a sentence for the person and
the ways that are left go out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

PATIENCE = 10.0  # seconds after START without a frame until the person is told


@dataclass(frozen=True)
class BrowserReport:
    """What the script beside the video sees.

    Args:
        is_secure: Whether the page came in a way (https, or from this computer) in which browsers allow a camera.
        has_media: Whether the browser knows cameras at all.
        permission: `granted`, `denied`, `prompt`, or `unknown` where the browser does not tell.
        num_cameras: Cameras that the browser lists; None where it does not tell.
        message: What the video element says of its failure, as `NotAllowedError: Permission denied`.
        is_waiting: START was pressed `PATIENCE` ago or more, and no picture has moved for as long.
        has_ended: A video that ran has ended, and nobody pressed STOP.
        is_online: Whether the browser believes that its computer has a network.
    """

    is_secure: bool = True
    has_media: bool = True
    permission: str = "unknown"
    num_cameras: int | None = None
    message: str = ""
    is_waiting: bool = False
    has_ended: bool = False
    is_online: bool = True

    @classmethod
    def from_browser(cls, values: Any) -> "BrowserReport":
        """Take what came from the browser, leaving out what has an unexpected type."""
        values = values if isinstance(values, Mapping) else {}
        kinds = {"is_secure": bool, "has_media": bool, "permission": str, "num_cameras": int, "message": str}
        kinds |= {"is_waiting": bool, "has_ended": bool, "is_online": bool}
        known = {field.name: values[field.name] for field in fields(cls) if field.name in values}
        return cls(**{name: value for name, value in known.items() if isinstance(value, kinds[name])})


@dataclass(frozen=True)
class Trouble:
    """Why there is no live picture.

    Args:
        kind: `insecure`, `no-media`, `denied`, `no-camera`, `busy`, `no-connection`, `stopped`, `lost`, `offline`,
            `asking` or `unknown`.
        sentence: What happened and what to do, for the person.
        can_snapshot: Whether single pictures from the camera may work nevertheless.
    """

    kind: str
    sentence: str
    can_snapshot: bool


_TROUBLES = {
    trouble.kind: trouble
    for trouble in (
        Trouble(
            "insecure",
            "Browsers give a camera only to pages that come over https or from the same computer, and this one does "
            "not. Open the app on the computer it runs on, as http://localhost with its port, or put https before it.",
            False,
        ),
        Trouble("no-media", "This browser cannot use cameras. Take a current Chrome, Edge, Firefox or Safari.", False),
        Trouble(
            "denied",
            "The browser was not allowed to use the camera. Click the camera or lock symbol beside the address, allow "
            "the camera for this page, reload it and press START. The system's privacy settings can forbid it as well.",
            False,
        ),
        Trouble(
            "no-camera",
            "The browser finds no camera. Plug one in, or switch it on, and press START again.",
            False,
        ),
        Trouble(
            "busy",
            "The camera is there but gives no picture; most often another program uses it. Close video calls and other "
            "tabs with the camera, then press START again.",
            True,
        ),
        Trouble(
            "no-connection",
            "The camera works, but no video gets from your browser to this server: a firewall, VPN or network between "
            "them stops it. Open the app on the computer it runs on, or ask its owner for a TURN server (see README).",
            True,
        ),
        Trouble(
            "stopped",
            "The picture stands still, for no frames come any more: the camera was taken away or is used by another "
            "program, the network broke off, or this server was too busy for a long while. Press STOP, then START.",
            True,
        ),
        Trouble(
            "lost",
            "The connection broke off while the video ran, and the camera is off. Either the network between your "
            "browser and this server changed or failed (another Wi-Fi, a VPN, a computer that slept), or the server "
            "was started anew. Press START to go on; if it breaks off again, take single pictures.",
            True,
        ),
        Trouble(
            "offline",
            "The video has ended, for this computer has lost its network. Connect it again, then press START; if STOP "
            "stands there, press that before.",
            False,
        ),
        Trouble(
            "asking",
            "The browser asks whether this page may use the camera. Answer it; the question stands beside the address.",
            False,
        ),
        Trouble(
            "unknown", "No picture has come, and the browser does not say why. Reload the page and try again.", True
        ),
    )
}

# Names of the exceptions of getUserMedia, W3C Media Capture and Streams, section 10.3; what is written in full comes
# from streamlit-webrtc.
_MESSAGES = {
    "NotAllowedError": "denied",
    "SecurityError": "denied",
    "NotFoundError": "no-camera",
    "OverconstrainedError": "no-camera",
    "NotReadableError": "busy",
    "AbortError": "busy",
    "mediaDevices is undefined": "insecure",
    "getUserMedia is not implemented": "no-media",
}


def why_no_picture(
    report: BrowserReport, *, is_connecting: bool, waited_s: float, silent_s: float | None
) -> Trouble | None:
    """Say why no live picture comes.

    Args:
        report: What the browser sees.
        is_connecting: Whether the browser has called this server for a stream.
        waited_s: Seconds since it called.
        silent_s: Seconds since the newest frame of this video; None before the first, and after STOP.

    Returns:
        The trouble, or None where there is none or it is too early to tell.
    """
    if silent_s is not None and is_connecting:
        stands_still = report.is_waiting or silent_s >= PATIENCE
        return _TROUBLES[_broken_by(report) or "stopped"] if stands_still else None
    kind = _known_before_start(report) or _told_by_browser(report.message)
    if kind in (None, "unknown") and report.has_ended and not is_connecting:
        kind = _broken_by(report) or "lost"
    if kind is None and (report.is_waiting or (is_connecting and waited_s >= PATIENCE)):
        kind = "no-connection" if is_connecting else _guessed(report)
    return None if kind is None else _TROUBLES[kind]


def _known_before_start(report: BrowserReport) -> str | None:
    if not report.is_secure:
        return "insecure"
    if not report.has_media:
        return "no-media"
    return "denied" if report.permission == "denied" else None


def _broken_by(report: BrowserReport) -> str | None:
    """Say what the browser knows of why a video that ran does no more."""
    if report.permission == "denied":
        return "denied"
    if report.num_cameras == 0:
        return "no-camera"
    return None if report.is_online else "offline"


def _told_by_browser(message: str) -> str | None:
    if not message:
        return None
    return next((kind for part, kind in _MESSAGES.items() if part in message), "unknown")


def _guessed(report: BrowserReport) -> str:
    if report.num_cameras == 0:
        return "no-camera"
    return "asking" if report.permission == "prompt" else "unknown"
