"""Brings to the server what only the browser knows: permission, number of cameras, what the video says of itself."""

from pathlib import Path

from streamlit.components.v2 import component

from fer_app.prediction.webcam_trouble import PATIENCE, BrowserReport

_mount = component(
    "fer_webcam_watch",
    js=Path(__file__).with_name("webcam_watch.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def watch_browser(facing: str) -> BrowserReport:
    """Watch the browser and return what it has reported; what is around runs again when that changes.

    Args:
        facing: `user` or `environment`: the side that the camera is asked for.
    """
    answer = _mount(key="webcam-watch", data={"facing": facing, "patience": PATIENCE}, on_report_change=_nothing_to_do)
    return BrowserReport.from_browser(getattr(answer, "report", None))


def _nothing_to_do() -> None:
    """The run that follows reads the report."""
