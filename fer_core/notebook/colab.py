"""What only Colab has: a file dialog, the camera of the person's own computer, and downloads.

Everything goes through the browser that shows the notebook; elsewhere these functions say so.
"""

import base64
import importlib
from pathlib import Path
from typing import Any

from IPython.display import Javascript, display

from fer_core.errors import FerError, ImageError

_CAMERA = (Path(__file__).parent / "camera.js").read_text(encoding="utf-8")


def upload_picture() -> bytes | None:
    """Open a file dialog and return the bytes of the chosen picture, None where the dialog was left."""
    chosen = _colab("files").upload()
    return next(iter(chosen.values()), None)


def take_photo() -> bytes | None:
    """Show the camera's picture in the cell and return what it shows at the click, a JPEG; None where it was left.

    Raises:
        ImageError: If there is no camera, or the browser may not use it.
    """
    display(Javascript(_CAMERA))
    answer = str(_colab("output").eval_js("takePhoto()"))
    if answer.startswith("error:"):
        raise ImageError(f"The camera cannot be used ({answer.removeprefix('error:')}). Allow it in the browser.")
    return base64.b64decode(answer.partition(",")[2]) or None


def download(path: str | Path) -> None:
    """Let the browser download a file."""
    _colab("files").download(str(path))


def _colab(part: str) -> Any:
    try:
        return importlib.import_module(f"google.colab.{part}")
    except ImportError as error:
        raise FerError("This works in Google Colab only. Elsewhere, give the path of a file.") from error
