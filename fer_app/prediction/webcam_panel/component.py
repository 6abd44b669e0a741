"""The panel as a Streamlit component: an element that is mounted once, and one without anything to see that feeds it.

The fragment beside the video renews the second alone, so that the table does not flicker, the timeline keeps its zoom
and what is sent time and again is small.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streamlit.components.v2 import component

from fer_app.plotly_route import plotly_address

_FOLDER = Path(__file__).parent
_SCRIPTS = ("../../element.js", "../../plotly.js", "faces.js", "timeline.js", "facts.js", "mount.js")


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


_mount = component(
    "fer_webcam_panel",
    html='<div class="fer-webcam"></div>',
    css=_read("panel.css"),
    js="\n".join(map(_read, _SCRIPTS)),
    isolate_styles=False,  # plotly.js writes its own styles into the document and listens there while one drags
)
_mount_news = component("fer_webcam_news", js=_read("news.js"), isolate_styles=False)


def show_panel() -> None:
    """Mount the panel; what it shows comes through `send_news`."""
    _mount(key="webcam-panel", data={"plotly": plotly_address()})


def send_news(content: Mapping[str, Any]) -> None:
    """Hand the panel what it shows now, as `content.panel_content` makes it."""
    _mount_news(key="webcam-news", data=json.dumps(content).encode())
